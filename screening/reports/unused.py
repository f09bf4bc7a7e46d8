"""Facts that a criterion asks about and that settle nothing, each with why: too old, over, or another was taken.

Read off the record as it was drawn and off the trace: an entry is unused if no step of the trace rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from screening.language import expression as e
from screening.language.library import DataRequirement
from screening.outcome.trace import RowsFound
from screening.record.subject import Evidence, SetAside
from screening.reports import value as values
from screening.reports.account import Account, below, requirements_below
from screening.reports.measure import brief, label_of, place_of
from screening.reports.words import counted, joined, safe
from screening.values.truth import TRUE

_TAKEN = {
    "latest": "a later one was taken",
    "first": "an earlier one was taken",
    "highest": "a higher one was taken",
    "lowest": "a lower one was taken",
    "mean of latest day": "those of a later day were taken",
}


class Unused(NamedTuple):
    """Facts of one requirement that were not used for one reason: how many, from when to when, and where."""

    requirement: str
    label: str
    criteria: tuple[str, ...]
    why: str
    entries: int
    first: str
    last: str
    places: tuple[str, ...]


def unused(account: Account) -> list[Unused]:
    """Every fact of the record that a criterion asks about and that no step of the trace rests on."""
    asked = _asked(account)
    used = {fact for step in account.trace.steps for fact in step.facts}
    queries = _queries(account)
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name in asked:
        requirement = account.requirements[name]
        for row in account.subject.evidence.get(name, ()):
            if row.id not in used:
                why = _why(requirement, row, queries.get(name, ()))
                found.setdefault((name, why), []).append((values.day_text(row.when), brief(place_of(row))))
    for notice in (*account.subject.passed_over, *account.subject.notices):
        if notice.requirement in asked:
            found.setdefault((notice.requirement, safe(notice.text)), []).append(("", brief(safe(notice.place))))
    return [_unused(account, asked, name, why, rows) for (name, why), rows in found.items()]


def _unused(
    account: Account, asked: dict[str, list[str]], name: str, why: str, rows: list[tuple[str, str]]
) -> Unused:
    days = sorted(day for day, _ in rows if day)
    places = tuple(dict.fromkeys(place for _, place in rows if place))
    first, last = (days[0], days[-1]) if days else ("", "")
    return Unused(
        name, label_of(account.requirements[name]), tuple(asked[name]), why, len(rows), first, last, places
    )


def _asked(account: Account) -> dict[str, list[str]]:
    """The requirements that criteria rest on, in their order, each with those criteria."""
    found: dict[str, list[str]] = {}
    for criterion in account.library.criteria:
        for name in requirements_below(criterion.expression, account.expressions):
            found.setdefault(name, []).append(criterion.id)
    return found


def _queries(account: Account) -> dict[str, list[RowsFound]]:
    """What each query over a requirement let through, the whole query, not a part of a larger one."""
    found: dict[str, list[RowsFound]] = {}
    seen: set[str] = set()
    inner: set[str] = set()
    for criterion in account.library.criteria:
        for node in below(criterion.expression, account.expressions, seen):
            if isinstance(node, e.Where) and node.place not in inner:
                source: e.Rows = node.source
                while isinstance(source, e.Where):
                    inner.add(source.place)
                    source = source.source
                left = account.value(node)
                if isinstance(left, RowsFound):
                    found.setdefault(source.requirement, []).append(left)
    return found


def _why(requirement: DataRequirement, row: Evidence, queries: list[RowsFound] | tuple[RowsFound, ...]) -> str:
    """Why one entry settles nothing."""
    if isinstance(row.value, SetAside):
        return joined(("set aside", safe(row.value.why)), ": ")
    within = f"within {safe(requirement.within)}" if requirement.within else "by its date or its kind"
    if queries and not any(row.id in (*left.certain, *left.possible) for left in queries):
        return f"outside what is asked, {within}" if requirement.within else f"outside what is asked {within}"
    if row.certainty is not TRUE:
        return joined(("only possible", _doubt(requirement, row)), ": ")
    if requirement.take in _TAKEN:
        return _TAKEN[requirement.take]
    return "another entry settles it" if requirement.type.name != "Records" else "no criterion turns on it"


def _doubt(requirement: DataRequirement, row: Evidence) -> str:
    """What makes an entry only possible: its status, or codes of systems that nobody has mapped."""
    if row.status != "confirmed":
        return safe(row.status)
    systems = {code.system for code in row.codes} - {code.system for code in requirement.codes}
    if not row.codes:
        return "not coded"
    return (
        f"coded in {', '.join(sorted(map(safe, systems)))}" if systems else "its code is not one that is asked for"
    )


def texts(account: Account) -> Iterator[str]:
    """Each of them in a sentence: the criteria, the thing, how many from when, why, and the first place."""
    for each in unused(account):
        ids = joined((*each.criteria[:2], f"{len(each.criteria) - 2} more" if len(each.criteria) > 2 else ""))
        span = each.first if each.first == each.last else f"{each.first} to {each.last}"
        entries = counted(each.entries, "entry", "entries")
        place = each.places[0] if each.places else ""
        more = f"{len(each.places) - 1} more" if len(each.places) > 1 else ""
        yield f"{ids}  {each.label}: {joined((entries, span))}: {each.why}; {joined((place, more))}".rstrip("; ")


def data(account: Account) -> list[dict[str, Any]]:
    """Each of them as data, with every place."""
    return [
        {
            "requirement": each.requirement,
            "criteria": list(each.criteria),
            "why": each.why,
            "entries": each.entries,
            "first": each.first or None,
            "last": each.last or None,
            "places": list(each.places),
        }
        for each in unused(account)
    ]
