"""Made-up people as worked cases: few of them who tell many slips apart, several in one case where none disturbs
another.

Each is there to tell a rule from what an author might have written instead; what is expected is what they say.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from screening.cases import written
from screening.interpreters.reference import Law, Run, plain
from screening.language.expression import Expression
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.record.subject import Subject

# Of more people than so many in one case a reader loses sight of what it is about; of a person so many slips are
# named, and how many more there are.
MOST, NAMED = 4, 4
ABOUT = """\
# Edge cases made from the rules themselves: each tells a rule apart from what might have been written instead.
# What is expected is what the rules say today. AWAITING SIGN-OFF: no clinician has confirmed any of it yet.
"""


@dataclass(frozen=True, slots=True)
class Slip:
    """A named expression as it might have been written instead, and the slip in an author's words."""

    name: str
    changed: Expression
    said: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up for a name, with what everything below that name is worth of them."""

    name: str
    subject: Subject
    run: Run

    def tells(self, slip: Slip) -> bool:
        """Whether a slip comes out otherwise of this person; what is not below the name is not known."""
        if slip.name not in self.run.values:
            return False
        return bool(plain(slip.changed)(self.run, {}) != self.run.values[slip.name])


@dataclass(slots=True)
class Shown:
    """A person, and the slips that nobody before tells apart; `reads` is what their names read."""

    person: Person
    slips: list[Slip] = field(default_factory=list)
    reads: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(slip.name for slip in self.slips))


def head(library: str, as_of: datetime.date) -> str:
    """The beginning of a case file whose cases rest on no record."""
    day = as_of.isoformat()
    return f"protocol: {library}\nbase: none\nas of: {day}\ndate: {day}\n\ncases:\n"


class Packing:
    """Made-up people of one library, written as cases."""

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.library, self.as_of, self.law = library, as_of, Law(library)
        self._texts = {c.id: c.text for c in library.criteria}

    def text(self, title: str, why: str, names: Sequence[str], subject: Subject) -> str:
        """A person as a case, with what the rules say of some names; "" where nothing can be said of them."""
        trace = self.law.trace(subject, self.as_of)
        values = self.law.evaluate(subject, self.as_of)
        expect = written.expectation(
            list(dict.fromkeys(names)), self.library, values, determine(self.library, trace)
        )
        return written.case_text(title, why, subject, self.library, expect) if expect else ""

    def packed(
        self,
        people: Sequence[Person],
        slips: Sequence[Slip],
        reads: Mapping[str, frozenset[str]],
        notices: Callable[[str, Sequence[Slip]], list[Slip]],
    ) -> Iterator[str]:
        """As few people as tell all slips apart, in as few cases as may be; `reads` are the inputs of each name.

        `notices` says which slips a case, read back, truly notices: nobody is kept for others.
        """
        number = 0
        # Who cannot be written down, or not so that it is noticed, stands alone or not at all: others need not.
        kept = [shown for one in covering(people, slips) if (shown := self._kept(one, notices)) is not None]
        for group in _apart(kept, reads):
            wanted = [slip for one in group for slip in one.slips]
            text = self._case(number + 1, group)
            if len(group) > 1 and len(notices(text, wanted)) < len(wanted):
                texts = [self._case(number + 1 + at, [one]) for at, one in enumerate(group)]
            else:
                texts = [text]
            number += len(texts)
            yield from texts

    def _kept(self, one: Shown, notices: Callable[[str, Sequence[Slip]], list[Slip]]) -> Shown | None:
        """Somebody with the slips that are noticed once they are written down; None where none is."""
        text = self._case(0, [one])
        seen = notices(text, one.slips) if text else []
        return replace(one, slips=seen) if seen else None

    def _case(self, number: int, group: Sequence[Shown]) -> str:
        names = list(dict.fromkeys(name for one in group for name in one.names))
        subject = together([one.person.subject for one in group])
        return self.text(f"edge {number}, {_few(names, 'name')}", self._why(group), names, subject)

    def _why(self, group: Sequence[Shown]) -> str:
        """What the case would show to be mistaken, of the names of which it is the same together."""
        mistakes: dict[str, list[str]] = {}
        for one in group:
            for name in one.names:
                said = _few(dict.fromkeys(in_words(slip.said) for slip in one.slips if slip.name == name), "slip")
                mistakes.setdefault(said, []).append(self._named(name))
        return "would show: " + "; ".join(f"{', '.join(names)}: {said}" for said, names in mistakes.items())

    def _named(self, name: str) -> str:
        text = self._texts.get(name, "")
        what = f"the alert of {name[6:]}" if name.startswith("alert:") else name
        return f"{what} ({text})" if text else what


def covering(people: Sequence[Person], slips: Sequence[Slip]) -> list[Shown]:
    """Who tells most slips apart, then who tells most of the rest, and so on; in the order of the slips."""
    left = {at: [n for n, slip in enumerate(slips) if person.tells(slip)] for at, person in enumerate(people)}
    waiting, found = set(range(len(slips))), list[tuple[int, Shown]]()
    while left:
        left = {at: kept for at, told in left.items() if (kept := [n for n in told if n in waiting])}
        if not left:
            break
        # Of people who tell as many, the first: the same file each time.
        best = max(left, key=lambda at: (len(left[at]), -at))
        told = left.pop(best)
        waiting.difference_update(told)
        found.append((told[0], Shown(people[best], [slips[n] for n in told])))
    return [shown for _, shown in sorted(found, key=lambda pair: pair[0])]


def _apart(shown: Sequence[Shown], reads: Mapping[str, frozenset[str]]) -> list[list[Shown]]:
    """People in groups, of whom none has anything recorded that the names of another read."""
    groups: list[list[Shown]] = []
    for one in shown:
        one.reads = frozenset().union(*(reads[name] for name in one.names))
        fits = (group for group in groups if len(group) < MOST and all(_is_apart(one, other) for other in group))
        found = next(fits, None)
        if found is None:
            groups.append([one])
        else:
            found.append(one)
    return groups


def _is_apart(one: Shown, other: Shown) -> bool:
    recorded = said_of(one.person.subject), said_of(other.person.subject)
    return recorded[0].isdisjoint(other.reads | recorded[1]) and recorded[1].isdisjoint(one.reads)


def _few(words: Mapping[str, None] | Sequence[str], what: str) -> str:
    """Some of the words, and how many more there are."""
    listed = list(words)
    more = len(listed) - NAMED
    kept = listed[:NAMED] if more > 1 else listed
    return ", ".join(kept) + (f" and {more} more {what}s" if more > 1 else "")


_WORDS = (
    (r"`(first|latest|highest|lowest)` for `(\w+)`", r"the \1 reading taken for the \2"),
    (r"`where` left out", "entries counted that the window or condition keeps out"),
    (r"one reading for several", "one reading taken to be enough"),
    (r"(days|weeks|months|years) for (hours|days|weeks|months|years)", r"a window in \1 for one in \2"),
    (r"`or (less|more) (before|after)` for `(.+)`", r"a window so long or \1 \2 for `\3`"),
    (r"(.+) one (less|more)", r"\1, one \2 than declared"),
    (r"(-?[\d.]+) for (-?[\d.]+)", r"\1 written for \2"),
    (r"`(.+)` for `(.+)`", r"`\1` written for `\2`"),
    (r"part (\d+) left out", r"its part \1 forgotten"),
    (r"(.+) left out", r"\1 forgotten"),
    (r"the (day itself|lower end|upper end) in or out", r"the \1 counted the other way"),
    (r"a dropped `not`", "a forgotten `not`"),
)


def in_words(slip: str) -> str:
    """A slip as somebody who reads no rule files would call it."""
    for pattern, words in _WORDS:
        found = re.fullmatch(pattern, slip)
        if found is not None:
            return found.expand(words)
    return slip


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
