"""Which questions stand together on one screen of an interview, and in which order the screens come.

What is obtained in one way is one block. Within a block, questions of yes or no fill screens in the order of the
rule files, values fill others, and each list has its own; a form that fits on a screen is not divided, and what
measures one thing twice never stands on one screen. The number of screens for what is left is the least that this
order allows, so it never grows while answers are only added.

First comes what is cheap to obtain and tells much: who somebody is, then block after block by its burden.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from screening.guidance.alternatives import Alternatives
from screening.guidance.answerable import anew
from screening.guidance.optimum import SETTLED
from screening.guidance.questions import Questions
from screening.language.library import DataRequirement, Library
from screening.outcome.decisive import Anew
from screening.outcome.interview import Page, Shape
from screening.outcome.question import BURDENS
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.values.frozen import dataclass

BLOCKS = ("ask", "chart", "questionnaire", "examine", "blood", "ECG", "arrange", "judge")
TRUTHS = ("Boolean", "Judgement")
# What says who somebody is, beside the anchors of a protocol.
WHO = ("birth date", "gender", "death")
SHAPES: tuple[Shape, ...] = ("yes or no", "mixed", "values", "list")

# A screen of 80 columns has two columns of cells; a cell that is longer takes two rows of its column.
CELL = 34
ROOM = 30
SMALL = 14


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Questions that stand together: those of one file, unless they fill more than a screen."""

    asked: tuple[DataRequirement, ...]
    room: int


class Pages:
    """How the questions of a library are put on screens; what each takes is settled once.

    `declared` says that their ranking rests on burdens or frequencies that a site declares.
    """

    def __init__(self, library: Library, declared: bool = False) -> None:
        self.library, self.declared = library, declared
        self.order = {r.name: place for place, r in enumerate(library.requirements)}
        self.alerting = frozenset(
            name for c in library.criteria if c.alert is not None for name in c.alert.requirements
        )
        self.alternatives = Alternatives(library)
        known = [r for r in library.requirements if r.obtain == "chart" and _is_who(r, library)]
        # One such question alone is not worth a screen.
        self.who = frozenset(r.name for r in known) if len(known) > 1 else frozenset()
        # INVARIANT: whether a file's questions may be divided does not depend on what is left of them.
        self.divided = {
            key
            for key, asked in groupby(sorted(library.requirements, key=_form_of), _form_of)
            if sum(map(_room, asked)) > ROOM
        }

    def pages(self, names: Collection[str], ranking: Sequence[str] = ()) -> tuple[Page, ...]:
        """Everything that is left as screens, in the order in which they are asked.

        `ranking` names questions, best first; a screen is as good as its best one. It orders the screens of one
        burden; a form that alerts comes before what this person is asked. Of a site's own it orders everything,
        after what alerts.
        """
        left = [r for r in self.library.requirements if r.name in names]
        ranks = {name: place for place, name in enumerate(ranking)}
        made = [page for block in BLOCKS for page in self._groups(block, [r for r in left if r.obtain == block])]

        def key(page: Page) -> tuple[bool, Decimal, bool, int, int, int]:
            best = min(ranks.get(name, len(ranks)) for name in page.names)
            alerts = bool(self.alerting.intersection(page.names))
            # A yes or no opens or closes what is asked of values and lists; a clinician judges last.
            shape = SHAPES.index("list" if page.obtain in ("ECG", "judge") else page.shape)
            place = best, shape, BLOCKS.index(page.obtain)
            if self.declared:
                return False, Decimal(0), not alerts, *place
            burden = BURDENS["ask" if alerts and page.obtain == "questionnaire" else page.obtain]
            return not self.who.issuperset(page.names), burden, not alerts, *place

        return tuple(sorted(made, key=key))

    def now(self, pages: Sequence[Page], trace: Trace) -> Page | None:
        """The first of these screens that does not ask another way what is still to be asked in one."""
        asked = self.alternatives.asked(trace, {name for page in pages for name in page.names})
        return next((page for page in pages if asked.issuperset(page.names)), next(iter(pages), None))

    def _groups(self, block: str, asked: Sequence[DataRequirement]) -> Iterator[Page]:
        """The screens of a block: who somebody is, what is asked at once, then what is asked in its stead."""
        tiers = self.alternatives.tiers

        def group(requirement: DataRequirement) -> tuple[bool, int]:
            return requirement.name not in self.who, tiers.get(requirement.name, 0)

        for _, together in groupby(sorted(asked, key=group), group):
            yield from self._block(block, tuple(together))

    def _block(self, block: str, asked: Sequence[DataRequirement]) -> Iterator[Page]:
        yes = [r for r in asked if r.type.name in TRUTHS]
        values = [r for r in asked if r.type.name not in (*TRUTHS, "Records")]
        if yes and values and sum(map(_room, (*yes, *values))) <= SMALL:
            yield Page(block, "mixed", (*yes, *values))
        else:
            shapes: tuple[tuple[Shape, list[DataRequirement]], ...] = (("yes or no", yes), ("values", values))
            for shape, of_shape in shapes:
                for screen in self._screens(of_shape):
                    yield Page(block, shape, screen)
        for each in asked:
            if each.type.name == "Records":
                yield Page(block, "list", (each,))

    def _screens(self, asked: Iterable[DataRequirement]) -> Iterator[tuple[DataRequirement, ...]]:
        """Clusters in their order, as many on a screen as it holds."""
        screen: list[DataRequirement] = []
        taken = 0
        for cluster in self._clusters(asked):
            if screen and taken + cluster.room > ROOM:
                yield tuple(screen)
                screen, taken = [], 0
            screen += cluster.asked
            taken += cluster.room
        if screen:
            yield tuple(screen)

    def _clusters(self, asked: Iterable[DataRequirement]) -> Iterator[_Cluster]:
        for form, group in groupby(asked, _form_of):
            together = tuple(group)
            if form in self.divided:
                yield from (_Cluster((each,), _room(each)) for each in together)
            else:
                yield _Cluster(together, sum(map(_room, together)))


def _is_who(requirement: DataRequirement, library: Library) -> bool:
    return requirement.kind in WHO or requirement.name in library.anchors


def _form_of(requirement: DataRequirement) -> tuple[str, str, bool]:
    """The file that declares a question, how it is obtained, and whether it is one of yes or no."""
    return requirement.span.file, requirement.obtain, requirement.type.name in TRUTHS


def _room(requirement: DataRequirement) -> int:
    """How many cells of a screen a question takes."""
    label = len(requirement.label or requirement.name) + len(requirement.type.unit)
    answers = sum(len(value) + len((*words, "")[0]) + 3 for value, words in requirement.answers)
    return 1 + (label > CELL) + (answers > CELL) + answers // (2 * CELL)


class Left:
    """What is left to ask of one person: what can still change the verdict, made ready once for an interview."""

    def __init__(
        self,
        library: Library,
        burdens: Mapping[str, Decimal] | None = None,
        chances: Mapping[str, Decimal] | None = None,
    ) -> None:
        self.library = library
        self.questions = Questions(library)
        self.burdens, self.chances = burdens or BURDENS, chances or {}
        self.alternatives = Alternatives(library)
        self.kinds = {r.name: (r.obtain, r.type.name in TRUTHS) for r in library.requirements}
        # What the person last ranked has to have recorded anew before everything can be answered.
        self.anew: tuple[Anew, ...] = ()

    def ranked(self, subject: Subject, as_of: datetime.date, trace: Trace) -> tuple[str, ...]:
        """What matters, the best to ask at the front; an open anchor stands on a screen that is asked anyway.

        No answer to anything else can change the verdict, but for another way to what is answered already. An
        anchor changes what is said of charts beside it. What keeps others from being answered is asked anew.
        """
        person = self.questions.person(subject, as_of, trace)
        ranking = person.ranked(self.burdens, self.chances)
        open_ways = self.alternatives.asked(trace)
        names = [question.requirement for question in ranking if question.requirement in open_ways]
        kinds = {self.kinds[name] for name in names}
        beside = [a for a in self.library.anchors if self.kinds.get(a) in kinds and self._is_open(a, subject)]
        self.anew = anew(person.gaps) if person.verdict not in SETTLED else ()
        # What was recorded on an earlier day may be otherwise by now.
        again = [one.requirement for one in self.anew if _is_earlier(subject, one.requirement, as_of)]
        return tuple(dict.fromkeys([*names, *beside, *again]))

    def _is_open(self, name: str, subject: Subject) -> bool:
        return not subject.evidence.get(name) and not subject.absences.get(name)


def _is_earlier(subject: Subject, name: str, as_of: datetime.date) -> bool:
    """Whether everything recorded of a requirement is surely of a day before this one."""
    days = [row.when.high for row in subject.evidence.get(name, ())]
    days += [absence.when.high for absence in subject.absences.get(name, ())]
    return all(isinstance(day, datetime.date) and _is_before(day, as_of) for day in days)


def _is_before(moment: datetime.date, as_of: datetime.date) -> bool:
    return (moment.date() if isinstance(moment, datetime.datetime) else moment) < as_of
