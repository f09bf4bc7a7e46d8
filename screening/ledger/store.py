"""A ledger in one SQLite file: appended to, never changed, each entry on the disk before it is acknowledged.

Write-ahead log with full synchronisation; writers wait for each other. Contents that belong to entries, records
and certificates of people, lie beside the chain and can be purged; rule files are kept by digest.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
import sqlite3
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path

from screening.errors import LedgerError
from screening.ledger.among import unproved
from screening.ledger.draft import SALT_BYTES, Draft, Signer, commitment, is_committed, key_draft
from screening.ledger.entry import (
    MOST,
    SYSTEM_CLOCK,
    Commitment,
    Entry,
    Kind,
    data_of,
    entry_of,
    is_text,
    offset,
    signed_data,
    utc,
)
from screening.ledger.file import FOLLOWED_KINDS, FORMAT, TABLES, connected, is_of_the_disk, told
from screening.ledger.lines import written
from screening.ledger.order import Order
from screening.ledger.past import SCREENINGS, LookedUp
from screening.ledger.screened import CERTIFICATE, unlike
from screening.ledger.verify import Seen, Verified, verify
from screening.outcome.codec import canonical

_MOST_BYTES = 1 << 30


class Ledger:
    """An open ledger. A writer's own; two writers open it twice and wait for each other."""

    def __init__(self, connection: sqlite3.Connection, path: Path, program: str) -> None:
        self.path = path
        self.program = program
        self._connection = connection
        self._order = Order(LookedUp(connection))

    @classmethod
    def create(cls, path: Path, program: str, signer: Signer, now: datetime.datetime, site: str = "") -> Ledger:
        """A new ledger with its first entry, and the key of whoever opens it if there is one.

        Raises LedgerError where the file is there already or cannot be written.
        """
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise LedgerError(f"{path} is there already; a ledger is never written over") from None
        except OSError as fault:
            raise LedgerError(f"{path} cannot be written: {fault.strerror}") from None
        opening = {"keys": "personal" if signer.key else "none", "site": site, "format": FORMAT}
        with told(path):
            connection = connected(path)
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                connection.executescript("BEGIN IMMEDIATE;" + TABLES)
                found = cls(connection, path, program)
                # The opening itself is not signed: the key is entered after it, and signs everything before it.
                found._enter(Draft(Kind.OPENED, opening), Signer(signer.name, signer.role), now)
                if signer.key:
                    found._enter(key_draft(signer), signer, now)
                connection.execute("COMMIT")
            except BaseException:
                # A file without entries would stand in the way of the next attempt.
                connection.close()
                path.unlink(missing_ok=True)
                raise
        return found

    @classmethod
    def open(cls, path: Path, program: str, is_read_only: bool = False) -> Ledger:
        """A ledger that is there. Raises LedgerError for what is no ledger of this form."""
        if not path.is_file():
            raise LedgerError(f"{path} is no ledger; `screening log init` makes one")
        with told(path):
            connection = connected(path, is_read_only)
            try:
                format = connection.execute("SELECT format FROM form").fetchone()
            except sqlite3.DatabaseError as fault:
                if is_of_the_disk(fault):
                    raise
                format = None
        if format != (FORMAT,):
            connection.close()
            raise LedgerError(f"{path} is no ledger of the form `{FORMAT}`")
        return cls(connection, path, program)

    def close(self) -> None:
        """Closes the file; every entry acknowledged is in it."""
        self._connection.close()

    def append(self, drafts: list[Draft], signer: Signer, now: datetime.datetime) -> list[Entry]:
        """Enters drafts, all of them or none, and returns when they are on the disk.

        Raises LedgerError if one does not follow from what is there, or the disk does not take it.
        """
        with self._written():
            return [self._enter(draft, signer, now) for draft in drafts]

    def _enter(self, draft: Draft, signer: Signer, now: datetime.datetime) -> Entry:
        entry = self._entry(draft, signer, now)
        for kind, data in draft.contents:
            why = unlike(entry, data) if kind == CERTIFICATE and entry.kind in SCREENINGS else ""
            if why:
                raise LedgerError(why)
        self._order.take(entry)
        if entry.kind is Kind.ROW and (
            why := unproved(entry, dict(draft.contents), self._order.run(entry.refers[0]))
        ):
            raise LedgerError(why)
        row = (entry.number, canonical(data_of(entry)).decode())
        self._connection.execute("INSERT INTO entry (number, data) VALUES (?, ?)", row)
        return entry

    def _entry(self, draft: Draft, signer: Signer, now: datetime.datetime) -> Entry:
        order = self._order
        said = (value for value in draft.statement.values() if isinstance(value, str))
        if not all(map(is_text, (signer.name, signer.role, draft.about, draft.reason, *said))):
            raise LedgerError("a name, a code or a reason holds what is no text in UTF-8; write it again")
        unsigned = Entry(
            ledger=order.ledger or str(uuid.uuid4()),
            number=order.number + 1,
            previous=order.head,
            kind=draft.kind,
            at=utc(now),
            offset=offset(now),
            clock=SYSTEM_CLOCK,
            actor=signer.actor,
            program=self.program,
            about=draft.about,
            refers=tuple(n if n > 0 else order.number + 1 + n for n in draft.refers),
            reason=draft.reason,
            rules=draft.rules,
            statement=draft.statement,
            contents=tuple(Commitment(kind, self._keep(data)) for kind, data in draft.contents),
        )
        if signer.key is None:
            return unsigned
        signature = signer.key.sign(canonical(signed_data(unsigned)))
        return entry_of({**signed_data(unsigned), "signature": signature})

    def _keep(self, data: bytes) -> str:
        salt = secrets.token_bytes(SALT_BYTES)
        found = commitment(salt, data)
        self._connection.execute("INSERT INTO content VALUES (?, ?, ?)", (found, salt, zlib.compress(data)))
        return found

    def _catch_up(self) -> None:
        """Takes what the next entry depends on of what others, or earlier runs, have entered.

        These are the entries about keys and approvals, and the last one; the chain of all is held by `verify`.
        """
        after = self._order.number
        (last,) = self._connection.execute("SELECT max(number) FROM entry").fetchone()
        if last in (None, after):
            return
        query = (
            f"SELECT number, data FROM entry WHERE number > ? AND kind IN ({FOLLOWED_KINDS})"
            " UNION SELECT number, data FROM entry WHERE number = ? ORDER BY number"
        )
        for _, data in self._connection.execute(query, (after, last)):
            self._order.resume(entry_of(json.loads(data)))

    def entries(self, about: str | None = None) -> Iterator[Entry]:
        """All entries in their order, or those about one person."""
        if about is not None and not is_text(about):
            return  # no code is written so
        with told(self.path):
            where, given = ("about = ?", (about,)) if about is not None else ("1", ())
            query = f"SELECT number, data FROM entry WHERE {where} ORDER BY number"
            for number, data in self._connection.execute(query, given):
                try:
                    yield entry_of(json.loads(data))
                except (ValueError, LedgerError) as fault:
                    raise LedgerError(f"entry {number} of {self.path} cannot be read: {fault}") from None

    def texts(self, after: int = 0) -> Iterator[tuple[int, str]]:
        """The entries as they lie in the file."""
        return self._connection.execute(
            "SELECT number, data FROM entry WHERE number > ? ORDER BY number", (after,)
        )

    def contents_of(self, entry: Entry) -> Iterator[tuple[str, bytes, bytes]]:
        """What was not purged of the contents of an entry: digests, salts, bytes."""
        for one in entry.contents:
            with told(self.path):
                rows = self._connection.execute(
                    "SELECT digest, salt, data FROM content WHERE digest = ?", (one.digest,)
                ).fetchall()
            for digest, salt, data in rows:
                yield digest, salt if isinstance(salt, bytes) else b"", _inflated(data)

    def count_contents(self) -> int:
        """How many contents there are."""
        return int(self._connection.execute("SELECT count(*) FROM content").fetchone()[0])

    def verified(self, expected: Sequence[str] = (), seen: Seen | None = None) -> Verified:
        """Whether the whole ledger holds, as of one moment, though others may write; `seen` gets each entry."""
        with told(self.path):
            self._connection.execute("BEGIN")
            try:
                return verify(self.texts(), self.contents_of, self.count_contents, expected, seen)
            finally:
                self._connection.execute("ROLLBACK")

    def exported(self) -> Iterator[bytes]:
        """The whole ledger as JSON Lines, as of one moment."""
        with told(self.path):
            self._connection.execute("BEGIN")
            try:
                yield from written(self.texts(), self.contents_of)
            finally:
                self._connection.execute("ROLLBACK")

    def entry(self, number: int) -> Entry | None:
        """An entry by its number, None if there is none."""
        if not 0 < number < MOST:
            return None
        with told(self.path):
            found = self._connection.execute("SELECT data FROM entry WHERE number = ?", (number,)).fetchone()
        return None if found is None else entry_of(json.loads(found[0]))

    def content(self, digest: str) -> bytes | None:
        """A content by its digest; None if it was purged. Raises LedgerError if it was altered."""
        with told(self.path):
            found = self._connection.execute(
                "SELECT salt, data FROM content WHERE digest = ?", (digest,)
            ).fetchone()
        if found is None:
            return None
        data = _inflated(found[1])
        if not isinstance(found[0], bytes) or not is_committed(digest, found[0], data):
            raise LedgerError("a content is not what its entry committed to")
        return data

    def keep_rules(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keeps rule files under the digest of the library that they make; kept ones stay as they are."""
        with self._written() as connection:
            rows = [(digest, name, data) for name, data in files.items()]
            connection.executemany("INSERT OR IGNORE INTO rule VALUES (?, ?, ?)", rows)

    def rules(self, digest: str) -> dict[str, bytes]:
        """The rule files kept under a digest, by name; none if none are kept."""
        with told(self.path):
            rows = self._connection.execute(
                "SELECT file, data FROM rule WHERE digest = ? ORDER BY file", (digest,)
            )
            return dict(rows.fetchall())

    def rules_named(self) -> dict[str, tuple[int, str]]:
        """The digests of rules that screenings, runs and approvals name: by which entry first, and their name."""
        kinds = ", ".join(f"'{kind}'" for kind in (*SCREENINGS, Kind.COHORT, Kind.APPROVED))
        rules = "json_extract(data, '$.rules.digest')"
        query = f"SELECT {rules}, min(number), json_extract(data, '$.rules.name') FROM entry"
        with told(self.path):
            rows = self._connection.execute(f"{query} WHERE kind IN ({kinds}) GROUP BY 1 ORDER BY 2").fetchall()
        return {str(digest): (int(number), str(name)) for digest, number, name in rows}

    def purge(
        self,
        digests: list[str],
        reason: str,
        signer: Signer,
        now: datetime.datetime,
        still: Callable[[], Set[str]] | None = None,
    ) -> Entry:
        """Deletes contents for good, in one step with the entry that says so; their digests stay in the chain.

        `still` says, when nobody else can enter anything, what may be deleted; nothing is, if it is less.
        """
        with self._written() as connection:
            if still is not None and not still() >= {*digests}:
                raise LedgerError("what may be deleted changed meanwhile: nothing was deleted; look at it again")
            entered = self._enter(Draft(Kind.PURGED, {"contents": sorted(digests)}, reason=reason), signer, now)
            rows = [(digest,) for digest in digests]
            connection.executemany("INSERT OR IGNORE INTO purged VALUES (?)", rows)
            connection.executemany("DELETE FROM content WHERE digest = ?", rows)
        with told(self.path):
            # Older pages of the write-ahead log still hold what was deleted.
            [(is_busy, _, _)] = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if is_busy:
            raise LedgerError(
                f"entry {entered.number} is entered and the contents are deleted, but another program reads it:"
                " what was deleted stays in the write-ahead log until every program has closed the ledger"
            )
        return entered

    @property
    def order(self) -> Order:
        """Head, keys and approvals as of the last entry on the disk."""
        with told(self.path):
            self._catch_up()
        return self._order

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it on the disk, or nothing; what was counted in too."""
        with told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._catch_up()
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._order = Order(LookedUp(self._connection))
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _inflated(data: object) -> bytes:
    """A content as it was entered; what was altered so that it cannot be read is no content of anything."""
    found = zlib.decompressobj()
    try:
        inflated = found.decompress(bytes(data), _MOST_BYTES) if isinstance(data, bytes) else b""
    except zlib.error:
        return b""
    return inflated if found.eof and not found.unused_data else b""
