"""`screening schema`: the JSON Schemas of what the program reads and prints."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

LEDGER = ("ledger-entry", "ledger-export", "ledger-head", "ledger-coded", "ledger-proof")
NAMES = ("certificate", "bundle", "profile", "diagnostic", "rules", "cases", *LEDGER)

_HELP = f"""Print a JSON Schema (draft 2020-12).

\b
certificate    what `screening check --format json` prints
bundle         what `screening check --format bundle` prints
profile        a person's record; with --protocol, of that protocol alone
diagnostic     what `screening lint --format json` prints
rules          a rule file, for editors
cases          a case file, for editors
ledger-entry   an entry of a ledger, of every kind
ledger-export  a line of what `screening log export` prints
ledger-head    what `screening log head` prints
ledger-coded   a line of `screening log export --coded`
ledger-proof   what `screening log prove` prints

{
    examples(
        "screening schema certificate",
        "screening schema profile --protocol ketamine-ra-fm",
        "screening schema rules > rules.schema.json",
        "screening schema ledger-export",
    )
}
"""


@click.command("schema", help=_HELP)
@click.argument("name", metavar="NAME", type=click.Choice(NAMES))
@click.option(
    "--protocol",
    default="",
    metavar="NAME",
    shell_complete=options.protocol_names,
    help="The protocol whose profiles are meant.",
)
@options.rules_option
def command(name: str, protocol: str, rules: tuple[str, ...]) -> int:
    from screening import author, logbook, screen

    if protocol and name != "profile":
        raise click.UsageError("--protocol goes with `profile` only")
    if name in ("rules", "cases"):
        options.put(author.schema_text(name) + "\n")
        return options.exit_status("done")
    if name in LEDGER:
        options.put(logbook.schema_text(name))
        return options.exit_status("done")
    library = screen.load_protocol(protocol, rules) if protocol else None
    options.put(screen.data_text(screen.schema(name, library), "json") + "\n")
    return options.exit_status("done")
