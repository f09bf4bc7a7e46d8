"""How far a number lies from its limit, in words: on one line for a screen, and with everything beside it."""

from __future__ import annotations

from collections.abc import Sequence

from screening.outcome.margin import Margin, margins, repeats
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.measure import limit, limit_decimals, measured
from screening.reports.reason import word_of
from screening.reports.words import MARGIN, SITE_CHOICE, columns, joined, safe, window
from screening.values.bounds import exactly


def near_margins(account: Account) -> list[Margin]:
    """The numbers that are near their limits, each once however many criteria it decides."""
    found = [m for m in margins(account.library, account.steps, account.determination) if m.is_near]
    kept: dict[tuple[str, object], Margin] = {}
    for margin in found:
        kept.setdefault((label_of(account, margin), margin.limit), margin)
    # What speaks against comes first.
    return sorted(kept.values(), key=lambda margin: margin.is_favourable)


def near_sentence(account: Account) -> str:
    """The numbers near their limits on one line of a screen, what does not fit counted; "" if there are none."""
    said = [
        f"{m.criterion}: {label_of(account, m)} is {aside(account, m)} its limit" for m in near_margins(account)
    ]
    for count in range(len(said), 0, -1):
        more = f"{len(said) - count} more: screening near" if count < len(said) else ""
        text = joined((*said[:count], more), "; ")
        if columns(text) <= window() - MARGIN or count == 1:
            return text
    return ""


def label_of(account: Account, margin: Margin) -> str:
    """What the number is called."""
    return measured(account, margin.value_node).label


def aside(account: Account, margin: Margin) -> str:
    """How far, and on which side: `0.1 above`, `on`."""
    if margin.distance == 0:
        return "on"
    # What is left of a computed number is never told as nothing at all.
    text = values.number(exactly(margin.distance), _places(account, margin), (0,))
    is_above = (margin.operator.startswith(">")) is margin.holds
    return f"{values.with_unit(text, _unit(account, margin))} {'above' if is_above else 'below'}"


def full(account: Account, margin: Margin) -> str:
    """The number, its limit and the distance; its declared error, and what the protocol says of repeating it."""
    side = measured(account, margin.value_node, _places(account, margin), tuple(margin.limit))
    against = limit(account, margin.limit_node, unit=True)
    text = f"{side.label} {side.value} is {aside(account, margin)} its limit of {against}"
    criterion = account.criteria[margin.criterion]
    state = word_of(criterion, account.findings[criterion.id])
    by = f"{'missed' if state == 'not met' else state} by little" if margin.is_near else state
    repeat = again(account, (margin,)) if margin.is_near or not margin.is_favourable else []
    return joined((text, by, _error(account, margin), *repeat), "; ")


def again(account: Account, some: Sequence[Margin]) -> list[str]:
    """What the protocol says of measuring these again, and that no reading is lost by it."""
    found = dict.fromkeys(each for margin in some for each in repeats(account.library, margin))
    said = [f"{safe(each.text)}{f' {SITE_CHOICE}' if each.chosen else ''}" for each in found]
    return [f"by the protocol measured again: {' and '.join(said)}; all readings stay"] if said else []


def _error(account: Account, margin: Margin) -> str:
    if margin.error is None:
        return ""
    amount = values.with_unit(values.number(exactly(margin.error.amount)), _unit(account, margin))
    mark = f" {SITE_CHOICE}" if margin.error.chosen else ""
    return f"{margin.in_errors} times its measurement error of {amount}{mark}"


def _unit(account: Account, margin: Margin) -> str:
    return values.unit_of(margin.value_node.type)


def _places(account: Account, margin: Margin) -> int:
    return limit_decimals(account, margin.limit_node)[0] + 1
