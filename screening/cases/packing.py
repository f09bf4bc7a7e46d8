"""Made-up people as worked cases: several in one where they do not get into each other's way.

Each is there to tell a rule from what an author might have written instead; what is expected is what they say.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from screening.cases import written
from screening.interpreters.reference import Law, Run, plain
from screening.language.expression import Expression
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.record.subject import Subject

# Of more than so many a reader loses sight of what one case is about.
MOST = 12
ABOUT = """\
# Edge cases made from the rules themselves: each tells a rule apart from what might have been written instead.
# What is expected is what the rules say today. AWAITING SIGN-OFF: no clinician has confirmed any of it yet.
"""


@dataclass(frozen=True, slots=True)
class Ready:
    """A person of whom a changed expression says something else; None where it is only of the name as it is."""

    name: str
    changed: Expression | None
    title: str
    subject: Subject


def head(library: str, as_of: datetime.date) -> str:
    """The beginning of a case file whose cases rest on no record."""
    day = as_of.isoformat()
    return f"protocol: {library}\nbase: none\nas of: {day}\ndate: {day}\n\ncases:\n"


class Packing:
    """Made-up people of one library, written as cases."""

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.library, self.as_of, self.law = library, as_of, Law(library)

    def text(self, title: str, why: str, people: Sequence[Ready]) -> str:
        """Some people as one case, with what the rules say of the name of each; "" where nothing can be said."""
        subject = together([one.subject for one in people])
        trace = self.law.trace(subject, self.as_of)
        values = self.law.evaluate(subject, self.as_of)
        names = sorted({one.name for one in people})
        expect = written.expectation(names, self.library, values, determine(self.library, trace))
        return written.case_text(title, why, subject, self.library, expect) if expect else ""

    def packed(self, ready: Sequence[Ready], notices: Callable[[str, Sequence[Ready]], bool]) -> Iterator[str]:
        """All of them in as few cases as may be, each of which notices everything that it is there for."""
        groups: list[_Group] = []
        for one in ready:
            # One who is there already may do; else somebody whom what this one needs does not disturb.
            if any(group.tells(one) for group in groups if one.name in group.names):
                continue
            joined = (self._joined(group, one) for group in groups if group.has_room_for(one))
            found = next((both for both in joined if both is not None), None)
            if found is None:
                groups.append(self._group([one]))
        number = 0
        for group in groups:
            for people in [group.people] if len(group.people) > 1 else []:
                number += 1
                text = self.text(f"edge {number}", _why(people), people)
                if notices(text, people):
                    yield text
                    break
            else:
                for alone in group.people:
                    number += 1
                    yield self.text(f"edge {number}", _why([alone]), [alone])

    def _group(self, people: list[Ready]) -> _Group:
        subject = together([one.subject for one in people])
        run = Run(dict(self.law.parameters), subject.as_of(self.as_of), self.as_of)
        run.values = dict(self.law.evaluate(subject, self.as_of))
        return _Group(people, subject, run)

    def _joined(self, group: _Group, one: Ready) -> _Group | None:
        """A group with one more, if every one of them still shows what it is there to show."""
        both = self._group([*group.people, one])
        if not all(both.tells(each) for each in both.people):
            return None
        group.people, group.subject, group.run = both.people, both.subject, both.run
        return group


@dataclass(slots=True)
class _Group:
    """People who become one case, and what the rules say of all of them together."""

    people: list[Ready]
    subject: Subject
    run: Run

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.people}

    def tells(self, one: Ready) -> bool:
        """Whether a changed expression says something else here."""
        assert one.changed is not None
        return bool(plain(one.changed)(self.run, {}) != self.run.values[one.name])

    def has_room_for(self, one: Ready) -> bool:
        return len(self.people) < MOST and said_of(self.subject).isdisjoint(said_of(one.subject))


def said_of(subject: Subject) -> frozenset[str]:
    """The requirements of which anything is recorded."""
    return frozenset((*subject.evidence, *subject.absences, *subject.complete))


def together(people: Sequence[Subject]) -> Subject:
    """One person of whom everything is recorded that is of some."""
    first, *others = people
    for other in others:
        first = replace(
            first,
            evidence={**first.evidence, **other.evidence},
            absences={**first.absences, **other.absences},
            complete={**first.complete, **other.complete},
        )
    return first


def _why(people: Sequence[Ready]) -> str:
    return "tells apart: " + "; ".join(one.title for one in people)
