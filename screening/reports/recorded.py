"""What was used of a record, and what was searched in it: each fact with its value, day, place and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screening.record.subject import Absence, Evidence, SetAside
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.gap import searched
from screening.reports.measure import label_of
from screening.reports.page import Table
from screening.reports.reason import entry_text
from screening.reports.words import ago, joined, safe
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass
from screening.values.truth import TRUE


@dataclass(frozen=True, slots=True)
class Recorded:
    """One fact or one recorded absence; `anchor` is where it stands in the page, `id` how steps cite it."""

    anchor: str
    id: str
    label: str
    value: str
    dated: str
    status: str
    origin: str


def anchors(account: Account) -> dict[str, str]:
    """Where each fact stands in a page."""
    return {id: f"fact-{number}" for number, id in enumerate(account.facts, 1)}


def recorded(account: Account) -> Iterator[Recorded]:
    """Every fact and every recorded absence, in the order of the protocol's inputs."""
    places = anchors(account)
    for requirement in account.library.requirements:
        label = label_of(requirement)
        for row in account.subject.evidence.get(requirement.name, ()):
            is_row = requirement.type.name in ("Records", "Boolean", "Judgement")
            is_text = is_row and not isinstance(row.value, SetAside)
            value = entry_text(row, requirement) if is_text else values.fact_text(row, requirement.type)
            status = "confirmed" if row.certainty is TRUE else joined(("only possible", safe(row.status)), ": ")
            yield Recorded(
                places[row.id], safe(row.id), label, value or "yes", _day(account, row.when), status, _place(row)
            )
        for absence in account.subject.absences.get(requirement.name, ()):
            some = absence.concepts is not None
            of = f", {len(absence.concepts or ())} of {len(requirement.concepts)} concepts" if some else ""
            day = _day(account, absence.when)
            yield Recorded(
                places[absence.id], safe(absence.id), label, f"absent{of}", day, "confirmed", _place(absence)
            )


def _day(account: Account, when: Bounds) -> str:
    day = values.one_day(when)
    return joined((values.day_text(when) or "not dated", ago(day, account.as_of) if day is not None else ""))


def _place(row: Evidence | Absence) -> str:
    return joined((safe(row.origin), f"by {safe(row.by)}" if row.by else ""), "; ")


def silent(account: Account) -> Table:
    """The inputs of which nothing is recorded, with what was searched for each."""
    known: Mapping[str, object] = {**account.subject.evidence, **account.subject.absences}
    rows = tuple(
        (label_of(requirement), searched(account, requirement))
        for requirement in account.library.requirements
        if not known.get(requirement.name)
    )
    return Table("Not recorded", ("input", "what was searched"), rows)


def complete(account: Account) -> Table:
    """The lists that somebody declares complete: there alone a silence can be an answer."""
    rows = tuple(
        (
            safe(name),
            f"since {found.since.isoformat()}" if found.since else "ever",
            joined(
                (safe(found.basis), safe(found.because), f"signed {safe(found.signed)}" if found.signed else "")
            ),
        )
        for name, found in sorted(account.subject.complete.items())
    )
    return Table("Lists declared complete", ("input", "since when", "by whom and why"), rows)


def notices(account: Account) -> Table:
    """What was set aside, merged or not used."""
    rows = tuple((safe(n.requirement), safe(n.text), safe(n.place)) for n in account.subject.notices)
    return Table("Set aside, merged or not used", ("input", "what", "where it stands"), rows)
