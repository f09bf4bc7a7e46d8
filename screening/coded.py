"""A ledger without names, free text and records: for a sponsor under participant codes, or with years alone.

Nothing of it can be held against records, since none are in it; the digests of entries are those of the ledger, so
that whoever has the ledger, or a head of it, can find each line again.

Sources: ICH E6(R3), participant codes; 45 CFR 164.514(b)(2) and (c): years alone, ages over 89 as one group, codes
derived from nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from screening.errors import LedgerError
from screening.ledger import among
from screening.ledger.entry import Entry
from screening.ledger.event import STAGES, Event, is_day
from screening.ledger.past import SCREENINGS, VERDICTS
from screening.ledger.screened import CERTIFICATE
from screening.ledger.store import Ledger
from screening.outcome.codec import canonical
from screening.outcome.determination import Standing
from screening.output import pseudonym

FORMAT = "screening-ledger-coded-1"
OLDEST = 90
SAYS = (
    "Decision support for qualified health professionals; the responsible physician decides. Names, free text and"
    " records are left out: nothing here can be held against what people were screened from. Each hash is that of"
    " the whole entry in the ledger, and each previous the hash of the one before it."
)
_CODE = re.compile(r"[23456789BCDFGHJKMNPQRSTVWXYZ]{4}-[23456789BCDFGHJKMNPQRSTVWXYZ]{4}", re.ASCII)
# The words that a statement may say; whatever else stands there somebody has typed.
_WORDS: dict[str, tuple[str, ...]] = {
    "verdict": VERDICTS,
    "standing": tuple(each.value for each in Standing),
    "stage": STAGES,
    "decision": ("may enter", "may not enter", "more needed"),
    "code": ("measured-again", "treated", "specialist-opinion", "clinical-judgement", "other"),
    "event": tuple(each.value for each in Event),
    "keys": ("personal", "none"),
}
_DAYS = ("as_of", "consent", "effective", "on")
_ID = re.compile(r"[\w.-]{1,40}", re.ASCII)
_SHOWN = ("TRUE", "FALSE", "UNKNOWN", "NOT APPLICABLE")
_SEXES = ("female", "male", "other", "unknown")
_TRUTHS = ("draft", "accepts")
_NUMBERS = ("rows", "facts")


def lines(ledger: Ledger, years_only: bool) -> Iterator[bytes]:
    """The export, a line with what it is, then one for each entry.

    With years alone every code is a new one; else a code that could be anything but random is. Where the ledger
    does not hold LedgerError is raised before anything is written.
    """
    found = ledger.verified()
    if not found.is_whole:
        raise LedgerError("the ledger does not hold, and nothing is exported of it; see `screening log verify`")
    codes = _Codes(keeps=not years_only)
    head = {
        "export": FORMAT,
        "ledger": ledger.order.ledger,
        "dates": "years" if years_only else "days",
        "entries": found.entries,
        "head": found.head,
        "says": SAYS,
    }
    yield canonical(head) + b"\n"
    for entry in ledger.entries():
        yield canonical(_line(ledger, entry, codes, _year if years_only else _day)) + b"\n"


class _Codes:
    """Participant codes of one export."""

    def __init__(self, keeps: bool) -> None:
        self._keeps = keeps
        self._drawn: dict[str, str] = {}
        self._taken = set[str]()

    def of(self, about: str) -> str:
        """The code of a person: that of the ledger if it is random by its form, else one drawn for this export."""
        if not about or (self._keeps and _CODE.fullmatch(about)):
            return about
        if about not in self._drawn:
            made = pseudonym.one()
            while made in self._taken:
                made = pseudonym.one()
            self._taken.add(made)
            self._drawn[about] = made
        return self._drawn[about]


def _day(text: str) -> str:
    return text[:10]


def _year(text: str) -> str:
    return text[:4]


def _line(ledger: Ledger, entry: Entry, codes: _Codes, dated: Callable[[str], str]) -> dict[str, Any]:
    rules = entry.rules
    return {
        "number": entry.number,
        "hash": entry.hash,
        "previous": entry.previous,
        "kind": entry.kind.value,
        "at": dated(entry.at),
        "about": codes.of(entry.about),
        "key": entry.actor.key,
        "refers": list(entry.refers),
        "rules": None
        if rules is None
        else {"name": rules.name, "version": rules.version, "digest": rules.digest, "status": rules.status},
        "said": dict(_said(entry.statement, dated)),
        "contents": [each.kind for each in entry.contents],
        **dict(_of_contents(ledger, entry)),
    }


def _said(statement: Mapping[str, Any], dated: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for name, words in _WORDS.items():
        if statement.get(name) in words:
            yield name, statement[name]
    for name in _DAYS:
        if is_day(statement.get(name)):
            yield name, dated(statement[name])
    for name in _TRUTHS:
        if isinstance(statement.get(name), bool):
            yield name, statement[name]
    for name in _NUMBERS:
        if type(statement.get(name)) is int:
            yield name, statement[name]


def _of_contents(ledger: Ledger, entry: Entry) -> Iterator[tuple[str, Any]]:
    """What of the contents is coded: criteria with their truths, what decides; age group and sex."""
    for each in entry.contents:
        if each.kind not in (CERTIFICATE, among.ROW):
            continue
        data = ledger.content(each.digest)
        if data is None:
            continue
        try:
            found = json.loads(data)
            if each.kind == CERTIFICATE and entry.kind in SCREENINGS:
                made = found["determination"]
                criteria = _criteria({one["id"]: one["shown"] for one in made["criteria"]})
                coded = {"criteria": criteria, **{name: _ids(made[name]) for name in ("reasons", "to_review")}}
            else:
                sex = found["sex"] if found["sex"] in _SEXES else ""
                coded = {"criteria": _criteria(found["criteria"]), "reasons": _ids(found["reasons"])}
                coded |= {"age_years": banded(str(found["age_years"])), "sex": sex}
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # what is no certificate and no row says nothing that could leave
        yield from coded.items()


def _criteria(found: Mapping[str, Any]) -> dict[str, Any]:
    """Criteria with their truths; what is written otherwise is left out."""
    return {id: truth for id, truth in found.items() if _ID.fullmatch(id) and truth in _SHOWN}


def _ids(found: Sequence[str]) -> list[str]:
    return [id for id in found if _ID.fullmatch(id)]


def banded(age_years: str) -> str:
    """An age in years, from 90 on as one group; what is no whole number of years is left out.

    >>> [banded(age) for age in ("89", "90", "104", "88 to 91", "")]
    ['89', '90 or older', '90 or older', '', '']
    """
    if not age_years.isdigit():
        return ""
    return f"{OLDEST} or older" if int(age_years) >= OLDEST else age_years
