"""One person beside several protocols: which are compared, which are matched, and what is shown of them.

An edition is a rule file that names a family; what several editions only share names none, or it would be
compared as one more of them. Where one edition includes another, both are compared, and it is said. A protocol is
a rule file that says for whom it is: it names a registration, or anchors and no family. Retired files are left out
unless they are asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from screening.errors import NOWHERE, Diagnostic, NameFault, RuleError

if TYPE_CHECKING:
    from screening.language.library import Library
    from screening.reports.account import Account
    from screening.reports.line import Line
    from screening.reports.side import Unread

_NO_CRITERIA = "has no criteria"


class Shelf(NamedTuple):
    """Libraries, each checked; files that cannot be used, with their errors counted; names of retired ones."""

    libraries: tuple[Library, ...]
    faulty: tuple[tuple[str, int], ...] = ()
    retired: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every name that one of them asks of a record."""
        return frozenset(requirement.name for library in self.libraries for requirement in library.requirements)


def shelf(folders: Sequence[Path]) -> Shelf:
    """Every rule file of the folders. One without criteria lends its definitions and is no library of its own."""
    from screening.reading import cache
    from screening.reading import folders as files

    found: list[Library] = []
    faulty: list[tuple[str, int]] = []
    for stem, _ in files.rule_files(folders):
        try:
            found.append(cache.load_cached(stem, folders))
        except RuleError as wrong:
            if not all(d.message.endswith(_NO_CRITERIA) for d in wrong.diagnostics):
                faulty.append((stem, len(wrong.diagnostics)))
    return Shelf(tuple(found), tuple(faulty))


def editions(every: Shelf, family: str, retired: bool = False) -> Shelf:
    """The editions of a family. Raises NameFault if no file is of that family."""
    members = [library for library in every.libraries if library.family == family]
    if not members:
        families = sorted({library.family for library in every.libraries} - {""})
        near = difflib.get_close_matches(family, families, n=1)
        help = f"did you mean `{near[0]}`" if near else f"the families are {', '.join(families)}"
        named = "".join(c if c.isprintable() else "?" for c in family[:80])
        raise NameFault(Diagnostic(NOWHERE, f"no rule file is of the family `{named}`", NameFault, help=help))
    return _kept(members, every, retired)


def protocols(every: Shelf, retired: bool = False) -> Shelf:
    """The protocols: what is registered, or names its anchors and is no edition of a family."""
    return _kept([library for library in every.libraries if is_protocol(library)], every, retired)


def is_protocol(library: Library) -> bool:
    """Whether a rule file is a protocol of its own, for which a person may be looked for."""
    return bool(library.registration) or (bool(library.anchors) and not library.family)


def _kept(found: Sequence[Library], every: Shelf, retired: bool) -> Shelf:
    kept = tuple(library for library in found if retired or library.status != "retired")
    out = tuple(library.name for library in found if library not in kept)
    return Shelf(kept, every.faulty, out)


# -------------------------------------------------------------------------------- what is shown


def unread(every: Shelf, failed: Sequence[tuple[str, str]]) -> list[Unread]:
    """What was not screened against: files that cannot be used, and protocols that the record does not fit."""
    from screening.reports.side import Unread

    files = ((name, f"{n} error{'' if n == 1 else 's'} in the file; screening lint") for name, n in every.faulty)
    left = [Unread(name, "RETIRED, left out; --retired screens against it", True) for name in every.retired]
    return [*(Unread(name, why) for name, why in (*failed, *files)), *left]


def compared(family: str, accounts: Sequence[Account], left: Sequence[Unread]) -> list[Line]:
    """The editions of a family side by side."""
    from screening.reports import comparison

    return comparison.told(family, [comparison.edition(account) for account in accounts], left)


def comparison_data(family: str, accounts: Sequence[Account], left: Sequence[Unread]) -> dict[str, Any]:
    """The same as data."""
    from screening.reports import comparison

    return comparison.data(family, [comparison.edition(account) for account in accounts], left)


def matched(accounts: Sequence[Account], left: Sequence[Unread], everything: bool, unused: bool) -> list[Line]:
    """The protocols, the nearest first."""
    from screening.reports import ranking

    return ranking.told(ranking.ranked(accounts), left, everything, unused)


def match_data(accounts: Sequence[Account], left: Sequence[Unread]) -> dict[str, Any]:
    """The same as data, with every fact that was not used."""
    from screening.reports import ranking

    return ranking.data(ranking.ranked(accounts), left)
