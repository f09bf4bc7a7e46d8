"""One criterion in words: in full, on one line, or its values alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from screening.language.library import Criterion
from screening.outcome.determination import NOT_APPLICABLE
from screening.reports.account import Account, is_chosen, is_unverified
from screening.reports.gap import Point
from screening.reports.measure import brief
from screening.reports.reason import points, word_of
from screening.reports.words import (
    MARGIN,
    SITE_CHOICE,
    UNVERIFIED,
    WIDTH,
    columns,
    cut_to,
    folded,
    joined,
    safe,
    shortened,
)
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE

_LONGEST_TITLE = 44
_MOST_LABELS = 4
_FULL = 10 * WIDTH


@dataclass(frozen=True, slots=True)
class Wording:
    """A criterion's state and reasons: in full (`long`), for one line (`forms`), longest first; its marks.

    `head` and `values` are what is left where no form fits: so many values as do, the others counted, and
    where not even one fits the `title`, cut.
    """

    long: tuple[str, ...]
    forms: tuple[str, ...]
    marks: str
    head: str = ""
    values: tuple[str, ...] = ()
    title: str = ""

    def full(self, rows: int) -> str:
        """The first of the long forms that takes so many rows at most, else the last; nothing is lost."""
        every = [form + self.marks for form in self.long]
        return next((f for f in every if len(folded(f, " " * MARGIN, " " * MARGIN)) <= rows), every[-1])

    def within(self, width: int) -> str:
        """The longest form that fits so many columns with its marks; else so many values as fit."""
        room = width - len(self.marks)
        counted = (self._counted(n) for n in range(len(self.values) - 1, 0, -1))
        fitting = next((form for form in (*self.forms, *counted) if columns(form) <= room), None)
        return (fitting or cut_to(f"{self.head}{self.title}" or self.forms[-1], room)) + self.marks

    def _counted(self, shown: int) -> str:
        return f"{self.head}{', '.join(self.values[:shown])}, {len(self.values) - shown} more"


def said(point: Point, provenance: bool, alone: bool = False) -> str:
    """One point: label, value, date, limit, place."""
    text = joined((named(point, point.scale if alone else ""), point.dated, point.passed))
    if point.limit:
        limit = point.limit if point.limit.startswith("not ") else f"limit {point.limit}"
        text += f"; {limit}" if "(" in limit else f" ({limit})"
    return f"{text}; {point.origin}" if provenance and point.origin else text


def in_brief(account: Account, found: Sequence[Point]) -> list[Point]:
    """The same points with the ids of resources shortened, and without the source that the whole record has."""
    whole = safe(account.subject.source)
    return [replace(point, origin=_without(brief(point.origin), whole)) for point in found]


def _without(origin: str, source: str) -> str:
    if not source or not origin.startswith(source):
        return origin
    rest = origin.removeprefix(source)
    return "" if not rest or re.fullmatch(r", rows? [\d, ]+", rest) else origin


def named(point: Point, scale: str = "") -> str:
    """A value behind its label; words are set off by a colon, numbers are not."""
    if not point.value:
        return point.label
    is_number = point.value[0] in "0123456789<>-" or point.label.endswith(":")
    return f"{point.label}{'' if is_number else ':'} {point.value}{scale}"


def title_of(criterion: Criterion, width: int = _LONGEST_TITLE) -> str:
    """The sentence of a criterion, short enough to stand before its reasons."""
    text = shortened(safe(criterion.text)).rstrip(".")
    if columns(text) > width:
        head = text.partition("; ")[0]
        text = head if columns(head) <= width else head.partition(", ")[0]
    if re.match(r"[A-Z]([a-z]| [a-z])", text):
        text = text[:1].lower() + text[1:]
    return cut_to(text, width)


def marks_of(account: Account, criterion: Criterion) -> str:
    """The marks on the line of a limit: `[site choice]`, `[unverified]`."""
    chosen = is_chosen(criterion, account.library, account.expressions)
    unverified = is_unverified(criterion, account.library, account.expressions)
    return (f" {SITE_CHOICE}" if chosen else "") + (f" {UNVERIFIED}" if unverified else "")


def wording(account: Account, criterion: Criterion, provenance: bool, whole: bool = False) -> Wording:
    """State, sentence and reasons of a criterion."""
    finding = account.findings[criterion.id]
    word = word_of(criterion, finding)
    every = points(account, criterion) if whole else in_brief(account, points(account, criterion))
    gaps, found = [p for p in every if p.gap], merged([p for p in every if not p.gap])
    marks = marks_of(account, criterion)
    if whole:
        body = "; ".join((*_values(found, provenance), *gap_texts(gaps, len(gaps))))
        return _worded([joined((f"{word}: {title_of(criterion, _FULL)}", body), ": ")], [], marks)
    if len(found) + len(gaps) == 1 and finding.shown != NOT_APPLICABLE:
        single = _single(word, [*found, *gaps][0], provenance)
        return _worded(single[:1], single, marks)
    title = title_of(criterion)
    if gaps:
        texts = gap_texts(gaps, _MOST_LABELS)
        shorter = f"{texts[0].replace(': ', f': {word}; ', 1)}" if len(texts) == 1 else ""
        forms = [f"{title}: {word}; {'; '.join((*_values(found, provenance), *texts))}"]
        forms += [f"{title}: {word}; {'; '.join(texts)}", shorter or f"{word}: {'; '.join(texts)}"]
        return _worded(forms[:1], forms, marks)
    told = "; ".join(_values(found, provenance))
    brief = [shortened(_brief(point)) for point in sorted(found, key=lambda p: not p.limit)]
    values = ", ".join(brief)
    forms = [f"{word}: {joined((title, text), ': ')}" for text in (told, values)]
    applies = criterion.applies.strip().strip('"')
    if finding.shown == NOT_APPLICABLE and re.fullmatch(r"[^\"()<>=]+", applies):
        forms += [f"{word}: {title}; {safe(applies)}: no", f"{word}: {safe(applies)}: no"]
    long = [forms[0], f"{word}: {told or title}"]
    return _worded(long, [*forms, f"{word}: {values}"] if values else forms, marks, f"{word}: ", brief, title)


def _brief(point: Point) -> str:
    """A value behind its label, as short as it can be said."""
    value = (point.brief or point.value).replace(" different ", " ", 1)
    return point.label.rstrip(":") if value == "yes" else named(replace(point, value=value))


def _worded(
    long: Sequence[str],
    forms: Sequence[str],
    marks: str,
    head: str = "",
    values: Sequence[str] = (),
    title: str = "",
) -> Wording:
    worded = tuple(map(shortened, long)), tuple(map(shortened, forms or long))
    return Wording(*worded, marks, head, tuple(values), title)


def _single(word: str, point: Point, provenance: bool) -> tuple[str, ...]:
    """A criterion that turns on one thing: that thing, without the sentence that says it again."""
    if point.gap:
        cause = joined((point.gap, point.value, point.dated, point.origin if provenance else ""))
        if word == "judgement open":
            return (f"{word}: {point.label}",)
        first, second = (point.label, word) if word == "unknown" else (word, point.label)
        return (f"{first}: {second}; {cause}",)
    if point.value == "yes":
        point = replace(point, value="")
    return tuple(f"{word}: {said(point, told, alone=True)}" for told in dict.fromkeys((provenance, False)))


def merged(found: Sequence[Point]) -> list[Point]:
    """Points of one value with several limits, as one; what holds comes first, what does not says so."""
    truths = {point.truth for point in found}
    mixed = {TRUE, FALSE} <= truths
    together: dict[tuple[str, ...], list[Point]] = {}
    for point in sorted(found, key=lambda p: p.truth is FALSE) if mixed else found:
        key = (point.label, point.value, point.dated, point.origin)
        together.setdefault(key, []).append(point)
    kept = []
    for group in together.values():
        limits = [f"not {p.limit}" if mixed and p.truth is FALSE else p.limit for p in group if p.limit]
        kept.append(replace(group[0], limit=", ".join(dict.fromkeys(limits))))
    return kept


def _values(found: Sequence[Point], provenance: bool) -> tuple[str, ...]:
    return tuple(said(point, provenance) for point in found)


def gap_texts(gaps: Sequence[Point], most: int) -> list[str]:
    """Gaps, those of one cause together: `WPI, SSS: nobody has asked`; of many labels the rest counted."""
    together: dict[str, list[str]] = {}
    for point in gaps:
        cause = joined((point.gap, point.value, point.dated, point.origin))
        together.setdefault(cause, []).append(point.label)
    found = []
    for cause, labels in together.items():
        shown = labels if len(labels) <= most else [*labels[: most - 1], f"{len(labels) - most + 1} more"]
        found.append(f"{', '.join(shown)}: {cause}")
    return found
