"""Every definition of the rules folders by name, without case and with `-`, `_` and blanks left out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from screening.errors import NOWHERE, Diagnostic, NameFault
from screening.reading.declared import declared
from screening.reading.faults import listed, shown
from screening.reading.folders import find, plain, rule_files

_MOST = 12
_Of = TypeVar("_Of")


class Found(NamedTuple):
    """A definition in the file that declares it."""

    library: str
    name: str
    path: Path


def folded(name: str) -> str:
    """A name as it is looked up.

    >>> folded("DAS28-ESR") == folded("das28 esr")
    True
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def definitions(folders: Sequence[Path]) -> list[Found]:
    """Every definition that the rule files of the folders declare themselves; a faulty file has those it shows."""
    files = rule_files(folders)
    return [Found(stem, name, path) for stem, path in files for name in declared(path, "definitions")]


def one(name: str, library: str, folders: Sequence[Path]) -> Found:
    """The definition that is meant; raises NameFault with those that may have been, or that are called so."""
    if library:
        find(library, folders)  # says at once that there is none of that name
    every = [each for each in definitions(folders) if not library or plain(each.library) == plain(library)]
    meant = [each for each in every if folded(each.name) == folded(name)]
    exact = [each for each in meant if each.name == name]
    meant = exact if len({each.library for each in exact}) == len(meant) == 1 else meant
    if len(meant) == 1:
        return meant[0]
    if meant:
        where = listed((each.library for each in meant), "and")
        message = f"`{shown(name)}` is defined in {where}"
        raise NameFault(Diagnostic(NOWHERE, message, NameFault, help="say which: `--library NAME`"))
    where = f"in library `{shown(library)}`" if library else "in any library"
    message = f"`{shown(name)}` is not defined {where}"
    raise NameFault(Diagnostic(NOWHERE, message, NameFault, help=near(name, [each.name for each in every])))


def near(name: str, names: Iterable[str]) -> str:
    """The help line of a misspelt name: those that are spelt like it, or that hold it."""
    by_fold = {folded(each): each for each in names}
    close = difflib.get_close_matches(folded(name), by_fold, n=3, cutoff=0.6)
    holding = [each for each in by_fold if folded(name) and folded(name) in each]
    meant = list(dict.fromkeys([*close, *holding]))[:_MOST]
    return f"did you mean {listed(by_fold[each] for each in meant)}" if meant else ""


def called(name: str, names: Mapping[str, _Of]) -> list[_Of]:
    """What is called so: by the very name, else by the same name without case and signs."""
    if name in names:
        return [names[name]]
    return [found for each, found in names.items() if folded(each) == folded(name)]
