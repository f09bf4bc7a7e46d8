"""`screening test`: the worked cases beside the rule files, held against what the rules say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
@click.option("--watch", is_flag=True, help="Run again what a change affects, until Ctrl-C.")
@click.option("--junit", metavar="FILE", help="Also write the outcome as JUnit XML.")
@click.option("--coverage", is_flag=True, help="Also say what no case shows: truths, parts, sides of limits.")
@click.option("--coverage-json", metavar="FILE", help="Also write what the cases show as JSON.")
def command(
    path: tuple[str, ...],
    rules: tuple[str, ...],
    site: str | None,
    watch: bool,
    junit: str | None,
    coverage: bool,
    coverage_json: str | None,
) -> int:
    from screening import author, screen

    folders = screen.rules_folders(rules)
    files, missing = author.case_files(path, folders)
    if missing or not files:
        told = [str(diagnostic) for diagnostic in missing] or ["error: there are no case files in these folders"]
        options.put("".join(f"{text}\n" for text in told), sys.stderr)
        return options.WRONG

    def listed() -> list[Path]:
        return [Path(options.near(str(file))) for file in author.case_files(path, folders)[0]]

    watched = author.watch(listed, folders, options.read_site(site))
    _told(watched.first(), watched, junit)
    if coverage or coverage_json is not None:
        found = author.covered(list(watched.outcomes), folders, options.read_site(site))
        if coverage:
            options.put_lines(author.covered_told(found))
        if coverage_json is not None:
            with open(coverage_json, "w", encoding="utf-8", newline="\n") as file:
                file.write(author.covered_text(found) + "\n")
    if not watch:
        return _status(list(watched.outcomes.values()))
    what = "1 case file and what it is" if len(files) == 1 else f"{len(files)} case files and what they are"
    options.put(f"Watching {what} read from; Ctrl-C ends it.\n", sys.stderr)
    for changed, outcomes in watched.changes():
        options.put(f"\nChanged: {', '.join(options.printable(options.near(name)) for name in changed)}\n")
        _told(outcomes, watched, junit)
    return options.DONE


def _told(outcomes: Iterator[Any], watched: Any, junit: str | None) -> None:
    """Each outcome as soon as it is there, then the counts over all files."""
    from screening import author

    before: list[Any] = []
    for outcome in outcomes:
        options.put_lines(author.cases_told(outcome, before))
        before.append(outcome)
    every = list(watched.outcomes.values())
    options.put_lines(author.cases_counted(every))
    if junit is not None:
        with open(junit, "w", encoding="utf-8", newline="\n") as file:
            file.write(author.junit_text(every))


def _status(outcomes: list[Any]) -> int:
    if any(outcome.diagnostics for outcome in outcomes):
        return options.WRONG
    return options.FAILED if any(outcome.differing for outcome in outcomes) else options.DONE
