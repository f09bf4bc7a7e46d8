"""Everybody of a source, once for each library that is asked of them: in columns where they lie in tables.

What is made here are verdicts in a frame, for counts of a cohort: no folder is written, and nobody's row changes.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from screening.errors import DefectError, UnsupportedError
from screening.everybody.worker import fast
from screening.language.library import Library
from screening.outcome.row import Row
from screening.record.people import DEFECT, Rejected
from screening.record.subject import Subject
from screening.record.tables import SUBJECT, Tables
from screening.sources import prepared
from screening.sources.database import place_of
from screening.sources.in_place import in_place, people_in_place
from screening.sources.mapping import read_mapping
from screening.sources.opening import data_of, opened
from screening.sources.site import SiteDeclaration, adapted
from screening.sources.unread import people_through

if TYPE_CHECKING:
    from screening.sources.files import Beside

# So few people are worked out one by one before a query over hundreds of tables is even planned.
FEW = 2_000
MEMORY = 2**30
TEXTS = ("id", "standing", "verdict", "deciding_reasons", "missing_items", "not_before", "age_years", "sex")
_COLUMNS = dict.fromkeys(TEXTS, pl.String)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where people come from: a source, a site's declaration, a mapping of tables, and the names asked beside."""

    source: Path | str
    site: SiteDeclaration | None = None
    mapping: Path | None = None
    beside: Beside | None = None

    @property
    def name(self) -> str:
        """The name of the site, or of the source where no site is declared, without its folders."""
        if self.site is not None:
            return self.site.site
        place = place_of(str(self.source))
        return Path(self.source).name if place is None else place.shown


def is_prepared(source: Path) -> bool:
    """Whether a source is a prepared cohort."""
    return prepared.is_prepared(source)


class Everybody:
    """The people of a source as one library asks of them; `tables` is None where they lie in none, or are few.

    `least` people are needed before columns are made. Raises what `people.people_of` raises.
    """

    def __init__(self, origin: Origin, library: Library, least: int = FEW) -> None:
        self.origin, self.asked = origin, library
        self.library = adapted(library, origin.site)
        self.tables = self._tables(least)
        path = Path(origin.source)
        # What was rejected when a cohort was prepared is rejected, though columns never look at it.
        counts: dict[str, Any] = prepared.read_prepared(path)["counts"] if is_prepared(path) else {"rejected": 0}
        self.rejected: int = counts["rejected"]
        if self.tables is not None and DEFECT in counts.get("rejected_by_kind", {}):
            raise DefectError(
                "this program failed at a record of this cohort when it was prepared; prepare it again"
            )

    def _tables(self, least: int) -> Tables | None:
        origin = self.origin
        path = Path(origin.source)
        if prepared.is_prepared(path):
            if prepared.read_prepared(path)["counts"]["people"] < least:
                return None
            return prepared.tables_of(path, self.asked, origin.site)
        if origin.mapping is None or place_of(str(origin.source)) is not None:
            return None
        meant = read_mapping(data_of(origin.mapping), origin.mapping.as_posix())
        try:
            found = in_place(path, meant, self.library, origin.site, origin.beside).tables
        except UnsupportedError:
            return None
        if found is None:
            return None
        number = int(pl.scan_parquet(found.people).select(pl.len()).collect().item())
        return found if number >= least else None

    def people(self) -> Iterator[Subject]:
        """Everybody, one after the other; `rejected` counts the records that are nobody."""
        origin, self.rejected = self.origin, 0
        if prepared.is_prepared(Path(origin.source)):
            found: Iterable[Subject | Rejected] = prepared.people_of_prepared(
                Path(origin.source), self.asked, origin.site
            )
        else:
            found = people_through(opened(origin.source, self.asked, origin.site, origin.mapping, origin.beside))
        for one in found:
            if isinstance(one, Rejected):
                if one.kind == DEFECT:
                    raise DefectError(f"{one.reason}; `screening cohort` screens the others and names it")
                self.rejected += 1
            else:
                yield one

    def some(self, keys: Sequence[Any]) -> Iterator[Subject]:
        """Some people of tables, by the keys that their entries name them by, in the order of the source."""
        origin = self.origin
        path = Path(origin.source)
        if not len(keys):
            return
        if prepared.is_prepared(path):
            for _, subject in prepared.some_of_prepared(path, self.asked, origin.site, list(keys)):
                yield subject
            return
        assert origin.mapping is not None
        meant = read_mapping(data_of(origin.mapping), origin.mapping.as_posix())
        for one in people_in_place(path, meant, self.library, origin.site, list(keys)):
            if isinstance(one, Subject):
                yield one

    def rows(self, as_of: datetime.date, memory: int = MEMORY) -> pl.DataFrame:
        """The row of everybody: the columns of `TEXTS` and one for each criterion."""
        ids = [criterion.id for criterion in self.library.criteria]
        made = self._in_columns(as_of, ids, memory)
        if made is None:
            row = fast(self.library, as_of)
            made = _frame((row(subject) for subject in self.people()), ids)
        return made

    def _in_columns(self, as_of: datetime.date, ids: Sequence[str], memory: int) -> pl.DataFrame | None:
        if self.tables is None:
            return None
        from screening.interpreters import cohort

        try:
            query = cohort.compile(self.library, self.tables, as_of)
        except UnsupportedError:
            self.tables = None
            return None
        with tempfile.TemporaryDirectory(prefix="laboratory-") as folder:
            path = Path(folder) / "rows.parquet"
            query.write(path, memory)
            found = pl.read_parquet(path)
        odd = found.filter("odd")
        if odd.height:
            row = fast(self.library, as_of)
            own = _frame((row(subject) for subject in self.some(odd[SUBJECT].to_list())), ids)
            found = pl.concat([found.filter(~pl.col("odd")).select(*TEXTS, *ids), own])
        return found.select(*TEXTS, *ids)


def _frame(rows: Iterable[Row], ids: Sequence[str]) -> pl.DataFrame:
    made = []
    for row in rows:
        truths = dict(row.criteria)
        lists = ("|".join(row.deciding), "|".join(row.missing))
        texts = (row.id, row.standing, row.verdict, *lists, row.not_before, row.age_years, row.sex)
        made.append((*texts, *(truths.get(id, "") for id in ids)))
    return pl.DataFrame(made, schema={**_COLUMNS, **dict.fromkeys(ids, pl.String)}, orient="row")
