"""Why a criterion is as it is: each comparison, entry and gap that bears on it, read off the trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import Criterion, DataRequirement
from screening.language.types import BOOLEAN
from screening.outcome.determination import NOT_APPLICABLE, Finding
from screening.outcome.trace import RowsFound
from screening.record.subject import Evidence, SetAside
from screening.reports import value as values
from screening.reports.account import Account
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
from screening.values.bounds import Bounds, is_exact, is_open
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_NAMED = re.compile(r'"([^"]+)"')
_NEVER_ASKED = ("ask", "questionnaire", "judge")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing behind a criterion: what was found, and what it was held against.

    `gap` says, instead of a value, what is missing and what was searched. `limit` begins with its sign.
    """

    truth: Truth
    label: str
    value: str = ""
    dated: str = ""
    passed: str = ""
    limit: str = ""
    gap: str = ""
    origin: str = ""
    scale: str = ""


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
    if finding.truth is UNKNOWN and finding.open:
        return gaps(account, finding.open)
    node: AnyNode = criterion.expression
    if finding.shown == NOT_APPLICABLE:
        node = parts(node)[0]
    return list(dict.fromkeys(_bearing(account, node, set())))


def gaps(account: Account, names: tuple[str, ...]) -> list[Point]:
    """What keeps something open: one point for each requirement, with what was searched."""
    return [_gap(account, account.requirements[name]) for name in names if name in account.requirements]


def _bearing(account: Account, node: AnyNode, seen: set[str]) -> Iterator[Point]:
    """The comparisons and entries that settle a node; parts that do not bear on it are left out."""
    truth = account.value(node)
    match node:
        case e.And(operands) | e.Or(operands):
            settling = FALSE if isinstance(node, e.And) else TRUE
            bearing = (
                [o for o in operands if account.value(o) is truth] if truth is settling else list(operands)
            )
            for operand in bearing:
                yield from _bearing(account, operand, seen)
        case e.Not(operand) | e.Favoured(operand):
            yield from _bearing(account, operand, seen)
        case e.Implies(left, right):
            sides = (
                (left, right) if truth is not TRUE else (right,) if account.value(right) is TRUE else (left,)
            )
            for side in sides:
                yield from _bearing(account, side, seen)
        case e.Xor(left, right):
            yield from _bearing(account, left, seen)
            yield from _bearing(account, right, seen)
        case e.If(condition, then, otherwise):
            taken = account.value(condition)
            yield from _bearing(account, condition, seen)
            yield from _bearing(account, then if taken is TRUE else otherwise, seen)
        case e.Reference(name) if name in account.requirements:
            yield _of_truth(account, account.requirements[name])
        case e.Reference(name) if name in account.expressions and name not in seen:
            seen.add(name)
            yield from _bearing(account, account.expressions[name], seen)
        case e.Silence(operand):
            yield from _bearing(account, operand, seen)
        case e.Exists(source) | e.Select(source):
            yield _of_rows(account, node, source)
        case e.Compare() | e.Between() | e.InInterval() | e.InSet() | e.Timing() | e.Is():
            yield _compared(account, node)


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
        case e.Is(operand, state, negated):
            shown = {"null": "not recorded", "true": "yes", "false": "no"}[state]
            return _point(truth, measured(account, operand), f"{'not ' if negated else ''}{shown}")
    raise TypeError(type(node))


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


def _window(
    account: Account, kind: str, inclusive: bool, amount: AnyNode, unit: str, reference: AnyNode
) -> str:
    number = limit(account, amount)
    length = f"{number} {unit.removesuffix('s') if number == '1' else unit}"
    day = limit(account, reference)
    how, _, direction = kind.rpartition(" ")
    edge = "" if inclusive else ", the ends left out"
    if kind == "around":
        return f"within {length} of {day}{edge}"
    words = {"or less": f"at most {length}", "or more": f"at least {length}"}
    return f"{words.get(how, length)} {direction} {day}{edge}"


def _point(truth: Truth, side: Measure, against: str) -> Point:
    value = joined((side.value, side.detail))
    return Point(
        truth, side.label, value, side.dated, side.passed, against, origin=side.origin, scale=side.scale
    )


# ------------------------------------------------------------------------- facts and entries


def _of_truth(account: Account, requirement: DataRequirement) -> Point:
    """A fact that is asked for as such: present with its entry, absent with who said so, or a gap."""
    step = account.named(requirement.name)
    label = label_of(requirement)
    if not isinstance(step.value, Truth) or step.value is UNKNOWN:
        return _gap(account, requirement)
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
            words = joined(
                (f"none of {counted(tried, 'entry', 'entries')} is within what is asked", words), "; "
            )
        return Point(FALSE, label_of(requirement), words)
    return _gap(account, requirement)


def _entries(account: Account, requirement: DataRequirement, rows: tuple[Evidence, ...]) -> Point:
    """The rows behind a TRUE: what is written there, its date and its place."""
    if not rows:
        return Point(TRUE, label_of(requirement), "yes")
    first = max(rows, key=lambda row: (str(row.when.high or ""), row.id))
    dated, _ = when_of(account, (first,))
    more = f"{len(rows) - 1} more" if len(rows) > 1 else ""
    value = joined((entry_text(first), more))
    label = label_of(requirement)
    return Point(TRUE, label, value, dated, origin=place_of(first))


def entry_text(row: Evidence) -> str:
    """What one entry says: its fields, or its words, or its codes."""
    fields = [
        values.value_text(found, _ANY) for found in row.fields.values() if not isinstance(found, SetAside)
    ]
    kept = [text for text in fields if text != "unknown"]
    written = safe(row.written)
    if written.upper() in ("TRUE", "FALSE"):
        written = "yes" if written.upper() == "TRUE" else "no"
    codes = " = ".join(values.code_text(code) for code in row.codes)
    return joined(kept) or written or codes


_ANY = BOOLEAN


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


# -------------------------------------------------------------------------------------- gaps


def _gap(account: Account, requirement: DataRequirement) -> Point:
    """Why a requirement is open: what was found and is not enough, or what was searched."""
    label = label_of(requirement)
    step = account.named(requirement.name)
    every = account.subject.evidence.get(requirement.name, ())
    cited = account.rows(step.facts)
    rows = cited or every
    dated, passed = when_of(account, rows[-1:])
    origin = place_of(rows[-1]) if len(rows) == 1 else ""
    found = step.value
    part = ""
    if isinstance(found, Bounds) and not is_open(found) and not is_exact(found) and every:
        part = values.value_text(found, requirement.type)
    if not every:
        return Point(UNKNOWN, label, part, gap=searched(account, requirement))
    gap = _why(requirement, step.reason, rows, len(every))
    return Point(UNKNOWN, label, part, dated, passed if len(rows) == 1 else "", gap=gap, origin=origin)


def _why(requirement: DataRequirement, reason: str, rows: tuple[Evidence, ...], every: int) -> str:
    """Fixed words of a step, in words for people."""
    entries = counted(len(rows), "entry", "entries")
    if reason.endswith("readings wanted"):
        return f"{counted(len(rows), 'reading')}, {reason.removesuffix(' wanted')} wanted"
    why = next((safe(row.value.why) for row in rows if isinstance(row.value, SetAside)), "")
    match reason:
        case "set aside":
            return joined((f"{entries} recorded and set aside", why), ": ")
        case "only possible entries":
            status = next((row.status for row in rows if row.status != "confirmed"), "")
            return joined((f"{entries}, only possible", status or why), ": ")
        case "recorded as present and as absent":
            return "recorded as present and as absent"
        case "several candidates":
            return f"{entries} that differ and cannot be told apart by date"
        case "day not known":
            return f"{entries} whose day is not known"
        case "not known":
            return "recorded as not known"
        case "list not complete":
            return f"{counted(every, 'entry', 'entries')}, and the list is not declared complete"
        case "not recorded":
            window = f" within {requirement.within}" if requirement.within else ""
            return f"none{window}; {counted(every, 'entry', 'entries')} in all"
        case "outside the domain" | "divisor may be 0":
            return "the formula has no value for it"
    if requirement.type.name == "Records":
        return f"{counted(every, 'entry', 'entries')}, not enough to settle it"
    return reason


def searched(account: Account, requirement: DataRequirement) -> str:
    """What was searched for a requirement of which nothing is recorded, or that nobody has asked."""
    found = account.subject.searched.get(requirement.name)
    if found is not None and found.of != "entries" and found.codes and found.records:
        years = joined(dict.fromkeys(year[:4] for year in (found.first, found.last) if year), " to ")
        codes = counted(found.codes, "code")
        return joined((f"none of {codes} in {found.records:,} {safe(found.of)}", years))
    if found is not None and found.of != "entries" and found.codes:
        return f"none of {counted(found.codes, 'code')}; the record has no {safe(found.of)}"
    return "nobody has asked" if requirement.obtain in _NEVER_ASKED else "not recorded"


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


def alert_points(account: Account, facts: tuple[str, ...]) -> list[Point]:
    """What an alert saw: each value with its date and place."""
    found = []
    for row in account.rows(facts):
        requirement = account.requirements[row.requirement]
        day = values.one_day(row.when)
        text = values.fact_text(row, requirement.type)
        passed = ago(day, account.as_of) if day is not None else ""
        dated = values.day_text(row.when)
        found.append(Point(TRUE, label_of(requirement), text, dated, passed, origin=place_of(row)))
    return found
