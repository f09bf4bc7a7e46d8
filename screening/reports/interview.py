"""What `screening ask` says before, between and after its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from screening.language.library import DataRequirement
from screening.outcome.decisive import Anew
from screening.outcome.determination import Verdict
from screening.outcome.interview import Answered, Asking, Page
from screening.reports import text as screens
from screening.reports import verdict as sentences
from screening.reports.account import Account
from screening.reports.ahead import anew_sentence
from screening.reports.line import Line
from screening.reports.words import WIDTH, counted, folded, listed, narrowed, safe

# Who says so, and what is asked where one thing more is wanting.
WANTED = {
    "who": "Who says so? p this person, c the chart, read today, b both",
    "judge": "Judged by whom? A role and key, as in rheumatologist K2; never a person's name",
    "whole": "Is that the whole list? y, n",
    "sure": "y it is so, or write the answer again",
}
_NAMED = 6


def head(account: Account, passed: Mapping[str, str], width: int = WIDTH) -> list[Line]:
    """Which rules, which person; the alerts that are on record already, and what was not known earlier."""
    with narrowed(width):
        return _head(account, passed)


def _head(account: Account, passed: Mapping[str, str]) -> list[Line]:
    lines = screens.head(account)
    for fired in account.determination.alerts:
        lines += screens.alert(account, fired)
    if passed:
        many = f"{counted(len(passed), 'item')} {'was' if len(passed) == 1 else 'were'} not known when asked"
        text = f"{many}, last on {max(passed.values())}; not asked again, but with b at once, or --again."
        lines += wrapped(text)
    return lines


def wrapped(text: str, width: int | None = None, first: str = "", rest: str = "  ") -> list[Line]:
    """A sentence in lines of the window's width."""
    return [Line(line) for line in folded(text, first, rest, width)]


def read_back(page: Page, answered: Answered, values: Mapping[str, str], width: int = WIDTH) -> list[Line]:
    """What was recorded: presences by name, absences counted, values one by one, and who says so."""
    asked = [r for r in page.asked if r.name in answered.items]
    absent = [r for r in asked if _is_no(r, values)]
    present = [r for r in asked if r not in absent]
    parts = []
    if present:
        said = [_said(r, values[r.name], answered.items[r.name]) for r in present]
        parts.append(f"Recorded: {'; '.join(said)}.")
    if absent:
        what = "absence" if page.obtain not in ("arrange", "judge") else "answer of no"
        parts.append(
            f"{counted(len(absent), what, _many(what))} recorded{', one each' if len(absent) > 1 else ''}."
        )
    if asked:
        source = _source(answered.items[asked[0].name])
        parts[-1] = f"{parts[-1].rstrip('.')}: {safe(source)}."
    if answered.unknown:
        parts.append(f"{counted(len(answered.unknown), 'answer')} not known: stays unknown.")
    if answered.skipped:
        parts.append(f"{counted(len(answered.skipped), 'question')} not asked: stays unknown.")
    open_names = [_label(r) for r in page.asked if r.name not in answered.names]
    if open_names:
        named = [*open_names[:_NAMED], *([f"{len(open_names) - _NAMED} more"] if len(open_names) > _NAMED else [])]
        parts.append(f"Still open on this screen: {listed(named)}.")
    return wrapped(" ".join(parts), width)


def _many(what: str) -> str:
    return "answers of no" if what == "answer of no" else f"{what}s"


def _label(requirement: DataRequirement) -> str:
    return safe(requirement.label or requirement.name)


def _said(requirement: DataRequirement, value: str, item: object) -> str:
    """A presence by its name, with its date or who judged it where there is one; a value with its name."""
    if requirement.type.name == "Judgement" and isinstance(item, Mapping):
        return f"{_label(requirement)}, judged by {safe(str(item.get('by', '')))}"
    if requirement.type.name in ("Boolean", "Judgement"):
        return f"{_label(requirement)}{safe(value.removeprefix('yes'))}"
    return f"{_label(requirement)} {safe(value)}"


def _is_no(requirement: DataRequirement, values: Mapping[str, str]) -> bool:
    return requirement.type.name in ("Boolean", "Judgement") and values.get(requirement.name, "").startswith("no")


def _source(item: object) -> str:
    return str(item.get("source", "")) if isinstance(item, Mapping) else ""


def end(
    account: Account,
    asking: Asking,
    answers: int,
    kept: str | None,
    width: int = WIDTH,
    anew: Sequence[Anew] = (),
) -> list[Line]:
    """The end: the alert first, where the answers are, the verdict with its bars, and what was not asked.

    `kept` is None where the answers stand nowhere; `anew` has to be recorded anew before all can be answered.
    """
    with narrowed(width):
        return _end(account, asking, answers, kept, anew)


def _end(account: Account, asking: Asking, answers: int, kept: str | None, anew: Sequence[Anew]) -> list[Line]:
    lines: list[Line] = []
    for fired in account.determination.alerts:
        if fired.criterion in asking.alerts:
            lines += screens.alert(account, fired)
    where = f" in {kept}" if kept else ""
    stops = "The interview stops here. " if asking.alerts else ""
    answered = (
        f"Your {counted(answers, 'answer')} {'is' if answers == 1 else 'are'} kept{where}." if answers else ""
    )
    if kept is None:
        answered = "Your answers are not in the file any more: something else changed it, or it cannot be written."
    if stops or answered:
        lines += wrapped(f"{stops}{answered}".strip())
    return lines + _verdict(account, asking, answers, anew)


def _verdict(account: Account, asking: Asking, answers: int, anew: Sequence[Anew]) -> list[Line]:
    """The verdict with its standing, bars and causes of review in full, what is open, and the words that stay."""
    screen = screens.Screen(account)
    lines = screens.verdict(account, screen.found)
    if asking.settled and answers:
        most = answers + max(asking.left, 0)
        lines += wrapped(f"Settled after {answers} of at most {counted(most, 'question')}.", first="  ")
    if account.determination.verdict is Verdict.ELIGIBLE:
        lines += wrapped(sentences.counts_sentence(screen.found), first="  ")
    for criterion in (*screen.found.bars, *screen.found.review):
        lines += screen.full(criterion, screens.LEAST)
    if account.determination.verdict is Verdict.UNDETERMINED:
        lines += screen.between(screens.Shape(1, 0, _NAMED // 2, aside=False))
        for one in anew:
            lines += wrapped(anew_sentence(account, one), first="  ")
    if asking.settled and asking.left > 0:
        was, which = ("was", "it") if asking.left == 1 else ("were", "them")
        text = f"{counted(asking.left, 'question')} {was} not asked: no answer to {which} can change this verdict."
        lines += wrapped(text)
    return [*lines, *screen.after(screens.LEAST)]


def refused(why: str, width: int = WIDTH) -> list[Line]:
    """Why an answer was not taken, and what is accepted."""
    return wrapped(safe(f"{why[:1].upper()}{why[1:]}"), width)


def wanted(want: str, text: str, width: int = WIDTH) -> list[Line]:
    """What is asked once more before an answer is taken."""
    return wrapped(f"{safe(text)} {WANTED[want]}".strip().replace("`", ""), width)
