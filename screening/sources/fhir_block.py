"""One block of a bulk export as columns that can be kept: what its lines give, whoever they turn out to be about.

A block is named by its own text and by the rules, never by its place in the file: one that has not changed is not
read again. Lines are numbered from 0 within it, and what the lines of one kind are worth stands in it once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from screening.language.library import Library
from screening.record.subject import Absence, Evidence
from screening.sources.fhir_lines import Odd, Shapes
from screening.sources.fhir_planned import Drained, Planned
from screening.sources.prepared_cells import as_text, exact_data, exactly_of
from screening.sources.prepared_part import packed_tables, unpacked_tables
from screening.values.bounds import Bounds
from screening.values.coding import Code
from screening.values.frozen import dataclass
from screening.values.truth import Truth

if TYPE_CHECKING:
    import polars as pl


class Layer(NamedTuple):
    """The entries of one layer of a joint reading, their templates as text, and the sets that they are for."""

    evidence: pl.DataFrame
    absences: pl.DataFrame
    templates: Sequence[str]
    absent: Sequence[str]
    sets: Sequence[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Block:
    """What the lines of one block gave: see `fhir_planned.Drained`; `odd` are those to be looked at one by one."""

    patients: pl.DataFrame
    lines: pl.DataFrame
    slow: pl.Series
    asking: pl.Series
    odd: Sequence[Odd]
    layers: Sequence[Layer]

    def tables(self) -> Iterator[pl.DataFrame]:
        """Its larger tables."""
        yield from (self.patients, self.lines)
        for layer in self.layers:
            yield from (layer.evidence, layer.absences)


class Reading:
    """Reads blocks for every layer of a joint reading; what one block taught of a kind of line serves the next.

    INVARIANT: whether a line can be read in columns is told by that line alone. So what was kept of an earlier run
    is what this one would find.
    """

    def __init__(self, layers: Sequence[Library]) -> None:
        self.shapes = Shapes()
        self.planned = [Planned(library) for library in layers]
        self.texts: list[dict[int, str]] = [{} for _ in layers]

    def block(self, data: bytes, is_first: bool) -> Block:
        """Whole lines; `is_first` says that a file begins with them."""
        import polars as pl

        first = 1 if is_first else 2
        found = self.shapes.read(data, first)
        for planned in self.planned:
            for shape, lines in found.shaped:
                planned.take(shape, lines)
        drained = [planned.drained() for planned in self.planned]
        head = drained[0]
        number = pl.col("number") - first
        lines = head.lines.with_columns(number)
        if any(shape.kind == "QuestionnaireResponse" for shape, _ in found.shaped):
            # Answers came item by item.
            lines = lines.unique("number", maintain_order=True)
        return Block(
            head.patients.with_columns(number),
            lines,
            pl.concat([one.slow for one in drained]).unique(maintain_order=True),
            head.asking,
            [Odd(odd.number - first, odd.line) for odd in found.odd],
            [self.layer(n, one) for n, one in enumerate(drained)],
        )

    def layer(self, number: int, drained: Drained) -> Layer:
        planned, texts = self.planned[number], self.texts[number]
        evidence, used = _numbered(drained.evidence, "template")
        evidence, sets = _numbered(evidence, "set")
        absences, denied = _numbered(drained.absences, "template")
        for at in used:
            if at not in texts:
                texts[at] = _template_text(planned.templates[at], planned.fields[at])
        absent = [_absent_text(planned.absent[at]) for at in denied]
        return Layer(evidence, absences, [texts[at] for at in used], absent, [planned.sets[at] for at in sets])


def _numbered(entries: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[int]]:
    """Entries with what a column names numbered among what they use, and which this is."""
    import polars as pl

    used = entries[name].unique().sort()
    if not len(used):
        return entries, []
    kind = used.dtype
    place = pl.repeat(-1, int(used[-1]) + 1, dtype=kind, eager=True)
    place = place.scatter(used, pl.Series(range(len(used)), dtype=kind))
    return entries.with_columns(place.gather(entries[name]).alias(name)), used.to_list()


# ------------------------------------------------------------------------------- templates as text


def _template_text(entry: Evidence, days: Sequence[str]) -> str:
    return as_text(
        {
            "requirement": entry.requirement,
            "value": exact_data(entry.value),
            "when": exact_data(entry.when),
            "clock": entry.clock,
            "certainty": entry.certainty.value,
            "codes": [list(code) for code in entry.codes],
            "fields": {name: exact_data(value) for name, value in entry.fields.items()},
            "origin": entry.origin,
            "written": entry.written,
            "status": entry.status,
            "by": entry.by,
            "concepts": sorted(entry.concepts),
            "days": list(days),
        }
    )


def template_of(text: str) -> tuple[Evidence, tuple[str, ...]]:
    """A template, and the fields of it that are the days of a line."""
    data: Mapping[str, Any] = json.loads(text)
    entry = Evidence(
        "",
        data["requirement"],
        exactly_of(data["value"]),
        _bounds(data["when"]),
        data["clock"],
        Truth(data["certainty"]),
        tuple(Code(*code) for code in data["codes"]),
        {name: exactly_of(value) for name, value in data["fields"].items()},
        data["origin"],
        data["written"],
        data["status"],
        data["by"],
        frozenset(data["concepts"]),
    )
    return entry, tuple(data["days"])


def _absent_text(absence: Absence) -> str:
    about = None if absence.concepts is None else sorted(absence.concepts)
    return as_text([absence.requirement, exact_data(absence.when), about, absence.origin, absence.by])


def absence_of(text: str) -> Absence:
    """An attested absence without what differs from line to line."""
    requirement, when, about, origin, by = json.loads(text)
    return Absence("", requirement, _bounds(when), None if about is None else frozenset(about), origin, by)


def _bounds(data: Any) -> Bounds:
    found = exactly_of(data)
    if not isinstance(found, Bounds):
        raise ValueError("no days")
    return found


class Known:
    """The templates of all blocks for one layer, each once, and the sets of requirements that entries are for."""

    def __init__(self) -> None:
        self.entries: list[Evidence] = []
        self.fields: list[tuple[str, ...]] = []
        self.absent: list[Absence] = []
        self.sets: list[tuple[int, ...]] = []
        self._set_at: dict[tuple[int, ...], int] = {}
        # The rows of templates, made when they are first asked for.
        self.rows: dict[int, tuple[Any, ...]] = {}
        self._at: dict[str, int] = {}
        self._denied: dict[str, int] = {}

    def add(self, templates: Sequence[str]) -> list[int]:
        """Where each of some templates stands among all."""
        for text in templates:
            if text not in self._at:
                self._at[text] = len(self.entries)
                entry, days = template_of(text)
                self.entries.append(entry)
                self.fields.append(days)
        return [self._at[text] for text in templates]

    def add_sets(self, sets: Sequence[tuple[int, ...]]) -> list[int]:
        """Where each of some sets stands among all."""
        for one in sets:
            if one not in self._set_at:
                self._set_at[one] = len(self.sets)
                self.sets.append(one)
        return [self._set_at[one] for one in sets]

    def deny(self, absent: Sequence[str]) -> list[int]:
        """Where each of some absences stands among all."""
        for text in absent:
            if text not in self._denied:
                self._denied[text] = len(self.absent)
                self.absent.append(absence_of(text))
        return [self._denied[text] for text in absent]


# ----------------------------------------------------------------------------------------- kept


def kept(block: Block) -> bytes:
    """A block as bytes, their digest first."""
    import polars as pl

    lines = [(n, line, None) if isinstance(line, bytes) else (n, None, line) for n, line in block.odd]
    types = {"number": pl.Int64, "line": pl.Binary, "reason": pl.String}
    tables = {
        "patients": block.patients,
        "lines": block.lines,
        "slow": block.slow.to_frame(),
        "asking": block.asking.to_frame(),
        "odd": pl.DataFrame(lines, schema=types, orient="row"),
    }
    for number, layer in enumerate(block.layers):
        tables[f"{number}/evidence"] = layer.evidence
        tables[f"{number}/absences"] = layer.absences
        tables[f"{number}/templates"] = pl.DataFrame({"text": layer.templates}, schema={"text": pl.String})
        tables[f"{number}/absent"] = pl.DataFrame({"text": layer.absent}, schema={"text": pl.String})
        sets = {"set": [list(one) for one in layer.sets]}
        tables[f"{number}/sets"] = pl.DataFrame(sets, schema={"set": pl.List(pl.Int32)})
    return packed_tables(tables)


def block_of(data: bytes) -> Block:
    """The block that bytes hold, which are known to be whole."""
    tables = unpacked_tables(data)
    layers = sum(name.endswith("/evidence") for name in tables)
    odd = [Odd(n, line if reason is None else reason) for n, line, reason in tables["odd"].iter_rows()]
    return Block(
        tables["patients"],
        tables["lines"],
        tables["slow"]["owner"],
        tables["asking"]["owner"],
        odd,
        [
            Layer(
                tables[f"{n}/evidence"],
                tables[f"{n}/absences"],
                tables[f"{n}/templates"]["text"].to_list(),
                tables[f"{n}/absent"]["text"].to_list(),
                [tuple(one) for one in tables[f"{n}/sets"]["set"].to_list()],
            )
            for n in range(layers)
        ],
    )
