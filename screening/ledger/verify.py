"""Whether a ledger holds: every link, signature, order and content, from its first entry to its last.

It is read once, in memory that does not grow with what people's records say. What it cannot show: that what was
entered is true; and, without a head that was kept elsewhere, that nothing was cut off at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from screening.errors import LedgerError
from screening.ledger.among import unproved
from screening.ledger.draft import is_committed
from screening.ledger.entry import Entry, Kind, entry_of
from screening.ledger.order import Order
from screening.ledger.past import SCREENINGS, Remembered
from screening.ledger.screened import CERTIFICATE, unlike
from screening.values.frozen import dataclass

_SHORTEST_HEAD = 16
# A digest, a salt, and the bytes that both are of.
Content = tuple[str, bytes, bytes]
# Gets an entry that holds, with what was not purged of its contents.
Seen = Callable[[Entry, Sequence[Content]], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not hold: at which entry (0: none of them), and why.

    `entered_by` is the version of the program that an entry says it is of, where its contents, link and signature
    hold and only its kind may not come there: it was entered before there was that rule, or past the program.
    """

    number: int
    why: str
    entered_by: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: how many entries hold, from when to when, who signed, what was purged; the first fault."""

    entries: int
    first_at: str
    last_at: str
    head: str
    signed: int
    keys: int
    has_personal_keys: bool
    purged: int
    contents: int
    expected: Sequence[tuple[str, int]]
    fault: Fault | None

    @property
    def is_whole(self) -> bool:
        """Whether everything holds, the heads that were given among it."""
        return self.fault is None


def strict_json(text: str) -> Any:
    """JSON of which two programs cannot read two different things. Raises ValueError."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def verify(
    texts: Iterable[tuple[int, str]],
    contents_of: Callable[[Entry], Iterable[Content]],
    count_contents: Callable[[], int],
    expected: Sequence[str] = (),
    seen: Seen | None = None,
) -> Verified:
    """Holds the entries of a ledger against each other as they lie in it, each with its contents; then the heads.

    `texts` are the numbers under which entries lie, and their JSON; `contents_of` finds what was not purged of an
    entry; `count_contents` says after the last entry how many contents there are. Each of `expected` is the hash
    of an entry, or its first 16 digits or more. `seen` gets each entry that holds, in order.
    """
    order, signed, held = Order(Remembered()), 0, 0
    gone: dict[str, int] = {}
    purged: set[str] = set()
    first_at = last_at = ""
    heads = dict.fromkeys(expected, 0)
    fault: Fault | None = None
    for lies, text in texts:
        try:
            entry = _read(lies, text)
            contents = list(contents_of(entry))
            found = _held(entry, contents, purged, order)
            order.take(entry)
        except LedgerError as refused:
            fault = Fault(order.number + 1, refused.diagnostics[0].message, order.linked_by)
            break
        except (ValueError, TypeError, AttributeError, RecursionError):
            fault = Fault(order.number + 1, "it is not as entries are written")
            break
        if seen is not None:
            seen(entry, contents)
        first_at, last_at = first_at or entry.at, entry.at
        signed += bool(entry.signature)
        held += len(found)
        gone.update((c.digest, entry.number) for c in entry.contents if c.digest not in found)
        if entry.kind is Kind.PURGED:
            purged.update(entry.statement["contents"])
        for head in heads:
            if len(head) >= _SHORTEST_HEAD and order.head.startswith(head.lower()):
                heads[head] = entry.number
    return Verified(
        entries=order.number,
        first_at=first_at,
        last_at=last_at,
        head=order.head if order.number else "",
        signed=signed,
        keys=len(order.keys),
        has_personal_keys=order.has_personal_keys,
        purged=len(purged),
        contents=held,
        expected=tuple(heads.items()),
        fault=fault or next(_at_the_end(order.number, gone, purged, count_contents() - held, heads), None),
    )


def _read(lies: int, text: str) -> Entry:
    try:
        entry = entry_of(strict_json(text))
    except (ValueError, RecursionError):
        raise LedgerError("it is no JSON, or a key stands in it twice") from None
    if entry.number != lies:
        raise LedgerError("it lies under another number than its own")
    return entry


def _held(entry: Entry, contents: Iterable[Content], purged: set[str], order: Order) -> set[str]:
    """The digests of the contents that lie with an entry: each one that it committed to, and as it was then."""
    wanted, found = {c.digest for c in entry.contents}, set[str]()
    kinds = {c.digest: c.kind for c in entry.contents} if entry.kind is Kind.ROW else {}
    row: dict[str, bytes] = {}
    certificates = {c.digest for c in entry.contents if c.kind == CERTIFICATE and entry.kind in SCREENINGS}
    for digest, salt, data in contents:
        if digest not in wanted or digest in found:
            raise LedgerError("a content lies with it that it does not name, or twice")
        if not is_committed(digest, salt, data):
            raise LedgerError("a content that belongs to it was altered")
        found.add(digest)
        if digest in certificates and (why := unlike(entry, data)):
            raise LedgerError(why)
        if kinds:
            row[kinds[digest]] = data
    if entry.kind is Kind.ROW and (why := unproved(entry, row, order.run(next(iter(entry.refers), 0)))):
        raise LedgerError(why)
    if purged & found:
        raise LedgerError("a content of it was purged before it was entered")
    return found


def _at_the_end(
    entries: int, gone: dict[str, int], purged: set[str], strays: int, heads: dict[str, int]
) -> Iterator[Fault]:
    """What can be said only when everything was read."""
    if not entries:
        yield Fault(0, "it has no entries")
    for digest, number in gone.items():
        if digest not in purged:
            yield Fault(number, "a content that belongs to it is missing, and no entry says why")
    if purged - gone.keys():
        yield Fault(0, "a content is there, or never was, that an entry says was purged")
    if strays:
        yield Fault(0, "there are contents that belong to no entry")
    for head, number in heads.items():
        if not number:
            yield Fault(
                0, f"the head {head[:_SHORTEST_HEAD]} is not in it: it was cut off, rolled back or rewritten"
            )
