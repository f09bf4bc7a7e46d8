"""One person's record as the parameters of an exported library, as plain data: dates and decimals as text."""

from __future__ import annotations

import datetime
from typing import Any

from screening.interpreters.cql_name import decimal, entries_of, kind_of, token
from screening.language.library import AS_OF, DataRequirement, Library
from screening.record.subject import Absence, Evidence, SetAside, Subject, Value
from screening.values.bounds import Bounds
from screening.values.truth import TRUE, UNKNOWN, Truth

_BLANK = dict.fromkeys(("low", "high", "first", "last", "begin", "finish", "truth"))


def parameters(library: Library, subject: Subject, as_of: datetime.date) -> dict[str, Any]:
    """The parameters of one person by name: the screening date, and the entries of every requirement."""
    seen = subject.as_of(as_of)
    found: dict[str, Any] = {AS_OF: as_of.isoformat()}
    for requirement in library.requirements:
        found[entries_of(requirement.name)] = _entries(requirement, seen)
    return found


def _entries(requirement: DataRequirement, seen: Subject) -> list[dict[str, Any]]:
    name = requirement.name
    rows = [_row(row) for row in sorted(seen.evidence.get(name, ()), key=_by_end)]
    rows += [_absence(absence) for absence in seen.absences.get(name, ())]
    basis = seen.complete.get(name)
    if basis is not None:
        rows.append(_entry("complete", "complete", Bounds(basis.since, None)))
    return rows


def _by_end(row: Evidence) -> tuple[bool, object, bool, object, str, str]:
    # SPEC: semantics 5.4; the last day comes first, of rows that end together the one that began last.
    low, high = row.when.low, row.when.high
    never = datetime.date.max
    return high is None, high or never, low is None, -(low or never).toordinal(), row.clock, row.id


def _entry(id: str, kind: str, when: Bounds, **more: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "id": id, "kind": kind, "certain": None, "whole": False, "first": _written(when.low),
        "last": _written(when.high), "until": None, "clock": None, "by": None, "codes": [], "concepts": [],
        "value": value_of(UNKNOWN), "fields": [],
    }  # fmt: skip
    return blank | more


def _absence(absence: Absence) -> dict[str, Any]:
    """What an absence surely speaks of are the days up to its first; what it may speak of, up to its last."""
    return _entry(
        absence.id,
        "absence",
        Bounds(None, absence.when.low),
        whole=absence.concepts is None,
        until=_written(absence.when.high),
        concepts=sorted(absence.concepts or ()),
    )


def _row(row: Evidence) -> dict[str, Any]:
    certain = row.certainty is TRUE and not isinstance(row.value, SetAside)
    return _entry(
        row.id,
        "entry",
        row.when,
        certain=True if certain else None,
        clock=row.clock or None,
        by=row.by or None,
        codes=[token(code) for code in row.codes],
        concepts=sorted(row.concepts),
        value=value_of(row.value),
        fields=[{"name": name, "value": value_of(found)} for name, found in row.fields.items()],
    )


def value_of(value: Value | SetAside) -> dict[str, Any]:
    """A value in the one shape that all have: usable or not, and what is known of it."""
    found: dict[str, Any] = {"usable": not isinstance(value, SetAside), "bounded": isinstance(value, Bounds)}
    found |= {**_BLANK, "codes": []}
    match value:
        case Bounds(low, high) if isinstance(low or high, datetime.datetime):
            found |= {"begin": _written(low), "finish": _written(high)}
        case Bounds(low, high) if isinstance(low or high, datetime.date):
            found |= {"first": _written(low), "last": _written(high)}
        case Bounds(low, high):
            found |= {"low": _written(low), "high": _written(high)}
        case Truth():
            found["truth"] = None if value is UNKNOWN else value is TRUE
        case tuple():
            found["codes"] = [token(code) for code in value]
    return found


def handed(value: Value, type: Any) -> Any:
    """The value of a definition that is handed in, since the export has a gap there."""
    kind, found = kind_of(type), value_of(value)
    match kind:
        case "number":
            return {"low": found["low"], "high": found["high"]}
        case "instant":
            return {"begin": found["begin"], "finish": found["finish"]}
        case "day":
            return {"first": found["first"], "last": found["last"]}
    return found["truth" if kind == "truth" else "codes"]


def _written(end: Any) -> str | None:
    if end is None:
        return None
    if isinstance(end, datetime.datetime):
        return end.isoformat(timespec="seconds")
    # ENGINE: one engine cuts a sum to a whole number where one that is added has no decimal point.
    return end.isoformat() if isinstance(end, datetime.date) else decimal(end)
