"""The first lines of what could settle an open verdict: read off the open nodes, almost nothing tried."""

from __future__ import annotations

from decimal import Decimal

from screening.guidance.completions import answers
from screening.guidance.gaps import Gaps
from screening.guidance.parts import grouped
from screening.language.library import Criterion
from screening.outcome.decisive import Ahead
from screening.outcome.determination import is_bar
from screening.outcome.question import BURDENS
from screening.values.truth import TRUE

_MOST_TRIED = 6


def ahead(gaps: Gaps) -> Ahead:
    """How much is missing, how much of it ELIGIBLE needs at least, and one item that alone can settle INELIGIBLE."""
    never = gaps.values["review"] is TRUE or gaps.is_stuck(relative=True)
    # Criteria that share no missing item need an answer each.
    apart = grouped(((id,), gaps.waits_of(id)) for id in gaps.open_criteria())
    bars = _barring(gaps)
    obtain = gaps.reading.requirements[bars].obtain if bars else ""
    return Ahead(len(gaps.missing()), None if never else len(apart), bars, obtain)


def _barring(gaps: Gaps) -> str:
    """An item, the least burdensome first, with one answer to which the law says of a criterion that it bars; or ""."""

    def burden(criterion: Criterion) -> Decimal:
        return max(BURDENS[gaps.reading.requirements[item].obtain] for item in gaps.waits_of(criterion.id))

    absolute = [c for c in gaps.reading.library.criteria if c.strength == "absolute"]
    single = [c for c in absolute if len(gaps.waits_of(c.id)) == 1]
    for criterion in sorted(single, key=burden)[:_MOST_TRIED]:
        item = next(iter(gaps.waits_of(criterion.id)))
        for answer in answers(gaps, item).answers:
            truth, contradicts = gaps.tried(criterion.expression, (answer,))
            if not contradicts and is_bar(criterion, truth):
                return item
    return ""
