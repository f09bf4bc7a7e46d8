"""Answers by chance to any requirement of a library, in range: what a person might turn out to have."""

from __future__ import annotations

from random import Random
from typing import Any

from screening.language.library import DataRequirement, RowField
from screening.outcome.codec import number_text
from screening.sources.admission import is_presence

DATES = ["2026-11-21", "2026-11-10", "2026-10-30", "2026-08-01", "2026-05-22", "2025-11-22", "2024", "2019-03"]


def _number(rng: Random, requirement: DataRequirement) -> str:
    low, high = requirement.scale
    if low is None or high is None:
        low, high = requirement.plausible
    low, high = (0 if low is None else low), (300 if high is None else high)
    whole = requirement.type.name == "Integer"
    drawn = rng.choice([low, high, (low + high) / 2, low + (high - low) * rng.randrange(1000) / 1000])
    return number_text(int(drawn)) if whole else number_text(round(drawn, 2))


def _field(rng: Random, declared: RowField) -> str:
    match declared.type.name:
        case "Integer":
            return str(rng.randrange(0, 400))
        case "Decimal" | "Quantity":
            number = str(rng.randrange(0, 100))
            return f"{number} '{declared.type.unit}'" if declared.type.unit else number
        case "Boolean":
            return rng.choice(["TRUE", "FALSE"])
        case "Date":
            return rng.choice(DATES)
        case "DateTime":
            return f"{rng.choice(DATES[:3])}T{rng.randrange(24):02d}:30"
        case "Code":
            return "LOCAL 1"
    return rng.choice(declared.values) if declared.values else "another"


def answer(rng: Random, requirement: DataRequirement, day: str = "") -> Any:
    """One answer to a requirement, as a profile's item; of what counts on one day alone, given on that `day`."""
    date = day if day and requirement.within == "0 days" else rng.choice(DATES)
    if requirement.kind == "birth date" or requirement.take.startswith("age"):
        return {"born": rng.choice(["1969-02-03", "1999-05", "2009-01-01", "1940"])}
    match requirement.type.name:
        case "Records":
            rows = []
            for number in range(rng.randrange(3)):
                row = {
                    f.name: _field(rng, f) for f in requirement.fields if f.name not in ("date", "value", "code")
                }
                rows.append({**row, "date": date, "source": f"row {number}"})
            return {"complete": rng.choice(["true", "false"]), "records": rows}
        case "Boolean" if is_presence(requirement):
            if rng.random() < 0.5:
                return {"absent": "true", "date": date}
            return {"value": "TRUE", "date": date}
        case "Boolean" | "Judgement":
            return {"value": rng.choice(["TRUE", "FALSE"]), "date": date, "by": "K1"}
        case "Integer" | "Decimal":
            return {"value": _number(rng, requirement), "date": date}
        case "Quantity":
            return {"value": f"{_number(rng, requirement)} '{requirement.type.unit}'", "date": date}
        case "Date":
            return {"value": f"@{date}"}
        case "DateTime":
            return {"value": f"@{day or '2026-11-20'}T{rng.randrange(24):02d}:00", "date": date}
        case "Code":
            return {"value": "LOCAL 1"}
    return {"value": "'female'" if requirement.take == "gender" else "'another'"}
