"""`screening coverage`: what a source holds for each requirement, before anybody is screened."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Count what a source of many people holds for each requirement of a protocol.

SOURCE is a folder of FHIR R4 bundles or of profiles, a FHIR bulk export (NDJSON), a JSON Lines file, an OMOP CDM
database (a folder of CSV or Parquet tables, a DuckDB or SQLite file, `postgres://USER@HOST/DATABASE`, each with
`?schema=NAME` where it has several), or CSV or Parquet tables with --map. A requirement that nobody has is
marked `?`: what rests on it stays unknown for everybody. A name of the mapping or of the site declaration that
the protocol does not ask is told with its line, and a unit that cannot be read with the people whose numbers
count for nothing. Records that cannot be read are listed, and stop no other.

Exit status: 0 the source can be read, 3 it cannot, or every record of it is rejected.

{
    examples(
        "screening coverage bundles/ --protocol ketamine-ra-fm",
        "screening coverage tables/ --map mapping.yaml",
        "screening coverage export/ --site site.yaml --format json",
    )
}
"""


@click.command("coverage", help=_HELP)
@click.argument("source", metavar="SOURCE", type=click.Path())
@options.protocol_option
@click.option("--map", "mapping", metavar="FILE", help="A mapping file: what the columns of tables are.")
@options.rules_option
@options.site_option
@options.text_or_json_option
def command(
    source: str, protocol: str, mapping: str | None, rules: tuple[str, ...], site: str | None, form: str
) -> int:
    from screening import people, screen

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared)
    found = people.coverage(
        source, library, declared, Path(mapping) if mapping else None, options.names_beside(rules)
    )
    if form == "json":
        options.put(people.coverage_text(found) + "\n")
    else:
        options.put_lines(people.covered(found, source))
    return options.of_records(
        found.subjects,
        sum(found.rejected.values()),
        "some of the reasons stand above",
        people.failures(found.rejected),
    )
