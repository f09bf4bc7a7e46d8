"""What keeps a criterion open: what was found and is not enough, what was searched, or nobody has asked."""

from __future__ import annotations

import re
from typing import Any

from screening.language.library import DataRequirement
from screening.record.subject import Evidence, SetAside
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.measure import label_of, place_of, when_of
from screening.reports.words import counted, joined, safe
from screening.values.bounds import Bounds, is_exact, is_open
from screening.values.frozen import dataclass
from screening.values.truth import UNKNOWN, Truth

_PARAMETER = re.compile(r'"([^"]+)"')
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
    brief: str = ""


def gaps(account: Account, names: tuple[str, ...]) -> list[Point]:
    """What keeps something open: one point for each requirement, with what was searched."""
    return [gap_of(account, account.requirements[name]) for name in names if name in account.requirements]


def gap_of(account: Account, requirement: DataRequirement) -> Point:
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
        if step.reason == "several candidates":
            each = [values.fact_text(row, requirement.type) for row in sorted(rows, key=_least)]
            part = " and ".join(dict.fromkeys(each)) if len(set(each)) < 4 else part
    if not every:
        return Point(UNKNOWN, label, part, gap=searched(account, requirement))
    reason = step.reason
    if not reason and requirement.take.startswith("age") and all(isinstance(row.value, SetAside) for row in rows):
        reason = "set aside"
    gap = _why(account, requirement, reason, rows, len(every))
    if not gap and not part and requirement.take.startswith("age"):
        gap = "the day of birth lies after the day that is asked about"
    return Point(UNKNOWN, label, part, dated, passed if len(rows) == 1 else "", gap=gap, origin=origin)


def _least(row: Evidence) -> Any:
    """Orders readings of one quantity; other values keep their order."""
    return (0, row.value.low) if isinstance(row.value, Bounds) and row.value.low is not None else (1, 0)


def _why(
    account: Account, requirement: DataRequirement, reason: str, rows: tuple[Evidence, ...], every: int
) -> str:
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
        case "entries may be one":
            return f"{entries}, of which some may be one and the same"
        case "list not complete":
            return f"{counted(every, 'entry', 'entries')}, and the list is not declared complete"
        case "not recorded":
            found = f"none within {window_of(account, requirement)}" if requirement.within else "none"
            if is_of_the_day(requirement):
                found = "not recorded today"
            return f"{found}; {counted(every, 'entry', 'entries')} in all"
        case "outside the domain" | "divisor may be 0":
            return "the formula has no value for it"
    if requirement.type.name == "Records":
        return f"{counted(every, 'entry', 'entries')}, not enough to settle it"
    return reason


def window_of(account: Account, requirement: DataRequirement) -> str:
    """How far back a requirement is asked for, each parameter by the value in force: `30 days`, not its name."""
    return _PARAMETER.sub(lambda name: _in_force(account, name[1]), safe(requirement.within))


def _in_force(account: Account, name: str) -> str:
    parameter = account.parameters.get(name)
    return safe(parameter.written) if parameter is not None and parameter.written else name


def is_of_the_day(requirement: DataRequirement) -> bool:
    """Whether nothing but an entry of the as-of date itself counts."""
    return requirement.within.split() == ["0", "days"]


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
