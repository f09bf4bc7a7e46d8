"""Questions about numbers of a table that may be codes of a survey: who knows the table has to answer them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from screening.language.library import DataRequirement
from screening.language.types import NUMBERS
from screening.record.missing_code import MISSING_CODES, bare
from screening.sources.look import Shape

# From here on surveys write one age for all who are older; it then stands so many times as often as others do.
OLD, OFTEN, LEAST_AGES = 75, 3, 10


def asked_of_codes(requirement: DataRequirement, shape: Shape, told: Collection[str]) -> list[str]:
    """The questions of one column; `told` are the codes that are settled already."""
    asks = []
    codes = [code for code in _coded_missing(requirement, shape) if code not in told]
    if codes:
        said = f"{', '.join(codes[:-1])} or {codes[-1]}" if len(codes) > 1 else codes[0]
        asks.append(
            f"does {said} say that there is no value (refused, not known, not asked)? then "
            f"`missing: [{', '.join(map(json.dumps, codes))}]`; until then each is {_taken_for(requirement)}"
        )
    if shape.zeros:
        words = ", ".join(f"{json.dumps(text)}: 0" for text in sorted(shape.zeros))
        asks.append(f"SAS transport files write 0 as {next(iter(sorted(shape.zeros)))}: `words: {{{words}}}`")
    return asks


def _taken_for(requirement: DataRequirement) -> str:
    return "a number" if requirement.type.name in NUMBERS else "an answer that cannot be used"


def likely_codes(shape: Shape) -> list[str]:
    """Codes of a column of which nobody knows yet what it is, in the order of numbers."""
    return sorted(shape.odd_codes(), key=Decimal)


def asked_of_zeros(shapes: Mapping[str, Shape], names: Sequence[str]) -> str:
    """Columns of which nobody knows yet what they are, in which a zero is written as SAS transport files do."""
    found = [name for name in names if shapes[name].zeros]
    if not found:
        return ""
    text = sorted(shapes[found[0]].zeros)[0]
    return f"0 is written as SAS transport files do, for `words: {{{json.dumps(text)}: 0}}`: {', '.join(found)}"


def asked_of_answers(shape: Shape) -> str:
    """What a column of yes and no is asked, in the codes that stand there: surveys write 2 for no, others 0."""
    no = "2" if {"1", "2"} <= {bare(word) for word in shape.words} and "0" not in shape.words else "0"
    return f"what do the answers mean? `words: {{1: TRUE, {no}: FALSE}}`"


def _coded_missing(requirement: DataRequirement, shape: Shape) -> list[str]:
    """Codes that surveys use for what is missing and that cannot be values here, or stand far from all others."""
    scale = requirement.scale
    found = set(shape.odd_codes())
    if scale.high is not None:
        found |= {f"{v.normalize():f}" for v in shape.values if v > scale.high and v in MISSING_CODES}
    if scale.low is not None:
        found |= {f"{v.normalize():f}" for v in shape.values if v < scale.low and v in MISSING_CODES}
    if scale.low is not None and scale.high is not None:
        # What the scale has of one digit is an answer.
        found -= {code for code in found if len(code) == 1 and scale.low <= Decimal(code) <= scale.high}
    return sorted(found, key=lambda code: (code.startswith("-"), len(code), code))


def asked_of_age(shape: Shape) -> list[str]:
    """Whether the highest age stands for everybody older too, as where a survey hides who the oldest are.

    Of ages that stand in bands it is said how a mapping means them.
    """
    if shape.bands:
        return ['some ages are bands; what each means is said as `words: {"18-24": "18..24", "85+": ">=85"}`']
    ages = {value: number for value, number in shape.values.items() if 0 <= value < 130}
    if len(ages) < LEAST_AGES:
        return []
    top = max(ages)
    usual = sum(ages.values()) / len(ages)
    if top < OLD or ages[top] < OFTEN * usual:
        return []
    age = f"{top.normalize():f}"
    return [f'does {age} mean that age or older? then `words: {{{age}: ">={age}"}}`']
