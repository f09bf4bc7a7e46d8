"""A range of the people of a bulk export put together: lists in their order, as tables of a prepared cohort."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screening.language.library import DataRequirement
from screening.record.subject import Absence, Evidence, Subject
from screening.sources.fhir_apart import not_apart, to_be_told_apart
from screening.sources.fhir_block import Known
from screening.sources.fhir_planned import ABSENCES, EVIDENCE
from screening.sources.fhir_shared import Lists
from screening.sources.fhir_tied import list_of, moment, settled
from screening.sources.fhir_wide import Templates, absences, alike, widened
from screening.sources.joint import Joint
from screening.sources.prepared_part import COMPLETE, PEOPLE, REJECTED, Part, frame_of, schema_of, together
from screening.sources.prepared_rest import Resting
from screening.sources.site import SiteDeclaration, completeness

if TYPE_CHECKING:
    import polars as pl


def slow_of(named: pl.Series, lines: Sequence[pl.DataFrame], denied: Sequence[pl.DataFrame]) -> pl.Series:
    """Those of a range who have to be read one by one, in their order; `named` are known to be among them."""
    import polars as pl

    found = [named]
    if lines:
        ids = pl.concat(lines).filter(pl.col("id").is_not_null())
        ids = ids.select("person", key=pl.concat_str("kind", pl.lit("/"), "id").hash())
        found.append(ids.filter(pl.struct("person", "key").is_duplicated())["person"])
    if denied:
        what = pl.struct("requirement", "person", "low_day", "high_day")
        found.append(pl.concat(denied).filter(what.is_duplicated())["person"])
    return pl.concat(found).unique().sort()


class Range:
    """Some people of an export: `people` are `person`, `id`, `place` and `synthetic`, in their order."""

    def __init__(
        self,
        joint: Joint,
        site: SiteDeclaration | None,
        people: pl.DataFrame,
        slow: pl.Series,
        partial: bool,
    ) -> None:
        import polars as pl

        self.joint, self.site, self.partial = joint, site, partial
        is_fast = ~people["person"].is_in(slow.implode())
        self.people = (
            people.filter(is_fast).with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))
        )
        self.by_person = self.people.select("person", "subject")
        self.born: dict[int, tuple[Any, Any]] = {}
        self.sexes: dict[int, str] = {}

    def layer(
        self,
        number: int,
        lists: Lists,
        known: Known,
        evidence: Sequence[pl.DataFrame],
        denied: Sequence[pl.DataFrame],
    ) -> Part:
        """What one layer of the joint reading found of those on the fast road; of people nothing else."""
        import polars as pl

        asked = {each.name: each for each in self.joint.of_layer(number)}
        requirements = self.joint.layers[number].requirements
        made: dict[str, pl.DataFrame] = {}
        shared: dict[str, pl.DataFrame] = {}
        templates = Templates(known)
        rows = self.rows_of(evidence, EVIDENCE).join(lists.of_sets, on="set").drop("set")
        rows = self.ordered(self.in_lists(rows, lists, templates), templates)
        for of in alike(requirements[at] for at in lists.asked):
            here = [at for at, one in enumerate(lists.every) if one.name in of.columns]
            table = rows.filter(pl.col("requirement").is_in(here))
            if table.height:
                found = widened(of, table, templates)
                # INVARIANT: rows come list by list.
                sizes = table.group_by("requirement", maintain_order=True).len()
                first = 0
                for at, size in sizes.iter_rows():
                    (made if at < lists.first else shared)[lists.number(at)] = found.slice(first, size)
                    first += size
                if number == 0:
                    for at in sorted(lists.heads.intersection(here)):
                        self.head(lists.every[at], table, at, templates)
        absent = self.absences(asked, requirements, known, self.rows_of(denied, ABSENCES))
        empty = frame_of((), PEOPLE)
        complete = self.complete(number, asked)
        evidence_of, shared = dict(sorted(made.items())), dict(sorted(shared.items()))
        return Part(empty, frame_of((), REJECTED), evidence_of, absent, complete, shared, lists.sharing)

    def in_lists(self, given: pl.DataFrame, lists: Lists, templates: Templates) -> pl.DataFrame:
        """The entries with each charted once, in which list they lie, and whether that list is `apart`."""
        import polars as pl

        def once(rows: pl.DataFrame) -> pl.DataFrame:
            return settled(lists.every, templates.entries, templates.fields, rows)

        rows = once(given)
        blurred = not_apart(lists.every, rows, templates)
        if lists.shared:
            parted, also = to_be_told_apart(lists, given, rows, blurred, templates)
            if parted.height:
                people = parted.select("subject").unique()
                again = once(lists.apart(given.join(people, on="subject", how="semi"), parted))
                rows = pl.concat([rows.join(people, on="subject", how="anti"), again.select(rows.columns)])
                blurred = blurred.join(people, on="subject", how="anti")
                blurred = pl.concat([blurred, not_apart(lists.every, again, templates)])
            # Whose shared entries are not apart has no list apart of which they are part.
            blurred = pl.concat([blurred, also])
            theirs = blurred.join(lists.members, on="requirement").select("subject", requirement="member")
            blurred = pl.concat([blurred, theirs]).unique()
        blurred = blurred.with_columns(apart=pl.lit(False))
        found = rows.join(blurred, on=("subject", "requirement"), how="left")
        return found.with_columns(pl.col("apart").fill_null(True))

    def rows_of(self, tables: Sequence[pl.DataFrame], types: Mapping[str, str]) -> pl.DataFrame:
        import polars as pl

        names = {"low": "low_day", "high": "high_day", "owner": "person"}
        schema = {names.get(name, name): getattr(pl, type) for name, type in types.items()}
        schema["person"] = pl.Int64
        whole = pl.concat([table.select(*schema) for table in tables]) if tables else pl.DataFrame(schema=schema)
        return whole.join(self.by_person, on="person").drop("person")

    def ordered(self, rows: pl.DataFrame, templates: Templates) -> pl.DataFrame:
        """Entries in the order of their lists: by day, clock time, and as `admission` has them within one."""
        import polars as pl

        used, keys = rows["template"].unique().to_list(), []
        for at in used:
            t = templates.entries[at]
            said = (repr(t.value), repr(t.written), repr(t.certainty.value), repr(t.status), repr(t.codes))
            keys.append(said)
        order = {key: rank for rank, key in enumerate(sorted(set(keys)))}
        ranks = pl.DataFrame(
            {"template": used, "rank": [order[key] for key in keys]},
            schema={"template": pl.Int64, "rank": pl.UInt32},
        )
        ranked = rows.join(ranks, on="template", how="left").with_columns(
            pl.coalesce("order", "rank").alias("rank")
        )
        return ranked.sort(list_of("subject"), moment(), "rank").drop("rank", "order")

    def head(self, asked: DataRequirement, table: pl.DataFrame, at: int, templates: Templates) -> None:
        """What stands beside each person: the first birth date on record, and the sex that is asked for."""
        import polars as pl

        table = table.filter(pl.col("requirement") == at)
        if asked.kind == "birth date":
            for subject, template, day in table.select("subject", "template", "day").iter_rows():
                low, high = (day, day) if day is not None else _days(templates.entries[template])
                if low is not None:
                    self.born.setdefault(subject, (low, high))
        else:
            for subject, template in table.select("subject", "template").iter_rows():
                value = templates.entries[template].value
                if isinstance(value, tuple) and not hasattr(value, "low"):
                    self.sexes.setdefault(subject, "; ".join(code.code for code in value))

    def absences(
        self, asked: Mapping[str, Any], requirements: Sequence[Any], known: Known, rows: pl.DataFrame
    ) -> dict[str, pl.DataFrame]:
        import polars as pl

        about = pl.Series([_about(one) for one in known.absent], dtype=pl.String)
        rows = rows.with_columns(about=about.gather(rows["template"]))
        rows = rows.sort("requirement", "subject", "low_day", "high_day", "about", "origin")
        found = {}
        for (at,), table in rows.partition_by("requirement", as_dict=True, maintain_order=True).items():
            name = requirements[at].name
            if name in asked:
                found[asked[name].number] = absences(name, table, known.absent)
        return dict(sorted(found.items()))

    def complete(self, number: int, asked: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
        """What the site declares complete, for everybody."""

        if self.site is None or self.partial or not self.people.height:
            return {}
        found = {}
        for requirement in self.joint.layers[number].requirements:
            said = completeness(self.site, requirement) if requirement.name in asked else None
            if said is not None:
                row = (0, said.since, said.basis, said.because, said.signed)
                one = frame_of([row], COMPLETE).drop("subject")
                table = self.people.select("subject").join(one, how="cross")
                found[asked[requirement.name].number] = table.select(list(COMPLETE))
        return dict(sorted(found.items()))

    def part(self, layers: Sequence[Part], slow: Part | None) -> Part:
        """Everybody of the range: those on the fast road by all layers, and those who were read one by one."""
        import polars as pl

        label = self.site.label if self.site is not None else ""
        bare = [
            Subject(
                id="",
                evidence={},
                site=label,
                source="",
                concepts={r.name: len(r.concepts) for r in layer.requirements if r.concepts},
            )
            for layer in self.joint.layers
        ]
        rest = Resting(self.joint).rest(bare, "")
        born = [(subject, *days) for subject, days in self.born.items()]
        types = {"subject": pl.Int64, "born_low": pl.Date, "born_high": pl.Date}
        of_birth = pl.DataFrame(born, schema=types, orient="row")
        sex = pl.DataFrame(list(self.sexes.items()), {"subject": pl.Int64, "sex": pl.String}, orient="row")
        people = self.people.join(of_birth, on="subject", how="left").join(sex, on="subject", how="left")
        people = people.sort("subject").with_columns(number="person", extracted=pl.lit(None), rest=pl.lit(rest))
        held = schema_of(PEOPLE)
        fast = Part(
            people.select(pl.col(name).cast(type) for name, type in held.items()),
            frame_of((), REJECTED),
            {number: table for layer in layers for number, table in layer.evidence.items()},
            {number: table for layer in layers for number, table in layer.absences.items()},
            {number: table for layer in layers for number, table in layer.complete.items()},
            {number: table for layer in layers for number, table in layer.shared.items()},
            {number: of for layer in layers for number, of in layer.sharing.items()},
        )
        return fast if slow is None else together([fast, slow])


def _days(entry: Evidence) -> tuple[Any, Any]:
    found = entry.value
    low = getattr(found, "low", None)
    return (low, found.high) if isinstance(low, datetime.date) else (None, None)  # type: ignore[union-attr]


def _about(absence: Absence) -> str:
    return "all" if absence.concepts is None else repr(sorted(absence.concepts))
