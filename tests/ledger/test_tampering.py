"""Single edits of ledgers: whatever changes a meaning is refused with its place, whatever does not is accepted.

Entries and contents are edited, dropped, doubled, reordered and brought in from another ledger; what is cut off at
the end or rolled back shows against a head that was kept elsewhere.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening.errors import LedgerError
from screening.ledger import among, event, merkle
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind
from screening.ledger.lines import Export
from screening.ledger.store import Ledger
from screening.ledger.verify import Fault, verify
from tests.ledger.conftest import RULES, Clock, screened

Lines = list[dict[str, Any]]
FEW, MANY = 600, 10_000
KEY = bytes(range(32))
COHORT: dict[str, Any] = {"rows": 5, "as_of": "2026-11-20", "stage": "screening", "draft": True}


def filled(path: Path, investigator: Signer, clock: Clock) -> Ledger:
    """A ledger with entries of several kinds, contents, and one content that was purged."""
    found = Ledger.create(path, "0.1.0", investigator, clock())
    for number in range(6):
        verdict = ("ELIGIBLE", "REVIEW", "INELIGIBLE")[number % 3]
        record = json.dumps({"pain": number}).encode()
        found.append([screened(f"P{number}", verdict, record)], investigator, clock())
    found.append([Draft(Kind.REVIEWED, {"meaning": "review"}, "P1", (4,), "acceptable")], investigator, clock())
    corrected = Draft(Kind.CORRECTED, {"key": "Pain", "before": "7", "after": "8"}, "P2", (5,), "misread")
    found.append([corrected], investigator, clock())
    last = next(found.entries("P5")).contents[0].digest
    found.purge([last], "never approached", investigator, clock())
    rows = [json.dumps({"id": f"p{number}"}).encode() + b"\n" for number in range(5)]
    root = merkle.root(among.salted(KEY, rows)).hex()
    [run] = found.append([Draft(Kind.COHORT, COHORT | {"root": root}, rules=RULES)], investigator, clock())
    path = merkle.proof(among.salted(KEY, rows), 3)
    row = among.draft(run, "P0", rows[3], among.Proof(3, 5, among.salt_of(KEY, 3), path))
    happened = event.draft(event.Event.ADVERSE_EVENT, "P0", "2026-11-20", "fainted")
    found.append([row, happened, Draft(Kind.HEAD, {"kept": "with the sponsor"})], investigator, clock())
    return found


def read(lines: Lines, expected: tuple[str, ...] = ()) -> Fault | None:
    """The first fault of an export of these lines, whatever is said of it."""
    return fault_of([json.dumps(line).encode() + b"\n" for line in lines], expected)


def fault_of(lines: list[bytes], expected: tuple[str, ...] = ()) -> Fault | None:
    try:
        export = Export(lines)
        return verify(export.texts(), export.contents_of, export.count_contents, expected).fault
    except LedgerError as refused:
        return Fault(-1, str(refused))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside JSON data."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


def edited(line: dict[str, Any], rng: Random) -> dict[str, Any]:
    """One value of a line made another one."""
    made = json.loads(json.dumps(line))
    path = rng.choice([p for p in places(made) if p])
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    value, key = holder[path[-1]], path[-1]
    match value:
        case str() if value and rng.random() < 0.7:
            at = rng.randrange(len(value))
            holder[key] = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
        case str():
            holder[key] = value + " "
        case bool() | None:
            holder[key] = not value
        case int():
            holder[key] = value + rng.choice((-1, 1))
        case _ if isinstance(holder, dict) and rng.random() < 0.5:
            del holder[key]
        case _:
            holder[key] = [value]
    return dict(made)


def _other(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    at = rng.randrange(len(lines))
    return [*lines[:at], foreign[at], *lines[at + 1 :]]


def _dropped(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    at = rng.randrange(len(lines) - 1)
    return [*lines[:at], *lines[at + 1 :]]


def _doubled(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    at = rng.randrange(len(lines))
    return [*lines[: at + 1], *lines[at:]]


def _reordered(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    a, b = sorted(rng.sample(range(len(lines)), 2))
    return [*lines[:a], lines[b], *lines[a + 1 : b], lines[a], *lines[b + 1 :]]


def _edited(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    at = rng.randrange(len(lines))
    return [*lines[:at], edited(lines[at], rng), *lines[at + 1 :]]


def _cut_off(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    return lines[: rng.randrange(1, len(lines))]


def _rolled_back(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    """An earlier state of the ledger, gone on with by what somebody else entered."""
    ends = [at for at, line in enumerate(lines) if "content" not in line]
    return [*lines[: rng.choice(ends[2:])], *foreign[rng.choice(ends[2:]) :]]


def _spliced(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    at = rng.randrange(len(lines))
    return [*lines[:at], *foreign[at:]]


def _moved(lines: Lines, foreign: Lines, rng: Random) -> Lines:
    """Bytes of a content passed off as part of its salt, or the other way round: the bytes hashed are the same."""
    at = rng.choice([at for at, line in enumerate(lines) if "content" in line])
    salt, data = (base64.b64decode(lines[at][key]) for key in ("salt", "data"))
    whole, end = salt + data, rng.randrange(len(salt) + len(data) + 1)
    parts = {"salt": base64.b64encode(whole[:end]).decode(), "data": base64.b64encode(whole[end:]).decode()}
    return [*lines[:at], lines[at] | parts, *lines[at + 1 :]]


TAMPERED: dict[str, Callable[[Lines, Lines, Random], Lines]] = {
    "edit": _edited, "drop": _dropped, "double": _doubled, "reorder": _reordered, "replace": _other,
    "truncate": _cut_off, "roll back": _rolled_back, "splice": _spliced, "move": _moved,
}  # fmt: skip


def shuffled(data: Any, rng: Random) -> Any:
    """JSON data with the keys in another order."""
    if isinstance(data, dict):
        keys = list(data)
        rng.shuffle(keys)
        return {key: shuffled(data[key], rng) for key in keys}
    return data


def meaning(lines: Lines) -> Any:
    """Entries in their order, each with what lies with it; in which order that lies means nothing."""
    found: list[tuple[Any, list[str]]] = []
    for line in lines:
        if "content" in line and found:
            found[-1][1].append(json.dumps(line, sort_keys=True))
        else:
            found.append((line, []))
    return [(entry, sorted(contents)) for entry, contents in found]


def campaign(path: Path, investigator: Signer, clock: Clock, count: int, seed: int) -> Counter[str]:
    rng = Random(seed)
    made: list[Lines] = []
    heads: list[str] = []
    for name in ("ours", "theirs"):
        ledger = filled(path / f"{name}.ledger", investigator, clock)
        made.append([json.loads(line) for line in ledger.exported()])
        heads.append(ledger.order.head)
        ledger.close()
    ours, theirs = made
    kept = (heads[0],)
    assert read(ours, kept) is None
    refused: Counter[str] = Counter()
    for _ in range(count):
        name = rng.choice(list(TAMPERED))
        lines = TAMPERED[name](ours, theirs, rng)
        if meaning(lines) == meaning(ours):
            assert read(lines, kept) is None
            continue
        fault = read(lines, kept)
        assert fault is not None, (name, seed)
        assert fault.why
        # What was cut off between two entries is nowhere: then it is the head that is missing.
        assert fault.number or (name in ("truncate", "roll back", "splice") and "cut off" in fault.why), (
            name,
            fault,
        )
        refused[name] += 1
        if refused.total() % 20 == 0:
            # The same lines in another spelling are the same ledger.
            respelt = [json.dumps(shuffled(line, rng), ensure_ascii=rng.random() < 0.5) for line in ours]
            assert fault_of([line.encode() for line in respelt], kept) is None
    return refused


def test_a_few_hundred_edits(tmp_path: Path, investigator: Signer, clock: Clock) -> None:
    assert campaign(tmp_path, investigator, clock, FEW, 0).total() > 0.9 * FEW


@pytest.mark.long
def test_ten_thousand_edits(
    tmp_path: Path, investigator: Signer, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = campaign(tmp_path, investigator, clock, MANY + MANY // 10, 1)
    with capsys.disabled():
        print(f"\n{refused.total()} edits refused: {dict(refused)}")
    assert refused.total() >= MANY


def test_what_is_cut_off_shows_against_a_head_kept_elsewhere(
    tmp_path: Path, investigator: Signer, clock: Clock
) -> None:
    ledger = filled(tmp_path / "site.ledger", investigator, clock)
    lines, head = list(ledger.exported()), ledger.verified().head
    assert fault_of(lines, (head,)) is None
    ends = [at for at, line in enumerate(lines) if b'"content"' not in line[:12]]
    for end in ends[1:]:
        assert fault_of(lines[:end]) in (
            None,
            Fault(8, "a content that belongs to it is missing, and no entry says why"),
        )
        fault = fault_of(lines[:end], (head,))
        assert fault is not None
    # Rolled back and gone on with: whole by itself, and the head is not in it.
    (tmp_path / "copy.jsonl").write_bytes(b"".join(lines))
    ledger.append([screened("P9")], investigator, clock())
    assert fault_of(list(ledger.exported()), (head,)) is None
    other = filled(tmp_path / "other.ledger", investigator, clock)
    assert fault_of(list(other.exported()), (head,)) == Fault(
        0, f"the head {head[:16]} is not in it: it was cut off, rolled back or rewritten"
    )


def test_what_changes_no_meaning_is_accepted(tmp_path: Path, investigator: Signer, clock: Clock) -> None:
    lines = list(filled(tmp_path / "site.ledger", investigator, clock).exported())
    rng = Random(0)
    for indent in (None, 1):
        spaced = [
            json.dumps(shuffled(json.loads(line), rng), indent=indent).replace("\n", " ").encode()
            for line in lines
        ]
        assert fault_of(spaced) is None
    assert fault_of([b"\xef\xbb\xbf" + lines[0].strip() + b"\r\n", b"\n", *lines[1:]]) is None


def test_words_of_an_event_cannot_be_shortened(tmp_path: Path, investigator: Signer, clock: Clock) -> None:
    ledger = filled(tmp_path / "site.ledger", investigator, clock)
    ledger.append(
        [event.draft(event.Event.ADVERSE_EVENT, "P0", "2026-11-20", "no serious event")], investigator, clock()
    )
    lines = [json.loads(line) for line in ledger.exported()]
    last = lines[-1]
    salt, data = (base64.b64decode(last[key]) for key in ("salt", "data"))
    assert data == b"no serious event"
    last["salt"], last["data"] = (base64.b64encode(each).decode() for each in (salt + data[:3], data[3:]))
    fault = read(lines)
    assert fault is not None
    assert "was altered" in fault.why
    with sqlite3.connect(tmp_path / "site.ledger") as connection:
        connection.execute("DROP TRIGGER content_is")
        made = (salt + data[:3], zlib.compress(data[3:]), last["content"])
        connection.execute("UPDATE content SET salt = ?, data = ? WHERE digest = ?", made)
    connection.close()
    assert ledger.verified().fault is not None
    with pytest.raises(LedgerError, match="not what its entry committed to"):
        ledger.content(last["content"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET data = replace(data, 'REVIEW', 'ELIGIBLE') WHERE number = 4",
        "DELETE FROM entry WHERE number = 5",
        "DELETE FROM content WHERE digest = (SELECT min(digest) FROM content)",
        "UPDATE content SET data = x'00' WHERE digest = (SELECT max(digest) FROM content)",
        "INSERT INTO content VALUES ('" + "ab" * 32 + "', x'00', x'00')",
        "UPDATE entry SET number = 40 WHERE number = (SELECT max(number) FROM entry)",
        "INSERT INTO entry (number, data) SELECT 99, data FROM entry WHERE number = 4",
    ],
)
def test_the_file_itself_is_changed(statement: str, tmp_path: Path, investigator: Signer, clock: Clock) -> None:
    path = tmp_path / "site.ledger"
    filled(path, investigator, clock).close()
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()
    ledger = Ledger.open(path, "0.1.0")
    assert ledger.verified().fault is not None
    ledger.close()
