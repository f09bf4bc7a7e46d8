"""What is noted of an export while it is read in columns: its blocks, lines looked at one by one, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

# Why somebody is read one by one; of several reasons the first counts.
TWICE = "two Patients of one id"
UNPLAIN = "a line whose form is not understood"
UNPLANNED = "a line of which it is not plain what it gives"
ASKING = "answers to a questionnaire that is beside them"
AGAIN = "two entries of one id, or that deny the same"


class Keeping(Protocol):
    """Where finished parts of a run are kept, each under the digest of all that it was made of."""

    def has(self, key: str) -> bool: ...
    def keep(self, key: str, data: bytes) -> None: ...
    def read(self, key: str) -> bytes: ...


class Counted(NamedTuple):
    """How many of the records rest on text that was read this time, and how many do not."""

    read: int
    kept: int


class Kept(NamedTuple):
    """A block that is kept: where its lines are numbered from, and where its templates stand among all."""

    key: str
    base: int
    templates: Sequence[Sequence[int]]
    absent: Sequence[Sequence[int]]
    sets: Sequence[Sequence[int]]
    is_new: bool


class Noted:
    """Stands for the index while lines are looked at for the first time: whose they are, and nothing of them."""

    def __init__(self) -> None:
        self.number, self.is_new = 0, True
        self.people: list[tuple[int, str, bool]] = []
        self.entries: list[tuple[int, str, str, bool]] = []
        self.targets: list[int] = []

    def add_person(self, id: str, place: str, body: str = "") -> str:
        self.people.append((self.number, id, self.is_new))
        return ""

    def add(self, person: str, part: str, place: str, body: str) -> None:
        self.entries.append((self.number, person, part, self.is_new))

    def add_target(self, key: str, place: str, body: str) -> None:
        self.targets.append(self.number)
