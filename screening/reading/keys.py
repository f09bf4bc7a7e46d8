"""One mapping of a rule file, key by key; what is missing, misspelt or of another form is noted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Map

from screening.errors import CitationFault, NameFault, RuleError, Span, SyntaxFault, TypeFault
from screening.language.library import Citation
from screening.reading.document import Mapping, Scalar, Sequence, Tree
from screening.reading.faults import Faults, did_you_mean, listed, shown

MOST_TEXT = 20_000
_NAME = re.compile(r"[^\W_](?:[^\"\\:\x00-\x1f]*[^\"\\:\x00-\x20])?\Z")
_PART = re.compile(r"\.\d+\Z")


class Keys:
    """The entries of one mapping. `what` names it in messages, `at` is where it stands."""

    def __init__(
        self,
        faults: Faults,
        tree: Tree | None,
        allowed: Collection[str],
        what: str,
        at: Span | None = None,
        criterion: str = "",
    ) -> None:
        self.faults, self.what, self.criterion = faults, what, criterion
        self.at = at or (tree.span if tree is not None else Span())
        self.entries: dict[str, tuple[Scalar, Tree]] = {}
        self.is_mapping = isinstance(tree, Mapping)
        if not isinstance(tree, Mapping):
            if tree is not None:
                self.fault(SyntaxFault, self.at, f"{what} is written as keys with values")
            return
        for key, value in tree:
            if key.text in allowed:
                self.entries[key.text] = (key, value)
                continue
            help = did_you_mean(key.text, allowed) or f"the keys are {listed(allowed, 'and')}"
            if " " in key.text and isinstance(value, Scalar) and not value.text and value.style == "":
                help = "a text with a comma in it stands in double quotes"
            self.fault(SyntaxFault, key.span, f"{what} has no key `{shown(key.text)}`", help=help)

    def fault(self, kind: type[RuleError], span: Span, message: str, *, help: str = "", why: str = "") -> None:
        self.faults.add(kind, span, message, help=help, why=why, criterion=self.criterion)

    def has(self, key: str) -> bool:
        return key in self.entries

    def tree(self, key: str) -> Tree | None:
        return self.entries[key][1] if key in self.entries else None

    def span(self, key: str) -> Span:
        """The key and its value, if both stand on one line, else the key."""
        if key not in self.entries:
            return self.at
        name, value = self.entries[key]
        if value.span.line == name.span.line and isinstance(value, Scalar) and value.style not in ("|", ">"):
            length = value.span.column + value.span.length - name.span.column
            return Span(name.span.file, name.span.line, name.span.column, max(1, length))
        return name.span

    def need(self, key: str, help: str = "", kind: type[RuleError] = SyntaxFault, why: str = "") -> bool:
        """Whether a key is there; that it is missing is noted."""
        if key in self.entries or not self.is_mapping:
            return key in self.entries
        self.fault(kind, self.at, f"{self.what} has no `{key}:`", help=help, why=why)
        return False

    def scalar(self, key: str) -> Scalar | None:
        """The text under a key; None if there is none."""
        found = self.tree(key)
        if found is None:
            return None
        if not isinstance(found, Scalar):
            self.fault(SyntaxFault, found.span, f"`{key}:` is one text")
            return None
        if not found.text.strip():
            self.fault(SyntaxFault, self.span(key), f"`{key}:` is empty")
            return None
        if len(found.text) > MOST_TEXT:
            self.fault(SyntaxFault, self.span(key), f"`{key}:` is longer than {MOST_TEXT} characters")
            return None
        return found

    def text(self, key: str, default: str = "") -> str:
        """The text under a key, runs of blanks and line ends as one blank."""
        found = self.scalar(key)
        return default if found is None else " ".join(found.text.split())

    def texts(self, key: str) -> list[Scalar]:
        """One text or a list of texts."""
        found = self.tree(key)
        if found is None:
            return []
        items = found.items if isinstance(found, Sequence) else (found,)
        scalars = [item for item in items if isinstance(item, Scalar)]
        for item in items:
            if not isinstance(item, Scalar) or not item.text.strip():
                self.fault(SyntaxFault, item.span, f"`{key}:` is a list of texts")
        return [scalar for scalar in scalars if scalar.text.strip()]

    def words(self, key: str) -> tuple[str, ...]:
        """Short marks such as `chosen: [window, limit]`; `true` alone marks the whole."""
        return tuple("all" if s.text == "true" else s.text for s in self.texts(key) if s.text != "false")

    def one_of(self, key: str, choices: Iterable[str], default: str) -> str:
        found = self.scalar(key)
        allowed = list(choices)
        if found is None:
            return default
        if found.text in allowed:
            return found.text
        help = did_you_mean(found.text, allowed) or f"it is {listed(allowed)}"
        self.fault(TypeFault, found.span, f"`{key}:` cannot be `{shown(found.text)}`", help=help)
        return default

    def yes(self, key: str) -> bool:
        return self.one_of(key, ("true", "false"), "false") == "true"

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        found = self.scalar(key)
        if found is None:
            return default
        if re.fullmatch(r"[0-9]{1,6}", found.text) and low <= int(found.text) <= high:
            return int(found.text)
        self.fault(TypeFault, found.span, f"`{key}:` is a whole number from {low} to {high}")
        return default

    def items(self, key: str) -> list[Tree]:
        """The items of a list."""
        found = self.tree(key)
        if found is None or (isinstance(found, Scalar) and not found.text):
            return []
        if isinstance(found, Sequence):
            return list(found.items)
        self.fault(SyntaxFault, found.span, f"`{key}:` is a list", help="each item begins with `- `")
        return []

    def named(self, key: str) -> list[tuple[Scalar, Tree]]:
        """The entries of a mapping from names to what they mean."""
        found = self.tree(key)
        if found is None or (isinstance(found, Scalar) and not found.text):
            return []
        if isinstance(found, Mapping):
            return list(found)
        self.fault(SyntaxFault, found.span, f"`{key}:` is written as names with what they mean")
        return []

    def citations(self, key: str, sources: Map[str, str], help: str = "") -> tuple[Citation, ...]:
        """Where a sentence stands: keys of the file's sources, each with its exact place."""
        found = self.tree(key)
        if found is None:
            return ()
        said = help or "write `{key of a source: its exact place}`"
        if not isinstance(found, Mapping) or not found.entries:
            self.fault(
                CitationFault, self.span(key), f"`{key}:` does not say which source, and where in it", help=said
            )
            return ()
        cited: list[Citation] = []
        for name, place in found:
            unsaid = isinstance(place, Scalar) and not place.text and place.style == ""
            if name.text not in sources and unsaid and cited:
                # `{report: Methods, study patients}`: a comma in a place makes YAML see a second key.
                last = cited[-1]
                cited[-1] = Citation(last.source, f"{last.place}, {' '.join(name.text.split())}")
            elif name.text not in sources:
                near = did_you_mean(name.text, sources) or "declare it under `sources:`"
                self.fault(CitationFault, name.span, f"there is no source `{shown(name.text)}`", help=near)
            elif not isinstance(place, Scalar) or not place.text.strip():
                message = f"the place in source `{shown(name.text)}` is missing"
                self.fault(CitationFault, name.span, message, help="name the section, table or page")
            else:
                cited.append(Citation(name.text, " ".join(place.text.split())))
        return tuple(cited)

    def citation(self, key: str, sources: Map[str, str], help: str = "") -> Citation | None:
        return next(iter(self.citations(key, sources, help)), None)


RESERVED = ("eligible", "favourable", "review", "arranged", "row")


def is_name(faults: Faults, key: Scalar, what: str) -> bool:
    """Whether a text can name something; that it cannot is noted."""
    text = key.text
    if text in RESERVED:
        faults.add(NameFault, key.span, f"`{text}` is a word of the program and cannot name {what}")
        return False
    if len(text) <= 80 and _NAME.match(text) and "  " not in text and not _PART.search(text):
        return True
    help = "begin with a letter or digit; no quotes, colon or backslash, at most 80 characters, no `.1` at the end"
    faults.add(NameFault, key.span, f"`{shown(text)}` cannot name {what}", help=help)
    return False
