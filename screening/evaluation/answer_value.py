"""One value of an interview: held against its type, scale, answers and plausible range, and written as an item.

What is wrong is said with what is accepted. A value beyond what is plausible is asked about once more and kept:
the record sets it aside, and says so.
"""

from __future__ import annotations

from typing import Any

from screening.errors import OutOfRange, TypeFault
from screening.evaluation.inputs import entry
from screening.evaluation.names import DAY
from screening.evaluation.said import Beside, Wanting
from screening.evaluation.units import NotTaken, has_unit, is_number
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS
from screening.outcome.form import takes
from screening.reading.faults import shown
from screening.record.subject import SetAside
from screening.sources.number import measured
from screening.sources.worth import inside, is_birth, is_gender, literal, meets, range_text
from screening.values.bounds import OPEN
from screening.values.calendar import days_of
from screening.values.quantity import everyday

# An entry of one of these kinds is dated when it was, not when it was told.
EVENTS = ("condition", "medication", "procedure", "allergy")
OLDEST = 150


def item(requirement: DataRequirement, text: str, date: str, beside: Beside) -> tuple[Any, str]:
    """The item of a profile for one value, and the value as it is read back. Raises NotTaken, Wanting."""
    label = requirement.label or requirement.name
    day = past(date, beside) if date else beside.day.isoformat()
    readings = [part.strip() for part in text.split("+")] if requirement.readings > 1 else [text]
    made: list[tuple[Any, str]] = []
    for reading in readings:
        said = _united(requirement, reading)
        if is_gender(requirement):
            made.append(({"value": said, "date": day}, said))
            continue
        _is_on_scale(requirement, said)
        found, used, _ = entry(requirement, said, day)
        found = found["records"][0] if isinstance(found, dict) and "records" in found else found
        _fits(requirement, found, label, beside)
        made.append((found, used))
    source = beside.source(requirement.obtain)
    by = beside.by
    if len(readings) > 1:
        # Two readings of one value and day would be one, charted twice: that they are two is what was said.
        rows = [
            {"value": found["value"], "date": day, "by": f"{by}, reading {n}"}
            for n, (found, _) in enumerate(made, 1)
        ]
        return {"source": source, "records": rows}, " and ".join(used for _, used in made)
    # One reading alone is kept: it settles nothing, and an alert needs no second one.
    few = f", 1 of {requirement.readings} readings" if requirement.readings > 1 else ""
    found, used = made[0]
    if not isinstance(found, dict):
        raise NotTaken(TypeFault, f"{label} is not a value", "write ? if it is not known")
    if "born" in found:
        return {**found, "by": by, "source": source}, used
    return {**found, "by": by, "source": source}, f"{used}{few}"


def past(text: str, beside: Beside) -> str:
    """A day, month or year that does not lie after the as-of date. Raises NotTaken."""
    found = DAY.match(text)
    try:
        days = days_of(found[1]) if found else None
    except ValueError:
        days = None
    if found is None or days is None or days.low is None:
        raise NotTaken(TypeFault, f"`{shown(text)}` is not a date", "write it as 2021, 2021-03 or 2021-03-14")
    if days.low > beside.day:
        help = f"a date up to {beside.day.isoformat()}"
        raise NotTaken(OutOfRange, f"`{shown(text)}` lies after the as-of date", help)
    return found[1]


def _united(requirement: DataRequirement, text: str) -> str:
    """A number alone is in the unit that the screen shows, unless more than one is in use for it."""
    unit = requirement.type.unit
    if not unit or requirement.factors or requirement.scale_unit or not is_number(text) or has_unit(text):
        return text
    return f"{text} {unit}"


def _is_on_scale(requirement: DataRequirement, text: str) -> None:
    """Raises NotTaken for a number alone that is beyond the scale: said before its anchors are."""
    found = literal(text) if requirement.type.name in ("Integer", "Decimal") else None
    if found is None or found.unit or requirement.scale == OPEN:
        return
    worth = measured(found.value, found.comparator, whole=requirement.type.name == "Integer")
    if not isinstance(worth, SetAside) and not inside(worth, requirement.scale):
        wrong = f"{shown(found.value)} is not on this scale ({range_text(requirement.scale)})"
        raise NotTaken(OutOfRange, wrong, takes(requirement))


def _fits(requirement: DataRequirement, found: Any, label: str, beside: Beside) -> None:
    """Raises NotTaken for what is beyond the scale or cannot be used, Wanting for what is not plausible."""
    if not isinstance(found, dict):
        return
    if is_birth(requirement):
        _born(found, label, beside)
        return
    written = literal(str(found.get("value", ""))) if requirement.type.name in NUMBERS else None
    if written is None:
        if requirement.type.name in ("Date", "DateTime"):
            past(str(found.get("value", "")), beside)
        return
    type = requirement.type
    worth = measured(
        written.value,
        written.comparator,
        written.unit,
        whole=type.name == "Integer",
        unit=(type.unit or "1") if type.name == "Quantity" else None,
        factors=requirement.factors,
        floor=requirement.floor,
    )
    if isinstance(worth, SetAside):
        raise NotTaken(TypeFault, f"{label}: {worth.why}", takes(requirement))
    if requirement.scale != OPEN and not inside(worth, requirement.scale):
        raise NotTaken(
            OutOfRange, f"{label} is not on this scale ({range_text(requirement.scale)})", takes(requirement)
        )
    if requirement.plausible != OPEN and not meets(worth, requirement.plausible) and not beside.sure:
        unit = everyday(type.unit) if type.unit else ""
        limits = f"{range_text(requirement.plausible)} {unit}".strip()
        raise Wanting(
            "sure", f"{label} is beyond what is plausible ({limits}); it would be kept, but not counted."
        )


def _born(found: dict[str, Any], label: str, beside: Beside) -> None:
    if "born" in found:
        past(found["born"], beside)
        return
    if int(found["age"]) > OLDEST:
        raise NotTaken(OutOfRange, f"{label} is not on this scale (0 to {OLDEST})", "write the age, or 1977-02")
