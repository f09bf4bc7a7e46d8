"""The outcomes as tables: per group, per reason."""

from __future__ import annotations

from collections import Counter

from tests.cql.conformance import DELIBERATE, DISPUTED, FAIL, OUTSIDE, PASS, Outcome

_STATES = (PASS, FAIL, DELIBERATE, DISPUTED, OUTSIDE)


def table(outcomes: list[Outcome]) -> str:
    """One line per group of the suite. `of all` and `of undisputed` are how many of those inside the subset pass:
    of every one, and of those whose other answer is not deliberate or disputed."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    files: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.test.file, outcome.test.group), Counter())[outcome.state] += 1
        files.setdefault(outcome.test.file, Counter())[outcome.state] += 1
    lines = [
        "| tests | group | pass | fail | deliberate | disputed | outside | of all | of undisputed |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for file, total in files.items():
        lines.append(_line(file, "**all**", total))
        lines += [_line("", group, count) for (within, group), count in groups.items() if within == file]
    every = sum(files.values(), Counter())
    lines.append(_line("**all**", "", every))
    return "\n".join(lines)


def _line(file: str, group: str, count: Counter[str]) -> str:
    inside = sum(count.values()) - count[OUTSIDE]
    shares = [f"{100 * count[PASS] / of:.1f} %" if of else "–" for of in (inside, count[PASS] + count[FAIL])]
    return f"| {file} | {group} | " + " | ".join([*(str(count[state]) for state in _STATES), *shares]) + " |"


def summary(outcomes: list[Outcome]) -> str:
    """Every failure with its answer, and what is outside the subset, by reason."""
    lines = []
    for state in (FAIL, DELIBERATE, DISPUTED):
        for outcome in outcomes:
            if outcome.state == state:
                text = " ".join(outcome.test.expression.split())
                lines.append(f"{state}: {outcome.test.place}: {text}\n  {outcome.detail}")
    outside = Counter(outcome.detail for outcome in outcomes if outcome.state == OUTSIDE)
    lines += [f"outside: {count}: {reason}" for reason, count in outside.most_common()]
    return "\n" + "\n".join(lines)
