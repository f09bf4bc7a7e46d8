"""The whole path, and the only file that knows it: rules and record in, a checked verdict out.

This is the Python API. A person is screened by forward chaining; the law screens again; the
verifier, which trusts neither, holds every step against the record. A difference, a refused trace
or an engine fault is "not screened", never a verdict.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import screening
from screening.audit import verify as audit
from screening.errors import DefectError, EngineFault, ScreeningError, UnsupportedError, VerificationError
from screening.interpreters import reference
from screening.language.library import Library
from screening.outcome import certificate
from screening.outcome.determination import Determination, determine
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.values.bounds import exactly

if TYPE_CHECKING:
    from screening.interpreters.forward import Forward
    from screening.sources.site import SiteDeclaration

DEFAULT_PROTOCOL = "ketamine-ra-fm"


class NotScreened(DefectError):
    """There is no verdict: the engines disagree, the trace is refused, or the engine failed.

    `place` is the node at which it happened, for the report; no value of the person is kept.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Screening:
    """One person, screened and verified: the library, the subject as of the day, the trace and what it says."""

    library: Library
    subject: Subject
    trace: Trace
    determination: Determination
    engine_version: str
    site: SiteDeclaration | None = None

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The certificate of this screening as JSON data."""
        return certificate.certificate_data(
            self.library,
            self.subject,
            self.trace,
            self.determination,
            screening.__version__,
            self.engine_version,
        )


def rules_folders(more: Sequence[str | os.PathLike[str]] = ()) -> list[Path]:
    """The folders in which rule files are looked for: those named first, then the ones shipped."""
    here = os.path.dirname(screening.__file__)
    packaged = os.path.join(here, "rules")
    shipped = packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(here), "rules")
    return [*(Path(folder) for folder in more), Path(shipped)]


def load_library(
    name: str,
    folders: Sequence[str | os.PathLike[str]] = (),
    parameters: Mapping[str, str] | None = None,
    origin: str = "",
) -> Library:
    """A checked library by name or by path. Raises RuleError with every diagnostic of the file."""
    from screening.reading import cache

    return cache.load_cached(
        name, rules_folders(folders), parameters=parameters or {}, parameter_origin=origin
    )


def read_record(
    data: bytes, library: Library, name: str, site: SiteDeclaration | None = None, subject: str = ""
) -> Subject:
    """A record as a subject: a FHIR R4 bundle, or a profile in YAML or JSON.

    Raises RecordError with everything that is wrong with the record.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"<"):
        from screening.sources import fhir

        if fhir.looks_like_fhir(data):
            return fhir.read_bundle(data, library, name=name, site=site, subject=subject)
    from screening.sources import profile

    return profile.read_profile(data, library, name=name, site=site)


@dataclass(frozen=True)
class Engines:
    """Everything that is compiled once for a library: the law, the verifier, and the chaining network.

    `chain` is None where the engine cannot be imported, or the library is too large for it: the law screens.
    """

    law: reference.Law
    verifier: audit.Verifier
    chain: Forward | None


_ENGINES: dict[str, Engines] = {}


def engines(library: Library) -> Engines:
    """The engines of a library, made once in a process."""
    from screening.interpreters import forward

    key = f"{library.digest} {[(p.name, p.written) for p in library.parameters]}"
    if key not in _ENGINES:
        try:
            chain = forward.Forward(library) if forward.available() else None
        except UnsupportedError:
            chain = None
        _ENGINES[key] = Engines(reference.Law(library), audit.Verifier(library), chain)
    return _ENGINES[key]


def trace(library: Library, subject: Subject, as_of: datetime.date) -> tuple[Trace, str]:
    """The trace by forward chaining, held against the law; by the law alone where the engine is absent.

    The text beside it is the version of the engine that made it.
    """
    made = engines(library)
    law = made.law.trace(subject, as_of)
    if made.chain is None:
        return law, screening.__version__
    try:
        found = made.chain.trace(subject, as_of)
    except EngineFault as fault:
        raise NotScreened("the chaining engine failed") from fault
    if found.steps != law.steps:
        differing = (a.place for a, b in zip(found.steps, law.steps, strict=False) if a != b)
        place = next(differing, "the end of the trace")
        raise NotScreened(f"the chaining engine and the reference interpreter disagree at {place}", place)
    from screening.interpreters import forward

    return found, forward.engine_version()


def screen(
    library: Library, subject: Subject, as_of: datetime.date, site: SiteDeclaration | None = None
) -> Screening:
    """Screens one person: forward chaining, the law, the verifier, then the verdict.

    Raises NotScreened where they do not agree. The same library, subject and day give the same bytes.
    """
    steps, version = trace(library, subject, as_of)
    try:
        engines(library).verifier.verify(subject, steps)
    except VerificationError as refused:
        raise NotScreened("the verifier refuses the trace") from refused
    seen = subject.as_of(as_of)
    return Screening(_on(library, as_of), seen, steps, determine(library, steps), version, site)


def _on(library: Library, as_of: datetime.date) -> Library:
    """The library with its as-of date in force among the parameters."""
    from screening.language.library import AS_OF, ParameterValue
    from screening.language.types import DATE

    day = ParameterValue(AS_OF, DATE, exactly(as_of), as_of.isoformat(), origin="run")
    others = tuple(p for p in library.parameters if p.name != AS_OF)
    return replace(library, parameters=(day, *others))


def verify(data: Mapping[str, Any], library: Library, subject: Subject) -> None:
    """Accepts a certificate from itself, the rules and the record alone; raises VerificationError otherwise."""
    from screening.audit import certificate as door

    door.verify_certificate(data, library, subject)


__all__ = [
    "DEFAULT_PROTOCOL",
    "NotScreened",
    "Screening",
    "ScreeningError",
    "engines",
    "load_library",
    "read_record",
    "rules_folders",
    "screen",
    "verify",
]
