"""A number as a record writes it, as bounds in the requirement's unit; or why it cannot be used.

The text may come from anywhere: a laboratory's comparator, fifteen decimals of float noise, an
exponent of a million. What is no measurement is set aside in fixed words that hold no value.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from screening.language.library import Factor
from screening.record.subject import SetAside
from screening.values.bounds import LARGEST, STEP, Bounds, recorded
from screening.values.quantity import Unit, UnknownUnit, convert, parse_unit, same_dimension

NO_UNIT = SetAside("no unit")
UNKNOWN_UNIT = SetAside("unknown unit")
OTHER_DIMENSION = SetAside("unit of another dimension")
NO_UNIT_WANTED = SetAside("a unit where none is asked for")
TOO_LARGE = SetAside("too large")
NO_NUMBER = SetAside("not a number")
NOT_WHOLE = SetAside("not a whole number")
NO_COMPARATOR = SetAside("unknown comparator")
EMPTY_RANGE = SetAside("ends before it begins")

# What stands behind a code of a unit that is of no known system: no unit of UCUM has a blank.
OF_ANOTHER_SYSTEM = " of another code system"
COMPARATORS = ("<", "<=", ">", ">=")
LONGEST_NUMBER = 500
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,12}))?\Z")
_SMALLEST_PLACE = 60
_EXACT = decimal.Context(prec=2000, Emax=999999, Emin=-999999, traps=[decimal.Inexact, decimal.InvalidOperation])


def number_of(text: str) -> Decimal | SetAside:
    """The number that a text writes, exactly; one of 10^30 or more in size is no measurement.

    >>> number_of("5.20")
    Decimal('5.20')
    >>> number_of("1e400").why
    'too large'
    """
    found = _NUMBER.match(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        return NO_NUMBER
    sign, whole, places, exponent = found[1], found[2], found[3] or "", int(found[4] or 0)
    digits = (whole + places).lstrip("0")
    if not digits:
        return Decimal(0)
    last = exponent - len(places)
    if len(digits) + last > 30:
        return TOO_LARGE
    if len(digits) + last < -_SMALLEST_PLACE:
        # INVARIANT: anything this small lies between 0 and its neighbour of 8 decimals, whatever its digits.
        digits, last = "1", -_SMALLEST_PLACE
    return Decimal(f"{'-' if sign == '-' else ''}{digits}E{last}")


def is_beyond(text: str, scale: Bounds) -> bool:
    """Whether a number too large to be held lies outside a declared scale."""
    if number_of(text) is not TOO_LARGE:
        return False
    return (scale.low if text.startswith("-") else scale.high) is not None


def unit_meant(written: str, units: Sequence[tuple[str, str]]) -> str:
    """What UCUM calls a unit, where the site says so of this text or code; any other unit as it is written.

    >>> unit_meant("mmHg", [("mmHg", "mm[Hg]")]), unit_meant("mm of Hg", [("mmHg", "mm[Hg]")])
    ('mm[Hg]', 'mm of Hg')
    """
    found = dict(units)
    return found.get(written, found.get(written.removesuffix(OF_ANOTHER_SYSTEM), written) if written else written)


def plain(value: Decimal) -> Decimal:
    """A number without idle zeros and without an exponent: one value, one form."""
    if not value:
        return Decimal(0)
    short = value.normalize(_EXACT)
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1), context=_EXACT) if isinstance(exponent, int) and exponent > 0 else short


def _ends(value: Decimal, comparator: str, whole: bool) -> Bounds | SetAside:
    """What a number with its comparator leaves, in the unit in which it was written."""
    # SPEC: semantics 2.1; the step is 1 for a whole number, else one unit of the eighth decimal.
    around, step = recorded(value), Decimal(1) if whole else STEP
    if whole:
        low, high = (int(value.to_integral_value(way, _EXACT)) for way in (ROUND_FLOOR, ROUND_CEILING))
        if not comparator and low != high:
            return NOT_WHOLE
        around = Bounds(low, high)
    exact = around.low == around.high
    match comparator:
        case "":
            return around
        case "<":
            return Bounds(None, _EXACT.subtract(around.low, step) if exact else around.low)
        case "<=":
            return Bounds(None, around.low)
        case ">":
            return Bounds(_EXACT.add(around.high, step) if exact else around.high, None)
        case ">=":
            return Bounds(around.high, None)
    return NO_COMPARATOR


_Way = tuple[Unit, Unit, str]


def _units(written: str, wanted: str | None, factors: Sequence[Factor]) -> _Way | SetAside | None:
    """From which unit to which, and what then multiplies; None if the number stands as it is.

    `wanted` is None for a number without a unit.
    """
    # SPEC: semantics 2.6.
    if not written:
        if wanted is None or _is_one(parse_unit(wanted)):
            return None
        return NO_UNIT
    try:
        source = parse_unit(written)
    except UnknownUnit:
        return UNKNOWN_UNIT
    if wanted is None:
        return None if _is_one(source) else NO_UNIT_WANTED
    target = parse_unit(wanted)
    if same_dimension(source, target):
        return source, target, ""
    for factor in factors:
        between = parse_unit(factor.unit)
        if same_dimension(source, between):
            return source, between, factor.by
    return OTHER_DIMENSION


def _is_one(unit: Unit) -> bool:
    return not unit.dimension and unit.factor == 1 and unit.offset == 0


def _in_unit(end: Decimal | int | None, how: _Way) -> Decimal | None:
    if end is None:
        return None
    source, target, by = how
    found = convert(end, source, target)
    return _EXACT.multiply(found, Decimal(by)) if by else found


def measured(
    text: str,
    comparator: str = "",
    written: str = "",
    *,
    whole: bool = False,
    unit: str | None = None,
    factors: Sequence[Factor] = (),
    floor: str = "",
) -> Bounds | SetAside:
    """A number with its comparator and the unit as written, as bounds in the wanted unit.

    >>> measured("0.5", "<", "mg/dL", unit="mg/L", floor="0")
    Bounds(low=Decimal('0'), high=Decimal('4.9999999'))
    """
    number = number_of(text)
    if isinstance(number, SetAside):
        return number
    ends = _ends(number, comparator, whole)
    return ends if isinstance(ends, SetAside) else _settled(ends, written, whole, unit, factors, floor)


def ranged(
    low: str,
    high: str,
    written: str = "",
    *,
    whole: bool = False,
    unit: str | None = None,
    factors: Sequence[Factor] = (),
    floor: str = "",
) -> Bounds | SetAside:
    """A range with both ends in, either perhaps not written, as bounds in the wanted unit."""
    ends: list[Decimal | int | None] = []
    for text, side in ((low, 0), (high, 1)):
        number = number_of(text) if text else None
        found = None if number is None else number if isinstance(number, SetAside) else _ends(number, "", whole)
        if isinstance(found, SetAside):
            return found
        ends.append(None if found is None else found[side])
    return _settled(Bounds(*ends), written, whole, unit, factors, floor)


def _settled(
    ends: Bounds, written: str, whole: bool, unit: str | None, factors: Sequence[Factor], floor: str
) -> Bounds | SetAside:
    how = _units(written, unit, factors)
    if isinstance(how, SetAside):
        return how
    if how is not None:
        ends = Bounds(_in_unit(ends.low, how), _in_unit(ends.high, how))
    if any(end is not None and not -LARGEST < end < LARGEST for end in ends):
        return TOO_LARGE
    low, high = (None if end is None else int(end) if whole else plain(Decimal(end)) for end in ends)
    if low is None and floor:
        low = int(floor) if whole and floor.lstrip("-").isdigit() else Decimal(floor)
    if low is not None and high is not None and low > high:
        return EMPTY_RANGE
    return Bounds(low, high)
