"""A part of a prepared cohort: some people of a source in columns, with the records among theirs that are none.

A part is made of subjects, or handed over in columns by a source that reads whole files at once; either way it is
the same tables, and the same bytes on disk. People are numbered from 0 within their part.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.sources.joint import Joint
from screening.sources.prepared_columns import columns_of, rows_of
from screening.sources.prepared_rest import born_of, rest_of, sex_of
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
REJECTED = {"number": "whole", "place": "text", "kind": "text", "reason": "text", "id": "text"}
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
ORDINAL = ("number",)
_DIGEST = 32

Layers: TypeAlias = Sequence[Subject | Rejected]
"""One record as each layer of a joint reading found it: the same person, or why it is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """People in columns; the tables of a requirement by its number, those without a row left out."""

    people: Frame
    rejected: Frame
    evidence: Mapping[str, Frame] = field(default_factory=dict)
    absences: Mapping[str, Frame] = field(default_factory=dict)
    complete: Mapping[str, Frame] = field(default_factory=dict)


def frame_of(rows: Sequence[Sequence[Any]], held: Mapping[str, str]) -> Frame:
    """Rows as a table whose columns hold what `held` says, by word."""
    import polars

    schema = schema_of(held)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    made = {
        name: polars.Series(name, cells, dtype=kind, strict=True)
        for (name, kind), cells in zip(schema.items(), columns, strict=True)
    }
    return polars.DataFrame(made)


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
    }
    return {name: kinds[word] for name, word in held.items()}


def part_of(joint: Joint, records: Iterable[tuple[Layers, str]]) -> Part:
    """Records that were read, in their order, each with its place, as a part."""
    people: list[tuple[Any, ...]] = []
    rejected: list[tuple[Any, ...]] = []
    evidence: dict[str, list[tuple[Any, ...]]] = {}
    absences: dict[str, list[tuple[Any, ...]]] = {}
    complete: dict[str, list[tuple[Any, ...]]] = {}
    held = [(each, columns_of(each.requirement)) for each in joint.asked]
    for number, (layers, place) in enumerate(records):
        refusal = next((one for one in layers if isinstance(one, Rejected)), None)
        if refusal is not None:
            rejected.append((number, refusal.place, refusal.kind, refusal.reason, refusal.id))
            continue
        read = [one for one in layers if isinstance(one, Subject)]
        subject, head = len(people), read[0]
        born = born_of(joint, head)
        rest = rest_of(joint, read, place)
        said = (head.id, place, head.extracted, head.synthetic)
        people.append((subject, number, *said, *born, sex_of(joint, head), rest))
        for asked, columns in held:
            of, name = read[asked.layer], asked.name
            if rows := of.evidence.get(name):
                evidence.setdefault(asked.number, []).extend(rows_of(columns, subject, rows))
            for absence in of.absences.get(name, ()):
                about = None if absence.concepts is None else sorted(absence.concepts)
                absences.setdefault(asked.number, []).append(
                    (subject, absence.id, *absence.when, about, absence.origin, absence.by)
                )
            if (listed := of.complete.get(name)) is not None:
                row = (subject, listed.since, listed.basis, listed.because, listed.signed)
                complete.setdefault(asked.number, []).append(row)
    kinds = {asked.number: columns.held for asked, columns in held}
    return Part(
        frame_of(people, PEOPLE),
        frame_of(rejected, REJECTED),
        {number: frame_of(rows, kinds[number]) for number, rows in sorted(evidence.items())},
        {number: frame_of(rows, ABSENCES) for number, rows in sorted(absences.items())},
        {number: frame_of(rows, COMPLETE) for number, rows in sorted(complete.items())},
    )


# ------------------------------------------------------------------------------------- on disk


def packed(part: Part) -> bytes:
    """A part as bytes, its own digest first."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, table in _tables(part):
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
    import polars

    found: dict[str, dict[str, Any]] = {"": {}, "evidence": {}, "absences": {}, "complete": {}}
    with zipfile.ZipFile(io.BytesIO(data[_DIGEST:])) as archive:
        for name in archive.namelist():
            kind, _, number = name.rpartition("/")
            found[kind][number] = polars.read_ipc(io.BytesIO(archive.read(name)))
    of = found.pop("")
    return Part(of["people"], of["rejected"], **found)
