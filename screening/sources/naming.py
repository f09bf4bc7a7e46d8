"""Which requirement a column is likely to answer, by its name alone; the unit that a name ends with.

It is matched on the names, labels and short names of the requirements. What only resembles one is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from screening.language.library import DataRequirement, Library
from screening.sources.tree import near
from screening.sources.worth import is_birth, is_gender
from screening.values.quantity import UnknownUnit, parse_unit, same_dimension

# How names of columns write units, and how UCUM does.
_UNITS = {
    "mg_l": "mg/L", "mg_dl": "mg/dL", "g_l": "g/L", "g_dl": "g/dL", "ug_l": "ug/L", "ng_ml": "ng/mL",
    "pg_ml": "pg/mL", "ng_l": "ng/L", "ng_dl": "ng/dL", "mmol_l": "mmol/L", "umol_l": "umol/L",
    "nmol_l": "nmol/L", "pmol_l": "pmol/L", "u_l": "U/L", "iu_l": "[IU]/L", "iu_ml": "[IU]/mL",
    "miu_l": "m[IU]/L", "mu_l": "mU/L", "u_ml": "U/mL", "mm_h": "mm/h", "mm_hr": "mm/h", "mmhg": "mm[Hg]",
    "bpm": "/min", "per_min": "/min", "kg": "kg", "g": "g", "lb": "[lb_av]", "cm": "cm", "m": "m", "mm": "mm",
    "in": "[in_i]", "kg_m2": "kg/m2", "pct": "%", "percent": "%", "ms": "ms", "msec": "ms", "s": "s",
    "h": "h", "min": "min", "days": "d", "weeks": "wk", "months": "mo", "years": "a", "c": "Cel",
    "ml_min": "mL/min", "ml_min_173m2": "mL/min/{1.73_m2}", "mg": "mg", "mg_kg": "mg/kg",
    "10e9_l": "10*9/L", "10_9_l": "10*9/L", "x10_9_l": "10*9/L", "mm_hg": "mm[Hg]", "beats_min": "/min",
    "ml_min_1_73": "mL/min/{1.73_m2}", "ml_min_1_73m2": "mL/min/{1.73_m2}", "ml_min_1_73_m2": "mL/min/{1.73_m2}",
    "ml_min_173": "mL/min/{1.73_m2}", "ml_min_173_m2": "mL/min/{1.73_m2}", "meq_l": "meq/L", "mcg_l": "ug/L",
    "mcg_dl": "ug/dL", "ug_dl": "ug/dL", "mg_d": "mg/d", "mg_day": "mg/d", "kpa": "kPa", "pg_dl": "pg/dL",
}  # fmt: skip
_BIRTH = ("dob", "birthdate", "birth date", "date of birth", "birthday", "born", "geburtsdatum", "birth")
_AGE = ("age", "age years", "age yrs", "age in years", "alter", "ridageyr")
_GENDER = ("sex", "gender", "geschlecht", "administrative gender", "riagendr")
CLOSE = 0.88
_TOTALS = (" Total", " Recorded", " Reported")
# What a name may end with that says how or when a value was obtained, and not what it is of.
_ENDS = (
    "value", "val", "result", "res", "score", "baseline", "bl", "screening", "visit", "current", "latest", "last",
    "wert", "yn", "dx", "diagnosis", "history", "hx",
)  # fmt: skip
# What a column of days ends with that is named after what the days are of.
DATE_WORDS = ("date", "datum", "day", "dt", "dat", "time", "datetime", "timestamp", "on", "dtc")
# What the column is called that has the day of a whole row.
_VISIT = (
    "visit", "of", "datum", "drawn", "taken", "collected", "collection", "sampled", "sample", "exam",
    "interview", "assessment", "assessed", "measured", "seen", "at", "when", "time", "timestamp", "encounter",
)  # fmt: skip
_DIAGNOSIS = re.compile(r"\bdx\b")
_ITEM = re.compile(r"(.+) (?:item|question) (\d+)\Z")
_LOINC = re.compile(r"(?:loinc |x|l)?(\d{1,7}) (\d)\Z")
_ACRONYM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Named(NamedTuple):
    """What a column is likely to answer: the requirement, its unit in the name, and how sure the name is."""

    requirement: DataRequirement
    unit: str = ""
    is_sure: bool = True
    is_age: bool = False


def plain(name: str) -> str:
    """A name as words in lower case.

    >>> plain("Systolic_BP (sitting)"), plain("CRP mg/dL")
    ('systolic bp sitting', 'crp mg dl')
    """
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))


class Names:
    """The names by which the requirements of a library are known."""

    def __init__(self, library: Library) -> None:
        self.known: dict[str, DataRequirement] = {}
        for pick in (_name, _label, _short):
            found: dict[str, set[str]] = {}
            for requirement in library.requirements:
                for name in pick(requirement):
                    found.setdefault(plain(name), set()).add(requirement.name)
            by_name = {requirement.name: requirement for requirement in library.requirements}
            for name, every in found.items():
                # A name of two things, as Q1 of two questionnaires, says neither.
                if len(every) == 1:
                    self.known.setdefault(name, by_name[next(iter(every))])
        self.known.pop("", None)
        for name, requirement in list(self.known.items()):
            if item := _ITEM.match(name):
                for form in ("{} {}", "{} q{}", "{} i{}", "{} item{}"):
                    self.known.setdefault(form.format(*item.groups()), requirement)
        self.squeezed = _once((name.replace(" ", ""), requirement) for name, requirement in self.known.items())
        self.by_loinc = _once(
            (code.code.replace("-", " "), r)
            for r in library.requirements
            for code in r.codes
            if code.system == "LOINC"
        )
        # A score in a column is as a rule the total that somebody recorded; told as likely, to be settled.
        self.scores = {
            plain(r.name.removesuffix(end)).replace(" ", ""): r
            for r in library.requirements
            for end in _TOTALS
            if r.name.endswith(end)
        }
        self.lists = [r for r in library.requirements if r.type.name == "Records" and r.fields]
        self.birth = next((r for r in library.requirements if is_birth(r)), None)
        self.gender = next((r for r in library.requirements if is_gender(r)), None)

    def named(self, column: str) -> Named | None:
        """What a column is likely to answer; None if no name resembles it."""
        # A name may be written as one word, `systolicPressure`; a unit may be too, `mg/dL`.
        forms = (plain(column), plain(_ACRONYM.sub(" ", column)))
        found = (pick(words) for pick in (self.sure, self.resembling) for words in forms)
        return next((named for named in found if named is not None), None)

    def sure(self, words: str) -> Named | None:
        """What a name says plainly."""
        if self.birth is not None and words in _BIRTH:
            return Named(self.birth)
        if self.birth is not None and words in _AGE:
            return Named(self.birth, is_age=True)
        if self.gender is not None and words in _GENDER:
            return Named(self.gender)
        bare, unit = self.parted(words)
        day, _, end = words.rpartition(" ")
        for name in (day, _DIAGNOSIS.sub("diagnosis", day)) if end in DATE_WORDS else ():
            if name in self.known and self.known[name].type.name in ("Date", "DateTime"):
                return Named(self.known[name])
        for name, of in ((words, ""), (bare, unit)):
            loinc = _LOINC.match(name)
            found = (
                self.known.get(name)
                or self.squeezed.get(name.replace(" ", ""))
                or (self.by_loinc.get(f"{loinc[1]} {loinc[2]}") if loinc else None)
            )
            if found is not None and not is_birth(found):
                return Named(found, of if fits(of, found) else "")
        return None

    def resembling(self, words: str) -> Named | None:
        """What a name resembles: a slip, or another spelling."""
        bare, unit = self.parted(words)
        score = self.scores.get(bare.replace(" ", "")) or self.scores.get(words.replace(" ", ""))
        if score is not None:
            return Named(score, unit if fits(unit, score) else "", is_sure=False)
        start, _, end = bare.rpartition(" ")
        if start and (end in _ENDS or re.fullmatch(r"[vtw]\d{1,2}", end)):
            found = self.sure(start) or self.resembling(start)
            if found is not None:
                return found._replace(
                    is_sure=False, unit=found.unit or (unit if fits(unit, found.requirement) else "")
                )
        close = near(bare, self.known, CLOSE) if len(bare) > 4 else ""
        if close and not is_birth(self.known[close]):
            return Named(self.known[close], unit if fits(unit, self.known[close]) else "", is_sure=False)
        return None

    def listed(self, columns: Sequence[str]) -> tuple[DataRequirement, dict[str, str]] | None:
        """The list of rows of which most fields are named like columns, at least two, with field and column."""
        by_name = {plain(column): column for column in columns}
        found = [
            (r, {f.name: by_name[plain(f.name)] for f in r.fields if plain(f.name) in by_name}) for r in self.lists
        ]
        best = max(found, key=lambda pair: len(pair[1]), default=None)
        return best if best is not None and len(best[1]) > 1 else None

    def parted(self, words: str) -> tuple[str, str]:
        """A name without the unit that it ends with, and that unit."""
        parts = [part for part in words.split() if part != "per"]
        for number in (6, 5, 4, 3, 2, 1):
            unit = _UNITS.get("_".join(parts[-number:])) if len(parts) > number else None
            if unit is not None:
                return " ".join(parts[:-number]), unit
        return words, ""


def is_of_visit(column: str) -> bool:
    """Whether a column of days is named as that of a whole row: `visit_date`, `drawn`, `date`."""
    words = [word for word in plain(column).split() if word not in ("date", "dt", "day")]
    return all(word in _VISIT for word in words)


def _once(pairs: Iterable[tuple[str, DataRequirement]]) -> dict[str, DataRequirement]:
    """What each key means, of those that mean one thing."""
    found: dict[str, dict[str, DataRequirement]] = {}
    for key, requirement in pairs:
        found.setdefault(key, {})[requirement.name] = requirement
    return {key: next(iter(every.values())) for key, every in found.items() if len(every) == 1}


def unit_texts(label: str) -> tuple[str, ...]:
    """What stands in brackets in a label, where people write units: `CRP (mg/L)`."""
    return tuple(re.findall(r"[(\[]([^()\[\]]{1,30})[)\]]", label))


def unit_of(text: str, requirement: DataRequirement) -> str:
    """The unit that a text is, in UCUM, if it can be that of a requirement; else ""."""
    bare = text.strip()
    unit = _UNITS.get(plain(bare).replace(" ", "_"), bare)
    return unit if fits(unit, requirement) else ""


def fits(unit: str, requirement: DataRequirement) -> bool:
    """Whether a unit can be that of a requirement: of its dimension, or converted by one of its factors."""
    if not unit or requirement.type.name != "Quantity":
        return False
    wanted = [requirement.type.unit or "1", *(factor.unit for factor in requirement.factors)]
    try:
        return any(same_dimension(parse_unit(unit), parse_unit(one)) for one in wanted)
    except UnknownUnit:
        return False


def _name(requirement: DataRequirement) -> tuple[str, ...]:
    return (requirement.name,)


def _short(requirement: DataRequirement) -> tuple[str, ...]:
    # SPEC: semantics 4.2; what a table calls gender is not taken for sex at birth, whoever types one by hand may.
    gendered = requirement.kind == "gender"
    return tuple(name for name in requirement.short_names if gendered or plain(name) != "gender")


def _label(requirement: DataRequirement) -> tuple[str, ...]:
    return (requirement.label,)
