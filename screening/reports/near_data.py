"""`screening near` as data: every margin, near misses, what would have to be so, and what forces the verdict."""

from __future__ import annotations

from typing import Any

from screening.language.library import MeasurementError, Repeat
from screening.outcome.codec import number_text, value_data
from screening.outcome.margin import Margin, repeats
from screening.outcome.near import Aim, Counterfactual, Nearness
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.margin import label_of


def data(found: Nearness, account: Account) -> dict[str, Any]:
    """Everything that stands near the verdict of one person."""
    forced = found.sufficient
    return {
        "subject": account.subject.id,
        "protocol": account.library.name,
        "rule_digest": account.library.digest,
        "as_of": found.as_of.isoformat(),
        "verdict": found.determination.verdict.value,
        "margins": [_margin(account, margin) for margin in found.margins],
        "near_misses": [
            {"criterion": miss.criterion, "margins": [_margin(account, margin) for margin in miss.margins]}
            for miss in found.misses
        ],
        "modifiable": list(found.modifiable),
        "would_have_to_be": [_aim(aim) for aim in found.aims],
        "by_time": [
            {"criterion": each.criterion, "not_before": each.certain.isoformat()}
            for each in found.liftings
            if each.certain is not None
        ],
        "sufficient": {
            "verdict": forced.verdict.value,
            "criteria": list(forced.criteria),
            "requirements": list(forced.requirements),
            "is_smallest": forced.is_smallest,
        },
    }


def _margin(account: Account, margin: Margin) -> dict[str, Any]:
    in_errors = margin.in_errors
    return {
        "criterion": margin.criterion,
        "label": label_of(account, margin),
        "requirement": margin.requirement or None,
        "operator": margin.operator,
        "value": value_data(margin.value),
        "limit": value_data(margin.limit),
        "distance": number_text(margin.distance),
        "unit": values.unit_of(margin.value_node.type) or None,
        "holds": margin.holds,
        "speaks_for_entering": margin.is_favourable,
        "near": margin.is_near,
        "measurement_error": _error(margin.error),
        "in_errors": number_text(in_errors) if in_errors is not None else None,
        "repeat": [_repeat(each) for each in repeats(account.library, margin)],
    }


def _error(error: MeasurementError | None) -> dict[str, Any] | None:
    return {"amount": number_text(error.amount), "site_choice": error.chosen} if error is not None else None


def _repeat(repeat: Repeat) -> dict[str, Any]:
    return {"text": repeat.text, "site_choice": repeat.chosen}


def _aim(aim: Aim) -> dict[str, Any]:
    return {
        "criterion": aim.criterion or None,
        "for": "bar" if aim.criterion else "ELIGIBLE" if aim.is_eligible else "no bar",
        "on": aim.day.isoformat(),
        "sets": [_set(one) for one in aim.sets],
        "complete": aim.is_complete,
    }


def _set(one: Counterfactual) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "facts": [
            {
                "requirement": fact.requirement,
                "limits": [{"operator": each.operator, "value": number_text(each.value)} for each in fact.limits],
                "answers": list(fact.said),
                "one_of_several": fact.is_instance,
            }
            for fact in one.facts
        ],
    }
