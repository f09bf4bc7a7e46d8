"""`screening calculate`: one definition of any library by itself."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Compute a definition of any library from the inputs given, with its classes.

NAME and the inputs are found without case, `-`, `_` and blanks. An input is named as a requirement, by its label
or short name, or as a definition; then what that is computed from is not asked. Inputs count as of the as-of date.
Where something is missing the value is given in bounds, and what is missing is listed.

Exit status: 0 it was computed, in bounds too; 3 a name or an input is wrong.

{
    examples(
        'screening calculate BMI --set "Weight=92 kg" --set "Height=162 cm"',
        'screening calculate das28-crp --from visit.json --set "CRP=1.2 mg/dL"',
        "screening calculate das28-esr --from visit.yaml --format json",
    )
}
"""


@click.command("calculate", help=_HELP)
@click.argument("name", metavar="NAME")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar='"NAME=VALUE [UNIT]"',
    callback=options.named_values("input", '"NAME=VALUE UNIT"'),
    help="One input; may be given more than once.",
)
@click.option("--from", "file", metavar="FILE", help="Inputs from JSON or YAML, by name; `-` is standard input.")
@click.option(
    "--library", default="", metavar="NAME", shell_complete=options.protocol_names, help="Of which library."
)
@options.as_of_option
@options.site_option
@options.rules_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="For people, or as data.",
)
def command(
    name: str,
    given: dict[str, str],
    file: str | None,
    library: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    form: str,
) -> int:
    from screening import author, screen

    inputs = author.inputs_of(*options.read_input(file)) if file is not None else {}
    twice = inputs.keys() & given.keys()
    if twice:
        raise click.UsageError("an input stands in the file and is set too: " + ", ".join(sorted(twice)))
    found = screen.calculate(
        name,
        {**inputs, **given},
        library=library,
        as_of=as_of or options.today(),
        folders=rules,
        site=options.read_site(site),
    )
    if form == "json":
        options.put(author.calculation_text(found) + "\n")
    else:
        options.put_lines(author.calculation_told(found))
    return options.exit_status("done")
