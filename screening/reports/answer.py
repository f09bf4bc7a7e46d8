"""`screening eval`: every node of an expression with what it is worth, indented as it is nested."""

from __future__ import annotations

from collections.abc import Iterator

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.text import spell
from screening.language.types import Type
from screening.outcome.answer import Answer
from screening.outcome.determination import determine
from screening.outcome.trace import RowsFound
from screening.reports import value as values
from screening.reports.account import Account, account
from screening.reports.gap import searched
from screening.reports.line import AGAINST, OPEN, Line
from screening.reports.measure import place_of
from screening.reports.steps import value_words
from screening.reports.words import AGAINST as BAR
from screening.reports.words import LONG_OBTAINED, MET, OPEN_MARK, folded, grouped_digest, joined, safe, sided
from screening.values.truth import Truth

_MARKS = {"TRUE": (MET, ""), "FALSE": (BAR, AGAINST), "UNKNOWN": (OPEN_MARK, OPEN)}
_DEEPEST = 12


def told(answer: Answer) -> list[Line]:
    """The expression with its worth, each part below it, and what keeps it open."""
    library, subject = answer.library, answer.subject
    seen = account(library, subject, answer.trace, determine(library, answer.trace))
    draft = "  DRAFT, not for use in care" if library.status == "draft" else ""
    name = f"{safe(library.name)} {safe(library.version)}{draft}"
    person = (
        f"{safe(subject.id)}{', synthetic' if subject.synthetic else ''}, as of {answer.trace.as_of.isoformat()}"
    )
    head = [
        *sided(name, f"rules {grouped_digest(library.digest)}"),
        *sided(person, f"site: {safe(subject.site) or 'none declared'}"),
        "",
    ]
    return [*map(Line, head), *_node(seen, answer.definition.expression, 0, set()), *_kept(seen, answer)]


def _kept(seen: Account, answer: Answer) -> Iterator[Line]:
    """What keeps the expression open, and how it is obtained."""
    if answer.open:
        yield Line("")
        yield Line("Open for want of")
    for name in answer.open:
        requirement = seen.requirements[name]
        reason = safe(seen.named(name).reason)
        cause = searched(seen, requirement) if reason in ("", "not recorded") else reason
        how = LONG_OBTAINED.get(requirement.obtain, requirement.obtain)
        yield from map(Line, folded(f"{safe(name)}: {cause}; {how}", "  ", "    "))


def _node(seen: Account, node: AnyNode, depth: int, shown: set[str]) -> Iterator[Line]:
    yield from _lines(seen, node, depth)
    if isinstance(node, e.Reference):
        # What a name stands for is told once, below the first place at which it is used.
        if node.name in seen.definitions and node.name not in shown:
            shown.add(node.name)
            yield from _node(seen, seen.expressions[node.name], depth + 1, shown)
        return
    below = (node.source,) if isinstance(node, e.Where | e.Fires) else parts(node)
    for part in below:
        if not isinstance(part, e.Literal):
            yield from _node(seen, part, depth + 1, shown)


def _lines(seen: Account, node: AnyNode, depth: int) -> Iterator[Line]:
    """One node: its mark, what it says, what it is worth, and from where."""
    step = seen.step(node)
    mark, token = _MARKS[step.value.value] if isinstance(step.value, Truth) else (" ", "")
    type = getattr(node, "type", Type(""))
    is_plain = isinstance(step.value, Truth | RowsFound)
    worth = value_words(step.value) if is_plain else values.value_text(step.value, type)  # type: ignore[arg-type]
    more = joined(
        (safe(step.reason), "the facts contradict each other" if step.conflict else "", _facts(seen, node))
    )
    text = f"{safe(spell(node))}: {joined((worth, more))}"
    indent = "  " * min(depth, _DEEPEST)
    first, *rest = folded(text, f"{mark} {indent}", f"    {indent}")
    yield Line(first, token, 1 if token else 0)
    yield from map(Line, rest)


def _facts(seen: Account, node: AnyNode) -> str:
    """What a requirement was taken from: day and place of its facts."""
    if not isinstance(node, e.Reference) or node.name not in seen.requirements:
        return ""
    rows = seen.rows(seen.named(node.name).facts)
    days = joined(dict.fromkeys(values.day_text(row.when) for row in rows))
    return joined((days, joined(dict.fromkeys(place_of(row) for row in rows), "; ")))
