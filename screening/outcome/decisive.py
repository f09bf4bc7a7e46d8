"""Which missing items could settle an open verdict, and as what. Nothing is evaluated here."""

from __future__ import annotations

from screening.outcome.completion import Completion
from screening.outcome.determination import Verdict
from screening.outcome.question import Question
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Settling:
    """Missing items with answers by which the verdict is settled, all else left unknown; tried by the law."""

    items: tuple[str, ...]
    answers: tuple[Completion, ...]


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest sets of missing items that can settle one verdict, no set inside another.

    `least` is how many items the least of them holds, None if nothing can settle it; `number` how many sets there
    are, of which `sets` lists the least ones. `always` are items that every one of them holds. `is_exact` says
    that no further set was left out because answers had to be sampled; `floor` how many answers it takes at least,
    also where no set was found.
    """

    verdict: Verdict
    least: int | None
    number: int
    sets: tuple[Settling, ...]
    always: tuple[str, ...]
    is_exact: bool
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Despite:
    """A criterion that the law leaves open and every answer decides alike, with what is known of those answers.

    `criterion` is "" where every answer leads to one verdict; `truth` is then its name. `domain` says it of each
    item: `any number`, `0 to 3 by its scale`, `yes or no`.
    """

    criterion: str
    truth: str
    domain: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Anew:
    """A recorded fact that every answer to some missing items would contradict.

    They can be answered once it is recorded anew: where no ECG is on file, no interval is before one is.
    """

    requirement: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """The first lines of it, read off without trying every answer.

    `missing` is how many items open criteria wait for; `least` how many of them ELIGIBLE needs at least, None if
    no answer can make it ELIGIBLE any more; `bars` an item of which one answer alone settles INELIGIBLE ("" if
    none was found at first sight), and `obtain` how that item is obtained. `anew` has to be recorded anew before
    all of them can be answered.
    """

    missing: int
    least: int | None
    bars: str = ""
    obtain: str = ""
    anew: tuple[Anew, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisive:
    """What the missing items of one person could make of the verdict.

    `verdict` is the law's, and stays so. `missing` are the items that open criteria wait for, `matter` those whose
    answer can still change the verdict, `questions` the same, the one to ask first at the front. `sampled` are
    items of which not every answer, or not every combination of answers, could be listed. `despite` are criteria
    that every answer decides alike though the law leaves them open. `anew` has to be recorded anew before
    items that are left out here can be answered.
    """

    verdict: Verdict
    missing: tuple[str, ...]
    matter: tuple[str, ...]
    smallest: tuple[Smallest, ...]
    questions: tuple[Question, ...]
    sampled: tuple[str, ...]
    despite: tuple[Despite, ...] = ()
    anew: tuple[Anew, ...] = ()

    def of(self, verdict: Verdict) -> Smallest:
        """The smallest sets for one verdict; KeyError if none were asked for."""
        for found in self.smallest:
            if found.verdict is verdict:
                return found
        raise KeyError(verdict)
