"""A person's record as the law reads it, as plain JSON data and back: every fact in its unit, nothing to be
converted or looked up, also what is dated after the as-of date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from screening.language.library import DataRequirement, Library
from screening.outcome import codec
from screening.outcome.tree import (
    bounds,
    codings,
    conversion,
    count,
    digest,
    flag,
    items,
    mapping,
    one_of,
    ratio,
    refuse,
    text,
    value,
)
from screening.record.subject import Absence, Completeness, Evidence, Notice, Searched, SetAside, Subject
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.quantity import same_dimension, written_out
from screening.values.truth import Truth
from screening.values.unit import Unit, UnknownUnit, parse_unit

FORMAT = "screening-record-1"
BASES = ("record", "site declaration")
_WRITTEN = re.compile(r"(-?[0-9]{1,30}(?:\.[0-9]{1,8})?) (\S+)\Z", re.ASCII)
_CLOCK = re.compile(r"([01][0-9]|2[0-3])(:[0-5][0-9]){2}", re.ASCII)
_CERTAINTIES = ("TRUE", "UNKNOWN")


def record_data(subject: Subject, library: Library) -> dict[str, Any]:
    """A subject as data; `concepts` says how many concepts each requirement with codes asks for.

    `conversions` are the units that numbers were written in, each with the exact numbers by which it was told in
    the unit of its requirement, so that whoever knows no units can do it again.
    """
    data = codec.subject_data(subject)
    concepts = {name: number for name, number in sorted(subject.concepts.items()) if number}
    return {"format": FORMAT, **data, "concepts": concepts, "conversions": _conversions(subject, library)}


# ---------------------------------------------------------------------------------- conversions


def _conversions(subject: Subject, library: Library) -> list[dict[str, str]]:
    wanted = {r.name: r for r in library.requirements if r.type.unit}
    found: dict[tuple[str, str], tuple[Fraction, Fraction] | None] = {}
    for name in sorted(subject.evidence.keys() & wanted.keys()):
        for row in subject.evidence[name]:
            match = _WRITTEN.match(row.written)
            if match is None or not isinstance(row.value, Bounds):
                continue
            key = name, match[2]
            if key not in found:
                found[key] = _way(match[2], wanted[name])
            way = found[key]
            # Whatever was not simply told in another unit is not listed, with all that was written like it.
            if way is not None and row.value != exactly(written_out(Fraction(match[1]) * way[0] + way[1])):
                found[key] = None
    return [
        {
            "requirement": name,
            "from": unit,
            "to": wanted[name].type.unit,
            "factor": ratio(w[0]),
            "offset": ratio(w[1]),
        }
        for (name, unit), w in sorted(found.items())
        if w is not None
    ]


def _way(written: str, requirement: DataRequirement) -> tuple[Fraction, Fraction] | None:
    """What a number in a unit is multiplied by, and what is then added; None where units alone do not say."""
    source, target = _unit(written), _unit(requirement.type.unit)
    if written == requirement.type.unit or source is None or target is None:
        return None
    if same_dimension(source, target):
        return conversion(source, target)
    for factor in requirement.factors:
        between = _unit(factor.unit)
        if between is not None and same_dimension(source, between):
            (times, plus), by = conversion(source, between), Fraction(factor.by)
            return times * by, plus * by
    return None


def _unit(text: str) -> Unit | None:
    try:
        return parse_unit(text)
    except UnknownUnit:
        return None


# ------------------------------------------------------------------------------------- reading


def record_of(data: Any, path: str = "/record") -> Subject:
    """The inverse of `record_data`; raises VerificationError."""
    keys = ("format", "subject", "synthetic", "record", "site", "facts", "absences", "complete", "searched")
    said = mapping(data, path, (*keys, "notices", "concepts", "conversions"))
    if said["format"] != FORMAT:
        refuse(f"{path}/format", f"is not `{FORMAT}`")
    which = mapping(said["record"], f"{path}/record", ("digest", "source", "extracted"))
    extracted, site = which["extracted"], said["site"]
    evidence: dict[str, list[Evidence]] = {}
    absences: dict[str, list[Absence]] = {}
    ids: set[str] = set()
    for n, one in enumerate(items(said["facts"], f"{path}/facts")):
        row = _evidence_of(one, f"{path}/facts/{n}")
        evidence.setdefault(row.requirement, []).append(row)
        if row.id in ids or row.id == "unlisted":
            refuse(f"{path}/facts/{n}/id", "stands twice")
        ids.add(row.id)
    for n, one in enumerate(items(said["absences"], f"{path}/absences")):
        absence = _absence_of(one, f"{path}/absences/{n}")
        absences.setdefault(absence.requirement, []).append(absence)
        if absence.id in ids or absence.id == "unlisted":
            refuse(f"{path}/absences/{n}/id", "stands twice")
        ids.add(absence.id)
    return Subject(
        id=text(said["subject"], f"{path}/subject"),
        evidence={name: tuple(rows) for name, rows in evidence.items()},
        absences={name: tuple(rows) for name, rows in absences.items()},
        complete={
            name: _complete_of(one, f"{path}/complete/{name}")
            for name, one in _named(said["complete"], f"{path}/complete").items()
        },
        concepts={
            name: count(one, f"{path}/concepts/{name}")
            for name, one in _named(said["concepts"], f"{path}/concepts").items()
        },
        searched={
            name: _searched_of(one, f"{path}/searched/{name}")
            for name, one in _named(said["searched"], f"{path}/searched").items()
        },
        notices=tuple(
            _notice_of(one, f"{path}/notices/{n}")
            for n, one in enumerate(items(said["notices"], f"{path}/notices"))
        ),
        extracted=None if extracted is None else _day(extracted, f"{path}/record/extracted"),
        synthetic=flag(said["synthetic"], f"{path}/synthetic"),
        source=text(which["source"], f"{path}/record/source"),
        digest=digest(which["digest"], f"{path}/record/digest"),
        site="" if site is None else text(site, f"{path}/site"),
    )


def _named(data: Any, path: str) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else refuse(path, "is no object")


def _day(data: Any, path: str) -> datetime.date:
    try:
        found = datetime.date.fromisoformat(text(data, path))
    except ValueError:
        refuse(path, "is no day")
    return found if found.isoformat() == data else refuse(path, "is no day")


def _days(data: Any, path: str) -> Bounds:
    found = bounds(data, path)
    if not all(end is None or type(end) is datetime.date for end in found):
        refuse(path, "is no day")
    return found


def _usable(data: Any, path: str) -> Any:
    if isinstance(data, dict) and "set_aside" in data:
        return SetAside(text(mapping(data, path, ("set_aside",))["set_aside"], f"{path}/set_aside"))
    return value(data, path)


def _texts(said: Mapping[str, Any], path: str, *names: str) -> dict[str, str]:
    return {name: text(said[name], f"{path}/{name}") for name in names if name in said}


def _concepts(data: Any, path: str) -> frozenset[int]:
    found = [count(one, f"{path}/{n}") for n, one in enumerate(items(data, path))]
    return frozenset(found) if found == sorted(set(found)) else refuse(path, "is not in its order")


def _evidence_of(data: Any, path: str) -> Evidence:
    optional = ("value", "when", "clock", "codes", "concepts", "fields", "origin", "written", "by")
    said = mapping(data, path, ("id", "requirement", "certainty", "status"), optional)
    certainty = Truth(one_of(said["certainty"], f"{path}/certainty", _CERTAINTIES))
    if "clock" in said and not _CLOCK.fullmatch(text(said["clock"], f"{path}/clock")):
        refuse(f"{path}/clock", "is no time of day")
    return Evidence(
        value=_usable(said["value"], f"{path}/value") if "value" in said else (),
        when=_days(said["when"], f"{path}/when") if "when" in said else OPEN,
        certainty=certainty,
        codes=codings(said.get("codes", []), f"{path}/codes"),
        concepts=_concepts(said.get("concepts", []), f"{path}/concepts"),
        fields={
            name: _usable(one, f"{path}/fields/{name}")
            for name, one in _named(said.get("fields", {}), f"{path}/fields").items()
        },
        **_texts(said, path, "id", "requirement", "clock", "origin", "written", "status", "by"),
    )


def _absence_of(data: Any, path: str) -> Absence:
    said = mapping(data, path, ("id", "requirement", "of"), ("when", "concepts", "origin", "by"))
    of = one_of(said["of"], f"{path}/of", ("everything asked", "concepts"))
    listed = _concepts(said.get("concepts", []), f"{path}/concepts")
    return Absence(
        when=_days(said["when"], f"{path}/when") if "when" in said else OPEN,
        concepts=listed if of == "concepts" else None,
        **_texts(said, path, "id", "requirement", "origin", "by"),
    )


def _complete_of(data: Any, path: str) -> Completeness:
    said = mapping(data, path, ("basis",), ("since", "because", "signed"))
    since = _day(said["since"], f"{path}/since") if "since" in said else None
    basis = one_of(said["basis"], f"{path}/basis", BASES)
    return Completeness(since, basis, **_texts(said, path, "because", "signed"))


def _searched_of(data: Any, path: str) -> Searched:
    said = mapping(data, path, ("codes", "records", "of", "first", "last"))
    numbers = (count(said[name], f"{path}/{name}") for name in ("codes", "records"))
    return Searched(*numbers, *(text(said[name], f"{path}/{name}") for name in ("of", "first", "last")))  # type: ignore[arg-type]


def _notice_of(data: Any, path: str) -> Notice:
    said = mapping(data, path, ("text",), ("requirement", "place"))
    return Notice(*(text(said.get(name, ""), f"{path}/{name}") for name in ("requirement", "place", "text")))
