"""The rows of a cohort out of the compiled form: verdict, standing, every criterion, reasons, what is missing.

Sections 6.1 to 6.5 of the semantics once more, read off what the written text returns. What stands behind an
anchor is not told: the law says it of those whom it is asked about.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from screening.interpreters.compiled_open import (
    MET,
    MET_UNASKED,
    OPEN,
    OPEN_BY_BOTH,
    OPEN_BY_JUDGEMENT,
    OUTCOMES,
    UNMET,
    UNMET_UNASKED,
    RowText,
)
from screening.language.library import Criterion, Library
from screening.outcome.row import Row
from screening.record.subject import Completeness, Evidence, Subject
from screening.values import calendar
from screening.values.bounds import Bounds, exactly
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_ELIGIBLE, _INELIGIBLE, _UNDETERMINED, _REVIEW = range(4)
_VERDICTS = ("ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW")
_SHOWN = {
    MET: "TRUE", UNMET: "FALSE", OPEN: "UNKNOWN", OPEN_BY_BOTH: "UNKNOWN", OPEN_BY_JUDGEMENT: "UNKNOWN",
    MET_UNASKED: "NOT APPLICABLE", UNMET_UNASKED: "NOT APPLICABLE",
}  # fmt: skip
_EVERYTHING = -1


class _Meaning(NamedTuple):
    """What one outcome of one criterion says in a row.

    `shown` is the criterion with its word, `keeps` whether it keeps from ELIGIBLE, `decides` for each verdict
    whether it makes it, `bars` whether it speaks against.
    """

    shown: tuple[str, str]
    keeps: bool
    decides: tuple[bool, bool, bool, bool]
    bars: bool


def _meaning(criterion: Criterion, outcome: int) -> _Meaning:
    # SPEC: semantics 6.1 to 6.4.
    met, unmet = outcome in (MET, MET_UNASKED), outcome in (UNMET, UNMET_UNASKED)
    is_open, judged = not met and not unmet, outcome in (OPEN_BY_BOTH, OPEN_BY_JUDGEMENT)
    bars = criterion.strength == "absolute" and (unmet if criterion.category == "inclusion" else met)
    reviewed = judged or (criterion.strength == "relative" and not unmet)
    match criterion.strength:
        case "administrative":
            undetermined, keeps = not met, not met
        case "relative":
            undetermined, keeps = False, reviewed
        case _:
            undetermined = is_open and outcome != OPEN_BY_JUDGEMENT
            keeps = bars or reviewed or is_open
    decides = (False, bars, undetermined, reviewed or is_open)
    return _Meaning((criterion.id, _SHOWN[outcome]), keeps, decides, bars)


class Rows:
    """Makes rows of one library; with `day` for people of that day, of whom silence is worked out only once.

    Raises UnsupportedError for a node that the compiled form does not speak.
    """

    def __init__(self, library: Library, day: datetime.date | None) -> None:
        self.text = text = RowText(library, day)
        self.day = day
        self.names = text.page.names
        exec(compile("\n".join(text.written()), "<compiled library>", "exec"), self.names)
        self.written: Callable[..., Any] = self.names["written"]
        self.bits = text.bits
        self.meanings = [tuple(_meaning(c, outcome) for outcome in OUTCOMES) for c in library.criteria]
        self.ids = [criterion.id for criterion in library.criteria]
        self.held_back = {c.id for c in library.criteria if c.strength != "administrative"}
        self.births = [r.name for r in library.requirements if r.kind == "birth date"]
        self.sexes = [r.name for r in library.requirements if r.says_sex]
        self.usual: Mapping[str, Completeness] | None = None
        self.is_silence_plain = True

    def row(self, subject: Subject, day: datetime.date) -> Row:
        """One person on one day, without the evidence behind the anchors."""
        made = self.written(subject, day, self._said(subject, day), False)
        roots, outcomes, left, clashes, alerts, anchors, untils = made
        verdict = _verdict(*roots)
        found = [each[outcome] for each, outcome in zip(self.meanings, outcomes, strict=True)]
        deciding = [each.shown[0] for each in found if each.decides[verdict]]
        reasons = [each.shown[0] for each in found if each.keeps]
        if clashes:
            deciding, reasons = self._contradicted(found, verdict, clashes)
        return Row(
            id=subject.id,
            standing=_standing(verdict, anchors),
            verdict=_VERDICTS[verdict],
            criteria=tuple([each.shown for each in found]),
            deciding=tuple(deciding),
            reasons=tuple(reasons),
            missing=tuple([name for name, bit in self.bits.items() if left & bit]) if left else (),
            alerts=alerts,
            not_before=_not_before(found, untils) if verdict == _INELIGIBLE else "",
            age_years=self._age(subject, day),
            sex=self._sex(subject, day),
        )

    def _contradicted(
        self, found: list[_Meaning], verdict: int, clashes: list[str]
    ) -> tuple[list[str], list[str]]:
        """Criteria whose evidence contradicts itself are to be reviewed too."""
        decides = set(clashes) if verdict == _REVIEW else set()
        keeps = self.held_back.intersection(clashes)
        return (
            [each.shown[0] for each in found if each.decides[verdict] or each.shown[0] in decides],
            [each.shown[0] for each in found if each.keeps or each.shown[0] in keeps],
        )

    # ------------------------------------------------------------------------------------ silence

    def _said(self, subject: Subject, day: datetime.date) -> int:
        """The requirements of which this record says something that silence does not say."""
        if day != self.day:
            return _EVERYTHING
        usual = self.usual if self.usual is not None else self._learn(subject, day)
        if not self.is_silence_plain:
            return _EVERYTHING
        said, bits = 0, self.bits
        for name, rows in subject.evidence.items():
            if rows:
                said |= bits.get(name, 0)
        for name, denials in subject.absences.items():
            if denials:
                said |= bits.get(name, 0)
        if subject.complete != usual:
            for name in {*subject.complete, *usual}:
                if subject.complete.get(name) != usual.get(name):
                    said |= bits.get(name, 0)
        return said

    def _learn(self, subject: Subject, day: datetime.date) -> Mapping[str, Completeness]:
        """Works out once what silence says where the lists are complete that are so for the first person asked."""
        # INVARIANT: of a subject the text reads evidence, absences, completeness and concepts, by requirement,
        # and the number of concepts only beside rows or denials.
        self.usual = usual = dict(subject.complete)
        nobody = Subject(id="", evidence={}, complete=usual)
        found = self.written(nobody, day, _EVERYTHING, True)
        # Where silence itself contradicts something, nothing may be passed over.
        self.is_silence_plain = not found["conflicts"]
        for holder, names in self.text.silent.items():
            self.names[holder] = tuple(found[name] for name in names)
        return usual

    # ------------------------------------------------------------------------------------- people

    def _age(self, subject: Subject, day: datetime.date) -> str:
        for name in self.births:
            for row in subject.evidence.get(name, ()):
                born = row.value
                if _is_visible(row, day) and isinstance(born, Bounds) and isinstance(born[0], datetime.date):
                    low, high = calendar.age(born, exactly(day))
                    if low is None or high is None:
                        return ""
                    return str(low) if low == high else f"{low}..{high}"
        return ""

    def _sex(self, subject: Subject, day: datetime.date) -> str:
        for name in self.sexes:
            for row in subject.evidence.get(name, ()):
                if _is_visible(row, day) and isinstance(row.value, tuple):
                    return "; ".join(code.code for code in row.value)
        return ""


def _is_visible(row: Evidence, day: datetime.date) -> bool:
    first = row.when[0]
    return first is None or bool(first <= day)


def _verdict(eligible: Truth, favourable: Truth, review: Truth, arranged: Truth) -> int:
    if eligible is FALSE:
        return _INELIGIBLE
    if arranged is not TRUE or (eligible is UNKNOWN and favourable is not TRUE):
        return _UNDETERMINED
    return _ELIGIBLE if eligible is TRUE and review is FALSE else _REVIEW


def _standing(verdict: int, anchors: tuple[Truth, ...]) -> str:
    if verdict == _INELIGIBLE:
        return "RULED OUT"
    return "NOT RULED OUT" if all(anchor is TRUE for anchor in anchors) else "NO ANCHOR EVIDENCE"


def _not_before(found: list[_Meaning], untils: Mapping[str, Any]) -> str:
    """The first day on which every bar is over; "" if one of them has no date."""
    last: datetime.date | None = None
    for each in found:
        if each.bars:
            until = untils.get(each.shown[0])
            if not isinstance(until, Bounds) or until[1] is None:
                return ""
            last = until[1] if last is None else max(last, until[1])
    return "" if last is None else str(last.isoformat())
