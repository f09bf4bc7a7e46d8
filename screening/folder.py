"""A run over many people, looked into: its manifest, one of its rows, and whether that row still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from screening.errors import DefectError, UnreadableRecord
from screening.outcome.row import Row, row_of
from screening.output import rows as written_rows
from screening.output.folder import digests, files_of, told_again
from screening.record.people import DEFECT, NOBODY, UNREADABLE, Rejected
from screening.record.subject import Subject
from screening.reports.explanation import agreement
from screening.reports.line import Line


def is_run(path: str) -> bool:
    """Whether a path is the folder of a run."""
    return written_rows.is_run(Path(path))


def manifest(folder: str) -> dict[str, Any]:
    """The manifest of a run. Raises UnreadableRecord where the folder holds none."""
    return written_rows.read_manifest(Path(folder))


def row(folder: str, id: str) -> Row:
    """The row of one person. Raises UnreadableRecord where there is none of that id."""
    return written_rows.row_of(Path(folder), id)


def source_of(made: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Where the source of a run is, and which of its files, its mapping among them, are otherwise than they were.

    Raises UnreadableRecord where it is not there any more.
    """
    path = str(made["source"]["path"])
    files = files_of(path)
    if files is not None and not files.exists():
        raise UnreadableRecord("the source of this run is not where it was; its manifest says where that is")
    before = {each["file"]: each["sha256"] for each in made["source"]["files"]}
    now = {str(each["file"]): each["sha256"] for each in told_again(path, made["source"]["files"])}
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    mapping = made["source"]["map"]
    if mapping is not None and digests(Path(made["options"]["map"]))[0] != mapping:
        changed.append(mapping["file"])
    return path, changed


def is_whole(made: Mapping[str, Any], changed: list[str]) -> bool:
    """Whether every row of the source of a run is known to be of one person: none was unreadable, or nobody's."""
    return not changed and not {UNREADABLE, NOBODY, DEFECT} & made["counts"]["rejected_by_kind"].keys()


def person_of(stream: Iterable[Subject | Rejected], id: str) -> Subject:
    """One person of a source. Raises UnreadableRecord where the source does not hold that person any more.

    Raises DefectError where this program failed at a record that may be theirs.
    """
    failure = ""
    for each in stream:
        if isinstance(each, Subject) and each.id == id:
            return each
        if isinstance(each, Rejected) and each.kind == DEFECT and each.id in ("", id):
            failure = each.reason
    if failure:
        raise DefectError(failure)
    raise UnreadableRecord("the source holds no such person any more; it has changed since the run")


def explained(written: Row, screening: Any, changed: list[str], rules_changed: bool) -> tuple[list[Line], bool]:
    """Whether the row of a person equals a screening of today; what to say of it."""
    now = row_of(screening.library, screening.subject, screening.trace, screening.determination)
    return agreement(written, now, changed, rules_changed), written == now
