"""Lines of one shape, as columns, to the entries of evidence that they give: a plan each, and then a join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from screening.language.library import Library
from screening.record.people import BEYOND_A_RECORD
from screening.record.subject import Absence, Evidence
from screening.sources.fhir_plan import DAY, FREE_NUMBER, INSTANT, LITERAL, NONE, SHORT_NUMBER, Plan, Planner
from screening.sources.fhir_plan import Planned as Row
from screening.sources.fhir_record import KINDS
from screening.sources.fhir_shape import Shape
from screening.sources.fhir_slots import chosen, with_days
from screening.sources.prepared_cells import DAY as DAYS
from screening.sources.prepared_columns import columns_of, second_of
from screening.values.truth import TRUE

if TYPE_CHECKING:
    import polars as pl

# How many fields of a row may be days that differ from line to line.
FIELDS = 3
# What an entry, or an attested absence, says that is not its template's. An entry is for a set of requirements, as
# what is only possible answers many of them in the same words. `clock` is the second of the day, from 1.
_SAID = {"template": "Int64", "owner": "String", "origin": "String", "low": "Date", "high": "Date"}
ABSENCES = {"requirement": "Int16", **_SAID}
EVIDENCE = {
    "set": "Int32", **_SAID, "clock": "Int32", "amount": "String", "day": "Date",
    **{f"f{n}": "Date" for n in range(FIELDS)},
}  # fmt: skip


class Entries(NamedTuple):
    """Entries found: `owner`, `origin`, `set` or `requirement`, `template`, days and so on."""

    evidence: list[pl.DataFrame]
    absences: list[pl.DataFrame]


class Owned(NamedTuple):
    """Whose lines were read: `number`, `owner`, `kind`, `id`; and the owners who have to be read one by one."""

    lines: list[pl.DataFrame]
    slow: list[pl.DataFrame]


class Drained(NamedTuple):
    """What some lines gave: `patients` (`number`, `id`, `synthetic`), `lines` as of `Owned`, and entries.

    `slow` are the owners who have to be read one by one, `asking` those of answers that name their questionnaire.
    """

    patients: pl.DataFrame
    lines: pl.DataFrame
    slow: pl.Series
    asking: pl.Series
    evidence: pl.DataFrame
    absences: pl.DataFrame


class Planned:
    """The plans of an export, and the entries that its lines give by them.

    `templates` are entries without what differs from line to line (`fhir_plan.Planned`); frames refer to them by
    position. `fields` has the names of the fields of a template that are the days `f0`, `f1`, `f2`. `sets` are the
    requirements, by position, that one entry is for; its template names the first. `asking` are the owners of
    answers that name their questionnaire.
    """

    def __init__(self, library: Library) -> None:
        self.planner = Planner(library)
        self.templates: list[Evidence] = []
        self.fields: list[tuple[str, ...]] = []
        self.absent: list[Absence] = []
        self.sets: list[tuple[int, ...]] = []
        self._set_at: dict[tuple[int, ...], int] = {}
        self.columns = [columns_of(requirement) for requirement in library.requirements]
        self.plans: list[Plan | None] = []
        self.entries = Entries([], [])
        self.owned = Owned([], [])
        self.patients: list[pl.DataFrame] = []
        self.asking: list[pl.DataFrame] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self._rows: list[dict[str, Any]] = []
        self._absences: list[dict[str, Any]] = []

    def drained(self) -> Drained:
        """What was taken since the last time."""
        import polars as pl

        def whole(frames: list[pl.DataFrame], types: dict[str, str]) -> pl.DataFrame:
            schema = {name: getattr(pl, type) for name, type in types.items()}
            found = pl.concat([frame.select(*schema) for frame in frames]) if frames else None
            frames.clear()
            return found if found is not None else pl.DataFrame(schema=schema)

        owner = {"owner": "String"}
        return Drained(
            whole(self.patients, {"number": "Int64", "id": "String", "synthetic": "Boolean"}),
            whole(self.owned.lines, {"number": "Int64", "owner": "String", "kind": "String", "id": "String"}),
            whole(self.owned.slow, owner)["owner"].unique(maintain_order=True),
            whole(self.asking, owner)["owner"].unique(maintain_order=True),
            whole(self.entries.evidence, EVIDENCE),
            whole(self.entries.absences, ABSENCES),
        )

    def take(self, shape: Shape, lines: pl.DataFrame) -> None:
        """Lines of one shape: whose they are, and what they give."""
        import polars as pl

        is_person = shape.kind == "Patient"
        (owner,) = shape.names("id" if is_person else "owner")
        if shape.kind not in KINDS and not is_person:
            self.owned.lines.append(
                lines.select("number", owner=owner, kind=pl.lit(shape.kind), id=pl.lit(None, pl.String))
            )
            return
        (id,) = shape.names("id")
        lines = self._settled(shape, with_days(shape, lines))
        named = lines.select("number", owner=pl.col(owner), kind=pl.lit(shape.kind), id=pl.col(id))
        if is_person:
            made = pl.Series([n for n, plan in enumerate(self.plans) if plan is not None and plan.synthetic])
            synthetic = lines["plan"].is_in(made.cast(pl.Int64).implode())
            self.patients.append(named.select("number", id="owner", synthetic=synthetic))
        else:
            self.owned.lines.append(named)
        if any(slot.path == ("questionnaire",) for slot in shape.slots):
            self.asking.append(named.select("owner"))
        slow = lines["plan"] < 0
        if slow.any():
            self.owned.slow.append(named.filter(slow).select("owner"))
            lines = lines.filter(~slow)
        self._give(shape, lines.rename({owner: "owner"} if owner != id else {}), id, owner)

    # ------------------------------------------------------------------------------- plans

    def _settled(self, shape: Shape, lines: pl.DataFrame) -> pl.DataFrame:
        """Each line with its plan (`plan`); -1 where it has to be read by itself."""
        import polars as pl

        numbers, days = shape.names("number"), range(len(shape.names("day")))
        done = []
        free = pl.all_horizontal([pl.col(n).str.contains(FREE_NUMBER) for n in numbers] or [pl.lit(True)])
        left = lines
        for literal_days, literal_numbers in ((False, False), (False, True), (True, True)):
            if not left.height or (literal_numbers and not literal_days and not numbers):
                continue
            # What no plan of free numbers can say is planned with its numbers as they are, and so with its days.
            could = free if not literal_numbers else pl.lit(True)
            planned = self._plan(shape, left.filter(could), literal_days, literal_numbers)
            fits = pl.col("plan") >= 0
            if not literal_days and days:
                fits &= self._in_order(days)
            if not literal_numbers and numbers:
                planned, fits = self._with_limits(planned, numbers, fits)
            flagged = planned.select(fits).to_series()
            done.append(planned.filter(flagged).select(*left.columns, "plan"))
            over = planned.filter(~flagged).select(left.columns)
            left = pl.concat([over, left.filter(~could)]) if not literal_numbers else over
        done.append(left.with_columns(plan=pl.lit(-1, pl.Int64)))
        return pl.concat(done)

    def _plan(self, shape: Shape, lines: pl.DataFrame, literal_days: bool, literal_numbers: bool) -> pl.DataFrame:
        import polars as pl

        if not lines.height:
            return lines.with_columns(plan=pl.lit(-1, pl.Int64))
        days = range(len(shape.names("day")))
        keys = list(shape.names("word")) + (list(shape.names("number")) if literal_numbers else [])
        texts = shape.names("day")
        keyed = lines.with_columns(
            [pl.col(texts[n]).alias(f"form{n}") if literal_days else pl.col(f"form{n}") for n in days]
        )
        keys += [f"form{n}" for n in days]
        if not keys:
            keyed, keys = keyed.with_columns(form=pl.lit("")), ["form"]
        # What all lines have in common tells none of them apart.
        first = keyed.select(keys).head(1)
        same = keyed.select((pl.col(key).eq_missing(pl.lit(first[key]).first())).all() for key in keys).row(0)
        apart = [key for key, is_same in zip(keys, same, strict=True) if not is_same] or keys[:1]
        groups = keyed.select("line", *apart).with_row_index("at")
        groups = groups.group_by(apart).agg(pl.col("line").first(), pl.col("at"))
        said = first.drop(apart)
        plans = []
        for row in groups.join(said, how="cross").select("line", *keys).iter_rows():
            line, given = row[0], row[1:]
            known = (shape, literal_days, literal_numbers, *given)
            if known not in self._known:
                told = given[len(given) - len(days) :] if days else ()
                forms = [LITERAL if literal_days or form not in (DAY, INSTANT) else form for form in told]
                self._known[known] = self._add(self._planned(shape, line, forms, not literal_numbers))
            plans.append(self._known[known])
        planned = groups.select("at", plan=pl.Series(plans, dtype=pl.Int64)).explode("at")
        found = pl.repeat(-1, lines.height, dtype=pl.Int64, eager=True).scatter(planned["at"], planned["plan"])
        return lines.with_columns(plan=found)

    def _planned(self, shape: Shape, line: str, forms: Sequence[str], numbers_free: bool) -> Plan | None:
        """The plan of a line; one at which this program fails is read by itself, and any fault told there."""
        try:
            return self.planner.plan(shape, line, forms, numbers_free)
        except BEYOND_A_RECORD:
            raise
        except Exception:
            return None

    def _add(self, plan: Plan | None) -> int:
        """Keeps a plan with its templates; -1 if there is none, or it has more days in fields than columns."""
        if plan is None or not all(map(self._has_columns, plan.rows)):
            return -1
        number = len(self.plans)
        self.plans.append(plan)
        for row, of in self._together(plan.rows):
            names = tuple(sorted(row.fields))
            slots = [row.fields[name] for name in names] + [NONE] * (FIELDS - len(names))
            when = row.entry.when
            self._rows.append(
                {
                    "plan": number, "set": self._set(of), "template": len(self.templates),
                    "low_slot": row.low, "high_slot": row.high, "clock_slot": row.clock,
                    "number_slot": row.number, "value_slot": row.value_day, "low": when.low, "high": when.high,
                    "clock": second_of(row.entry.clock), "suffix": row.entry.origin,
                    **{f"f{n}_slot": slot for n, slot in enumerate(slots)},
                }
            )  # fmt: skip
            self.templates.append(row.entry)
            self.fields.append(names)
        for absence in plan.absences:
            when = absence.entry.when
            self._absences.append(
                {
                    "plan": number, "requirement": absence.requirement, "template": len(self.absent),
                    "low_slot": absence.low, "high_slot": absence.high, "low": when.low, "high": when.high,
                    "suffix": absence.entry.origin,
                }
            )  # fmt: skip
            self.absent.append(absence.entry)
        return number

    def _set(self, of: tuple[int, ...]) -> int:
        if of not in self._set_at:
            self._set_at[of] = len(self.sets)
            self.sets.append(of)
        return self._set_at[of]

    def _together(self, rows: Sequence[Row]) -> Iterator[tuple[Row, tuple[int, ...]]]:
        """Rows that are the same but for their requirement once, with these; only what is possible is."""
        alike: dict[Any, list[Row]] = {}
        for at, row in enumerate(rows):
            requirement, entry = self.planner.library.requirements[row.requirement], row.entry
            of_a_person = requirement.kind == "birth date" or requirement.says_sex
            if entry.certainty is TRUE or of_a_person:
                alike[at] = [row]
                continue
            slots = (row.low, row.high, row.clock, row.number, row.value_day, *sorted(row.fields.items()))
            said = (repr(entry.value), entry.when, entry.clock, entry.certainty, entry.codes, repr(entry.fields))
            rest = (entry.origin, entry.written, entry.status, entry.by, entry.concepts)
            alike.setdefault((self.columns[row.requirement].alike, slots, said, rest), []).append(row)
        for one in alike.values():
            yield one[0], tuple(row.requirement for row in one)

    def _has_columns(self, row: Row) -> bool:
        """Whether the days of lines have columns where a row puts them."""
        held = self.columns[row.requirement]
        if row.entry.clock and second_of(row.entry.clock) is None:
            return False
        days = all(name in held.fields and held.fields[name].cells == DAYS for name in row.fields)
        return days and len(row.fields) <= FIELDS and (row.value_day == NONE or held.value.cells == DAYS)

    def _in_order(self, days: range) -> pl.Expr:
        """Whether the days that a plan takes for one before the other are so."""
        import polars as pl

        pairs = {pair for plan in self.plans if plan is not None for pair in plan.before}
        fits = pl.lit(True)
        for low, high in sorted(pairs):
            if low in days and high in days:
                of = [n for n, plan in enumerate(self.plans) if plan is not None and (low, high) in plan.before]
                fits &= ~pl.col("plan").is_in(of) | (pl.col(f"d{low}") < pl.col(f"d{high}"))
        return fits

    def _with_limits(
        self, planned: pl.DataFrame, numbers: Sequence[str], fits: pl.Expr
    ) -> tuple[pl.DataFrame, pl.Expr]:
        """Lines with the limits between which their numbers stand for themselves."""
        import polars as pl

        limits: list[dict[str, Any]] = []
        for at in planned["plan"].unique().to_list():
            plan = self.plans[at] if at >= 0 else None
            if plan is None:
                continue
            found: dict[str, Any] = {"plan": at}
            for slot in range(len(numbers)):
                rows = [row for row in plan.rows if row.number == slot]
                found[f"least{slot}"] = max((_float(row.least, -1e300) for row in rows), default=None)
                found[f"most{slot}"] = min((_float(row.most, 1e300) for row in rows), default=None)
                found[f"whole{slot}"] = any(row.whole for row in rows)
            limits.append(found)
        types: dict[str, Any] = {"plan": pl.Int64}
        for slot in range(len(numbers)):
            types |= {f"least{slot}": pl.Float64, f"most{slot}": pl.Float64, f"whole{slot}": pl.Boolean}
        planned = planned.join(pl.DataFrame(limits, schema=types), on="plan", how="left")
        for slot, name in enumerate(numbers):
            value = pl.col(name).cast(pl.Float64)
            # INVARIANT: both sides have at most 15 digits, so doubles compare as the decimals do; a longer number
            # has to keep away from the limits further than it may be rounded.
            away = pl.when(pl.col(name).str.contains(SHORT_NUMBER)).then(0.0).otherwise(1e-6)
            within = value.is_between(pl.col(f"least{slot}") + away, pl.col(f"most{slot}") - away)
            whole = ~pl.col(f"whole{slot}") | ~pl.col(name).str.contains(".", literal=True)
            fits &= pl.col(f"least{slot}").is_null() | (within & whole)
        return planned, fits.fill_null(False)

    # ------------------------------------------------------------------------------- entries

    def _give(self, shape: Shape, lines: pl.DataFrame, id: str, owner: str) -> None:
        import polars as pl

        days, numbers = len(shape.names("day")), shape.names("number")
        owner = owner if owner == id else "owner"
        place = pl.concat_str(pl.lit(shape.kind + "/"), pl.col(id))
        present = lines["plan"].unique().to_list()
        rows = self._rows_of(self._rows, present)
        if rows:
            planned = pl.DataFrame(rows, schema=_row_types())
            joined = lines.join(planned, on="plan")
            self.entries.evidence.append(
                joined.select(
                    "set", "template",
                    owner=owner, origin=place + pl.col("suffix"),
                    low=chosen(planned, "low_slot", [f"d{n}" for n in range(days)], "low"),
                    high=chosen(planned, "high_slot", [f"d{n}" for n in range(days)], "high"),
                    clock=chosen(planned, "clock_slot", [f"c{n}" for n in range(days)], "clock"),
                    amount=chosen(planned, "number_slot", list(numbers), pl.lit(None, pl.String)),
                    day=chosen(planned, "value_slot", [f"d{n}" for n in range(days)], pl.lit(None, pl.Date)),
                    **{
                        f"f{at}": chosen(
                            planned, f"f{at}_slot", [f"d{n}" for n in range(days)], pl.lit(None, pl.Date)
                        )
                        for at in range(FIELDS)
                    },
                )
            )  # fmt: skip
        absences = self._rows_of(self._absences, present)
        if absences:
            planned = pl.DataFrame(absences, schema=_absence_types())
            self.entries.absences.append(
                lines.join(planned, on="plan").select(
                    "requirement", "template",
                    owner=owner, origin=place + pl.col("suffix"),
                    low=chosen(planned, "low_slot", [f"d{n}" for n in range(days)], "low"),
                    high=chosen(planned, "high_slot", [f"d{n}" for n in range(days)], "high"),
                )
            )  # fmt: skip

    def _rows_of(self, rows: list[dict[str, Any]], present: Sequence[int]) -> list[dict[str, Any]]:
        wanted = set(present)
        return [row for row in rows if row["plan"] in wanted]


def _float(number: Decimal | None, otherwise: float) -> float:
    return otherwise if number is None else float(number)


def _absence_types() -> dict[str, Any]:
    import polars as pl

    whole = dict.fromkeys(("plan", "template"), pl.Int64)
    small = dict.fromkeys(("low_slot", "high_slot"), pl.Int8)
    return whole | {"requirement": pl.Int16} | small | _rest_types()


def _rest_types() -> dict[str, Any]:
    import polars as pl

    return {"low": pl.Date, "high": pl.Date, "suffix": pl.String}


def _row_types() -> dict[str, Any]:
    import polars as pl

    named = ("low", "high", "clock", "number", "value", *(f"f{n}" for n in range(FIELDS)))
    slots = [f"{name}_slot" for name in named]
    whole = {"plan": pl.Int64, "template": pl.Int64, "set": pl.Int32, "clock": pl.Int32}
    return whole | _rest_types() | dict.fromkeys(slots, pl.Int8)
