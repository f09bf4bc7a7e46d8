"""`screening lint`: everything that is wrong with rule files, at its place."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Check rule files: names, types, units, sources; everything wrong at once, at its line and column.

PATH is a rule file or a folder of rule files; without one, the shipped rules are checked.

Exit status: 0 nothing is wrong, 3 something is.

{examples("screening lint", "screening lint my-rules/", "screening lint my-rules/trial.yaml --format json")}
"""


@click.command("lint", help=_HELP)
@click.argument("path", nargs=-1, metavar="[PATH]...")
@options.rules_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="For people, or as data (`screening schema diagnostic`).",
)
def command(path: tuple[str, ...], rules: tuple[str, ...], form: str) -> int:
    from screening import author, screen

    found = author.lint(path, screen.rules_folders(rules))
    listed = [options.nearer(diagnostic) for diagnostic in found.diagnostics]
    errors = [diagnostic for diagnostic in listed if diagnostic.severity == "error"]
    if form == "json":
        options.put(author.diagnostics_text([options.near(file) for file in found.files], listed) + "\n")
    else:
        files = _counted(len(found.files), "file")
        wrong = len({d.span.file for d in errors})
        end = (
            f"{files}, no errors{_statuses(found.statuses)}"
            if not errors
            else (
                f"{_counted(len(errors), 'error')} in {_counted(wrong, 'file')}; "
                f"no protocol that includes {'it' if wrong == 1 else 'them'} can be used"
            )
        )
        options.put("".join(f"{diagnostic}\n" for diagnostic in listed) + end + "\n")
    return options.WRONG if errors else options.exit_status("done")


def _statuses(statuses: tuple[str, ...]) -> str:
    """How many files have which status; what is not approved is said in capitals."""
    words = ["approved" if status == "approved" else status.upper() for status in statuses]
    counts = [f"{words.count(word)} {word}" for word in sorted(set(words))]
    return f"; {', '.join(counts)}" if counts else ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
