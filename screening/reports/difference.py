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
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import Line, paragraph
from screening.reports.suppression import Sum, hidden
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

    `criteria` counts people by criterion and its truth before and now; `causes` are the words for what differs.
    """

    totals: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    standings: Counter[tuple[str, str]] = field(default_factory=Counter)
    criteria: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    new: Counter[tuple[str, str]] = field(default_factory=Counter)
    gone: Counter[tuple[str, str]] = field(default_factory=Counter)
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
        if each["change"] in (CHANGED, SAME):
            found.moves[each[f"verdict{_BEFORE}"], each["verdict"]] += number
            found.standings[each[f"standing{_BEFORE}"], each["standing"]] += number
            continue
        counts, suffix = (found.new, "") if each["change"] == NEW else (found.gone, _BEFORE)
        for kind in ("standing", "verdict"):
            counts[kind, each[kind + suffix]] += number
    for table in truths:
        for id, one, other, number in table.select("id", "from", "to", "len").iter_rows():
            found.criteria[id, one, other] += number
    return found


def told(found: Difference, made: Mapping[str, Any], earlier: Mapping[str, Any], limit: int) -> list[Line]:
    """The comparison on a screen, in counts that add up."""
    names = _cells(found)
    marks = _hidden(found, names, limit) if limit else {}

    def number(name: str) -> str:
        return marks.get(name, f"{names[name]:,}")

    lines = headed(made)
    against = f"Against the run as of {earlier['as_of']}, rules {earlier['protocol']['digest'][:12]}."
    lines += paragraph(against)
    lines += paragraph(_because(found), "", "  ")
    lines.append(_row("People of the earlier run", number("before")))
    lines.append(_row("  gone, not in this run", number(GONE)))
    lines.append(_row("  new in this run", number(NEW)))
    lines.append(_row("  in both, changed", number(CHANGED)))
    lines.append(_row("  in both, the same", number(SAME)))
    lines.append(_row("People of this run", number("now")))
    for title, moves, kind in (("Standing", found.standings, "standing"), ("Verdict", found.moves, "verdict")):
        lines.append(Line(""))
        lines.append(_row(f"{title}, of people in both runs", "people"))
        for one, other in sorted(moves, key=lambda move: (move[0] == move[1], -moves[move], move)):
            words = f"  {one}, as before" if one == other else f"  {one} -> {other}"
            lines.append(_row(words, number(f"{kind} {one} {other}")))
    lines += _criteria(found, made, number)
    for words, every in (("only in this run", found.only_now), ("only in the earlier run", found.only_before)):
        if every:
            lines += paragraph(f"Criteria {words}, not compared: {safe(', '.join(every))}.", "", "  ")
    if limit:
        lines += paragraph(
            f"Cells under {limit} are hidden as <{limit}; * hides any number, where a sum would tell one."
        )
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


def _criteria(found: Difference, made: Mapping[str, Any], number: Any) -> list[Line]:
    if not found.criteria:
        return []
    lines = [Line(""), _row("Criteria that are otherwise, of people in both runs", "people")]
    order = ids(made)
    every = sorted(found.criteria, key=lambda key: (-found.criteria[key], order.index(key[0]), key))
    for id, one, other in every[:_MOST]:
        lines.append(_row(f"  {safe(id):<8} {one} -> {other}", number(f"criterion {id} {one} {other}")))
    if len(every) > _MOST:
        lines.append(
            Line(f"  {len(every) - _MOST:,} more kinds of change (--format csv names people and criteria)")
        )
    return lines


def _row(head: str, number: str) -> Line:
    head = cut_to(head, _TEXT)
    return Line(f"{head}{' ' * (_TEXT - columns(head))}{number:>{_NUMBER}}")


def _cells(found: Difference) -> dict[str, int]:
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


def _hidden(found: Difference, names: Mapping[str, int], limit: int) -> dict[str, str]:
    """What is hidden from somebody who has the funnels of both runs, which count verdicts and standings."""
    sums, cells, left = _sums(found), dict(names), set[str]()
    for kind, moves in (("standing", found.standings), ("verdict", found.moves)):
        for at, when, other in ((0, "before", GONE), (1, "now", NEW)):
            for word in sorted({move[at] for move in moves}):
                parts = {f"{kind} {' '.join(move)}": 1 for move in moves if move[at] == word}
                whole, rest = f"{kind} {when}: {word}", f"{kind} {other}: {word}"
                cells[rest] = (found.gone if other == GONE else found.new)[kind, word]
                cells[whole] = sum(cells[part] for part in parts) + cells[rest]
                left.add(rest)
                sums.append({**parts, rest: 1, whole: -1})
    published = {name: "" for name in cells if name not in names and name not in left}
    small = {name: f"<{limit}" for name in published if 0 < cells[name] < limit}
    return hidden(cells, sums, limit, left, {**published, **small})


def _sums(found: Difference) -> list[Sum]:
    both = {CHANGED: -1, SAME: -1}
    return [
        {"before": 1, GONE: -1, **both},
        {"now": 1, NEW: -1, **both},
        {**{f"standing {one} {other}": 1 for one, other in found.standings}, **both},
        {**{f"verdict {one} {other}": 1 for one, other in found.moves}, **both},
    ]


def table(rows: polars.DataFrame, found: Difference) -> list[list[str]]:
    """One row for everybody who is new, gone or changed."""
    because = "; ".join(found.causes)
    names = ("id", "change", f"standing{_BEFORE}", "standing", f"verdict{_BEFORE}", "verdict", "criteria")
    return [
        [exact(cells[0]), *(safe(cell or "") for cell in cells[1:]), because if cells[1] == CHANGED else ""]
        for cells in rows.select(names).iter_rows()
    ]
