"""The JSON Schema of a profile: of any profile, or of the profiles of one protocol.

For editors and for programs that write profiles. The schema says what form is read; scales, code
systems and the calendar are still held against every record by `read_profile`.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from screening.language.library import DataRequirement, Library, RowField
from screening.language.types import NUMBERS, Type
from screening.sources.profile_form import LONGEST_NAME, MOST_ROWS, Entry, Form, Profile, Row, Since
from screening.sources.profile_text import GENDERS
from screening.sources.worth import is_birth, is_gender, number_text
from screening.values.bounds import OPEN, Bounds

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_UNKNOWN = "[Uu][Nn][Kk][Nn][Oo][Ww][Nn]"
_TRUTHS = [True, False, None, "TRUE", "FALSE", "UNKNOWN", "true", "false", "unknown", ""]

_DAY = r"@?\d{4}(-\d{2}(-\d{2}([T ][^/]*)?)?)?"

Schema = dict[str, Any]

# A scalar of JSON or YAML; whatever it is there, it is read as the text it is written as.
ANY_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_YES: Schema = {"enum": [True, False, "TRUE", "FALSE", "true", "false", "", None]}
# What may stand under a key, by the name that its form gives it.
_MAY_STAND: dict[str, Schema] = {
    "Text": ANY_SCALAR,
    "Yes": _YES,
    # A day, month or year; or a period, `start/end`, of which either side may be open.
    "Day": {"pattern": rf"^(({_DAY})?|({_DAY})/({_DAY})?|/({_DAY}))$", "type": ["string", "integer", "null"]},
    "Name": {"maxLength": LONGEST_NAME, "minLength": 1, "type": "string"},
    "Codes": {"oneOf": [ANY_SCALAR, {"items": ANY_SCALAR, "type": "array"}]},
    "Complete": {"oneOf": [_YES, {"$ref": "#/$defs/Since"}]},
    "Rows": {
        "anyOf": [
            {"items": {"$ref": "#/$defs/Row"}, "maxItems": MOST_ROWS, "type": "array"},
            {"type": "null"},
        ]
    },
    "Items": {"additionalProperties": {"oneOf": [ANY_SCALAR, {"$ref": "#/$defs/Entry"}]}, "type": "object"},
}


def profile_schema(library: Library | None = None) -> Schema:
    """A schema of draft 2020-12; without a library, of any profile."""
    found: Schema = {"$schema": DIALECT, "title": "Profile"}
    found["$defs"] = {form.__name__: _form(form) for form in (Entry, Row, Since)}
    found |= _form(Profile)
    found["properties"]["evidence"]["description"] = "What is recorded, by the name of the requirement."
    if library is None:
        found["description"] = "A person's record; every scalar is read as the text that it is written as."
        return found
    found["title"] = f"Profile for {library.name} {library.version}"
    found["description"] = library.title
    properties = {r.name: _requirement(r) for r in library.requirements}
    # Other names are another protocol's items; a slip of the pen is found in reading.
    found["properties"]["evidence"]["properties"] = properties
    return found


def _form(form: type[Form]) -> Schema:
    """A form as it is declared: what may stand under each of its keys."""
    found: Schema = {"additionalProperties": dict(ANY_SCALAR) if form.takes_more else False}
    if form.__doc__:
        found["description"] = form.__doc__
    found["properties"] = {key: copy.deepcopy(_MAY_STAND[kind]) for key, kind in form.keys.items()}
    if form.needed:
        found["required"] = list(form.needed)
    return {**found, "type": "object"}


def _requirement(requirement: DataRequirement) -> Schema:
    """What may stand under the name of a requirement: any entry, narrowed to what the requirement is."""
    value = _value(requirement)
    keys = [*Row.keys, *(field.name for field in requirement.fields)]
    row: Schema = {
        "$ref": "#/$defs/Row",
        "properties": {"value": value, **{field.name: _field(field) for field in requirement.fields}},
        "propertyNames": {"enum": keys},
    }
    narrowed: Schema = {"value": value, "records": {"type": ["array", "null"], "items": row}}
    if requirement.type.name not in (*NUMBERS, "Date", "DateTime"):
        narrowed |= {"low": False, "high": False}
    if not is_birth(requirement):
        narrowed |= {"born": False, "age": False}
    found: Schema = {"anyOf": [value, {"$ref": "#/$defs/Entry", "properties": narrowed}]}
    if requirement.text:
        found["description"] = requirement.text
    return found


def _value(requirement: DataRequirement) -> Schema:
    type = requirement.type
    if is_birth(requirement):
        return {"type": ["string", "null"], "pattern": r"^(@\d{4}|UNKNOWN$|$)"}
    if is_gender(requirement):
        words = [word for gender in GENDERS for word in (gender, f"'{gender}'")]
        return {"enum": [*words, "", None, "UNKNOWN"]}
    if type.name == "Records":
        return {"enum": [False, None, "FALSE", "false", "UNKNOWN", ""]}
    found = _of_type(type, requirement.scale)
    if requirement.missing:
        numbers = [int(text) for text in requirement.missing if re.fullmatch(r"0|-?[1-9][0-9]{0,15}", text)]
        return {"anyOf": [found, {"enum": [*requirement.missing, *numbers]}]}
    return found


def _of_type(type: Type, scale: Bounds = OPEN) -> Schema:
    match type.name:
        case "Boolean":
            return {"enum": _TRUTHS}
        case "Judgement":
            return {"enum": [*_TRUTHS, "OPEN"]}
        case "Integer" | "Decimal":
            unit = "('[^']*')?"
            text = {"type": "string", "pattern": rf"^\s*((<=|>=|<|>)?\s*{_NUMBER}\s*{unit}|{_UNKNOWN})?\s*$"}
            number: Schema = {"type": "integer" if type.name == "Integer" else "number"}
            for key, end in (("minimum", scale.low), ("maximum", scale.high)):
                if end is not None:
                    number[key] = int(end) if end == int(end) else float(number_text(end))
            return {"anyOf": [number, text, {"type": "null"}]}
        case "Quantity":
            written = rf"^\s*((<=|>=|<|>)?\s*{_NUMBER}\s*('[^']*')?|{_UNKNOWN})?\s*$"
            # A bare number is read and set aside: nobody knows its unit.
            example = f"5.2 '{type.unit}'"
            return {"type": ["string", "number", "null"], "pattern": written, "examples": [example]}
        case "Date" | "DateTime":
            return {
                "type": ["string", "integer", "null"],
                "pattern": rf"^\s*(@?\d{{4}}(-\d{{2}}(-\d{{2}}([T ].*)?)?)?|{_UNKNOWN})?\s*$",
            }
    return dict(ANY_SCALAR)


def _field(declared: RowField) -> Schema:
    if declared.values:
        words = [word for value in declared.values for word in (value, f"'{value}'")]
        return {"enum": [*words, "", None, "UNKNOWN"]}
    return _of_type(declared.type)
