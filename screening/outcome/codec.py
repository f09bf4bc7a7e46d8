"""Values, traces and determinations as plain JSON data, in one canonical spelling.

Numbers are JSON strings, since a JSON number may pass through a double on its way; days are written
`@2026-08-15` as in the language. The bytes of a certificate are those of RFC 8785, so the same rules,
record and as-of date give the same bytes everywhere.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from screening.outcome.determination import Determination, Finding
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record.subject import Absence, Completeness, Evidence, Notice, SetAside, Subject, Value
from screening.values.bounds import Bounds
from screening.values.coding import Code
from screening.values.truth import Truth

Json = Any


def number_text(value: int | Decimal) -> str:
    """A number in its shortest exact spelling, never in scientific notation.

    >>> number_text(Decimal("3.20"))
    '3.2'
    """
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def end_text(end: int | Decimal | datetime.date | None) -> str | None:
    """One end of a bounded value; None is an open end."""
    if end is None:
        return None
    if isinstance(end, datetime.datetime):
        return "@" + end.isoformat(timespec="seconds")
    if isinstance(end, datetime.date):
        return "@" + end.isoformat()
    return number_text(end)


def end_of(text: str | None) -> int | Decimal | datetime.date | None:
    """The inverse of `end_text`. Raises ValueError for any other text."""
    if text is None:
        return None
    if text.startswith("@"):
        if "T" in text:
            return datetime.datetime.fromisoformat(text[1:])
        return datetime.date.fromisoformat(text[1:])
    if not text.isascii() or text.strip() != text or len(text) > 100:
        raise ValueError("no number")
    number = Decimal(text)
    if not number.is_finite() or number_text(number) != text:
        raise ValueError("no number in its one spelling")
    return number


def value_data(value: Value | RowsFound | SetAside) -> Json:
    """A value as data."""
    match value:
        case Truth():
            return value.value
        case Bounds(low, high):
            return {"low": end_text(low), "high": end_text(high)}
        case RowsFound(certain, possible, absences, is_open):
            return {
                "certain": list(certain),
                "possible": list(possible),
                "absent": list(absences),
                "open": is_open,
            }
        case SetAside(why):
            return {"set_aside": why}
    return [[code.system, code.code] for code in value]


def value_of(data: Json) -> Value | RowsFound:
    """The inverse of `value_data`, but for values set aside. Raises ValueError for anything else."""
    match data:
        case str():
            return Truth(data)
        case {"low": low, "high": high} if len(data) == 2:
            return Bounds(end_of(low), end_of(high))
        case {"certain": certain, "possible": possible, "absent": absent, "open": bool(is_open)} if len(data) == 4:
            return RowsFound(tuple(certain), tuple(possible), tuple(absent), is_open)
        case list():
            return tuple(Code(str(system), str(code)) for system, code in data)
    raise ValueError("no value")


def step_data(step: Step) -> Json:
    """A step as data; what is empty is left out."""
    data: dict[str, Json] = {"place": step.place, "value": value_data(step.value)}
    if step.row:
        data["row"] = step.row
    if step.facts:
        data["facts"] = list(step.facts)
    if step.reason:
        data["reason"] = step.reason
    if step.conflict:
        data["conflict"] = True
    return data


def step_of(data: Mapping[str, Json]) -> Step:
    """The inverse of `step_data`. Raises ValueError or KeyError for anything else."""
    if not set(data) <= {"place", "value", "row", "facts", "reason", "conflict"} or not data.get("conflict", True):
        raise ValueError("no step")
    for key in ("row", "facts", "reason"):
        if key in data and not data[key]:
            raise ValueError("no step")
    return Step(
        str(data["place"]),
        str(data.get("row", "")),
        value_of(data["value"]),
        tuple(str(fact) for fact in data.get("facts", ())),
        str(data.get("reason", "")),
        bool(data.get("conflict", False)),
    )


def trace_data(trace: Trace) -> list[Json]:
    """The steps of a trace as data."""
    return [step_data(step) for step in trace.steps]


# ------------------------------------------------------------------------------ record and facts


def _bounds_data(value: Bounds) -> Json:
    return None if value.low is None and value.high is None else value_data(value)


def _full(data: Mapping[str, Json]) -> Json:
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}


def evidence_data(row: Evidence) -> Json:
    """One fact with its provenance, as data."""
    return _full(
        {
            "id": row.id,
            "requirement": row.requirement,
            "value": value_data(row.value),
            "when": _bounds_data(row.when),
            "clock": row.clock,
            "certainty": row.certainty.value,
            "codes": [[code.system, code.code] for code in row.codes],
            "concepts": sorted(row.concepts),
            "fields": {name: value_data(value) for name, value in sorted(row.fields.items())},
            "status": row.status,
            "origin": row.origin,
            "written": row.written,
            "by": row.by,
        }
    )


def absence_data(absence: Absence) -> Json:
    """One attested absence, as data."""
    concepts = None if absence.concepts is None else sorted(absence.concepts)
    return _full(
        {
            "id": absence.id,
            "requirement": absence.requirement,
            "when": _bounds_data(absence.when),
            "of": "everything asked" if concepts is None else "concepts",
            "concepts": concepts,
            "origin": absence.origin,
            "by": absence.by,
        }
    )


def _complete_data(complete: Completeness) -> Json:
    since = None if complete.since is None else complete.since.isoformat()
    return _full({"since": since, "basis": complete.basis, "because": complete.because, "signed": complete.signed})


def _notice_data(notice: Notice) -> Json:
    return _full({"requirement": notice.requirement, "place": notice.place, "text": notice.text})


def _sorted_values(rows: Mapping[str, Iterable[Json]]) -> list[Json]:
    return [row for name in sorted(rows) for row in rows[name]]


def subject_data(subject: Subject) -> dict[str, Json]:
    """What is known of a person on the as-of date: facts, attested absences, complete lists, notices."""
    return {
        "subject": subject.id,
        "synthetic": subject.synthetic,
        "record": {
            "digest": subject.digest,
            "source": subject.source,
            "extracted": None if subject.extracted is None else subject.extracted.isoformat(),
        },
        "site": subject.site or None,
        "facts": _sorted_values({n: [evidence_data(r) for r in rows] for n, rows in subject.evidence.items()}),
        "absences": _sorted_values({n: [absence_data(a) for a in rows] for n, rows in subject.absences.items()}),
        "complete": {name: _complete_data(c) for name, c in sorted(subject.complete.items())},
        "searched": {
            name: {"codes": s.codes, "records": s.records, "of": s.of, "first": s.first, "last": s.last}
            for name, s in sorted(subject.searched.items())
        },
        "notices": [_notice_data(notice) for notice in subject.notices],
    }


# --------------------------------------------------------------------------------- determination


def _finding_data(finding: Finding) -> Json:
    return _full(
        {
            "id": finding.id,
            "truth": finding.truth.value,
            "shown": finding.shown,
            "facts": list(finding.facts),
            "open": list(finding.open),
            "judgements": list(finding.judgements),
            "contradicted": True if finding.contradicted else None,
            "silences": list(finding.silences),
            "until": None if finding.until is None else value_data(finding.until),
        }
    )


def determination_data(determination: Determination) -> dict[str, Json]:
    """A determination as data."""
    return {
        "verdict": determination.verdict.value,
        "label": determination.label,
        "standing": determination.standing.value,
        "eligible": determination.eligible.value,
        "favourable": determination.favourable.value,
        "review": determination.review.value,
        "arranged": determination.arranged.value,
        "alerts": [{"criterion": a.criterion, "facts": list(a.facts)} for a in determination.alerts],
        "reasons": list(determination.reasons),
        "to_obtain": [
            {"requirement": o.requirement, "obtain": o.obtain, "criteria": list(o.criteria)}
            for o in determination.to_obtain
        ],
        "to_arrange": list(determination.to_arrange),
        "to_review": list(determination.to_review),
        "outputs": [
            {"output": told.output, "definition": told.definition, "value": value_data(told.value)}
            for told in determination.outputs
        ],
        "criteria": [_finding_data(finding) for finding in determination.findings],
    }


# Beyond it a number is not the same in every reader of JSON.
_LARGEST = 2**53 - 1


def canonical(data: Json) -> bytes:
    """The one canonical spelling of JSON data (RFC 8785); raises ValueError for what has none."""
    found = _quickly(data)
    if found is not None:
        return found
    import rfc8785

    return rfc8785.dumps(data)


def _quickly(data: Json) -> bytes | None:
    """The canonical spelling as the standard library writes it; None unless it is surely that of RFC 8785.

    Both write texts and whole numbers alike. They differ in fractions, in names beyond the basic plane, which
    RFC 8785 sorts by their surrogates, and in what is no JSON, such as names that are numbers.
    """
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
        is_plain = len(text.encode("utf-16-le")) == 2 * len(text)
        if is_plain and json.loads(text, parse_int=_whole, parse_float=_fraction) == data:
            return text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    return None


def _whole(text: str) -> int:
    if abs(int(text)) > _LARGEST:
        raise ValueError("too large")
    return int(text)


def _fraction(text: str) -> float:
    raise ValueError("a fraction")


def digest(domain: str, data: Json) -> str:
    """SHA-256 in hex over the name of what is digested, a line feed and the canonical bytes.

    The name keeps apart what is digested for different ends: a record can never stand for a tree.
    """
    return hashlib.sha256(domain.encode("ascii") + b"\n" + canonical(data)).hexdigest()
