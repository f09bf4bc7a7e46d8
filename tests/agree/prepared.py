"""People as the tables of a prepared cohort, written here without the room that prepares cohorts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from screening.language.library import DataRequirement, Library
from screening.language.types import DATE, ORDERED, Type
from screening.record.keys import may_be_one
from screening.record.subject import Evidence, SetAside, Subject, Value
from screening.record.tables import Entries, Tables
from screening.values.bounds import Bounds
from screening.values.truth import TRUE, UNKNOWN

DAY = pa.date32()
COUNTED = 200  # in a longer list it is not decided whether entries may be one


def _kind(type: Type) -> str:
    if type.name in ORDERED:
        return "range"
    return "word" if type.name in ("String", "Code") else "truth"


def _type(requirement: DataRequirement) -> Type:
    """An age is recorded as the day of birth."""
    return DATE if requirement.kind == "birth date" else requirement.type


def _ends(type: Type) -> pa.DataType:
    return {"Date": DAY, "DateTime": pa.timestamp("us")}.get(type.name, pa.float64())


def _is_long(end: Any) -> bool:
    return end is not None and not hasattr(end, "year") and len(str(abs(end)).replace(".", "").strip("0")) > 15


def _worth(before: str, type: Type, value: Value | SetAside | None) -> tuple[dict[str, Any], bool]:
    """The roles of a value, and whether it does not fit them."""
    kind = _kind(type)
    if kind == "range":
        low, high = value if isinstance(value, Bounds) else (None, None)
        odd = _is_long(low) or _is_long(high)
        plain = [end if end is None or hasattr(end, "year") else float(end) for end in (low, high)]
        return {f"{before}low": plain[0], f"{before}high": plain[1]}, odd
    if kind == "word":
        codings = value if isinstance(value, tuple) and not isinstance(value, Bounds) else ()
        texts = [f"{code.system}|{code.code}" for code in codings]
        return {f"{before}word": texts[0] if len(texts) == 1 else None}, len(texts) > 1
    known = None if value is None or isinstance(value, SetAside) or value is UNKNOWN else value is TRUE
    return {f"{before}truth": known}, False


def _schema(requirement: DataRequirement) -> dict[str, pa.DataType]:
    found: dict[str, pa.DataType] = {"subject": pa.int64(), "certain": pa.bool_(), "set_aside": pa.bool_()}
    for before, type in [("", _type(requirement)), *((f"{f.name}.", f.type) for f in requirement.fields)]:
        match _kind(type):
            case "range":
                found |= {f"{before}low": _ends(type), f"{before}high": _ends(type)}
            case "word":
                found[f"{before}word"] = pa.string()
            case _:
                found[f"{before}truth"] = pa.bool_()
    found |= {"when_low": DAY, "when_high": DAY, "clock": pa.int32(), "concept": pa.int16(), "code": pa.string()}
    return found | {"apart": pa.bool_(), "odd": pa.bool_()}


def _rows(number: int, requirement: DataRequirement, rows: Sequence[Evidence]) -> Iterable[dict[str, Any]]:
    clocks = sorted({row.clock for row in rows if row.clock})
    apart = len(rows) <= COUNTED and not any(may_be_one(a, b) for a, b in itertools.combinations(rows, 2))
    for row in rows:
        found, odd = _worth("", _type(requirement), row.value)
        for declared in requirement.fields:
            more, other = _worth(f"{declared.name}.", declared.type, row.fields.get(declared.name))
            found, odd = found | more, odd or other
        codes = [f"{code.system}|{code.code}" for code in row.codes]
        odd = odd or len(row.concepts) > 1 or len(codes) > 1
        yield found | {
            "subject": number,
            "certain": row.certainty is TRUE,
            "set_aside": isinstance(row.value, SetAside),
            "when_low": row.when.low,
            "when_high": row.when.high,
            "clock": clocks.index(row.clock) + 1 if row.clock else 0,
            "concept": next(iter(row.concepts)) if len(row.concepts) == 1 else None,
            "code": codes[0] if len(codes) == 1 else None,
            "apart": apart,
            "odd": odd,
        }


def _write(path: Path, schema: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: pa.array([row[name] for row in rows], type) for name, type in schema.items()}
    parquet.write_table(pa.table(columns), path)
    return str(path)


def write(library: Library, people: Sequence[Subject], folder: Path) -> Tables:
    """The files of a prepared cohort, and where everything lies in them."""
    numbered = list(enumerate(people))
    subjects = [{"subject": n, "id": s.id} for n, s in numbered]
    requirements: dict[str, Any] = {}
    for position, requirement in enumerate(library.requirements):
        name, file = requirement.name, f"{position:04d}.parquet"
        rows = [row for n, s in numbered for row in _rows(n, requirement, s.evidence.get(name, ()))]
        absences = [
            {"subject": n, "when_low": a.when.low, "when_high": a.when.high,
             "concepts": None if a.concepts is None else sorted(a.concepts)}
            for n, s in numbered for a in s.absences.get(name, ())
        ]  # fmt: skip
        complete = [{"subject": n, "since": s.complete[name].since} for n, s in numbered if name in s.complete]
        if not (rows or absences or complete):
            continue
        schema = _schema(requirement)
        denials = {"subject": pa.int64(), "when_low": DAY, "when_high": DAY, "concepts": pa.list_(pa.int16())}
        stated = {"subject": pa.int64(), "since": DAY}
        requirements[name] = Entries(
            _write(folder / "evidence" / file, schema, rows),
            {role: role for role in schema},
            _write(folder / "absences" / file, denials, absences) if absences else "",
            _write(folder / "complete" / file, stated, complete) if complete else "",
        )
    path = _write(folder / "subjects.parquet", {"subject": pa.int64(), "id": pa.string()}, subjects)
    return Tables(path, "subject", "id", requirements)
