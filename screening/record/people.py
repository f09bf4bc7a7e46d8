"""Many people as one stream: each record that comes in is a subject, or is rejected with its reason.

INVARIANT: records in = subjects + rejected. A rejected record stops no other, and nobody is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from screening.errors import OutOfRange, RecordError, RuleError, UnsupportedError, told_fault
from screening.record.missing_code import bare
from screening.record.subject import Subject
from screening.values.frozen import dataclass

DUPLICATE, UNREADABLE, OFF_SCALE, NOBODY = "duplicate id", "unreadable", "off scale", "nobody's"
# What is of all records alike, and stops a run whoever's record was being read.
BEYOND_A_RECORD = (RuleError, UnsupportedError, OSError, MemoryError)
# Of a record at which this program itself failed: nothing is wrong with the record, as far as anybody knows.
DEFECT = "fault of this program"
# `1.30E+05`, as a spreadsheet shows a long number, and as it writes it into a CSV file.
SHORTENED = re.compile(r"[0-9](?:[.,]([0-9]+))?([eE])\+([0-9]+)\Z")
_OF_SIX_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no subject: where it stands, why, and whose it says it is, if it says so.

    `reason` is one sentence and holds no value of a person; of two records of one id the second is rejected, and
    `reason` names the place of the first. `kind` is what rejected records are counted by: `duplicate id`,
    `unreadable`, `off scale`, `nobody's`: entries of somebody whom the source does not hold, or
    `fault of this program`, which is ours and says nothing about the record.
    """

    place: str
    reason: str
    id: str = ""
    kind: str = UNREADABLE
    outside: tuple[str, ...] = ()
    """The requirements with a value outside their scale, of one that is `off scale`."""


People: TypeAlias = Iterator[Subject | Rejected]
"""Subjects and rejected records in a fixed order, that of the source: the same source, the same stream."""

MOST_TOLD = 3
_DIGITS = 15  # of a number as spreadsheets keep it
# What everybody is told beside whom a part of the source could not be read.
PARTIAL = "a part of the source cannot be read and may be of anybody, so no list is complete"


def refused(error: RecordError, place: str, id: str = "") -> Rejected:
    """A record that could not be read, with what was wrong with it; its place if the faults name none."""
    faults = error.diagnostics
    messages = list(dict.fromkeys(fault.message for fault in faults))
    told = messages[:MOST_TOLD]
    if len(messages) > MOST_TOLD:
        told.append(f"and {len(messages) - MOST_TOLD} more")
    first = str(faults[0].span) if faults else ""
    beyond = [fault for fault in faults if issubclass(fault.kind, OutOfRange)]
    # The message begins with the name of the requirement, between its first two marks.
    outside = tuple(dict.fromkeys(name for b in beyond if (name := (*b.message.split("`"), "")[1])))
    kind = OFF_SCALE if beyond and len(beyond) == len(faults) else UNREADABLE
    return Rejected(first or place, "; ".join(told), id, kind, outside)


def failed(fault: Exception, place: str, id: str = "") -> Rejected:
    """A record at which this program failed in a way that nobody foresaw; the reason says that it is ours."""
    return Rejected(place, f"a fault in this program, not in the record: {told_fault(fault)}", id, DEFECT)


def failures(rejected: Mapping[str, int]) -> int:
    """How many of rejected records, counted by kind, are rejected for a fault of this program alone."""
    return rejected.get(DEFECT, 0)


def duplicate(place: str, first: str, id: str) -> Rejected:
    """A second record of one id, with the place of the first."""
    return Rejected(place, f"the id stands in {first} already", id, DUPLICATE)


def of_nobody(place: str, number: int, where: str, id: str, is_alike: bool = False, help: str = "") -> Rejected:
    """So many rows of somebody whom the table of people does not hold, or not by an id that is written so.

    `help` is what to do about an id that differs only in how it is written.
    """
    several = "1 row is" if number == 1 else f"{number} rows are"
    other = f", where an id differs from it only in how it is written{help}" if is_alike else ""
    return Rejected(place, f"{several} of somebody who is not in {where}{other}", id, NOBODY)


def alike(id: str) -> str:
    """What an id has in common with the same one as another program writes it.

    >>> alike("42.0"), alike("0042"), alike("1e+05"), alike("P-7"), alike("4.2")
    ('42', '42', '100000', 'p-7', '4.2')
    """
    text = unicodedata.normalize("NFKC", id).casefold().strip()
    return bare(text.removesuffix(".")).lstrip("0")


def rounded(id: str) -> str:
    """What a spreadsheet keeps of an id as `alike` gives it: of a number of more than 15 digits the first 15.

    >>> rounded("1234567890123456789"), rounded("123456789012345"), rounded("p-7")
    ('1234567890123450000', '123456789012345', 'p-7')
    """
    return id[:_DIGITS].ljust(len(id), "0") if len(id) > _DIGITS and id.isdecimal() else id


def is_number(id: str) -> bool:
    """Whether an id may be what a spreadsheet made of another one: a whole number without zeros before it."""
    return id.isdecimal() and numbered(id) == id


def numbered(id: str) -> str:
    """An id that is a whole number with the digits that it needs; any other as it is.

    >>> numbered("42.0"), numbered("0042"), numbered("1e+05"), numbered("P-7")
    ('42', '42', '100000', 'P-7')
    """
    text = bare(id)
    return text.lstrip("0") or "0" if text.isdecimal() else id


def is_shortened(id: str) -> bool:
    """Whether an id is a number of which a program leaves digits out, so that many have the same one.

    A spreadsheet does, and what writes six digits and no more, as C does with `%g`. R writes all that there are.

    >>> is_shortened("1.30E+05"), is_shortened("1.23457e+09"), is_shortened("1.2345678e+07"), is_shortened("1e+05")
    (True, True, False, False)
    """
    found = SHORTENED.match(id)
    if found is None:
        return False
    return found[2] == "E" or _OF_SIX_DIGITS <= len(found[1] or "") < int(found[3])
