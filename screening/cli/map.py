"""`screening map`: a mapping file proposed for tables, to be completed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Propose what the columns of CSV or Parquet tables are, as a mapping file to be completed.

Names of columns are matched on the names, labels and short names of what a protocol asks for; a unit at the end
of a name (`crp_mg_l`) is read, and so is a LOINC code. The data dictionary of a REDCap project, named beside its
export, says what fields, choices and boxes are. What answers mean, which unit a number has, which numbers may be
codes for what is missing (7, 99, -9), and what else could not be placed is left open and asked in comments. No
value of a person is printed but such codes.

Exit status: 0 proposed, 3 a table cannot be read.

{
    examples(
        "screening map people.csv labs.csv > mapping.yaml",
        "screening map export.csv dictionary.csv > mapping.yaml",
        "screening coverage tables/ --map mapping.yaml",
    )
}
"""
# So many columns that could not be placed are named on the screen too.
MOST_NAMED = 12


@click.command("map", help=_HELP)
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, type=click.Path())
@options.protocol_option
@options.rules_option
def command(tables: tuple[str, ...], protocol: str, rules: tuple[str, ...]) -> int:
    from screening import people, screen

    library = screen.load_protocol(protocol, rules)
    found = people.proposed([Path(table) for table in tables], library)
    options.put(found.text)
    options.put(f"{found.placed} of {found.columns} columns placed", sys.stderr)
    if found.unplaced:
        named = [options.printable(f"{table} {column}") for table, column in found.unplaced[:MOST_NAMED]]
        more = len(found.unplaced) - len(named)
        named += [f"and {more} more, each named below its table"] if more else []
        options.put(f"; not placed: {', '.join(named)}", sys.stderr)
    options.put("\n", sys.stderr)
    return options.exit_status("done")
