"""Units read from text: the grammar, the table against UCUM's own and against ucumvert, the names."""

from __future__ import annotations

import csv
import datetime
import pickle
import warnings
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.values.unit import LONGEST, Unit, UnknownUnit, everyday, parse_unit, spelt, terms

# Every unit that the clinical reference, the corpus and the outside records need, with its name for people.
NEEDED = {
    "mm[Hg]": "mmHg", "mg/dL": "mg/dL", "mg/L": "mg/L", "umol/L": "umol/L", "mmol/L": "mmol/L", "U/L": "U/L",
    "[IU]/mL": "IU/mL", "[IU]/L": "IU/L", "k[IU]/L": "kIU/L", "m[IU]/L": "mIU/L", "u[IU]/mL": "uIU/mL",
    "kg": "kg", "g": "g", "[lb_av]": "lb", "[oz_av]": "oz", "cm": "cm", "m": "m", "[in_i]": "in",
    "Cel": "deg C", "[degF]": "deg F", "K": "K", "/min": "/min", "{beats}/min": "/min", "ms": "ms", "s": "s",
    "min": "min", "h": "h", "d": "d", "wk": "wk", "mo": "mo", "a": "yr", "%": "%", "mL/min": "mL/min",
    "mL/min/{1.73_m2}": "mL/min/1.73 m2", "kg/m2": "kg/m2", "mm/h": "mm/h", "10*3/uL": "10^3/uL",
    "10*6/uL": "10^6/uL", "10*9/L": "10^9/L", "g/dL": "g/dL", "pg/mL": "pg/mL", "ng/mL": "ng/mL",
    "mg/d": "mg/d", "mg/wk": "mg/wk", "mg/kg": "mg/kg", "mg/kg/h": "mg/kg/h", "[ppm]": "ppm", "1": "",
    "{score}": "", "{presence}": "", "{#}": "", "{T-score}": "", "meq/L": "mEq/L", "mosm/kg": "mOsm/kg",
    "kPa": "kPa", "cm[H2O]": "cmH2O", "fL": "fL", "pg": "pg", "[pH]": "pH", "{#}/[HPF]": "/HPF", "deg": "deg",
}  # fmt: skip

PER_LITRE = ("length", -3)


@pytest.mark.parametrize(("text", "name"), NEEDED.items())
def test_every_needed_unit_is_read_and_named(text: str, name: str) -> None:
    assert parse_unit(text).text == text
    assert everyday(text) == name


# ------------------------------------------------------------------------------------ grammar


@pytest.mark.parametrize(
    ("text", "factor", "dimension"),
    [
        ("mg/dL", Fraction(10), (PER_LITRE, ("mass", 1))),
        ("10*3/uL", Fraction(10) ** 12, (PER_LITRE,)),
        ("10^3/uL", Fraction(10) ** 12, (PER_LITRE,)),
        ("10*-3", Fraction(1, 1000), ()),
        ("10*+3", Fraction(1000), ()),
        ("10*", Fraction(10), ()),
        ("m-1", Fraction(1), (("length", -1),)),
        ("kg/m.s2", Fraction(1000), (("length", -1), ("mass", 1), ("time", 2))),
        ("kg/(m.s2)", Fraction(1000), (("length", -1), ("mass", 1), ("time", -2))),
        ("g/(m/(s/K))", Fraction(1), (("length", -1), ("mass", 1), ("temperature", -1), ("time", 1))),
        ("/(m.s)", Fraction(1), (("length", -1), ("time", -1))),
        ("1/min/kg", Fraction(1, 60_000), (("mass", -1), ("time", -1))),
        ("/min/{1.73_m2}", Fraction(1, 60), (("time", -1),)),
        ("100/{cells}", Fraction(100), ()),
        ("(8.h){shift}", Fraction(28_800), (("time", 1),)),
        ("%{hemoglobin}", Fraction(1, 100), ()),
        ("10.L/min", Fraction(1, 6000), (("length", 3), ("time", -1))),
        ("mo", Fraction("30.4375") * 86_400, (("time", 1),)),
        ("a", Fraction("365.25") * 86_400, (("time", 1),)),
        ("U/L", Fraction(1, 60_000), (("amount of substance", 1), PER_LITRE, ("time", -1))),
        ("mm[Hg]", Fraction(133_322), (("length", -1), ("mass", 1), ("time", -2))),
        ("dam", Fraction(10), (("length", 1),)),
        ("cd", Fraction(1), (("luminosity", 1),)),
    ],
)
def test_a_term_is_read_as_ucum_reads_it(text: str, factor: Fraction, dimension: object) -> None:
    assert parse_unit(text) == Unit(text, factor, Fraction(0), tuple(sorted(dimension)))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "mg dL", " mg/dL", "mg/dL\n", "mg//dL", "mg/", ".mg", "mg.", "//min", "2mg", "mg2L", "m0",
        "m+", "m21", "m-21", "0", "01", "0.m", "1.73.m2", "mL/min/1.73.m2", "10-3", "(m/s)2", "(m", "m)",
        "()", "((m)", "m/(/s)", "{}", "{a}{b}", "{a b}", "{a{b}}", "m{\u00b5}", "{", "}", "kmin", "kd",
        "k[lb_av]", "kCel", "mkg", "Cel/min", "/Cel", "Cel2", "2.Cel", "[degF].s", "/min/kg", "/(m)/s",
        "\u00b5g", "m\u00b2", "m\u0662", "mmHg", "mgs/litre", "IU/mL", "mcg", "lb", "ft", "pt", "st", "in",
        "t", "u", "dB", "[x]", "[", "m*", "g^2", "10*3 /uL", "10*21", "Ym20.Ym20", "m" * 65, "m." * 32 + "m",
        "(" * 64, "9" * 65,
    ],
)  # fmt: skip
def test_anything_else_is_no_unit(text: str) -> None:
    with pytest.raises(UnknownUnit):
        parse_unit(text)


def test_annotations_count_as_one() -> None:
    plain, annotated = parse_unit("mL/min"), parse_unit("mL/min/{1.73_m2}")
    assert (plain.factor, plain.dimension) == (annotated.factor, annotated.dimension)
    assert terms("mg{a}/{b}") == (("mg", 1),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[IU]", "U"),
        ("[IU]", "1"),
        ("[IU]", "[arb'U]"),
        ("[pH]", "1"),
        ("/[HPF]", "1"),
        ("/[HPF]", "/[LPF]"),
        ("mol", "g"),
        ("mol", "1"),
        ("meq/L", "mmol/L"),
        ("mosm/L", "mmol/L"),
        ("mm/h", "mg/L"),
        ("K/uL", "10*3/uL"),
        ("mg/g", "mg/mmol"),
    ],
)
def test_dimensions_that_no_factor_joins(one: str, other: str) -> None:
    assert parse_unit(one).dimension != parse_unit(other).dimension


def test_both_spellings_of_an_international_unit_are_one() -> None:
    assert parse_unit("k[iU]/L").dimension == parse_unit("[IU]/mL").dimension
    assert parse_unit("k[iU]/L").factor == parse_unit("[IU]/mL").factor


SYMBOLS = ("m", "g", "s", "K", "mol", "L", "Pa", "U", "[IU]", "m[Hg]", "min", "h", "[lb_av]", "%", "10*")
PREFIXES = {"k": 3, "da": 1, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "G": 9}


@given(st.sampled_from(sorted(PREFIXES)), st.sampled_from(SYMBOLS[:10]), st.integers(-5, 5).filter(bool))
def test_a_prefix_is_a_power_of_ten_and_is_raised_with_its_symbol(prefix: str, symbol: str, n: int) -> None:
    plain, prefixed = parse_unit(f"{symbol}{n}"), parse_unit(f"{prefix}{symbol}{n}")
    assert prefixed.factor == plain.factor * Fraction(10) ** (PREFIXES[prefix] * n)
    assert prefixed.dimension == plain.dimension


@given(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=4), st.sampled_from("./"))
def test_a_unit_in_parentheses_is_the_unit(symbols: list[str], operator: str) -> None:
    text = operator.join(symbols)
    plain, grouped = parse_unit(text), parse_unit(f"({text})")
    assert (plain.factor, plain.dimension) == (grouped.factor, grouped.dimension)
    inverse = parse_unit(f"1/({text})")
    assert inverse.factor * plain.factor == 1


# -------------------------------------------------------------------------------- any text


any_text = st.one_of(
    st.text(max_size=80),
    st.text("mgLdhUIC[]{}()./-+*^%0123789 _'", max_size=80),
    st.lists(st.sampled_from([*NEEDED, "/", ".", "(", ")", "{x}", "2", "10*", "-20", "20"]), max_size=12).map(
        "".join
    ),
)


def _fault(text: str) -> UnknownUnit | None:
    try:
        parse_unit(text)
    except UnknownUnit as fault:
        return fault
    return None


def _is_unit(text: str) -> bool:
    return _fault(text) is None


@settings(deadline=datetime.timedelta(milliseconds=500), max_examples=500)
@given(any_text)
def test_any_text_is_a_unit_or_an_unknown_unit_and_quickly(text: str) -> None:
    fault = _fault(text)
    if fault is None:
        assert parse_unit(text).text == text
        assert parse_unit(text).factor > 0
        assert everyday(text).isascii()
        assert not set(everyday(text)) & set("{}[]*")
    else:
        assert everyday(text) == text
        assert len(fault.text) <= LONGEST + 3
        assert fault.text.isprintable()
        assert not fault.suggestion or (_is_unit(fault.suggestion) and fault.suggestion != text)


@pytest.mark.parametrize(
    "text", ["[pi]20." * 8 + "m", "[" * 64, "{" * 64, "(" * 64, "mg/dL" * 100_000, "9" * 100_000]
)
def test_a_hostile_text_costs_nothing(text: str) -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert len(str(caught.value)) < 100
    assert len(caught.value.suggestion) <= LONGEST


# ------------------------------------------------------------------------------ suggestions


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mmHg", "mm[Hg]"),
        ("mcg", "ug"),
        ("mcg/L", "ug/L"),
        ("\u00b5g/L", "ug/L"),
        ("\u03bcmol/L", "umol/L"),
        ("IU/mL", "[IU]/mL"),
        ("mIU/L", "m[IU]/L"),
        ("mgs/litre", "mg/L"),
        ("mg per dL", "mg/dL"),
        (" mg/dL ", "mg/dL"),
        ("MG/DL", "mg/dL"),
        ("ML/MIN/1.73 M2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("mL/min/1.73.m2", "mL/min/{1.73_m2}"),
        ("x10^3/uL", "10*3/uL"),
        ("10E9/L", "10*9/L"),
        ("kg/m^2", "kg/m2"),
        ("kg/m\u00b2", "kg/m2"),
        ("\u00b0C", "Cel"),
        ("deg F", "[degF]"),
        ("DegC", "Cel"),
        ("bpm", "{beats}/min"),
        ("lbs", "[lb_av]"),
        ("mm/hr", "mm/h"),
        ("mEq/L", "meq/L"),
        ("weeks", "wk"),
        ("pH", "[pH]"),
        ("cmH2O", "cm[H2O]"),
        ("Cel/h", "K/h"),
        ("[degF]/h", "[degR]/h"),
        ("/min/kg", "1/min/kg"),
        ("umoll/L", "umol/L"),
        ("", ""),
        ("  ", ""),
        ("0", ""),
        ("nonsense", ""),
    ],
)
def test_what_may_have_been_meant(text: str, meant: str) -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert caught.value.suggestion == meant


def test_a_fault_shows_no_control_characters_and_survives_a_process() -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_unit("mg\x1b[31m")
    assert str(caught.value) == "unknown unit `mg?[31m`"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("100/{cells}", "100"),
        ("{a}.m", "m"),
        ("m/({a})/s", "m/s"),
        ("{a}/{b}", ""),
        ("mg/{dose}", "mg"),
        ("mL{a}/min{b}", "mL/min"),
        ("1/min/kg", "/min/kg"),
        ("10*", "10"),
        ("11.m", "11.m"),
        ("[GPL'U]/mL", "GPL U/mL"),
        ("(8.h){shift}", "(8.h)"),
        ("mgs/litre", "mgs/litre"),
    ],
)
def test_names_leave_out_what_counts_as_one(text: str, name: str) -> None:
    assert everyday(text) == name


# ------------------------------------------------------------- oracles: UCUM's table, ucumvert

NO_ORACLE = "the oracle for units, ucumvert (an extra for tests), is not installed"
# Ours alone, see the module: these are numbers or amounts of substance to UCUM.
OUR_OWN = {"mol", "eq", "osm", "[IU]", "[iU]", "[pH]", "[HPF]", "[LPF]"}
AMOUNTS = {"amount of substance", "equivalents", "osmoles"}


def _codes(root: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    return root.iter(f"{{http://unitsofmeasure.org/ucum-essence}}{tag}")


@pytest.fixture(scope="module")
def essence() -> ElementTree.Element:
    """UCUM's own machine-readable table, which ucumvert carries."""
    ucumvert = pytest.importorskip("ucumvert", reason=NO_ORACLE)
    root = ElementTree.parse(Path(ucumvert.__file__).parent / "vendor" / "ucum-essence.xml").getroot()
    assert root.get("version") == "2.2"
    return root


def test_every_atom_has_the_value_of_the_ucum_table(essence: ElementTree.Element) -> None:
    compared = 0
    for atom in _codes(essence, "unit"):
        code, value = atom.attrib["Code"], atom.find("{http://unitsofmeasure.org/ucum-essence}value")
        assert value is not None
        if not _is_unit(code) or code in OUR_OWN or atom.get("isArbitrary") or atom.get("isSpecial"):
            continue
        definition = "V.s/m2" if code == "T" else value.attrib["Unit"]  # we have no weber
        given_unit, defined = parse_unit(code), parse_unit(definition)
        assert given_unit.factor == Fraction(value.attrib["value"]) * defined.factor, code
        assert given_unit.dimension == defined.dimension, code
        compared += 1
    assert compared > 60


def test_prefixes_stand_only_where_the_ucum_table_has_them(essence: ElementTree.Element) -> None:
    """Also that no symbol of ours is, in all of UCUM, a prefix and an atom that we left out."""
    prefixes = {"": Fraction(1)}
    for prefix in _codes(essence, "prefix"):
        value = prefix.find("{http://unitsofmeasure.org/ucum-essence}value")
        assert value is not None
        prefixes[prefix.attrib["Code"]] = Fraction(value.attrib["value"])
    metric = {unit.attrib["Code"]: unit.get("isMetric") == "yes" for unit in _codes(essence, "unit")}
    metric |= {unit.attrib["Code"]: True for unit in _codes(essence, "base-unit")}
    meanings: dict[str, list[tuple[str, str]]] = {}
    for prefix_code, atom in product(prefixes, metric):
        if not prefix_code or metric[atom]:
            meanings.setdefault(prefix_code + atom, []).append((prefix_code, atom))
    compared = 0
    for symbol, found in meanings.items():
        if _is_unit(symbol):
            # Where UCUM can be read in two ways (`cd`, `Pa`), its rule is the atom before the prefix.
            prefix_code, atom = min(found, key=lambda meaning: len(meaning[0]))
            assert _is_unit(atom), symbol
            assert parse_unit(symbol).factor == prefixes[prefix_code] * parse_unit(atom).factor, symbol
            compared += 1
    assert compared > 700
    for code, atom_is_metric in metric.items():
        if _is_unit(code) and not atom_is_metric:
            assert f"k{code}" in meanings or not _is_unit(f"k{code}"), code


@pytest.fixture(scope="module")
def oracle() -> Any:
    ucumvert = pytest.importorskip("ucumvert", reason=NO_ORACLE)
    with warnings.catch_warnings():
        # ENGINE: pint warns when ucumvert defines what it already has; nothing of ours.
        warnings.simplefilter("ignore")
        return ucumvert.PintUcumRegistry()


def _told(oracle: Any, text: str) -> tuple[float, dict[str, int]]:
    """Factor and dimension as ucumvert has them, mass in grams."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantity = oracle.from_ucum(text)
        if not hasattr(quantity, "to_base_units"):
            return 1.0, {}  # ENGINE: a lone annotation comes back as a token of its grammar
        base = quantity.to_base_units()
    dimension = {name.strip("[]"): int(n) for name, n in dict(base.dimensionality).items()}
    return float(base.magnitude) * 1000.0 ** dimension.get("mass", 0), dimension


def _translated(unit: Unit) -> dict[str, int]:
    """Our dimension in ucumvert's: current for charge, one substance; angles, arbitrary units are numbers."""
    names = {"length", "mass", "time", "temperature", "luminosity"}
    found: dict[str, int] = {}
    for base, n in unit.dimension:
        steps = {"current": n, "time": n} if base == "electric charge" else {base: n} if base in names else {}
        steps = {"substance": n} if base in AMOUNTS else steps
        for name, times in steps.items():
            found[name] = found.get(name, 0) + times
    return {name: n for name, n in found.items() if n}


def _agrees(oracle: Any, text: str) -> None:
    unit = parse_unit(text)
    factor, dimension = _told(oracle, text)
    # ENGINE: pint has the conventional millimetre of mercury, 133.322387415 Pa; UCUM prints 133.322.
    tolerance = 3e-6 if "[Hg]" in text or "[wood'U]" in text or "[PRU]" in text else 1e-9
    assert factor == pytest.approx(float(unit.factor + unit.offset), rel=tolerance), text
    assert {name.replace("luminous_intensity", "luminosity"): n for name, n in dimension.items()} == _translated(
        unit
    ), text


@pytest.mark.parametrize("text", [text for text in NEEDED if text != "[pH]"])
def test_ucumvert_agrees_on_every_needed_unit(oracle: Any, text: str) -> None:
    _agrees(oracle, text)


def test_ucumvert_agrees_on_the_official_examples(oracle: Any) -> None:
    ucumvert = pytest.importorskip("ucumvert", reason=NO_ORACLE)
    path = Path(ucumvert.__file__).parent / "vendor" / "ucum_examples.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        examples = [row[1] for row in csv.reader(lines, delimiter="\t")][1:]
    read = [text for text in examples if _is_unit(text)]
    assert len(read) > 800
    for text in read:
        if text != "[pH]":
            _agrees(oracle, text)


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("mm/hr", "mm/h"), ("mm/1h", "mm/h"), ("MM/H", "mm/h"), ("mg/dl", "mg/dl"), ("MG/DL", "mg/dL"),
        ("\u00b5mol/L", "umol/L"), ("\u03bcmol/l", "umol/l"), ("UMOL/L", "umol/L"), ("g/dl", "g/dl"),
        ("bpm", "{beats}/min"),
        ("beats per minute", "{beats}/min"), ("/minute", "/min"), ("msec", "ms"), ("millisec", "ms"), ("sec", "s"),
        ("KG", "kg"), ("lbs", "[lb_av]"), ("IU/mL", "[IU]/mL"), ("[IU]/mL", "[IU]/mL"), ("U/mL", "U/mL"),
        ("years", "a"), ("weeks", "wk"), ("mL/min/1.73 m\u00b2", "mL/min/{1.73_m2}"),
        # What may be another thing, or nothing, is not read.
        ("M", ""), ("D", ""), ("smoot", ""), ("", ""), ("0-10", ""), ("mg/dLL", ""), ("x" * 99, ""),
    ],
)  # fmt: skip
def test_units_as_people_write_them(written: str, unit: str) -> None:
    assert spelt(written) == unit
