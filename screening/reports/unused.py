"""Facts that a criterion asks about and that settle nothing, each with why: too old, over, or another was taken.

Read off the record as it was drawn and off the trace: an entry is unused if no step of the trace rests on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from screening.language import expression as e
from screening.language.library import DataRequirement
from screening.outcome.trace import RowsFound
from screening.record.subject import Evidence, Notice, SetAside
from screening.reports.account import Account, below, requirements_below
from screening.reports.gap import window_of
from screening.reports.measure import brief, label_of
from screening.reports.words import counted, joined, listed, safe
from screening.values.truth import TRUE

_TAKEN = {
    "latest": "a later one was taken",
    "first": "an earlier one was taken",
    "highest": "a higher one was taken",
    "lowest": "a lower one was taken",
    "mean of latest day": "those of a later day were taken",
}


class Unused(NamedTuple):
    """Facts that were not used for one reason: of which requirements, how many, from when to when, and where."""

    requirements: tuple[str, ...]
    labels: tuple[str, ...]
    criteria: tuple[str, ...]
    why: str
    entries: int
    first: str
    last: str
    places: tuple[str, ...]


class _Fact(NamedTuple):
    days: tuple[datetime.date, ...]
    entries: int
    places: tuple[str, ...]


def unused(account: Account) -> list[Unused]:
    """Every fact of the record that a criterion asks about and that no step of the trace rests on."""
    asked = _asked(account)
    used = {fact for step in account.trace.steps for fact in step.facts}
    queries = _queries(account)
    found: dict[tuple[str, str], list[_Fact]] = {}
    for name in asked:
        requirement = account.requirements[name]
        for row in account.subject.evidence.get(name, ()):
            if row.id not in used:
                why = _why(account, requirement, row, queries.get(name, ()))
                found.setdefault((name, why), []).append(_fact(row))
    for notice in (*account.subject.passed_over, *account.subject.notices):
        if notice.requirement in asked and (notice in account.subject.passed_over or _is_left_out(notice)):
            places = tuple(safe(place) for place in notice.place.split("; ") if place)
            # The words of a notice of the reader count its entries themselves.
            entries = int(notice in account.subject.passed_over)
            found.setdefault((notice.requirement, safe(notice.text)), []).append(_Fact((), entries, places))
    return _together(account, asked, found)


def _is_left_out(notice: Notice) -> bool:
    """Whether a notice is about entries that are no evidence; what was merged or is only possible is some."""
    return notice.text.endswith("not used")


def _fact(row: Evidence) -> _Fact:
    days = (day for day in (row.when.low, row.when.high) if isinstance(day, datetime.date))
    return _Fact(tuple(days), 1, tuple(safe(place) for place in row.origin.split("; ") if place))


def _together(
    account: Account, asked: dict[str, list[str]], found: dict[tuple[str, str], list[_Fact]]
) -> list[Unused]:
    """The same entries that answer several requirements in the same way are told once."""
    groups: dict[tuple[str, frozenset[str]], list[str]] = {}
    for (name, why), facts in found.items():
        where = frozenset(place for fact in facts for place in fact.places)
        groups.setdefault((why, where or frozenset((name,))), []).append(name)
    told = []
    for (why, _), names in groups.items():
        facts = found[names[0], why]
        days = sorted(day.isoformat() for fact in facts for day in fact.days)
        places = tuple(dict.fromkeys(place for fact in facts for place in fact.places))
        told.append(
            Unused(
                tuple(names),
                tuple(dict.fromkeys(label_of(account.requirements[name]) for name in names)),
                tuple(dict.fromkeys(id for name in names for id in asked[name])),
                why,
                sum(fact.entries for fact in facts),
                days[0] if days else "",
                days[-1] if days else "",
                places,
            )
        )
    return told


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


def _why(
    account: Account,
    requirement: DataRequirement,
    row: Evidence,
    queries: list[RowsFound] | tuple[RowsFound, ...],
) -> str:
    """Why one entry settles nothing."""
    if row.certainty is not TRUE:
        return joined(("only possible", _doubt(requirement, row)), ": ")
    if queries and not any(row.id in (*left.certain, *left.possible) for left in queries):
        within = window_of(account, requirement)
        return f"outside what is asked, within {within}" if within else "outside what is asked by its date or kind"
    if isinstance(row.value, SetAside):
        return joined(("set aside", safe(row.value.why)), ": ")
    if requirement.take in _TAKEN:
        return _TAKEN[requirement.take]
    return "another entry settles it" if requirement.type.name != "Records" else "no criterion turns on it"


def _doubt(requirement: DataRequirement, row: Evidence) -> str:
    """What makes an entry only possible: its status, or codes that nobody has mapped to those asked for."""
    if row.status != "confirmed":
        return safe(row.status)
    if not row.codes:
        return "not coded"
    systems = sorted({safe(code.system) for code in row.codes} - {code.system for code in requirement.codes})
    return f"coded in {listed(systems)} alone" if systems else "a code that the protocol does not know"


def texts(account: Account) -> Iterator[str]:
    """Each of them in a sentence: the criteria, the thing, how many from when, why, and the first place."""
    for each in unused(account):
        span = each.first if each.first == each.last else f"{each.first} to {each.last}"
        entries = joined((counted(each.entries, "entry", "entries") if each.entries else "", span))
        where = brief(few(each.places, 1))
        said = joined((few(each.labels, 3), entries, each.why), ": ")
        yield joined((f"{few(each.criteria, 2)}  {said}", where), "; ")


def few(names: tuple[str, ...], most: int) -> str:
    """So many names, the others counted."""
    left = len(names) - most
    return joined((*names[:most], f"{left} more" if left > 0 else ""))


def data(account: Account) -> list[dict[str, Any]]:
    """Each of them as data, with every place."""
    return [
        {
            "requirements": list(each.requirements),
            "criteria": list(each.criteria),
            "why": each.why,
            "entries": each.entries,
            "first": each.first or None,
            "last": each.last or None,
            "places": list(each.places),
        }
        for each in unused(account)
    ]
