"""`screening near`: how near the verdict of one person is to another, and what would have to be so."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Show how near the verdict is to another one, and what would have to be otherwise.

How far each number that decided lies from its limit, and which were met or missed by little. For each bar: the
smallest sets of facts that would have to be otherwise for it to fall, of those that the rule file calls
modifiable; time alone is told by `screening when`. Last, the fewest recorded facts that alone force the verdict.
It follows from the rules and is no advice: of medicines, pregnancy, suicidality and drug screens nothing is said.

Exit status: that of the verdict (0, 2, 4), 3 wrong input.

{
    examples(
        "screening near person.yaml --as-of 2026-11-22",
        "screening near person.yaml --all",
        "screening near person.yaml --format json",
    )
}
"""


@click.command("near", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@options.text_or_json_option
@click.option(
    "--bars",
    type=click.IntRange(1, 9),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="How many bars a near miss may have.",
)
@click.option("--all", "everything", is_flag=True, help="Every number, not only those near their limits.")
@options.parameter_option
@options.subject_option
def command(
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    form: str,
    bars: int,
    everything: bool,
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import near, screen

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    person, _ = options.read_person(record, library, declared, subject, rules)
    found = near.near(library, person, as_of or options.today(), bars)
    if form == "json":
        options.put(screen.data_text(near.near_data(library, person, found), "json") + "\n")
    else:
        options.put_lines(near.told_near(library, person, found, everything))
    return options.exit_status(found.determination.verdict.value)
