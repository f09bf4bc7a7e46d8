"""Names of a mapping and of a site declaration that protocols do not ask, each with the one that it is like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath

from screening.errors import Span
from screening.language.library import Library
from screening.record.unasked import CRITERION, PARAMETER, REQUIREMENT, SYSTEM, Unasked, unasked_data
from screening.sources.mapping_form import TableMapping
from screening.sources.naming import Names, plain
from screening.sources.opening import read_mapped
from screening.sources.profile_text import misspelt
from screening.sources.site import CLOSE, SiteDeclaration
from screening.sources.tree import near
from screening.values.coding import Code

# A name with a word more or less: `Serum Creatinin` for `Creatinine`.
LIKE = 0.7
_Given = tuple[str, str, Span]


def unasked(
    libraries: Sequence[Library],
    mapping: TableMapping | None,
    site: SiteDeclaration | None,
    looked_for: Collection[str] | None,
    beside: Callable[[], Collection[str]] | None = None,
) -> tuple[Unasked, ...]:
    """The names that none of the libraries asks, in the order of the files; each once for each line.

    `looked_for` are the requirements that are looked for in the source, None where that is not known; `beside`
    gives the names that any other protocol asks, and is asked only where a name is not asked here.
    """
    given: list[_Given] = []
    if mapping is not None:
        given += [(REQUIREMENT, name, span) for table in mapping.tables for name, span in table.asked]
        given += [(SYSTEM, name, span) for name, span in mapping.systems]
    if site is not None:
        given += site.named
    known = {
        REQUIREMENT: {r.name for library in libraries for r in library.requirements},
        PARAMETER: {p.name for library in libraries for p in library.parameters},
        CRITERION: {c.id for library in libraries for c in library.criteria},
    }
    own = {code for every in site.codes.values() for one in every for code in one} if site is not None else set()
    codes = (code for library in libraries for r in library.requirements for code in (*r.codes, *r.reasons))
    systems = {"column", *(code.system for code in codes if code not in own)}
    # A code system that is like none that is known is a site's own.
    known[SYSTEM] = {name for kind, name, _ in given if kind == SYSTEM and not misspelt(Code(name, ""), systems)}
    unknown = [each for each in given if each[1] not in known[each[0]]]
    if not unknown:
        return ()
    others = frozenset(beside()) if beside is not None else frozenset()
    names = _Meant(libraries, {name for _, name, _ in given}, looked_for)
    found = (_of(each, names, known, others) for each in unknown)
    return tuple(dict.fromkeys(sorted(found, key=lambda one: (one.place.rpartition(":")[0], _line(one)))))


def unasked_names(
    libraries: Sequence[Library],
    mapping: Path | None,
    site: SiteDeclaration | None,
    looked_for: Collection[str] | None,
    beside: Callable[[], Collection[str]] | None = None,
) -> list[dict[str, str | bool]]:
    """The same as JSON data, for what is kept of a source."""
    return [unasked_data(one) for one in unasked(libraries, read_mapped(mapping), site, looked_for, beside)]


def _of(given: _Given, names: _Meant, known: dict[str, set[str]], others: Collection[str]) -> Unasked:
    kind, name, span = given
    place = f"{PurePosixPath(span.file.replace(chr(92), '/')).name}:{span.line}"
    if kind == SYSTEM:
        return Unasked(name, place, kind, "", misspelt(Code(name, ""), ()))
    if kind != REQUIREMENT:
        # Ids of criteria are all alike, and what is nearly a parameter is a fault already: the rest are taken
        # for those of other protocols.
        return Unasked(name, place, kind, is_of_another=True)
    known_as, is_of_another = names.known_as(name), name in others
    # What another protocol asks is hardly a slip, unless it is all but the same.
    meant, is_missed = names.meant(name, CLOSE if is_of_another else LIKE) if not known_as else ("", False)
    return Unasked(name, place, kind, known_as, meant, is_missed, is_of_another)


def _line(one: Unasked) -> int:
    return int(one.place.rpartition(":")[2])


class _Meant:
    """What a name that nobody asks may have been meant for: first of all what nothing else is looked for."""

    def __init__(
        self, libraries: Sequence[Library], given: Collection[str], looked_for: Collection[str] | None
    ) -> None:
        self.libraries = libraries
        self.every = [r.name for library in libraries for r in library.requirements]
        self.missed = [
            name for name in self.every if looked_for is not None and name not in looked_for and name not in given
        ]
        self.called = [Names(library) for library in libraries]

    def known_as(self, name: str) -> str:
        for library in self.libraries:
            if any(parameter.name == name for parameter in library.parameters):
                return "parameter"
            if any(d.name == name and d.origin == "definition" for d in library.definitions):
                return "definition"
        return ""

    def meant(self, name: str, cutoff: float) -> tuple[str, bool]:
        """The requirement that a name is like, and whether nothing else of the source is looked for it."""
        # By its label or its short name, before any name that is only like it.
        found = next((named.requirement.name for each in self.called if (named := each.named(name))), "")
        for names in (self.missed, self.every) if not found else ():
            found = found or near(name, names, cutoff) or near_in_any_order(name, names)
        return found, found in self.missed


def near_in_any_order(name: str, names: Sequence[str]) -> str:
    """The name of which the words are nearly those of another, in whatever order: `Glucose, Fasting`."""
    by_words = {" ".join(sorted(plain(each).split())): each for each in names}
    return by_words.get(near(" ".join(sorted(plain(name).split())), by_words, CLOSE), "")
