"""What was found out for one question of an interview and still holds for the next.

An answer changes what the criteria that read it can become, and nothing else: every part of a person of which
everything that its criteria read is recorded as before is what it was.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from screening.guidance.gaps import Gaps

_MOST = 400
Found = TypeVar("Found")
Key = tuple[Hashable, tuple[Any, ...]]


class Kept(Generic[Found]):
    """What was found out of parts, each beside everything recorded that it was read off."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[tuple[Any, ...], Found]] = {}

    def key(self, gaps: Gaps, ids: tuple[str, ...], items: frozenset[str]) -> Key:
        """What a part is called, and everything that bears on it as it is recorded."""
        read = sorted(frozenset[str]().union(*(gaps.reading.beside(item) for item in items)))
        seen, missing = gaps.seen, frozenset(gaps.missing())
        recorded = tuple(
            (
                seen.evidence.get(name),
                seen.absences.get(name),
                seen.complete.get(name),
                seen.concepts.get(name),
                seen.searched.get(name),
                name in missing,
            )
            for name in read
        )
        return (gaps.as_of, ids, items), recorded

    def found(self, key: Key) -> Found | None:
        """What was kept under a name, if all that bears on it is as it was."""
        name, recorded = key
        known = self._found.get(name)
        return known[1] if known is not None and known[0] == recorded else None

    def keep(self, key: Key, found: Found) -> None:
        """Keeps a part; of one name the last, of very many names none but the last."""
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[key[0]] = key[1], found
