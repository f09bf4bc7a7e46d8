"""Whom a list means that people keep: their ids in runs, however a spreadsheet has written them.

A spreadsheet makes 42 of 0042, keeps 15 digits of a longer number, and shows some as 1.23457E+18. Who is meant is
told where it is one person, and an error at its line where it may be several: nobody is taken for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.errors import UnreadableRecord
from screening.output import rows as written_rows
from screening.output.filled import fault
from screening.output.lists import Disposition, Said
from screening.output.workbook import shown
from screening.record.people import alike, is_number, rounded

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+\Z", re.ASCII)
_AS_TEXT = "give the .xlsx in which ids stay as they are, or format the column as text and write the ids again"


@dataclass(frozen=True, slots=True)
class Named:
    """Dispositions by the ids of the runs; `taken` are the ids that a table writes otherwise, each with the one
    that is meant.
    """

    dispositions: Mapping[str, Disposition]
    taken: Sequence[tuple[str, str]] = ()


def named(folders: Iterable[Path], path: Path, given: Mapping[str, Said]) -> Named:
    """Of whom the lines of a table speak. Somebody of whom the runs have no row keeps the id that is written.

    Raises UnreadableRecord at every line that may be of several people, or whose id has lost its digits.
    """
    meant = _meant(folders, given)
    found: dict[str, Disposition] = {}
    taken, faults = [], []
    for written, said in given.items():
        people = meant.get(written, set())
        exact = {id for id in people if written in (id, shown(id))}
        if len(exact) == 1 and (said.is_kept or not is_number(written)):
            people = exact
        if len(people) > 1:
            faults.append(fault(path, said.line, "the id may be of several people of the run", _AS_TEXT))
            continue
        if not people and is_shortened(written):
            faults.append(fault(path, said.line, SHORTENED, _AS_TEXT))
            continue
        id = next(iter(people), written)
        if id in found:
            faults.append(fault(path, said.line, "a person stands in the table twice"))
            continue
        found[id] = said.disposition
        if people and not exact:
            taken.append((written, id))
    if faults:
        raise UnreadableRecord(*faults)
    return Named(found, taken)


SHORTENED = "a spreadsheet has shortened the id, and nobody can tell whose it is"


def is_shortened(id: str) -> bool:
    """Whether an id looks as a spreadsheet shows a long number.

    >>> is_shortened("1.23457E+18"), is_shortened("12E5")
    (True, False)
    """
    return bool(_SHORTENED.match(id))


def refuse_shortened(folder: Path, path: Path, given: Mapping[str, int]) -> None:
    """Raises UnreadableRecord at each line whose id has lost its digits, unless it is somebody's in the run."""
    short = {id: line for id, line in given.items() if is_shortened(id)}
    known = written_rows.present(folder, short)
    faults = [fault(path, line, SHORTENED, _AS_TEXT) for id, line in short.items() if id not in known]
    if faults:
        raise UnreadableRecord(*faults)


def _meant(folders: Iterable[Path], given: Iterable[str]) -> dict[str, set[str]]:
    """For each id as it is written the people of the runs who may be meant."""
    wanted: dict[str, list[str]] = {}
    for written in given:
        wanted.setdefault(alike(written), []).append(written)
    found: dict[str, set[str]] = {}
    for folder in folders if wanted else ():
        for id in written_rows.ids(folder):
            key = alike(id if id.isprintable() else shown(id))
            for name in {key, rounded(key)}:
                for written in wanted.get(name, ()):
                    found.setdefault(written, set()).add(id)
    return found
