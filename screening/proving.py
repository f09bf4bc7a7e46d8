"""That somebody was among the people of a run: a row of their own in the ledger, and a proof for a stranger.

Sources: RFC 6962, section 2.1 (hash trees); ICH E6(R3) 4.2.2 (what an act was based on can be traced).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import LedgerError
from screening.ledger import among, merkle
from screening.ledger.among import Proof
from screening.ledger.draft import Draft
from screening.ledger.entry import Entry, Kind, data_of, entry_of, signed_data
from screening.ledger.key import PublicKey
from screening.ledger.store import Ledger
from screening.ledger.verify import strict_json
from screening.outcome.codec import canonical

if TYPE_CHECKING:
    from screening.reports.line import Line

FORMAT = "screening-ledger-proof-1"
_KEYS = {"format", "run", "key", "row", "proof"}
_MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class Proved:
    """A proof that was checked: which row of how many, of which run's entry, signed by which key; or why not."""

    position: int
    rows: int
    number: int
    at: str
    hash: str
    signer: str
    fingerprint: str
    is_expected: bool
    why: str = ""


def row(ledger: Ledger, folder: Path, id: str, about: str) -> int | Draft:
    """The entry of a person's row in that run: its number where there is one, and else the entry to be made.

    `id` is who it is in the run, `about` the code in the ledger. Raises LedgerError where the run was not entered,
    or nobody of that id is in it.
    """
    run, line, proof = _looked_up(ledger, folder, id)
    for entry in ledger.entries(about):
        if entry.kind is Kind.ROW and entry.refers == (run.number,):
            if entry.statement["position"] != proof.position:
                raise LedgerError(f"`{about}` is somebody else in this run: see entry {entry.number}")
            return entry.number
    return among.draft(run, about, line, proof)


def _looked_up(ledger: Ledger, folder: Path, id: str) -> tuple[Entry, bytes, Proof]:
    """The run's entry, the row of one person, and its proof."""
    from screening.output.rows import DATA, MANIFEST, read_manifest

    read_manifest(folder)
    run, key = _entered(ledger, (folder / MANIFEST).read_bytes())
    found: list[tuple[int, bytes]] = []
    # INVARIANT: `outcome.row.row_data` begins with the id, so that other lines need not be read.
    begins = f'{{"id":{json.dumps(id, ensure_ascii=False)},'.encode()

    def lines() -> Iterator[bytes]:
        with open(folder / DATA, "rb") as file:
            for position, line in enumerate(file):
                if line.startswith(begins):
                    found.append((position, line))
                yield line

    hashes = [merkle.leaf(each) for each in among.salted(key, lines())]
    if len(found) != 1:
        raise LedgerError("nobody of that id has a row in this run" if not found else "the id has two rows in it")
    [(position, line)] = found
    proof = Proof(position, len(hashes), among.salt_of(key, position), merkle.path(hashes, position))
    committed = among.run_of(run)
    if committed is None or not proof.holds(line, committed):
        raise LedgerError(f"the rows of this run are not those of entry {run.number}: they were changed since")
    return run, line, proof


def _entered(ledger: Ledger, manifest: bytes) -> tuple[Entry, bytes]:
    """The last entry of the run with this manifest, and the key of its rows."""
    for entry in reversed([each for each in ledger.entries() if each.kind is Kind.COHORT]):
        held = {each.kind: ledger.content(each.digest) for each in entry.contents}
        if held.get("manifest") == manifest:
            key = held.get(among.KEY)
            if key is None:
                raise LedgerError(f"the key of the rows of entry {entry.number} was purged; enter the run again")
            return entry, key
    raise LedgerError("this run was not entered in the ledger; enter it first: screening log add LEDGER DIR")


def of_folder(ledger: Ledger, folder: Path, id: str) -> bytes:
    """The proof that one person is among those of a run, as a document for a stranger."""
    return _document(ledger, *_looked_up(ledger, folder, id))


def of_entry(ledger: Ledger, about: str) -> bytes:
    """The proof of the last row that was entered of a person. Raises LedgerError where there is none."""
    entries = [each for each in ledger.entries(about) if each.kind is Kind.ROW] if about else []
    if not entries:
        raise LedgerError("no row of this code was entered; name the run and who it is there: --run DIR")
    held = {each.kind: ledger.content(each.digest) for each in entries[-1].contents}
    line, proof, run = held.get(among.ROW), held.get(among.PROOF), ledger.entry(entries[-1].refers[0])
    if line is None or proof is None or run is None:
        raise LedgerError(f"the row of entry {entries[-1].number} was purged")
    return _document(ledger, run, line, among.proof_of(json.loads(proof)))


def _document(ledger: Ledger, run: Entry, line: bytes, proof: Proof) -> bytes:
    key = ledger.order.keys.get(run.actor.key)
    made = {
        "format": FORMAT,
        "run": data_of(run),
        "key": key.text if key else "",
        "row": line.decode(),
        "proof": among.data_of(proof),
    }
    return canonical(made) + b"\n"


def is_proof(path: Path) -> bool:
    """Whether a file begins as a proof does: its keys stand in the order of their names."""
    begins = f'{{"format":"{FORMAT}"'.encode()
    try:
        with open(path, "rb") as file:
            return b"".join(file.read(4 * len(begins)).split()).startswith(begins)
    except OSError:
        return False


def read(path: Path) -> dict[str, Any]:
    """A proof's document. Raises LedgerError for anything else."""
    try:
        data = path.read_bytes()
        found = strict_json(data.decode()) if len(data) <= _MOST_BYTES else None
    except OSError as fault:
        raise LedgerError(f"{path} cannot be read: {fault.strerror}") from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.keys() != _KEYS or found["format"] != FORMAT:
        raise LedgerError(f"{path} is no proof of the form `{FORMAT}`")
    return found


def checked(document: Mapping[str, Any], heads: Sequence[str] = ()) -> Proved:
    """Whether a proof holds by itself, and the run's entry is each of the heads that were kept elsewhere."""
    try:
        run, proof = entry_of(document["run"]), among.proof_of(document["proof"])
        line, key = document["row"].encode(), PublicKey(document["key"]) if document["key"] else None
        hash = run.hash
        fingerprint = key.fingerprint if key else ""
    except (LedgerError, ValueError, TypeError, AttributeError, KeyError) as fault:
        raise LedgerError("it is no proof: what is in it is not as it has to be") from fault
    committed = among.run_of(run)
    why = ""
    if committed is None:
        why = "the entry in it is of no run over many people"
    elif not proof.holds(line, committed):
        why = "the row is not among those of the run"
    elif fingerprint != run.actor.key:
        why = "the run's entry names another key than the one given with it"
    elif key and not key.has_signed(canonical(signed_data(run)), run.signature):
        why = "the signature of the run's entry does not fit"
    elif not all(hash.startswith(head.lower()) for head in heads):
        why = "the run's entry is not the head that was kept"
    return Proved(
        position=proof.position,
        rows=proof.rows,
        number=run.number,
        at=run.at,
        hash=hash,
        signer=run.actor.name if key else "",
        fingerprint=fingerprint,
        is_expected=bool(heads),
        why=why,
    )


def told(proved: Proved) -> list[Line]:
    """A proof that was checked, in lines for people."""
    from screening.reports import retained as report

    return report.proved(proved)
