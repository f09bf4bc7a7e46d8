"""The SQLite file of a ledger: its tables, which refuse change and deletion, its connection, its refusals.

The triggers keep an honest program honest. Who can write the file can drop them: it is the chain that shows it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screening.errors import LedgerError
from screening.ledger.entry import Kind

FORMAT = "screening-ledger-1"
_WAIT_SECONDS = 60
# The kinds that every later entry may depend on.
FOLLOWED = (Kind.OPENED, Kind.KEY, Kind.KEY_WITHDRAWN, Kind.APPROVED, Kind.WITHDRAWN)
FOLLOWED_KINDS = ", ".join(f"'{kind}'" for kind in FOLLOWED)

TABLES = f"""
CREATE TABLE form (format TEXT NOT NULL);
INSERT INTO form VALUES ('{FORMAT}');
CREATE TABLE entry (number INTEGER PRIMARY KEY, data TEXT NOT NULL,
  about TEXT GENERATED ALWAYS AS (json_extract(data, '$.about')) VIRTUAL,
  kind TEXT GENERATED ALWAYS AS (json_extract(data, '$.kind')) VIRTUAL);
CREATE INDEX about ON entry (about) WHERE about <> '';
CREATE INDEX followed ON entry (number) WHERE kind IN ({FOLLOWED_KINDS});
CREATE TABLE content (digest TEXT PRIMARY KEY, salt BLOB NOT NULL, data BLOB NOT NULL);
CREATE TABLE purged (digest TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE rule (digest TEXT NOT NULL, file TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (digest, file))
  WITHOUT ROWID;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER entry_is BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER content_is BEFORE UPDATE ON content BEGIN SELECT RAISE(ABORT, 'contents are never changed'); END;
CREATE TRIGGER content_stays BEFORE DELETE ON content
  WHEN NOT EXISTS (SELECT 1 FROM purged WHERE digest = OLD.digest)
  BEGIN SELECT RAISE(ABORT, 'contents are purged with an entry that says why'); END;
CREATE TRIGGER rule_stays BEFORE DELETE ON rule BEGIN SELECT RAISE(ABORT, 'rules are kept'); END;
CREATE TRIGGER rule_is BEFORE UPDATE ON rule BEGIN SELECT RAISE(ABORT, 'rules are never changed'); END;
"""


def connected(path: Path, is_read_only: bool = False) -> sqlite3.Connection:
    mode = "ro" if is_read_only else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    found = sqlite3.connect(uri, timeout=_WAIT_SECONDS, isolation_level=None, uri=True)
    found.execute("PRAGMA synchronous = FULL")
    found.execute("PRAGMA secure_delete = ON")
    return found


def is_of_the_disk(fault: sqlite3.Error) -> bool:
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


_SAID: dict[int, str] = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it can only be read",
    sqlite3.SQLITE_IOERR: "the disk does not take it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_BUSY: f"another writer has kept it for more than {_WAIT_SECONDS} seconds",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; keep it, and go on from a copy that is whole",
    sqlite3.SQLITE_NOTADB: "the file is no ledger",
    sqlite3.SQLITE_CONSTRAINT: "it refuses what would change or delete an entry",
}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What SQLite refuses, in words; nothing was entered."""
    try:
        yield
    except sqlite3.Error as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        why = _SAID.get(code, "SQLite refuses it")
        raise LedgerError(f"{path}: {why}; nothing was entered") from fault
