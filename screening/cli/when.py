"""`screening when`: the days on which the verdict of one person changes by itself."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Show on which days the verdict changes by itself, if nothing but time goes on.

For somebody who is INELIGIBLE today: before which day no bar ends, and which bars no date lifts. For somebody
who is ELIGIBLE: up to which day each result counts. A date that is only partly known gives an earliest possible
and an earliest certain day. Every day is settled by the rules alone; none of them is a booking.

Exit status: that of today's verdict (0, 2, 4), 3 wrong input.

{
    examples(
        "screening when person.yaml --as-of 2026-11-22",
        "screening when person.yaml --until 2027-06-30 --all",
        "screening when person.yaml --format json",
    )
}
"""


@click.command("when", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@click.option(
    "--until",
    type=options.Day(),
    metavar="DATE",
    help="The last day to look at; three years after the as-of date if not given.",
)
@options.text_or_json_option
@click.option("--all", "everything", is_flag=True, help="Shorten nothing.")
@options.parameter_option
@options.subject_option
def command(
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    until: datetime.date | None,
    form: str,
    everything: bool,
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import guide, screen

    day = as_of or options.today()
    if until is not None and until < day:
        raise click.BadParameter("it lies before the as-of date", param_hint="--until")
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    person, _ = options.read_person(record, library, declared, subject, rules)
    found = guide.when(library, person, day, until)
    if form == "json":
        options.put(screen.data_text(guide.when_data(library, person, found), "json") + "\n")
    else:
        options.put_lines(guide.told_when(library, person, found, everything))
    return options.exit_status(found.stretches[0].verdict.value)
