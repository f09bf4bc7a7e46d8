"""Keys with values, as a site declaration and a mapping are written: what is missing or misspelt is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from screening.errors import RuleError, SyntaxFault
from screening.sources.document import read_tree
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree, near

_Whole = TypeVar("_Whole")


def read_whole(data: str | bytes, name: str, door: Callable[[Faults, Tree], _Whole | None]) -> _Whole:
    """A file in YAML through its door. Raises RuleError with everything that is wrong with it."""
    faults = Faults(name, SyntaxFault)
    tree = read_tree(data, faults, only_yaml=True)
    found = None if tree is None else door(faults, tree)
    if faults.found or found is None:
        listed = faults.sorted()
        kinds = {diagnostic.kind for diagnostic in listed}
        kind = kinds.pop() if len(kinds) == 1 else RuleError
        raise kind(*listed)
    return found


class Keys:
    """Reads keys one by one; faults are collected."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def keys(self, tree: Tree | None, allowed: Iterable[str] | None, what: str) -> Mapping:
        """A mapping of the keys that are allowed, of any where that is None; an empty one for nothing at all."""
        if not isinstance(tree, Mapping):
            if tree is not None and not (isinstance(tree, Scalar) and not tree.text):
                self.faults.add(tree.at, f"{what} is written as keys with values")
            return Mapping({}, 0 if tree is None else tree.at)
        known = list(allowed) if allowed is not None else list(tree.entries)
        for key, _ in tree.entries.values():
            if key.text not in known:
                meant = near(key.text, known)
                help = f"did you mean `{meant}`" if meant else "the keys are " + ", ".join(known)
                self.faults.add(key.at, f"{what} has no key `{key.text[:40]}`", help=help, end=key.end)
        return tree

    def text(self, tree: Mapping, key: str) -> str:
        """The one text of a key, "" if there is none."""
        found = tree.get(key)
        if found is not None and not isinstance(found, Scalar):
            self.faults.add(found.at, f"`{key}` is one text")
        return " ".join(found.text.split()) if isinstance(found, Scalar) else ""

    def texts(self, tree: Mapping, key: str) -> tuple[str, ...]:
        """One text or several."""
        found = tree.get(key)
        items = found.items if isinstance(found, Sequence) else [found] if found is not None else []
        return tuple(item.text.strip() for item in items if isinstance(item, Scalar) and item.text.strip())

    def yes(self, tree: Mapping, key: str) -> bool:
        """Whether a key says true."""
        found = self.text(tree, key).casefold()
        if found not in ("", "true", "false"):
            self.wrong(tree, key, f"`{key}` is true or false")
        return found == "true"

    def wrong(self, tree: Mapping, key: str, message: str, help: str = "") -> None:
        """Notes a fault at a key."""
        pair = tree.entries.get(key)
        self.faults.add(pair[0].at if pair else tree.at, message, help=help)
