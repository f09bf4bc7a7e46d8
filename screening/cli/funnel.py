"""`screening funnel`: where the people of a cohort are lost, and why."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Show where people of a cohort are lost, in the order of the protocol beside whatever the order.

DIR is what `screening cohort` wrote. `in order` counts each person once, at the first criterion that bars;
`anywhere` at every criterion that bars; `only this one` where no other bars. Only what is known bars. What is
possible is an upper bound and no forecast.

{
    examples(
        "screening funnel out/",
        "screening funnel out/ --suppress 5                 for what leaves the site",
        "screening funnel out/ --format csv > funnel.csv    every criterion and item",
        "screening funnel out/ --dispositions list.csv      counts who declined",
    )
}
"""


@click.command("funnel", help=_HELP)
@click.argument("folder", metavar="DIR")
@click.option(
    "--suppress",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    help="Hide cells from 1 to N-1, and those that a sum would give away.",
)
@click.option(
    "--dispositions", metavar="FILE", help="A table with the columns pseudonym and disposition: who declined."
)
@click.option("--all", "everything", is_flag=True, help="Every criterion and every missing item.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "csv")),
    default="text",
    show_default=True,
    help="A screen for people, or the whole as a table.",
)
def command(folder: str, suppress: int, dispositions: str | None, everything: bool, form: str) -> int:
    from screening import folder as run

    if form == "csv":
        options.put(run.funnel_table(folder, dispositions, suppress).replace("\r\n", "\n"))
    else:
        options.put_lines(run.funnel_lines(folder, dispositions, suppress, everything))
    return options.DONE
