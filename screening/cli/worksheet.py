"""`screening worksheet`: one person on paper, with a line to sign for each criterion."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Print every criterion of a person with value, date and source, to be checked and signed by hand.

The physician's decision is a box of its own beside the program's verdict; nothing is filled in for anybody.

Exit status: 0 printed, 1 not screened, 3 wrong input.

{
    examples(
        "screening worksheet person.yaml --as-of 2026-11-22",
        "screening worksheet person.yaml --format html > worksheet.html",
    )
}
"""


@click.command("worksheet", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "md", "html")),
    default="text",
    show_default=True,
    help="For a terminal, as Markdown, or as one page to be printed.",
)
@options.parameter_option
@options.subject_option
def command(
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    form: str,
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import screen, sheet

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    person, _ = options.read_person(record, library, declared, subject, rules)
    made = screen.screen(library, person, as_of or options.today(), declared)
    options.put(sheet.worksheet(screen.account(made), made.certificate["digest"], form))
    return options.exit_status("done")
