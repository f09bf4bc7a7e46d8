"""`screening calculate`: one definition of any library by itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Compute a definition of any library from the inputs given, with its classes.

NAME and the inputs are found without case, signs and blanks, by short names of the field too. An input is named
as a requirement, by its label, or as a definition; then what that is computed from is not asked. Inputs count as
of the as-of date. Where something is missing the value is given in bounds, and what is missing is listed. Without
inputs every one is listed, with what it takes. A file may list calculations, each with `name`, `inputs` and
perhaps `expected` (`score`, `class`).

Exit status: 0 it was computed, in bounds too; 3 a name or an input is wrong; 5 one is not as expected.

{
    examples(
        'screening calculate BMI --set "Weight=92 kg" --set "Height=162 cm"',
        "screening calculate cockcroft-gault",
        'screening calculate das28-crp --from visit.json --set "CRP=1.2 mg/dL"',
        "screening calculate das28-esr --from visit.yaml --format json",
        "screening calculate --from calculations.yaml",
    )
}
"""


@click.command("calculate", help=_HELP)
@click.argument("name", metavar="[NAME]", default="")
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

    data = options.read_input(file) if file is not None else None
    listed = author.calculations_of(*data) if data is not None else None
    folders = screen.rules_folders(rules)
    more = {"library": library, "as_of": as_of or options.today(), "site": options.read_site(site)}
    if listed is not None:
        if given:
            raise click.UsageError("a list of calculations has its inputs in the file; leave out --set")
        tried = author.calculations_tried(listed, folders, name=name, **more)
        _put(form, lambda: author.calculations_text(tried), lambda: author.calculations_told(tried))
        refused = any(one.calculation is None for one in tried)
        return options.WRONG if refused else options.FAILED if any(one.differs for one in tried) else options.DONE
    if not name:
        raise click.UsageError("say which definition: `screening calculate NAME`")
    if data is None and not given:
        asked = author.calculation_form(name, folders, library)
        _put(form, lambda: author.form_text(asked), lambda: author.form_told(asked))
        return options.exit_status("done")
    inputs = author.inputs_of(*data) if data is not None else {}
    twice = inputs.keys() & given.keys()
    if twice:
        raise click.UsageError("an input stands in the file and is set too: " + ", ".join(sorted(twice)))
    found = screen.calculate(name, {**inputs, **given}, folders=rules, **more)
    _put(form, lambda: author.calculation_text(found), lambda: author.calculation_told(found))
    return options.exit_status("done")


def _put(form: str, text: Callable[[], str], lines: Callable[[], list[Any]]) -> None:
    if form == "json":
        options.put(text() + "\n")
    else:
        options.put_lines(lines())
