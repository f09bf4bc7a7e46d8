"""What is otherwise in a run than in an earlier one: who is new, gone or changed, from what to what, at what.

Two runs may differ in their rules, parameters, site declaration, day and source. Where only one of these differs
it is the cause; where several do, rows alone cannot tell them apart, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screening.reports.attrition import ids
from screening.reports.cell import Published
from screening.reports.cohort import fixed_words, headed
from screening.reports.funnel import hiding
from screening.reports.line import Line, paragraph
from screening.reports.moved import Marks, Path, marks
from screening.reports.words import columns, cut_to, exact, listed, safe

if TYPE_CHECKING:
    import polars

CSV_COLUMNS = ("id", "change", "standing_before", "standing", "verdict_before", "verdict", "criteria", "because")
NEW, GONE, CHANGED, SAME = "new", "gone", "changed", "same"
_BEFORE = "_before"
_TEXT, _NUMBER, _MOST = 52, 12, 12


@dataclass(slots=True)
class Difference:
    """Counts of two runs. `moves` counts people by verdict before and now, `standings` the same by standing.

    `criteria` counts people by criterion and its truth before and now, `paths` everybody by the way from one run
    to the other; `causes` are the words for what differs.
    """

    totals: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    standings: Counter[tuple[str, str]] = field(default_factory=Counter)
    criteria: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    paths: Counter[Path] = field(default_factory=Counter)
    causes: Sequence[str] = ()
    only_before: Sequence[str] = ()
    only_now: Sequence[str] = ()


def causes(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """In what two runs differ, in the words of a sentence."""
    sources = [sorted(each["sha256"] for each in made["source"]["files"]) for made in (now, before)]
    mappings = [made["source"]["map"] for made in (now, before)]
    found = (
        ("the data", sources[0] != sources[1] or mappings[0] != mappings[1]),
        ("the rules", now["protocol"]["digest"] != before["protocol"]["digest"]),
        ("the parameters", _own(now) != _own(before)),
        ("the site declaration", now["site"] != before["site"]),
        ("the as-of date", now["as_of"] != before["as_of"]),
    )
    differ = [words for words, is_other in found if is_other]
    if not differ and now["versions"] != before["versions"]:
        return ["the version of the program"]
    return differ


def _own(made: Mapping[str, Any]) -> list[Any]:
    """The parameters but for the day, which is said for itself."""
    return [each for each in made["parameters"] if each["value"] != made["as_of"]]


def beside(
    now: polars.LazyFrame, before: polars.LazyFrame, made: Mapping[str, Any], earlier: Mapping[str, Any]
) -> polars.LazyFrame:
    """Everybody of either run with both rows beside one another; `criteria` are those that are otherwise."""
    import polars as pl

    common = [id for id in ids(made) if id in ids(earlier)]
    kept = ["id", "standing", "verdict", *common]
    rows = now.select(kept).join(before.select(kept), on="id", how="full", suffix=_BEFORE)
    is_new, is_gone = pl.col(f"id{_BEFORE}").is_null(), pl.col("id").is_null()
    differs = [pl.col(id) != pl.col(f"{id}{_BEFORE}") for id in common]
    is_other = pl.any_horizontal(
        pl.col("standing") != pl.col(f"standing{_BEFORE}"),
        pl.col("verdict") != pl.col(f"verdict{_BEFORE}"),
        *differs,
    )
    known = pl.when(is_new).then(pl.lit(NEW)).when(is_gone).then(pl.lit(GONE))
    change = known.when(is_other).then(pl.lit(CHANGED)).otherwise(pl.lit(SAME))
    named = pl.concat_list(
        pl.when(other).then(pl.lit(id)).otherwise(pl.lit(None, pl.String))
        for id, other in zip(common, differs, strict=True)
    )
    criteria = named.list.drop_nulls().list.join("|") if common else pl.lit("")
    return rows.with_columns(
        change.alias("change"), criteria.alias("criteria"), pl.coalesce("id", f"id{_BEFORE}").alias("id")
    )


def counted(rows: polars.LazyFrame, made: Mapping[str, Any], earlier: Mapping[str, Any]) -> Difference:
    """The counts of everybody of either run."""
    import polars as pl

    common = [id for id in ids(made) if id in ids(earlier)]
    kinds = ["change", "standing", f"standing{_BEFORE}", "verdict", f"verdict{_BEFORE}"]
    changed = rows.filter(pl.col("change") == CHANGED)
    asked = [rows.group_by(kinds).len()]
    asked += [
        changed.filter(pl.col(id) != pl.col(f"{id}{_BEFORE}"))
        .select(pl.lit(id).alias("id"), pl.col(f"{id}{_BEFORE}").alias("from"), pl.col(id).alias("to"))
        .group_by("id", "from", "to")
        .len()
        for id in common
    ]
    people, *truths = pl.collect_all(asked, engine="streaming")
    found = Difference(causes=causes(made, earlier))
    found.only_now = [id for id in ids(made) if id not in common]
    found.only_before = [id for id in ids(earlier) if id not in common]
    for each in people.iter_rows(named=True):
        number = each["len"]
        found.totals[each["change"]] += number
        states = tuple((each[f"standing{of}"] or "", each[f"verdict{of}"] or "") for of in (_BEFORE, ""))
        found.paths[states[0], states[1], each["change"]] += number
        if each["change"] in (CHANGED, SAME):
            found.moves[each[f"verdict{_BEFORE}"], each["verdict"]] += number
            found.standings[each[f"standing{_BEFORE}"], each["standing"]] += number
    for table in truths:
        for id, one, other, number in table.select("id", "from", "to", "len").iter_rows():
            found.criteria[id, one, other] += number
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """The cells of a comparison as they are printed: their numbers, and the marks of those that are hidden."""

    numbers: Mapping[str, int]
    marks: Marks

    def text(self, name: str) -> str:
        return self.marks.hidden.get(name, f"{self.numbers[name]:,}")

    def first(self, name: str) -> tuple[bool, int]:
        """A place in a list, the largest number first: what is hidden comes last, so that no place tells it."""
        is_hidden = name in self.marks.hidden
        return is_hidden, 0 if is_hidden else -self.numbers[name]


def shown(found: Difference, limit: int = 0, funnels: Sequence[Published] = ()) -> Shown:
    """The cells as they are printed; `limit` hides those below it from whoever has the funnels of both runs, the
    earlier one first.
    """
    names = cells(found)
    return Shown(names, marks(found.paths, found.criteria, names, limit, *funnels) if limit else Marks())


def told(
    found: Difference, made: Mapping[str, Any], earlier: Mapping[str, Any], shown: Shown, limit: int
) -> list[Line]:
    """The comparison on a screen, in counts that add up."""
    number = shown.text

    lines = headed(made)
    against = f"Against the run as of {earlier['as_of']}, rules {earlier['protocol']['digest'][:12]}."
    lines += paragraph(against)
    lines += paragraph(_because(found), "", "  ")
    lines.append(_row("People of the earlier run", number("before")))
    if "moves" in shown.marks.withheld:
        lines.append(_row("People of this run", number("now")))
        lines += paragraph(
            "Who is new, gone or changed is not counted here: beside the funnels of the two runs it would tell "
            f"numbers under {limit}. Leave --suppress out to see it; it must not leave the site then."
        )
        return [*lines, Line(""), *fixed_words(made)]
    lines.append(_row("  gone, not in this run", number(GONE)))
    lines.append(_row("  new in this run", number(NEW)))
    lines.append(_row("  in both, changed", number(CHANGED)))
    lines.append(_row("  in both, the same", number(SAME)))
    lines.append(_row("People of this run", number("now")))
    for title, moves, kind in (("Standing", found.standings, "standing"), ("Verdict", found.moves, "verdict")):
        lines.append(Line(""))
        lines.append(_row(f"{title}, of people in both runs", "people"))
        for one, other in sorted(
            moves, key=lambda move: (move[0] == move[1], *shown.first(f"{kind} {' '.join(move)}"), move)
        ):
            words = f"  {one}, as before" if one == other else f"  {one} -> {other}"
            lines.append(_row(words, number(f"{kind} {one} {other}")))
    lines += _criteria(found, made, shown)
    for words, every in (("only in this run", found.only_now), ("only in the earlier run", found.only_before)):
        if every:
            lines += paragraph(f"Criteria {words}, not compared: {safe(', '.join(every))}.", "", "  ")
    if limit:
        lines += hiding(limit)
    return [*lines, Line(""), *fixed_words(made)]


def _because(found: Difference) -> str:
    if not found.causes:
        return "Rules, parameters, site declaration, day and data are the same."
    if len(found.causes) == 1:
        return f"Only {found.causes[0]} {_differ(found.causes[0])}: every change is because of that."
    return (
        f"These differ: {listed(found.causes)}. Rows alone cannot tell which of them a change is because of; "
        "run again with only one of them changed."
    )


def _differ(words: str) -> str:
    return "differ" if words in ("the rules", "the parameters", "the data") else "differs"


def _criteria(found: Difference, made: Mapping[str, Any], shown: Shown) -> list[Line]:
    if not found.criteria:
        return []
    if "criteria" in shown.marks.withheld:
        return [
            Line(""),
            *paragraph(
                "Of how many people each criterion changed is not counted here: "
                "beside the funnels of the two runs it would tell small numbers."
            ),
        ]
    lines = [Line(""), _row("Criteria that are otherwise, of people in both runs", "people")]
    order = ids(made)
    every = sorted(
        found.criteria, key=lambda key: (*shown.first(f"criterion {' '.join(key)}"), order.index(key[0]), key)
    )
    for id, one, other in every[:_MOST]:
        lines.append(_row(f"  {safe(id):<8} {one} -> {other}", shown.text(f"criterion {id} {one} {other}")))
    if len(every) > _MOST:
        lines.append(
            Line(f"  {len(every) - _MOST:,} more kinds of change (--format csv names people and criteria)")
        )
    return lines


def _row(head: str, number: str) -> Line:
    head = cut_to(head, _TEXT)
    return Line(f"{head}{' ' * (_TEXT - columns(head))}{number:>{_NUMBER}}")


def cells(found: Difference) -> dict[str, int]:
    """Every number of a comparison by name."""
    totals = found.totals
    both = totals[CHANGED] + totals[SAME]
    return {
        "before": totals[GONE] + both,
        "now": totals[NEW] + both,
        **{name: totals[name] for name in (GONE, NEW, CHANGED, SAME)},
        **{f"standing {one} {other}": number for (one, other), number in found.standings.items()},
        **{f"verdict {one} {other}": number for (one, other), number in found.moves.items()},
        **{f"criterion {' '.join(key)}": number for key, number in found.criteria.items()},
    }


def table(rows: polars.DataFrame, found: Difference) -> list[list[str]]:
    """One row for everybody who is new, gone or changed."""
    because = "; ".join(found.causes)
    names = ("id", "change", f"standing{_BEFORE}", "standing", f"verdict{_BEFORE}", "verdict", "criteria")
    return [
        [exact(cells[0]), *(safe(cell or "") for cell in cells[1:]), because if cells[1] == CHANGED else ""]
        for cells in rows.select(names).iter_rows()
    ]
