"""What nobody can answer: every answer to it would contradict what is recorded.

Where no ECG is on file, any QT interval is one on file after all. Such an item is open by the law, and asking for
it would be asking for a contradiction: what is recorded has to be recorded anew first, and that is said.
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
from screening.outcome.decisive import Anew
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
        bearing = [item for item in gaps.bearing_on(node) if _is_plain(gaps, item)]
        if bearing and not _is_dated(gaps, node):
            yield from (item for item in bearing if _is_out(gaps, node, item))


def _is_plain(gaps: Gaps, item: str) -> bool:
    """Whether nothing is taken of a new number but its value or its day: not which others there are."""
    declared = gaps.reading.requirements[item]
    if declared.type.name not in NUMBERS or declared.take.startswith("age") or gaps.seen.evidence.get(item):
        return False
    takers = gaps.reading.takers.get(item, ())
    return all(isinstance(taker, e.Select | e.DateOf) for taker in takers)


def _is_dated(gaps: Gaps, node: AnyNode) -> bool:
    """Whether a day is asked of anything that is measured."""
    names = gaps.reading.cone(node)
    return any(isinstance(p, e.DateOf) for p in every(node)) or any(
        isinstance(part, e.DateOf) for name in names for part in gaps.reading.nodes(name)
    )


def anew(gaps: Gaps) -> tuple[Anew, ...]:
    """What has to be recorded anew before items that nobody can answer can be answered, in the order of the rules.

    Shown by the law: were the fact not recorded, the item would contradict nothing.
    """
    whole, seen = gaps.whole, gaps.seen
    left_out = [item for item in whole.missing() if item not in gaps.missing()]
    found: dict[str, list[str]] = {}
    for item in left_out:
        nodes = [n for n in whole.reading.agreeing if item in whole.bearing_on(n) and _is_out(whole, n, item)]
        read = frozenset[str]().union(*map(whole.reading.read_by, nodes)) - {item}
        for name in read:
            if (seen.evidence.get(name) or seen.absences.get(name)) and not any(
                _is_out(whole, node, item, name) for node in nodes
            ):
                found.setdefault(name, []).append(item)
    order = [r.name for r in whole.reading.library.requirements if r.name in found]
    return tuple(Anew(name, tuple(found[name])) for name in order)


def _is_out(gaps: Gaps, node: AnyNode, item: str, without: str = "") -> bool:
    """Whether all that a number may be contradicts what is recorded; or would `without` one fact of that."""
    declared, day = gaps.reading.requirements[item], exactly(last_open_day(gaps, item))
    within = usable(declared)
    several = declared.readings > 1
    rows = (
        Evidence(f"{item}?{n}", item, within, day, clock=f"12:{n:02d}" if several else "", origin="supposed")
        for n in range(declared.readings)
    )
    nothing = (Completion(without, "", ()),) if without else ()
    return not is_open(within) and gaps.tried(node, (Completion(item, "", tuple(rows)), *nothing))[1]
