"""Shapley's value in closed form against its definition over all orders of the criteria, and its limits."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product
from math import factorial
from random import Random

from screening.outcome.attribution import Pattern, attributed

CRITERIA = ("A", "B", "C", "D", "E")


def by_definition(patterns: list[Pattern]) -> dict[str, Fraction]:
    """Over every order: who is ruled out by a criterion and by none before it."""
    found = dict.fromkeys(CRITERIA, Fraction(0))
    for order in permutations(CRITERIA):
        for failed, _, people in patterns:
            first = next((id for id in order if id in failed), None)
            if first is not None:
                found[first] += Fraction(people, factorial(len(CRITERIA)))
    return found


def drawn(rng: Random) -> list[Pattern]:
    patterns = []
    for _ in range(rng.randrange(1, 12)):
        said = {id: rng.choice("FFUK") for id in CRITERIA}
        failed = tuple(id for id in CRITERIA if said[id] == "F")
        patterns.append((failed, tuple(id for id in CRITERIA if said[id] == "U"), rng.randrange(1, 50)))
    return patterns


def test_the_closed_form_is_the_definition() -> None:
    for seed in range(200):
        patterns = drawn(Random(seed))
        found = attributed(patterns, CRITERIA)
        wanted = by_definition(patterns)
        assert {id: share.share for id, share in found.shares.items()} == wanted
        assert all(abs(float(found.shares[id].share) - float(wanted[id])) <= 1e-12 for id in CRITERIA)
        assert sum(share.share for share in found.shares.values()) == found.ruled_out
        assert sum(share.in_order for share in found.shares.values()) == found.ruled_out


def test_least_and_most_enclose_whatever_the_unknown_turns_out_to_be() -> None:
    for seed in range(40):
        patterns = [(failed, unknown, 1) for failed, unknown, _ in drawn(Random(seed))][:3]
        found = attributed(patterns, CRITERIA)
        reached: dict[str, list[Fraction]] = {id: [] for id in CRITERIA}
        for known in product(*(product((True, False), repeat=len(unknown)) for _, unknown, _ in patterns)):
            settled: list[Pattern] = [
                ((*failed, *(id for id, bars in zip(unknown, each, strict=True) if bars)), (), n)
                for (failed, unknown, n), each in zip(patterns, known, strict=True)
            ]
            for id, share in by_definition(settled).items() if len(known) < 2 else _closed(settled):
                reached[id].append(share)
        for id, enclosing in found.shares.items():
            assert enclosing.least == min(reached[id])
            assert enclosing.most == max(reached[id])


def _closed(patterns: list[Pattern]) -> list[tuple[str, Fraction]]:
    return [(id, share.share) for id, share in attributed(patterns, CRITERIA).shares.items()]


def test_what_is_unknown_bars_nobody() -> None:
    found = attributed([((), ("A", "B"), 7)], CRITERIA)
    assert found.ruled_out == 0
    assert [found.shares[id].share for id in "AB"] == [0, 0]
    assert [found.shares[id].unknown for id in "AB"] == [7, 7]
