"""`screening match`: one person against every protocol, the nearest first."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.several import screen_each

_HELP = f"""Screen one person against every protocol: verdict, bars, what is missing, and the nearest miss.

A protocol is a rule file that names a registration, or anchors and no family; editions of a family are compared by
`screening compare`. Nothing here is an offer: recruitment is not looked up.

Exit status: 0 done, 3 wrong input, also if the record does not fit one protocol, 1 not screened.

{
    examples(
        "screening match person.yaml --as-of 2026-11-22",
        "screening match bundle.json --unused",
        "screening match bundle.json --format json",
    )
}
"""


@click.command("match", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.as_of_option
@options.site_option
@options.rules_option
@options.retired_option
@options.text_or_json_option
@click.option("--all", "everything", is_flag=True, help="Every bar and every open criterion of each protocol.")
@click.option("--unused", is_flag=True, help="Facts that a criterion asks about and that settle nothing, and why.")
@options.subject_option
def command(
    record: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    retired: bool,
    form: str,
    everything: bool,
    unused: bool,
    subject: str,
) -> int:
    from screening import matching, screen

    every = matching.shelf(screen.rules_folders(rules))
    shelf = matching.protocols(every, retired)
    several = screen_each(record, shelf, every.names, as_of, site, rules, subject, retired)
    if not several.accounts:
        return several.status or options.WRONG
    left = matching.unread(shelf, several.failed)
    if form == "json":
        options.put(screen.data_text(matching.match_data(several.accounts, left), form) + "\n")
    else:
        options.put_lines(matching.matched(several.accounts, left, everything, unused))
    return several.status
