"""The trace in words: every node of every criterion with its truth or value, indented as it is nested."""

from __future__ import annotations

from collections.abc import Iterator

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.text import spell
from screening.outcome.codec import number_text
from screening.outcome.trace import RowsFound, Step
from screening.record.subject import Value
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.line import Line
from screening.reports.reason import word_of
from screening.reports.words import counted, folded, joined, safe
from screening.values.bounds import Bounds
from screening.values.truth import Truth

_HOLDS = {"TRUE": "holds", "FALSE": "does not hold", "UNKNOWN": "is open"}
_DEEPEST_INDENT = 12


def tree(account: Account) -> list[Line]:
    """All steps: each criterion with its parts, then each requirement and definition that they refer to."""
    lines = [Line(f"Trace, {counted(len(account.trace.steps), 'step')}, engine {safe(account.trace.engine)}")]
    queries = _by_row(account)
    criteria = account.criteria
    for name, expression in account.library.order:
        lines.append(Line(""))
        if name in criteria:
            word = word_of(criteria[name], account.findings[name])
            lines += _folded(f"{name}  {word}: {safe(criteria[name].text)}", 0)
        else:
            lines += _folded(safe(name), 0)
        lines += _node(account, expression, 1, queries)
    return lines


def _by_row(account: Account) -> dict[str, list[Step]]:
    """The steps inside queries, by the place of their node."""
    found: dict[str, list[Step]] = {}
    for step in account.trace.steps:
        if step.row:
            found.setdefault(step.place, []).append(step)
    return found


def _folded(text: str, depth: int) -> list[Line]:
    indent = "  " * min(depth, _DEEPEST_INDENT)
    return [Line(line) for line in folded(text, indent, indent + "    ")]


def _node(account: Account, node: AnyNode, depth: int, queries: dict[str, list[Step]]) -> Iterator[Line]:
    step = account.step(node)
    facts = f"from {', '.join(safe(id) for id in step.facts)}" if step.facts else ""
    conflict = "the facts contradict each other" if step.conflict else ""
    said = joined((value_words(step.value), step.reason, conflict, facts))
    yield from _folded(f"{safe(node.place)}  {said}:  {_spelling(node)}", depth)
    if isinstance(node, e.Where | e.Fires):
        yield from _node(account, node.source, depth + 1, queries)
        yield from _rows(node.condition, depth + 1, queries)
        return
    for part in parts(node):
        yield from _node(account, part, depth + 1, queries)


def _rows(node: AnyNode, depth: int, queries: dict[str, list[Step]]) -> Iterator[Line]:
    """What the condition of a query says of each row."""
    for step in queries.get(node.place, ()):
        said = joined((value_words(step.value), step.reason))
        yield from _folded(f"{safe(node.place)}  row {safe(step.row)}  {said}:  {_spelling(node)}", depth)
    for part in parts(node):
        yield from _rows(part, depth + 1, queries)


def _spelling(node: AnyNode) -> str:
    return safe(spell(node))


def value_words(value: Value | RowsFound) -> str:
    """A value in full, nothing rounded."""
    match value:
        case Truth():
            return _HOLDS[value.value]
        case RowsFound(certain, possible, absences, is_open):
            rows = [
                counted(len(certain), "certain row"),
                f"{len(possible)} possible" if possible else "",
                f"{len(absences)} denied" if absences else "",
                "list not complete" if is_open else "",
            ]
            return joined(rows)
        case Bounds(low, high):
            ends = [_end(low), _end(high)]
            return ends[0] if low is not None and low == high else "..".join(ends)
    return " = ".join(values.code_text(code) for code in value) or "unknown"


def _end(end: object) -> str:
    if end is None:
        return ""
    return number_text(end) if not hasattr(end, "isoformat") else str(end)  # type: ignore[arg-type]
