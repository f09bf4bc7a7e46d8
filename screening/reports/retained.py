"""What a policy deletes and what stays, and whether somebody was among the people of a run; for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from screening.reports.ledger import row, short
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.words import AGAINST as AGAINST_MARK
from screening.reports.words import MET, counted, joined

_MOST_NAMED = 40


class Proved(Protocol):
    """A proof that was checked."""

    @property
    def position(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def signer(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def is_expected(self) -> bool: ...
    @property
    def why(self) -> str: ...


class Actor(Protocol):
    """Who entered something."""

    @property
    def name(self) -> str: ...


class Entered(Protocol):
    """An entry, as far as it is listed."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def statement(self) -> Mapping[str, Any]: ...


def proved(found: Proved) -> list[Line]:
    """Whether a row is among those of a run's entry, who signed it, and what that does not show."""
    if found.why:
        first, *rest = paragraph(found.why, f"{AGAINST_MARK} {'NOT PROVED':<11}", " " * 13)
        return [Line(first.text, AGAINST, 1, (2, 12)), *rest]
    what = f"row {found.position + 1:,} of {found.rows:,} of the run of entry {found.number:,}, {found.at[:19]}Z"
    lines = paragraph(what, f"{MET} {'PROVED':<11}", " " * 13)
    equal = "; it is the head that you gave" if found.is_expected else ""
    lines += row("Entry", f"{short(found.hash)}{equal}")
    if found.fingerprint:
        lines += row("Signed", f"by {found.signer}, key {found.fingerprint}; the signature fits")
    else:
        lines += row("Signed", "by nobody: people have no keys of their own in that ledger")
    unknown = "" if found.is_expected else ", or that the entry is in any ledger: no head kept elsewhere was given"
    return lines + row("Not shown", f"that the row is true{unknown}")


def due(tally: Sequence[tuple[str, int, int]], going: Sequence[str], before: str, is_done: bool) -> list[Line]:
    """Whose contents go or went by a policy, and how many people's stay, and for what."""
    (_, people, contents), *kept = tally
    since = f"; last entry before {before}" if before else ""
    lines = row("Purged" if is_done else "To purge", f"{_of(people, contents)}{since}")
    if going:
        more = f" and {len(going) - _MOST_NAMED:,} more" if len(going) > _MOST_NAMED else ""
        lines += row("", f"{', '.join(going[:_MOST_NAMED])}{more}")
    for reason, stay, held in kept:
        if stay:
            lines += row("Kept", f"{_of(stay, held)}: {reason}")
    if not is_done:
        lines.append(Line("  Nothing was deleted. Add --yes to delete it for good; copies and backups stay."))
    return lines


def _of(people: int, contents: int) -> str:
    return f"{counted(contents, 'content')} of {counted(people, 'person', 'people')}"


def listed(entries: Iterable[Entered]) -> list[Line]:
    """Entries, a line each: number, moment, kind, whom it is about, what it says, who entered it."""
    lines: list[Line] = []
    for entry in entries:
        words = (entry.statement.get(name) for name in ("verdict", "decision", "event", "effective"))
        said = joined((str(entry.kind), entry.about, *(str(word) for word in words if word), entry.reason), "  ")
        lines += row(f"{entry.number:,}", f"{entry.at[:19]}Z  {said}  by {entry.actor.name}")
    return lines or paragraph("  No entry is as was asked for.")
