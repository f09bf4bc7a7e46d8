"""What comparisons of several protocols share: the head, rows of a table, what could not be read, the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from screening.language.library import Library
from screening.reports.account import Account
from screening.reports.line import OPEN, Line, paragraph
from screening.reports.text import alert
from screening.reports.verdict import person_of, protocol_words
from screening.reports.words import (
    DECISION_SUPPORT,
    DECISION_SUPPORT_FULL,
    WIDTH,
    cut_to,
    folded,
    safe,
    shortened,
    sided,
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A protocol not screened against: it is retired, it or the record does not fit, or a fault of ours."""

    name: str
    why: str
    is_retired: bool = False


def statuses(libraries: Sequence[Library]) -> str:
    """The status of several files in one word, or each counted: `all DRAFT`, `4 DRAFT, 1 approved`."""
    words = Counter(
        "approved" if library.status == "approved" else library.status.upper() for library in libraries
    )
    if len(words) == 1:
        return f"{'all ' if len(libraries) > 1 else ''}{next(iter(words))}"
    return ", ".join(f"{number} {word}" for word, number in sorted(words.items()))


def headed(what: str, libraries: Sequence[Library], account: Account, under: str = "") -> list[Line]:
    """Which rules and whose record, in the first two lines."""
    site = f"site: {safe(account.subject.site) or 'none declared'}"
    unfit = ", not for use in care" if any(library.status != "approved" for library in libraries) else ""
    first = sided(f"{what}, {statuses(libraries)}{unfit}", "")
    second = sided(person_of(account), site)
    return [
        *(Line(text.rstrip()) for text in (*first, *second)),
        *(Line(t) for t in folded(under) if under),
        Line(""),
    ]


def alerts(accounts: Sequence[Account]) -> list[Line]:
    """Every alert that fired, once, whichever protocol carries it."""
    fired: dict[str, list[Line]] = {}
    for account in accounts:
        for each in account.determination.alerts:
            shown = alert(account, each)
            fired.setdefault("\n".join(line.text for line in shown), shown)
    return [line for shown in fired.values() for line in (*shown, Line(""))]


def tabled(start: str, token: str, text: str, rows: int) -> list[Line]:
    """One row of a table with its mark; the last column goes on below itself, at most so many rows."""
    indent = " " * len(start)
    shown = folded(text, start, indent)
    if len(shown) > rows:
        room = rows * (WIDTH - len(start))
        while len(shown) > rows:
            shown = folded(cut_to(text, room), start, indent)
            room -= 5
    return [Line(shown[0], token, 1), *(Line(each) for each in shown[1:])]


def refused_lines(unread: Sequence[Unread], width: int = 0) -> list[Line]:
    """A row for each protocol that was not screened against, and why."""
    marks = {True: ("-", ""), False: ("?", OPEN)}
    rows = ((*marks[each.is_retired], safe(each.name), each.why) for each in unread)
    return [
        line for mark, token, name, why in rows for line in tabled(f"{mark}  {name:<{width}}  ", token, why, 3)
    ]


def refused_data(unread: Sequence[Unread]) -> list[dict[str, str]]:
    return [{"protocol": each.name, "why": each.why} for each in unread]


def person_data(account: Account) -> dict[str, Any]:
    """Whose record, on which day, by which site's declaration."""
    subject = account.subject
    return {
        "subject": subject.id,
        "synthetic": subject.synthetic,
        "record": subject.digest,
        "as_of": account.as_of.isoformat(),
        "site": subject.site or None,
    }


def protocol_data(library: Library) -> dict[str, Any]:
    """Which rules, by name, version, status and digest."""
    return {
        "protocol": library.name,
        "version": library.version,
        "status": library.status,
        "digest": library.digest,
        "incomplete": library.incomplete or None,
    }


def fixed(libraries: Sequence[Library], everything: bool = False) -> list[Line]:
    """The words that stand on every screen, then those of each protocol, each once."""
    own = list(dict.fromkeys(words for library in libraries for words in protocol_words(library)))
    shown = [DECISION_SUPPORT_FULL, *own] if everything else [DECISION_SUPPORT, shortened(" ".join(own))]
    return [line for text in shown if text for line in paragraph(text)]


class Graded(NamedTuple):
    """A score with its class in its own word, and all the words that it knows."""

    score: str
    word: str
    words: frozenset[object]


def kinds(every: Sequence[tuple[Graded, str]]) -> list[list[tuple[Graded, str]]]:
    """Classes that may disagree, together: of one score, or of scores that grade in mostly the same words.

    A body mass index and a kidney function never disagree. Beside each class stands who says it.
    """
    found: list[list[tuple[Graded, str]]] = []
    for graded, of in every:
        alike = [kind for kind in found if any(_is_alike(graded, other) for other, _ in kind)]
        joint = [*(each for kind in alike for each in kind), (graded, of)]
        found = [*(kind for kind in found if kind not in alike), joint]
    return found


def _is_alike(one: Graded, other: Graded) -> bool:
    same = one.score.partition(", ")[0] == other.score.partition(", ")[0]
    return same or 2 * len(one.words & other.words) > len(one.words | other.words)
