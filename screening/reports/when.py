"""`screening when`: what the rules say of a person on the days to come, if nothing but time goes on.

Said as "not before" and "up to", never as a booking: a new result or a changed medicine is not in it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from screening.language.library import Criterion
from screening.outcome.determination import Verdict
from screening.outcome.timeline import Change, Lifting, Stretch, Timeline, is_favourable, liftings
from screening.reports.account import Account, is_chosen
from screening.reports.criterion import wording
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.reason import until_text
from screening.reports.text import head
from screening.reports.words import AGAINST as AGAINST_MARK
from screening.reports.words import (
    DECISION_SUPPORT,
    MET,
    OPEN_MARK,
    REVIEW_MARK,
    SITE_CHOICE,
    WIDTH,
    counted,
    folded,
    joined,
    listed,
)

_MARKS = {
    Verdict.ELIGIBLE: (MET, ""),
    Verdict.INELIGIBLE: (AGAINST_MARK, AGAINST),
    Verdict.UNDETERMINED: (OPEN_MARK, OPEN),
    Verdict.REVIEW: (REVIEW_MARK, OPEN),
}
_MOST_EVENTS, _MOST_IDS, _INDENT = 8, 4, " " * 25
_DAY = datetime.timedelta(days=1)


def told(found: Timeline, accounts: Sequence[Account], everything: bool = False) -> list[Line]:
    """The verdict of the as-of date, what lifts its bars, and up to which days the rest counts.

    `accounts` has one for each stretch, in their order.
    """
    first = accounts[0]
    lifted = liftings(found, first.library)
    lines = [*head(first), Line(""), *_verdict(found, lifted)]
    for each in lifted:
        lines += _lifting(first, each)
    lines += _summary(found, first, lifted)
    lines += _events(found, accounts, lifted, everything)
    lines += [Line(""), *paragraph(_closing(found, first)), Line(""), *paragraph(DECISION_SUPPORT)]
    return lines


def _verdict(found: Timeline, lifted: Sequence[Lifting]) -> list[Line]:
    stretch = found.stretches[0]
    mark, token = _MARKS[stretch.verdict]
    word = stretch.determination.label
    named = f" ({_ids([each.criterion for each in lifted])})" if lifted else ""
    start = f"{mark} {word} on {stretch.first.isoformat()}{named}."
    first, *rest = folded(f"{start} By these rules, if nothing else changes:", rest="  ")
    return [Line(first, token, 1, (2, 2 + len(word))), *map(Line, rest)]


def _ids(ids: Sequence[str]) -> str:
    shown = list(ids) if len(ids) <= _MOST_IDS + 1 else [*ids[:_MOST_IDS], f"{len(ids) - _MOST_IDS} more"]
    return ", ".join(shown)


def _row(start: str, text: str) -> list[Line]:
    return paragraph(text, f"  {start:<23}", _INDENT)


def _lifting(account: Account, lifting: Lifting) -> list[Line]:
    """A bar, and the day before which it does not end."""
    criterion = account.criteria[lifting.criterion]
    said = f"{criterion.id}: {wording(account, criterion, provenance=True).full(3)}"
    if lifting.certain is None:
        lapsing = ""
        if lifting.lapses is not None:
            last = (lifting.lapses - _DAY).isoformat()
            lapsing = f"what is recorded counts up to {last}, then it has to be recorded again"
        return _row("no date lifts", joined((said, until_text(account, criterion), lapsing), "; "))
    if lifting.possible != lifting.certain and lifting.possible is not None:
        partly = f"earliest certain {lifting.certain.isoformat()}: a date is only partly known"
        return _row(f"not before {lifting.possible.isoformat()}", f"{said}; {partly}")
    return _row(f"not before {lifting.certain.isoformat()}", said)


def _summary(found: Timeline, account: Account, lifted: Sequence[Lifting]) -> list[Line]:
    """What follows for the verdict: the first day of ELIGIBLE, or why time alone does not bring it."""
    verdict, certain = found.stretches[0].verdict, found.earliest_certain
    word = account.library.label("ELIGIBLE").label
    until = found.last.isoformat()
    if verdict is Verdict.ELIGIBLE:
        return []
    if certain is not None:
        last = found.at(certain).last
        upto = f", up to {last.isoformat()}" if last < found.last else ""
        # What is only open, as an age is of a birth known to the month, may be so already.
        earlier = next(each.first for each in found.stretches if each.verdict is not Verdict.INELIGIBLE)
        partly = f" (earliest possible {earlier.isoformat()})" if earlier < certain else ""
        return paragraph(f"{word} not before {certain.isoformat()}{partly}{upto}.")
    stays = [each.criterion for each in lifted if each.certain is None]
    if stays:
        verb = "stand" if len(stays) > 1 else "stands"
        return paragraph(f"No date alone is enough, up to {until}: {_ids(stays)} {verb}.")
    if lifted:
        days = [each.certain for each in lifted if each.certain is not None]
        end = next((s for s in found.stretches if s.verdict is not Verdict.INELIGIBLE), None)
        bar = max(days).isoformat() if end is None else end.first.isoformat()
        return paragraph(f"Nothing bars any more from {bar}, but it does not become {word}: see what is open.")
    return paragraph(f"Time alone does not make this {word}, up to {until}: `screening check` says what is open.")


def _events(
    found: Timeline, accounts: Sequence[Account], lifted: Sequence[Lifting], everything: bool
) -> list[Line]:
    """What changes after the as-of date, day by day, besides the bars that end."""
    told_already = {(each.criterion, day) for each in lifted for day in (each.possible, each.certain, each.lapses)}
    rows: list[tuple[Stretch, Account, list[Change]]] = []
    for before, stretch in zip(accounts, found.stretches[1:], strict=False):
        left = [c for c in stretch.changes if (c.criterion, stretch.first) not in told_already]
        if left:
            rows.append((stretch, before, left))
    shown = rows if everything else rows[:_MOST_EVENTS]
    lines = [line for stretch, before, changes in shown for line in _event(stretch, before, changes)]
    if len(shown) < len(rows):
        last = rows[-1][0].first.isoformat()
        lines += _row("", f"{counted(len(rows) - len(shown), 'more day')} with changes, the last {last}: --all")
    return lines


def _event(stretch: Stretch, before: Account, changes: Sequence[Change]) -> list[Line]:
    """What no longer counts on a day, and what begins to speak for entering, said as it was on the day before."""
    gained = [c for c in changes if is_favourable(before.criteria[c.criterion], c.after)]
    lost = [c for c in changes if c not in gained]
    rows = []
    if lost:
        rows += _row(f"up to {(stretch.first - _DAY).isoformat()}", _said(before, lost))
    if gained:
        rows += _row(f"from {stretch.first.isoformat()}", _said(before, gained))
    return rows


def _said(account: Account, changes: Sequence[Change]) -> str:
    """The first of the criteria in words, the others by their ids."""
    criteria = [account.criteria[change.criterion] for change in changes]
    first, *others = criteria
    text = f"{first.id}: {wording(account, first, provenance=False).within(WIDTH)}"
    return f"{text}; also {_ids([c.id for c in others])}" if others else text


def _closing(found: Timeline, account: Account) -> str:
    changing = {c.criterion for s in found.stretches for c in s.changes}
    moved: list[Criterion] = [c for c in account.library.criteria if c.id in changing]
    chosen = [c.id for c in moved if is_chosen(c, account.library, account.expressions)]
    if not moved:
        return f"No date changes anything up to {found.last.isoformat()}; looked at day by day, no booking."
    text = "These dates follow from the rules; they are no booking. Nothing new is assumed to be recorded."
    if not chosen:
        return text
    named = [*chosen[:3], f"{len(chosen) - 3} more"] if len(chosen) > 3 else chosen
    which = "All" if len(chosen) == len(moved) else listed(named)
    return f"{text} {which} {'rests' if which == chosen[0] else 'rest'} on a site choice {SITE_CHOICE}."


def data(found: Timeline, accounts: Sequence[Account]) -> dict[str, Any]:
    """The same as data: every stretch with its verdict and what changes on its first day."""
    first = accounts[0]
    certain = found.earliest_certain
    return {
        "subject": first.subject.id,
        "protocol": first.library.name,
        "rule_digest": first.library.digest,
        "as_of": found.as_of.isoformat(),
        "until": found.last.isoformat(),
        "eligible_not_before": certain.isoformat() if certain is not None else None,
        "bars": [
            {
                "criterion": each.criterion,
                "earliest_possible": each.possible.isoformat() if each.possible else None,
                "earliest_certain": each.certain.isoformat() if each.certain else None,
                "recorded_again_from": each.lapses.isoformat() if each.lapses else None,
            }
            for each in liftings(found, first.library)
        ],
        "stretches": [
            {
                "first": s.first.isoformat(),
                "last": s.last.isoformat(),
                "verdict": s.verdict.value,
                "standing": s.determination.standing.value,
                "changes": [
                    {"criterion": c.criterion, "before": c.before.value, "after": c.after.value} for c in s.changes
                ],
            }
            for s in found.stretches
        ],
    }
