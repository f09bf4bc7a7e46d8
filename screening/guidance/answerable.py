"""What nobody can answer: every answer to it would contradict what is recorded.

Where no ECG is on file, any QT interval is one on file after all. Such an item is open by the law, and asking for
it would be asking for a contradiction: what is recorded has to be corrected first.
"""

from __future__ import annotations

from collections.abc import Iterator

from screening.guidance.completion_value import usable
from screening.guidance.gaps import Gaps
from screening.guidance.reading import every
from screening.guidance.refining import last_open_day
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.types import NUMBERS
from screening.outcome.completion import Completion
from screening.record.subject import Evidence
from screening.values.bounds import exactly, is_open


def answerable(gaps: Gaps) -> Gaps:
    """The gaps of a person without the numbers of which every usable one contradicts what is recorded.

    Shown by the law with everything that the number may be, at once: what that contradicts, each of it does. Of
    other types every answer is listed, so that it is seen there.
    """
    found = frozenset(_contradicting(gaps))
    return gaps.without(found) if found else gaps


def _contradicting(gaps: Gaps) -> Iterator[str]:
    for node in gaps.reading.agreeing:
        # Where a measurement is not known yet, some answer agrees with it.
        if node.place not in gaps.steps or node.place in gaps.conflicts or is_open(gaps.value(node)):
            continue
        yield from (
            item for item in gaps.bearing_on(node) if _is_plain(gaps, node, item) and _is_out(gaps, node, item)
        )


def _is_plain(gaps: Gaps, node: AnyNode, item: str) -> bool:
    """Whether only the value of a new number is asked: not its day, not which others there are."""
    declared = gaps.reading.requirements[item]
    if declared.type.name not in NUMBERS or declared.take.startswith("age") or gaps.seen.evidence.get(item):
        return False
    below = [node, *(gaps.reading.expressions[name] for name in gaps.reading.cone(node))]
    dated = any(isinstance(part, e.DateOf) for each in below for part in every(each))
    takers = gaps.reading.takers.get(item, ())
    return not dated and all(isinstance(taker, e.Select | e.DateOf) for taker in takers)


def _is_out(gaps: Gaps, node: AnyNode, item: str) -> bool:
    declared, day = gaps.reading.requirements[item], exactly(last_open_day(gaps, item))
    within = usable(declared)
    several = declared.readings > 1
    rows = (
        Evidence(f"{item}?{n}", item, within, day, clock=f"12:{n:02d}" if several else "", origin="supposed")
        for n in range(declared.readings)
    )
    return not is_open(within) and gaps.tried(node, (Completion(item, "", tuple(rows)),))[1]
