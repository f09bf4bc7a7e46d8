"""Units of measure in UCUM's case sensitive codes: read, and named for people.

A subset of UCUM 2.2 (2024-06-17), kept small so that nothing is read that somebody meant
otherwise: atoms which everyday writing takes for something else (`t` in `ft`, `st`, `u`, `b`) are left
out, and so is every logarithm but `[pH]`. Factors are UCUM's own and exact. Some dimensions are kept
apart that UCUM makes one, because a conversion needs knowledge that no unit carries: amount of substance
(UCUM: the number 6.02214076e23), equivalents and osmoles (UCUM: mol, whatever the valence).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from screening.values.frozen import dataclass

# A dimension names each base with its exponent, sorted by name, none of them 0.
Dimension = tuple[tuple[str, int], ...]
Part = tuple[str, int]

LONGEST = 64
HIGHEST_EXPONENT = 20
LARGEST_FACTOR_BITS = 2000

# SPEC: UCUM 4.1, prefixes; those of powers of two belong to bits and bytes and are left out.
_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip

# SPEC: UCUM 4.2, base units; the last two lines are our own (see above) and UCUM 3.2.
_BASES = {
    "m": "length", "s": "time", "g": "mass", "rad": "plane angle", "K": "temperature",
    "C": "electric charge", "cd": "luminosity",
    "mol": "amount of substance", "eq": "equivalents", "osm": "osmoles",
    "[IU]": "international units", "[iU]": "international units",
}  # fmt: skip

# SPEC: UCUM 3.2, an arbitrary unit is commensurable with nothing but itself. The last three stand here
# by our own choice: a logarithm, and two microscope fields that UCUM counts as the numbers 1 and 100.
_ARBITRARY = frozenset({
    "[arb'U]", "[USP'U]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[beth'U]", "[anti'Xa'U]", "[todd'U]", "[ka'U]",
    "[tb'U]", "[CFU]", "[PFU]", "[FFU]", "[BAU]", "[AU]", "[EU]", "[ELU]", "[FEU]", "[Lf]", "[PNU]",
    "[CCID_50]", "[TCID_50]", "[EID_50]",
    "[pH]", "[HPF]", "[LPF]",
})  # fmt: skip

# SPEC: UCUM 4.3 to 4.5, value and unit as its tables print them.
_METRIC = {
    "sr": ("1", "rad2"), "Hz": ("1", "s-1"), "N": ("1", "kg.m/s2"), "Pa": ("1", "N/m2"), "J": ("1", "N.m"),
    "W": ("1", "J/s"), "A": ("1", "C/s"), "V": ("1", "J/C"), "Ohm": ("1", "V/A"), "T": ("1", "V.s/m2"),
    "lm": ("1", "cd.sr"), "lx": ("1", "lm/m2"), "Bq": ("1", "s-1"), "Gy": ("1", "J/kg"), "Sv": ("1", "J/kg"),
    "l": ("1", "dm3"), "L": ("1", "l"), "bar": ("1e5", "Pa"), "dyn": ("1", "g.cm/s2"),
    "cal_th": ("4.184", "J"), "cal": ("1", "cal_th"), "m[H2O]": ("980665e-5", "kPa"),
    "m[Hg]": ("133.3220", "kPa"), "g%": ("1", "g/dl"), "kat": ("1", "mol/s"), "U": ("1", "umol/min"),
}  # fmt: skip
_CUSTOMARY = {
    "10*": ("10", "1"), "10^": ("10", "1"), "%": ("1", "10*-2"),
    "[pi]": ("3.1415926535897932384626433832795028841971693993751058209749445923", "1"),
    "[ppth]": ("1", "10*-3"), "[ppm]": ("1", "10*-6"), "[ppb]": ("1", "10*-9"), "[pptr]": ("1", "10*-12"),
    "deg": ("2", "[pi].rad/360"), "min": ("60", "s"), "h": ("60", "min"), "d": ("24", "h"), "wk": ("7", "d"),
    "a_j": ("365.25", "d"), "a": ("1", "a_j"), "mo_j": ("1", "a_j/12"), "mo": ("1", "mo_j"),
    "[in_i]": ("254e-2", "cm"), "[ft_i]": ("12", "[in_i]"), "[yd_i]": ("3", "[ft_i]"), "[mi_i]": ("5280",
    "[ft_i]"),
    "[gr]": ("64.79891", "mg"), "[lb_av]": ("7000", "[gr]"), "[oz_av]": ("1", "[lb_av]/16"),
    "[stone_av]": ("14", "[lb_av]"), "[degR]": ("5", "K/9"), "[Cal]": ("1", "kcal"), "atm": ("101325", "Pa"),
    "[gal_us]": ("231", "[in_i]3"), "[qt_us]": ("1", "[gal_us]/4"), "[pt_us]": ("1", "[qt_us]/2"),
    "[gil_us]": ("1", "[pt_us]/4"), "[foz_us]": ("1", "[gil_us]/4"), "[cup_us]": ("16", "[tbs_us]"),
    "[tbs_us]": ("1", "[foz_us]/2"), "[tsp_us]": ("1", "[tbs_us]/3"), "[drp]": ("1", "ml/20"),
    "[MET]": ("3.5", "mL/min/kg"), "[diop]": ("1", "/m"),
    "[wood'U]": ("1", "mm[Hg].min/L"), "[PRU]": ("1", "mm[Hg].s/ml"), "[Ch]": ("1", "mm/3"),
}  # fmt: skip
# SPEC: UCUM 3.1, special units; the factor in kelvin, then what is added to reach kelvin.
_OFFSET = {
    "Cel": (Fraction(1), Fraction("273.15")),
    "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}


class UnknownUnit(ValueError):
    """A text that is no unit of this subset.

    `text` is what was given, at most 64 characters of it, unprintable ones as `?`.
    """

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= LONGEST else text[:LONGEST] + "..."
        self.text = "".join(c if c.isprintable() else "?" for c in shown)
        super().__init__(text)

    def __str__(self) -> str:
        return f"unknown unit `{self.text}`"

    @property
    def suggestion(self) -> str:
        """A unit that may have been meant, else empty; worked out only when asked for."""
        return _suggest(self.text)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, with what it is in base units.

    A value `v` in this unit is `v * factor + offset` in the product of base units that `dimension` names
    (m, g, s, K, rad, C, cd, mol and the arbitrary ones); only `Cel` and `[degF]` have an offset.
    """

    text: str
    factor: Fraction
    offset: Fraction
    dimension: Dimension


# ------------------------------------------------------------------------------------ reading

# INVARIANT: the first characters decide between the alternatives, so matching is linear. A number is
# refused before a decimal point, for UCUM reads `1.73.m2` as 1 times 73 times m2.
_TOKEN = re.compile(
    r"""(?P<open>\() | (?P<close>\)) | (?P<operator>[./]) | (?P<annotation>\{[!-z|~]+\})
      | (?:(?P<symbol>10[*^] | (?:[A-Za-z%_]|\[[!-Z\\^-z|~]+\])+)(?P<exponent>[+-]?[1-9][0-9]?)?)
      | (?P<number>[1-9][0-9]*(?![0-9]|\.[0-9]))""",
    re.VERBOSE,
)


def _read(text: str) -> tuple[Part, ...] | None:
    """The symbols and numbers of a unit with their exponents, annotations left out; None if it is no term."""
    # SPEC: UCUM 2.2, syntax; parentheses by a stack of signs, not by recursion.
    if not 0 < len(text) <= LONGEST:
        return None
    parts: list[Part] = []
    at = 1 if text[0] == "/" else 0
    sign = -1 if at else 1
    signs = [1]
    first: int | None = None
    wanted, annotatable = True, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        at, kind = token.end(), token.lastgroup
        if wanted and kind == "open":
            signs.append(sign)
        elif wanted and kind in ("symbol", "exponent", "number", "annotation"):
            exponent = int(token["exponent"] or 1)
            if abs(exponent) > HIGHEST_EXPONENT:
                return None
            if kind != "annotation":
                parts.append((token["symbol"] or token["number"], sign * exponent))
            wanted, annotatable = False, kind != "annotation"
        elif not wanted and kind == "operator":
            sign = signs[-1] if token["operator"] == "." else -signs[-1]
            first = len(parts) if first is None and len(signs) == 1 else first
            wanted = True
        elif not wanted and kind == "close" and len(signs) > 1:
            signs.pop()
            annotatable = True
        elif annotatable and kind == "annotation":
            annotatable = False
        else:
            return None
    if wanted or len(signs) > 1:
        return None
    # UCUM's own table takes `/min/kg` for 1/min/kg, its grammar for 1/(min/kg): refused.
    if text[0] == "/" and first is not None and len(parts) > first:
        return None
    return tuple(parts)


def _split(symbol: str) -> tuple[int, str] | None:
    """The power of ten of a symbol's prefix, and its atom; None if there is no such symbol."""
    if symbol in _BASES or symbol in _METRIC or symbol in _CUSTOMARY or symbol in _ARBITRARY:
        return 0, symbol
    for length in (1, 2):
        prefix, atom = symbol[:length], symbol[length:]
        if prefix in _PREFIXES and (atom in _BASES or atom in _METRIC):
            return _PREFIXES[prefix], atom
    return None


@lru_cache(maxsize=512)
def _resolve(symbol: str) -> tuple[Fraction, Dimension] | None:
    """Factor and dimension of one symbol or number, without exponent."""
    if symbol.isdigit():
        return Fraction(int(symbol)), ()
    found = _split(symbol)
    if found is None:
        return None
    power_of_ten, atom = found
    prefix = Fraction(10) ** power_of_ten
    if atom in _BASES:
        return prefix, ((_BASES[atom], 1),)
    if atom in _ARBITRARY:
        return Fraction(1), ((atom, 1),)
    value, definition = _METRIC.get(atom) or _CUSTOMARY[atom]
    measured = _measure(_read(definition) or ())
    assert measured is not None
    return prefix * Fraction(value) * measured[0], measured[1]


def _measure(parts: Iterable[Part]) -> tuple[Fraction, Dimension] | None:
    """Factor and dimension of a product of powers; None if a symbol is unknown."""
    factor = Fraction(1)
    dimension: dict[str, int] = {}
    for symbol, exponent in parts:
        resolved = _resolve(symbol)
        if resolved is None:
            return None
        factor *= resolved[0] ** exponent
        for base, times in resolved[1]:
            dimension[base] = dimension.get(base, 0) + times * exponent
    return factor, tuple(sorted((base, n) for base, n in dimension.items() if n))


def terms(text: str) -> tuple[Part, ...]:
    """The symbols and numbers of a unit in their order, each with its exponent; annotations are left out.

    Raises `UnknownUnit` for what is no term; whether the symbols exist is `parse_unit`'s to say.

    >>> terms("mL/min/{1.73_m2}")
    (('mL', 1), ('min', -1))
    """
    parts = _read(text)
    if parts is None:
        raise UnknownUnit(text)
    return parts


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """A unit from its UCUM code; annotations count as 1, `10*3` is 1000.

    Raises `UnknownUnit` for anything else: another text, one of more than 64 characters, an exponent
    beyond 20, an offset unit in a product, a factor that no measurement has.

    >>> parse_unit("mg/dL") == parse_unit("mg/dL"), parse_unit("{beats}/min").dimension
    (True, (('time', -1),))
    """
    parts = terms(text)
    if len(parts) == 1 and parts[0][1] == 1 and parts[0][0] in _OFFSET:
        factor, offset = _OFFSET[parts[0][0]]
        return Unit(text, factor, offset, (("temperature", 1),))
    measured = _measure(parts)
    if measured is None:
        raise UnknownUnit(text)
    factor, dimension = measured
    if factor.numerator.bit_length() + factor.denominator.bit_length() > LARGEST_FACTOR_BITS:
        raise UnknownUnit(text)
    return Unit(text, factor, Fraction(0), dimension)


def _is_unit(text: str) -> bool:
    try:
        parse_unit(text)
    except UnknownUnit:
        return False
    return True


# -------------------------------------------------------------------------------------- names

_EVERYDAY = {
    "Cel": "deg C", "[degF]": "deg F", "[degR]": "deg R", "[in_i]": "in", "[ft_i]": "ft", "[yd_i]": "yd",
    "[mi_i]": "mi", "[lb_av]": "lb", "[oz_av]": "oz", "[stone_av]": "st", "[gr]": "gr", "[gal_us]": "gal",
    "[qt_us]": "qt", "[pt_us]": "pt", "[foz_us]": "fl oz", "[gil_us]": "gill", "[cup_us]": "cup",
    "[tbs_us]": "tbsp", "[tsp_us]": "tsp", "[drp]": "drop", "[pptr]": "ppt", "[ppth]": "ppth",
    "[iU]": "IU", "a": "yr", "a_j": "yr", "mo_j": "mo", "eq": "Eq", "osm": "Osm", "m[Hg]": "mHg",
    "m[H2O]": "mH2O",
}  # fmt: skip


def _name(symbol: str) -> str:
    """One symbol as a person writes it."""
    found = _split(symbol)
    atom = found[1] if found else symbol
    prefix = symbol.removesuffix(atom)
    return prefix + (_EVERYDAY.get(atom) or atom.replace("'U]", " U]").replace("[", "").replace("]", ""))


def everyday(text: str) -> str:
    """The name of a unit for people, in ASCII; a pure number has none. Not to be read back.

    What is no unit is given back as it is.

    >>> [everyday(u) for u in ("mm[Hg]", "{beats}/min", "k[IU]/L", "mL/min/{1.73_m2}", "{score}")]
    ['mmHg', '/min', 'kIU/L', 'mL/min/1.73 m2', '']
    """
    if not _is_unit(text):
        return text
    named, operator, attached = "", "", False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "operator":
            operator, attached = token[0], False
        elif kind == "open":
            named, operator = named + operator + "(", ""
        elif kind == "close":
            named = named[:-1].rstrip("./") if named.endswith("(") else named + ")"
            attached = True
        elif kind == "annotation" or token[0] == "1":
            if token[0] in ("{1.73_m2}", "{1.73m2}") and operator == "/":
                named += "/1.73 m2"
            operator = operator if attached else ""
        else:
            # An operator after nothing but annotations has lost its left side: only a division still shows.
            bare = not named or named.endswith("(")
            named += "" if bare and operator == "." else operator
            operator, attached = "", True
            if token["number"]:
                named += token["number"]
                continue
            exponent = (token["exponent"] or "").removeprefix("+")
            ten = token["symbol"] in ("10*", "10^")
            named += ("10^" if ten and exponent else "10" if ten else _name(token["symbol"])) + exponent
    return named


# -------------------------------------------------------------------------------- suggestions

_SAID = {
    "mmhg": "mm[Hg]", "cmh2o": "cm[H2O]", "mcg": "ug", "mcl": "uL", "mcmol": "umol", "iu": "[IU]",
    "miu": "m[IU]", "uiu": "u[IU]", "kiu": "k[IU]", "units": "U", "unit": "U", "ppm": "[ppm]", "ppb": "[ppb]",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]",
    "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "feet": "[ft_i]", "foot": "[ft_i]", "hr": "h",
    "hrs": "h", "hour": "h", "hours": "h", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "msec": "ms", "msecs": "ms", "millisec": "ms", "millisecs": "ms", "millisecond": "ms",
    "milliseconds": "ms", "1h": "h", "1hr": "h", "mins": "min", "minute": "min", "minutes": "min", "day": "d",
    "days": "d", "week": "wk", "weeks": "wk", "wks": "wk", "month": "mo", "months": "mo", "mos": "mo",
    "year": "a", "years": "a", "yr": "a", "yrs": "a", "y": "a", "degc": "Cel", "celsius": "Cel",
    "degf": "[degF]", "f": "[degF]", "fahrenheit": "[degF]", "bpm": "{beats}/min", "gm": "g", "gms": "g",
    "gram": "g", "grams": "g", "mgs": "mg", "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "litre": "L",
    "liter": "L", "litres": "L", "liters": "L", "cc": "mL", "percent": "%", "pct": "%", "hpf": "[HPF]",
    "lpf": "[LPF]", "ph": "[pH]", "thou": "10*3", "cells": "{cells}", "beats": "{beats}",
    "breaths": "{breaths}", "score": "{score}", "points": "{score}", "ratio": "{ratio}", "inr": "{INR}",
    "cfu": "[CFU]",
}  # fmt: skip
_COMMON = (
    "mm[Hg]", "mg/dL", "mg/L", "ug/L", "ng/mL", "pg/mL", "g/dL", "g/L", "umol/L", "mmol/L", "nmol/L",
    "pmol/L", "U/L", "[IU]/mL", "[IU]/L", "k[IU]/L", "m[IU]/L", "u[IU]/mL", "kg", "g", "mg", "ug", "m",
    "cm", "mm", "Cel", "[degF]", "K", "/min", "{beats}/min", "ms", "s", "min", "h", "d", "wk", "mo", "a",
    "%", "mL/min", "mL/min/{1.73_m2}", "kg/m2", "m2", "mm/h", "10*3/uL", "10*6/uL", "10*9/L", "10*12/L",
    "mg/d", "mg/wk", "mg/kg", "mg/kg/h", "meq/L", "mosm/kg", "kPa", "cm[H2O]", "mL", "L", "uL", "fL",
    "[ppm]", "{score}", "[lb_av]", "[oz_av]", "[in_i]", "mmol/mol", "mg/g", "mg/mmol", "kU/L",
)  # fmt: skip
_FOLDED = {symbol.lower(): symbol for unit in reversed(_COMMON) for symbol in unit.split("/")}
_REWRITTEN = (
    (re.compile("[\u00b5\u03bc]"), "u"), (re.compile("\u00b0|deg(?:rees?)? +"), "deg"),
    (re.compile("\u00b2"), "2"), (re.compile("\u00b3"), "3"), (re.compile(r"\s+per\s+"), "/"),
    (re.compile(r"\s+"), ""),
    (re.compile(r"[{(]?1[.,]73[._]?m\^?2[)}]?", re.IGNORECASE), "{1.73_m2}"),
    (re.compile("^[xX\u00d7]?10(?:\\*\\*|[*^eE])(?=[0-9])"), "10*"),
    (re.compile(r"(?<=[A-Za-z])\^(?=[0-9])"), ""),
)  # fmt: skip


def _meant(word: str, capitals: bool) -> str:
    """The symbol for one word; in a text of capitals throughout, `ML` is no megalitre."""
    if _is_unit(word) and not capitals:
        return word
    said = word.lower()
    return _SAID.get(said) or _FOLDED.get(said) or word


def spelt(text: str) -> str:
    """The unit that a text, written by hand, can only mean, else empty. A record's unit is never read so.

    >>> [spelt(u) for u in ("MG/DL", "mm/hr", "\u00b5mol/l", "bpm", "M", "smoot")]
    ['mg/dL', 'mm/h', 'umol/l', '{beats}/min', '', '']
    """
    if not 0 < len(text.strip()) <= LONGEST or (len(text) == 1 and text.isupper()):
        return ""
    replaced = _respelt(text)[1]
    return replaced if _is_unit(replaced) else ""


def _respelt(text: str) -> tuple[str, str]:
    """A text with its signs as UCUM has them, and with its words as UCUM's symbols."""
    plain = text
    for pattern, replacement in _REWRITTEN:
        plain = pattern.sub(replacement, plain)
    words = r"\{[^{}]*\}|(?:[^./(){}\[\]]|\[[^\[\]]*\])+"
    return plain, re.sub(words, lambda word: _meant(word[0], text.isupper()), plain)


@lru_cache(maxsize=256)
def _suggest(text: str) -> str:
    """A unit that this text may have been meant for, else empty. A help for authors, never a reading."""
    if not text.strip() or len(text) > LONGEST:
        return ""  # a number without a unit is not a pure number
    plain, replaced = _respelt(text)
    difference = replaced.replace("Cel", "K").replace("[degF]", "[degR]")
    for candidate in (replaced, f"1{replaced}" if replaced.startswith("/") else replaced, difference):
        if _is_unit(candidate):
            return candidate
    # Only a unit that nobody can read is worth the import.
    from difflib import get_close_matches

    return next(iter(get_close_matches(plain, _COMMON, n=1, cutoff=0.7)), "")
