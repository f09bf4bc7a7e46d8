"""The screenings of a ledger done again, from what was kept of each: records, declarations and rules by digest."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import LedgerError, ScreeningError
from screening.ledger import screened
from screening.ledger.entry import Entry, Kind
from screening.ledger.rules import unpack
from screening.ledger.screened import Given
from screening.ledger.store import Ledger
from screening.outcome.codec import canonical

if TYPE_CHECKING:
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration

SCREENINGS = (Kind.SCREENED, Kind.RESCREENED)
_MADE_BY = ("program", "engine", "digest")
_FORMS = "screening-certificate-"


@dataclass(frozen=True)
class Kept:
    """What was kept of a screening: its certificate's bytes, and what it was made from."""

    certificate: bytes
    given: Given


Again = Callable[[Kept, Path], dict[str, Any]]


@dataclass(frozen=True)
class Replayed:
    """A screening done again: `outcome` is same, made otherwise, another form, drift, purged, lost, not screened.

    Of a drift `place` says where. Made otherwise: all is the same but for the version of the program or the engine
    that made it, and so the digest. Another form: its certificate is of a form that this version does not write,
    so that only the version in `before` replays it byte for byte, but what both forms hold is the same; a drift of
    such a one names the version too. What was purged is gone by an entry that says why, what was lost without one.
    Under other rules `outcome` is same or changed; verdicts (or standings, if they alone differ) and criteria say
    what from and to.
    """

    number: int
    about: str
    outcome: str
    place: str = ""
    before: str = ""
    after: str = ""
    criteria: tuple[str, ...] = ()


def replay(ledger: Ledger, screened_again: Again) -> Iterator[Replayed]:
    """Every screening of a ledger done again from what was kept: byte for byte, or where it drifts.

    `screened_again` makes the certificate of a kept screening from its rules, which lie in a folder for as long.
    """
    purged = _purged(ledger)
    for entry, kept, place in _kept(ledger):
        if kept is None:
            yield _gone(ledger, entry, purged)
            continue
        try:
            again = screened_again(kept, place)
        except ScreeningError as fault:
            yield Replayed(entry.number, entry.about, "not screened", fault.diagnostics[0].message)
            continue
        if canonical(again) == kept.certificate:
            yield Replayed(entry.number, entry.about, "same")
            continue
        yield _otherwise(entry, json.loads(kept.certificate), again)


def amended(ledger: Ledger, screened_again: Again) -> Iterator[Replayed]:
    """Every screening of a ledger done again under other rules: who changes, and at which criteria."""
    purged = _purged(ledger)
    for entry, kept, place in _kept(ledger):
        if kept is None:
            yield _gone(ledger, entry, purged)
            continue
        old = json.loads(kept.certificate)["determination"]
        try:
            new = screened_again(kept, place)["determination"]
        except ScreeningError as fault:
            yield Replayed(entry.number, entry.about, "not screened", fault.diagnostics[0].message)
            continue
        said = _moved(old, new)
        yield Replayed(entry.number, entry.about, "changed" if said else "same", "", *(said or ()))


def refuse_drift(entry: Entry, kept: Kept, again: Mapping[str, Any]) -> None:
    """Raises LedgerError where a screening done again says anything else than the certificate that was kept of it.

    Nobody may sign one thing and have seen another.
    """
    found = _otherwise(entry, json.loads(kept.certificate), again)
    if found.outcome == "drift":
        raise LedgerError(
            f"entry {entry.number} done again says something else than its certificate, at {found.place}; nothing "
            "can be signed of it: see `screening replay`, then screen the person again"
        )


def _otherwise(entry: Entry, kept: Mapping[str, Any], again: Mapping[str, Any]) -> Replayed:
    """A screening whose certificate is not the kept one byte for byte: whether that means anything."""
    before, after = _content(kept), _content(again)
    if before == after:
        return Replayed(entry.number, entry.about, "made otherwise")
    by = ""
    if kept.get("certificate") != again["certificate"]:
        form, program = str(kept.get("certificate")).removeprefix(_FORMS), kept.get("program")
        made = (
            f"{program.get('name')} {program.get('version')}" if isinstance(program, Mapping) else "nobody named"
        )
        by = f"certificate form {form}, written by {made}"
        before, after = _shared(before, after), _shared(after, before)
        if before == after:
            return Replayed(entry.number, entry.about, "another form", before=by)
    return Replayed(entry.number, entry.about, "drift", _first(before, after), before=by)


def _shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate of one form says that one of another says too; `rests_on` digests what is of its form."""
    found = {name: said for name, said in one.items() if name in other and name not in ("certificate", "rests_on")}
    library, theirs = found.get("library"), other.get("library")
    if isinstance(library, Mapping) and isinstance(theirs, Mapping):
        found["library"] = {name: said for name, said in library.items() if name in theirs}
    return found


def _purged(ledger: Ledger) -> frozenset[str]:
    """The digests of everything that an entry says was purged; the chain says so, not a table beside it."""
    return frozenset(
        str(digest)
        for entry in ledger.entries()
        if entry.kind is Kind.PURGED
        for digest in entry.statement["contents"]
    )


def _gone(ledger: Ledger, entry: Entry, purged: frozenset[str]) -> Replayed:
    """A screening that cannot be done again, since something of it is not there any more."""
    missing = {c.digest for c in entry.contents if ledger.content(c.digest) is None}
    is_lost = not missing or not missing <= purged
    return Replayed(entry.number, entry.about, "lost" if is_lost else "purged")


Said = tuple[str, str, str]


def between(ledger: Ledger, old_again: Again, new_again: Again) -> Iterator[tuple[str, Said | None]]:
    """The last screening of everybody in a ledger done again under two editions: whose it is, and what differs.

    Of who was screened under several protocols it is the last one under each. One of which something was purged or
    lost, or that an edition cannot screen, is told as such and never as the same.
    """
    purged = _purged(ledger)
    last = {(e.about, e.rules.name if e.rules else ""): e.number for e in ledger.entries() if e.kind in SCREENINGS}
    for entry, kept, place in _kept(ledger, frozenset(last.values())):
        if kept is None:
            gone = _gone(ledger, entry, purged).outcome
            yield entry.about, (gone, gone, "")
            continue
        try:
            old, new = (again(kept, place)["determination"] for again in (old_again, new_again))
        except ScreeningError:
            yield entry.about, ("not screened", "not screened", "")
            continue
        yield entry.about, said_between(old, new)


def said_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Said | None:
    """What was said before and is after, and the criteria that differ; None where nothing does."""
    found = _moved(old, new)
    return None if found is None else (found[0], found[1], ", ".join(found[2]))


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]] | None:
    """Verdict before and after, or the standing where that alone is another one, and the criteria that differ."""
    criteria = _changed(old, new)
    if not criteria and old["verdict"] == new["verdict"]:
        return None if old["standing"] == new["standing"] else (old["standing"], new["standing"], ())
    return old["verdict"], new["verdict"], criteria


@contextmanager
def rules_in_a_folder(ledger: Ledger, entry: Entry) -> Iterator[Path]:
    """The rules of a screening, in a folder as long as they are used."""
    with tempfile.TemporaryDirectory(prefix="screening-rules-") as folder:
        unpack(ledger, entry.rules.digest if entry.rules else "", Path(folder))
        yield Path(folder)


def _kept(ledger: Ledger, numbers: Container[int] | None = None) -> Iterator[tuple[Entry, Kept | None, Path]]:
    """The screenings of a ledger, or those of some numbers; what was kept of each, and a folder with its rules."""
    with tempfile.TemporaryDirectory(prefix="screening-replay-") as folder:
        for entry in ledger.entries():
            if entry.kind not in SCREENINGS or entry.rules is None:
                continue
            if numbers is not None and entry.number not in numbers:
                continue
            place = Path(folder) / entry.rules.digest
            if not place.exists():
                place.mkdir()
                unpack(ledger, entry.rules.digest, place)
            yield entry, kept_of(ledger, entry), place


def site_of(given: Given) -> SiteDeclaration | None:
    """The site's declaration that a verdict was made with, if there was one."""
    from screening.sources.site import read_site

    return None if given.site is None else read_site(given.site, given.site_name)


def kept_of(ledger: Ledger, entry: Entry) -> Kept | None:
    """What a screening was made from; None where some of it was purged."""
    parts = {kind: ledger.content(digest) for kind, digest in screened.contents_of(entry).items()}
    certificate, record = parts.get(screened.CERTIFICATE), parts.get(screened.RECORD)
    if certificate is None or record is None or None in parts.values():
        return None
    named = parts.get(screened.NAMES)
    names = json.loads(named) if named else {}
    given = Given(record, str(names.get("record", "")), parts.get(screened.SITE), str(names.get("site", "")))
    return Kept(certificate, given)


def _content(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate says, but for which version of the program and which engine made it."""
    return {name: said for name, said in certificate.items() if name not in _MADE_BY}


def _first(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first key of a certificate that is otherwise."""
    return next((f"/{k}" for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)), "/")


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    old = {f["id"]: f["truth"] for f in before["criteria"]}
    new = {f["id"]: f["truth"] for f in after["criteria"]}
    return tuple(id for id in (*old, *(k for k in new if k not in old)) if old.get(id) != new.get(id))


def told_replay(done: Sequence[Replayed], protocol: str = "") -> list[Line]:
    """Screenings done again, in lines for people."""
    from screening.reports import ledger as report

    return report.replayed(done, protocol)
