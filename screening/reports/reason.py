"""Why a criterion is as it is: each comparison, entry and gap that bears on it, read off the trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import WHOLE, Criterion, DataRequirement, RowField
from screening.language.types import NUMBERS
from screening.outcome.determination import NOT_APPLICABLE, Finding
from screening.outcome.trace import RowsFound
from screening.record.rows import is_unknown
from screening.record.subject import Evidence, SetAside
from screening.reports import value as values
from screening.reports.account import Account, requirements_below
from screening.reports.gap import Point, gap_of, gaps
from screening.reports.measure import (
    Measure,
    has_data,
    label_of,
    limit,
    limit_decimals,
    measured,
    place_of,
    when_of,
)
from screening.reports.words import ago, counted, joined, safe
from screening.values.bounds import Bounds, is_open
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_LONGEST_FORMULA = 60
_NAMED = re.compile(r'"([^"]+)"')


def word_of(criterion: Criterion, finding: Finding) -> str:
    """The state of a criterion in the words of its category."""
    if finding.shown == NOT_APPLICABLE:
        return "not applicable"
    table = {
        "inclusion": {TRUE: "met", FALSE: "not met"},
        "exclusion": {TRUE: "present", FALSE: "absent"},
    }
    if criterion.strength == "administrative":
        return {TRUE: "in place", FALSE: "not in place"}.get(finding.truth, "unknown")
    if finding.truth is UNKNOWN and finding.contradicted:
        return "contradicted"
    if finding.truth is UNKNOWN and is_judgement_open(finding):
        return "judgement open"
    if finding.truth is UNKNOWN and criterion.strength == "relative":
        return "not recorded"
    return table[criterion.category].get(finding.truth, "unknown")


def is_judgement_open(finding: Finding) -> bool:
    """Whether nothing but a named person's judgement keeps a criterion open."""
    return bool(finding.judgements) and set(finding.judgements) == set(finding.open)


def points(account: Account, criterion: Criterion) -> list[Point]:
    """Everything that bears on a criterion, in the order of the rule file, each thing once."""
    finding = account.findings[criterion.id]
    # What a judgement is asked about is known and bears on it: a reading that a physician has yet to accept.
    is_asked_about = criterion.category == "exclusion" and is_judgement_open(finding)
    if finding.truth is UNKNOWN and finding.open and not is_asked_about:
        return gaps(account, finding.open)
    if criterion.id == WHOLE:
        return [Point(UNKNOWN, "the whole protocol", gap=safe(criterion.note))]
    node: AnyNode = criterion.expression
    if finding.shown == NOT_APPLICABLE:
        node = parts(node)[0]
    return list(dict.fromkeys(leaf.point for leaf in bearing(account, node)))


class Leaf(NamedTuple):
    """A comparison, an entry or a fact that a truth rests on: its node, and what is said of it."""

    node: AnyNode
    point: Point


def bearing(account: Account, node: AnyNode) -> Iterator[Leaf]:
    """The leaves that settle a node; parts that do not bear on it are left out."""
    return (Leaf(found, leaf_point(account, found, within)) for found, within in _bearing(account, node, set()))


def leaf_point(account: Account, node: AnyNode, within: str = "") -> Point:
    """What is said of one leaf; `within` is the definition that it stands in."""
    match node:
        case e.Reference(name):
            return _of_truth(account, account.requirements[name])
        case e.Exists(source) | e.Select(source):
            return _of_rows(account, node, source)
    return _named_for(_compared(account, node), within)


def _bearing(account: Account, node: AnyNode, seen: set[str], within: str = "") -> Iterator[tuple[AnyNode, str]]:
    """Each leaf that settles a node, and the definition that it stands in."""
    truth = account.value(node)
    match node:
        case e.And(operands) | e.Or(operands):
            settling = FALSE if isinstance(node, e.And) else TRUE
            settled = [o for o in operands if account.value(o) is truth] if truth is settling else list(operands)
            for operand in settled:
                yield from _bearing(account, operand, seen, within)
        case e.Not(operand) | e.Favoured(operand):
            yield from _bearing(account, operand, seen, within)
        case e.Implies(left, right):
            sides = (left, right) if truth is not TRUE else (right,) if account.value(right) is TRUE else (left,)
            for side in sides:
                yield from _bearing(account, side, seen, within)
        case e.Xor(left, right):
            yield from _bearing(account, left, seen, within)
            yield from _bearing(account, right, seen, within)
        case e.If(condition, then, otherwise):
            taken = account.value(condition)
            yield from _bearing(account, condition, seen, within)
            yield from _bearing(account, then if taken is TRUE else otherwise, seen, within)
        case e.Reference(name) if name in account.requirements:
            yield node, within
        case e.Reference(name) if name in account.expressions and name not in seen:
            seen.add(name)
            yield from _bearing(account, account.expressions[name], seen, name)
        case e.Silence(operand):
            yield from _bearing(account, operand, seen, within)
        case e.Exists() | e.Select():
            yield node, within
        case e.Compare() | e.Between() | e.InInterval() | e.InSet() | e.Timing() | e.Is():
            yield node, within


# ------------------------------------------------------------------------------- comparisons


def _compared(account: Account, node: AnyNode) -> Point:
    truth = account.value(node)
    assert isinstance(truth, Truth)
    match node:
        case e.Compare(operator, left, right):
            if not has_data(left) and has_data(right):
                left, right, operator = right, left, _SWAPPED[operator]
            against = _side(account, right)
            text = f"{operator} {against}"
            return _point(truth, measured(account, left, *_kept(account, right)), text)
        case e.Between(operand, low, high):
            text = f"{limit(account, low)} to {limit(account, high)}"
            return _point(truth, measured(account, operand, *_kept(account, low)), text)
        case e.InInterval(operand, low, high, low_closed, high_closed):
            first = "" if low_closed else "above "
            last = "to" if high_closed else "to below"
            text = f"{first}{limit(account, low)} {last} {limit(account, high)}"
            return _point(truth, measured(account, operand, *_kept(account, low)), text)
        case e.InSet(operand, name, codes):
            words = safe(name) or ", ".join(values.code_text(code) for code in codes)
            return _point(truth, measured(account, operand), f"one of {words}")
        case e.Timing(operand, kind, inclusive, amount, unit, reference):
            return _point(
                truth, measured(account, operand), _window(account, kind, inclusive, amount, unit, reference)
            )
        case e.Is(operand, "null"):
            side = measured(account, operand)
            found = account.value(operand)
            if not isinstance(found, RowsFound) and not is_unknown(found):
                return _point(truth, side, "")
            gap = gaps(account, requirements_below(operand, account.expressions))
            return replace(gap[0], truth=truth) if len(gap) == 1 else Point(truth, side.label, gap="not recorded")
        case e.Is(operand, state, negated):
            said = {"true": "yes", "false": "no"}[state]
            return _point(truth, measured(account, operand), f"not {said}" if negated else said)
    raise TypeError(type(node))


def _named_for(point: Point, within: str) -> Point:
    """A comparison whose left side is a long formula, by the name of the definition that it stands in."""
    if len(point.label) <= _LONGEST_FORMULA or not within:
        return point
    return Point(point.truth, safe(within), "yes" if point.truth is TRUE else "no", point.dated)


def _kept(account: Account, right: AnyNode) -> tuple[int, tuple[object, ...]]:
    places, ends = limit_decimals(account, right)
    return places + 1, ends


def _side(account: Account, node: AnyNode) -> str:
    found = account.value(node)
    if isinstance(found, Bounds) and is_open(found) and has_data(node):
        return f"{measured(account, node).label}, unknown"
    if isinstance(node, e.Reference) and has_data(node):
        side = measured(account, node)
        return joined((f"{side.label} {side.value}", side.dated))
    return limit(account, node)


def _window(account: Account, kind: str, inclusive: bool, amount: AnyNode, unit: str, reference: AnyNode) -> str:
    number = limit(account, amount)
    length = f"{number} {unit.removesuffix('s') if number == '1' else unit}"
    day = limit(account, reference)
    how, _, direction = kind.rpartition(" ")
    edge = "" if inclusive or not how.endswith("less") else ", the ends left out"
    if kind == "around":
        return f"within {length} of {day}{edge}"
    words = {"or less": f"at most {length}", "or more": f"at least {length}"}
    return f"{words.get(how, length)} {direction} {day}{edge}"


def _point(truth: Truth, side: Measure, against: str) -> Point:
    value = joined((side.value, side.detail))
    return Point(truth, side.label, value, side.dated, side.passed, against, origin=side.origin, scale=side.scale)


# ------------------------------------------------------------------------- facts and entries


def _of_truth(account: Account, requirement: DataRequirement) -> Point:
    """A fact that is asked for as such: present with its entry, absent with who said so, or a gap."""
    step = account.named(requirement.name)
    label = label_of(requirement)
    if not isinstance(step.value, Truth) or step.value is UNKNOWN:
        return gap_of(account, requirement)
    rows = account.rows(step.facts)
    if step.value is TRUE:
        return _entries(account, requirement, rows)
    return Point(FALSE, label, _absence(account, requirement.name, step.reason, step.facts))


def _of_rows(account: Account, node: AnyNode, source: e.Rows) -> Point:
    inner = source
    while isinstance(inner, e.Where):
        inner = inner.source
    requirement = account.requirements[inner.requirement]
    step = account.step(node)
    rows = account.rows(step.facts)
    if step.value is TRUE and rows:
        return _entries(account, requirement, rows)
    if step.value is FALSE:
        found = account.value(source)
        tried = len(account.subject.evidence.get(requirement.name, ()))
        none_of = isinstance(found, RowsFound) and not found.certain and tried and not step.facts
        words = _absence(account, requirement.name, step.reason, step.facts)
        if none_of:
            words = joined((f"none of {counted(tried, 'entry', 'entries')} is within what is asked", words), "; ")
        return Point(FALSE, label_of(requirement), words)
    return gap_of(account, requirement)


def _entries(account: Account, requirement: DataRequirement, rows: tuple[Evidence, ...]) -> Point:
    """The rows behind a TRUE: what is written there, its date and its place."""
    if not rows:
        return Point(TRUE, label_of(requirement), "yes")
    first = max(rows, key=lambda row: (str(row.when.high or ""), row.id))
    dated, _ = when_of(account, (first,))
    more = f"{len(rows) - 1} more" if len(rows) > 1 else ""
    text = entry_text(first, requirement)
    value = joined((text, more))
    label = label_of(requirement)
    return Point(TRUE, label, value, dated, origin=place_of(first), brief=text.partition(", ")[0])


def entry_text(row: Evidence, requirement: DataRequirement) -> str:
    """What one entry says: its fields, or its words, or its codes."""
    kept = [text for field in requirement.fields if (text := _field_text(row, field))]
    if requirement.type.name in NUMBERS:
        return values.fact_text(row, requirement.type)
    written = safe(row.written)
    if written.upper() in ("TRUE", "FALSE"):
        written = "yes" if written.upper() == "TRUE" else "no"
    codes = " = ".join(values.code_text(code) for code in row.codes)
    return joined(kept) or written or codes


def _field_text(row: Evidence, field: RowField) -> str:
    """One field of an entry; a word or a code speaks for itself, a number or a truth is named."""
    found = row.fields.get(field.name)
    if found is None or isinstance(found, SetAside):
        return ""
    text = values.value_text(found, field.type)
    if text == "unknown":
        return ""
    return f"{safe(field.name)} {text}" if isinstance(found, Bounds | Truth) else text


def _absence(account: Account, name: str, reason: str, facts: tuple[str, ...]) -> str:
    """Who or what says that a thing is not there."""
    match reason:
        case "absence attested":
            said = account.denials(facts)
            last = said[-1] if said else None
            day = values.day_text(last.when) if last is not None else ""
            origin = place_of(last) if last is not None else ""
            return joined((f"absence recorded{f' {day}' if day else ''}", origin), "; ")
        case "site declaration":
            complete = account.subject.complete.get(name)
            because = safe(complete.because) if complete is not None else ""
            return joined(("none, and the site declares the list complete", because), "; ")
        case "list complete":
            return "none, and the list is declared complete"
        case "silence read as no":
            return "not mentioned, read as no"
    return "no"


# ------------------------------------------------------------------------- bars and alerts


def _called(account: Account, name: str) -> str:
    requirement = account.requirements.get(name)
    return label_of(requirement) if requirement is not None else name


def until_text(account: Account, criterion: Criterion) -> str:
    """What lifts a bar: the words of the rule file, and the first day where one is known."""
    if not criterion.until:
        return ""
    finding = account.findings[criterion.id]
    day = finding.until.high if finding.until is not None else None
    words = _NAMED.sub(lambda found: _called(account, found[1]), safe(criterion.until))
    if day is None:
        return f"until {words}"
    first = values.day_text(Bounds(day, day))
    return f"until {words}: not before {first}"


def alert_points(account: Account, criterion: Criterion, facts: tuple[str, ...]) -> list[Point]:
    """What an alert saw, day by day: each reading that fired, with what was measured beside it."""
    fired = account.rows(facts)
    named = criterion.alert.requirements if criterion.alert is not None else ()
    every = [row for name in named for row in account.subject.evidence.get(name, ())]
    moments = dict.fromkeys((row.when, row.clock) for row in fired)
    found = []
    for when, clock in moments:
        beside = [r for r in every if (r.when, r.clock) == (when, clock) and not isinstance(r.value, SetAside)]
        rows = [row for row in beside if row in fired or values.one_day(when) is not None] or list(fired)
        texts = []
        for row in rows:
            requirement = account.requirements[row.requirement]
            texts.append(f"{label_of(requirement)} {values.fact_text(row, requirement.type)}")
        day = values.one_day(when)
        passed = ago(day, account.as_of) if day is not None else ""
        places = "; ".join(dict.fromkeys(place for row in rows if (place := place_of(row))))
        label = ", ".join(dict.fromkeys(texts))
        found.append(Point(TRUE, label, "", values.day_text(when), passed, origin=places))
    return found
