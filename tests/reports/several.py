"""One person against the made-up protocols of `made/`, for the tests of comparisons."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from screening import matching, screen
from screening.reports.account import Account

RULES = Path(__file__).parent / "made"
AS_OF = datetime.date(2026, 11, 22)


def person(**items: str) -> bytes:
    """A profile with these items, each of two days before; `_` stands for a blank."""
    lines = (f"  {name.replace('_', ' ')}: {{value: {value}, date: 2026-11-20}}" for name, value in items.items())
    return "\n".join(("subject: SYN-1", "synthetic: true", "evidence:", *lines, "")).encode()


def accounts(record: bytes, shelf: matching.Shelf, folders: Sequence[Path] = (RULES,)) -> list[Account]:
    """The person screened against each of the libraries."""
    every = matching.shelf(folders)
    found = []
    for library in shelf.libraries:
        subject = screen.read_record(record, library, "person.yaml", beside=every.names)
        found.append(screen.account(screen.screen(library, subject, AS_OF, retired=True)))
    return found


def editions(record: bytes, family: str = "aches") -> list[Account]:
    return accounts(record, matching.editions(matching.shelf([RULES]), family))


def protocols(record: bytes, retired: bool = False) -> list[Account]:
    return accounts(record, matching.protocols(matching.shelf([RULES]), retired))
