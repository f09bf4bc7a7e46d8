"""The JSON Schema of a rule file (draft 2020-12), for editors: what completes, what is marked, what it means.

A schema sees the form alone. Names, types, units and sources are held against each other by `screening lint`.
"""

from __future__ import annotations

from typing import Any

from screening.language.library import FINDINGS, MODIFIABLE, SENSITIVE
from screening.language.types import DECLARABLE
from screening.reading.concepts import SYSTEMS
from screening.reading.draft import CRITERION, DEFINITION, STRENGTHS, TOP
from screening.reading.requirements import KEYS, KINDS, OBTAIN, TAKES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_SIMPLE = tuple(t for t in DECLARABLE if t not in ("Records", "Judgement"))


def scalar(about: str = "", **more: Any) -> Schema:
    """A text, whatever YAML makes of it: `NO`, `5.20` and `2026-08-15` are read as they are written."""
    return {"type": ["string", "number", "boolean"], **({"description": about} if about else {}), **more}


def word(about: str, words: tuple[str, ...], **more: Any) -> Schema:
    """One of some words."""
    return {"description": about, "enum": list(words), **more}


def form(
    about: str, properties: dict[str, Schema], needed: tuple[str, ...] = (), read: tuple[str, ...] = ()
) -> Schema:
    """A mapping with these keys and no other; a key that is read and not described here may stand there too."""
    return {
        "description": about,
        "type": "object",
        "properties": {
            **properties,
            **{key: {"description": f"`{key}:`"} for key in read if key not in properties},
        },
        "required": list(needed),
        "additionalProperties": False,
    }


def named(about: str, of: Schema) -> Schema:
    """A mapping from names to what they mean; an empty one may be left without anything."""
    return {"description": about, "type": ["object", "null"], "additionalProperties": of}


def listed(of: Schema, about: str = "") -> Schema:
    """A list; an empty one may be left without anything."""
    return {"type": ["array", "null"], "items": of, **({"description": about} if about else {})}


def _ref(name: str, about: str = "") -> Schema:
    return {"$ref": f"#/$defs/{name}", **({"description": about} if about else {})}


def _one_or_more(of: Schema, about: str) -> Schema:
    return {"description": about, "anyOf": [of, {"type": "array", "items": of}]}


def _yes(about: str) -> Schema:
    return {"description": about, "enum": [True, False, "true", "false"]}


_MARKS = {
    "chosen": _one_or_more(scalar(), "What the source leaves open and this file decides; `true` marks the whole."),
    "unverified": _one_or_more(scalar(), "What is from memory and was not checked; `true` marks the whole."),
}
_KINDS = {
    "code": "An observation: one code, or a list of codes and of lists of synonyms.",
    "codes": "An observation: codes, or the name of a value set.",
    "condition": "A diagnosis.",
    "medication": "A medicine.",
    "procedure": "A procedure.",
    "allergy": "An allergy or intolerance.",
    "questionnaire": "An item of a questionnaire, by code or link id.",
    "reason": "The reason of a visit or stay.",
}
assert set(_KINDS) == set(KINDS)

_FIELD = {
    "anyOf": [
        word("The type of the field.", _SIMPLE),
        form(
            "A field of a row.",
            {
                "type": word("The type of the field.", _SIMPLE),
                "unit": scalar("Its UCUM unit, of a Quantity."),
                "values": listed(scalar(), "The closed list of its values, of a String."),
                "valueset": scalar("The value set of its codes."),
                "by code": named(
                    "Each value with the codes that say it, where the record does not.", _ref("codes")
                ),
            },
            ("type",),
        ),
    ]
}
_FACTOR = form(
    "A factor between mass and substance, with its source.",
    {
        "from": scalar("The unit that is converted.", examples=["mg/dL"]),
        "by": scalar("What it is multiplied by, towards the requirement's unit."),
        "because": {"anyOf": [scalar("Where the factor comes from."), _ref("citation")]},
    },
    ("from", "by", "because"),
)
_SHORT_NAMES = _one_or_more(scalar(), "What the field calls it in short: `TJC28`.")
_ANSWERS = named(
    "Each value with the words in which it is written by hand.", _one_or_more(scalar(), "Words for the value.")
)
_ERROR = form(
    "How far two measurements of one unchanged thing may lie apart; nothing is decided by it.",
    {
        "value": scalar("The number, with its unit of a Quantity.", examples=["5 'mm[Hg]'"]),
        "source": _ref("citation"),
        "chosen": _yes("Whether it is a site choice."),
    },
    ("value",),
)
_REPEAT = form(
    "That the protocol foresees to measure again; all readings stay.",
    {
        "text": scalar("When, and how often.", examples=["in 2 to 4 weeks"]),
        "source": _ref("citation"),
        "chosen": _yes("Whether it is a site choice."),
    },
    ("text", "source"),
)
_REQUIREMENT = form(
    "One input: what it is, where it is found, and what its absence means.",
    {
        "type": word("The type of its values; Judgement is answered by a named person.", DECLARABLE),
        "unit": scalar("The UCUM unit of a Quantity.", examples=["mg/dL", "mm[Hg]", "umol/L"]),
        **{key: _ref("codes", about) for key, about in _KINDS.items()},
        "take": {
            "description": "Which of several values counts.",
            "anyOf": [
                {"enum": [*TAKES, "age on Screening Date", "gender", "death"]},
                {"type": "string", "pattern": "^age on "},
            ],
        },
        "readings": scalar("How many readings of a day are wanted."),
        "within": scalar(
            "How old a value may be; a window that no source states is `chosen`.", examples=["30 days"]
        ),
        "plausible": _ref("range", "Values outside are set aside, with a notice."),
        "scale": _ref("range", "The least and the greatest value; one outside rejects the record."),
        "floor": scalar("The least value that it can take."),
        "missing": _one_or_more(scalar(), "Values that say that nothing is known."),
        "factor": _one_or_more(_FACTOR, "Factors between mass and substance."),
        "unit missing": listed(
            scalar(examples=["mg/L", "mg/dL"]),
            "Units, one of which a number without a unit is in: it is known between its readings.",
        ),
        "synonyms": listed(listed(scalar("A code of this requirement.")), "Codes that mean the same."),
        "uncoded": word(
            "What an entry without a code of a system that is asked for is worth.", ("possible", "ignore")
        ),
        "unusable": word("Whether a value that cannot be used keeps its place.", ("keep", "skip")),
        "when_absent": {
            "description": "What silence means: `unknown`, or `false` with `because:` and a source.",
            "enum": ["unknown", "false", False],
        },
        "because": {
            "anyOf": [_ref("citation"), {"type": "string"}],
            "description": "Why silence may be an answer.",
        },
        "active": _yes("Whether only what is active now counts."),
        "obtain": word("How it is obtained from a person.", OBTAIN),
        "label": scalar("How it is called on a screen."),
        "short names": _SHORT_NAMES,
        "answers": _ANSWERS,
        "scale unit": scalar("The unit in which a scale is drawn on paper.", examples=["cm", "mm"]),
        "text": scalar("What it means, for people."),
        **_MARKS,
        "source": _ref("citation"),
        "fields": named("The fields of a row, of Records.", _FIELD),
        "modifiable": word("Who may make what is recorded otherwise; nobody where nothing is said.", MODIFIABLE),
        "sensitive": word("Of what kind it is, if nobody is ever told what would have to be so.", SENSITIVE),
        "measurement error": _ERROR,
        "repeat": _REPEAT,
    },
    ("type",),
    KEYS,
)
_ANALYSIS = form(
    "Findings of `screening analyse` that are meant to be as they are, each with why.",
    {kind: scalar("Why it is meant.") for kind in FINDINGS},
)
_PROPERTY = form(
    "What is claimed of every record, to be proved; no verdict rests on it.",
    {
        "never": _ref("expression", "What no record makes TRUE."),
        "always": _ref("expression", "What no record makes FALSE."),
        "more": scalar("The value that may grow."),
        "keeps": _ref("expression", "The statement that then stays TRUE."),
        "text": scalar("The claim in words."),
        "source": _ref("citation"),
        "because": scalar("Why it must hold, where no source is named."),
    },
)
_DEFINITION = {
    "anyOf": [
        _ref("expression"),
        form(
            "A named value that criteria use. The class of a score is called `<Score> Category`.",
            {
                "expression": _ref("expression"),
                "short names": _SHORT_NAMES,
                "answers": _ANSWERS,
                "text": scalar("What it means, for people."),
                "source": _ref("citation"),
                "measurement error": _ERROR,
                "by_availability": _ref("citation", "The source that chooses by what is recorded (`is null`)."),
                "equivalent_to": _ref("expression", "The form in which the source prints it."),
                "analysis": _ANALYSIS,
                **_MARKS,
            },
            ("expression",),
            DEFINITION,
        ),
    ]
}
_UNTIL = {
    "description": "What lifts an absolute criterion: words, `14 days after NAME`, or both.",
    "anyOf": [
        scalar(examples=["14 days after Last Dose"]),
        form("Words with the day.", {"text": scalar(), "date": _ref("expression")}, ("text",)),
    ],
}
_CRITERION = form(
    "One sentence of the protocol.",
    {
        "id": {
            "description": "Up to 8 capitals and digits.",
            "type": ["string", "number"],
            "pattern": "^[A-Z0-9]{1,8}$",
        },
        "category": word("Whether it must hold or must not.", ("inclusion", "exclusion")),
        "strength": word("What it does to the verdict; absolute where nothing is said.", STRENGTHS),
        "text": scalar("The sentence, paraphrased."),
        "source": _ref("citation"),
        **_MARKS,
        "applies when": _ref("expression", "Where this is FALSE the criterion is not applicable."),
        "until": _UNTIL,
        "alert": {
            "description": "A finding that someone must see now; tried on each single row.",
            "anyOf": [
                _ref("expression"),
                form(
                    "An alert with what it says.",
                    {"expression": _ref("expression"), "text": scalar(), "escalate": scalar()},
                    ("expression",),
                ),
            ],
        },
        "note": scalar("For readers of the rule."),
        "repeat": _REPEAT,
        "analysis": _ANALYSIS,
        "equivalent_to": _ref("expression", "The form in which the source prints it."),
        "expression": _ref("expression"),
    },
    ("id", "category", "text", "source", "expression"),
    CRITERION,
)
_PARAMETER_KEYS: dict[str, Schema] = {
    "type": word("Its type.", _SIMPLE),
    "unit": scalar("Its UCUM unit, of a Quantity."),
    "value": scalar("Its value; a site or a run may give another."),
    "chosen": _yes("Whether it is a site choice."),
    "source": _ref("citation"),
    "text": scalar("What it means, for people."),
}
_PARAMETER = {"anyOf": [word("Its type.", _SIMPLE), form("A parameter.", _PARAMETER_KEYS, ("type",))]}
_VALUESET = form(
    "A named set of terms.",
    {"concepts": _ref("codes"), "source": _ref("citation"), "unverified": _MARKS["unverified"], "text": scalar()},
    ("concepts", "source"),
)
_INCLUDE = form(
    "A library that is included, in the version that was read.",
    {
        "library": scalar("Its name."),
        "version": scalar("The version that was read."),
        "criteria": {
            "description": "Which criteria are taken.",
            "anyOf": [{"enum": ["all", "none"]}, listed(scalar())],
        },
        "overrides": named(
            "Criteria whose strength or lift is changed, with a source.",
            form(
                "A changed criterion.",
                {
                    "strength": word("The new strength.", STRENGTHS),
                    "until": _UNTIL,
                    "source": _ref("citation"),
                },
                ("source",),
            ),
        ),
        "parameters": named(
            "Parameters with other values, each with a source.",
            form(
                "Another value.",
                {k: _PARAMETER_KEYS[k] for k in ("value", "source", "chosen")},
                ("value", "source"),
            ),
        ),
    },
    ("library", "version"),
)


def rules_schema() -> Schema:
    """The schema of a rule file."""
    return {
        "$schema": DIALECT,
        "title": "Rule file of screening",
        **form(
            "The criteria of one protocol version, with their sources, or definitions for others to include.",
            {
                "library": scalar(
                    "The name of the library, and of its file.", pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,79}$"
                ),
                "version": scalar("The version; the protocol amendment in force."),
                "title": scalar("What it is."),
                "status": word("Whether it may be used in care.", ("draft", "approved", "retired")),
                "approval": form(
                    "Who answers for it.",
                    {key: {"type": ["string", "null"]} for key in ("author", "reviewer", "approver", "effective")},
                ),
                "intended use": scalar("For whom and what it is meant."),
                "registration": scalar("The number of the trial.", examples=["NCT01035255"]),
                "family": scalar("What editions of one thing have in common."),
                "sources": named("Keys of sources, each with its citation.", scalar()),
                "fixed words": _one_or_more(scalar(), "Sentences that stand below every verdict."),
                "include": listed(_INCLUDE, "Libraries that are included."),
                "anchors": _one_or_more(scalar(), "What must be on record before charts can say anything."),
                "parameters": named("Values that a site or a run may set.", _PARAMETER),
                "valuesets": named("Sets of terms.", _VALUESET),
                "requirements": named("Inputs, by name.", _REQUIREMENT),
                "definitions": named("Named values, by name.", _DEFINITION),
                "criteria": listed(_CRITERION, "The sentences of the protocol."),
                "properties": listed(_PROPERTY, "What is claimed of the rules, to be proved."),
                "analysis": _ANALYSIS,
            },
            ("library", "version"),
            TOP,
        ),
        "$defs": {
            "citation": {
                "description": "Keys of sources, each with the exact place: section, table or page.",
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"type": ["string", "number", "null"]},
            },
            "expression": {
                "description": "An expression of the language, a subset of CQL, as a literal block (`|`).",
                "type": "string",
            },
            "range": {
                "description": "The least and the greatest, both in: `[0, 10]`.",
                "type": "array",
                "items": {"type": ["number", "string"]},
                "minItems": 2,
                "maxItems": 2,
            },
            "codes": {
                "description": f"System and code, or the name of a value set. Systems: {', '.join(SYSTEMS)}.",
                "anyOf": [
                    scalar(examples=["LOINC 2823-3", "SNOMED 203082005"]),
                    {"type": "array", "items": {"anyOf": [scalar(), {"type": "array", "items": scalar()}]}},
                ],
            },
        },
    }
