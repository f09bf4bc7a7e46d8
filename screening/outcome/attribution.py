"""To which criteria the people who are ruled out are owed, whatever the order of the criteria.

The game is `people ruled out by a set of criteria`; its Shapley value has a closed form: each person who is ruled
out counts 1 in all, shared equally by the criteria that bar that person. Only what is known bars. What is open may
still turn out to bar: the least and the most of a share say how far it would move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from fractions import Fraction

from screening.values.frozen import dataclass

Pattern = tuple[tuple[str, ...], tuple[str, ...], int]
"""The criteria that bar, in the order of the protocol, those that are open and may, and how many people."""


@dataclass(slots=True)
class Share:
    """What one criterion is owed.

    `share` is its Shapley value, exact; `least` and `most` are what it might become once everything that is open
    is known. `alone` counts people whom nothing else bars, `in_order` those whom it is the first to bar,
    `anywhere` all whom it bars, `unknown` people of whom it is not known, among those who are not ruled out.
    """

    share: Fraction = Fraction(0)
    least: Fraction = Fraction(0)
    most: Fraction = Fraction(0)
    alone: int = 0
    in_order: int = 0
    anywhere: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Attribution:
    """The shares of all criteria. INVARIANT: the shares add up to the people who are ruled out."""

    people: int = 0
    ruled_out: int = 0
    shares: dict[str, Share] = field(default_factory=dict)


def attributed(patterns: Iterable[Pattern], criteria: Iterable[str]) -> Attribution:
    """The shares of criteria, out of who is barred by what.

    >>> found = attributed([(("A", "B"), (), 1), (("A",), ("B",), 1)], ["A", "B"])
    >>> [str(found.shares[id].share) for id in "AB"], str(found.shares["B"].most)
    (['3/2', '1/2'], '1')
    """
    made = Attribution(shares={id: Share() for id in criteria})
    for failed, unknown, people in patterns:
        made.people += people
        made.ruled_out += people if failed else 0
        number, open_ = len(failed), len(unknown)
        for position, id in enumerate(failed):
            share = made.shares[id]
            share.share += Fraction(people, number)
            share.most += Fraction(people, number)
            share.least += Fraction(people, number + open_)
            share.anywhere += people
            share.in_order += people if position == 0 else 0
            share.alone += people if number == 1 else 0
        for id in unknown:
            made.shares[id].most += Fraction(people, number + 1)
            made.shares[id].unknown += 0 if failed else people
    return made


def ordered(found: Attribution) -> list[tuple[str, Share]]:
    """The criteria that bar anybody or may, the largest share first."""
    named: Mapping[str, Share] = found.shares
    return sorted(
        ((id, share) for id, share in named.items() if share.anywhere or share.unknown),
        key=lambda pair: (-pair[1].share, -pair[1].most),
    )
