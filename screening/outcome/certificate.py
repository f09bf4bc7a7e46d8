"""The certificate: everything an outsider needs to check one verdict without trusting the engine.

It names the rules, the parameters, the record and the day by digest, carries the facts used with
their provenance, one step for every node, and the determination; its own digest covers the rest. A
bundle is a certificate with the tree and the record that it rests on (`screening/certificate.md`).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from screening.language.library import AS_OF, Library
from screening.outcome import codec, embedded, recorded
from screening.outcome.determination import Determination
from screening.outcome.embedded import library_data, parameter_data, tree_data
from screening.outcome.recorded import record_data
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.values.bounds import exactly

FORMAT = "screening-certificate-2"
BUNDLE = "screening-bundle-1"
PROGRAM = "screening"


def parameters_data(library: Library, as_of: datetime.date) -> list[dict[str, Any]]:
    """All parameters in force, the as-of date first, with where each value comes from."""
    day = codec.value_data(exactly(as_of))
    return [
        {"name": AS_OF, "value": day, "origin": "run", "chosen": False},
        *(parameter_data(p) for p in library.parameters if p.name != AS_OF),
    ]


def certificate_data(
    library: Library,
    subject: Subject,
    trace: Trace,
    determination: Determination,
    version: str,
    engine_version: str,
) -> dict[str, Any]:
    """A certificate as JSON data; `subject` is the record as it was read, whatever its dates."""
    rests_on = {
        "tree": codec.digest(embedded.FORMAT, tree_data(library)),
        "record": codec.digest(recorded.FORMAT, record_data(subject, library)),
    }
    data: dict[str, Any] = {
        "certificate": FORMAT,
        "program": {"name": PROGRAM, "version": version},
        "engine": {"name": trace.engine, "version": engine_version},
        "library": library_data(library),
        "parameters": parameters_data(library, trace.as_of),
        "as_of": trace.as_of.isoformat(),
        "rests_on": rests_on,
        **codec.subject_data(subject.as_of(trace.as_of)),
        "steps": codec.trace_data(trace),
        "determination": codec.determination_data(determination),
        "fixed_words": list(library.fixed_words),
    }
    return {**data, "digest": codec.digest(FORMAT, data)}


def expected_digest(data: Mapping[str, Any]) -> str:
    """The digest that a certificate's own content demands."""
    return codec.digest(FORMAT, {key: value for key, value in data.items() if key != "digest"})


def bundle_data(certificate: Mapping[str, Any], library: Library, subject: Subject) -> dict[str, Any]:
    """A certificate with the tree and the record that it rests on: to be verified alone."""
    return {
        "bundle": BUNDLE,
        "certificate": dict(certificate),
        "tree": tree_data(library),
        "record": record_data(subject, library),
    }
