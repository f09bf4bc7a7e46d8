"""A FHIR R4 bulk export to the evidence of a cohort, column by column, as the door that reads bundles makes it.

Each line is cut to its shape (`fhir_shape`), each kind of line is planned once by that door itself (`fhir_plan`),
and the plans are joined with the lines (`fhir_planned`). Whoever has a line that this does not decide is read
person by person through that door (`fhir_bulk`): a line of a shape that is not ordinary, an entry that refers to
another, two resources of one id, two Patients of one id. Entries that may be charted twice are merged one by one.

Of a person on the fast road, notices, `searched`, `passed_over` and the digest of the record are not kept: only
reports show them, and the digests of the files stand in the manifest. All else is as the slow door says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from screening.language.library import Library
from screening.record.people import NOBODY, Rejected, duplicate
from screening.record.subject import Absence, Completeness, Evidence, Subject
from screening.sources.fhir_bulk import Bulk, Sorting
from screening.sources.fhir_lines import FILE, File, Shapes, chosen, unpacked
from screening.sources.fhir_planned import FIELDS, Planned
from screening.sources.fhir_tied import list_of, moment, settled
from screening.sources.index import Index
from screening.sources.site import SiteDeclaration, completeness
from screening.sources.unread import Unread

if TYPE_CHECKING:
    import polars as pl


class Parts(NamedTuple):
    """A cohort as columns, for the writer of a prepared cohort.

    `people`: `subject` (0, 1, 2, ... in the order of the source), `id`, `place`, `synthetic`, `slow`. `evidence`:
    `requirement` (position in the library), `subject`, `template` (position in `templates`), and what is not the
    template's: the days `low` and `high`, `clock`, `origin`, `amount` (the number as written; null: the value is
    the template's), `day` (the value is this day), and the days `f0`, `f1`, `f2` of the fields in `fields`.
    Rows are sorted by requirement and subject, and stand in the order of the list. What follows a number as
    written (its unit) is the `written` of the template. `absences` likewise, with `absent`. `subjects` are the
    people of the slow road as they were read, by number, with all that is known of them.
    """

    library: Library
    people: pl.DataFrame
    templates: Sequence[Evidence]
    fields: Sequence[tuple[str, ...]]
    evidence: pl.DataFrame
    absent: Sequence[Absence]
    absences: pl.DataFrame
    complete: Mapping[str, Completeness]
    partial: bool
    subjects: Mapping[int, Subject]
    rejected: Sequence[Rejected]


def prepared_by_columns(
    files: Sequence[Path],
    library: Library,
    site: SiteDeclaration | None,
    work_folder: Path,
    inside: Path | None = None,
) -> Parts:
    """Everybody whose Patient stands in one of the files, as `Bulk` would read them.

    `library` has the site's codes in it; `work_folder` is for files unpacked, which stay there.
    """
    names = [path.relative_to(inside).as_posix() if inside is not None else path.name for path in files]
    sources = [unpacked(path, names[n], work_folder, n) for n, path in enumerate(files)]
    first = _First(library, site, sources)
    first.read()
    return _Second(first).parts()


class _Noted:
    """Stands for the index while lines are looked at for the first time: whose they are, and nothing of them."""

    def __init__(self) -> None:
        self.number = 0
        self.people: list[tuple[int, str]] = []
        self.entries: list[tuple[int, str, str]] = []
        self.targets: list[int] = []

    def add_person(self, id: str, place: str, body: str = "") -> str:
        self.people.append((self.number, id))
        return ""

    def add(self, person: str, part: str, place: str, body: str) -> None:
        self.entries.append((self.number, person, part))

    def add_target(self, key: str, place: str, body: str) -> None:
        self.targets.append(self.number)


class _First:
    """The first look at every line."""

    def __init__(self, library: Library, site: SiteDeclaration | None, sources: Sequence[File]) -> None:
        self.library, self.site, self.sources = library, site, sources
        self.planned = Planned(library)
        self.noted = _Noted()
        self.rejected: list[tuple[int, Rejected]] = []
        # INVARIANT: what `Sorting` asks of an index while lines come in is what `_Noted` has.
        self.bulk = Sorting(self.noted)  # type: ignore[arg-type]

    def read(self) -> None:
        shapes = Shapes()
        for position, source in enumerate(self.sources):
            base = position * FILE
            for block in shapes.blocks(source, base):
                for shape, lines in block.shaped:
                    self.planned.take(shape, lines)
                for number, line in block.odd:
                    self.noted.number = number
                    for rejected in self.bulk.line(line, self.place(number)):
                        self.rejected.append((number, rejected))

    def place(self, number: int) -> str:
        return f"{self.sources[number // FILE].name}:{number % FILE}"


class _Second:
    """Who is read person by person; and then everything put together."""

    def __init__(self, first: _First) -> None:
        import polars as pl

        self.first, self.planned = first, first.planned
        noted = first.noted
        odd = pl.DataFrame(noted.people, schema={"number": pl.Int64, "id": pl.String}, orient="row")
        odd = odd.with_columns(synthetic=pl.lit(False), slow=pl.lit(True))
        even = [frame.with_columns(slow=pl.lit(False)) for frame in self.planned.patients]
        patients = pl.concat([*even, odd]).sort("number")
        twice = patients.select(pl.col("id").is_duplicated()).to_series()
        patients = patients.with_columns(slow=pl.col("slow") | twice)
        # Everybody once, by the first Patient of an id; `person` is their number among these.
        self.patients = patients.unique("id", keep="first", maintain_order=True).with_row_index("person")
        self.patients = self.patients.with_columns(pl.col("person").cast(pl.Int64))
        self.again = patients.filter(~pl.col("number").is_in(self.patients["number"].implode()))
        entries = {"number": pl.Int64, "owner": pl.String, "kind": pl.String}
        self.odd = pl.DataFrame(noted.entries, schema=entries, orient="row")
        lines = pl.concat([*self.planned.owned.lines, self.odd.with_columns(id=pl.lit(None, pl.String))])
        # Answers came item by item.
        answers = pl.col("kind") == "QuestionnaireResponse"
        lines = pl.concat([lines.filter(~answers), lines.filter(answers).unique("number")])
        self.lines = lines.join(self.patients.select("person", owner="id"), on="owner", how="left")

    def parts(self) -> Parts:
        import polars as pl

        evidence, absences = self.entries()
        slow = self.slow(absences)
        evidence = settled(self.planned, evidence.filter(~pl.col("person").is_in(slow.implode())))
        subjects, refused = self.read(slow)
        people = self.patients.filter(~pl.col("person").is_in(list(refused)))
        people = people.with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))
        made = [person for person, subject in subjects.items() if subject.synthetic]
        people = people.with_columns(
            slow=pl.col("person").is_in(slow.implode()),
            synthetic=pl.col("synthetic") | pl.col("person").is_in(made),
        )
        by_person = people.select("person", "subject")
        kept = by_person.filter(~people["slow"])
        numbers = dict(by_person.iter_rows())
        by_number = {numbers[person]: subject for person, subject in subjects.items()}
        ranks = _ranks(self.planned.templates)
        slow_rows, slow_absences = self.rows_of(by_number)
        ranked = ranks.gather(evidence["template"])
        evidence = evidence.with_columns(rank=pl.coalesce("order", ranked)).join(kept, on="person")
        evidence = pl.concat([evidence.select(slow_rows.columns), slow_rows])
        evidence = evidence.sort(list_of("subject"), moment(), "rank").drop("rank")
        absences = pl.concat([absences.join(kept, on="person").select(slow_absences.columns), slow_absences])
        about = pl.Series([_about(a) for a in self.planned.absent], dtype=pl.String)
        absences = absences.with_columns(about=about.gather(absences["template"]))
        absences = absences.sort("requirement", "subject", "low", "high", "about", "origin")
        places = [self.first.place(number) for number in people["number"].to_list()]
        return Parts(
            self.first.library,
            people.select("subject", "id", pl.Series("place", places, dtype=pl.String), "synthetic", "slow"),
            self.planned.templates,
            self.planned.fields,
            evidence,
            self.planned.absent,
            absences.drop("about"),
            self.complete(),
            self.first.bulk.partial,
            by_number,
            [*self.rejected(), *refused.values(), *self.orphans()],
        )

    # ------------------------------------------------------------------------------- evidence

    def entries(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The entries of the fast road with whose they are (`person`)."""
        import polars as pl

        owners = self.patients.select("person", owner="id")
        found = []
        for frames, types in (
            (self.planned.entries.evidence, _EVIDENCE),
            (self.planned.entries.absences, _ABSENCES),
        ):
            schema = {name: getattr(pl, type) for name, type in types.items()}
            whole = (
                pl.concat([frame.select(*schema) for frame in frames]) if frames else pl.DataFrame(schema=schema)
            )
            found.append(whole.join(owners, on="owner"))
        return found[0], found[1]

    def slow(self, absences: pl.DataFrame) -> pl.Series:
        """The people who have to be read one by one."""
        import polars as pl

        owners = [*self.planned.owned.slow, self.odd.select("owner")]
        owners += self.planned.asking if self.first.noted.targets else []
        by_name = pl.concat(owners).unique().join(self.patients.select("person", owner="id"), on="owner")
        ids = self.lines.filter(pl.col("id").is_not_null() & pl.col("person").is_not_null())
        ids = ids.select("person", key=pl.concat_str("kind", pl.lit("/"), "id").hash())
        twice = ids.filter(pl.col("key").is_duplicated())
        found = [
            by_name["person"],
            twice["person"],
            self.patients.filter("slow")["person"],
            absences.filter(pl.struct("requirement", "person", "low", "high").is_duplicated())["person"],
        ]
        return pl.concat(found).unique().sort()

    # ------------------------------------------------------------------------------ slow road

    def read(self, slow: pl.Series) -> tuple[dict[int, Subject], dict[int, Rejected]]:
        """The people of the slow road, through the door that reads bundles."""
        import polars as pl

        if not slow.len():
            return {}, {}
        wanted = [
            self.lines.filter(pl.col("person").is_in(slow.implode()))["number"],
            self.patients.filter(pl.col("person").is_in(slow.implode()))["number"],
            pl.Series(self.first.noted.targets, dtype=pl.Int64),
        ]
        numbers = pl.concat(wanted).unique()
        persons = dict(self.patients.select("id", "person").iter_rows())
        subjects: dict[int, Subject] = {}
        refused: dict[int, Rejected] = {}
        with Index() as index:
            bulk, door = Sorting(index), Bulk((), self.first.library, self.first.site)
            for position, source in enumerate(self.first.sources):
                base = position * FILE
                here = numbers.filter(numbers.is_between(base, base + FILE - 1))
                for number, line in chosen(source, base, here) if here.len() else ():
                    for _ in bulk.line(line, self.first.place(number)):
                        pass
            bulk.partial = self.first.bulk.partial
            for id, place, body in index.people():
                unread = Unread(id, place, [*bulk.resources_of(id, place, body), bulk.partial])
                for found, _ in door.read(unread):
                    if isinstance(found, Subject):
                        subjects[persons[id]] = found
                    else:
                        refused[persons[id]] = found
        return subjects, refused

    def rows_of(self, subjects: Mapping[int, Subject]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The entries of people who were read one by one, each with a template that is the entry itself."""
        import polars as pl

        positions = {r.name: n for n, r in enumerate(self.first.library.requirements)}
        rows: list[tuple[Any, ...]] = []
        absences: list[tuple[Any, ...]] = []
        for number, subject in subjects.items():
            for name, entries in subject.evidence.items():
                for order, entry in enumerate(entries):
                    at = len(self.planned.templates)
                    moment = (entry.when.low, entry.when.high, entry.clock)
                    rows.append((positions[name], number, at, *moment, entry.origin, order))
                    self.planned.templates.append(entry)
                    self.planned.fields.append(())
            for name, attested in subject.absences.items():
                for absence in attested:
                    at = len(self.planned.absent)
                    absences.append((positions[name], number, at, *absence.when, absence.origin))
                    self.planned.absent.append(absence)
        whole = {"requirement": pl.Int16, "subject": pl.Int64, "template": pl.Int64}
        days = {"low": pl.Date, "high": pl.Date}
        schema: dict[str, Any] = whole | days | {"clock": pl.String, "origin": pl.String, "rank": pl.UInt32}
        found = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
            pl.lit(None, pl.String).alias("amount"),
            pl.lit(None, pl.Date).alias("day"),
            *(pl.lit(None, pl.Date).alias(f"f{n}") for n in range(FIELDS)),
        )
        schema = whole | days | {"origin": pl.String}
        return found, pl.DataFrame(absences, schema=schema, orient="row")

    # ----------------------------------------------------------------------- those left over

    def rejected(self) -> Iterator[Rejected]:
        """Lines that could not be read, and second Patients of one id, in the order of the source."""
        found = list(self.first.rejected)
        firsts = dict(self.patients.select("id", "number").iter_rows()) if self.again.height else {}
        for number, id in self.again.select("number", "id").iter_rows():
            found.append((number, duplicate(self.first.place(number), self.first.place(firsts[id]), id)))
        yield from (one for _, one in sorted(found, key=lambda pair: pair[0]))

    def orphans(self) -> Iterator[Rejected]:
        import polars as pl

        lost = self.lines.filter(pl.col("person").is_null()).group_by("owner")
        for id, first, number in lost.agg(pl.col("number").min(), pl.len()).sort("number").iter_rows():
            several = "1 entry is" if number == 1 else f"{number} entries are"
            told = f"{several} about somebody whose Patient is not there"
            yield Rejected(self.first.place(first), told, id, NOBODY)

    def complete(self) -> dict[str, Completeness]:
        site = self.first.site
        if site is None or self.first.bulk.partial:
            return {}
        found = ((r.name, completeness(site, r)) for r in self.first.library.requirements)
        return {name: complete for name, complete in found if complete is not None}


_ABSENCES = {
    "requirement": "Int16", "template": "Int64", "owner": "String", "origin": "String",
    "low": "Date", "high": "Date",
}  # fmt: skip
_EVIDENCE = _ABSENCES | {
    "clock": "String", "amount": "String", "day": "Date", **{f"f{n}": "Date" for n in range(FIELDS)},
}  # fmt: skip


def _ranks(templates: Sequence[Evidence]) -> pl.Series:
    """The order of entries of one day and clock, by template: as `admission` has it."""
    import polars as pl

    keys = [
        (repr(t.value), repr(t.written), repr(t.certainty.value), repr(t.status), repr(t.codes)) for t in templates
    ]
    order = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    return pl.Series([order[key] for key in keys], dtype=pl.UInt32)


def _about(absence: Absence) -> str:
    return "all" if absence.concepts is None else repr(sorted(absence.concepts))
