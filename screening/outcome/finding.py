"""What an analysis of rules says: a finding, how sure it is, who shows it; and what two editions change."""

from __future__ import annotations

import datetime

from screening.errors import NOWHERE, Span
from screening.record.subject import Subject
from screening.values.frozen import dataclass

# How sure a finding is. The first two are proofs; the third has a person who shows it; the last is none of them.
EVERY_RECORD = "of every record"
MADE_UP = "of people with few entries, exact days, one code of each thing, and full or empty lists"
SHOWN = "shown by a person"
NOT_DECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the author of a rule file should know.

    `kind` names the question, `about` the criteria or definitions; `sure` is one of the words above. `subject` is
    a person whom the law was asked of, and `shown` what it says of that person; `place` is where the finding is
    about, `beside` where the other of two is. `is_fault` tells a finding that has to be mended from one that
    merely is said (a proof that all is well). `justified` is why the rule file says that it is meant.
    """

    kind: str
    about: tuple[str, ...]
    text: str
    sure: str
    is_fault: bool = True
    subject: Subject | None = None
    place: Span = NOWHERE
    beside: Span = NOWHERE
    shown: str = ""
    justified: str = ""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One direction in which an edition differs: a criterion, or the verdict, of one person before and after.

    `told` are definitions with what they are worth for the person, `old` and `new` what the law says; `as_of` is
    the day of it, if another than that of the comparison.
    """

    direction: str
    old: str
    new: str
    subject: Subject
    told: tuple[tuple[str, str], ...] = ()
    as_of: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a criterion, or of the verdict: `state` is equivalent, tightened, loosened or both; renamed,
    added or removed; weighed otherwise in the verdict; or not decided. `sure` is as in a finding.

    `undecided` are the directions of which it is not known whether anybody changes that way. `inputs` are those
    below for which the editions take one record otherwise: of who has them nothing is said.
    """

    about: str
    state: str
    sure: str
    shown: tuple[Otherwise, ...] = ()
    was: str = ""
    inputs: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Editions:
    """Everything in which two editions differ, the version step that it asks for, and the one that was made."""

    old: str
    new: str
    criteria: tuple[Changed, ...]
    verdict: Changed
    asked: str
    made: str
    why: str
    as_of: datetime.date

    @property
    def is_told(self) -> bool:
        """Whether the versions say at least what changed."""
        steps = ("none", "patch", "minor", "major")
        return steps.index(self.made) >= steps.index(self.asked)
