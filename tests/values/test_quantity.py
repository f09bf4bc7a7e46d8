"""Quantities: exact conversion (semantics 2.6) and the units of products."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from screening.values.quantity import (
    DimensionMismatch,
    OffsetUnit,
    Quantity,
    Unit,
    UnknownUnit,
    convert,
    divide,
    multiply,
    parse_unit,
    power,
    same_dimension,
)


def told(value: str, source: str, target: str) -> Decimal:
    return convert(Decimal(value), parse_unit(source), parse_unit(target))


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        # the corpus, section 2.6
        ("154.3", "[lb_av]", "kg", "69.989302691"),
        ("100", "min", "h", "1.66666667"),
        ("100.4", "[degF]", "Cel", "38"),
        ("0.49999999", "mg/dL", "mg/L", "4.9999999"),
        ("1", "mg/dL", "mg/L", "10"),
        ("1.2", "mg/dL", "mg/L", "12"),
        ("300", "umol/L", "mmol/L", "0.3"),
        # records
        ("5.20", "mmol/L", "mmol/L", "5.20"),
        ("61", "mL/min", "mL/min/{1.73_m2}", "61"),
        ("7.1", "10*3/uL", "10*9/L", "7.1"),
        ("0.35", "1", "%", "35"),
        ("70", "[in_i]", "cm", "177.8"),
        ("8", "[oz_av]", "g", "226.796185"),
        ("16", "kPa", "mm[Hg]", "120.01020087"),
        ("120", "mm[Hg]", "kPa", "15.99864"),
        ("10", "cm[H2O]", "Pa", "980.665"),
        ("20", "[IU]/mL", "k[IU]/L", "20"),
        ("4.2", "u[IU]/mL", "m[IU]/L", "4.2"),
        ("40", "U/L", "ukat/L", "0.66666667"),
        ("25", "mg/wk", "mg/d", "3.57142857"),
        ("0.5", "mg/kg/h", "ug/kg/min", "8.33333333"),
        ("450", "ms", "s", "0.45"),
        ("1", "a", "mo", "12"),
        ("1", "Hz", "{beats}/min", "60"),
        ("1", "kg", "ng", "1000000000000"),
        # scales with an offset
        ("98.6", "[degF]", "Cel", "37"),
        ("-40", "[degF]", "Cel", "-40"),
        ("-40", "Cel", "[degF]", "-40"),
        ("99", "[degF]", "Cel", "37.22222222"),
        ("-273.15", "Cel", "K", "0"),
        ("0", "K", "[degF]", "-459.67"),
        # half away from zero on both sides
        ("-100", "min", "h", "-1.66666667"),
        ("1", "s", "min", "0.01666667"),
        ("-1", "s", "min", "-0.01666667"),
        ("0", "min", "h", "0"),
    ],
)
def test_a_value_in_another_unit(value: str, source: str, target: str, expected: str) -> None:
    assert str(told(value, source, target)) == expected


def test_whole_numbers_are_converted_too() -> None:
    assert convert(1, parse_unit("kg"), parse_unit("g")) == Decimal(1000)
    assert isinstance(convert(1, parse_unit("kg"), parse_unit("kg")), Decimal)


def test_what_ends_keeps_every_digit_also_beyond_eight() -> None:
    assert told("0.00000001", "ug", "kg") == Decimal("1E-17")
    assert told("1", "[in_i]", "km") == Decimal("0.0000254")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("mm/h", "mg/L"),
        ("mmol/L", "mg/dL"),
        ("[IU]/L", "U/L"),
        ("meq/L", "mmol/L"),
        ("mg", "mg/kg"),
        ("Cel", "kg"),
        ("[pH]", "1"),
    ],
)
def test_two_dimensions_do_not_meet(source: str, target: str) -> None:
    assert not same_dimension(parse_unit(source), parse_unit(target))
    with pytest.raises(DimensionMismatch) as caught:
        told("271828", source, target)
    assert str(caught.value) == f"`{source}` and `{target}` are units of two dimensions"
    assert "271828" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+401", "1E+999999", "1E-401", "1E-999999"]
)
@pytest.mark.parametrize("target", ["kg", "g"])
def test_what_is_no_measured_number_is_refused_without_naming_it(value: str, target: str) -> None:
    with pytest.raises(ValueError, match=r"^not a finite number of at most 400 digits$"):
        told(value, "kg", target)


def test_the_largest_numbers_and_units_still_convert() -> None:
    assert told("9" * 400, "Ym4", "ym4") == Decimal("9" * 400 + "0" * 192)
    assert told("1E-400", "ym4", "Ym4") == Decimal("1E-592")


# -------------------------------------------------------------------------------- properties

GROUPS = (
    ("kg", "g", "mg", "ug", "[lb_av]", "[oz_av]"),
    ("m", "cm", "mm", "[in_i]", "[ft_i]"),
    ("s", "ms", "min", "h", "d", "wk", "mo", "a"),
    ("mg/dL", "mg/L", "g/L", "ug/mL", "g/dL"),
    ("umol/L", "mmol/L", "mol/m3"),
    ("U/L", "ukat/L", "kU/L"),
    ("mm[Hg]", "kPa", "cm[H2O]", "bar"),
    ("mL/min", "mL/min/{1.73_m2}", "L/h"),
    ("Cel", "K", "[degF]", "[degR]"),
    ("1", "%", "[ppm]", "10*3", "{score}"),
)
PAIRS = [(parse_unit(a), parse_unit(b)) for group in GROUPS for a, b in permutations(group, 2)]
pairs = st.sampled_from(PAIRS)
triples = st.sampled_from(
    [tuple(parse_unit(text) for text in three) for group in GROUPS for three in permutations(group, 3)]
)
measured = st.decimals(-(10**6), 10**6, places=8)


def exactly(value: Decimal, source: Unit, target: Unit) -> Fraction:
    return (Fraction(value) * source.factor + source.offset - target.offset) / target.factor


@given(measured, pairs)
def test_a_conversion_is_exact_or_the_nearest_of_eight_decimals(value: Decimal, pair: tuple[Unit, Unit]) -> None:
    exact, found = exactly(value, *pair), convert(value, *pair)
    denominator = exact.denominator
    while denominator % 2 == 0:
        denominator //= 2
    while denominator % 5 == 0:
        denominator //= 5
    if denominator == 1:
        assert Fraction(found) == exact
    else:
        assert abs(Fraction(found) - exact) < Fraction(1, 2 * 10**8)
        assert found == round(found, 8)


@given(measured, pairs)
def test_there_and_back_is_the_value_where_nothing_is_rounded(value: Decimal, pair: tuple[Unit, Unit]) -> None:
    source, target = pair
    found = convert(value, source, target)
    assume(Fraction(found) == exactly(value, source, target))
    assert convert(found, target, source) == value


@given(measured, triples)
def test_a_detour_changes_nothing_where_nothing_is_rounded(value: Decimal, units: tuple[Unit, Unit, Unit]) -> None:
    first, second, third = units
    between = convert(value, first, second)
    assume(Fraction(between) == exactly(value, first, second))
    assert convert(between, second, third) == convert(value, first, third)


@given(measured, st.integers(-1000, 1000), pairs)
def test_conversion_commutes_with_scaling(value: Decimal, times: int, pair: tuple[Unit, Unit]) -> None:
    source, target = pair
    assume(not source.offset and not target.offset)
    found = convert(value, source, target)
    assume(Fraction(found) == exactly(value, source, target))
    assert Fraction(convert(value * times, source, target)) == Fraction(found) * times


@given(measured, measured, pairs)
def test_conversion_keeps_the_order_also_when_it_rounds(a: Decimal, b: Decimal, pair: tuple[Unit, Unit]) -> None:
    low, high = sorted((a, b))
    assert convert(low, *pair) <= convert(high, *pair)


@given(st.sampled_from(["Ym", "[pi]m", "[lb_av]"]), st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_converted_or_refused(text: str, value: Decimal) -> None:
    target = {"Ym": "ym", "[pi]m": "m", "[lb_av]": "kg"}[text]
    source = parse_unit("[pi].m" if text == "[pi]m" else text)
    if value.is_finite() and int(value.as_tuple().exponent) >= -400 and value.adjusted() <= 400:
        assert convert(value, source, parse_unit(target)).is_finite()
    else:
        with pytest.raises(ValueError, match="finite"):
            convert(value, source, parse_unit(target))


# ----------------------------------------------------------------------------------- products


def test_a_body_mass_index_is_kilograms_by_square_metres() -> None:
    kilogram, metre = parse_unit("kg"), parse_unit("m")
    assert divide(divide(kilogram, metre), metre) == parse_unit("kg/m2")
    assert divide(kilogram, power(metre, 2)) == parse_unit("kg/m2")
    assert divide(kilogram, multiply(metre, metre)) == parse_unit("kg/m2")


@pytest.mark.parametrize(
    ("a", "b", "product", "quotient"),
    [
        ("mg/dL", "dL", "mg", "mg/dL2"),
        ("mg", "mg", "mg2", "1"),
        ("1", "min", "min", "/min"),
        ("{score}", "1", "{score}", "{score}"),
        ("mL/min/{1.73_m2}", "1", "mL/min/{1.73_m2}", "mL/min/{1.73_m2}"),
        ("mL/min/{1.73_m2}", "min", "mL", "mL/min2"),
        ("10*3/uL", "uL", "10*3", "10*3/uL2"),
        ("10*9", "10^3", "10*12", "10*6"),
        ("L", "10*3", "10*3.L", "10*-3.L"),
        ("4.m", "10*3", "10*3.4.m", "10*-3.4.m"),
        ("m", "3.s", "3.m.s", "m/s/3"),
        ("/min", "kg", "kg/min", "1/min/kg"),
        ("2.m", "2.m", "4.m2", "1"),
        ("mg/kg", "kg", "mg", "mg/kg2"),
        ("%", "kg", "%.kg", "%/kg"),
        ("K", "s", "K.s", "K/s"),
    ],
)
def test_products_have_one_text(a: str, b: str, product: str, quotient: str) -> None:
    assert multiply(parse_unit(a), parse_unit(b)).text == product
    assert divide(parse_unit(a), parse_unit(b)).text == quotient


@pytest.mark.parametrize("text", ["Cel", "[degF]"])
def test_degrees_take_no_part_in_products(text: str) -> None:
    degrees, one, kilogram = parse_unit(text), parse_unit("1"), parse_unit("kg")
    for other in (one, kilogram, degrees):
        for a, b in ((degrees, other), (other, degrees)):
            with pytest.raises(OffsetUnit, match="takes no part in products"):
                multiply(a, b)
            with pytest.raises(OffsetUnit):
                divide(a, b)
    for n in (-1, 0, 1, 2):
        with pytest.raises(OffsetUnit):
            power(degrees, n)


def test_a_product_beyond_all_measuring_is_no_unit() -> None:
    with pytest.raises(UnknownUnit):
        power(parse_unit("m"), 21)


factors = st.sampled_from(
    [
        parse_unit(t)
        for t in ("kg", "m", "mg/dL", "/min", "10*3/uL", "%", "U/L", "[IU]", "2.s", "1", "{x}/h", "m[Hg]-2")
    ]
)


@given(factors, factors)
def test_products_multiply_factors_and_add_dimensions(a: Unit, b: Unit) -> None:
    product, other = multiply(a, b), multiply(b, a)
    assert product.factor == other.factor == a.factor * b.factor
    assert product.dimension == other.dimension
    assert product == parse_unit(product.text)
    back = divide(product, b)
    assert (back.factor, back.dimension) == (a.factor, a.dimension)
    assert divide(a, a).factor == 1
    assert divide(a, a).dimension == ()


@given(factors, st.integers(-4, 4))
def test_a_power_is_a_repeated_product(a: Unit, n: int) -> None:
    found = power(a, n)
    assert found.factor == a.factor**n
    assert dict(found.dimension) == {base: m * n for base, m in a.dimension if n}


def test_a_quantity_is_a_number_and_a_unit() -> None:
    assert Quantity(Decimal("5.20"), "mmol/L") == (Decimal("5.20"), "mmol/L")
