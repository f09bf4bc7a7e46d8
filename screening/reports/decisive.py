"""`screening next`: which missing items could settle an open verdict, and what to ask first.

Said as what would have to be answered, never as which answer to give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from screening.outcome.decisive import Decisive, Despite, Settling, Smallest
from screening.outcome.determination import Verdict
from screening.reports.account import Account
from screening.reports.ahead import anew_sentence, label
from screening.reports.line import AGAINST, OPEN, Line, paragraph, titled
from screening.reports.text import head
from screening.reports.words import AGAINST as AGAINST_MARK
from screening.reports.words import (
    DECISION_SUPPORT,
    MET,
    OPEN_MARK,
    REVIEW_MARK,
    SHORT_OBTAINED,
    counted,
    folded,
    listed,
    safe,
)

_MARKS = {
    Verdict.ELIGIBLE: (MET, ""),
    Verdict.INELIGIBLE: (AGAINST_MARK, AGAINST),
    Verdict.UNDETERMINED: (OPEN_MARK, OPEN),
    Verdict.REVIEW: (REVIEW_MARK, OPEN),
}
_MOST_QUESTIONS, _MOST_SETS, _MOST_NAMES, _INDENT = 5, 2, 3, " " * 14


def told(found: Decisive, account: Account, everything: bool = False) -> list[Line]:
    """Which missing items could settle the verdict, and in which order to ask for them."""
    lines = [*head(account), Line(""), *_verdict(found, account)]
    for smallest in found.smallest:
        lines += _smallest(smallest, account, everything)
    for note in found.despite:
        lines += titled("Despite", _despite(note, account))
    for one in found.anew:
        lines += titled("Anew", anew_sentence(account, one))
    lines += _questions(found, account, everything)
    if found.sampled:
        names = [label(account, item) for item in found.sampled]
        shown = names if everything else names[:3]
        left = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        words = (
            "not every answer was tried; further sets may exist, and what is asked of these may settle nothing."
        )
        text = f"{', '.join(shown)}{left}: {words}"
        lines += titled("Not exact", text)
    return [*lines, Line(""), *paragraph(DECISION_SUPPORT)]


def _verdict(found: Decisive, account: Account) -> list[Line]:
    mark, token = _MARKS[found.verdict]
    word = account.determination.label
    if found.verdict in (Verdict.ELIGIBLE, Verdict.INELIGIBLE):
        text = "settled: no answer to what is missing changes it"
    else:
        matter, missing = len(found.matter), len(found.missing)
        items = counted(missing, "item")
        text = f"{items} missing; the answers to {'all' if matter == missing else matter} can still change it"
    first, *rest = folded(f"{mark} {f'{word}  ':<14}{text}", rest="  ")
    return [Line(first, token, 1, (2, 2 + len(word))), *map(Line, rest)]


def _row(start: str, text: str) -> list[Line]:
    return paragraph(text, f"  {start:<12}", _INDENT)


def _smallest(found: Smallest, account: Account, everything: bool) -> list[Line]:
    """The least sets for one verdict, in a line or two; with `everything` each set with its answers."""
    word = account.library.label(found.verdict.value).label
    if found.least is None:
        if found.floor is not None:
            return _row(word, f"needs at least {counted(found.floor, 'answer')}; no set that settles it was found")
        known = "" if found.is_exact else " that was tried"
        return _row(word, f"no answer{known} settles it so")
    if found.least == 0:
        return _row(word, "nothing is missing for it")
    sets = counted(found.number, "set")
    more = "" if found.is_exact else " or more"
    text = f"{counted(found.least, 'answer')} can settle it; {sets}{more} of items"
    if found.number == 1 and found.is_exact:
        text = f"{counted(found.least, 'answer')} can settle it, and no fewer"
    lines = _row(word, text)
    if found.number == 1 and not everything and found.sets:
        return [*lines, *_row("", _set(found.sets[0], account, everything))]
    shown = found.sets if everything else found.sets[:_MOST_SETS]
    if len(found.always) > 1 and len(found.sets) > 1 and not everything:
        lines += _row("", f"- each with {_names([label(account, item) for item in found.always])}")
    for settling in shown:
        lines += _row("", _set(settling, account, everything, found.always if len(found.always) > 1 else ()))
    if len(shown) < found.number:
        hint = "" if everything else ": --all, --format json"
        lines += _row("", f"{found.number - len(shown)} more{hint}")
    return lines


def _set(settling: Settling, account: Account, everything: bool, always: Sequence[str] = ()) -> str:
    """A set by its items; with `everything` with answers that were tried. What all sets hold is said once."""
    if everything:
        pairs = zip(settling.items, settling.answers, strict=True)
        return "- " + "; ".join(f"{label(account, item)} ({safe(answer.said)})" for item, answer in pairs)
    return "- " + _names([label(account, item) for item in settling.items if item not in always])


def _names(named: Sequence[str]) -> str:
    left = len(named) - _MOST_NAMES
    return ", ".join(named) if left <= 1 else f"{', '.join(named[:_MOST_NAMES])} and {left} more"


def _despite(note: Despite, account: Account) -> str:
    domain = listed([f"{label(account, item)} ({what})" for item, what in note.domain])
    if not note.criterion:
        word = account.library.label(note.truth).label
        return f"every answer leads to {word}, whatever is answered for {domain}; the verdict stays as it is."
    criterion = account.criteria[note.criterion]
    if criterion.category == "inclusion":
        truth = "met" if note.truth == "TRUE" else "not met"
    else:
        truth = "present" if note.truth == "TRUE" else "absent"
    return f"{note.criterion} is {truth} whatever is answered for {domain}; the rules leave it unknown."


def _questions(found: Decisive, account: Account, everything: bool) -> Iterator[Line]:
    """The items in the order in which to ask, each with how, for what, and whether one answer alone settles it."""
    shown = found.questions if everything else found.questions[:_MOST_QUESTIONS]
    if not shown:
        return
    word = account.library.label("INELIGIBLE").label
    starred = any(question.against for question in shown)
    yield Line(f"Ask in this order{f'; *: one answer alone settles {word}' if starred else ''}")
    for number, question in enumerate(shown, 1):
        way = SHORT_OBTAINED.get(question.obtain, question.obtain)
        star = "*" if question.against else " "
        unsure = "" if question.shown else " (not known to change anything)"
        what = f"{label(account, question.requirement)}: {_few(question.criteria)}{unsure}"
        yield from _row(f"{number:>2}{star} {way}", what)
    left = len(found.questions) - len(shown)
    if left:
        yield from _row("", f"{left} more: --all")


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids) if len(ids) <= 3 else f"{', '.join(ids[:3])} and {len(ids) - 3} more"


def data(found: Decisive, account: Account) -> dict[str, Any]:
    """The same as data: every set with answers that the law confirms, every question in its order."""
    return {
        "subject": account.subject.id,
        "protocol": account.library.name,
        "rule_digest": account.library.digest,
        "as_of": account.as_of.isoformat(),
        "verdict": found.verdict.value,
        "missing": list(found.missing),
        "matter": list(found.matter),
        "smallest": [
            {
                "verdict": each.verdict.value,
                "least": each.least,
                "number": each.number,
                "exact": each.is_exact,
                "always": list(each.always),
                "sets": [
                    {"items": list(s.items), "answers": {a.requirement: a.said for a in s.answers}}
                    for s in each.sets
                ],
            }
            for each in found.smallest
        ],
        "despite": [
            {"criterion": n.criterion or None, "truth": n.truth, "domain": dict(n.domain)} for n in found.despite
        ],
        "record_anew": [{"requirement": one.requirement, "items": list(one.items)} for one in found.anew],
        "questions": [
            {
                "requirement": q.requirement,
                "obtain": q.obtain,
                "burden": str(q.burden),
                "criteria": list(q.criteria),
                "settles_ineligible_alone": list(q.against),
                "need_shown": q.shown,
            }
            for q in found.questions
        ],
        "sampled": list(found.sampled),
    }
