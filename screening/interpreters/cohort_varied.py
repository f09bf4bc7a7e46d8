"""A cohort in tables for every value of one parameter: what does not depend on it is worked out once.

First everybody, once: who is barred whatever the parameter is, and of all others what the parameter is held
against and what else their verdict rests on. Then these others alone, with the parameter as one more column: at
each value at which anything can change for a person, and once between every two.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import polars as pl

from screening.interpreters import cohort_truth as kleene
from screening.interpreters import cohort_value as values
from screening.interpreters.cohort_meaning import Meaning
from screening.interpreters.cohort_row import verdict_column
from screening.interpreters.cohort_selection import Value
from screening.interpreters.cohort_slices import Slices
from screening.interpreters.cohort_truth import Plain
from screening.interpreters.cohort_value import Ordered
from screening.interpreters.cohort_word import Word
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Library
from screening.language.varying import Varying, depends_on
from screening.outcome.curve import Mark, Sum
from screening.record.tables import SUBJECT, Tables
from screening.values import bounds
from screening.values.frozen import dataclass

MEMORY = 2**30
# Where people have no values of their own at which the verdict can change, so many whole numbers are tried for
# all.
MOST_VALUES = 400
INELIGIBLE = "INELIGIBLE"
_BARRED, _ODD = "barred anyway", "odd"


@dataclass(frozen=True, slots=True)
class Counted:
    """The sum over all people of whom columns say everything; `left` are the keys and ids of the others.

    `turning` are the keys of those who are not barred whatever the parameter is.
    """

    sum: Sum
    left: pl.DataFrame
    turning: pl.Series


@dataclass(frozen=True, slots=True)
class _Known:
    """What the first pass found out: columns of who is not barred anyway, and how the second one reads them.

    `ends` are the columns of what the parameter is held against; None where people have no such values.
    """

    people: pl.DataFrame
    barred: int
    nodes: Mapping[AnyNode, Any]
    contradictions: Mapping[str, Plain]
    ends: Sequence[str] | None


class _Preset(Meaning):
    """A library of which most is known already: as columns of the people."""

    contradictions: Mapping[str, Plain] = {}

    def contradicted(self, place: str) -> Plain:
        known = self.contradictions.get(place)
        return super().contradicted(place) if known is None else known


class Varied:
    """One parameter of a library between two values, over the tables of a cohort on one day."""

    def __init__(
        self,
        library: Library,
        tables: Tables,
        as_of: datetime.date,
        varying: Varying,
        low: Fraction,
        high: Fraction,
    ) -> None:
        self.library, self.tables, self.as_of, self.varying = library, tables, as_of, varying
        self.low, self.high = low, high
        types = {parameter.name: parameter.type.name for parameter in library.parameters}
        self.is_whole = types[varying.parameter] == "Integer"

    def counted(self, memory: int = MEMORY) -> Counted:
        """How many people are of which verdict from which value on.

        Raises UnsupportedError, naming the place, for what columns do not say at all.
        """
        known = self._known(memory)
        total = Sum()
        total.add(((Mark(self.low), INELIGIBLE),), known.barred)
        odd = known.people[_ODD]
        samples = self._samples(known, known.people.filter(~odd))
        left = [known.people.filter(odd)]
        if samples is None:
            left.append(known.people.filter(~odd))
        elif samples:
            said = self._said(known, samples, memory)
            left.append(said.filter(_ODD))
            _add(total, said.filter(~pl.col(_ODD)), samples)
        turning = known.people.filter(~odd)[SUBJECT]
        return Counted(total, pl.concat([each.select(SUBJECT, "id") for each in left]), turning)

    # ------------------------------------------------------------------------------- the first pass

    def _known(self, memory: int) -> _Known:
        meaning = Meaning(self.library, self.tables, self.as_of)
        fixed = [c for c in self.library.criteria if c.strength == "absolute" and c.id not in self.varying.names]
        truths = [(c, meaning.truth(c.id)) for c in fixed]
        free = kleene.conjoined(t if c.category == "inclusion" else kleene.negated(t) for c, t in truths)
        saved = _Saved()
        nodes: dict[AnyNode, Any] = {node: saved.value(meaning.value(node)) for node in self._independent(meaning)}
        contradictions = {
            place: saved.plain(meaning.contradicted(place)) for place in self._contradictions(meaning)
        }
        ends = self._ends(meaning, saved)
        odd = [each for found in meaning.odd.values() for each in found.values()]
        columns = [
            pl.col(self.tables.key).alias(SUBJECT),
            pl.col(self.tables.id).alias("id"),
            kleene.column(kleene.is_false(free)).alias(_BARRED),
            (pl.any_horizontal(odd).fill_null(False) if odd else pl.lit(False)).alias(_ODD),
            *(made.alias(name) for name, made in saved.columns.items()),
        ]
        slices, people, barred = Slices(meaning.people, columns), [], 0
        for among in slices.among(slices.at_once(memory)):
            frame = slices.frame(among)
            is_fixed = frame[_BARRED] & ~frame[_ODD]
            barred += int(is_fixed.sum())
            people.append(frame.filter(~is_fixed))
        return _Known(pl.concat(people), barred, nodes, contradictions, ends)

    def _independent(self, meaning: Meaning) -> list[Expression]:
        """The largest parts of what depends on the parameter that do not: each is worked out once."""
        found: dict[Expression, None] = {}
        for name in self.varying.names:
            for node in self._below(meaning, meaning.entries[name]):
                found[node] = None
        return list(found)

    def _depends(self, node: AnyNode) -> bool:
        return depends_on(node, self.varying.parameter, self.varying.names)

    def _below(self, meaning: Meaning, node: AnyNode) -> Iterator[Expression]:
        if isinstance(node, e.Literal | e.Parameter | e.Retrieve):
            return
        if self._depends(node) or isinstance(node, e.Where) or meaning._aliases(node):
            for part in parts(node):
                yield from self._below(meaning, part)
            return
        yield node

    def _contradictions(self, meaning: Meaning) -> Iterator[str]:
        """The places at which evidence may contradict itself whatever the parameter is."""
        for part in parts(meaning.entries["review"]):
            if isinstance(part, e.Contradicted) and self._depends(part):
                for place in (*part.hard, *part.soft):
                    node, gates = meaning.loud[place]
                    if not any(self._depends(each) for each in (node, *gates)):
                        yield place

    def _ends(self, meaning: Meaning, saved: _Saved) -> list[str] | None:
        """The columns of all that the parameter is held against; None where that is not in columns of people."""
        if self.varying.windows or self.varying.elsewhere:
            return None
        names: list[str] = []
        for held in self.varying.held:
            if held.undone or meaning._aliases(held.other):
                return None
            found = meaning.value(held.other)
            if not isinstance(found, Ordered) or found.computed:
                # A number that is calculated in doubles is only near to the one at which the verdict changes.
                return None
            low, high = values.ends(found)
            names += [saved.column(end.cast(pl.Float64)) for end in ((low,) if low is high else (low, high))]
        return names

    # ------------------------------------------------------------------------------ the second pass

    def _samples(self, known: _Known, people: pl.DataFrame) -> list[_Sample] | None:
        """Values at which the verdict of each person is asked for, in ascending order; None where columns do not
        say at which.
        """
        low, high = float(self.low), float(self.high)
        if known.ends is None:
            if not self.is_whole or self.high - self.low > MOST_VALUES:
                return None
            return [
                _Sample(people, pl.lit(float(n)), number=n) for n in range(ceil(self.low), floor(self.high) + 1)
            ]
        if not people.height:
            return []
        every = [pl.col(name) for name in known.ends]
        if self.is_whole:
            every = [end for each in every for end in (each.ceil(), each.floor() + 1)]
            low, high = float(ceil(self.low)), float(floor(self.high))
        inside = [pl.when((end > low) & (end < high)).then(end) for end in every]
        own = pl.concat_list(inside).list.drop_nulls().list.unique().list.sort() if inside else None
        listed = people.select(own.alias("own"))["own"] if own is not None else None
        most = listed.list.len().max() if listed is not None else 0
        assert isinstance(most, int)
        points = [pl.lit(low)]
        points += [pl.col("own").list.get(n, null_on_oob=True) for n in range(most)]
        people = people if listed is None else people.with_columns(listed)
        if self.is_whole:
            return [_Sample(people, at) for at in (*points, *([pl.lit(high)] if high > low else []))]
        samples: list[_Sample] = []
        for at, after in zip(points, [*points[1:], pl.lit(high)], strict=True):
            samples.append(_Sample(people, at))
            if high > low:
                samples.append(_Sample(people, at, (at + after.fill_null(high)) / 2))
        return [*samples, *([_Sample(people, pl.lit(high))] if high > low else [])]

    def _said(self, known: _Known, samples: Sequence[_Sample], memory: int) -> pl.DataFrame:
        """The verdict of each person at each sample, and who of them is odd."""
        marked = samples[0].people.select(
            *samples[0].people.columns,
            *(sample.value.alias(f"value {n}") for n, sample in enumerate(samples)),
            *(sample.tried.alias(f"tried {n}") for n, sample in enumerate(samples)),
        )
        adjoining = [
            (pl.col(f"tried {n}") == pl.col(f"value {n}")) & (pl.col(f"value {n}") != float(self.high))
            for n, sample in enumerate(samples)
            if sample.between is not None
        ]
        close = pl.any_horizontal(adjoining).fill_null(False) if adjoining else pl.lit(False)
        with tempfile.TemporaryDirectory(prefix="varied-") as folder:
            tables = replace(self.tables, people=str(Path(folder) / "people.parquet"))
            own = pl.scan_parquet(self.tables.people)
            beside = (
                marked.drop("id").rename({SUBJECT: self.tables.key})
                if self.tables.key != SUBJECT
                else marked.drop("id")
            )
            joined = own.join(beside.lazy(), on=self.tables.key, how="inner", maintain_order="left")
            joined.sink_parquet(tables.people, maintain_order=True)
            found = [self._verdicts(known, tables, n, sample, memory) for n, sample in enumerate(samples)]
        verdicts = [frame["verdict"].alias(f"verdict {n}") for n, frame in enumerate(found)]
        odd = [frame[_ODD].alias(f"odd {n}") for n, frame in enumerate(found)]
        order = found[0].select(SUBJECT).with_columns(*verdicts, *odd)
        made = marked.join(order, on=SUBJECT, how="left", maintain_order="left")
        return made.with_columns((pl.any_horizontal(f"odd {n}" for n in range(len(odd))) | close).alias(_ODD))

    def _verdicts(self, known: _Known, tables: Tables, n: int, sample: _Sample, memory: int) -> pl.DataFrame:
        meaning = _Preset(self.library, tables, self.as_of)
        meaning.contradictions = known.contradictions
        meaning.known |= known.nodes
        value = values.single(pl.col(f"tried {n}"))
        if sample.number is not None:
            value = values.of_bounds(bounds.exactly(sample.number))
        meaning.parameters[self.varying.parameter] = value
        verdict = verdict_column(meaning)
        odd = [each for found in meaning.odd.values() for each in found.values()]
        columns = [
            pl.col(tables.key).alias(SUBJECT),
            verdict.alias("verdict"),
            (pl.any_horizontal(odd).fill_null(False) if odd else pl.lit(False)).alias(_ODD),
        ]
        slices = Slices(meaning.people, columns)
        return pl.concat(slices.frame(among) for among in slices.among(slices.at_once(memory)))


@dataclass(frozen=True, slots=True)
class _Sample:
    """A value of each person, or one that stands for all above it up to their next one; null where there is
    none.
    """

    people: pl.DataFrame
    value: pl.Expr
    between: pl.Expr | None = None
    number: int | None = None

    @property
    def tried(self) -> pl.Expr:
        return self.value if self.between is None else self.between


class _Saved:
    """Values as columns of a table, and how they are read from there again."""

    def __init__(self) -> None:
        self.columns: dict[str, pl.Expr] = {}

    def column(self, made: pl.Expr) -> str:
        name = f"saved {len(self.columns)}"
        self.columns[name] = made
        return name

    def plain(self, found: Any) -> Any:
        return pl.col(self.column(found)) if isinstance(found, pl.Expr) else found

    def value(self, found: Value) -> Value:
        match found:
            case Ordered(low, high):
                kept = self.plain(low)
                other = kept if low is high else self.plain(high)
                # An age that comes from a day of birth is held against the number of years itself.
                return Ordered(kept, other, found.computed, found.scale)
            case Word(word):
                return Word(self.plain(word), found.is_plain)
        made: Value = self.plain(found)
        return made


def _add(total: Sum, said: pl.DataFrame, samples: Sequence[_Sample]) -> None:
    """Adds people up: who is of another verdict from a sample on, by its value."""
    before = said["verdict 0"]
    first = said.select(pl.col("value 0").alias("value"), before.alias("now")).group_by("value", "now").len()
    for value, now, number in first.iter_rows():
        total.people += number
        total.change(Mark(exact(value)), now, number)
    for n, sample in enumerate(samples[1:], 1):
        there = said[f"tried {n}"].is_not_null()
        now = said[f"verdict {n}"].zip_with(there, before)
        moved = pl.DataFrame({"value": said[f"value {n}"], "before": before, "now": now})
        moved = moved.filter(pl.col("now") != pl.col("before"))
        for value, old, new, number in moved.group_by("value", "before", "now").len().iter_rows():
            mark = Mark(exact(value), is_above=sample.between is not None)
            total.change(mark, new, number)
            total.change(mark, old, -number)
        before = now


def exact(value: float) -> Fraction:
    """The decimal that a stored number stands for."""
    return Fraction(Decimal(repr(value)))
