"""The smallest sets of missing items that could settle an open verdict, for each verdict that is still possible.

A set can settle a verdict if there are answers to its items with which, all else left unknown, the law says that
verdict. The sets of the whole are put together from the parts that share no items: one part suffices to speak
against somebody, every part has to be cleared for ELIGIBLE. Each set that is told is tried by the law first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from heapq import heappop, heappush
from itertools import chain
from math import prod

from screening.guidance.answerable import anew
from screening.guidance.cubes import Cube, Family, asked, point
from screening.guidance.despite import despite
from screening.guidance.parts import Part, causing, item_sets
from screening.guidance.questions import Person
from screening.outcome.completion import Completion
from screening.outcome.decisive import Decisive, Settling, Smallest
from screening.outcome.determination import Verdict
from screening.outcome.question import BURDENS

MOST_SETS = 12
_MOST_LOOKED_AT = 400
Choice = tuple[frozenset[str], Family, Part]


def smallest(person: Person, verdict: Verdict, most: int = MOST_SETS) -> Smallest:
    """The smallest sets that can settle a verdict; of very many the least ones, with how many there are."""
    match verdict:
        case Verdict.INELIGIBLE:
            every = [[(s, p.barring, p)] for p in person.parts.all for s in item_sets(p.barring)]
            return _told(person, verdict, sorted(every, key=_size), len(every), most)
        case Verdict.ELIGIBLE:
            options = _options(person, "clearing") if person.may_be_cleared else None
        case Verdict.REVIEW:
            return _review(person, most)
        case _:
            raise ValueError("nothing settles a verdict as UNDETERMINED")
    if options is None:
        return Smallest(verdict, None, 0, (), (), _is_exact(person), _floor(person))
    return _told(person, verdict, _products(options), prod(map(len, options)), most)


def _floor(person: Person) -> int | None:
    """How many answers ELIGIBLE takes at least: one for each part; None if no answer makes it ELIGIBLE."""
    return len(person.parts.groups) if person.may_be_cleared else None


def _size(way: Sequence[Choice]) -> tuple[int, list[str]]:
    items = [item for choice in way for item in choice[0]]
    return len(items), sorted(items)


def _options(person: Person, kind: str) -> list[list[Choice]] | None:
    """For each part the sets of items that clear it; None if one of them cannot be cleared."""
    found = []
    for part in person.parts.all:
        family: Family = getattr(part, kind)
        sets = item_sets(family)
        if not sets:
            return None
        found.append([(items, family, part) for items in sets])
    return found


def _review(person: Person, most: int) -> Smallest:
    """Nothing but a review is left open, and something is left to it."""
    verdict = Verdict.REVIEW
    options = _options(person, "reviewing") if person.may_be_reviewed else None
    if options is None:
        return Smallest(verdict, None, 0, (), (), _is_exact(person))
    if person.gaps.stays_contradicted() or person.gaps.is_stuck(relative=True):
        return _told(person, verdict, _products(options), prod(map(len, options)), most)
    ways: dict[frozenset[str], list[Choice]] = {}
    number = 0
    for position, part in enumerate(person.parts.all):
        cause = causing(part)
        sets = item_sets(cause)
        if not sets:
            continue
        chosen = [*options[:position], [(s, cause, part) for s in sets], *options[position + 1 :]]
        if all(any(s == items for s in sets) for items, _, _ in options[position]):
            # Whatever clears the others, something is left to the review here: no other part has to leave it.
            return _told(person, verdict, _products(chosen), prod(map(len, options)), most)
        for way in _first(_products(chosen), _MOST_LOOKED_AT):
            ways.setdefault(frozenset(item for choice in way for item in choice[0]), list(way))
    least = [way for items, way in ways.items() if not any(other < items for other in ways)]
    number = len(least)
    return _told(person, verdict, sorted(least, key=_size), number, most)


def _first(ways: Iterable[list[Choice]], most: int) -> Iterator[list[Choice]]:
    for _, way in zip(range(most), ways, strict=False):
        yield way


def _products(options: list[list[Choice]]) -> Iterator[list[Choice]]:
    """One choice of each part, the ways with the fewest items first."""
    start = (0,) * len(options)
    waiting: list[tuple[int, tuple[int, ...]]] = []

    def add(way: tuple[int, ...]) -> None:
        if way not in seen:
            seen.add(way)
            heappush(waiting, (sum(len(options[n][k][0]) for n, k in enumerate(way)), way))

    seen: set[tuple[int, ...]] = set()
    add(start)
    while waiting:
        _, way = heappop(waiting)
        yield [options[n][k] for n, k in enumerate(way)]
        for n, k in enumerate(way):
            if k + 1 < len(options[n]):
                add((*way[:n], k + 1, *way[n + 1 :]))


def _told(person: Person, verdict: Verdict, ways: Iterable[list[Choice]], number: int, most: int) -> Smallest:
    """The first ways that the law confirms, told; a way that it does not confirm is none."""
    told: list[Settling] = []
    is_exact = _is_exact(person)
    for way in _first(ways, _MOST_LOOKED_AT):
        if len(told) >= most:
            break
        settling = _confirmed(person, verdict, way)
        if settling is None:
            is_exact = False
            number -= 1
        else:
            told.append(settling)
    least = len(told[0].items) if told else None
    return Smallest(verdict, least, max(number, len(told)), tuple(told), _always(told, number), is_exact)


def _always(told: list[Settling], number: int) -> tuple[str, ...]:
    if not told or number > len(told):
        return ()
    common = frozenset(told[0].items).intersection(*(settling.items for settling in told[1:]))
    return tuple(item for item in told[0].items if item in common)


def _is_exact(person: Person) -> bool:
    return all(person.is_exact(part) for part in person.parts.all)


def _confirmed(person: Person, verdict: Verdict, way: list[Choice]) -> Settling | None:
    """Answers to exactly these items with which the law says the verdict; None if it says another."""
    answers: list[Completion] = []
    for items, family, part in way:
        cubes = [cube for cube in family.cubes if asked(cube) == items]
        avoided = _avoided(verdict, family, part)
        chosen = next((p for cube in chain(_measured(person, cubes), cubes) if (p := point(cube, avoided))), None)
        if chosen is None and items:
            return None
        answers += [person.tables.answer(item, n) for item, n in sorted((chosen or {}).items()) if n]
    if person.gaps.verdict(answers) is not verdict:
        return None
    order = {name: n for n, name in enumerate(person.gaps.missing())}
    answers.sort(key=lambda answer: order[answer.requirement])
    return Settling(tuple(answer.requirement for answer in answers), tuple(answers))


def _measured(person: Person, cubes: list[Cube]) -> Iterator[Cube]:
    """The same cubes without numbers below 0, which few things that are measured have."""
    for cube in cubes:
        kept = {item: bits & ~person.tables.below_zero(item) for item, bits in cube.items()}
        if all(kept.values()):
            yield kept


def _avoided(verdict: Verdict, family: Family, part: Part) -> tuple[Cube, ...]:
    """What the answers must not be inside: contradictions, and of a review that is left to it, what clears it."""
    is_cause = verdict is Verdict.REVIEW and family is not part.reviewing
    return (*part.contradictions, *(part.clearing.cubes if is_cause else ()))


def decisive(
    person: Person,
    burdens: Mapping[str, Decimal] = BURDENS,
    chances: Mapping[str, Decimal] | None = None,
    most: int = MOST_SETS,
) -> Decisive:
    """Everything that the missing items of one person could make of the verdict."""
    verdicts = [v for v in (Verdict.INELIGIBLE, Verdict.REVIEW, Verdict.ELIGIBLE) if v is not person.verdict]
    settled = person.verdict in (Verdict.INELIGIBLE, Verdict.ELIGIBLE)
    questions = person.ranked(burdens, chances or {})
    sampled = [] if settled else [item for part in person.parts.all for item in part.items]
    sampled = [item for item in sampled if not person.tables.answers(item).is_exact or item in person.tables.cut]
    order = {name: n for n, name in enumerate(person.gaps.missing())}
    return Decisive(
        person.verdict,
        person.gaps.missing(),
        person.matter(),
        () if settled else tuple(smallest(person, verdict, most) for verdict in verdicts),
        questions,
        tuple(sorted(sampled, key=order.__getitem__)),
        () if settled else despite(person.gaps.whole),
        () if settled else anew(person.gaps),
    )
