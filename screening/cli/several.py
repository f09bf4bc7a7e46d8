"""One record against several protocols: each is screened for itself, and one that cannot be stops no other."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Collection
from typing import Any, NamedTuple

from screening.cli import options
from screening.errors import DefectError, RecordError, UnreadableRecord


class Several(NamedTuple):
    """What came of each protocol: accounts where it was screened, why not where it was not, and the status."""

    accounts: list[Any]
    failed: list[tuple[str, str]]
    status: int


def screen_each(
    record: str,
    shelf: Any,
    beside: Collection[str],
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    subject: str,
    retired: bool,
) -> Several:
    """Screens the person of a record against each library of a shelf.

    A record that does not fit one of them is told on standard error at its place, once. Raises RecordError
    where it fits none.
    """
    from screening import screen

    data, name = options.read_input(record)
    day, declared = as_of or options.today(), options.read_site(site)
    accounts: list[Any] = []
    failed: list[tuple[str, str]] = []
    refusals: dict[str, RecordError] = {}
    status = options.DONE
    for library in shelf.libraries:
        library = screen.load_protocol(library.name, rules, declared) if declared is not None else library
        try:
            person = screen.read_record(data, library, name, declared, subject, beside)
            if subject and person.id != subject:
                raise UnreadableRecord(
                    f"`{options.printable(name)}` holds no person `{options.printable(subject)}`"
                )
            accounts.append(screen.account(screen.screen(library, person, day, declared, retired)))
        except RecordError as wrong:
            refusals.setdefault(str(wrong), wrong)
            failed.append((library.name, "not screened: the record does not fit it; screening validate"))
            status = status or options.WRONG
        except DefectError:
            failed.append((library.name, "NOT SCREENED: a fault in this program; screening check says where"))
            status = options.FAULT
    if not accounts and refusals:
        raise next(iter(refusals.values()))
    for refusal in refusals.values():
        options.put_fault(refusal)
    if not accounts:
        options.put(
            "".join(f"{name}: {why}\n" for name, why in failed) or "no protocol to screen against\n", sys.stderr
        )
    return Several(accounts, failed, status)
