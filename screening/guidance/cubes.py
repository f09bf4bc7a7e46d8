"""Sets of answers that settle something, as cubes: for some items, which of their answers will do.

A cube names items, each with the answers of it that will do, as bits: bit 0 says "left unanswered", bit n the n-th
answer. A family holds every smallest cube that settles a matter one way; whoever gives answers inside one of its
cubes settles it. The two families of a node are its two rails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from screening.values.frozen import dataclass

Cube = Mapping[str, int]
UNANSWERED = 1
MOST = 400


@dataclass(frozen=True, slots=True)
class Family:
    """Cubes, none inside another; `is_all` says that none was left out for being too many.

    `beyond` are the items of whatever may be left out: combinations that were not tried, answers that are not
    listed. An item that stands neither in a cube nor there has no part in the matter.
    """

    cubes: tuple[Cube, ...]
    is_all: bool = True
    beyond: frozenset[str] = frozenset()

    @property
    def items(self) -> frozenset[str]:
        return frozenset(item for cube in self.cubes for item in asked(cube))

    @property
    def concerned(self) -> frozenset[str]:
        """Every item that has, or may have, a part in the matter."""
        return self.beyond.union(*self.cubes)


NOTHING: frozenset[str] = frozenset()
ALWAYS = Family(({},))
NEVER = Family(())


def asked(cube: Cube) -> frozenset[str]:
    """The items of a cube that have to be answered."""
    return frozenset(item for item, answers in cube.items() if not answers & UNANSWERED)


def is_within(small: Cube, large: Cube) -> bool:
    """Whether whoever is inside `small` is inside `large` too."""
    if len(large) > len(small):
        return False
    for item, answers in large.items():
        within = small.get(item)
        if within is None or within & ~answers:
            return False
    return True


def either(families: Iterable[Family]) -> Family:
    """What settles any of several matters."""
    families = list(families)
    if any(family is ALWAYS for family in families):
        return ALWAYS
    cubes = [cube for family in families for cube in family.cubes]
    beyond = NOTHING.union(*(family.beyond for family in families))
    return smallest(cubes, all(family.is_all for family in families), beyond)


def both(families: Iterable[Family]) -> Family:
    """What settles all of several matters at once."""
    families = list(families)
    if any(not family.cubes and not family.beyond for family in families):
        # What can never be met ends it, whatever was left out of the others.
        return NEVER
    is_all, beyond = all(family.is_all for family in families), NOTHING
    # What was left out of one goes with every cube of the others.
    concerned = frozenset(item for family in families for item in family.concerned)
    if any(family.beyond for family in families):
        beyond = concerned
    found = ALWAYS
    for family in sorted(families, key=lambda f: len(f.cubes)):
        if not family.cubes:
            return Family((), is_all, beyond)
        if family is ALWAYS:
            continue
        met = (meeting(a, b) for a in found.cubes for b in family.cubes)
        found = smallest(cube for cube in met if cube is not None)
        if not found.is_all:
            # Too many: what was dropped may meet what comes later.
            is_all, beyond = False, concerned
    return Family(found.cubes, is_all, beyond)


def meeting(a: Cube, b: Cube) -> Cube | None:
    """The cube of whoever is inside both; None if nobody can be."""
    if not a or not b:
        return a or b
    found = dict(a)
    for item, answers in b.items():
        common = found.get(item, answers) & answers
        if not common:
            return None
        found[item] = common
    return found


def smallest(cubes: Iterable[Cube], is_all: bool = True, beyond: frozenset[str] = NOTHING) -> Family:
    """A family of cubes without those that lie inside another; of very many those with the fewest items."""
    cubes = list(cubes)
    if len(cubes) < 2:
        return Family(tuple(cubes), is_all, beyond)
    kept: list[Cube] = []
    outside: list[int] = []
    joined = _joined(cubes)
    packed, everything = _packed(joined)
    for number, (cube, answers) in enumerate(zip(joined, packed, strict=True)):
        for others in outside:
            if not answers & others:
                break
        else:
            if len(kept) >= MOST:
                return Family(tuple(kept), False, beyond.union(*joined[number:]))
            kept.append(cube)
            outside.append(everything ^ answers)
    return Family(tuple(kept), is_all, beyond)


def _packed(cubes: list[Cube]) -> tuple[list[int], int]:
    """Cubes as one number each, and the number of the cube in which everybody is.

    Each item has its own bits, one more than any cube names: all of them where a cube does not name it. Whoever is
    inside one cube is inside another if no bit of the first is missing there: `is_within`, for very many at once.
    """
    items = dict.fromkeys(item for cube in cubes for item in cube)
    width = max((bits.bit_length() for cube in cubes for bits in cube.values()), default=0) + 1
    places = {item: place * width for place, item in enumerate(items)}
    any_answer, everything = (1 << width) - 1, (1 << width * len(items)) - 1
    packed = []
    for cube in cubes:
        answers = everything
        for item, bits in cube.items():
            answers ^= (any_answer ^ bits) << places[item]
        packed.append(answers)
    return packed, everything


def _joined(cubes: Iterable[Cube]) -> list[Cube]:
    """Cubes that differ in the answers of one item alone made into one; those of few items first."""
    by_shape: dict[tuple[str, ...], set[tuple[int, ...]]] = {}
    for cube in cubes:
        shape = tuple(sorted(cube))
        by_shape.setdefault(shape, set()).add(tuple(cube[item] for item in shape))
    found: list[Cube] = []
    for shape in sorted(by_shape, key=lambda s: (len(s), s)):
        masks = by_shape[shape]
        for position in range(len(shape)):
            masks = _merged(masks, position)
        # The cubes of more answers come first, since they hold those of fewer.
        ordered = sorted(masks, key=lambda m: (-sum(n.bit_count() for n in m), m))
        found += [dict(zip(shape, mask, strict=True)) for mask in ordered]
    return found


def _merged(masks: set[tuple[int, ...]], position: int) -> set[tuple[int, ...]]:
    found: dict[tuple[tuple[int, ...], bool], int] = {}
    for mask in masks:
        # Left unanswered and answered are never one: whether an item has to be asked tells the sets apart.
        rest = (*mask[:position], 0, *mask[position + 1 :])
        key = (rest, mask[position] == UNANSWERED)
        found[key] = found.get(key, 0) | mask[position]
    return {(*rest[:position], bits, *rest[position + 1 :]) for (rest, _), bits in found.items()}


def point(cube: Cube, avoid: Iterable[Cube] = (), most: int | None = None) -> dict[str, int] | None:
    """One answer for each item of a cube, by number, so that the whole is inside none of `avoid`; or None.

    The first answers are preferred. An item that is left unanswered has the number 0. With `most` it is given up
    after so many steps.
    """
    items = sorted(cube)
    places = {item: place for place, item in enumerate(items)}
    relevant: list[_Avoided] = []
    for other in avoid:
        last = -1
        for item, bits in other.items():
            place = places.get(item)
            if not bits & (UNANSWERED if place is None else cube[item]):
                # Nobody inside the cube is inside this one.
                break
            if place is not None and place > last:
                last = place
        else:
            relevant.append((last, other))
    return _point(items, cube, relevant, {}, [most if most is not None else -1])


# A cube to keep out of, with the place of the last of its items: who is inside with all up to that is inside.
_Avoided = tuple[int, Cube]


def _point(
    items: list[str], cube: Cube, avoid: list[_Avoided], chosen: dict[str, int], left: list[int]
) -> dict[str, int] | None:
    place = len(chosen)
    if not left[0] or any(last < place for last, _ in avoid):
        return None
    left[0] -= 1
    if place == len(items):
        return dict(chosen)
    item = items[place]
    for number in numbers(cube[item]):
        chosen[item] = number
        apart = [one for one in avoid if item not in one[1] or one[1][item] >> number & 1]
        found = _point(items, cube, apart, chosen, left)
        if found is not None:
            return found
        del chosen[item]
    return None


def numbers(bits: int) -> Iterator[int]:
    """The numbers of the answers in a mask, the first answers first."""
    number = 0
    while bits:
        if bits & 1:
            yield number
        bits >>= 1
        number += 1
