"""A number with a unit: exact conversion within a dimension, and the units of products.

Numbers are decimals in and out, factors exact fractions between: nothing is rounded but a
quotient that does not end, and that to 8 decimals, half away from zero (semantics 2.6).
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from screening.values.bounds import PLACES
from screening.values.unit import Part, Unit, UnknownUnit, everyday, parse_unit, spelt, terms

__all__ = [
    "DimensionMismatch",
    "OffsetUnit",
    "Quantity",
    "Unit",
    "UnknownUnit",
    "convert",
    "divide",
    "everyday",
    "multiply",
    "parse_unit",
    "power",
    "same_dimension",
    "spelt",
    "written_out",
]

# INVARIANT: a factor has at most 2000 bits above and below its line together (`unit.LARGEST_FACTOR_BITS`),
# so that a converted number of so many digits fits the context and cannot be a way to stop the program.
MOST_DIGITS = 400
_EXACT = decimal.Context(prec=8000, Emax=999999, Emin=-999999, traps=[decimal.Inexact, decimal.InvalidOperation])


class Quantity(NamedTuple):
    """A number and its UCUM unit; the unit is `1` for a pure number.

    >>> Quantity(Decimal("5.20"), "mmol/L").unit
    'mmol/L'
    """

    value: Decimal
    unit: str


class DimensionMismatch(ValueError):
    """A conversion between units of two dimensions was asked for; names the units, never the value."""

    def __init__(self, source: Unit, target: Unit) -> None:
        self.source = source
        self.target = target
        super().__init__(source, target)

    def __str__(self) -> str:
        return f"`{self.source.text}` and `{self.target.text}` are units of two dimensions"


class OffsetUnit(ValueError):
    """A unit with an offset (`Cel`, `[degF]`) in a product, a quotient or a power, where it means nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)

    def __str__(self) -> str:
        return f"`{self.text}` counts from another zero than `K` and takes no part in products"


def same_dimension(a: Unit, b: Unit) -> bool:
    """Whether values in the one can be told in the other, by UCUM alone.

    >>> same_dimension(parse_unit("mm/h"), parse_unit("mg/L"))
    False
    """
    return a.dimension == b.dimension


def convert(value: Decimal | int, source: Unit, target: Unit) -> Decimal:
    """The same quantity in another unit: every digit if it ends, else rounded as `/` to 8 decimals.

    Where the units mean the same, the number keeps the digits it was written with. Raises
    `DimensionMismatch`, and ValueError for what is no finite number of at most 400 digits.

    >>> convert(Decimal("154.3"), parse_unit("[lb_av]"), parse_unit("kg"))
    Decimal('69.989302691')
    >>> convert(100, parse_unit("min"), parse_unit("h"))
    Decimal('1.66666667')
    """
    # SPEC: semantics 2.6; UCUM 3.1 for the offsets.
    if not same_dimension(source, target):
        raise DimensionMismatch(source, target)
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_DIGITS or number.adjusted() > MOST_DIGITS:
        raise ValueError(f"not a finite number of at most {MOST_DIGITS} digits")
    if (source.factor, source.offset) == (target.factor, target.offset):
        return number
    base = Fraction(number) * source.factor + source.offset
    return written_out((base - target.offset) / target.factor)


def written_out(exact: Fraction) -> Decimal:
    """A fraction as a decimal without idle zeros: exact if it ends, else the nearest of 8 decimals."""
    denominator = exact.denominator
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        # INVARIANT: what does not end is never a tie, so nearest and half away from zero are one.
        return written_out(Fraction(round(exact * 10**PLACES), 10**PLACES))
    places = max(twos, fives)
    return Decimal(exact.numerator * 10**places // denominator).scaleb(-places, _EXACT)


# ----------------------------------------------------------------------------------- products


def _spell(parts: Iterable[Part]) -> str:
    """The one text of a product: equal symbols joined, divisors last, nothing left is `1`."""
    powers: dict[str, int] = {}
    number = Fraction(1)
    for symbol, exponent in parts:
        if symbol.isdigit():
            number *= Fraction(int(symbol)) ** exponent
        else:
            symbol = "10*" if symbol == "10^" else symbol
            powers[symbol] = powers.get(symbol, 0) + exponent
    above = [s + (str(n) if n != 1 else "") for s, n in powers.items() if n > 0 or (n and s == "10*")]
    below = [s + (str(-n) if n != -1 else "") for s, n in powers.items() if n < 0 and s != "10*"]
    # INVARIANT: a number is never followed by `.` and a digit; `10*` is the only symbol that begins with one.
    above.sort(key=lambda symbol: not symbol.startswith("10*"))
    if number.numerator != 1:
        above.insert(1 if above and above[0].startswith("10*") else 0, str(number.numerator))
    if number.denominator != 1:
        below.append(str(number.denominator))
    if not above and len(below) != 1:
        above = ["1"]
    return ".".join(above) + "".join("/" + symbol for symbol in below)


def _product(*powers: tuple[Unit, int]) -> Unit:
    for unit, _ in powers:
        if unit.offset:
            raise OffsetUnit(unit.text)
    return parse_unit(_spell((s, n * times) for unit, times in powers for s, n in terms(unit.text)))


def multiply(a: Unit, b: Unit) -> Unit:
    """The unit of a product, in one canonical text; annotations go, unless the other side is `1`.

    Raises `OffsetUnit` for degrees, `UnknownUnit` if the product is beyond what `parse_unit` reads.

    >>> multiply(parse_unit("mg/dL"), parse_unit("dL")).text
    'mg'
    """
    if "1" in (a.text, b.text) and not (a.offset or b.offset):
        return a if b.text == "1" else b
    return _product((a, 1), (b, 1))


def divide(a: Unit, b: Unit) -> Unit:
    """The unit of a quotient, as `multiply`.

    >>> divide(divide(parse_unit("kg"), parse_unit("m")), parse_unit("m")).text
    'kg/m2'
    """
    if b.text == "1" and not a.offset:
        return a
    return _product((a, 1), (b, -1))


def power(a: Unit, n: int) -> Unit:
    """The unit of a whole power, as `multiply`; the power 0 is `1`.

    >>> power(parse_unit("m"), 2).text
    'm2'
    """
    return a if n == 1 and not a.offset else _product((a, n))
