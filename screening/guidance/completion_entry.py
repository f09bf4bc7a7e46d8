"""Entries of a list as the rules can tell them apart: of every field the values between which a condition differs.

A condition on single entries is a logic of statements each of which reads few fields. Two values of a field are
one if each statement says the same of both; fields that one statement reads together are taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from math import prod
from typing import Any

from screening.guidance.completion_value import said, values_of
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits, days_about
from screening.guidance.reading import every
from screening.guidance.refining import fields_read, last_open_day
from screening.interpreters.reference import Run
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import DataRequirement
from screening.record.subject import Evidence, Value
from screening.values.bounds import exactly
from screening.values.coding import Code
from screening.values.truth import TRUE

_MOST_DRAWN, _MOST_KEYS, _MOST_TOGETHER = 160, 4, 400
Coded = tuple[tuple[Code, ...], frozenset[int]]
# Of some fields, `date` and `code` among them, what an entry holds.
Filled = Mapping[str, Any]


def entries(gaps: Gaps, declared: DataRequirement, found: Limits) -> tuple[Iterator[tuple[Evidence, str]], bool]:
    """Entries of every kind that a condition tells apart, each with its words; and whether these are all."""
    read = fields_read(found)
    last = last_open_day(gaps, declared.name)
    days = [last, *(day for day in days_about(found, gaps.as_of) if day < last)] if "date" in read else [last]
    keys = frozenset(_keys(found))
    codes, is_all = _codes(declared, "code" in read, "code" in keys)
    options: dict[str, list[Any]] = {"date": [exactly(day) for day in days], "code": codes}
    for each in declared.fields:
        if each.name in read and each.name not in ("date", "code", "value"):
            values = values_of(each.type, found, gaps.as_of, words=each.values)
            options[each.name] = list(values.values)
            is_all = is_all and values.is_exact
    together, all_together = _told_apart(gaps, declared, found, options, keys)
    number = prod(len(ways) for ways in together)
    stride = max(1, -(-number // _MOST_DRAWN))
    # A stride that shares no factor with the number of a field's values meets all of them.
    while stride > 1 and any(stride % n == 0 for n in (2, 3, 5, 7) if number % n == 0):
        stride += 1
    drawn = islice(product(*together), 0, None, stride)
    said_of = {name for name, ways in options.items() if len(ways) > 1}
    made = (_entry(declared, {k: v for part in way for k, v in part.items()}, said_of) for way in drawn)
    return made, is_all and all_together and stride == 1


def _entry(declared: DataRequirement, filled: Filled, said_of: set[str]) -> tuple[Evidence, str]:
    row = _row(declared, filled)
    words = [f"{name} {said(filled[name])}" for name in filled if name in row.fields]
    words += [f"on {said(row.when)}"] if "date" in said_of else []
    words += [str(row.codes[0])] if "code" in said_of and row.codes else []
    return row, ", ".join(words) or "yes"


def _row(declared: DataRequirement, filled: Filled) -> Evidence:
    codes, concepts = filled.get("code", ((), frozenset()))
    fields: dict[str, Value] = {n: v for n, v in filled.items() if n not in ("date", "code")}
    return Evidence(
        f"{declared.name}?", declared.name, TRUE, filled["date"], codes=codes, fields=fields,
        origin="supposed", concepts=concepts,
    )  # fmt: skip


def _keys(found: Limits) -> Iterator[str]:
    """The fields of which it tells what exactly they hold: what is counted once each, what is added up."""
    for node in found.takers:
        match node:
            case e.CountDistinct(_, key) | e.RowValues(_, key):
                yield key


def _codes(declared: DataRequirement, is_read: bool, is_key: bool) -> tuple[list[Coded], bool]:
    """The codes that a rule may tell apart, those of the first concept alone where none does."""
    found: list[Coded] = []
    for position, concept in enumerate(declared.concepts[: None if is_read else 1]):
        for code in sorted(concept)[: None if is_read else 1]:
            found.append(((Code(code.system, code.code.rstrip("*").rstrip(".")),), frozenset({position})))
    if is_key and len(declared.concepts) > _MOST_KEYS:
        return found[:_MOST_KEYS], False
    return found or [((), frozenset())], True


# ------------------------------------------------------------------------------------------ told apart


def statements(found: Limits) -> Iterator[tuple[str, Expression]]:
    """Every statement about single entries that is no logic of others, with the name of the entry in it."""
    for node in found.takers:
        for where in wheres(node):
            waiting: list[AnyNode] = [where.condition]
            while waiting:
                part = waiting.pop()
                is_logic = isinstance(part, e.And | e.Or | e.Not | e.Implies | e.Xor)
                if is_logic or (isinstance(part, e.If) and part.type.name == "Boolean"):
                    waiting += parts(part)
                elif not isinstance(part, e.Retrieve | e.Where):
                    yield where.alias, part


def wheres(node: AnyNode) -> Iterator[e.Where]:
    """Every condition on single entries below a node that takes something out of them."""
    match node:
        case e.Where(source):
            yield node
            yield from wheres(source)
        case e.Select(source) | e.Exists(source) | e.Count(source) | e.CountDistinct(source):
            yield from wheres(source)
        case e.RowValues(source) | e.Silence(_, source):
            yield from wheres(source)
        case e.DateOf(selection):
            yield from wheres(selection)


def _told_apart(
    gaps: Gaps, declared: DataRequirement, found: Limits, options: Mapping[str, list[Any]], keys: frozenset[str]
) -> tuple[list[list[Filled]], bool]:
    """For fields that tell together, the ways of filling them that some statement tells apart."""
    read = [(alias, node, _fields(alias, node) & options.keys()) for alias, node in statements(found)]
    groups = _joined(options, (names for _, _, names in read))
    run = Run(gaps.reading.parameters, gaps.seen, gaps.as_of)
    run.values = gaps.values
    together: list[list[Filled]] = []
    is_all = True
    for group in groups:
        number = prod(len(options[name]) for name in group)
        stride = -(-number // _MOST_TOGETHER)
        is_all = is_all and stride == 1
        tell = [(alias, gaps.reading.meaning(node)) for alias, node, names in read if not names.isdisjoint(group)]
        kept: dict[tuple[Any, ...], Filled] = {}
        for way in islice(product(*(options[name] for name in group)), 0, None, stride):
            filled = dict(zip(group, way, strict=True))
            row = _row(declared, {"date": options["date"][0], "code": options["code"][0], **filled})
            says = tuple(meaning(run, {alias: row}) for alias, meaning in tell)
            kept.setdefault((*says, *(repr(filled[name]) for name in group if name in keys)), filled)
        together.append(list(kept.values()))
    return together, is_all


def _fields(alias: str, node: AnyNode) -> set[str]:
    return {part.name for part in every(node) if isinstance(part, e.Field) and part.alias == alias}


def _joined(names: Iterable[str], read: Iterable[set[str]]) -> list[tuple[str, ...]]:
    """Fields put together as far as one statement reads them together; each in its order."""
    order = list(names)
    groups: list[set[str]] = [{name} for name in order]
    for several in read:
        touched = [group for group in groups if group & several]
        groups = [group for group in groups if not group & several]
        groups += [set().union(*touched)] if touched else []
    found = [tuple(sorted(group, key=order.index)) for group in groups]
    return sorted(found, key=lambda group: order.index(group[0]))
