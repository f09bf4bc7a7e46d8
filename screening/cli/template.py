"""`screening template`: an empty profile, to be filled in."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Print an empty, commented profile of a protocol, to be filled in.

What is left empty is unknown; nothing is assumed.

{examples("screening template ketamine-ra-fm > person.yaml", "screening check person.yaml")}
"""


@click.command("template", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL", shell_complete=options.protocol_names)
@options.rules_option
@options.site_option
def command(protocol: str, rules: tuple[str, ...], site: str | None) -> int:
    from screening import screen

    library = screen.load_protocol(protocol, rules, options.read_site(site))
    options.put(screen.template(library).rstrip("\n") + "\n")
    return options.exit_status("done")
