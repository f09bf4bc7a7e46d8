"""Entries of a list as the rules can tell them apart: of every field the values between which a condition differs.

A condition on single entries is a logic of statements each of which reads few fields. Two values of a field are
one if each statement says the same of both; fields that one statement reads together are taken together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

from screening.guidance.completion_value import said, usable, values_of
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits, days_about
from screening.guidance.reading import every
from screening.guidance.refining import fields_read, last_open_day
from screening.interpreters.reference import Run
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import DataRequirement
from screening.language.types import Type
from screening.record.subject import Evidence, Value
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import TRUE

_MOST_DRAWN, _MOST_KEYS, _MOST_TOGETHER = 400, 12, 400
# Types of few values: what is counted once each of another type may be any of too many.
_FEW = ("Boolean", "String")
Coded = tuple[tuple[Code, ...], frozenset[int]]
# Of some fields, `date` and `code` among them, what an entry holds.
Filled = Mapping[str, Any]


def entries(
    gaps: Gaps, declared: DataRequirement, found: Limits, most: int
) -> tuple[Iterator[tuple[Evidence, str]], bool]:
    """Entries of every kind that a condition tells apart, each with its words; and whether these are all.

    Of what is counted once each there are as many as are ever counted, `most`.
    """
    read = fields_read(found)
    keys, counted = frozenset(_keys(found)), {n.key for n in found.takers if isinstance(n, e.CountDistinct)}
    told = set[str]().union(*(_fields(alias, node) for alias, node in statements(found)))
    codes, is_all = _codes(declared, "code" in told, "code" in counted)
    options: dict[str, list[Any]] = {"date": _days(gaps, declared, found, "date" in read), "code": codes}
    for name, type, words, within in _fields_of(declared):
        if name in read:
            values = values_of(type, found, gaps.as_of, within, words)
            options[name] = list(values.values)
            if name in counted:
                options[name] += _further(type, words, options[name], most)
            # Of numbers and days any two of one kind may be counted.
            is_all = is_all and values.is_exact and (name not in counted or type.name in _FEW)
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


def _days(gaps: Gaps, declared: DataRequirement, found: Limits, is_read: bool) -> list[Bounds]:
    """The days that tell apart, first those of which nothing is recorded: what is of such a day may be that."""
    last, rows = last_open_day(gaps, declared.name), gaps.seen.evidence.get(declared.name, ())
    taken = {row.when for row in rows}
    if not is_read:
        before = (exactly(last - datetime.timedelta(days=n)) for n in range(len(rows) + 1))
        return [next(day for day in before if day not in taken)]
    days = [last, *(day for day in days_about(found, gaps.as_of) if day < last)]
    return sorted(map(exactly, days), key=lambda day: day in taken)


def _fields_of(declared: DataRequirement) -> Iterator[tuple[str, Type, tuple[str, ...], Bounds]]:
    """What an entry holds beside its day and its code: each field, and the value where it is no yes."""
    for each in declared.fields:
        if each.name not in ("date", "code", "value"):
            yield each.name, each.type, each.values, OPEN
    if declared.type.name not in ("Records", "Boolean"):
        yield "value", declared.type, (), usable(declared)


def _further(type: Type, words: tuple[str, ...], listed: list[Any], most: int) -> Sequence[Value]:
    """More values of a field that is counted once each: those that no rule names count alike."""
    match type.name:
        case "String" if words:
            return [word(text) for text in words if word(text) not in listed][: most - 1]
        case "String":
            return [word(f"another, {n}") for n in range(2, most + 1)]
        case "Code":
            return [(Code("LOCAL", f"another, {n}"),) for n in range(1, most + 1)]
    return []


def _entry(declared: DataRequirement, filled: Filled, said_of: set[str]) -> tuple[Evidence, str]:
    row = _row(declared, filled)
    words = [f"{name} {said(filled[name])}" for name in filled if name in row.fields]
    words += [f"on {said(row.when)}"] if "date" in said_of else []
    words += [str(row.codes[0])] if "code" in said_of and row.codes else []
    return row, ", ".join(words) or "yes"


def _row(declared: DataRequirement, filled: Filled) -> Evidence:
    codes, concepts = filled.get("code", ((), frozenset()))
    fields: dict[str, Value] = {n: v for n, v in filled.items() if n not in ("date", "code", "value")}
    return Evidence(
        f"{declared.name}?", declared.name, filled.get("value", TRUE), filled["date"], codes=codes, fields=fields,
        origin="supposed", concepts=concepts,
    )  # fmt: skip


def _keys(found: Limits) -> Iterator[str]:
    """The fields of which it tells what exactly they hold: what is counted once each, what is added up."""
    for node in found.takers:
        match node:
            case e.CountDistinct(_, key) | e.RowValues(_, key):
                yield key


def _codes(declared: DataRequirement, is_read: bool, is_counted: bool) -> tuple[list[Coded], bool]:
    """The codes that a rule may tell apart; of those that none does one of each concept if they are counted."""
    found: list[Coded] = []
    for position, concept in enumerate(declared.concepts[: None if is_read or is_counted else 1]):
        for code in sorted(concept)[: None if is_read else 1]:
            found.append(((Code(code.system, code.code.rstrip("*").rstrip(".")),), frozenset({position})))
    if not is_counted:
        return found or [((), frozenset())], True
    # Two codes of two systems may be of one thing: which are counted together is not looked through.
    systems = {code.system for codes, _ in found for code in codes}
    return found[:_MOST_KEYS] or [((), frozenset())], len(found) <= _MOST_KEYS and len(systems) == 1


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
