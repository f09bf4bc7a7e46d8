"""One entry of a ledger: who says what about whom, when, after which entry, and the digest that fixes all of it.

An entry is JSON data in its canonical spelling (RFC 8785); its hash is the SHA-256 of those bytes, and each entry
carries the hash of the one before. What a person's record says is no part of it: an entry carries commitments to
such contents, salted digests, so that the contents can be purged and the chain still holds.

Sources: 21 CFR 11.10(e), 11.50 and 11.70; ICH E6(R3) 4.2.2 (who, when, what before and after, and why).
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from screening.errors import LedgerError
from screening.outcome.codec import canonical
from screening.values.frozen import dataclass

FORMAT = "screening-ledger-entry-1"
# What the first entry has for the hash of the one before it.
BEGINNING = "0" * 64
# Every program reads whole numbers below this one as the same.
MOST = 2**53
SYSTEM_CLOCK = "the system clock of this machine"


class Kind(StrEnum):
    """What an entry says. The words are those of a screening log and of its audit trail."""

    OPENED = "opened"
    KEY = "key"
    KEY_WITHDRAWN = "key withdrawn"
    APPROVED = "approved"
    WITHDRAWN = "approval withdrawn"
    SCREENED = "screened"
    COHORT = "cohort"
    ROW = "cohort row"
    RESCREENED = "re-screened"
    CORRECTED = "corrected"
    REVIEWED = "reviewed"
    DECIDED = "decided"
    EVENT = "event"
    LOOKED_UP = "looked up"
    PURGED = "purged"
    EXCEPTION = "exception"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts, by printed name and role; `key` is the fingerprint of the key that signs, or empty."""

    name: str
    role: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules an entry rests on: library, version, digest, and whether they are a draft."""

    name: str
    version: str
    digest: str
    status: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """A content that belongs to an entry and may be purged: what it is, and its salted digest."""

    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, whole. `at` is UTC with microseconds; `refers` are numbers of earlier entries it is about."""

    ledger: str
    number: int
    previous: str
    kind: Kind
    at: str
    offset: str
    clock: str
    actor: Actor
    program: str
    about: str
    refers: tuple[int, ...]
    reason: str
    rules: Rules | None
    statement: Mapping[str, Any]
    contents: tuple[Commitment, ...]
    signature: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical bytes, in hex: the head of the ledger up to here."""
        return hashlib.sha256(canonical(data_of(self))).hexdigest()


def is_text(text: str) -> bool:
    """Whether a text can be written: no half of a pair of signs stands alone in it, as in what was no UTF-8."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def utc(now: datetime.datetime) -> str:
    """A moment as entries write it. Raises ValueError for a moment without an offset."""
    if now.tzinfo is None:
        raise ValueError("a moment without its offset from UTC")
    return now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def offset(now: datetime.datetime) -> str:
    """The offset of a moment from UTC, as in `+01:00`."""
    return now.isoformat()[-6:] if now.utcoffset() else "+00:00"


def moment(text: str) -> datetime.datetime:
    """The inverse of `utc`. Raises ValueError for any other spelling."""
    found = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.UTC)
    if utc(found) != text:
        raise ValueError("no moment in its one spelling")
    return found


def signed_data(entry: Entry) -> dict[str, Any]:
    """What a signature is made over: all of an entry but the signature itself, its place in the chain too."""
    rules = entry.rules
    return {
        "entry": FORMAT,
        "ledger": entry.ledger,
        "number": entry.number,
        "previous": entry.previous,
        "kind": entry.kind.value,
        "at": entry.at,
        "offset": entry.offset,
        "clock": entry.clock,
        "actor": {"name": entry.actor.name, "role": entry.actor.role, "key": entry.actor.key},
        "program": entry.program,
        "about": entry.about,
        "refers": list(entry.refers),
        "reason": entry.reason,
        "rules": None
        if rules is None
        else {"name": rules.name, "version": rules.version, "digest": rules.digest, "status": rules.status},
        "statement": entry.statement,
        "contents": [{"kind": c.kind, "digest": c.digest} for c in entry.contents],
    }


def data_of(entry: Entry) -> dict[str, Any]:
    """An entry as JSON data; the inverse of `entry_of`."""
    return {**signed_data(entry), "signature": entry.signature}


_KEYS = frozenset(
    [
        "entry",
        "ledger",
        "number",
        "previous",
        "kind",
        "at",
        "offset",
        "clock",
        "actor",
        "program",
        "about",
        "refers",
        "reason",
        "rules",
        "statement",
        "contents",
        "signature",
    ]
)
_TEXTS = ("ledger", "previous", "at", "offset", "clock", "program", "about", "reason", "signature")


def entry_of(data: object) -> Entry:
    """An entry from JSON data. Raises LedgerError, which names the first key that is not as it has to be."""
    if not isinstance(data, Mapping) or data.get("entry") != FORMAT:
        raise LedgerError(f"not an entry of the form `{FORMAT}`")
    for key in sorted(_KEYS ^ data.keys()):
        raise LedgerError(f"`{key}` is {'missing' if key in _KEYS else 'no key of an entry'}")
    texts = {key: _text(data, key) for key in _TEXTS}
    try:
        kind = Kind(data["kind"])
        moment(texts["at"])
    except (ValueError, TypeError):
        raise LedgerError("`kind` or `at` is not as entries write it") from None
    number, refers, statement = data["number"], data["refers"], data["statement"]
    if not _counts(number) or not isinstance(refers, list) or not all(map(_counts, refers)):
        raise LedgerError("`number` or `refers` is not as entries write it")
    if not isinstance(statement, Mapping) or not isinstance(data["contents"], list):
        raise LedgerError("`statement` or `contents` is not as entries write it")
    rules = data["rules"]
    return Entry(
        number=number,
        kind=kind,
        actor=Actor(**_part(data["actor"], "actor", ("name", "role", "key"))),
        refers=tuple(refers),
        rules=None if rules is None else _rules(rules),
        statement=dict(statement),
        contents=tuple(Commitment(**_part(c, "contents", ("kind", "digest"))) for c in data["contents"]),
        **texts,
    )


def _rules(data: object) -> Rules:
    found = Rules(**_part(data, "rules", ("name", "version", "digest", "status")))
    if not re.fullmatch(r"[0-9a-f]{64}", found.digest):
        raise LedgerError("`rules` has no digest")
    return found


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST


def _text(data: Mapping[str, Any], key: str) -> str:
    if not isinstance(data[key], str):
        raise LedgerError(f"`{key}` is no text")
    return str(data[key])


def _part(data: object, key: str, names: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(data, Mapping) or data.keys() != set(names):
        raise LedgerError(f"`{key}` is not as entries write it")
    return {name: _text(data, name) for name in names}
