"""The ledger of a site, for one action: what is entered of a screening, corrected, decided, and screened again.

The moment is given by the caller; nothing here reads a clock.
"""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import screening
from screening.errors import LedgerError
from screening.ledger import among, key, screened
from screening.ledger.draft import Draft, key_draft
from screening.ledger.draft import Signer as Signer
from screening.ledger.entry import Entry, Kind
from screening.ledger.entry import Rules as Rules
from screening.ledger.event import STAGES as STAGES
from screening.ledger.event import Event as Event
from screening.ledger.event import consents
from screening.ledger.event import draft as event_draft
from screening.ledger.key import PrivateKey
from screening.ledger.screened import Given as Given
from screening.ledger.store import Ledger

if TYPE_CHECKING:
    from screening.language.library import Library
    from screening.reports.line import Line

SCREENINGS = (Kind.SCREENED, Kind.RESCREENED)
SHORTEST_DIGEST = 16
STAGE, MANIFEST_KIND = "screening", "manifest"


@dataclass(frozen=True)
class Entering:
    """Who enters and when; under rules that nobody has approved yet or not; the stage, and the day of consent.

    `basis` says why records may be read before consent, at the stage of pre-screening.
    """

    signer: Signer
    now: datetime.datetime
    is_draft: bool = False
    stage: str = STAGE
    consent: str = ""
    basis: str = ""


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
    row: int | Draft | None = None,
) -> list[Entry]:
    """One screening, the last of the entries, and before it the row of the person in a run if there is a new one.

    The day of consent is that of the person's last event of consent where none is given. Raises LedgerError where
    its rules are not approved and it is not entered as a draft, or where it came before consent.
    """
    rows = () if row is None else (row,) if isinstance(row, int) else (-1,)
    made = screened.draft(
        certificate,
        given,
        about,
        is_draft=by.is_draft,
        stage=by.stage,
        consent=by.consent or _consent(ledger, about, certificate, by.is_draft),
        basis=by.basis,
        rows=rows,
    )
    ledger.keep_rules(certificate["library"]["digest"], files)
    return ledger.append([*_new(row), made], by.signer, by.now)


def _consent(ledger: Ledger, about: str, certificate: Mapping[str, Any], is_draft: bool) -> str:
    """The day of a person's last event of consent; of a draft, which may lack it, only one that came before."""
    day, _ = consents(ledger.entries(about))
    return "" if is_draft and day > str(certificate["as_of"]) else day


def _new(row: int | Draft | None) -> list[Draft]:
    """A row that is not entered yet."""
    return [row] if isinstance(row, Draft) else []


def is_run(path: str) -> bool:
    """Whether a path is the folder of a run over many people."""
    from screening.output import rows

    return rows.is_run(Path(path))


def enter_cohort(ledger: Ledger, folder: Path, digest: str, files: Mapping[str, bytes], by: Entering) -> Entry:
    """One run over many people: its manifest, how many rows it has, and the root of the tree of them.

    Nobody's row is entered; that a row was among them can be proved by the root, with the key that lies beside the
    entry: it salts each row, so that a proof tells nothing of its neighbours. Raises UnreadableRecord where the
    folder is no run, and LedgerError where its rules are not those of the files.
    """
    from screening.ledger.merkle import root
    from screening.output.rows import DATA, MANIFEST, read_manifest

    made, key = read_manifest(folder), secrets.token_bytes(among.KEY_BYTES)
    manifest = (folder / MANIFEST).read_bytes()
    rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        with open(folder / DATA, "rb") as file:
            for line in file:
                rows += 1
                yield line

    found = root(among.salted(key, lines())).hex()
    library = made["protocol"]
    if library["digest"] != digest:
        raise LedgerError("the run was made with other rules than these; name its protocol and its rules folder")
    rules = Rules(library["name"], library["version"], digest, library["status"])
    said = {"root": found, "rows": rows, "as_of": made["as_of"]}
    said |= {"stage": by.stage, "basis": by.basis, "draft": by.is_draft}
    ledger.keep_rules(rules.digest, files)
    draft = Draft(Kind.COHORT, said, rules=rules, contents=((MANIFEST_KIND, manifest), (among.KEY, key)))
    return ledger.append([draft], by.signer, by.now)[0]


def correct(
    ledger: Ledger,
    number: int,
    certificate: Mapping[str, Any],
    given: Given,
    files: Mapping[str, bytes],
    by: Entering,
    reason: str,
    row: int | Draft | None = None,
) -> list[Entry]:
    """What was wrong in the record of a screening, and the person screened again: two entries, or none.

    Before them the row of the person in a run, if there is a new one.

    Raises LedgerError where that entry is no screening, or one under another protocol, which this one would take
    the place of; where its contents were purged, or nothing is otherwise.
    """
    before = screening_of(ledger, number)
    stored = ledger.content(screened.certificate_digest(before))
    if stored is None:
        raise LedgerError(f"what entry {number} was made from was purged; it can be entered anew, not corrected")
    name = before.rules.name if before.rules else ""
    if certificate["library"]["name"] != name:
        raise LedgerError(
            f"entry {number} is a screening under `{name}`; what is screened under another protocol "
            "corrects nothing of it: enter it by itself, with `screening log add`"
        )
    if json.loads(stored)["subject"] != certificate["subject"]:
        raise LedgerError("the record is about somebody else than the screening that it is to correct")
    correction = screened.correction(number, before.about, json.loads(stored), certificate, reason)
    again = screened.draft(
        certificate,
        given,
        before.about,
        is_draft=by.is_draft,
        stage=str(before.statement["stage"]),
        consent=by.consent
        or str(before.statement["consent"])
        or _consent(ledger, before.about, certificate, by.is_draft),
        basis=by.basis or str(before.statement.get("basis", "")),
        again=[number],
        reason=reason,
    )
    ledger.keep_rules(certificate["library"]["digest"], files)
    return ledger.append([*_new(row), correction, again], by.signer, by.now)


def enter_event(ledger: Ledger, event: str, about: str, day: str, note: str, by: Entering) -> Entry:
    """One event of a person, coded; its words lie beside the entry. Raises LedgerError for what is no event."""
    refers = tuple(e.number for e in ledger.entries(about) if e.kind in SCREENINGS)[-1:] if about else ()
    return ledger.append([event_draft(Event(event), about, day, note, refers)], by.signer, by.now)[0]


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


def to_decide(ledger: Ledger, about: str, protocol: str = "") -> Entry:
    """The last screening of a person under a protocol, which may be left out where there is but one.

    Raises LedgerError where there is none, or where nobody said which of several protocols is meant.
    """
    found = [(each.rules.name, each) for each in ledger.entries(about) if each.kind in SCREENINGS and each.rules]
    names = list(dict.fromkeys(name for name, _ in found))
    if not protocol and len(names) > 1:
        raise LedgerError(f"`{about}` was screened under {', '.join(names)}; say which is meant: --protocol NAME")
    if not protocol or not found:
        return latest(ledger, about)
    if protocol not in names:
        raise LedgerError(f"`{about}` was not screened under `{protocol}`, but under {', '.join(names)}")
    return next(each for name, each in reversed(found) if name == protocol)


def certificate_of(ledger: Ledger, entry: Entry) -> dict[str, Any]:
    """The certificate of a screening. Raises LedgerError where it was purged."""
    stored = ledger.content(screened.certificate_digest(entry))
    if stored is None:
        raise LedgerError(f"what belongs to entry {entry.number} was purged")
    return dict(json.loads(stored))


def approve(
    ledger: Ledger, rules: Rules, effective: str, ethics: str, people: Mapping[str, str], by: Entering
) -> Entry:
    """The approval of rules over their digest: author, reviewer, approver, effective date, ethics approval."""
    said = {"meaning": "approval of rules", "effective": effective, "ethics": ethics, **people}
    return ledger.append([Draft(Kind.APPROVED, said, rules=rules)], by.signer, by.now)[0]


def withdraw(ledger: Ledger, digest: str, reason: str, by: Entering) -> Entry:
    """The withdrawal of an approval. Raises LedgerError where no rules of this digest were approved."""
    approved = [entry.rules for entry in ledger.entries() if entry.kind is Kind.APPROVED and entry.rules]
    rules = next((each for each in reversed(approved) if each.digest.startswith(digest.lower())), None)
    if rules is None or len(digest) < SHORTEST_DIGEST:
        raise LedgerError("no rules whose digest begins so were approved; give its first 16 digits or more")
    return ledger.append([Draft(Kind.WITHDRAWN, {}, reason=reason, rules=rules)], by.signer, by.now)[0]


def enter_exception(ledger: Ledger, reason: str, by: Entering) -> Entry:
    """What was done otherwise than by the procedure, as an entry."""
    return ledger.append([Draft(Kind.EXCEPTION, {}, reason=reason)], by.signer, by.now)[0]


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


def code_of(identities: str, passphrase: str, id: str) -> str:
    """The participant code of a person; a new random one is kept in the identification list at once."""
    from screening.ledger.identities import Identities
    from screening.output.pseudonym import alone, one

    with alone(Path(identities)):
        found = Identities(Path(identities), passphrase)
        code = found.code_of(id, one)
        found.keep()
    return code


def looked_up(
    ledger: Ledger, identities: str, passphrase: str, code: str, reason: str, by: Signer, now: datetime.datetime
) -> str:
    """Who a code is. That somebody asked is entered before it is said; whether or not there is anybody."""
    from screening.ledger.identities import Identities

    found = Identities(Path(identities), passphrase)
    ledger.append([Draft(Kind.LOOKED_UP, {}, code, reason=reason)], by, now)
    return found.id_of(code)


def write_export(lines: Iterable[bytes], path: Path) -> None:
    """Writes an export into a file for its owner alone, whole or not at all."""
    from screening.output.folder import write_private_bytes

    write_private_bytes(path, b"".join(lines))


# --------------------------------------------------------------------------------- what is shown


def told_entries(entries: Iterable[Entry]) -> list[Line]:
    """Entries that were made, in lines for people."""
    from screening.reports import ledger as report

    return report.entered(entries)


def schema_text(name: str) -> str:
    """A JSON Schema of what leaves a ledger: of `ledger-entry`, `ledger-export`, `-head`, `-coded` or `-proof`."""
    return (Path(screening.__file__).parent / "schemas" / f"{name}.json").read_text(encoding="utf-8")
