"""`screening schema`: the JSON Schemas of what the program reads and prints."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

NAMES = ("certificate", "bundle", "profile", "diagnostic", "rules", "cases")

_HELP = f"""Print a JSON Schema (draft 2020-12).

\b
certificate   what `screening check --format json` prints
bundle        what `screening check --format bundle` prints
profile       a person's record; with --protocol, of that protocol alone
diagnostic    what `screening lint --format json` prints
rules         a rule file, for editors
cases         a case file, for editors

{
    examples(
        "screening schema certificate",
        "screening schema profile --protocol ketamine-ra-fm",
        "screening schema rules > rules.schema.json",
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
    from screening import author, screen

    if protocol and name != "profile":
        raise click.UsageError("--protocol goes with `profile` only")
    if name in ("rules", "cases"):
        options.put(author.schema_text(name) + "\n")
        return options.exit_status("done")
    library = screen.load_protocol(protocol, rules) if protocol else None
    options.put(screen.data_text(screen.schema(name, library), "json") + "\n")
    return options.exit_status("done")
