"""What a line typed at a screen of an interview says of the questions on it.

Questions of yes or no are answered by their numbers: `2 5` are so, `2 2021-03` since then, `n` says none of the
others, `a` all of them, `?` the others are not known, `s` they are not asked; `2=n` and `2=?` speak of one
alone. What a line does not speak of stays open: nothing is an absence that nobody said. Values are written in
the order of the screen, or by number: `9 7`, `2=7`, each with its unit where it is not the one shown, all of
them perhaps `on 2026-11-16`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from screening.errors import TypeFault
from screening.evaluation import answer_rows
from screening.evaluation.answer_value import EVENTS, item, past
from screening.evaluation.names import DAY, YES, canonical
from screening.evaluation.said import TOLD, WHO, Beside, Wanting
from screening.evaluation.units import NotTaken, is_unit
from screening.language.library import DataRequirement, Library
from screening.outcome.form import takes
from screening.outcome.interview import Answered, Page
from screening.reading.faults import shown
from screening.values.frozen import dataclass

TRUTHS = ("Boolean", "Judgement")
_NUMBERED = re.compile(r"(?<!\S)(\d{1,3})\s*=\s*")
_RANGE = re.compile(r"(\d{1,3})-(\d{1,3})\Z")
_UNIT = re.compile(r"[A-Za-z%\u00b5\[/{(]\S*\Z")
_BY = re.compile(r"(?:^|\s)by\s+(\S.*)\Z", re.IGNORECASE)
_ON = re.compile(r"(?:^|\s)on\s+(\S+)\Z", re.IGNORECASE)
_REST = {"n": "FALSE", "a": "TRUE", "?": "?", "s": "s"}


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed, with what it says of all its answers taken off: who says so, who judged, on which day."""

    text: str
    who: str = ""
    judge: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What an answer says, and each value as it is read back."""

    answered: Answered
    values: Mapping[str, str]


def read(library: Library, page: Page, text: str, beside: Beside) -> ReadBack:
    """What a line says of a page. Raises NotTaken for what cannot be, Wanting for what one thing is missing of."""
    if page.shape == "list":
        return _listed(library, page, text, beside)
    line = _taken_apart(page, text)
    return _Reading(page, line, _beside(beside, line)).whole()


def _beside(beside: Beside, line: Line) -> Beside:
    return Beside(
        beside.day, beside.by, beside.who or line.who, beside.judge or line.judge, beside.whole, beside.sure
    )


def _listed(library: Library, page: Page, text: str, beside: Beside) -> ReadBack:
    (requirement,) = page.asked
    plain = text.strip().casefold()
    if plain in ("?", "s"):
        kept = frozenset(page.names)
        return ReadBack(Answered(unknown=kept) if plain == "?" else Answered(skipped=kept), {})
    found, said = answer_rows.item(library, requirement, text, beside)
    return ReadBack(Answered({requirement.name: found}), {requirement.name: said})


def _taken_apart(page: Page, text: str) -> Line:
    """A line without what it says of all its answers together."""
    judge = date = who = ""
    if found := _BY.search(text):
        text, judge = text[: found.start()], found[1].strip()
    if found := _ON.search(text):
        text, date = text[: found.start()], found[1]
    words = text.split()
    has_truths = any(r.type.name in TRUTHS for r in page.asked)
    if len(words) > 1 and words[-1].casefold() in WHO and words[-2].casefold() in ("n", "a") and has_truths:
        text, who = " ".join(words[:-1]), words[-1].casefold()
    return Line(text.strip().strip(",;").strip(), who, judge, date)


class _Reading:
    """One line, read for one page."""

    def __init__(self, page: Page, line: Line, beside: Beside) -> None:
        self.page, self.line, self.beside = page, line, beside
        self.date = past(line.date, beside) if line.date else ""
        self.items: dict[str, Any] = {}
        self.values: dict[str, str] = {}
        self.unknown: set[str] = set()
        self.skipped: set[str] = set()
        self.truths: dict[str, tuple[str, str]] = {}

    def whole(self) -> ReadBack:
        before, *numbered = _NUMBERED.split(self.line.text)
        rest = ""
        if numbered:
            numbered[-1], rest = self.without_rest(numbered[-1])
        if self.page.shape in ("values", "when"):
            self.in_order(before)
        elif before.strip():
            rest = self.numbers(before, rest)
        for number, value in zip(numbered[::2], numbered[1::2], strict=True):
            self.one(self.asked(number), value.strip().strip(",;").strip())
        if not (self.truths or self.items or self.unknown or self.skipped or rest):
            raise NotTaken(TypeFault, "nothing was answered", self.help())
        self.others(rest)
        self.settle_truths()
        answered = Answered(self.items, frozenset(self.unknown), frozenset(self.skipped))
        return ReadBack(answered, self.values)

    def help(self) -> str:
        if self.page.shape in ("values", "when"):
            return "write the values in their order, or by number: `2=7`"
        return "write the numbers of what is so, n none of these, ? not known, s not asked"

    def without_rest(self, text: str) -> tuple[str, str]:
        """What ends a line and speaks of all the others, taken off its last value."""
        words = text.split()
        if len(words) > 1 and words[-1].casefold() in _REST:
            return " ".join(words[:-1]), words[-1].casefold()
        return text, ""

    def asked(self, number: str) -> DataRequirement:
        if not 1 <= int(number) <= len(self.page.asked):
            raise NotTaken(TypeFault, f"there is no {int(number)} on this screen", f"1 to {len(self.page.asked)}")
        return self.page.asked[int(number) - 1]

    # ------------------------------------------------------------------------- questions of yes or no

    def numbers(self, text: str, rest: str) -> str:
        """Numbers of what is so, each perhaps with a date, and what is said of the others."""
        words = [word for part in text.split() for word in part.split(",") if word]
        last: DataRequirement | None = None
        if len(self.page.asked) == 1 and len(words) == 1 and words[0].casefold() in YES and words[0] not in "10":
            # One question alone may simply be answered.
            self.truth(self.page.asked[0], YES[words[0].casefold()])
            return rest
        for word in words:
            if word.casefold() in _REST:
                rest = word.casefold()
            elif last is not None and DAY.match(word):
                self.truths[last.name] = ("TRUE", past(word, self.beside))
                last = None
            elif word.isascii() and word.isdigit() and len(word) <= 3:
                last = self.asked(word)
                self.truth(last, "TRUE")
            elif (found := _RANGE.match(word)) and int(found[1]) < int(found[2]):
                for number in range(int(found[1]), int(found[2]) + 1):
                    self.truth(self.asked(str(number)), "TRUE")
            else:
                raise NotTaken(TypeFault, f"`{shown(word)}` is no answer here", self.help())
        return rest

    def truth(self, requirement: DataRequirement, answer: str) -> None:
        if requirement.type.name not in TRUTHS:
            number = self.page.names.index(requirement.name) + 1
            label = requirement.label or requirement.name
            help = f"write its value: `{number}=`, {takes(requirement)}"
            raise NotTaken(TypeFault, f"{number}, {label}, is not a question of yes or no", help)
        self.truths.setdefault(requirement.name, (answer, ""))

    def others(self, rest: str) -> None:
        """What is said of every question that the line does not name."""
        if not rest:
            return
        named = {*self.truths, *self.items, *self.unknown, *self.skipped}
        for requirement in self.page.asked:
            if requirement.name in named:
                continue
            if rest == "?":
                self.unknown.add(requirement.name)
            elif rest == "s":
                self.skipped.add(requirement.name)
            elif requirement.type.name in TRUTHS:
                self.truths[requirement.name] = (_REST[rest], "")

    def settle_truths(self) -> None:
        """Answers of yes and no as items, each with who says so."""
        if not self.truths:
            return
        if self.page.obtain in TOLD and not self.beside.who:
            raise Wanting("who")
        judged = any(r.type.name == "Judgement" for r in self.page.asked if r.name in self.truths)
        if judged and not self.beside.judge:
            raise Wanting("judge")
        for requirement in self.page.asked:
            if requirement.name in self.truths:
                answer, date = self.truths[requirement.name]
                self.items[requirement.name] = self.said(requirement, answer, date or self.date)
                since = f", {date}" if date else ""
                self.values[requirement.name] = f"{'yes' if answer == 'TRUE' else 'no'}{since}"

    def said(self, requirement: DataRequirement, answer: str, date: str) -> Any:
        """One answer of yes or no. What is so since an unknown day is not dated on the day of the question."""
        by = self.beside.judge if requirement.type.name == "Judgement" else self.beside.by
        told = {"by": by, "source": self.beside.source(self.page.obtain)}
        is_event = requirement.kind in EVENTS and not requirement.active_only
        if answer == "TRUE" and is_event:
            return {"value": answer, **({"date": date} if date else {}), **told}
        return {"value": answer, "date": date or self.beside.day.isoformat(), **told}

    # ---------------------------------------------------------------------------------------- values

    def in_order(self, text: str) -> None:
        """Values in the order of the screen; `?` for one that is not known, `-` for one that is left."""
        # A comma inside a word may be meant as a decimal point, and is refused with the number.
        words = [word for part in re.split(r"[\s;]+", text) if (word := part.strip(","))]
        places = iter(self.page.asked)
        while words:
            if len(words) == 1 and words[0].casefold() == "s" and not self.items:
                self.skipped |= set(self.page.names)
                return
            requirement = next(places, None)
            if words == ["s"] and requirement is not None:
                left = self.page.names.index(requirement.name)
                self.skipped |= set(self.page.names[left:])
                return
            if words == ["?"] and requirement is self.page.asked[0]:
                self.unknown |= set(self.page.names)
                return
            if requirement is None:
                many = f"there are more values than questions ({len(self.page.asked)})"
                raise NotTaken(TypeFault, many, "write them by number: `2=7`")
            count = _length(requirement, words)
            value, words = " ".join(words[:count]), words[count:]
            if value != "-":
                self.one(requirement, value)

    def one(self, requirement: DataRequirement, value: str) -> None:
        """One value of one question."""
        plain = value.casefold()
        if requirement.name in self.items or requirement.name in self.truths:
            label = requirement.label or requirement.name
            raise NotTaken(TypeFault, f"{label} is answered twice", "answer it once")
        if plain == "?":
            self.unknown.add(requirement.name)
        elif plain == "s" and requirement.type.unit != "s":
            self.skipped.add(requirement.name)
        elif self.page.shape == "when":
            when = past(value.removeprefix("@"), self.beside)
            self.items[requirement.name] = self.said(requirement, "TRUE", when)
            self.values[requirement.name] = f"yes, {when}"
        elif requirement.type.name in TRUTHS:
            answer, date = [*value.split(), "", ""][:2]
            if answer.casefold() not in YES:
                raise NotTaken(TypeFault, f"`{shown(answer)}` is neither yes nor no", "write y, n, ? or s")
            self.truths[requirement.name] = (YES[answer.casefold()], past(date, self.beside) if date else "")
        else:
            value, _, date = value.partition("@") if not value.startswith("@") else (value, "", "")
            found, said = item(requirement, value.strip(), date.strip() or self.date, self.beside)
            self.items[requirement.name], self.values[requirement.name] = found, said


def _length(requirement: DataRequirement, words: Sequence[str]) -> int:
    """How many of the next words are one value: a declared answer of several words, a number with its unit."""
    if requirement.answers:
        more = next((n for n, word in enumerate(words[1:]) if not word[:1].isalpha()), len(words) - 1)
        for count in range(min(more + 1, 6), 1, -1):
            if canonical(requirement, " ".join(words[:count])) is not None:
                return count
        return 1
    count = 1
    if any(c.isdigit() for c in words[0]):
        count += len(list(_units(words[1:], requirement.type.unit)))
    return count


def _units(words: Sequence[str], unit: str) -> Iterator[str]:
    """The words behind a number that belong to its unit."""
    for word in words:
        if not _UNIT.match(word) or (word.casefold() == "s" and unit != "s") or not is_unit(word):
            return
        yield word
