"""Every definition of the rules folders by name, or by a short name, without case, blanks and signs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from screening.errors import NOWHERE, Diagnostic, NameFault
from screening.reading.declared import short_names
from screening.reading.faults import listed, shown
from screening.reading.folders import find, plain, rule_files
from screening.reading.naming import folded

_MOST = 12
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_WORDS = re.compile(r"\b(?:scores?|index|values?|levels?|results?|formula|equation|criteria)\b", re.IGNORECASE)


class Found(NamedTuple):
    """A definition in the file that declares it, and what the field calls it in short."""

    library: str
    name: str
    path: Path
    short_names: tuple[str, ...] = ()


def definitions(folders: Sequence[Path]) -> list[Found]:
    """Every definition that the rule files of the folders declare themselves; a faulty file has those it shows."""
    return [
        Found(stem, name, path, short)
        for stem, path in rule_files(folders)
        for name, short in short_names(path, "definitions")
    ]


def spellings(name: str) -> list[str]:
    """A name, and how it may stand in a list: without what is in brackets, that alone, without `score`.

    >>> spellings("Tender joint count (TJC)")
    ['Tender joint count (TJC)', 'Tender joint count', 'TJC']
    """
    found = [name]
    inside = [each.strip() for each in _BRACKETS.findall(name)]
    if inside:
        found += [_BRACKETS.sub("", name).strip(), *inside]
    found += [_WORDS.sub("", each) for each in found if _WORDS.search(each)]
    return [each for each in dict.fromkeys(found) if folded(each)]


def one(name: str, library: str, folders: Sequence[Path]) -> Found:
    """The definition that is meant; raises NameFault with those that may have been, or that are called so."""
    if library:
        find(library, folders)  # says at once that there is none of that name
    every = [each for each in definitions(folders) if not library or plain(each.library) == plain(library)]
    meant = next(filter(None, (_called(spelling, every) for spelling in spellings(name))), [])
    if len(meant) == 1:
        return meant[0]
    if len({each.name for each in meant}) > 1:
        may = listed(sorted({each.name for each in meant}))
        message = f"`{shown(name)}` may be several definitions"
        raise NameFault(Diagnostic(NOWHERE, message, NameFault, help=f"say which: {may}"))
    if meant:
        where = listed((each.library for each in meant), "and")
        message = f"`{shown(name)}` is defined in {where}"
        raise NameFault(Diagnostic(NOWHERE, message, NameFault, help="say which: `--library NAME`"))
    where = f"in library `{shown(library)}`" if library else "in any library"
    message = f"`{shown(name)}` is not defined {where}"
    names = [called for each in every for called in (each.name, *each.short_names)]
    raise NameFault(Diagnostic(NOWHERE, message, NameFault, help=near(name, names)))


def _called(name: str, every: Sequence[Found]) -> list[Found]:
    """What is called so: by the very name where one library has it, else by the name, else by a short name."""
    meant = [each for each in every if folded(each.name) == folded(name)]
    exact = [each for each in meant if each.name == name]
    if exact and len({each.library for each in exact}) == len(meant) == 1:
        return exact
    return meant or [each for each in every if folded(name) in map(folded, each.short_names)]


def near(name: str, names: Iterable[str]) -> str:
    """The help line of a misspelt name: those that are spelt like it, or that hold it."""
    by_fold = {folded(each): each for each in names}
    close = difflib.get_close_matches(folded(name), by_fold, n=3, cutoff=0.6)
    holding = [each for each in by_fold if folded(name) and folded(name) in each]
    meant = list(dict.fromkeys([*close, *holding]))[:_MOST]
    return f"did you mean {listed(by_fold[each] for each in meant)}" if meant else ""
