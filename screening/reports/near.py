"""`screening near`: numbers near their limits, what would have to be otherwise, and what forces the verdict.

Said as what would have to be so, never as what to enter, to change or to stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.language.library import Criterion
from screening.outcome.determination import Verdict, is_bar
from screening.outcome.margin import Miss
from screening.outcome.near import Aim, Counterfactual, Limit, Nearness, Otherwise
from screening.outcome.timeline import Lifting
from screening.reports import value as values
from screening.reports import verdict as sentences
from screening.reports.account import Account
from screening.reports.line import AGAINST, OPEN, Line, marked, paragraph, titled
from screening.reports.margin import again, aside, full, near_margins
from screening.reports.margin import label_of as label_of_margin
from screening.reports.measure import label_of
from screening.reports.text import head, verdict
from screening.reports.words import AGAINST as AGAINST_MARK
from screening.reports.words import DECISION_SUPPORT, MARGIN, MET, REVIEW_MARK, counted, joined, listed, safe
from screening.values.bounds import exactly
from screening.values.truth import TRUE

NO_HELP = "nothing modifiable would help"
NO_ADVICE = (
    "This follows from the rules and is no advice. Nothing is said of medicines, pregnancy, suicidality and drug "
    "screens; treatment is the physician's alone to decide, and never for the sake of a verdict."
)
_MOST_SETS, _MOST_FACTS = 3, 6
_ANSWERS = {"yes": "hold", "no": "be absent", "none": "be absent"}
_WORDS = {"<": "below {}", "<=": "{} or less", ">": "above {}", ">=": "{} or more"}


def told(found: Nearness, account: Account, everything: bool = False) -> list[Line]:
    """Everything that stands near the verdict of one person, in lines."""
    lines = [*head(account), Line(""), *verdict(account, sentences.sort(account)), Line("")]
    lines += _margins(found, account, everything)
    lines += _misses(found, account)
    lines += _aims(found, account, everything)
    lines += _sufficient(found, account, everything)
    return [*lines, Line(""), *paragraph(NO_ADVICE), Line(""), *paragraph(DECISION_SUPPORT)]


# ------------------------------------------------------------------------------------ the numbers


def _margins(found: Nearness, account: Account, everything: bool) -> list[Line]:
    near = near_margins(account)
    shown = sorted(found.margins, key=lambda margin: margin.is_favourable) if everything else near
    lines = []
    for margin in shown:
        mark, token = _mark(account, account.criteria[margin.criterion])
        lines += marked(mark, token, margin.criterion, [full(account, margin)])
    if everything and found.margins:
        return lines
    numbers = {(margin.value_node, margin.limit) for margin in found.margins}
    if not numbers:
        return [*lines, *titled("Near", "no number decided anything")]
    text = f"{len(near) or 'none'} of {counted(len(numbers), 'number')} that decided"
    return [*lines, *titled("Near", f"{text} {'lie' if len(near) > 1 else 'lies'} near a limit: --all")]


def _mark(account: Account, criterion: Criterion) -> tuple[str, str]:
    truth = account.findings[criterion.id].truth
    if is_bar(criterion, truth):
        return AGAINST_MARK, AGAINST
    return (REVIEW_MARK, OPEN) if criterion.strength == "relative" and truth is TRUE else (MET, "")


def _misses(found: Nearness, account: Account) -> list[Line]:
    if not found.misses:
        return []
    one = "the only bar, and it is one" if len(found.misses) == 1 else "the only bars, and each is one"
    said = [f"{miss.criterion}: {_far(miss, account)}" for miss in found.misses]
    said.append(f"{one} by numbers alone")
    said += list(dict.fromkeys(text for miss in found.misses for text in again(account, miss.margins)))
    return titled("Missed", joined(said, "; "))


def _far(miss: Miss, account: Account) -> str:
    return " and ".join(f"{label_of_margin(account, m)} is {aside(account, m)} its limit" for m in miss.margins)


# --------------------------------------------------------------------------- what would have to be so


def _aims(found: Nearness, account: Account, everything: bool) -> list[Line]:
    lines: list[Line] = []
    lifted = {each.criterion: each for each in found.liftings}
    for aim in found.aims:
        if aim.criterion:
            mark, token = _mark(account, account.criteria[aim.criterion])
            texts = [*_sets(aim, account, everything), *_by_time(lifted.get(aim.criterion))]
            lines += marked(mark, token, aim.criterion, texts or [_no_help(aim)])
        elif aim.sets or (aim.is_eligible and account.determination.verdict is not Verdict.INELIGIBLE):
            # Where a bar is left that nothing modifiable lifts, the bar has said so.
            lines += _whole(aim, found, account, everything)
    return lines


def _no_help(aim: Aim) -> str:
    return NO_HELP if aim.is_complete else f"{NO_HELP}, as far as was tried"


def _whole(aim: Aim, found: Nearness, account: Account, everything: bool) -> list[Line]:
    word = account.library.label("ELIGIBLE").label
    title = word if aim.is_eligible else "No bar"
    start = f"on {aim.day.isoformat()}: " if aim.day != found.as_of else ""
    texts = _sets(aim, account, everything)
    if not texts:
        left = _left(found, account) if aim.is_eligible else ""
        texts = [joined((_no_help(aim), left), "; ")]
    # A protocol's own word for it may be longer than the margin.
    lines = paragraph(start + texts[0], f"{f'{title}  ':<{MARGIN}}", " " * MARGIN)
    for text in texts[1:]:
        lines += titled("", text)
    return lines


def _left(found: Nearness, account: Account) -> str:
    """What else keeps the person from being eligible: what is missing comes before anything that is known."""
    items = len(account.determination.to_obtain)
    if not items or account.determination.verdict is Verdict.ELIGIBLE:
        return ""
    return f"{counted(items, 'item')} to be obtained first: screening check"


def _sets(aim: Aim, account: Account, everything: bool) -> list[str]:
    shown = aim.sets if everything else aim.sets[:_MOST_SETS]
    texts = [f"{'or ' if n else ''}{_set(one, account)}" for n, one in enumerate(shown)]
    if len(shown) < len(aim.sets):
        texts.append(f"{counted(len(aim.sets) - len(shown), 'further way')}: --all")
    if texts and not aim.criterion and not aim.is_eligible:
        texts[-1] += f"; it would then be {_then(aim, account)}"
    return texts


def _then(aim: Aim, account: Account) -> str:
    labels = dict.fromkeys(account.library.label(one.verdict.value).label for one in aim.sets)
    return " or ".join(labels)


def _set(one: Counterfactual, account: Account) -> str:
    instance = ", for instance" if any(fact.is_instance for fact in one.facts) else ""
    return " and ".join(_fact(fact, account) for fact in one.facts) + instance


def _fact(fact: Otherwise, account: Account) -> str:
    requirement = account.requirements[fact.requirement]
    label = label_of(requirement)
    if fact.limits:
        unit = values.unit_of(requirement.type)
        return f"{label} would have to be {limits_text(fact.limits, unit)}"
    answers = [_ANSWERS.get(said, f"be {safe(said)}") for said in fact.said]
    return f"{label} would have to {' or '.join(answers)}" if answers else f"{label} would have to differ"


def limits_text(limits: Sequence[Limit], unit: str = "") -> str:
    """Where a number would have to lie; its unit stands behind the last one.

    >>> from decimal import Decimal
    >>> limits_text([Limit(">", Decimal(78)), Limit("<", Decimal(160))])
    'above 78 and below 160'
    >>> limits_text([Limit("<=", Decimal(50))], "mg/L")
    '50 mg/L or less'
    """
    numbers = [values.number(exactly(each.value)) for each in limits]
    numbers = [*numbers[:-1], *(values.with_unit(number, unit) for number in numbers[-1:])]
    return " and ".join(_WORDS[each.operator].format(n) for each, n in zip(limits, numbers, strict=True))


def _by_time(lifting: Lifting | None) -> Iterator[str]:
    if lifting is not None and lifting.certain is not None:
        first = lifting.possible or lifting.certain
        certain = f", for certain from {lifting.certain.isoformat()}" if first != lifting.certain else ""
        yield f"by time alone: not before {first.isoformat()}{certain} (screening when)"


# ------------------------------------------------------------------------------- what forces it


def _sufficient(found: Nearness, account: Account, everything: bool) -> list[Line]:
    forced = found.sufficient
    word = account.library.label(forced.verdict.value).label
    if not forced.requirements:
        return titled("Forced", f"no recorded fact forces {word}: it is what is not recorded")
    names = [label_of(account.requirements[name]) for name in forced.requirements]
    shown = names if everything else names[:_MOST_FACTS]
    more = [f"{len(names) - len(shown)} more: --all"] if len(shown) < len(names) else []
    least = "" if forced.is_smallest else "at most "
    settled = f" ({listed(forced.criteria)})" if forced.criteria else ""
    verb = "forces" if len(names) == 1 and not least else "force"
    text = f"{least}{counted(len(names), 'recorded fact')} alone {verb} {word}{settled}: "
    return titled("Forced", text + "; ".join([*shown, *more]))
