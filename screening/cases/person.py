"""The person of a case: a base record, what the file gives to all of its cases, and what this one changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from screening.cases.document import Case, Entries
from screening.errors import NameFault, RecordError, SyntaxFault, TypeFault
from screening.language.library import Library
from screening.reading.document import Mapping, Scalar, Sequence, Tree
from screening.reading.faults import Faults, did_you_mean, shown
from screening.record.subject import Subject
from screening.sources import fhir, profile
from screening.sources import tree as record
from screening.sources.fhir_version import looks_like_fhir
from screening.sources.site import SiteDeclaration

# What a date does not belong to: ages are dated by themselves, rows of a list each have their own.
UNDATED = ("date", "born", "age", "records")
_NOBODY = {"subject": "SYN-CASE", "synthetic": "true", "source": "case"}
_Of = TypeVar("_Of")


class People:
    """The people of one case file. A base record is read once for a protocol."""

    def __init__(
        self, file: Path, faults: Faults, site: SiteDeclaration | None, elsewhere: Callable[[], frozenset[str]]
    ) -> None:
        # `elsewhere` are the requirements of every library: what one does not ask for may be another's.
        self.file, self.faults, self.site, self.elsewhere = file, faults, site, elsewhere
        self.bases: dict[tuple[str, str, str], Subject | None] = {}
        self.read: set[str] = set()

    def of(self, case: Case, library: Library) -> Subject | None:
        """The person of a case, or None with what is wrong noted; a faulty item is noted at its place."""
        before = len(self.faults)
        known = [requirement.name for requirement in library.requirements]
        for name, _ in case.change:
            if name.text not in known and name.text not in self.elsewhere():
                message = f"`{shown(name.text)}` is no requirement of {library.name}"
                self.faults.add(NameFault, name.span, message, help=did_you_mean(name.text, known))
        base = self.base(case, library) if case.base is not None else None
        if base is not None or case.base is None:
            self.without(case, base, known)
        changed = self.changed(case, library)
        if changed is None or len(self.faults) > before:
            return None
        if base is None:
            return changed
        names = {name.text for name, _ in (*case.given, *case.change)} | {s.text for s in case.without}
        return replace(
            base,
            evidence=_together(base.evidence, changed.evidence, names),
            absences=_together(base.absences, changed.absences, names),
            complete=_together(base.complete, changed.complete, names),
            searched=_together(base.searched, changed.searched, names),
            notices=(*(n for n in base.notices if n.requirement not in names), *changed.notices),
            digest="",
        )

    def base(self, case: Case, library: Library) -> Subject | None:
        """The base record; that it cannot be read is told in its own file, or at the key that names it."""
        assert case.base is not None
        path = base_file(self.file, case.base.text)
        key = (path.as_posix(), library.digest, repr(case.parameters))
        if key not in self.bases:
            self.bases[key] = self.record(path, case.base, library)
        return self.bases[key]

    def record(self, path: Path, named: Scalar, library: Library) -> Subject | None:
        try:
            data = path.read_bytes()
        except OSError:
            help = "its path is told from the folder of the case file, or from `records` in it"
            self.faults.add(SyntaxFault, named.span, f"there is no record `{shown(named.text)}`", help=help)
            return None
        try:
            if looks_like_fhir(data):
                return fhir.read_bundle(data, library, name=path.as_posix(), site=self.site)
            return profile.read_profile(data, library, name=path.as_posix(), site=self.site)
        except RecordError as wrong:
            self.faults.found += wrong.diagnostics
            return None

    def without(self, case: Case, base: Subject | None, known: Iterable[str]) -> None:
        """Notes what a case leaves out and its base does not have: it would say something else than it means."""
        for scalar in case.without:
            there = base is not None and any(
                scalar.text in part for part in (base.evidence, base.absences, base.complete)
            )
            if not there:
                message = f"the base record says nothing of `{shown(scalar.text)}`, so that it cannot be left out"
                self.faults.add(NameFault, scalar.span, message, help=did_you_mean(scalar.text, known))

    def changed(self, case: Case, library: Library) -> Subject | None:
        """What a case gives and changes, as a person of whom nothing else is known."""
        lines = self.faults.lines.get(self.file.as_posix(), ())
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        noted = record.Faults(self.file.as_posix(), starts=starts)
        turning = _Turning(starts)
        asked = {requirement.name for requirement in library.requirements}
        items: Map[str, tuple[record.Scalar, record.Tree]] = {}
        for entries in (case.given, case.change):
            # A name of another library that is nearly one of this is no slip here.
            own = tuple((n, t) for n, t in entries if n.text in asked or n.text not in self.elsewhere())
            items = {**items, **turning.items(own, case.date)}
        at = turning.at(case.name)
        head = {key: (record.Scalar(key, at, at), record.Scalar(text, at, at)) for key, text in _NOBODY.items()}
        evidence: record.Tree = record.Mapping(dict(items), at)
        whole = record.Mapping({**head, "evidence": (record.Scalar("evidence", at, at), evidence)}, at)
        try:
            return profile.subject_of(whole, noted, library, self.site)
        except RecordError as wrong:
            for found in wrong.diagnostics:
                self.faults.add(TypeFault, found.span, found.message, help=found.help, why=found.why)
            return None


def base_file(case_file: Path, named: str) -> Path:
    """The file of a base record: beside the case file, or in `records` there."""
    path = case_file.parent / named
    kept = case_file.parent / "records" / named
    return kept if kept.is_file() and not path.is_file() else path


def _together(base: Map[str, _Of], changed: Map[str, _Of], names: set[str]) -> dict[str, _Of]:
    """What the base says, and of some names what is changed."""
    kept = {name: found for name, found in base.items() if name not in names}
    return kept | {name: found for name, found in changed.items() if name in names}


class _Turning:
    """Entries of a case file as the tree of a record, each text at its place."""

    def __init__(self, starts: list[int]) -> None:
        self.starts = starts

    def at(self, tree: Tree) -> int:
        line = tree.span.line - 1
        return (self.starts[line] if 0 <= line < len(self.starts) else 0) + tree.span.column - 1

    def scalar(self, scalar: Scalar) -> record.Scalar:
        at = self.at(scalar)
        return record.Scalar(scalar.text, at, at + scalar.span.length)

    def tree(self, tree: Tree) -> record.Tree:
        match tree:
            case Scalar():
                return self.scalar(tree)
            case Sequence(items):
                return record.Sequence([self.tree(item) for item in items], self.at(tree))
            case Mapping(entries):
                below = {key.text: (self.scalar(key), self.tree(value)) for key, value in entries}
                return record.Mapping(below, self.at(tree))

    def items(self, entries: Entries, date: str) -> dict[str, tuple[record.Scalar, record.Tree]]:
        """The items of a record, each with the date of the file if it states none."""
        return {name.text: (self.scalar(name), self.dated(tree, date)) for name, tree in entries}

    def dated(self, item: Tree, date: str) -> record.Tree:
        found, at = self.tree(item), self.at(item)
        stated = record.Scalar("date", at, at), record.Scalar(date, at, at)
        match found:
            case record.Scalar():
                return record.Mapping({"value": (record.Scalar("value", at, at), found), "date": stated}, at)
            case record.Mapping(entries) if not any(key in entries for key in UNDATED):
                return record.Mapping({**entries, "date": stated}, at)
        return found
