"""`screening test`: the worked cases beside the rule files, held against what the rules say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Run the worked cases that stand beside the rule files, and say what is otherwise than expected.

PATH is a case file (`trial.cases.yaml`), a rule file, a folder, or the name of a library; without one, the cases
of all rules folders are run.

Exit status: 0 all cases are as expected, 5 one is not, 3 a case file is wrong.

{
    examples(
        "screening test",
        "screening test my-rules/trial.yaml",
        "screening test my-rules/ --watch",
        "screening test --junit cases.xml",
    )
}
"""


@click.command("test", help=_HELP)
@click.argument("path", nargs=-1, metavar="[PATH]...")
@options.rules_option
@options.site_option
@click.option("--junit", metavar="FILE", help="Also write the outcome as JUnit XML.")
def command(path: tuple[str, ...], rules: tuple[str, ...], site: str | None, junit: str | None) -> int:
    from screening import author, screen

    folders = screen.rules_folders(rules)
    declared = options.read_site(site)
    files, missing = author.case_files(path, folders)
    run = author.running(folders, declared)
    outcomes = [run.run(Path(options.near(str(file)))) for file in files]
    if missing or not outcomes:
        told = [str(diagnostic) for diagnostic in missing] or ["error: there are no case files in these folders"]
        options.put("".join(f"{text}\n" for text in told), sys.stderr)
    if outcomes:
        options.put_lines(author.told_cases(outcomes))
    if junit is not None:
        _write(junit, author.junit_text(outcomes))
    return options.WRONG if missing or not outcomes else _status(outcomes)


def _status(outcomes: list[Any]) -> int:
    if any(outcome.diagnostics for outcome in outcomes):
        return options.WRONG
    return options.FAILED if any(outcome.differing for outcome in outcomes) else options.DONE


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
