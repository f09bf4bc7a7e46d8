"""That one row was among the rows of a run: a person's own entry of it, and its proof against the run's root.

Each row is hashed with a salt of its own, made from a key that lies with the run's entry. A proof shows the hashes
of neighbours, and without their salts nobody can try out what their rows say (RFC 6962, section 2.1, over salted
rows; the salts are HMAC-SHA256 of the row's position).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from screening.ledger.draft import SALT_BYTES, Draft
from screening.ledger.entry import Entry, Kind
from screening.ledger.merkle import is_among
from screening.outcome.codec import canonical
from screening.values.frozen import dataclass

KEY, ROW, PROOF = "row key", "row", "proof of the row"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Run:
    """What a run's entry commits to: the root of its salted rows in hex, and how many there are."""

    root: str
    rows: int


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a row stands, its salt, and the hashes that lead from it to the root, the nearest first."""

    position: int
    rows: int
    salt: bytes
    path: tuple[bytes, ...]

    def holds(self, row: bytes, run: Run) -> bool:
        """Whether this row stands there in that run."""
        if self.rows != run.rows or len(self.salt) != SALT_BYTES:
            return False
        return is_among(self.salt + row, self.position, self.rows, self.path, bytes.fromhex(run.root))


def salt_of(key: bytes, position: int) -> bytes:
    """The salt of the row at a position, counted from 0."""
    return hmac.digest(key, position.to_bytes(8, "big"), hashlib.sha256)


def salted(key: bytes, rows: Iterable[bytes]) -> Iterator[bytes]:
    """The rows of a run as they are hashed."""
    return (salt_of(key, position) + row for position, row in enumerate(rows))


def draft(run: Entry, about: str, row: bytes, proof: Proof) -> Draft:
    """A person's own entry of a row of that run. The row and its proof can be purged, the commitment stays."""
    said = {"position": proof.position, "rows": proof.rows}
    contents = ((ROW, row), (PROOF, canonical(data_of(proof))))
    return Draft(Kind.ROW, said, about, (run.number,), rules=run.rules, contents=contents)


def data_of(proof: Proof) -> dict[str, Any]:
    """A proof as JSON data."""
    path = [each.hex() for each in proof.path]
    return {"position": proof.position, "rows": proof.rows, "salt": proof.salt.hex(), "path": path}


def proof_of(data: object) -> Proof:
    """The inverse of `data_of`. Raises ValueError for anything else."""
    if not isinstance(data, Mapping) or data.keys() != {"position", "rows", "salt", "path"}:
        raise ValueError("no proof")
    position, rows, path = data["position"], data["rows"], data["path"]
    if not isinstance(path, list) or not all(type(each) is int for each in (position, rows)):
        raise ValueError("no proof")
    hashes = tuple(_bytes(each) for each in path)
    return Proof(position, rows, _bytes(data["salt"]), hashes)


def _bytes(text: object) -> bytes:
    found = bytes.fromhex(text) if isinstance(text, str) else b""
    if len(found) != SALT_BYTES or found.hex() != text:
        raise ValueError("no hash in its one spelling")
    return found


def run_of(entry: Entry | None) -> Run | None:
    """What a run's entry commits to; None of any other entry, and of one that says it otherwise."""
    if entry is None or entry.kind is not Kind.COHORT:
        return None
    root, rows = entry.statement.get("root"), entry.statement.get("rows")
    try:
        return Run(_bytes(root).hex(), rows) if type(rows) is int else None
    except ValueError:
        return None


def unproved(entry: Entry, held: Mapping[str, bytes], run: Run | None) -> str:
    """Why a row is not shown to be among those of its run; empty if it is, or if it was purged."""
    if run is None:
        return "it refers to no run over many people"
    if ROW not in held or PROOF not in held:
        return ""
    try:
        proof = proof_of(json.loads(held[PROOF]))
    except (ValueError, RecursionError):
        return "the proof of its row is none"
    if (proof.position, proof.rows) != (entry.statement.get("position"), entry.statement.get("rows")):
        return "the proof of its row is that of another row"
    return "" if proof.holds(held[ROW], run) else "its row is not among those of the run that it refers to"
