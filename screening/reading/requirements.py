"""The inputs of a protocol as the file declares them: what each is, where it is found, what its absence means."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map

from screening.errors import CitationFault, NameFault, SyntaxFault, TypeFault, UnitFault
from screening.language.library import Citation, DataRequirement, Factor, RowField
from screening.language.types import DECLARABLE, NUMBERS, ORDERED, Type
from screening.reading.concepts import Concepts, merged, read_concepts
from screening.reading.constants import number_of, read_range, read_type
from screening.reading.document import Mapping, Scalar, Sequence, Tree
from screening.reading.faults import Faults, did_you_mean, listed, shown
from screening.reading.keys import Keys, is_name
from screening.reading.naming import fit_answers, read_answers, read_short_names
from screening.reading.otherwise import read_error, read_modifiable, read_repeat, read_sensitive, refuse_told
from screening.reading.parser import Until, parse_window
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, ValueSet
from screening.values.frozen import dataclass
from screening.values.quantity import UnknownUnit, parse_unit, same_dimension

KINDS = {
    "code": "observation", "codes": "observation", "condition": "condition", "medication": "medication",
    "procedure": "procedure", "allergy": "allergy", "questionnaire": "questionnaire", "reason": "encounter",
}  # fmt: skip
KEYS = (
    "type", "unit", *KINDS, "take", "readings", "within", "plausible", "scale", "floor", "missing", "factor",
    "unit missing", "synonyms", "uncoded", "unusable", "when_absent", "because", "active", "obtain", "label",
    "short names", "answers", "scale unit", "text", "chosen", "unverified", "source", "fields", "modifiable",
    "sensitive", "measurement error", "repeat",
)  # fmt: skip
TAKES = ("latest", "first", "highest", "lowest", "mean of latest day")
OBTAIN = ("chart", "ask", "questionnaire", "examine", "blood", "ECG", "arrange", "judge")
TAKEN_FIELDS = (
    "date", "value", "low", "high", "possible", "unusable", "coded", "code", "codes", "panel", "status", "by",
    "source", "text",
)  # fmt: skip
_SILENT = {
    "medication": "a person without a medicine list would count as taking none",
    "condition": "a person without a problem list would count as never having had it",
    "allergy": "a person whom nobody asked would count as having no allergy",
    "procedure": "a person without a list of procedures would count as having had none",
}
_FREE = "a person of whom nothing is recorded would count as free of it"


@dataclass(frozen=True, slots=True)
class Declared:
    """A requirement with what only the check still needs: its window, and on which day an age is asked."""

    requirement: DataRequirement
    window: Until | None
    age_on: str


def read_requirement(
    faults: Faults, name: Scalar, tree: Tree, sources: Map[str, str], valuesets: Map[str, ValueSet | None]
) -> Declared | None:
    """One entry of `requirements:`, or None with everything that is wrong with it noted."""
    before = len(faults)
    keys = Keys(faults, tree, KEYS, f"requirement `{shown(name.text)}`", name.span)
    is_name(faults, name, "a requirement")
    type = read_type(faults, keys, DECLARABLE)
    if type is None:
        return None
    if type.name == "Records":
        type = Type("Records", records=name.text)
    kind, concepts, reasons = _codes(faults, keys, valuesets)
    take, age_on = _take(keys, type, kind)
    special = age_on or take in ("gender", "death")
    if special and (kind or keys.has("within")):
        keys.fault(TypeFault, keys.span("take"), f"`take: {shown(take)}` needs no code and no window")
    kind = "birth date" if age_on else take if special else kind
    window = _window(faults, keys, type)
    _silence(keys, type, kind, take)
    _consistent(keys, type, kind, concepts, take)
    judged = "judge" if type.name == "Judgement" else "questionnaire" if kind == "questionnaire" else "chart"
    scale, plausible = read_range(keys, "scale", type), read_range(keys, "plausible", type)
    answers = read_answers(keys)
    fit_answers(faults, answers, type, name)
    requirement = DataRequirement(
        name=name.text,
        type=type,
        kind=kind,
        concepts=concepts,
        reasons=reasons,
        missing=tuple(s.text for s in keys.texts("missing")),
        scale=scale or OPEN,
        plausible=plausible or OPEN,
        floor=_floor(keys, type),
        factors=_factors(faults, keys, type, sources),
        unit_missing=_unit_missing(keys, type),
        fields=_fields(faults, keys, type, valuesets),
        take=take,
        within=keys.text("within"),
        readings=keys.whole("readings", 1, 1, 20),
        uncoded=keys.one_of("uncoded", ("possible", "ignore"), "possible"),
        unusable=keys.one_of("unusable", ("keep", "skip"), "keep"),
        when_absent=keys.one_of("when_absent", ("unknown", "false"), "unknown"),
        because=_because(keys, sources),
        obtain=keys.one_of("obtain", OBTAIN, judged),
        label=keys.text("label"),
        short_names=read_short_names(keys),
        answers=answers,
        scale_unit=_scale_unit(keys, type, scale),
        text=keys.text("text"),
        active_only=keys.yes("active"),
        chosen=keys.words("chosen"),
        unverified=keys.words("unverified"),
        source=keys.citation("source", sources),
        modifiable=read_modifiable(keys),
        sensitive=read_sensitive(keys),
        measurement_error=read_error(keys, type, sources),
        repeat=read_repeat(keys, sources),
        span=name.span,
    )
    refuse_told(keys, requirement)
    return Declared(requirement, window, age_on) if len(faults) == before else None


# ------------------------------------------------------------------------------- where it is found


def _codes(
    faults: Faults, keys: Keys, valuesets: Map[str, ValueSet | None]
) -> tuple[str, Concepts, tuple[Code, ...]]:
    given = [key for key in KINDS if keys.has(key)]
    if len(given) > 1:
        message = f"`{given[0]}:` and `{given[1]}:` are both given"
        keys.fault(SyntaxFault, keys.span(given[1]), message, help="a requirement is of one kind")
    if not given:
        if keys.has("synonyms"):
            keys.fault(SyntaxFault, keys.span("synonyms"), "`synonyms:` stands without `codes:`")
        return "", (), ()
    tree = keys.tree(given[0])
    assert tree is not None
    concepts = read_concepts(faults, tree, valuesets, given[0] == "questionnaire")
    concepts = merged(faults, concepts, keys.items("synonyms"))
    kind = KINDS[given[0]]
    if kind == "encounter":
        return kind, (), tuple(sorted({code for concept in concepts for code in concept}))
    return kind, concepts, ()


def _take(keys: Keys, type: Type, kind: str) -> tuple[str, str]:
    """`take:`, and the name of the day on which an age is asked."""
    found = keys.scalar("take")
    if found is None:
        return "", ""
    text = " ".join(found.text.split())
    age = re.fullmatch(r"age on (.+)", text)
    wanted = {"age": "Integer", "gender": "String", "death": "Boolean"}
    special = "age" if age else text
    if special in wanted:
        if type.name != wanted[special]:
            message = f"`take: {shown(text)}` gives a value of type {wanted[special]}, declared is {type}"
            keys.fault(TypeFault, found.span, message)
        return text, age[1].strip('"') if age else ""
    if text not in TAKES:
        choices = (*TAKES, "age on Screening Date", "gender", "death")
        help = did_you_mean(text, choices) or f"it is {listed(choices)}"
        keys.fault(TypeFault, found.span, f"`take:` cannot be `{shown(text)}`", help=help)
        return "", ""
    ordered = text in ("highest", "lowest") and type.name not in ORDERED
    if ordered or (text == "mean of latest day" and type.name not in NUMBERS) or type.name == "Records":
        keys.fault(TypeFault, found.span, f"`take: {text}` does not go with a value of type {type.name}")
    return text, ""


def _window(faults: Faults, keys: Keys, type: Type) -> Until | None:
    found = keys.scalar("within")
    if found is None:
        return None
    if type.name == "Records":
        help = "put it into the queries: `(T where T.date 6 months or less on or before day of ...)`"
        keys.fault(TypeFault, keys.span("within"), "a list of records has no window of its own", help=help)
        return None
    window = parse_window(found, faults)
    if window is not None and window.unit == "hours":
        keys.fault(TypeFault, found.span, "a window is counted in days or more", help="write it in `days`")
        return None
    return window


def _consistent(keys: Keys, type: Type, kind: str, concepts: Concepts, take: str) -> None:
    """What is declared together and makes no sense together."""
    if keys.has("readings") and type.name == "Records":
        keys.fault(TypeFault, keys.span("readings"), "`readings:` is for single values, not for a list of records")
    if keys.has("active") and kind not in ("condition", "medication", "allergy"):
        keys.fault(TypeFault, keys.span("active"), "`active:` is for conditions, medicines and allergies")
    if keys.has("uncoded") and not (concepts or kind == "encounter"):
        keys.fault(TypeFault, keys.span("uncoded"), "`uncoded:` stands without codes")
    results = any(code.system == "LOINC" for concept in concepts for code in concept)
    if type.name == "Boolean" and kind == "observation" and results and not take:
        keys.fault(
            TypeFault,
            keys.at,
            f"{keys.what} asks whether a result exists, not what it says",
            why="a negative result would count as present",
            help="say `take: latest`, or declare its type as Code, Integer or Quantity",
        )


# ------------------------------------------------------------------------------ what its values are


def _floor(keys: Keys, type: Type) -> str:
    found = keys.scalar("floor")
    if found is None:
        return ""
    if type.name not in NUMBERS or number_of(found.text) is None:
        keys.fault(TypeFault, keys.span("floor"), "`floor:` is the least number that this value can take")
    return found.text


def _scale_unit(keys: Keys, type: Type, scale: Bounds | None) -> str:
    """The unit in which a scale is drawn on paper: a mark at 35 mm of 100 is 3.5 of a scale of 0 to 10 in cm."""
    found = keys.scalar("scale unit")
    if found is None:
        return ""
    if type.name not in ("Integer", "Decimal") or scale is None or None in scale:
        help = "it stands beside `scale: [0, 10]` of a number"
        keys.fault(
            UnitFault, keys.span("scale unit"), "`scale unit:` is the unit of a scale with two ends", help=help
        )
        return ""
    try:
        parse_unit(found.text)
    except UnknownUnit as unknown:
        near = f"did you mean `{unknown.suggestion}`" if unknown.suggestion else "write the unit in UCUM"
        keys.fault(UnitFault, found.span, str(unknown), help=near)
    return found.text


def _factors(faults: Faults, keys: Keys, type: Type, sources: Map[str, str]) -> tuple[Factor, ...]:
    tree = keys.tree("factor")
    if tree is None:
        return ()
    if type.name != "Quantity":
        keys.fault(
            UnitFault, keys.span("factor"), f"a factor is for a Quantity, and this is a value of type {type.name}"
        )
        return ()
    found = []
    for item in tree.items if isinstance(tree, Sequence) else (tree,):
        one = Keys(faults, item, ("from", "by", "because"), "a factor", item.span)
        unit, by = one.scalar("from"), one.scalar("by")
        one.need("from"), one.need("by")
        one.need("because", "say where it comes from: `because: molar mass of creatinine`", CitationFault)
        if isinstance(one.tree("because"), Mapping):
            cited = one.citation("because", sources)
            because = f"{cited.source}, {cited.place}" if cited else ""
        else:
            because = one.text("because")
        if unit is None or by is None:
            continue
        number = number_of(by.text)
        if number is None or number <= 0:
            one.fault(TypeFault, by.span, f"`{shown(by.text)}` is no factor", help="write a number above 0")
        try:
            if same_dimension(parse_unit(unit.text), parse_unit(type.unit)):
                message = f"`{unit.text}` and `{type.unit}` are of one dimension and need no factor"
                one.fault(UnitFault, unit.span, message, help="delete it: they are converted exactly")
        except UnknownUnit as unknown:
            near = f"did you mean `{unknown.suggestion}`" if unknown.suggestion else "write the unit in UCUM"
            one.fault(UnitFault, unit.span, str(unknown), help=near)
        found.append(Factor(unit.text, by.text, because))
    return tuple(found)


def _unit_missing(keys: Keys, type: Type) -> tuple[str, ...]:
    """The units that a number written without one may be in, two or more of the requirement's dimension."""
    if not keys.has("unit missing"):
        return ()
    if type.name != "Quantity":
        keys.fault(UnitFault, keys.span("unit missing"), f"a value of type {type.name} has no unit to miss")
        return ()
    written = keys.texts("unit missing")
    for one in written:
        try:
            if not same_dimension(parse_unit(one.text), parse_unit(type.unit)):
                message = f"`{shown(one.text)}` is not of the dimension of `{type.unit}`"
                keys.fault(UnitFault, one.span, message, help="list the units that such a number may be in")
        except UnknownUnit as unknown:
            near = f"did you mean `{unknown.suggestion}`" if unknown.suggestion else "write the unit in UCUM"
            keys.fault(UnitFault, one.span, str(unknown), help=near)
    units = tuple(dict.fromkeys(one.text for one in written))
    if len(units) < 2:
        help = "list every unit that it may be in, as `unit missing: [mg/L, mg/dL]`"
        why = "a number without a unit would silently be read in that one"
        keys.fault(UnitFault, keys.span("unit missing"), "`unit missing:` names a single unit", help=help, why=why)
    return units


def _fields(faults: Faults, keys: Keys, type: Type, valuesets: Map[str, ValueSet | None]) -> tuple[RowField, ...]:
    if keys.has("fields") and type.name != "Records":
        keys.fault(
            TypeFault, keys.span("fields"), f"`fields:` is for Records, and this is a value of type {type.name}"
        )
        return ()
    return tuple(
        field
        for name, tree in keys.named("fields")
        if (field := _field(faults, name, tree, valuesets)) is not None
    )


def _field(faults: Faults, name: Scalar, tree: Tree, valuesets: Map[str, ValueSet | None]) -> RowField | None:
    if name.text in TAKEN_FIELDS or not is_name(faults, name, "a field"):
        if name.text in TAKEN_FIELDS:
            faults.add(NameFault, name.span, f"every row has `{name.text}` already", help="choose another name")
        return None
    allowed = tuple(t for t in DECLARABLE if t not in ("Records", "Judgement"))
    if isinstance(tree, Scalar):
        tree = Mapping(((Scalar("type", tree.span), tree),), tree.span)
    keys = Keys(faults, tree, ("type", "unit", "values", "valueset", "by code"), f"field `{name.text}`", name.span)
    type = read_type(faults, keys, allowed)
    values = keys.texts("values")
    for n, value in enumerate(values):
        if value.text in [other.text for other in values[:n]]:
            keys.fault(NameFault, value.span, f"`{shown(value.text)}` is listed twice")
    if values and type is not None and type.name != "String":
        keys.fault(TypeFault, keys.span("values"), "a closed list of values is for a String")
    valueset = keys.text("valueset")
    if valueset and valueset not in valuesets:
        help = did_you_mean(valueset, valuesets) or "declare it under `valuesets:`"
        keys.fault(NameFault, keys.span("valueset"), f"there is no value set `{shown(valueset)}`", help=help)
    by_code: list[tuple[str, tuple[Code, ...]]] = []
    for value, codes in keys.named("by code"):
        if value.text not in [v.text for v in values]:
            help = did_you_mean(value.text, [v.text for v in values]) or "list it under `values:`"
            keys.fault(
                NameFault, value.span, f"`{shown(value.text)}` is not among the values of `{name.text}`", help=help
            )
        by_code.append((value.text, _flat(faults, codes, valuesets)))
    if type is None:
        return None
    return RowField(name.text, type, tuple(v.text for v in values), valueset, tuple(by_code))


def _flat(faults: Faults, tree: Tree, valuesets: Map[str, ValueSet | None]) -> tuple[Code, ...]:
    concepts = read_concepts(faults, tree, valuesets)
    return tuple(dict.fromkeys(code for concept in concepts for code in sorted(concept)))


# -------------------------------------------------------------------------- what its absence means


def _silence(keys: Keys, type: Type, kind: str, take: str) -> None:
    """Whatever lets silence or doubt be an answer says why, with a source."""
    for key, value, why in (
        ("when_absent", "false", _SILENT.get(kind, _FREE)),
        ("uncoded", "ignore", "an entry in free text would count as not there"),
        ("unusable", "skip", "an older value would speak for a newer one that nobody can read"),
        ("unit missing", None, "a number in a unit that is not listed would be read as one that is"),
    ):
        if (keys.has(key) if value is None else keys.text(key) == value) and not keys.has("because"):
            help = "name the source that lets silence mean no, or delete it"
            if key != "when_absent":
                help = "say `because:`, or delete it"
            what = f"{key}:" if value is None else f"{key}: {value}"
            keys.fault(CitationFault, keys.span(key), f"`{what}` has no `because:`", help=help, why=why)
    if keys.text("when_absent") == "false" and type.name != "Boolean":
        keys.fault(TypeFault, keys.span("when_absent"), f"silence cannot be a value of type {type.name}")


def _because(keys: Keys, sources: Map[str, str]) -> Citation | None:
    found = keys.tree("because")
    if isinstance(found, Scalar):
        if keys.text("uncoded") == "ignore" and keys.text("when_absent") != "false":
            return Citation("", "", keys.text("because"))
        help = "write `because: {key of a source: its exact place}`"
        keys.fault(CitationFault, keys.span("because"), "`because:` does not name a source", help=help)
        return None
    return keys.citation("because", sources)
