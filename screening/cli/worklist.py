"""`screening worklist`: the people of a cohort to look at."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""List the people of a cohort to look at, with what is on record and what is to be obtained.

DIR is what `screening cohort` wrote. On the list is who is NOT RULED OUT, which never means eligible; people with
an alert come first. FILE.xlsx is an Excel workbook to work in and to print, FILE.csv a table that Excel opens. The
columns disposition, disposition_date, disposition_by and note are yours: give the file you filled in, .xlsx or
.csv, as --dispositions, and what you wrote is kept. A disposition is contacted, declined, consented, enrolled or
other (left for another reason).

DIR remembers whom not to contact, what was decided and what was listed, also when `screening cohort` replaces it.

{
    examples(
        "screening worklist out/ --out worklist.xlsx",
        "screening worklist out/ --do-not-contact no.csv --out worklist.xlsx",
        "screening worklist out/ --dispositions worklist.xlsx --out new.xlsx",
        'screening worklist out/ --since last/ --delimiter ";" --out new.csv',
    )
}
"""


@click.command("worklist", help=_HELP)
@click.argument("folder", metavar="DIR")
@click.option(
    "--out", required=True, metavar="FILE", help="The .xlsx or .csv to write, for your eyes alone (0600)."
)
@click.option(
    "--since",
    "--previous",
    "since",
    metavar="DIR",
    help="The last run: who is new, changed or the same since then, and what its folder remembers. "
    "If not given, what DIR remembers.",
)
@click.option(
    "--do-not-contact", "blocked", metavar="FILE", help="Ids of people who are never listed; DIR remembers them."
)
@click.option(
    "--replace-list",
    is_flag=True,
    help="The do-not-contact list given replaces the earlier ones; people come off.",
)
@click.option(
    "--dispositions",
    multiple=True,
    metavar="FILE",
    help="What was decided: a worklist, filled in (.xlsx or .csv); may be given more than once.",
)
@click.option(
    "--delimiter",
    type=click.Choice((",", ";")),
    default=",",
    show_default=True,
    help="What stands between cells of a .csv; Excel in many countries wants `;`.",
)
def command(
    folder: str,
    out: str,
    since: str | None,
    blocked: str | None,
    replace_list: bool,
    dispositions: tuple[str, ...],
    delimiter: str,
) -> int:
    from screening import worklist

    asked = worklist.Asked(
        Path(folder),
        Path(out),
        Path(since) if since is not None else None,
        Path(blocked) if blocked is not None else None,
        replace_list,
        [Path(each) for each in dispositions],
        delimiter,
    )
    options.put_lines(worklist.write(asked))
    return options.DONE
