"""`screening diff`: what a new edition of a rule file changes, proved or shown by a person."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end

_HELP = f"""Say what a new edition changes: the same of every record, tightened, loosened, or both.

OLD and NEW are names or rule files. Criteria, and their alerts, are matched by their id. Each change is shown by
the smallest person that was found, screened by the law under both editions. A changed truth asks for a major
version, a new name or input for a minor one, other words for a patch.

With --ledger or --cohort everybody on record is screened under both editions: who would change.

Exit status: 0 done, 5 with --check-version where the versions do not say what changed, 3 wrong rules or usage.

{
    examples(
        "screening diff fibromyalgia-acr-2010 fibromyalgia-acr-2016",
        "screening diff old/trial.yaml new/trial.yaml --check-version",
    )
}
"""


@click.command("diff", help=_HELP)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@options.rules_option
@click.option("--as-of", type=options.Day(), help="The day as of which records are made up; today if not given.")
@click.option(
    "--ledger", metavar="FILE", help="A ledger; the last screening of everybody is done under both editions."
)
@click.option("--cohort", metavar="SOURCE", help="A prepared cohort, or another source, screened the same way.")
@click.option("--check-version", is_flag=True, help="Exit 5 where the versions do not say what changed.")
@click.option("--json", "is_json", is_flag=True, help="Everything as data.")
def command(
    old: str,
    new: str,
    rules: tuple[str, ...],
    as_of: datetime.date | None,
    ledger: str | None,
    cohort: str | None,
    check_version: bool,
    is_json: bool,
) -> int:
    from screening import analyse, screen

    analyse.need_solver()
    folders = screen.rules_folders(rules)
    before, after = (analyse.loaded(name, folders) for name in (old, new))
    day = as_of or options.today()
    found = analyse.difference(before, after, day)
    people = list(_of_ledger(ledger, old, new, rules)) if ledger else []
    people += list(_of_cohort(cohort, before, after, day)) if cohort else []
    rows = [(name, *said) for name, said in people if said is not None]
    if is_json:
        data = analyse.difference_data(found, after, before)
        if ledger or cohort:
            data["people"] = [dict(zip(("id", "old", "new", "criteria"), row, strict=True)) for row in rows]
        options.put(analyse.json_text(data) + "\n")
    else:
        options.put_lines(analyse.difference_told(found, after, before))
        if ledger or cohort:
            options.put_lines(analyse.people_told(rows, len({name for name, _ in people})))
    return options.FAILED if check_version and not found.is_told else options.DONE


Named = tuple[str, tuple[str, str, str] | None]


def _of_ledger(ledger: str, old: str, new: str, rules: tuple[str, ...]) -> Iterator[Named]:
    """The last screening of everybody in a ledger under both editions: the code, and what changes, if anything."""
    from screening import replaying
    from screening.cli.kept import screened_again

    libraries: dict[Any, Any] = {}

    def again(name: str) -> Callable[[Any, Path], dict[str, Any]]:
        # What an edition includes stands beside it, of the same edition.
        folders = (str(Path(name).parent), *rules) if Path(name).is_file() else rules
        return lambda kept, place: dict(screened_again(kept, place, name, folders, libraries).certificate)

    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    yield from replaying.between(opened, again(old), again(new))


def _of_cohort(source: str, old: Any, new: Any, day: datetime.date) -> Iterator[Named]:
    """Everybody of a source under both editions; who is rejected under one is told as that."""
    from screening import replaying

    before, after = (_said(source, library, day) for library in (old, new))
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            yield name, ("not screened", "not screened", "")
        else:
            yield name, replaying.said_between(one, other)


def _said(source: str, library: Any, day: datetime.date) -> dict[str, Any]:
    """What is concluded of everybody of a source, None where nothing is; a record of nobody goes by its place."""
    from screening import people, screen

    found: dict[str, Any] = {}
    for person in people.people_of(Path(source), library):
        if isinstance(person, people.Rejected):
            # Of somebody who has another record that can be used, that one counts.
            found.setdefault(person.id or person.place, None)
            continue
        try:
            found[person.id] = screen.screen(library, person, day, retired=True).certificate["determination"]
        except screen.NotScreened:
            found[person.id] = None
    return found
