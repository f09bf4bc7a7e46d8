"""The page that tells how the language stands to CQL: written from the outcomes."""

from __future__ import annotations

from collections import Counter

from tests.cql.conformance import OUTSIDE, PASS, Outcome, deviations
from tests.cql.table import table

BEGIN, END = "<!-- conformance: written by the tests -->", "<!-- conformance: end -->"


def conformance(outcomes: list[Outcome]) -> str:
    """The part of the page between the two marks."""
    inside = [outcome for outcome in outcomes if outcome.state != OUTSIDE]
    passed = sum(outcome.state == PASS for outcome in inside)
    outside = Counter(outcome.detail for outcome in outcomes if outcome.state == OUTSIDE)
    lines = [
        BEGIN,
        "",
        f"{len(outcomes)} tests: {len(inside)} inside the subset, {passed} of them answered as published, "
        f"{len(inside) - passed} otherwise and for a reason that stands below.",
        "",
        table(outcomes),
        "",
        "### Answered otherwise",
        "",
        "| | tests | because |",
        "|---|--:|---|",
    ]
    for number, line in enumerate(deviations()):
        count = sum(outcome.deviation == number for outcome in outcomes)
        lines.append(f"| {line.kind} | {count} | {line.because} |")
    lines += ["", "### Outside the subset", "", "| tests | what the language does not have |", "|--:|---|"]
    lines += [f"| {count} | {reason.replace('|', ' ')} |" for reason, count in sorted(outside.items(), key=_most)]
    return "\n".join([*lines, "", END])


def _most(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def written(page: str, part: str) -> str:
    """The page with that part between its marks."""
    before, _, rest = page.partition(BEGIN)
    return before + part + rest.partition(END)[2]
