"""The published JSON Schemas (draft 2020-12) of a certificate and of a diagnostic, written by hand.

Whoever reads our JSON may rely on these; a test holds every kind of real output against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.outcome.certificate import FORMAT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
YES: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}


def of(name: str) -> Schema:
    """A definition by its name."""
    return {"$ref": f"#/$defs/{name}"}


def list_of(item: Schema) -> Schema:
    """A list of one kind of thing."""
    return {"type": "array", "items": item}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def form(about: str, needed: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with exactly these keys; those of `optional` may be left out."""
    return {
        "description": about,
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


END: Schema = {
    "description": "A number in its shortest spelling, a day `@2026-08-15`, an instant, or an open end.",
    "type": ["string", "null"],
    "pattern": r"^(-?\d+(\.\d+)?|@\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?)$",
}

DEFS: Schema = {
    "truth": {"enum": ["TRUE", "FALSE", "UNKNOWN"]},
    "bounds": form("What is known of an ordered value, both ends in.", {"low": END, "high": END}),
    "codings": {
        "description": "All codings of one thing, each [system, code]; a plain word has the system ''.",
        **list_of({"type": "array", "prefixItems": [TEXT, TEXT], "items": False, "minItems": 2}),
    },
    "value": {"anyOf": [of("truth"), of("bounds"), of("codings")]},
    "set_aside": form("A value that is there and cannot be used, and why.", {"set_aside": TEXT}),
    "rows": form(
        "What a query left: ids of certain, possible and denied rows; may the list hold more.",
        {"certain": list_of(TEXT), "possible": list_of(TEXT), "absent": list_of(TEXT), "open": YES},
    ),
    "parameter": form(
        "A parameter in force, and where its value comes from.",
        {"name": TEXT, "value": of("value"), "origin": TEXT, "chosen": YES},
        {"source": of("citation")},
    ),
    "citation": form("Where a sentence stands.", {"source": TEXT, "place": TEXT}),
    "fact": form(
        "One value with the record it came from.",
        {
            "id": TEXT,
            "requirement": TEXT,
            "certainty": of("truth"),
            "status": TEXT,
        },
        {
            "value": {"anyOf": [of("value"), of("set_aside")]},
            "when": of("bounds"),
            "clock": TEXT,
            "codes": of("codings"),
            "concepts": list_of(COUNT),
            "fields": {
                "type": "object",
                "additionalProperties": {"anyOf": [of("value"), of("set_aside")]},
            },
            "origin": TEXT,
            "written": TEXT,
            "by": TEXT,
        },
    ),
    "absence": form(
        "An attested absence: of everything asked, or of some concepts.",
        {"id": TEXT, "requirement": TEXT, "of": {"enum": ["everything asked", "concepts"]}},
        {"when": of("bounds"), "concepts": list_of(COUNT), "origin": TEXT, "by": TEXT},
    ),
    "complete": form(
        "Who says that a list is complete, since when, and why.",
        {"basis": {"enum": ["record", "site declaration"]}},
        {"since": DAY, "because": TEXT, "signed": TEXT},
    ),
    "searched": form(
        "What was searched for a requirement.",
        {"codes": COUNT, "records": COUNT, "of": TEXT, "first": TEXT, "last": TEXT},
    ),
    "notice": form(
        "Something set aside, merged or passed over.",
        {"text": TEXT},
        {"requirement": TEXT, "place": TEXT},
    ),
    "step": form(
        "One node, evaluated; `row` is the row that a query's condition was tried on.",
        {"place": TEXT, "value": {"anyOf": [of("value"), of("rows")]}},
        {"row": TEXT, "facts": list_of(TEXT), "reason": TEXT, "conflict": {"const": True}},
    ),
    "finding": form(
        "One criterion for one person.",
        {
            "id": TEXT,
            "truth": of("truth"),
            "shown": {"enum": ["TRUE", "FALSE", "UNKNOWN", "NOT APPLICABLE"]},
        },
        {
            "facts": list_of(TEXT),
            "open": list_of(TEXT),
            "judgements": list_of(TEXT),
            "contradicted": {"const": True},
            "silences": list_of(TEXT),
            "until": of("bounds"),
        },
    ),
    "library": form(
        "Which rules.",
        {
            "name": TEXT,
            "version": TEXT,
            "status": {"enum": ["draft", "approved", "retired"]},
            "approval": list_of({"type": "array", "prefixItems": [TEXT, TEXT], "items": False, "minItems": 2}),
            "digest": DIGEST,
            "includes": list_of(
                form(
                    "An included library.",
                    {"name": TEXT, "version": TEXT, "digest": DIGEST},
                )
            ),
            "overrides": list_of(
                form(
                    "A strength that the including library changed, with its source.",
                    {"criterion": TEXT, "strength": TEXT, "source": TEXT, "place": TEXT},
                )
            ),
        },
    ),
    "determination": form(
        "Verdict, standing, alerts, every criterion, and what is missing.",
        {
            "verdict": {"enum": ["ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW"]},
            "label": {
                "description": "What the protocol calls the verdict; the verdict itself where it has no labels.",
                **TEXT,
            },
            "standing": {"enum": ["RULED OUT", "NOT RULED OUT", "NO ANCHOR EVIDENCE"]},
            "eligible": of("truth"),
            "favourable": of("truth"),
            "review": of("truth"),
            "arranged": of("truth"),
            "alerts": list_of(form("An alert that fired.", {"criterion": TEXT, "facts": list_of(TEXT)})),
            "reasons": list_of(TEXT),
            "to_obtain": list_of(
                form(
                    "A requirement to be obtained, how, and for which criteria.",
                    {"requirement": TEXT, "obtain": TEXT, "criteria": list_of(TEXT)},
                )
            ),
            "to_arrange": list_of(TEXT),
            "to_review": list_of(TEXT),
            "outputs": list_of(
                form(
                    "A definition whose value the protocol tells beside the verdict.",
                    {"output": TEXT, "definition": TEXT, "value": of("value")},
                )
            ),
            "criteria": list_of(of("finding")),
        },
    ),
}

CERTIFICATE: Schema = {
    "$schema": DIALECT,
    "title": "Certificate of one screening",
    **form(
        "Everything an outsider needs to check one verdict. `digest` is over the rest of it (certificate.md, 3).",
        {
            "certificate": {"const": FORMAT},
            "program": form("The program.", {"name": TEXT, "version": TEXT}),
            "engine": form("What made the steps.", {"name": TEXT, "version": TEXT}),
            "library": of("library"),
            "parameters": list_of(of("parameter")),
            "as_of": DAY,
            "rests_on": form("Digests of tree and record.", {"tree": DIGEST, "record": DIGEST}),
            "subject": TEXT,
            "synthetic": YES,
            "record": form("Which record.", {"digest": DIGEST, "source": TEXT, "extracted": maybe(DAY)}),
            "site": maybe(TEXT),
            "facts": list_of(of("fact")),
            "absences": list_of(of("absence")),
            "complete": {"type": "object", "additionalProperties": of("complete")},
            "searched": {"type": "object", "additionalProperties": of("searched")},
            "notices": list_of(of("notice")),
            "steps": list_of(of("step")),
            "determination": of("determination"),
            "fixed_words": list_of(TEXT),
            "digest": DIGEST,
        },
    ),
    "$defs": DEFS,
}

_DIAGNOSTIC: Schema = form(
    "One thing wrong with a rule file or a record, and where; never with a person's value.",
    {
        "length": {"type": "integer", "minimum": 1},
        "severity": {"enum": ["error", "warning"]},
        "kind": TEXT,
        "message": TEXT,
    },
    {
        "file": TEXT,
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "excerpt": TEXT,
        "criterion": TEXT,
        "why": TEXT,
        "help": TEXT,
    },
)

DIAGNOSTICS: Schema = {
    "$schema": DIALECT,
    "title": "What is wrong with rule files or a record",
    **form("Every diagnostic of one run.", {"files": list_of(TEXT), "diagnostics": list_of(_DIAGNOSTIC)}),
}
