"""`screening eval`: an expression of the language, evaluated for one person."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

_NAMED = """screening eval '"DAS28 ESR" > 3.2' --record person.yaml --as-of 2026-11-22"""

_HELP = f"""Evaluate an expression for one person, in the names of a protocol: requirements, definitions, criteria.

Every part of it is shown with what it is worth, and what keeps it open. Nothing is concluded of the person: the
verdict is that of `screening check`.

Exit status: 0 it was evaluated, whatever it is worth; 3 the expression or the record is wrong.

{
    examples(
        "screening eval 'WPI >= 7 and SSS >= 5' --record person.yaml",
        '''screening eval '"DAS28 ESR"' --record person.yaml --as-of 2026-11-22''',
        "screening eval 'INC04 or INC05' --record bundle.json --site site.yaml",
    )
}
"""


@click.command("eval", help=_HELP)
@click.argument("expression", metavar="EXPRESSION")
@click.option(
    "--record", required=True, metavar="RECORD", help="A profile or FHIR R4 bundle; `-` is standard input."
)
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@options.parameter_option
@options.subject_option
def command(
    expression: str,
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import author, screen

    day = as_of or options.today()
    declared = options.read_site(site)
    folders = screen.rules_folders(rules)
    definition, library = author.asked(expression, protocol, folders, declared, parameters)
    person, _ = options.read_person(record, library, declared, subject)
    options.put_lines(author.answer_told(author.answer(library, definition, person, day, declared)))
    return options.exit_status("done")
