"""What an analysis of a library says: a finding, how sure it is, and the person that shows it."""

from __future__ import annotations

from screening.errors import NOWHERE, Span
from screening.record.subject import Subject
from screening.values.frozen import dataclass

# How sure a finding is. The first two are proofs; the third has a person who shows it; the last is none of them.
EVERY_RECORD = "of every record"
MADE_UP = "of people with few entries, exact days and full or empty lists"
SHOWN = "shown by a person"
NOT_DECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the author of a rule file should know.

    `kind` names the question, `about` the criteria or definitions; `sure` is one of the words above. `subject` is a
    person of whom the law says what `text` says; `seconds` of processor time it took. `is_fault` tells a finding
    that has to be mended or justified from one that merely is said (a proof that all is well).
    """

    kind: str
    about: tuple[str, ...]
    text: str
    sure: str
    is_fault: bool = True
    subject: Subject | None = None
    place: Span = NOWHERE
    seconds: float = 0.0
    justified: str = ""
