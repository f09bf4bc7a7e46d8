"""Rule files that a ledger keeps by the digest of their library, in a folder as long as they are used."""

from __future__ import annotations

import re
from pathlib import Path

from screening.errors import LedgerError
from screening.ledger.store import Ledger

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\.yaml")


def unpack(ledger: Ledger, digest: str, place: Path) -> list[str]:
    """Writes kept rule files into a folder, and nowhere else, whatever they are called in the ledger; their names.

    Raises LedgerError at a name that no rule file has.
    """
    files = ledger.rules(digest)
    for name, data in files.items():
        if not _NAME.fullmatch(name):
            raise LedgerError("a rule file is kept under a name that no rule file has; the ledger was altered")
        try:
            (place / name).write_bytes(data)
        except TypeError:
            raise LedgerError("a rule file is kept as something else than bytes; the ledger was altered") from None
    return list(files)
