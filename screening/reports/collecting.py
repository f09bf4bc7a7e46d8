"""`screening cohort --questions`: what to collect of whom, whom one bar keeps out, and whom time alone lets in.

What could settle a verdict is worded as that: no count says which way it would go, or that anybody will enter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from screening.outcome.collecting import Collected
from screening.outcome.near_miss import NearMisses
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import Line, paragraph
from screening.reports.words import SHORT_OBTAINED, columns, counted, cut_to, safe
from screening.values.unit import everyday

_TEXT, _NUMBER, _NAME, MOST = 40, 13, 36, 8
ITEM_COLUMNS = ("number", "items", "lack_any", "settled", "standings_settled", "could_settle_at_most", "is_best")
NEAR_COLUMNS = ("person", "criterion", "text", "number", "limit", "distance", "unit")
_MEANS = (
    "settles: no other item is open in them; answers that leave nothing unknown settle verdict and standing. "
    "at most: an answer might settle the verdict though others stay open; never more, perhaps none of them. "
    "Neither says which way."
)


def told(
    manifest: Mapping[str, Any],
    people: int,
    open_people: int,
    each: Sequence[Collected],
    sets: Sequence[Collected],
    near: Sequence[NearMisses],
    months: Mapping[str, int],
    everything: bool = False,
) -> list[Line]:
    """The questions on a screen."""
    lines = headed(manifest)
    lines += paragraph(f"Questions to {people:,} people, of whom the verdict of {open_people:,} is open.")
    lines += [Line(""), *_items(manifest, each, everything), *_sets(manifest, sets)]
    lines += paragraph(_MEANS, "  ", "  ")
    lines += [Line(""), *_near(manifest, near, everything), Line(""), *_months(months, everything)]
    return [*lines, Line(""), *fixed_words(manifest)]


def _row(head: str, *cells: str) -> Line:
    text = cut_to(head, _TEXT - 1)
    return Line((text + " " * (_TEXT - columns(text)) + "".join(f"{cell:>{_NUMBER}}" for cell in cells)).rstrip())


def _items(manifest: Mapping[str, Any], each: Sequence[Collected], everything: bool) -> list[Line]:
    if not each:
        return [Line("Nobody lacks an item.")]
    named = {one["name"]: one for one in manifest["requirements"]}
    lines = [_row("Collect, each by itself", "lack it", "settles", "at most")]
    shown = each if everything else each[:MOST]
    for one in shown:
        item = named[one.items[0]]
        how = SHORT_OBTAINED.get(item["obtain"], item["obtain"])
        lines.append(_row(f"  {how}: {safe(item['label'])}", *_numbers(one)))
    if len(shown) < len(each):
        lines.append(Line(f"  {counted(len(each) - len(shown), 'more item')}: --all"))
    return lines


def _numbers(one: Collected) -> tuple[str, str, str]:
    return f"{one.lacking:,}", f"{one.settled:,}", f"{one.could:,}"


def _sets(manifest: Mapping[str, Any], sets: Sequence[Collected]) -> list[Line]:
    if not sets:
        return []
    named = {one["name"]: safe(one["label"]) for one in manifest["requirements"]}
    is_best = all(one.is_best for one in sets)
    title = "Together, those that settle most" if is_best else "Together, one after the other"
    lines = [_row(title, "lack any", "settles", "at most")]
    for one in sets:
        names = ", ".join(named[name] for name in one.items)
        lines.append(_row(f"  {counted(len(one.items), 'item')}", *_numbers(one)))
        lines += paragraph(names, "    ", "    ")
    standings = sets[-1].standings
    if standings:
        lines += paragraph(
            f"Of those settled by the last, {counted(standings, 'person lacks', 'people lack')} an anchor on "
            "record; so their standing is settled too.",
            "  ",
            "  ",
        )
    return lines


def _near(manifest: Mapping[str, Any], near: Sequence[NearMisses], everything: bool) -> list[Line]:
    people = sum(each.people for each in near)
    if not people:
        return [Line("Nobody is ruled out by exactly one bar.")]
    texts = {each["id"]: each["text"] for each in manifest["criteria"]}
    lines = [_row("Ruled out by exactly one bar", "people"), _row("  in all", f"{people:,}")]
    most = sorted(near, key=lambda each: -each.people)
    shown = most if everything else most[:MOST]
    for each in shown:
        lines.append(_row(f"  {safe(each.criterion)} {safe(texts[each.criterion])}", f"{each.people:,}"))
        lines += _margins(each)
    if len(shown) < len(most):
        lines.append(Line(f"  {counted(len(most) - len(shown), 'more criterion', 'more criteria')}: --all"))
    return lines


def _margins(each: NearMisses) -> Iterator[Line]:
    """How far the numbers behind a bar lie from their limits, each number by itself."""
    for name, limit, unit in dict.fromkeys((b.name, b.limit, b.unit) for b in each.numbers):
        found = sorted(b.distance for b in each.numbers if (b.name, b.limit) == (name, limit))
        words = f" {everyday(unit)}" if unit and everyday(unit) else ""
        yield from paragraph(
            f"{cut_to(safe(name), _NAME)} ({counted(len(found), 'person', 'people')}): "
            f"nearest {amount(found[0])}{words} from {safe(limit)}, half within {amount(median(found))}{words}",
            "    ",
            "    ",
        )


def amount(number: Decimal) -> str:
    """A distance, without idle zeros and to at most 4 places.

    >>> amount(Decimal("2.50000")), amount(Decimal(100))
    ('2.5', '100')
    """
    text = f"{round(number, 4):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _months(months: Mapping[str, int], everything: bool) -> list[Line]:
    if not months:
        return [Line("Nobody's bars all end by their dates.")]
    lines = [_row("All bars end by their dates, not before", "people")]
    shown = list(months.items())[: None if everything else 12]
    lines += [_row(f"  {month}", f"{number:,}") for month, number in shown]
    if len(shown) < len(months):
        lines.append(_row("  later", f"{sum(months.values()) - sum(n for _, n in shown):,}"))
    return [*lines, Line("  By the rules alone: other items may be open then; none is a booking.")]


def item_rows(each: Sequence[Collected], sets: Sequence[Collected]) -> Iterator[tuple[str, ...]]:
    """Every item by itself, and the sets, as cells."""
    for one in (*each, *sets):
        numbers = (one.lacking, one.settled, one.standings, one.could)
        yield (str(len(one.items)), "|".join(one.items), *map(str, numbers), "yes" if one.is_best else "no")


def near_rows(near: Sequence[NearMisses], manifest: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Everybody whom exactly one bar rules out; those whose number lies nearest to its limit first."""
    texts = {each["id"]: each["text"] for each in manifest["criteria"]}
    for each in near:
        told_of = set()
        for b in each.nearest_first():
            told_of.add(b.id)
            yield (b.id, b.criterion, texts[b.criterion], b.name, b.limit, amount(b.distance), b.unit)
        for id in each.ids:
            if id not in told_of:
                yield (id, each.criterion, texts[each.criterion], "", "", "", "")
