"""The certificate: everything an outsider needs to check one verdict without trusting the engine.

It names the rules, the parameters, the record and the day by digest, carries the facts used with
their provenance, one step for every node, and the determination; its own digest covers the rest.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from screening.language.library import AS_OF, Library
from screening.outcome import codec
from screening.outcome.determination import Determination
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.values.bounds import exactly

FORMAT = "screening-certificate-1"
PROGRAM = "screening"


def library_data(library: Library) -> dict[str, Any]:
    """Which rules: name, version, status and digest, with those of everything included."""
    return {
        "name": library.name,
        "version": library.version,
        "status": library.status,
        "digest": library.digest,
        "includes": [{"name": i.name, "version": i.version, "digest": i.digest} for i in library.includes],
        "overrides": [
            {
                "criterion": c.id,
                "strength": c.strength,
                "source": c.override.source,
                "place": c.override.place,
            }
            for c in library.criteria
            if c.override is not None
        ],
    }


def parameters_data(library: Library, as_of: datetime.date) -> list[dict[str, Any]]:
    """All parameters in force, the as-of date first, with where each value comes from."""
    day = codec.value_data(exactly(as_of))
    return [
        {"name": AS_OF, "value": day, "origin": "run", "chosen": False},
        *(
            {"name": p.name, "value": codec.value_data(p.value), "origin": p.origin, "chosen": p.chosen}
            for p in library.parameters
            if p.name != AS_OF
        ),
    ]


def certificate_data(
    library: Library,
    subject: Subject,
    trace: Trace,
    determination: Determination,
    version: str,
    engine_version: str,
) -> dict[str, Any]:
    """A certificate as JSON data; `subject` is the person as of the day of the trace."""
    data: dict[str, Any] = {
        "certificate": FORMAT,
        "program": {"name": PROGRAM, "version": version},
        "engine": {"name": trace.engine, "version": engine_version},
        "library": library_data(library),
        "parameters": parameters_data(library, trace.as_of),
        "as_of": trace.as_of.isoformat(),
        **codec.subject_data(subject),
        "steps": codec.trace_data(trace),
        "determination": codec.determination_data(determination),
        "fixed_words": list(library.fixed_words),
    }
    return {**data, "digest": codec.digest(data)}


def expected_digest(data: Mapping[str, Any]) -> str:
    """The digest that a certificate's own content demands."""
    return codec.digest({key: value for key, value in data.items() if key != "digest"})
