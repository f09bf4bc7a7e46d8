"""The amendment laboratory: what another limit or criterion would do to the counts of a cohort. The Python API.

Nobody's verdict changes by it, and no rule file does. A count under another limit says what the same records would
have said; it is no forecast of recruitment.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from screening.errors import RuleError, UnreadableRecord, UnsupportedError
from screening.everybody.gathered import FEW, MEMORY, Everybody, Origin, is_prepared
from screening.guidance.threshold import Threshold, parameter_of
from screening.language.library import Library
from screening.outcome.amendment import CERTAIN, POSSIBLE, Effect, Move, counts
from screening.outcome.attribution import Attribution, Pattern, attributed
from screening.outcome.curve import Curve, Sum
from screening.output import rows as written_rows
from screening.reading import amended as amending
from screening.reading.setting import Setting, changed, setting
from screening.reports import shifts
from screening.reports.what_if import number_text

if TYPE_CHECKING:
    from screening.reports.line import Line

__all__ = [
    "Answers",
    "Curve",
    "Laboratory",
    "Origin",
    "Setting",
    "added",
    "changed",
    "manifest",
    "number_text",
    "setting",
]
FIGURES = (".svg", ".png", ".html")
# Of about so many people of a cohort in tables the law is asked as well.
HELD = 100


def refuse_retired(library: Library, retired: bool) -> None:
    """Raises RuleError where the rules are retired, unless they are asked for."""
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired tries it all the same")


@contextmanager
def rule_file(
    library: Library, dropped: Sequence[str] = (), more: Mapping[str, Any] | None = None
) -> Iterator[Path]:
    """A rule file that includes the protocol without some criteria and with others, for as long as it is read.

    Raises RuleError where there is no such criterion. The protocol's own file is not touched.
    """
    with tempfile.TemporaryDirectory(prefix="what-if-") as folder:
        path = Path(folder) / f"{amending.NAME}.yaml"
        path.write_text(amending.amended(library, dropped, more), encoding="utf-8")
        try:
            yield path
        except RuleError as wrong:
            # The folder is gone when this is read: the file is named alone.
            named = [replace(d, span=replace(d.span, file=Path(d.span.file).name)) for d in wrong.diagnostics]
            raise type(wrong)(*named) from None


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
        # What became of the records that were last asked: people who were counted, and records that were not.
        self.people = self.rejected = 0
        self._own: pl.DataFrame | None = None
        self._own_counts = 0, 0
        names = [origin.name for origin in origins]
        if len(set(names)) < len(names):
            names = [Path(origin.source).name for origin in origins]
        if len(set(names)) < len(names):
            raise UnreadableRecord(
                "two of the cohorts have one name; their people would be counted as of one site"
            )
        self.sites = tuple(names)
        for origin in origins:
            if written_rows.is_run(Path(origin.source)) and not is_prepared(Path(origin.source)):
                what = f"`{Path(origin.source).name}` is the folder of a run"
                raise UnreadableRecord(f"{what}: its rows say nothing under other rules; name its source")

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
        self.people, self.rejected = total.people, rejected
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

            ends = threshold.low, threshold.high
            varied = Varied(everybody.library, everybody.tables, self.as_of, threshold.varying, *ends)
            try:
                found = varied.counted(self.memory)
                is_held = self._is_held(everybody, threshold, found.turning)
            except UnsupportedError:
                pass  # nobody is in columns then: everybody is worked out one by one
            else:
                # Where the law says something else of a few, columns are not believed of anybody.
                if is_held:
                    total.join(found.sum)
                    keys = found.left["subject"].to_list()
                    people = lambda: everybody.some(keys)  # noqa: E731
        number = 0
        for number, subject in enumerate(people(), 1):
            total.add(threshold.steps(subject, self.as_of))
            self.told(number)
        return number

    def _is_held(self, everybody: Everybody, threshold: Threshold, turning: pl.Series) -> bool:
        """Whether columns say of a sample of people what the law says; of those whose verdict may turn most."""
        from screening.interpreters.cohort_varied import Varied

        tables = everybody.tables
        assert tables is not None
        number = int(pl.scan_parquet(tables.people).select(pl.len()).collect().item())
        with tempfile.TemporaryDirectory(prefix="held-") as folder:
            few = replace(tables, people=str(Path(folder) / "people.parquet"))
            may_turn = turning.gather_every(max(1, len(turning) // HELD)).implode()
            at = pl.int_range(pl.len()) % max(1, number // HELD) == 0
            chosen = pl.scan_parquet(tables.people).filter(at | pl.col(tables.key).is_in(may_turn))
            chosen.sink_parquet(few.people)
            keys = pl.scan_parquet(few.people).select(tables.key).collect()[tables.key]
            ends = threshold.low, threshold.high
            found = Varied(everybody.library, few, self.as_of, threshold.varying, *ends).counted(self.memory)
        left = set(found.left["subject"].to_list())
        held = Sum()
        for subject in everybody.some([key for key in keys.to_list() if key not in left]):
            held.add(threshold.steps(subject, self.as_of))
        return held.people == found.sum.people and held.steps(threshold.low) == found.sum.steps(threshold.low)

    # ---------------------------------------------------------------------------- other criteria

    def rows(self, library: Library | None = None) -> pl.DataFrame:
        """Everybody's rows with their site; those of the protocol itself are made once."""
        if library is None and self._own is not None:
            self.people, self.rejected = self._own_counts
            return self._own
        frames = []
        self.people = self.rejected = 0
        for site, origin in zip(self.sites, self.origins, strict=True):
            everybody = Everybody(origin, library or self.library, self.least)
            frames.append(everybody.rows(self.as_of, self.memory).with_columns(pl.lit(site).alias("site")))
            self.rejected += everybody.rejected
        made = pl.concat(frames)
        self.people = made.height
        if library is None:
            self._own, self._own_counts = made, (self.people, self.rejected)
        return made

    def effect(self, title: str, library: Library, suppress: int = 0) -> Effect:
        """What other rules would say of the same people: who enters, who leaves, and how the groups shift."""
        before = self.rows().select("site", "id", "verdict", "age_years", "sex")
        now = self.rows(library).select("site", "id", pl.col("verdict").alias("now"))
        records = self.people + self.rejected
        joined = before.join(now, on=["site", "id"], how="inner", maintain_order="left")
        # A record that only one of the two takes is nobody of whom anything can be compared.
        self.people, self.rejected = joined.height, records - joined.height
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
        unknown = (
            pl.concat_str(
                [pl.when(pl.col(id) == "UNKNOWN").then(pl.lit(id)) for id in criteria],
                separator="|",
                ignore_nulls=True,
            )
            if criteria
            else pl.lit("")
        )
        barred = pl.when(pl.col("verdict") == "INELIGIBLE").then("deciding_reasons").otherwise(pl.lit(""))
        grouped = rows.select(barred.alias("barred"), unknown.alias("unknown")).group_by("barred", "unknown").len()
        return attributed(_patterns(grouped), criteria)


def _counting(column: str, kind: str) -> pl.Expr:
    return pl.col(column).is_in([word for word in _VERDICTS if counts(kind, word)])


_VERDICTS = ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")


def _patterns(grouped: pl.DataFrame) -> list[Pattern]:
    def several(text: str) -> tuple[str, ...]:
        return tuple(text.split("|")) if text else ()

    return [
        (several(barred), several(unknown), n)
        for barred, unknown, n in grouped.sort("barred", "unknown").iter_rows()
    ]


# -------------------------------------------------------------------------------------- shown


@dataclass(frozen=True, slots=True)
class Answers:
    """What a laboratory was asked, with the answers: curves, effects, attribution; cells below `limit` are
    hidden.
    """

    manifest: Mapping[str, Any]
    curves: Sequence[Curve] = ()
    effects: Sequence[Effect] = ()
    attribution: Attribution | None = None
    limit: int = 0

    def lines(self, everything: bool = False) -> list[Line]:
        """The answers on a screen."""
        from screening.reports import what_if

        parts = [what_if.told_curve(curve, self.limit, everything) for curve in self.curves]
        parts += [what_if.told_effect(effect, self.limit, everything) for effect in self.effects]
        if self.attribution is not None:
            parts.append(what_if.told_attribution(self.attribution, self.manifest, self.limit, everything))
        return what_if.told(self.manifest, parts, self.limit)

    def table(self) -> str:
        """The answers as CSV: one table after the other, each under its heading."""
        from screening.output.table import table
        from screening.reports import what_if

        made = []
        if self.curves:
            rows = [row for curve in self.curves for row in what_if.curve_rows(curve, self.limit)]
            made.append(table(what_if.CURVE_COLUMNS, rows))
        if self.effects:
            rows = [row for effect in self.effects for row in what_if.effect_rows(effect, self.limit)]
            made.append(table(what_if.EFFECT_COLUMNS, rows))
        if self.attribution is not None:
            rows = list(what_if.attribution_rows(self.attribution, self.manifest, self.limit))
            made.append(table(what_if.ATTRIBUTION_COLUMNS, rows))
        return "\r\n".join(made)

    def moves(self, name: Callable[[str], str] = str) -> str:
        """Whose verdict would be another one, as CSV; `name` is what a person is called in it."""
        from screening.output.table import table
        from screening.reports import what_if

        rows = [
            (effect.title, move.site, name(move.id), move.before, move.now)
            for effect in self.effects
            for move in effect.changed
        ]
        return table(what_if.MOVE_COLUMNS, rows)

    def figure(self, form: str) -> bytes:
        """The curves as a figure: `svg` or `png`. Raises UnreadableRecord where there is none."""
        from screening.reports import curve_figure

        if not self.curves:
            raise UnreadableRecord("only ranges are drawn: give --set as PARAMETER=LOW..HIGH")
        return curve_figure.drawn(self.curves, self.manifest, self.limit, form)

    def page(self) -> str:
        """The answers as one self-contained HTML page."""
        from screening.reports import curve_figure, what_if_page
        from screening.reports.html import html

        figure = None
        if self.curves:
            figure = self.figure("png"), curve_figure.said(self.curves, self.manifest, self.limit)
        made = what_if_page.page(self.manifest, self.curves, self.effects, self.attribution, self.limit, figure)
        return html(made)


def manifest(library: Library, origins: Sequence[Origin], as_of: datetime.date) -> dict[str, Any]:
    """The head of what is shown: rules, day and site."""
    from screening.reports.manifest import manifest as made

    sites = list(dict.fromkeys(origin.site.site for origin in origins if origin.site is not None))
    site = {"name": ", ".join(sites)} if sites else None
    source = {"extracted": None, "files": [], "names": [origin.name for origin in origins]}
    return made(library, as_of, source, site, {}, {})


def write_figure(made: Answers, out: Path) -> None:
    """Writes the curves as the name of the file says: .svg, .png, or the .html page of everything."""
    from screening.output.folder import write_private, write_private_bytes

    match out.suffix.lower():
        case ".svg" | ".png" as suffix:
            write_private_bytes(out, made.figure(suffix[1:]))
        case ".html":
            write_private(out, made.page())
        case _:
            raise UnreadableRecord(
                f"a figure is written as {', '.join(FIGURES)}; give its file one of these endings"
            )


def write_moves(made: Answers, out: Path, identification: Path | None = None) -> None:
    """Writes whose verdict would be another one, by id, or by the pseudonyms of an identification list."""
    from screening.output import pseudonym
    from screening.output.folder import write_private

    if identification is None:
        write_private(out, made.moves())
        return
    with pseudonym.identification(identification) as pseudonyms:
        write_private(out, made.moves(pseudonyms.of))
        pseudonyms.keep()
