"""What a prepared cohort holds for each requirement, counted in columns: the same numbers as person by person.

So many people are taken at a time that about so many entries are in memory. What columns do not say themselves (a
value that is kept as exact text, a unit as it is written, several codings) is read once for each different text.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from screening.language.library import Library
from screening.outcome.coverage import (
    NO_UNIT,
    UNREAD_UNITS,
    Coverage,
    Covered,
    begun,
    is_value,
    keep_most,
    number_of,
    unit_of,
    unread_unit,
)
from screening.record.missing_code import MISSING_CODES, MOST_ANSWERS
from screening.record.tables import CERTAIN, CODE, ODD, SET_ASIDE, SUBJECT, WHEN_HIGH, WHEN_LOW
from screening.sources import prepared
from screening.sources.prepared_cells import NOTHING, NUMBER, ROLES, codings_of, exactly_of
from screening.sources.prepared_columns import Columns, columns_of
from screening.sources.prepared_folder import SUBJECTS
from screening.sources.site import SiteDeclaration, adapted
from screening.values.coding import Code
from screening.values.truth import FALSE

if TYPE_CHECKING:
    import polars

    Frame: TypeAlias = polars.DataFrame

# About so many entries are in memory at once.
ENTRIES = 1 << 20
# What is recorded of somebody for a requirement: entries that only may be of it, none with a value, a value.
_POSSIBLE, _UNUSABLE, _KNOWN = 1, 2, 3
# The number that a text begins with: texts that differ in it alone have one unit.
_NUMBER = "^[<>=]*[-+0-9.eE]+"
_TEXTS = ("origin", "written", "why", "exact", "codes")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of entries, and the places in the library of those requirements whose entries they are."""

    path: Path
    columns: Columns
    asking: tuple[int, ...]


def measure(folder: Path, library: Library, site: SiteDeclaration | None = None) -> Coverage:
    """Counts a prepared cohort as `outcome.coverage.measure` counts its people; raises as `people_of_prepared`."""
    import polars as pl

    manifest = prepared.read_prepared(folder)
    asked = prepared.answered(folder, manifest, library, site)
    coverage = begun(adapted(library, site), prepared.looked_for(folder))
    numbers = [each.number for each in asked]
    shared = {each["file"]: each["shared"] for each in manifest["requirements"]}
    entries = {each["file"]: each["entries"] for each in manifest["requirements"]}
    tables = list(_tables(folder, coverage, numbers, shared))
    absences = [folder / "absences" / f"{number}.parquet" for number in numbers]
    denied = {place: path for place, path in enumerate(absences) if path.is_file()}
    people = pl.read_parquet(folder / f"{SUBJECTS}.parquet", columns=[SUBJECT])
    coverage.subjects = people.height
    at_once = max(1, people.height * ENTRIES // max(1, sum(entries[number] for number in numbers)))
    for first in range(0, people.height, at_once):
        _Some(people.slice(first, at_once), coverage).count(tables, denied)
    for one in prepared.rejected_of(folder):
        coverage.reject(one)
    return coverage


def _tables(
    folder: Path, coverage: Coverage, numbers: Sequence[str], shared: dict[str, Sequence[str]]
) -> Iterator[_Table]:
    import polars as pl

    asking: dict[str, list[int]] = {}
    for place, number in enumerate(numbers):
        asking[f"evidence/{number}"] = [place]
        for each in shared[number]:
            asking.setdefault(f"shared/{each}", []).append(place)
    for name, places in asking.items():
        path = folder / f"{name}.parquet"
        if path.is_file() and pl.scan_parquet(path).select(pl.len()).collect().item():
            columns = columns_of(coverage.covered[places[0]].requirement)
            yield _Table(path, columns, tuple(places))


class _Some:
    """Some people of a cohort, and what is counted of them."""

    def __init__(self, people: Frame, coverage: Coverage) -> None:
        self.people, self.coverage = people, coverage
        self.levels: dict[int, list[polars.Series]] = {}
        self.unknown: list[Frame] = []
        self.named: list[Frame] = []
        self.unread: dict[int, list[Frame]] = {}

    def count(self, tables: Sequence[_Table], denied: dict[int, Path]) -> None:
        import polars as pl

        for table in tables:
            found = _read(self.among(table.path), table.columns)
            if not found.height:
                continue
            level = pl.when("known").then(_KNOWN).when(CERTAIN).then(_UNUSABLE).otherwise(_POSSIBLE)
            self.rank(found.select(SUBJECT, level=level.cast(pl.UInt8)), table.asking)
            self.of_origins(found, table.asking[-1])
            certain = found.filter(CERTAIN)
            if certain.height:
                counts = _counts(certain, [self.coverage.covered[place] for place in table.asking])
                unread = _unread(certain)
                for place in table.asking:
                    counts.add_to(self.coverage.covered[place])
                    self.unread.setdefault(place, []).append(unread)
        for place, path in denied.items():
            absent = self.among(path).select(SUBJECT, level=pl.lit(_KNOWN, pl.UInt8)).collect()
            self.rank(absent, (place,))
        for place, levels in self.levels.items():
            covered = self.coverage.covered[place]
            number = Counter(pl.select(pl.max_horizontal(levels)).to_series().to_list())
            covered.people += number[_KNOWN]
            covered.unusable += number[_UNUSABLE]
            covered.possible += number[_POSSIBLE]
        for place, tables_of_it in self.unread.items():
            of_people = pl.concat(tables_of_it).unique().group_by("why", "unit").len()
            self.coverage.covered[place].unread.update({(why, unit): n for why, unit, n in of_people.iter_rows()})
        self.unmapped()

    def among(self, path: Path) -> polars.LazyFrame:
        """The rows of a table that are of these people."""
        import polars as pl

        numbers = self.people[SUBJECT]
        wanted = pl.col(SUBJECT).is_between(numbers[0], numbers[-1])
        if len(numbers) <= numbers[-1] - numbers[0]:
            wanted &= pl.col(SUBJECT).is_in(numbers.implode())
        return pl.scan_parquet(path).filter(wanted)

    def rank(self, found: Frame, places: Sequence[int]) -> None:
        """Keeps what is recorded of each of these people in one table."""
        best = found.group_by(SUBJECT).max()
        levels = self.people.join(best, on=SUBJECT, how="left", maintain_order="left")["level"].fill_null(0)
        for place in places:
            self.levels.setdefault(place, []).append(levels.alias(str(len(self.levels.get(place, ())))))

    def of_origins(self, found: Frame, last: int) -> None:
        """Keeps the codes of entries that no concept knows, with the last requirement of which they may be."""
        import polars as pl

        self.named.append(found.filter(pl.col(CERTAIN) & pl.col("named")).select(SUBJECT, "origin").unique())
        maybe = found.filter(pl.col("maybe") & ~pl.col("named") & pl.col("coded").is_not_null())
        self.unknown.append(maybe.select(SUBJECT, "origin", "coded", place=pl.lit(last, pl.Int32)).unique())

    def unmapped(self) -> None:
        """Counts codes of entries that none of a requirement's concepts names."""
        import polars as pl

        if not self.unknown:
            return
        key = [SUBJECT, "origin", "coded"]
        entries = pl.concat(self.unknown).group_by(key).agg(pl.col("place").max())
        entries = entries.join(pl.concat(self.named), on=[SUBJECT, "origin"], how="anti")
        codes: list[Code] = []
        at: dict[Code, int] = {}
        lists = []
        texts = entries["coded"].unique()
        for text in texts:
            found = _codings(text)
            for code in found:
                if code not in at:
                    at[code] = len(codes)
                    codes.append(code)
            lists.append([at[code] for code in found])
        each = pl.DataFrame({"coded": texts, "code": pl.Series(lists, dtype=pl.List(pl.Int64))})
        single = entries.join(each, on="coded").explode("code").drop_nulls("code")
        key = [SUBJECT, "origin", "code"]
        counted = single.group_by(key).agg(pl.col("place").max()).group_by("code", "place").len()
        for at_code, place, number in counted.iter_rows():
            self.coverage.unmapped[codes[at_code], self.coverage.covered[place].requirement.kind] += number
        keep_most(self.coverage)


def _codings(text: str) -> Sequence[Code]:
    """The codings of an entry as they are written in one text: a list, or a cell after a bar."""
    return tuple(Code(*each) for each in json.loads(text)) if text[0] == "[" else codings_of(text[1:])


# ------------------------------------------------------------------------------ entries in columns


def _read(table: polars.LazyFrame, columns: Columns) -> Frame:
    """Entries of a table: whose, certain or not, whether it has a value, the number, days, origin, codings.

    `maybe` is an entry that is only possible, `named` one whose codes name a concept.
    """
    import polars as pl

    names = table.collect_schema().names()
    text = {name: pl.col(name) if name in names else pl.lit(None, pl.String) for name in _TEXTS}
    own = ROLES[columns.value.cells]
    has_cell = pl.any_horizontal([pl.col(role).is_not_null() for role in own]) if own else pl.lit(False)
    is_number = columns.value.cells == NUMBER
    # ENGINE: a double may stand for several decimals of more digits; their entries are odd, and have exact text.
    unsaid = text["exact"].is_not_null() & (pl.col(ODD).fill_null(False) | ~has_cell)
    found = table.select(
        SUBJECT,
        pl.col(CERTAIN).fill_null(False),
        pl.col(SET_ASIDE).fill_null(False),
        WHEN_LOW,
        WHEN_HIGH,
        has_cell=has_cell if columns.value.cells != NOTHING else pl.lit(True),
        number=pl.when(pl.col("low") == pl.col("high")).then("low") if is_number else pl.lit(None, pl.Float64),
        origin=text["origin"].fill_null(""),
        written=text["written"].fill_null(""),
        why=text["why"].fill_null(""),
        coded=pl.coalesce(text["codes"], "|" + pl.col(CODE)),
        named=pl.col("concepts").list.len().fill_null(0) > 0 if "concepts" in names else pl.lit(False),
        exact=pl.when(unsaid).then(text["exact"]),
    ).collect()
    told = _told(found["exact"].drop_nulls().unique())
    found = found.join(told, on="exact", how="left", maintain_order="left").drop("exact")
    said = pl.col("said").is_not_null()
    return found.with_columns(
        known=pl.col(CERTAIN) & ~pl.col(SET_ASIDE) & pl.coalesce("said", "has_cell"),
        maybe=~pl.col(CERTAIN) & ~pl.col("denied").fill_null(False),
        number=pl.when(~said).then("number"),
    ).drop("said", "denied", "has_cell")


def _told(texts: polars.Series) -> Frame:
    """What exact texts say of a value: whether it is one, its number, and whether the entry is denied."""
    import polars as pl

    rows = []
    for text in texts:
        told = json.loads(text)
        value = exactly_of(told["value"]) if "value" in told else None
        number = None if value is None else number_of(value)
        denied = told.get("certainty") == FALSE.value
        rows.append((text, None if value is None else is_value(value), number and str(number), denied))
    schema = {"exact": pl.String, "said": pl.Boolean, "exactly": pl.String, "denied": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


# --------------------------------------------------------------------------------- what is counted


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was counted of certain entries; each number and each day once where no more of it is needed."""

    units: Counter[str]
    set_aside: Counter[str]
    written: Counter[str]
    codes: Counter[Decimal]
    others: Sequence[Decimal]
    first: datetime.date | None
    last: datetime.date | None

    def add_to(self, covered: Covered) -> None:
        if covered.requirement.type.name == "Quantity":
            covered.units.update(self.units)
        covered.set_aside.update(self.set_aside)
        covered.coded.update({text: n for text, n in self.written.items() if text in covered.requirement.missing})
        covered.numbers.codes.update(self.codes)
        for number in self.others:
            covered.numbers.take(number)
        covered.take_days(self.first, self.last)


def _counts(certain: Frame, asking: Sequence[Covered]) -> _Counts:
    import polars as pl

    missing = {text for covered in asking for text in covered.requirement.missing}
    units: Counter[str] = Counter()
    if any(covered.requirement.type.name == "Quantity" for covered in asking):
        without = pl.col(SET_ASIDE) & (pl.col("why") == NO_UNIT)
        as_written = pl.col("written").str.replace(_NUMBER, "1")
        for text, is_without, number in _lengths(certain.select(as_written, without.alias("without"))):
            unit = unit_of(text) or (NO_UNIT if is_without else None)
            if unit is not None:
                units[unit] += number
    set_aside = dict(_lengths(certain.filter(SET_ASIDE).select("why")))
    written: dict[str, int] = {}
    if missing:
        no_value = certain.filter(~pl.col(SET_ASIDE) & ~pl.col("known") & pl.col("written").is_in(list(missing)))
        written = dict(_lengths(no_value.select("written")))
    codes, others = _numbers(certain.filter(~pl.col(SET_ASIDE)))
    first, last = certain.select(pl.col(WHEN_LOW).min(), pl.col(WHEN_HIGH).max()).row(0)
    return _Counts(units, Counter(set_aside), Counter(written), codes, others, first, last)


def _unread(certain: Frame) -> Frame:
    """Whose numbers are set aside for their unit, with the unit and why: each once."""
    import polars as pl

    as_written = pl.col("written").str.replace(_NUMBER, "1")
    for_unit = pl.col(SET_ASIDE) & pl.col("why").is_in(list(UNREAD_UNITS))
    found = certain.filter(for_unit).select(SUBJECT, "why", as_written).unique()
    texts = found.select("why", "written").unique()
    units = [unread[1] if (unread := unread_unit(text, why)) else "" for why, text in texts.iter_rows()]
    each = texts.with_columns(unit=pl.Series(units, dtype=pl.String))
    return found.join(each, on=["why", "written"]).select(SUBJECT, "why", "unit").unique()


def _lengths(found: Frame) -> Iterator[tuple[Any, ...]]:
    """Each different row with how often it stands there."""
    return found.group_by(found.columns).len("how often").iter_rows()


def _numbers(found: Frame) -> tuple[Counter[Decimal], list[Decimal]]:
    """Numbers as `Numbers` keeps them: how often each code stands there, and of the others the outermost."""
    import polars as pl

    codes: Counter[Decimal] = Counter()
    others: list[Decimal] = []
    for text, number in _lengths(found.select(pl.col("exactly").drop_nulls())):
        value = Decimal(text)
        if value in MISSING_CODES:
            codes[value] += number
        else:
            others.append(value)
    plain = found["number"].drop_nulls()
    is_code = plain.is_in(sorted(map(float, MISSING_CODES)))
    for cell, number in _lengths(plain.filter(is_code).to_frame()):
        codes[Decimal(int(cell))] += number
    rest = plain.filter(~is_code).unique().sort()
    # Of so many different numbers the lowest and the highest are kept, whatever lies between.
    kept = rest if len(rest) <= MOST_ANSWERS + 3 else rest.head(1).append(rest.tail(MOST_ANSWERS + 3))
    return codes, [*others, *(Decimal(repr(cell)) for cell in kept)]
