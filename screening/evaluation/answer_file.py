"""Answers of an interview by the names of requirements, from JSON or YAML: `{Pain: 9, Stroke: no, Age: 49}`.

A name is looked up as that of an input of a calculation: its label and its short names count. What the file
answers of a screen is given as a line of that screen; what it does not answer is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Any

from screening.errors import Diagnostic, NameFault, Span, UnreadableRecord
from screening.evaluation.names import YES, assigned
from screening.language.library import DataRequirement, Library
from screening.outcome.interview import Page
from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults, Mapping

_TRUTHS = ("Boolean", "Judgement")


class Named:
    """Answers by name, of which each is given once."""

    def __init__(self, library: Library, data: bytes, name: str) -> None:
        faults = Faults(name)
        tree = read_tree(data, faults)
        if tree is None:
            raise UnreadableRecord(*faults.sorted())
        if not isinstance(tree, Mapping):
            raise UnreadableRecord(
                Diagnostic(Span(name), "answers are written as names with values", UnreadableRecord)
            )
        said: dict[str, Any] = data_of(tree)
        self.who = str(said.pop("who", "") or "")
        self.judge = str(said.pop("judge", "") or "")
        texts = {key: value if isinstance(value, str) else None for key, value in said.items()}
        requirements = {r.name: r for r in library.requirements}
        meant, wrong = assigned(texts, requirements, {}, requirements)
        spans = {key: faults.span(at.at, at.end) for key, (at, _) in tree.entries.items()}
        if wrong:
            raise NameFault(*_unassigned(spans, texts, meant, requirements))
        self.values = {meant[key].name: value for key, value in said.items()}
        self.spans = {meant[key].name: spans[key] for key in said}
        self.whole = Span(name)

    def lines(self, page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
        """The line that answers what the file answers of a page, else that nothing of it is asked."""
        parts = [self._part(n, r) for n, r in enumerate(page.asked, 1) if r.name in self.values]
        beside = {key: value for key, value in (("who", self.who), ("judge", self.judge)) if value}
        if page.shape == "list":
            yield (parts[0] if parts else "s"), beside
        else:
            left = [f"{n}=s" for n, r in enumerate(page.asked, 1) if r.name not in self.values]
            yield " ".join([*parts, *left]), beside

    def at(self, page: Page) -> Span:
        """Where the file answers a page first, for a fault."""
        return next((self.spans[name] for name in page.names if name in self.spans), self.whole)

    def _part(self, number: int, requirement: DataRequirement) -> str:
        value = self.values[requirement.name]
        if requirement.type.name == "Records":
            return value if isinstance(value, str) else _rows(value)
        if isinstance(value, dict):
            said = str(value.get("value", value.get("born", value.get("age", ""))))
            date = f" {value['date']}" if requirement.type.name in _TRUTHS and value.get("date") else ""
            text = f"{said}{date}" if date or not value.get("date") else f"{said}@{value['date']}"
        else:
            text = str(value)
        if requirement.type.name in _TRUTHS:
            answer, *rest = text.split() or [""]
            text = " ".join([{"TRUE": "y", "FALSE": "n"}.get(YES.get(answer.casefold(), ""), answer), *rest])
        plain = text.replace("'", "").strip()
        return f"{number}={'?' if plain.upper() in ('', 'UNKNOWN') else plain}"


def _unassigned(
    spans: Map[str, Span],
    texts: Map[str, str | None],
    meant: Map[str, Any],
    requirements: Map[str, DataRequirement],
) -> Iterator[Diagnostic]:
    """Names of the file that are no question's, each at its place: a name may be an answer that slipped there."""
    for key in texts:
        if key in meant:
            continue
        _, alone = assigned({key: texts[key]}, requirements, {}, requirements)
        if alone:
            message, help = "this is the name of no question, or of several", alone[0].help
        else:
            message, help = "this question is answered twice", "answer it once"
        yield Diagnostic(spans[key], message, NameFault, help=help)


def _rows(value: Any) -> str:
    """A list of rows as one line: the first field is what a row is of."""
    rows = value.get("records", []) if isinstance(value, dict) else value
    made = []
    for row in rows or []:
        first, *fields = [(key, text) for key, text in row.items() if key not in ("date", "code", "source", "by")]
        dated = [str(row["date"])] if row.get("date") else []
        made.append(
            ", ".join([str(first[1]), *dated, *(f"{key} {text}".replace("'", "") for key, text in fields)])
        )
    whole = isinstance(value, dict) and str(value.get("complete", "")).casefold() == "true"
    return "; ".join([*made, "all" if whole else "more"]) if made else "n" if whole else "?"
