"""A part of a prepared cohort: some people of a source in columns, with the records among theirs that are none.

A part is made of subjects, or handed over in columns by a source that reads whole files at once; either way it is
the same tables, and the same bytes on disk. People are numbered from 0 within their part.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.sources.joint import Joint
from screening.sources.prepared_columns import columns_of, rows_of
from screening.sources.prepared_rest import Resting
from screening.sources.unread import Unread
from screening.values.frozen import dataclass

if TYPE_CHECKING:
    import polars

    Frame: TypeAlias = polars.DataFrame

# `number` is the place of a record in its part: in this order of two records of one id the second is no person.
PEOPLE = {
    "subject": "whole",
    "number": "whole",
    "id": "text",
    "place": "text",
    "extracted": "day",
    "synthetic": "truth",
    "born_low": "day",
    "born_high": "day",
    "sex": "text",
    "rest": "text",
}
REJECTED = {
    "number": "whole",
    "record": "text",
    "place": "text",
    "kind": "text",
    "reason": "text",
    "id": "text",
    "outside": "texts",
}
ABSENCES = {
    "subject": "whole",
    "entry": "text",
    "when_low": "day",
    "when_high": "day",
    "concepts": "list",
    "origin": "text",
    "by": "text",
}
COMPLETE = {"subject": "whole", "since": "day", "basis": "text", "because": "text", "signed": "text"}
# What orders records and names them while parts are put together; none of it is kept.
PASSING = ("number", "record")
_DIGEST = 32

Layers: TypeAlias = Sequence[Subject | Rejected]
"""One record as each layer of a joint reading found it: the same person, or why it is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """People in columns; the tables of a requirement by its number, those without a row left out.

    `shared` are entries of several requirements at once, by a number of their own; `sharing` says of which, by
    the numbers of these. An entry is either in the table of its requirement or in one that is shared.
    """

    people: Frame
    rejected: Frame
    evidence: Mapping[str, Frame] = field(default_factory=dict)
    absences: Mapping[str, Frame] = field(default_factory=dict)
    complete: Mapping[str, Frame] = field(default_factory=dict)
    shared: Mapping[str, Frame] = field(default_factory=dict)
    sharing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def frame_of(rows: Sequence[Sequence[Any]], held: Mapping[str, str]) -> Frame:
    """Rows as a table whose columns hold what `held` says, by word."""
    import polars

    schema = schema_of(held)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    made = {
        name: polars.Series(name, _shown(cells) if kind == polars.String else cells, dtype=kind, strict=True)
        for (name, kind), cells in zip(schema.items(), columns, strict=True)
    }
    return polars.DataFrame(made)


def _shown(cells: Sequence[str | None]) -> Sequence[str | None]:
    """Texts as UTF-8 can hold them: a name of a file need be no text at all."""
    try:
        "".join(filter(None, cells)).encode()
    except UnicodeEncodeError:
        return [cell and cell.encode("utf-8", "backslashreplace").decode() for cell in cells]
    return cells


def schema_of(held: Mapping[str, str]) -> dict[str, Any]:
    """The types of columns, by the word for what each holds."""
    import polars

    kinds: dict[str, Any] = {
        "truth": polars.Boolean,
        "number": polars.Float64,
        "whole": polars.Int64,
        "small": polars.Int32,
        "day": polars.Date,
        "instant": polars.Datetime("us"),
        "text": polars.String,
        "list": polars.List(polars.Int16),
        "texts": polars.List(polars.String),
    }
    return {name: kinds[word] for name, word in held.items()}


def part_of(joint: Joint, records: Iterable[tuple[int, Layers, str]]) -> Part:
    """Records that were read, as a part: each with its number, which orders them, and its place."""
    people: list[tuple[Any, ...]] = []
    rejected: list[tuple[Any, ...]] = []
    evidence: dict[str, list[tuple[Any, ...]]] = {}
    absences: dict[str, list[tuple[Any, ...]]] = {}
    complete: dict[str, list[tuple[Any, ...]]] = {}
    held = [(each, columns_of(each.requirement)) for each in joint.asked]
    asked_by = [
        {each.name: (each.number, columns) for each, columns in held if each.layer == n}
        for n in range(len(joint.layers))
    ]
    resting = Resting(joint)
    for number, layers, place in records:
        refusal = next((one for one in layers if isinstance(one, Rejected)), None)
        if refusal is not None:
            why = (refusal.kind, refusal.reason, refusal.id, refusal.outside)
            rejected.append((number, place, refusal.place, *why))
            continue
        read = [one for one in layers if isinstance(one, Subject)]
        subject, head = len(people), read[0]
        said = (head.id, place, head.extracted, head.synthetic)
        people.append((subject, number, *said, *resting.born(head), resting.sex(head), resting.rest(read, place)))
        for of, asked in zip(read, asked_by, strict=True):
            for name, rows in of.evidence.items():
                if rows:
                    file, columns = asked[name]
                    evidence.setdefault(file, []).extend(rows_of(columns, subject, rows))
            for name, denied in of.absences.items():
                for each in denied:
                    about = None if each.concepts is None else sorted(each.concepts)
                    row = (subject, each.id, *each.when, about, each.origin, each.by)
                    absences.setdefault(asked[name][0], []).append(row)
            for name, listed in of.complete.items():
                said_of = (subject, listed.since, listed.basis, listed.because, listed.signed)
                complete.setdefault(asked[name][0], []).append(said_of)
    kinds = {each.number: columns.held for each, columns in held}
    return Part(
        frame_of(people, PEOPLE),
        frame_of(rejected, REJECTED),
        {number: frame_of(rows, kinds[number]) for number, rows in sorted(evidence.items())},
        {number: frame_of(rows, ABSENCES) for number, rows in sorted(absences.items())},
        {number: frame_of(rows, COMPLETE) for number, rows in sorted(complete.items())},
    )


@runtime_checkable
class InColumns(Protocol):
    """A door that can read many records at once, in columns, for every layer of a joint reading.

    It hands over a part of those that it could do, each under the number that it was given with, and the records
    that it could not: they are read one by one. A person is the same whichever way they were read.
    """

    def in_columns(
        self, joint: Joint, records: Sequence[tuple[int, Unread]]
    ) -> tuple[Part, Sequence[tuple[int, Unread]]]: ...


def together(parts: Sequence[Part]) -> Part:
    """Parts that hold different records of one sequence as one, in the order of the records' numbers."""
    import polars

    if len(parts) == 1:
        return parts[0]
    shifted, first = [], 0
    for part in parts:
        shifted.append(shifted_by(part, first))
        first += part.people.height
    people = polars.concat([part.people for part in shifted]).sort("number", maintain_order=True)

    def united(kind: str) -> dict[str, Frame]:
        found: dict[str, list[Frame]] = {}
        for part in shifted:
            for number, table in getattr(part, kind).items():
                found.setdefault(number, []).append(table)
        return {number: polars.concat(found[number]) for number in sorted(found)}

    rejected = polars.concat([part.rejected for part in parts]).sort("number", maintain_order=True)
    sharing = {number: of for part in parts for number, of in part.sharing.items()}
    evidence, absences, complete, shared = map(united, ("evidence", "absences", "complete", "shared"))
    return renumbered(Part(people, rejected, evidence, absences, complete, shared, sharing))


def each_table(part: Part, change: Callable[[Frame], Frame]) -> Part:
    """The part with a change made to every table that names people; one without a row is left out."""

    def changed(tables: Mapping[str, Frame]) -> dict[str, Frame]:
        found = {number: change(table) for number, table in tables.items()}
        return {number: table for number, table in found.items() if table.height}

    return replace(
        part,
        people=change(part.people),
        evidence=changed(part.evidence),
        absences=changed(part.absences),
        complete=changed(part.complete),
        shared=changed(part.shared),
    )


def shifted_by(part: Part, first: int) -> Part:
    """The part with its people numbered from another number on."""
    import polars

    shift = (polars.col("subject") + first).alias("subject")
    return each_table(part, lambda table: table.with_columns(shift))


def renumbered(part: Part) -> Part:
    """The part with its people numbered in their order; entries of people who are not in it are gone."""
    import polars

    numbers = part.people.select(polars.col("subject").alias("before")).with_row_index("after")

    def change(table: Frame) -> Frame:
        found = table.join(numbers, left_on="subject", right_on="before", how="inner", maintain_order="left")
        after = polars.col("after").cast(polars.Int64).alias("subject")
        return found.with_columns(after).select(table.columns).sort("subject", maintain_order=True)

    return each_table(part, change)


# ------------------------------------------------------------------------------------- on disk


def packed(part: Part) -> bytes:
    """A part of which nothing is shared as bytes, its own digest first."""
    return packed_tables(dict(_tables(part)))


def packed_tables(tables: Mapping[str, Frame]) -> bytes:
    """Tables by name as bytes, their own digest first."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, table in tables.items():
            text = io.BytesIO()
            table.write_ipc(text, compression="lz4")
            archive.writestr(zipfile.ZipInfo(name), text.getvalue())
    data = body.getvalue()
    return hashlib.sha256(data).digest() + data


def _tables(part: Part) -> Iterable[tuple[str, Frame]]:
    yield "people", part.people
    yield "rejected", part.rejected
    for kind, tables in (("evidence", part.evidence), ("absences", part.absences), ("complete", part.complete)):
        yield from ((f"{kind}/{number}", table) for number, table in tables.items())


def is_whole(data: bytes) -> bool:
    """Whether bytes are a part as it was written, by its digest."""
    return len(data) > _DIGEST and hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST]


def unpacked(data: bytes) -> Part:
    """The part that bytes hold, which are known to be whole."""
    found: dict[str, dict[str, Any]] = {"": {}, "evidence": {}, "absences": {}, "complete": {}}
    for name, table in unpacked_tables(data).items():
        kind, _, number = name.rpartition("/")
        found[kind][number] = table
    of = found.pop("")
    return Part(of["people"], of["rejected"], **found)


def unpacked_tables(data: bytes) -> dict[str, Frame]:
    """The tables that bytes hold, which are known to be whole."""
    import polars

    with zipfile.ZipFile(io.BytesIO(data[_DIGEST:])) as archive:
        return {name: polars.read_ipc(io.BytesIO(archive.read(name))) for name in archive.namelist()}
