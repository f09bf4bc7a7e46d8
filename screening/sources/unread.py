"""Records of a source one by one, before they are read: what can be told of them cheaply, and who reads them.

A source is walked once by its door; each record that it finds may then be read anywhere, in any order, by a door
that was opened alike. What a record says rests on nothing but itself, the rules and the site, so that one that has
not changed need not be read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from screening.errors import DefectError
from screening.record.people import BEYOND_A_RECORD, DEFECT, People, Rejected, duplicate, failed
from screening.record.subject import Subject
from screening.sources.index import Index

_PIECE = 1 << 20

Read: TypeAlias = Iterator[tuple[Subject | Rejected, str]]
"""What a record turns out to be, one person or several, each with its place."""


class Unread(NamedTuple):
    """One record: what it is called whatever stands beside it, its place, and all that its reading rests on.

    `body` is plain data; a record that is a file of its own is named by `path` and read when it is its turn.
    """

    name: str
    place: str
    body: Any = None
    path: str = ""

    def stamp(self) -> tuple[str, int]:
        """A digest of everything that its reading rests on, and its size in bytes; a file's content is in it."""
        text = json.dumps([self.name, self.place, self.body], default=_written).encode()
        found, size = hashlib.sha256(text), len(text)
        if self.path:
            try:
                with Path(self.path).open("rb") as file:
                    while piece := file.read(_PIECE):
                        found.update(piece)
                        size += len(piece)
            except OSError as wrong:
                found.update(f"not read: {wrong.errno}".encode())
        return found.hexdigest(), size


def _written(value: Any) -> str:
    """What is no plain data in a record: a number as it is written there."""
    return f"number {value.text}"


class Door(Protocol):
    """A source opened for one library; `is_once` says that of two records of one id the second is no person."""

    is_once: bool

    def unread(self) -> Iterator[Unread | Rejected]:
        """Every record in the order of the source, and what is none; bounded memory whatever the size."""
        ...

    def read(self, record: Unread) -> Read:
        """The people of one record; as many, whichever library asks. Raises nothing for what is wrong with it."""
        ...


def people_through(door: Door) -> People:
    """Everybody of a source, read one after the other."""
    stream = _everything(door)
    return _once(stream) if door.is_once else (one for one, _ in stream)


def _everything(door: Door) -> Read:
    for record in door.unread():
        if isinstance(record, Rejected):
            yield record, record.place
        else:
            yield from people_in(door, record)


def people_in(door: Door, record: Unread) -> Read:
    """The people of one record. Where this program fails at it, that is said of it, and no other record is lost.

    A disk or memory that is full and wrong rules are of all records, and are raised.
    """
    try:
        yield from door.read(record)
    except BEYOND_A_RECORD:
        raise
    except Exception as fault:
        # Where people are told apart before they are read, a record is named by the id of its person.
        yield failed(fault, record.place, "" if door.is_once else record.name), record.place


def in_layers(doors: Sequence[Door], record: Unread) -> Iterator[list[tuple[Subject | Rejected, str]]]:
    """The people of one record, each as every door reads them.

    A door at which this program failed ends before the others: nobody after that is a person.
    """
    failure = None
    for found in zip_longest(*(people_in(door, record) for door in doors)):
        read = [one for one in found if one is not None]
        failure = next((one for one in read if isinstance(one[0], Rejected) and one[0].kind == DEFECT), failure)
        if len(read) == len(doors):
            yield read
        elif failure is None:
            raise DefectError("two readings of one record hold other people; nothing was written")
        else:
            yield [failure] * len(doors)


def _once(stream: Read) -> People:
    with Index() as index:
        for one, place in stream:
            # INVARIANT: an id that stood in a record that could not be read is taken as well: of two records
            # nobody knows which is right.
            first = index.add_person(one.id, place) if one.id else ""
            yield duplicate(place, first, one.id) if first and isinstance(one, Subject) else one
