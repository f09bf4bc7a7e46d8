"""The columns of one requirement in a prepared cohort, and the evidence of people as rows of them.

What interpreters of columns read comes first, by the roles of `record.tables`; what only a trace needs follows.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import merge
from typing import Any

from screening.language.library import DataRequirement
from screening.record.keys import may_be_one
from screening.record.subject import Evidence, SetAside, Value
from screening.record.tables import (
    APART,
    CERTAIN,
    CLOCK,
    CODE,
    CONCEPT,
    ODD,
    SET_ASIDE,
    SUBJECT,
    WHEN_HIGH,
    WHEN_LOW,
    of_field,
)
from screening.sources.admission import order_of
from screening.sources.prepared_cells import (
    DAY,
    INSTANT,
    NUMBER,
    ROLES,
    Form,
    as_text,
    cells_of,
    coded,
    codings_of,
    exact_data,
    exactly_of,
    form_of_value,
    forms_of_fields,
    value_of,
)
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

# What only a trace needs, by the names of Evidence; left out where no row says anything. `entry` is null where
# it is as `id_of` has it; `time` is a clock time that `clock`, the second of the day from 1, cannot say.
TRACE = ("entry", "origin", "written", "status", "by", "codes", "concepts", "why", "exact", "time")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
# Beyond so many entries of which two may be of one day nobody looks whether they are apart.
MOST_COMPARED = 64


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the evidence of one requirement lies: the names of its columns with what each holds, in their order.

    What a column holds is said in one word: truth, number, whole, small, day, instant, text or list (of `small`).
    """

    requirement: DataRequirement
    value: Form
    fields: Mapping[str, Form]

    @property
    def held(self) -> dict[str, str]:
        found = {SUBJECT: "whole", CERTAIN: "truth", SET_ASIDE: "truth"}
        found |= {role: _holds(self.value) for role in ROLES[self.value.cells]}
        found |= {WHEN_LOW: "day", WHEN_HIGH: "day", CLOCK: "small", CONCEPT: "small", CODE: "text"}
        for name, form in self.fields.items():
            found |= {of_field(name, role): _holds(form) for role in ROLES[form.cells]}
            found[of_field(name, SET_ASIDE)] = "truth"
        found |= {APART: "truth", ODD: "truth"}
        return found | dict.fromkeys(TRACE, "text") | {"concepts": "list"}

    @property
    def alike(self) -> tuple[Any, ...]:
        """The same for requirements whose entries are one row for each of them."""
        return self.requirement.type.name, self.value, *self.fields.items()

    @property
    def roles(self) -> tuple[str, ...]:
        """The columns that interpreters read."""
        return tuple(name for name in self.held if name not in TRACE)


def _holds(form: Form) -> str:
    return {NUMBER: "number", DAY: "day", INSTANT: "instant", "truth": "truth"}.get(form.cells, "text")


def columns_of(requirement: DataRequirement) -> Columns:
    """The columns of a requirement."""
    return Columns(requirement, form_of_value(requirement), forms_of_fields(requirement))


# ----------------------------------------------------------------------------- evidence to rows


def rows_of(columns: Columns, subject: int, evidence: Sequence[Evidence]) -> Iterator[tuple[Any, ...]]:
    """The entries of one person as rows, in the order of the list."""
    apart = are_apart(evidence)
    for place, row in enumerate(evidence, 1):
        yield row_of(columns, subject, row, apart, id_of(columns.requirement.name, place))


def id_of(name: str, place: int) -> str:
    """The id of an entry by its place in the list, from 1."""
    return f"{name}#{place}"


def second_of(clock: str) -> int | None:
    """A clock time as its second of the day, from 1; None for none, and for one that is written otherwise.

    >>> second_of("08:15:00"), second_of("8:15"), second_of("")
    (29701, None, None)
    """
    if _CLOCK.fullmatch(clock) is None:
        return None
    hours, minutes, seconds = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + seconds + 1


def clock_of(second: int | None) -> str:
    """The clock time of a second of the day, from 1.

    >>> clock_of(29701), clock_of(None)
    ('08:15:00', '')
    """
    if second is None:
        return ""
    minutes, seconds = divmod(second - 1, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def row_of(columns: Columns, subject: int, row: Evidence, apart: bool, usual: str) -> tuple[Any, ...]:
    """One entry as a row; `usual` is the id that its place gives it."""
    exact: dict[str, Any] = {}
    own = cells_of(columns.value, row.value)
    odd = own.is_odd or len(row.codes) > 1 or len(row.concepts) > 1
    if not own.is_exact:
        exact["value"] = exact_data(row.value)
    cells: list[Any] = []
    for name, form in columns.fields.items():
        value = row.fields.get(name)
        if value is None:
            cells += [*(None for _ in ROLES[form.cells]), False]
            continue
        made = cells_of(form, value)
        cells += [*made.cells, isinstance(value, SetAside)]
        odd = odd or made.is_odd
        # A field that is known to be unknown is not one that is not there.
        if not made.is_exact or isinstance(value, SetAside) or all(cell is None for cell in made.cells):
            exact.setdefault("fields", {})[name] = exact_data(value)
    if strange := row.fields.keys() - columns.fields.keys():
        odd = True
        exact.setdefault("fields", {}).update({name: exact_data(row.fields[name]) for name in sorted(strange)})
    low, high = row.when
    if not _is_day(low) or not _is_day(high):
        odd, exact["when"] = True, exact_data(row.when)
        low = high = None
    if row.certainty is FALSE:
        odd, exact["certainty"] = True, FALSE.value
    code = coded(row.codes[0]) if len(row.codes) == 1 else None
    second = second_of(row.clock)
    # A clock time in another form cannot be put in order with others.
    odd = odd or (bool(row.clock) and second is None)
    return (
        subject,
        row.certainty is TRUE,
        isinstance(row.value, SetAside),
        *own.cells,
        low,
        high,
        second,
        next(iter(row.concepts)) if len(row.concepts) == 1 else None,
        code,
        *cells,
        apart,
        odd,
        None if row.id == usual else row.id,
        row.origin,
        row.written,
        row.status,
        row.by,
        None if codings_of(code) == row.codes else as_text(list(row.codes)),
        sorted(row.concepts) if row.concepts else None,
        row.value.why if isinstance(row.value, SetAside) else None,
        as_text(exact) if exact else None,
        row.clock if row.clock and second is None else None,
    )


def _is_day(end: object) -> bool:
    return end is None or type(end) is datetime.date


def are_apart(evidence: Sequence[Evidence]) -> bool:
    """Whether no two entries of a list may turn out to be one; False where it was not looked into.

    >>> are_apart([])
    True
    """
    if len(evidence) < 2:
        return True
    by_day: dict[Any, list[Evidence]] = {}
    exact = all(row.when.low is not None and row.when.low == row.when.high for row in evidence)
    for row in evidence:
        # Entries of two exact days are two.
        by_day.setdefault(row.when.low if exact else None, []).append(row)
    for rows in by_day.values():
        if len(rows) > MOST_COMPARED:
            return False
        for position, row in enumerate(rows):
            if any(may_be_one(row, other) for other in rows[position + 1 :]):
                return False
    return True


# ----------------------------------------------------------------------------- rows to evidence


class Rebuilding:
    """Rows of one requirement as evidence again; `names` are those of the columns, in the order of the rows."""

    def __init__(self, columns: Columns, names: Sequence[str]) -> None:
        self.columns = columns
        at = {name: position for position, name in enumerate(names)}
        # What no row says has no column.
        self.is_short = any(name not in at for name in TRACE)
        at = dict.fromkeys(TRACE, len(names)) | at
        self.own = tuple(at[role] for role in ROLES[columns.value.cells])
        self.fields = [
            (name, form, tuple(at[of_field(name, role)] for role in ROLES[form.cells]))
            for name, form in columns.fields.items()
        ]
        wanted = (CERTAIN, SET_ASIDE, WHEN_LOW, WHEN_HIGH, CLOCK, CODE, *TRACE)
        self.at = tuple(at[name] for name in wanted)

    def evidence(self, row: Sequence[Any], place: int) -> Evidence:
        """One row, at a place of its list. Raises ValueError, KeyError or TypeError where it is none of ours."""
        row = (*row, None) if self.is_short else row
        certain, aside, low, high, second, code, *traced = (row[position] for position in self.at)
        entry, origin, written, status, by, codes, concepts, why, exact, time = traced
        value: Value | SetAside
        value = SetAside(why or "") if aside else value_of(self.columns.value, tuple(row[n] for n in self.own))
        when = Bounds(low, high) if low is not None or high is not None else OPEN
        certainty: Truth = TRUE if certain else UNKNOWN
        fields: dict[str, Value | SetAside] = {}
        told: Mapping[str, Any] = _loaded(exact) if exact else {}
        if self.fields:
            fields = dict(self.of_fields(row, told.get("fields", {})))
        if told:
            value = exactly_of(told["value"]) if "value" in told else value
            certainty = Truth(told["certainty"]) if "certainty" in told else certainty
            when = _bounds(exactly_of(told["when"])) if "when" in told else when
            strange = told.get("fields", {}).keys() - fields.keys()
            fields |= {name: exactly_of(told["fields"][name]) for name in sorted(strange)}
        return Evidence(
            id_of(self.columns.requirement.name, place) if entry is None else entry,
            self.columns.requirement.name,
            value,
            when,
            time or clock_of(second),
            certainty,
            tuple(Code(*each) for each in _loaded(codes)) if codes else codings_of(code),
            fields,
            origin or "",
            written or "",
            status or "",
            by or "",
            frozenset(concepts or ()),
        )

    def of_fields(self, row: Sequence[Any], told: Mapping[str, Any]) -> Iterator[tuple[str, Value | SetAside]]:
        for name, form, positions in self.fields:
            cells = tuple(row[position] for position in positions)
            if name in told:
                yield name, exactly_of(told[name])
            elif any(cell is not None for cell in cells):
                yield name, value_of(form, cells)


def in_one_list(name: str, lists: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """Lists of one person for one requirement, each in its order, as one, with ids by the places in it."""
    whole = merge(*lists, key=order_of)
    return [replace(row, id=id_of(name, place)) for place, row in enumerate(whole, 1)]


def _bounds(value: Value | SetAside) -> Bounds:
    if not isinstance(value, Bounds):
        raise ValueError("no days")
    return value


def _loaded(text: str) -> Any:
    return json.loads(text)
