"""`screening worklist`: the people of a cohort to look at."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""List the people of a cohort to look at, with what is on record and what is to be obtained.

DIR is what `screening cohort` wrote. On the list is who is NOT RULED OUT, which never means eligible; people with
an alert come first. FILE.csv opens in Excel. The columns disposition, disposition_date, disposition_by and note
are yours: give the file you filled in as --dispositions next time, and what you wrote is kept. A disposition is
contacted, declined, consented or enrolled.

{
    examples(
        "screening worklist out/ --out worklist.csv",
        'screening worklist out/ --do-not-contact no.csv --delimiter ";" --out w.csv',
        "screening worklist out/ --previous last/ --dispositions w.csv --out new.csv",
    )
}
"""


@click.command("worklist", help=_HELP)
@click.argument("folder", metavar="DIR")
@click.option("--out", required=True, metavar="FILE.csv", help="The file to write, for your eyes alone (0600).")
@click.option("--previous", metavar="DIR", help="An earlier cohort: who is new, changed or the same since then.")
@click.option("--do-not-contact", "blocked", metavar="FILE", help="Ids of people who are never listed.")
@click.option("--dispositions", metavar="FILE", help="What was decided so far; an earlier worklist, filled in.")
@click.option(
    "--delimiter",
    type=click.Choice((",", ";")),
    default=",",
    show_default=True,
    help="What stands between cells; Excel in many countries wants `;`.",
)
def command(
    folder: str, out: str, previous: str | None, blocked: str | None, dispositions: str | None, delimiter: str
) -> int:
    from screening import folder as run

    options.put_lines(run.write_worklist(folder, out, previous, blocked, dispositions, delimiter))
    return options.DONE
