"""`screening next`: which missing answers could settle an open verdict, and what to ask first."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Show which missing answers could settle an open verdict, and in which order to ask for them.

For each verdict that is still possible the smallest sets of missing items with which, all else left unknown, the
rules would say it; each set that is shown was tried. Items come in the order of how burdensome they are to obtain
for each time that they settle the matter: asked, on a form, in the chart, by examination, from a sample, arranged.
A site may declare other burdens (a file with lines such as `blood: 7`); how often each criterion speaks against
somebody may be taken from the folder of a run of `screening cohort`. An item whose answer cannot change the
verdict is never among them.

Exit status: that of today's verdict (0, 2, 4), 3 wrong input.

{
    examples(
        "screening next person.yaml --as-of 2026-11-22",
        "screening next person.yaml --burdens burdens.txt --frequencies out/",
        "screening next person.yaml --format json",
    )
}
"""


@click.command("next", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@click.option("--burdens", metavar="FILE", help="What items cost: lines of a requirement or a way, and a number.")
@click.option(
    "--frequencies",
    metavar="DIR",
    help="A run of `screening cohort`: how often each criterion speaks against its people.",
)
@options.text_or_json_option
@click.option("--all", "everything", is_flag=True, help="Shorten nothing, and show the answers that were tried.")
@options.parameter_option
@options.subject_option
def command(
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    burdens: str | None,
    frequencies: str | None,
    form: str,
    everything: bool,
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import decide, screen

    day = as_of or options.today()
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    weights = decide.read_burdens(Path(burdens), library) if burdens else None
    often = decide.chances_of(Path(frequencies), library) if frequencies else None
    person, _ = options.read_person(record, library, declared, subject, rules)
    found = decide.decisive(library, person, day, weights, often)
    if form == "json":
        options.put(screen.data_text(decide.data(library, person, day, found), "json") + "\n")
    else:
        options.put_lines(decide.told(library, person, day, found, everything))
    return options.exit_status(found.verdict.value)
