"""The ledger of a site, for one action: what is entered of a screening, corrected, decided, and screened again.

The moment is given by the caller; nothing here reads a clock.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import screening
from screening.errors import LedgerError, ScreeningError
from screening.ledger import key, screened
from screening.ledger.draft import Draft, key_draft
from screening.ledger.draft import Signer as Signer
from screening.ledger.entry import Entry, Kind
from screening.ledger.entry import Rules as Rules
from screening.ledger.key import PrivateKey
from screening.ledger.lines import Export
from screening.ledger.screened import Given as Given
from screening.ledger.store import Ledger
from screening.ledger.verify import Verified, verify
from screening.outcome.codec import canonical

if TYPE_CHECKING:
    from screening.language.library import Library
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration

SCREENINGS = (Kind.SCREENED, Kind.RESCREENED)
STAGE = "screening"


@dataclass(frozen=True)
class Entering:
    """Who enters and when; under rules that nobody has approved yet or not; the stage, and the day of consent."""

    signer: Signer
    now: datetime.datetime
    is_draft: bool = False
    stage: str = STAGE
    consent: str = ""


def create(path: Path, signer: Signer, now: datetime.datetime, site: str = "") -> Ledger:
    """A new ledger. Raises LedgerError where there is one, or none can be written."""
    return Ledger.create(path, screening.__version__, signer, now, site)


def open_ledger(path: Path, is_read_only: bool = False) -> Ledger:
    """A ledger that is there. Raises LedgerError for anything else."""
    return Ledger.open(path, screening.__version__, is_read_only)


def rule_files(library: Library, protocol: str, folders: Sequence[Path]) -> dict[str, bytes]:
    """The file of a library and of all that it includes, by name."""
    from screening.reading.folders import look_up, path_of, read_bytes

    found = {f"{library.name}.yaml": read_bytes(path_of(protocol, folders))}
    for included in library.includes:
        path = look_up(included.name, folders)
        if path is not None:
            found[f"{included.name}.yaml"] = read_bytes(path)
    return found


def enter(
    ledger: Ledger,
    certificate: Mapping[str, Any],
    given: Given,
    about: str,
    files: Mapping[str, bytes],
    by: Entering,
) -> Entry:
    """One screening. Raises LedgerError where its rules are not approved and it is not entered as a draft."""
    made = screened.draft(certificate, given, about, is_draft=by.is_draft, stage=by.stage, consent=by.consent)
    ledger.keep_rules(certificate["library"]["digest"], files)
    return ledger.append([made], by.signer, by.now)[0]


def correct(
    ledger: Ledger,
    number: int,
    certificate: Mapping[str, Any],
    given: Given,
    files: Mapping[str, bytes],
    by: Entering,
    reason: str,
) -> list[Entry]:
    """What was wrong in the record of a screening, and the person screened again: two entries, or none.

    Raises LedgerError where that entry is no screening, its contents were purged, or nothing is otherwise.
    """
    before = screening_of(ledger, number)
    stored = ledger.content(screened.contents_of(before)[screened.CERTIFICATE])
    if stored is None:
        raise LedgerError(f"what entry {number} was made from was purged; it can be entered anew, not corrected")
    correction = screened.correction(number, before.about, json.loads(stored), certificate, reason)
    again = screened.draft(
        certificate,
        given,
        before.about,
        is_draft=by.is_draft,
        stage=str(before.statement["stage"]),
        consent=by.consent or str(before.statement["consent"]),
        again=[number],
        reason=reason,
    )
    ledger.keep_rules(certificate["library"]["digest"], files)
    return ledger.append([correction, again], by.signer, by.now)


def screening_of(ledger: Ledger, number: int) -> Entry:
    """A screening by its number. Raises LedgerError where it is none."""
    found = ledger.entry(number)
    if found is None or found.kind not in SCREENINGS:
        raise LedgerError(f"entry {number} is no screening")
    return found


def latest(ledger: Ledger, about: str) -> Entry:
    """The last screening of a person. Raises LedgerError where there is none."""
    found = [entry for entry in ledger.entries(about) if entry.kind in SCREENINGS]
    if not found:
        raise LedgerError(f"there is no screening of `{about}` in this ledger")
    return found[-1]


def certificate_of(ledger: Ledger, entry: Entry) -> dict[str, Any]:
    """The certificate of a screening. Raises LedgerError where it was purged."""
    stored = ledger.content(screened.contents_of(entry)[screened.CERTIFICATE])
    if stored is None:
        raise LedgerError(f"what belongs to entry {entry.number} was purged")
    return dict(json.loads(stored))


def approve(
    ledger: Ledger, rules: Rules, effective: str, ethics: str, people: Mapping[str, str], by: Entering
) -> Entry:
    """The approval of rules over their digest: author, reviewer, approver, effective date, ethics approval."""
    said = {"meaning": "approval of rules", "effective": effective, "ethics": ethics, **people}
    return ledger.append([Draft(Kind.APPROVED, said, rules=rules)], by.signer, by.now)[0]


# ------------------------------------------------------------------------------------- replay


@dataclass(frozen=True)
class Kept:
    """What was kept of a screening: its certificate's bytes, and what it was made from."""

    certificate: bytes
    given: Given


Again = Callable[[Kept, Path], dict[str, Any]]


@dataclass(frozen=True)
class Replayed:
    """A screening done again: `outcome` is same, drift, purged, no rules or not screened; `place` says where.

    Under other rules `outcome` is same or changed, and the verdicts and criteria say what from and to.
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
    for entry, kept, place in _kept(ledger):
        if kept is None:
            yield Replayed(entry.number, entry.about, "purged")
            continue
        try:
            again = screened_again(kept, place)
        except ScreeningError as fault:
            yield Replayed(entry.number, entry.about, "not screened", fault.diagnostics[0].message)
            continue
        if canonical(again) == kept.certificate:
            yield Replayed(entry.number, entry.about, "same")
        else:
            yield Replayed(entry.number, entry.about, "drift", _first(json.loads(kept.certificate), again))


def amended(ledger: Ledger, screened_again: Again) -> Iterator[Replayed]:
    """Every screening of a ledger done again under other rules: who changes, and at which criteria."""
    for entry, kept, place in _kept(ledger):
        if kept is None:
            yield Replayed(entry.number, entry.about, "purged")
            continue
        old = json.loads(kept.certificate)["determination"]
        try:
            new = screened_again(kept, place)["determination"]
        except ScreeningError as fault:
            yield Replayed(entry.number, entry.about, "not screened", fault.diagnostics[0].message)
            continue
        criteria = _changed(old, new)
        moved = criteria or (old["verdict"], old["standing"]) != (new["verdict"], new["standing"])
        said = (old["verdict"], new["verdict"], criteria)
        yield Replayed(entry.number, entry.about, "changed" if moved else "same", "", *said)


def _kept(ledger: Ledger) -> Iterator[tuple[Entry, Kept | None, Path]]:
    """The screenings of a ledger, what was kept of each, and a folder with the rules of each."""
    with tempfile.TemporaryDirectory(prefix="screening-replay-") as folder:
        for entry in ledger.entries():
            if entry.kind not in SCREENINGS or entry.rules is None:
                continue
            place = Path(folder) / entry.rules.digest
            if not place.exists():
                place.mkdir()
                for name, data in ledger.rules(entry.rules.digest).items():
                    (place / name).write_bytes(data)
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
    said = entry.statement
    given = Given(record, str(said["record_name"]), parts.get(screened.SITE), str(said["site_name"]))
    return Kept(certificate, given)


def _first(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first key of a certificate that is otherwise."""
    return next((f"/{k}" for k in sorted(before.keys() | after.keys()) if before.get(k) != after.get(k)), "/")


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    old = {f["id"]: f["truth"] for f in before["criteria"]}
    new = {f["id"]: f["truth"] for f in after["criteria"]}
    return tuple(id for id in (*old, *(k for k in new if k not in old)) if old.get(id) != new.get(id))


# ------------------------------------------------------------------------- keys and heads


def new_key(path: str, passphrase: str) -> PrivateKey:
    """A new key in a new file. Raises LedgerError where the file is there already."""
    return key.make(Path(path), passphrase)


def load_key(path: str, passphrase: str) -> PrivateKey:
    """A key from its file. Raises LedgerError where the passphrase does not open it."""
    return key.load(Path(path), passphrase)


def signer(ledger: Ledger, path: str, passphrase: str, name: str = "", role: str = "") -> Signer:
    """Whose key this is, as the ledger knows it; by the name given where it does not know it yet."""
    loaded = load_key(path, passphrase)
    owner = ledger.order.owners.get(loaded.public.fingerprint)
    if owner is None:
        return Signer(name, role, loaded)
    if name not in ("", owner.name) or role not in ("", owner.role):
        raise LedgerError("this key was entered for another name or role than the one given")
    return Signer(owner.name, owner.role, loaded)


def key_entry(name: str, role: str, may: Sequence[str], public: str) -> Draft:
    """The entry of a person's key."""
    return key_draft(Signer(name, role), tuple(may), public)


def withdrawal(fingerprint: str, reason: str) -> Draft:
    """The entry that a key signs nothing any more."""
    return Draft(Kind.KEY_WITHDRAWN, {"key": fingerprint}, reason=reason)


def sign_head(ledger: Ledger, by: Signer, now: datetime.datetime) -> Entry:
    """A signed head: it fixes everything before it, and is the head from now on."""
    return ledger.append([Draft(Kind.HEAD, {"over": ledger.order.head})], by, now)[0]


def purge(ledger: Ledger, numbers: Sequence[int], reason: str, by: Signer, now: datetime.datetime) -> Entry:
    """Deletes what these entries were made from. Raises LedgerError where there is nothing of one of them."""
    digests: list[str] = []
    for number in numbers:
        entry = ledger.entry(number)
        held = [c.digest for c in entry.contents if ledger.content(c.digest) is not None] if entry else []
        if not held:
            raise LedgerError(f"there is nothing of entry {number} to purge")
        digests += held
    return ledger.purge(digests, reason, by, now)


def export(ledger: Ledger, path: Path) -> None:
    """Writes a ledger as JSON Lines into a file for its owner alone, whole or not at all."""
    from screening.output.folder import write_private_bytes

    write_private_bytes(path, b"".join(ledger.exported()))


# --------------------------------------------------------------------------------- what is shown


def told_entries(entries: Iterable[Entry]) -> list[Line]:
    """Entries that were made, in lines for people."""
    from screening.reports import ledger as report

    return report.entered(entries)


def told_verification(path: Path, heads: Sequence[str] = ()) -> tuple[list[Line], bool]:
    """Whether a ledger, or its export, holds; in lines for people, and as yes or no."""
    from screening.reports import ledger as report

    found = _verified(path, heads)
    return report.verified(found), found.is_whole


def _verified(path: Path, heads: Sequence[str]) -> Verified:
    try:
        with open(path, "rb") as file:
            if file.read(6) == b"SQLite":
                opened = open_ledger(path, is_read_only=True)
                try:
                    return opened.verified(heads)
                finally:
                    opened.close()
            file.seek(0)
            lines = Export(file)
            return verify(lines.texts(), lines.contents_of, lines.count_contents, heads)
    except OSError as fault:
        raise LedgerError(f"{path} cannot be read: {(fault.strerror or 'an error').lower()}") from None


def told_status(ledger: Ledger) -> tuple[list[Line], bool]:
    """A ledger at a glance, and whether it holds."""
    from collections import Counter

    from screening.reports import ledger as report

    found = ledger.verified()
    kinds: Counter[str] = Counter()
    drafts = 0
    if found.is_whole:
        for entry in ledger.entries():
            kinds[str(entry.kind)] += 1
            drafts += entry.statement.get("draft") is True
    ordered = {str(kind): kinds[str(kind)] for kind in Kind if kinds[str(kind)]}
    return report.status(found, ordered, drafts), found.is_whole


def told_replay(done: Sequence[Replayed], protocol: str = "") -> list[Line]:
    """Screenings done again, in lines for people."""
    from screening.reports import ledger as report

    return report.replayed(done, protocol)
