"""`screening compare`: one person under every edition of a family."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.several import screen_each

_HELP = f"""Screen one person under every edition of a family, and say which fact makes the difference.

FAMILY is what editions of one thing have in common, as `family:` in their rule files: fibromyalgia, ketamine.
What the record holds for other protocols is left alone. Meeting a set is classification, not diagnosis.

Exit status: 0 done, 3 wrong input, also if one edition cannot be screened for it, 1 not screened.

{
    examples(
        "screening compare person.yaml --library fibromyalgia --as-of 2026-11-22",
        "screening compare bundle.json --library ra-classification --format json",
    )
}
"""


def _families(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from screening import matching, screen

    every = matching.shelf(screen.rules_folders())
    return sorted({library.family for library in every.libraries if library.family.startswith(incomplete)} - {""})


@click.command("compare", help=_HELP)
@click.argument("record", metavar="RECORD")
@click.option(
    "--library", "family", required=True, metavar="FAMILY", shell_complete=_families, help="The family to compare."
)
@options.as_of_option
@options.site_option
@options.rules_option
@options.retired_option
@options.text_or_json_option
@options.subject_option
def command(
    record: str,
    family: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    retired: bool,
    form: str,
    subject: str,
) -> int:
    from screening import matching, screen

    every = matching.shelf(screen.rules_folders(rules))
    shelf = matching.editions(every, family, retired)
    several = screen_each(record, shelf, every.names, as_of, site, rules, subject, retired)
    if not several.accounts:
        return several.status or options.WRONG
    left = matching.unread(shelf._replace(faulty=()), several.failed)
    if form == "json":
        found = matching.comparison_data(family, several.accounts, left)
        options.put(screen.data_text(found, form) + "\n")
    else:
        options.put_lines(matching.compared(family, several.accounts, left))
    return several.status
