"""The first lines of what could settle an open verdict: read off the open nodes, almost nothing tried."""

from __future__ import annotations

from decimal import Decimal

from screening.guidance.answerable import anew, answerable
from screening.guidance.gaps import Gaps, grouped
from screening.guidance.reading import Reading
from screening.language.library import Criterion, Library
from screening.outcome.completion import Completion
from screening.outcome.decisive import Ahead
from screening.outcome.determination import is_bar
from screening.outcome.question import BURDENS
from screening.outcome.trace import Trace
from screening.record.subject import Evidence, Subject
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE

_MOST_TRIED = 8


def ahead(gaps: Gaps) -> Ahead:
    """How much is missing, how much of it ELIGIBLE needs at least, and one item that alone can bar."""
    never = gaps.stays_contradicted() or gaps.is_stuck(relative=True)
    # Criteria that share no missing item need an answer each.
    apart = grouped(((id,), gaps.waits_of(id)) for id in gaps.open_criteria())
    bars = _barring(gaps)
    obtain = gaps.reading.requirements[bars].obtain if bars else ""
    return Ahead(len(gaps.missing()), None if never else len(apart), bars, obtain, anew(answerable(gaps)))


def read_off(library: Library, subject: Subject, trace: Trace) -> Ahead:
    """The first lines for one person, as of the day of the trace."""
    return ahead(Gaps(Reading(library), subject, trace.as_of, trace))


def _barring(gaps: Gaps) -> str:
    """The least burdensome question of yes or no with an answer to which a criterion bars; "" if none is.

    Looked for among criteria that wait for one such question and nothing else; the law says what the answer makes.
    """

    def burden(criterion: Criterion) -> Decimal:
        return BURDENS.get(gaps.reading.requirements[_item(gaps, criterion)].obtain, BURDENS["arrange"])

    single = [c for c in gaps.reading.library.criteria if c.strength == "absolute" and _item(gaps, c)]
    for criterion in sorted(single, key=burden)[:_MOST_TRIED]:
        item = _item(gaps, criterion)
        for truth in (TRUE, FALSE):
            row = Evidence(f"{item}?", item, truth, exactly(gaps.as_of), origin="supposed")
            found, contradicts = gaps.tried(criterion.expression, (Completion(item, "", (row,)),))
            if not contradicts and is_bar(criterion, found):
                return item
    return ""


def _item(gaps: Gaps, criterion: Criterion) -> str:
    """The one unanswered question of yes or no that a criterion waits for; "" if it waits for another item."""
    waits = gaps.waits_of(criterion.id)
    if len(waits) != 1:
        return ""
    item = next(iter(waits))
    declared = gaps.reading.requirements[item]
    is_asked = declared.type.name == "Boolean" and declared.readings == 1 and item in gaps.reading.expressions
    # An entry of a list says that a thing is there, whatever its value: it is no answer "no".
    return item if is_asked and not gaps.seen.evidence.get(item) and not gaps.seen.complete.get(item) else ""
