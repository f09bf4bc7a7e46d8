"""`screening export`: a protocol in another language, for those who screen elsewhere."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Print a protocol as an HL7 CQL library that gives the same answers, counts and partial dates included.

The data come in as parameters: the entries of a record, one list for each input. With --record they are written
beside the library, as JSON. What CQL cannot say is handed in as a parameter too, and each such value is told with
its reason and its place. Nothing here is a screening.

{
    examples(
        "screening export ketamine-ra-fm --to cql > ketamine-ra-fm.cql",
        "screening export ketamine-ra-fm --to cql --out cql/",
        "screening export ketamine-ra-fm --to cql --out cql/ --record person.yaml",
    )
}
"""


@click.command("export", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL", shell_complete=options.protocol_names)
@click.option("--to", "language", required=True, type=click.Choice(("cql",)), help="The language.")
@click.option(
    "--out", type=click.Path(file_okay=False), metavar="FOLDER", help="Write <protocol>.cql into this folder."
)
@click.option(
    "--record", metavar="RECORD", help="A person's record, written as the library's parameters (with --out)."
)
@options.as_of_option
@options.rules_option
@options.site_option
@options.parameter_option
@options.subject_option
def command(
    protocol: str,
    language: str,
    out: str | None,
    record: str | None,
    as_of: datetime.date | None,
    rules: tuple[str, ...],
    site: str | None,
    parameters: dict[str, str],
    subject: str,
) -> int:
    from screening import export, screen

    if record and not out:
        raise click.UsageError("--record is written beside the library: name a folder with --out")
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    made = export.exported(library)
    for note in export.gaps_told(made):
        options.put(f"{options.nearer(note)}\n", sys.stderr)
    if out is None:
        options.put(made.text)
        return options.exit_status("done")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    parameters_file = folder / f"{library.name}.parameters.json"
    if record:
        person, _ = options.read_person(record, library, declared, subject)
        export.write_parameters(parameters_file, export.parameters_text(library, person, as_of or options.today()))
    written = folder / f"{library.name}.{language}"
    written.write_text(made.text, encoding="utf-8", newline="\n")
    for path in (written, parameters_file) if record else (written,):
        options.put(f"{path.as_posix()}\n")
    return options.exit_status("done")
