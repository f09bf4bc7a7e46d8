"""`screening show`: a protocol, or one of its criteria."""

from __future__ import annotations

import difflib

import click

from screening.cli import options
from screening.cli.options import examples, printable
from screening.errors import NameFault

_HELP = f"""Show a protocol with all its criteria, or one criterion with its logic, limits and source.

{examples("screening show ketamine-ra-fm", "screening show ketamine-ra-fm SCV01A")}
"""


@click.command("show", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL", shell_complete=options.protocol_names)
@click.argument("criterion", metavar="[CRITERION]", default="", required=False)
@options.rules_option
@options.site_option
def command(protocol: str, criterion: str, rules: tuple[str, ...], site: str | None) -> int:
    from screening import screen

    library = screen.load_protocol(protocol, rules, options.read_site(site))
    id = criterion.upper().replace("-", "")
    known = [c.id for c in library.criteria]
    if id and id not in known:
        near = difflib.get_close_matches(id, known, n=1)
        help = f"; did you mean `{near[0]}`" if near else ""
        raise NameFault(f"`{library.name}` has no criterion `{printable(criterion)}`{help}")
    options.put_lines(screen.shown(library, id))
    return options.exit_status("done")
