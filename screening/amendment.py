"""The amendment laboratory: what another limit or criterion would do to the counts of a cohort. The Python API of it.

Nobody's verdict changes by it, and no rule file does. A count under another limit says what the same records would
have said; it is no forecast of recruitment.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from screening.errors import RuleError, UnreadableRecord, UnsupportedError
from screening.everybody.gathered import FEW, MEMORY, Everybody, Origin
from screening.guidance.threshold import Threshold, parameter_of
from screening.language.library import Library, ParameterValue
from screening.outcome.amendment import CERTAIN, POSSIBLE, Effect, Move, Shift, counts
from screening.outcome.attribution import Attribution, Pattern, attributed
from screening.outcome.curve import Curve, Sum
from screening.reading import amended as amending
from screening.reading.constants import NoConstant, constant_of
from screening.reports import shifts
from screening.values.bounds import Bounds

if TYPE_CHECKING:
    from screening.reports.line import Line

__all__ = ["FEW", "Laboratory", "Origin", "added", "changed", "setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter with another value, or a range of values (`low` to `high`, both in)."""

    name: str
    written: str
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def is_range(self) -> bool:
        return self.low is not None


def setting(library: Library, text: str) -> Setting:
    """`PARAMETER=VALUE` or `PARAMETER=LOW..HIGH`, with or without units.

    Raises RuleError in the words of the author where it says nothing that can be tried.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name or not value:
        raise RuleError(f"`{text}` sets nothing: write it as `PARAMETER=VALUE` or `PARAMETER=LOW..HIGH`")
    try:
        parameter = parameter_of(library, name)
    except KeyError:
        from screening.reading.faults import did_you_mean

        names = [each.name for each in library.parameters]
        near = did_you_mean(name, names)
        known = f"; it has {', '.join(f'`{each}`' for each in names)}" if len(names) <= 12 else ""
        raise RuleError(f"`{library.name}` has no parameter `{name}`{f'; {near}' if near else known}") from None
    low, dots, high = (part.strip() for part in value.partition(".."))
    if not dots:
        _constant(parameter, value)
        return Setting(name, value)
    ends = [_number(parameter, end) for end in (low, high)]
    if ends[0] > ends[1]:
        raise RuleError(f"parameter `{name}`: the range `{value}` runs downwards")
    return Setting(name, value, *ends)


def _constant(parameter: ParameterValue, text: str) -> Any:
    try:
        return constant_of(text, parameter.type)
    except NoConstant as wrong:
        raise RuleError(f"parameter `{parameter.name}`: {wrong.message}{f'; {wrong.help}' if wrong.help else ''}") from None


def _number(parameter: ParameterValue, text: str) -> Fraction:
    found = _constant(parameter, text)
    if parameter.type.name not in ("Integer", "Decimal", "Quantity") or not isinstance(found, Bounds):
        raise RuleError(f"parameter `{parameter.name}` is no number: only single values of it can be tried")
    return Fraction(found.low)


def changed(library: Library, name: str, written: str) -> Library:
    """The library with another value of a parameter."""
    value = _constant(parameter_of(library, name), written)
    made = tuple(
        replace(p, value=value, written=written, origin=amending.SOURCE) if p.name == name else p
        for p in library.parameters
    )
    return replace(library, parameters=made)


def added(text: str) -> dict[str, Any]:
    """What `--add` says: a file of criteria, or `inclusion: EXPRESSION`, `exclusion: EXPRESSION`.

    Raises RuleError, UnreadableRecord.
    """
    found = amending.criterion_of(text)
    if found is not None:
        return found
    path = Path(text)
    try:
        return amending.criteria_in(path.read_bytes(), path.as_posix())
    except OSError:
        shown = "".join(c if c.isprintable() else "?" for c in text[:100])
        raise UnreadableRecord(
            f"`{shown}` is no file and no criterion: write `inclusion: EXPRESSION` or `exclusion: EXPRESSION`"
        ) from None


class Laboratory:
    """A protocol and the people of one or several sites, on one day.

    `least` people are needed before columns are made of them (`FEW` if not given); `told` hears how many people
    were worked out one by one.
    """

    def __init__(
        self,
        library: Library,
        origins: Sequence[Origin],
        as_of: datetime.date,
        least: int = FEW,
        memory: int = MEMORY,
        told: Callable[[int], None] | None = None,
    ) -> None:
        self.library, self.as_of, self.memory, self.told = library, as_of, memory, told or (lambda _: None)
        self.origins, self.least = tuple(origins), least
        self.rejected = 0
        self._own: pl.DataFrame | None = None
        names = [origin.name for origin in origins]
        if len(set(names)) < len(names):
            names = [Path(origin.source).name for origin in origins]
        if len(set(names)) < len(names):
            raise UnreadableRecord("two of the cohorts have one name; their people would be counted as of one site")
        self.sites = tuple(names)

    # ----------------------------------------------------------------------------------- curves

    def curve(self, wanted: Setting) -> Curve:
        """The counts over a range of one parameter, exact at every value of it.

        Raises UnsupportedError, naming the place, where the parameter stands in a calculation that is not undone.
        """
        assert wanted.low is not None
        assert wanted.high is not None
        total, odd, rejected = Sum(), 0, 0
        parameter = parameter_of(self.library, wanted.name)
        criteria: tuple[str, ...] = ()
        for origin in self.origins:
            everybody = Everybody(origin, self.library, self.least)
            threshold = Threshold(everybody.library, wanted.name, wanted.low, wanted.high)
            criteria = threshold.varying.criteria
            odd += self._counted(everybody, threshold, total)
            rejected += everybody.rejected
        self.rejected = rejected
        source = parameter.source
        return Curve(
            wanted.name,
            parameter.type.unit,
            parameter.type.name == "Integer",
            wanted.low,
            wanted.high,
            parameter.written,
            f"{source.source}: {source.place}" if source is not None else parameter.origin,
            total.steps(wanted.low),
            total.people,
            odd,
            criteria,
        )

    def _counted(self, everybody: Everybody, threshold: Threshold, total: Sum) -> int:
        """Adds the people of a source up; how many of them were worked out one by one."""
        people = everybody.people
        if everybody.tables is not None:
            from screening.interpreters.cohort_varied import Varied

            varied = Varied(
                everybody.library, everybody.tables, self.as_of, threshold.varying, threshold.low, threshold.high
            )
            try:
                found = varied.counted(self.memory)
            except UnsupportedError:
                pass  # nobody is in columns then: everybody is worked out one by one
            else:
                total.join(found.sum)
                keys = found.left["subject"].to_list()
                people = lambda: everybody.some(keys)  # noqa: E731
        number = 0
        for number, subject in enumerate(people(), 1):
            total.add(threshold.steps(subject, self.as_of))
            self.told(number)
        return number

    # ---------------------------------------------------------------------------- other criteria

    def rows(self, library: Library | None = None) -> pl.DataFrame:
        """Everybody's rows with their site; those of the protocol itself are made once."""
        if library is None and self._own is not None:
            return self._own
        frames = []
        self.rejected = 0
        for site, origin in zip(self.sites, self.origins, strict=True):
            everybody = Everybody(origin, library or self.library, self.least)
            frames.append(everybody.rows(self.as_of, self.memory).with_columns(pl.lit(site).alias("site")))
            self.rejected += everybody.rejected
        made = pl.concat(frames)
        if library is None:
            self._own = made
        return made

    def effect(self, title: str, library: Library, suppress: int = 0) -> Effect:
        """What other rules would say of the same people: who enters, who leaves, and how the groups shift."""
        before = self.rows().select("site", "id", "verdict", "age_years", "sex")
        now = self.rows(library).select("site", "id", pl.col("verdict").alias("now"))
        joined = before.join(now, on=["site", "id"], how="inner", maintain_order="left")
        moves = {(old, new): n for old, new, n in joined.group_by("verdict", "now").len().iter_rows()}
        moved = joined.filter(pl.col("verdict") != pl.col("now"))
        found = tuple(Move(*row) for row in moved.select("site", "id", "verdict", "now").iter_rows())
        groups = {
            kind: shifts.shifts(joined, _counting("verdict", kind), _counting("now", kind), suppress)
            for kind in (CERTAIN, POSSIBLE)
        }
        return Effect(title, dict(sorted(moves.items())), found, groups)

    # -------------------------------------------------------------------------------- attribution

    def attribution(self) -> Attribution:
        """To which criteria the people who are ruled out are owed, by Shapley's value in its closed form."""
        criteria = [c.id for c in self.library.criteria if c.strength == "absolute"]
        rows = self.rows()
        unknown = pl.concat_str(
            [pl.when(pl.col(id) == "UNKNOWN").then(pl.lit(id)) for id in criteria], separator="|", ignore_nulls=True
        ) if criteria else pl.lit("")
        barred = pl.when(pl.col("verdict") == "INELIGIBLE").then("deciding_reasons").otherwise(pl.lit(""))
        grouped = rows.select(barred.alias("barred"), unknown.alias("unknown")).group_by("barred", "unknown").len()
        return attributed(_patterns(grouped), criteria)


def _counting(column: str, kind: str) -> pl.Expr:
    return pl.col(column).is_in([word for word in _VERDICTS if counts(kind, word)])


_VERDICTS = ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")


def _patterns(grouped: pl.DataFrame) -> list[Pattern]:
    def several(text: str) -> tuple[str, ...]:
        return tuple(text.split("|")) if text else ()

    return [(several(barred), several(unknown), n) for barred, unknown, n in grouped.sort("barred", "unknown").iter_rows()]
