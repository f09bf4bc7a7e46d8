"""The published JSON Schemas (draft 2020-12) of a certificate and of a diagnostic, written by hand.

Whoever reads our JSON may rely on these; a test holds every kind of real output against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.outcome.certificate import FORMAT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_YES: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def _of(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _form(about: str, needed: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with exactly these keys; those of `optional` may be left out."""
    return {
        "description": about,
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


_END: Schema = {
    "description": "A number in its shortest spelling, a day `@2026-08-15`, an instant, or an open end.",
    "type": ["string", "null"],
    "pattern": r"^(-?\d+(\.\d+)?|@\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?)$",
}

_DEFS: Schema = {
    "truth": {"enum": ["TRUE", "FALSE", "UNKNOWN"]},
    "bounds": _form("What is known of an ordered value, both ends in.", {"low": _END, "high": _END}),
    "codings": {
        "description": "All codings of one thing, each [system, code]; a plain word has the system ''.",
        **_list({"type": "array", "prefixItems": [_TEXT, _TEXT], "items": False, "minItems": 2}),
    },
    "value": {"anyOf": [_of("truth"), _of("bounds"), _of("codings")]},
    "set_aside": _form("A value that is there and cannot be used, and why.", {"set_aside": _TEXT}),
    "rows": _form(
        "What a query left: ids of certain, possible and denied rows; may the list hold more.",
        {"certain": _list(_TEXT), "possible": _list(_TEXT), "absent": _list(_TEXT), "open": _YES},
    ),
    "parameter": _form(
        "A parameter in force, and where its value comes from.",
        {"name": _TEXT, "value": _of("value"), "origin": _TEXT, "chosen": _YES},
    ),
    "fact": _form(
        "One value with the record it came from.",
        {
            "id": _TEXT,
            "requirement": _TEXT,
            "certainty": _of("truth"),
            "status": _TEXT,
        },
        {
            "value": {"anyOf": [_of("value"), _of("set_aside")]},
            "when": _of("bounds"),
            "clock": _TEXT,
            "codes": _of("codings"),
            "concepts": _list(_COUNT),
            "fields": {
                "type": "object",
                "additionalProperties": {"anyOf": [_of("value"), _of("set_aside")]},
            },
            "origin": _TEXT,
            "written": _TEXT,
            "by": _TEXT,
        },
    ),
    "absence": _form(
        "An attested absence: of everything asked, or of some concepts.",
        {"id": _TEXT, "requirement": _TEXT, "of": {"enum": ["everything asked", "concepts"]}},
        {"when": _of("bounds"), "concepts": _list(_COUNT), "origin": _TEXT, "by": _TEXT},
    ),
    "complete": _form(
        "Who says that a list is complete, since when, and why.",
        {"basis": {"enum": ["record", "site declaration"]}},
        {"since": _DAY, "because": _TEXT, "signed": _TEXT},
    ),
    "searched": _form(
        "What was searched for a requirement.",
        {"codes": _COUNT, "records": _COUNT, "of": _TEXT, "first": _TEXT, "last": _TEXT},
    ),
    "notice": _form(
        "Something set aside, merged or passed over.",
        {"text": _TEXT},
        {"requirement": _TEXT, "place": _TEXT},
    ),
    "step": _form(
        "One node, evaluated; `row` is the row that a query's condition was tried on.",
        {"place": _TEXT, "value": {"anyOf": [_of("value"), _of("rows")]}},
        {"row": _TEXT, "facts": _list(_TEXT), "reason": _TEXT, "conflict": {"const": True}},
    ),
    "finding": _form(
        "One criterion for one person.",
        {
            "id": _TEXT,
            "truth": _of("truth"),
            "shown": {"enum": ["TRUE", "FALSE", "UNKNOWN", "NOT APPLICABLE"]},
        },
        {
            "facts": _list(_TEXT),
            "open": _list(_TEXT),
            "judgements": _list(_TEXT),
            "contradicted": {"const": True},
            "silences": _list(_TEXT),
            "until": _of("bounds"),
        },
    ),
    "library": _form(
        "Which rules.",
        {
            "name": _TEXT,
            "version": _TEXT,
            "status": {"enum": ["draft", "approved", "retired"]},
            "digest": _DIGEST,
            "includes": _list(
                _form(
                    "An included library.",
                    {"name": _TEXT, "version": _TEXT, "digest": _DIGEST},
                )
            ),
            "overrides": _list(
                _form(
                    "A strength that the including library changed, with its source.",
                    {"criterion": _TEXT, "strength": _TEXT, "source": _TEXT, "place": _TEXT},
                )
            ),
        },
    ),
    "determination": _form(
        "Verdict, standing, alerts, every criterion, and what is missing.",
        {
            "verdict": {"enum": ["ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW"]},
            "label": {
                "description": "What the protocol calls the verdict; the verdict itself where it has no labels.",
                **_TEXT,
            },
            "standing": {"enum": ["RULED OUT", "NOT RULED OUT", "NO ANCHOR EVIDENCE"]},
            "eligible": _of("truth"),
            "favourable": _of("truth"),
            "review": _of("truth"),
            "arranged": _of("truth"),
            "alerts": _list(_form("An alert that fired.", {"criterion": _TEXT, "facts": _list(_TEXT)})),
            "reasons": _list(_TEXT),
            "to_obtain": _list(
                _form(
                    "A requirement to be obtained, how, and for which criteria.",
                    {"requirement": _TEXT, "obtain": _TEXT, "criteria": _list(_TEXT)},
                )
            ),
            "to_arrange": _list(_TEXT),
            "to_review": _list(_TEXT),
            "outputs": _list(
                _form(
                    "A definition whose value the protocol tells beside the verdict.",
                    {"output": _TEXT, "definition": _TEXT, "value": _of("value")},
                )
            ),
            "criteria": _list(_of("finding")),
        },
    ),
}

CERTIFICATE: Schema = {
    "$schema": DIALECT,
    "title": "Certificate of one screening",
    **_form(
        "Everything an outsider needs to check one verdict. `digest` is SHA-256 over the rest (RFC 8785).",
        {
            "certificate": {"const": FORMAT},
            "program": _form("The program.", {"name": _TEXT, "version": _TEXT}),
            "engine": _form("What made the steps.", {"name": _TEXT, "version": _TEXT}),
            "library": _of("library"),
            "parameters": _list(_of("parameter")),
            "as_of": _DAY,
            "subject": _TEXT,
            "synthetic": _YES,
            "record": _form("Which record.", {"digest": _DIGEST, "source": _TEXT, "extracted": _maybe(_DAY)}),
            "site": _maybe(_TEXT),
            "facts": _list(_of("fact")),
            "absences": _list(_of("absence")),
            "complete": {"type": "object", "additionalProperties": _of("complete")},
            "searched": {"type": "object", "additionalProperties": _of("searched")},
            "notices": _list(_of("notice")),
            "steps": _list(_of("step")),
            "determination": _of("determination"),
            "fixed_words": _list(_TEXT),
            "digest": _DIGEST,
        },
    ),
    "$defs": _DEFS,
}

_DIAGNOSTIC: Schema = _form(
    "One thing wrong with a rule file or a record, and where; never with a person's value.",
    {
        "length": {"type": "integer", "minimum": 1},
        "severity": {"enum": ["error", "warning"]},
        "kind": _TEXT,
        "message": _TEXT,
    },
    {
        "file": _TEXT,
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "excerpt": _TEXT,
        "criterion": _TEXT,
        "why": _TEXT,
        "help": _TEXT,
    },
)

DIAGNOSTICS: Schema = {
    "$schema": DIALECT,
    "title": "What is wrong with rule files or a record",
    **_form("Every diagnostic of one run.", {"files": _list(_TEXT), "diagnostics": _list(_DIAGNOSTIC)}),
}

SCHEMAS: Mapping[str, Schema] = {"certificate": CERTIFICATE, "diagnostic": DIAGNOSTICS}
