"""Many people as one stream: each record that comes in is a subject, or is rejected with its reason.

INVARIANT: records in = subjects + rejected. A rejected record stops no other, and nobody is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from screening.record.subject import Subject
from screening.values.frozen import dataclass

DUPLICATE, UNREADABLE, OFF_SCALE, NOBODY = "duplicate id", "unreadable", "off scale", "nobody's"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is no subject: where it stands, why, and whose it says it is, if it says so.

    `reason` is one sentence and holds no value of a person; of two records of one id the second is rejected, and
    `reason` names the place of the first. `kind` is what rejected records are counted by: `duplicate id`,
    `unreadable`, `off scale`, or `nobody's`: entries of somebody whom the source does not hold.
    """

    place: str
    reason: str
    id: str = ""
    kind: str = UNREADABLE


People: TypeAlias = Iterator[Subject | Rejected]
"""Subjects and rejected records in a fixed order, that of the source: the same source, the same stream."""
