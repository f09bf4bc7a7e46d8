"""Accepts or refuses a certificate from itself, the rules and the record alone.

The steps are verified one by one; from them the whole certificate is written again, and every
field has to be the same. Only the names and versions of program and engine are taken on trust:
they say who made it, and nothing rests on them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from screening.audit.verify import verify_trace
from screening.errors import VerificationError
from screening.language.library import Library
from screening.outcome import codec
from screening.outcome.certificate import FORMAT, certificate_data, expected_digest
from screening.outcome.determination import determine
from screening.outcome.trace import Step, Trace
from screening.record.subject import Subject

ENGINES = ("durable-rules", "reference")
ALTERED = "the certificate was altered: its digest does not fit its content"


def differences(a: Any, b: Any, path: str = "") -> Iterator[str]:
    """The places at which two JSON values differ, in order."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in sorted({*map(str, a), *map(str, b)}):
            if key not in a or key not in b:
                yield f"{path}/{key}"
            else:
                yield from differences(a[key], b[key], f"{path}/{key}")
    elif isinstance(a, list) and isinstance(b, list):
        for position, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from differences(x, y, f"{path}/{position}")
        if len(a) != len(b):
            yield f"{path}/{min(len(a), len(b))}"
    elif type(a) is not type(b) or a != b:
        yield path or "/"


def _text(data: Mapping[str, Any], *keys: str) -> str:
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, str):
        raise VerificationError(f"the certificate does not say /{'/'.join(keys)}")
    return found


def _steps(data: Mapping[str, Any]) -> tuple[Step, ...]:
    listed = data.get("steps")
    if not isinstance(listed, list):
        raise VerificationError("the certificate has no /steps")
    found = []
    for position, step in enumerate(listed):
        try:
            found.append(codec.step_of(step))
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as fault:
            raise VerificationError(f"/steps/{position} is no step") from fault
    return tuple(found)


def verify_certificate(data: Mapping[str, Any], library: Library, subject: Subject) -> None:
    """Accepts a certificate in silence; raises VerificationError at the first field that does not hold.

    `library` is loaded from the rules, with the parameters that the certificate names; `subject` is read from
    the record. Nothing of the certificate is believed.
    """
    if data.get("certificate") != FORMAT:
        raise VerificationError(f"/certificate is not `{FORMAT}`")
    if _text(data, "engine", "name") not in ENGINES:
        raise VerificationError("the certificate names no engine that is known (/engine/name)")
    try:
        stated = expected_digest(data)
    except (ValueError, RecursionError) as fault:
        raise VerificationError("the certificate cannot be written in canonical form") from fault
    try:
        _verify_content(data, library, subject)
    except VerificationError as fault:
        if data.get("digest") == stated:
            raise
        raise VerificationError(f"{ALTERED}; {fault.diagnostics[0].message}") from fault
    if data.get("digest") != stated:
        raise VerificationError(f"{ALTERED}; /digest")


def _verify_content(data: Mapping[str, Any], library: Library, subject: Subject) -> None:
    """Every field but the digest of the whole."""
    if _text(data, "library", "digest") != library.digest:
        raise VerificationError("the certificate was made with other rules than these (/library/digest)")
    if _text(data, "record", "digest") != subject.digest:
        raise VerificationError("the certificate was made for another record than this (/record/digest)")
    try:
        as_of = datetime.date.fromisoformat(_text(data, "as_of"))
    except ValueError as fault:
        raise VerificationError("the certificate's as-of date is no date (/as_of)") from fault
    trace = Trace(library.name, as_of, _text(data, "engine", "name"), _steps(data))
    verify_trace(library, subject, trace)
    again = certificate_data(
        library,
        subject,
        trace,
        determine(library, trace),
        _text(data, "program", "version"),
        _text(data, "engine", "version"),
    )
    again["digest"] = data.get("digest")
    for place in differences(dict(data), again):
        raise VerificationError(f"{place} does not follow from the rules, the record and the steps")
