"""`screening show`: a protocol, one of its criteria, or the whole as a reading copy."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples, printable
from screening.errors import NameFault

_HELP = f"""Show a protocol with all its criteria, or one criterion with its logic, limits and source.

With --format it is the reading copy: the whole library with the logic in words, sources, marks, parameters, value
sets and the open questions for sign-off, as text, Markdown or one HTML page that asks for nothing from outside.

{
    examples(
        "screening show ketamine-ra-fm",
        "screening show ketamine-ra-fm SCV01A",
        "screening show ketamine-ra-fm --format html --out ketamine-ra-fm.html",
    )
}
"""


@click.command("show", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL", shell_complete=options.protocol_names)
@click.argument("criterion", metavar="[CRITERION]", default="", required=False)
@options.rules_option
@options.site_option
@click.option(
    "--format", "form", type=click.Choice(("text", "md", "html")), help="The reading copy, in this form."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True), metavar="FILE", help="Write the reading copy there."
)
def command(
    protocol: str, criterion: str, rules: tuple[str, ...], site: str | None, form: str | None, out: str | None
) -> int:
    from screening import screen, sheet

    if criterion and (form or out):
        raise click.UsageError("a reading copy is of a whole protocol; leave CRITERION out")

    library = screen.load_protocol(protocol, rules, options.read_site(site))
    id = criterion.upper().replace("-", "")
    known = [c.id for c in library.criteria]
    if id and id not in known:
        near = difflib.get_close_matches(id, known, n=1)
        help = f"; did you mean `{near[0]}`" if near else ""
        raise NameFault(f"`{library.name}` has no criterion `{printable(criterion)}`{help}")
    if form is None and out is None:
        options.put_lines(screen.shown(library, id))
        return options.exit_status("done")
    text = sheet.reading_copy(library, form or "text")
    if out is None:
        options.put(text)
    else:
        sheet.write(Path(out), text)
    return options.exit_status("done")
