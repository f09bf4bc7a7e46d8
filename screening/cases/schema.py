"""The JSON Schema of a case file (draft 2020-12), for editors."""

from __future__ import annotations

from typing import Any

from screening.cases.document import EXPECT_KEYS, LISTS, SAID
from screening.outcome.determination import Standing, Verdict
from screening.reading.schema import DIALECT, form, listed, named, scalar, word

Schema = dict[str, Any]

_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_ITEM: Schema = {
    "description": "What is recorded for a requirement, as in a profile: a value, or keys with values.",
    "type": ["string", "number", "boolean", "object", "null"],
}
_ITEMS = named("Items by the name of the requirement.", _ITEM)
_NAMES: Schema = {"anyOf": [scalar(), {"type": "array", "items": scalar()}]}
_LISTED = {
    "alerts": "The criteria whose alert fires; an empty list says that none does.",
    "reasons": "The criteria that are bars, all of them.",
    "review": "Criteria that are to be reviewed, among others.",
    "obtain": "Requirements that are to be obtained, among others.",
    "review exactly": "The criteria that are to be reviewed, all of them.",
    "obtain exactly": "The requirements that are to be obtained, all of them.",
}
_TRUTHS: Schema = {
    "description": "The truth of the criterion's own statement, or the word of the screens for it.",
    "enum": [*SAID, True, False],
}
_EXPECT = form(
    "What is expected.",
    {
        "verdict": word("The verdict.", tuple(v.value for v in Verdict)),
        "standing": word("What charts alone can say.", tuple(s.value for s in Standing)),
        "criteria": named("Criteria by id.", _TRUTHS),
        "values": named(
            "Definitions and requirements by name: a truth, a word, a number, `about 4.48`, `5..8`, or `unknown`.",
            scalar(),
        ),
        "until": named("The day on which a bar lifts, by criterion.", _DAY),
        **{key: {**_NAMES, "description": _LISTED[key]} for key in LISTS},
    },
)
assert set(_EXPECT["properties"]) == set(EXPECT_KEYS)
_SHARED: dict[str, Schema] = {
    "protocol": scalar("The library that is tried."),
    "base": scalar("A record that the cases change, its path told from this folder; `none` knows nothing."),
    "as of": {**_DAY, "description": "The as-of date."},
    "date": {**_DAY, "description": "The date of items that state none; the as-of date if not given."},
    "given": {**_ITEMS, "description": "Items that every case has."},
    "parameters": named("Other values of parameters.", scalar()),
}
_CASE = form(
    "One worked case.",
    {
        "case": scalar("Its name."),
        "why": scalar("What it shows."),
        **_SHARED,
        "change": {**_ITEMS, "description": "Items that this case has instead."},
        "without": {**_NAMES, "description": "Items of the base record that are left out."},
        "without given": {**_NAMES, "description": "Given items that are left out, or `all`."},
        "expect": _EXPECT,
    },
    ("case", "why", "expect"),
)


def cases_schema() -> Schema:
    """The schema of a case file."""
    return {
        "$schema": DIALECT,
        "title": "Case file of screening",
        **form(
            "Worked cases of a protocol, beside its rule file; `screening test` runs them.",
            {
                **_SHARED,
                "cases": {**listed(_CASE), "type": "array", "minItems": 1, "description": "The worked cases."},
                "not expressible": named("What cannot be expressed as a case, with the reason.", scalar()),
            },
            ("cases",),
        ),
    }
