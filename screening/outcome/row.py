"""What a run over many people keeps of one of them: one row, in data, in the order of the protocol.

Everything is read off a determination, nothing is evaluated. A person of whom the interpreters disagree keeps a
row too, NOT SCREENED, which says nothing else: nobody is lost, and nobody is given a verdict that does not hold.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from screening.language.library import Criterion, Library
from screening.outcome.determination import (
    Determination,
    Finding,
    Standing,
    Verdict,
    facts_behind,
    is_bar,
    rescreen_not_before,
)
from screening.outcome.trace import Trace
from screening.record.subject import Evidence, Subject
from screening.values import calendar
from screening.values.bounds import Bounds, exactly
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, UNKNOWN

NOT_SCREENED = "NOT SCREENED"
# How the rows and the manifest of a run are written; another form gets another name.
FORMAT = "screening-cohort-1"


@dataclass(frozen=True, slots=True)
class Row:
    """One person on one day.

    `standing` and `verdict` are the words of the semantics, or NOT SCREENED. `criteria` holds TRUE, FALSE, UNKNOWN
    or NOT APPLICABLE for every criterion, in the order of the protocol. `deciding` are the criteria that make the
    verdict, `reasons` all that keep it from ELIGIBLE. `missing` are requirements, in the order of the library,
    `evidence` says what stands behind each anchor of somebody who is NOT RULED OUT. `not_before` is the first day
    on which every bar is over by its date. `place` names the node at which a person was not screened.
    """

    id: str
    standing: str
    verdict: str
    criteria: tuple[tuple[str, str], ...] = ()
    deciding: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    not_before: str = ""
    age_years: str = ""
    sex: str = ""
    place: str = ""

    @property
    def is_screened(self) -> bool:
        """Whether there is a verdict."""
        return self.verdict != NOT_SCREENED

    @property
    def is_listed(self) -> bool:
        """Whether this is somebody to look at: NOT RULED OUT, which never means eligible."""
        return self.standing == Standing.NOT_RULED_OUT.value


def not_screened(id: str, place: str = "") -> Row:
    """The row of somebody of whom nothing may be concluded."""
    return Row(id, NOT_SCREENED, NOT_SCREENED, place=place)


def row_of(library: Library, subject: Subject, trace: Trace, made: Determination) -> Row:
    """The row of one person whose determination was read off this trace; `subject` is as of its day."""
    pairs = list(zip(library.criteria, made.findings, strict=True))
    # In the order of the library, which every interpreter can keep, whatever path it found them by.
    missing = {name for finding in made.findings for name in finding.open}
    day = rescreen_not_before(made)
    is_listed = made.standing is Standing.NOT_RULED_OUT
    return Row(
        id=subject.id,
        standing=made.standing.value,
        verdict=made.verdict.value,
        criteria=tuple((finding.id, finding.shown) for finding in made.findings),
        deciding=tuple(f.id for c, f in pairs if _decides(made.verdict, c, f, made)),
        reasons=tuple(f.id for c, f in pairs if _keeps_open(c, f, made)),
        missing=tuple(r.name for r in library.requirements if r.name in missing),
        alerts=tuple(alert.criterion for alert in made.alerts),
        evidence=_evidence(library, subject, trace) if is_listed else (),
        not_before=day.isoformat() if day is not None else "",
        age_years=_age(library, subject, trace.as_of),
        sex=_sex(library, subject),
    )


def _decides(verdict: Verdict, criterion: Criterion, finding: Finding, made: Determination) -> bool:
    """Whether a criterion is one of those that make the verdict."""
    match verdict:
        case Verdict.ELIGIBLE:
            return False
        case Verdict.INELIGIBLE:
            return is_bar(criterion, finding.truth)
        case Verdict.UNDETERMINED if criterion.strength == "administrative":
            return finding.truth is not TRUE
        case Verdict.UNDETERMINED if criterion.strength == "relative":
            return False
        case Verdict.UNDETERMINED:
            turns_on_judgement = bool(finding.judgements) and set(finding.open) == set(finding.judgements)
            return finding.truth is UNKNOWN and not turns_on_judgement
        case Verdict.REVIEW:
            return finding.id in made.to_review or finding.truth is UNKNOWN


def _keeps_open(criterion: Criterion, finding: Finding, made: Determination) -> bool:
    """Whether a criterion keeps the person from ELIGIBLE, whatever else does."""
    if criterion.strength == "administrative":
        return finding.truth is not TRUE
    if is_bar(criterion, finding.truth) or finding.id in made.to_review:
        return True
    return finding.truth is UNKNOWN and criterion.strength == "absolute"


def _evidence(library: Library, subject: Subject, trace: Trace) -> tuple[str, ...]:
    """What stands behind each anchor: `Recorded RA: condition c1, 2019-03-02`; the latest, others counted."""
    facts = {row.id: row for rows in subject.evidence.values() for row in rows}
    said = []
    for anchor in library.anchors:
        rows = [facts[id] for id in facts_behind(library, trace, anchor) if id in facts]
        dated = sorted(rows, key=lambda row: (row.when.low or datetime.date.min, row.id))
        more = f", {len(dated) - 1} more" if len(dated) > 1 else ""
        said.append(f"{anchor}: {_entry(dated[-1])}{more}" if dated else f"{anchor}: derived")
    return tuple(said)


def _entry(row: Evidence) -> str:
    when = _days(row.when)
    return f"{row.origin or row.requirement}{f', {when}' if when else ''}"


def _days(when: Bounds) -> str:
    """A date as far as it is known."""
    if when.low is None:
        return ""
    if when.low == when.high:
        return str(when.low.isoformat())
    return f"{when.low.isoformat()} to {when.high.isoformat() if when.high is not None else 'later'}"


def _age(library: Library, subject: Subject, as_of: datetime.date) -> str:
    """Completed years on the day, `64..65` where the date of birth leaves it open, "" where it is not recorded."""
    for name in (r.name for r in library.requirements if r.kind == "birth date"):
        for row in subject.evidence.get(name, ()):
            if isinstance(row.value, Bounds) and isinstance(row.value.low, datetime.date):
                years = calendar.age(row.value, exactly(as_of))
                if years.low is None or years.high is None:
                    return ""
                return str(years.low) if years.low == years.high else f"{years.low}..{years.high}"
    return ""


def _sex(library: Library, subject: Subject) -> str:
    """Sex as the protocol asks for it, "" where it is not asked for or not recorded."""
    for name in (r.name for r in library.requirements if r.says_sex):
        for row in subject.evidence.get(name, ()):
            if isinstance(row.value, tuple):
                return "; ".join(code.code for code in row.value)
    return ""


# ---------------------------------------------------------------------------------------- data

_LISTS = ("deciding", "reasons", "missing", "alerts", "evidence")
_TEXTS = ("standing", "verdict", "not_before", "age_years", "sex", "place")


def row_data(row: Row) -> dict[str, Any]:
    """A row as JSON data; nothing is left out."""
    return {
        "id": row.id,
        **{name: getattr(row, name) for name in _TEXTS[:2]},
        "criteria": dict(row.criteria),
        **{name: list(getattr(row, name)) for name in _LISTS},
        **{name: getattr(row, name) for name in _TEXTS[2:]},
    }


def row_from(data: Mapping[str, Any]) -> Row:
    """A row from its data. Raises KeyError, TypeError or ValueError where it is none."""
    texts: dict[str, Any] = {name: str(data[name]) for name in _TEXTS}
    lists: dict[str, Any] = {name: tuple(str(each) for each in data[name]) for name in _LISTS}
    return Row(
        id=str(data["id"]),
        criteria=tuple((str(id), str(truth)) for id, truth in dict(data["criteria"]).items()),
        **texts,
        **lists,
    )


COLUMNS_BEFORE = ("id", "standing", "verdict")
COLUMNS_AFTER = (
    "deciding_reasons",
    "all_reasons",
    "missing_items",
    "alerts",
    "anchor_evidence",
    "not_before",
    "age_years",
    "sex",
)


def columns(criteria: tuple[str, ...]) -> list[str]:
    """The names of the columns of a table of rows."""
    return [*COLUMNS_BEFORE, *criteria, *COLUMNS_AFTER]


def cells(row: Row, criteria: tuple[str, ...]) -> list[str]:
    """A row as cells; what is more than one is separated by `|`, and what is not known is an empty cell."""
    truths = dict(row.criteria)
    return [
        row.id,
        row.standing,
        row.verdict,
        *(truths.get(id, "") for id in criteria),
        *("|".join(getattr(row, name)) for name in _LISTS),
        row.not_before,
        row.age_years,
        row.sex,
    ]


__all__ = ["FORMAT", "NOT_SCREENED", "Row", "cells", "columns", "not_screened", "row_data", "row_from", "row_of"]
