"""The whole path, and the only file that knows it: rules and record in, a checked verdict out.

This is the Python API. A person is screened by forward chaining; the law screens again; the
verifier, which trusts neither, holds every step against the record. A difference, a refused trace
or an engine fault is "not screened", never a verdict.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import screening
from screening.errors import (
    DefectError,
    EngineFault,
    RuleError,
    ScreeningError,
    UnsupportedError,
    VerificationError,
)

# What a call needs is imported by that call: `--version` and `--help` are over before the engines are read.
if TYPE_CHECKING:
    from screening.audit import verify as audit
    from screening.interpreters import reference
    from screening.interpreters.forward import Forward
    from screening.language.library import Library
    from screening.outcome.answer import Calculation
    from screening.outcome.determination import Determination
    from screening.outcome.trace import Trace
    from screening.reading.digest import Stamp
    from screening.record.subject import Subject
    from screening.reports.account import Account
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration

DEFAULT_PROTOCOL = "ketamine-ra-fm"
# Where the value of a parameter comes from, where it is not the rule file's own.
COMMAND_LINE = "command line"
BY_SITE = "site declaration"


class NotScreened(DefectError):
    """There is no verdict: the engines disagree, the trace is refused, or the engine failed.

    `place` is the node at which it happened, for the report; no value of the person is kept.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Screening:
    """One person, screened and verified: library, subject as of the day, trace and what it says.

    `recorded` is the subject as it was read, what is dated after the day among it.
    """

    library: Library
    subject: Subject
    trace: Trace
    determination: Determination
    engine_version: str
    site: SiteDeclaration | None = None
    recorded: Subject | None = None

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The certificate of this screening as JSON data."""
        from screening.outcome import certificate

        return certificate.certificate_data(
            self.library,
            self.recorded or self.subject,
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

    return cache.load_cached(name, rules_folders(folders), parameters=parameters or {}, parameter_origin=origin)


def read_site(path: str | os.PathLike[str]) -> SiteDeclaration:
    """A site's declaration. Raises RuleError with everything that is wrong with it."""
    from screening.sources import site

    return site.read_site(Path(path).read_bytes(), os.fspath(path))


def load_protocol(
    name: str,
    folders: Sequence[str | os.PathLike[str]] = (),
    site: SiteDeclaration | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Library:
    """A checked library with a site's parameters and those of this run; each says where it comes from."""
    library = load_library(name, folders)
    of_site: dict[str, str] = {}
    if site is not None:
        from screening.sources.site import parameters_in

        of_site = parameters_in(site, library)
    origins = {**dict.fromkeys(of_site, BY_SITE), **dict.fromkeys(parameters or {}, COMMAND_LINE)}
    if not origins:
        return library
    library = load_library(name, folders, {**of_site, **(parameters or {})}, COMMAND_LINE)
    settled = tuple(replace(p, origin=origins.get(p.name, p.origin)) for p in library.parameters)
    return replace(library, parameters=settled)


def read_record(
    data: bytes,
    library: Library,
    name: str,
    site: SiteDeclaration | None = None,
    subject: str = "",
    beside: Collection[str] = (),
) -> Subject:
    """A record as a subject: a FHIR R4 bundle, or a profile in YAML or JSON, in which `beside` are no slips.

    Raises RecordError with everything that is wrong with the record.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"<"):
        from screening.sources.fhir_version import looks_like_fhir

        # INVARIANT: a profile imports nothing of FHIR's forms; cold start is the point of asking first.
        if looks_like_fhir(data):
            from screening.sources import fhir

            return fhir.read_bundle(data, library, name=name, site=site, subject=subject)
    from screening.sources import profile

    return profile.read_profile(data, library, name=name, site=site, beside=beside)


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
    from screening.audit import verify as audit
    from screening.interpreters import forward, reference

    key = f"{library.digest} {[(p.name, p.written) for p in library.parameters]}"
    if key not in _ENGINES:
        try:
            chain = forward.Forward(library) if forward.available() else None
        except UnsupportedError:
            chain = None
        _ENGINES[key] = Engines(reference.Law(library), audit.Verifier(library), chain)
    return _ENGINES[key]


def trace(library: Library, subject: Subject, as_of: datetime.date) -> tuple[Trace, str]:
    """The trace by forward chaining, held against the law (without the engine the law's), and who made it."""
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
    library: Library,
    subject: Subject,
    as_of: datetime.date,
    site: SiteDeclaration | None = None,
    retired: bool = False,
) -> Screening:
    """Screens one person: forward chaining, the law, the verifier, then the verdict.

    Raises NotScreened where they do not agree, and RuleError where the rules are retired, unless `retired`.
    The same library, subject and day give the same bytes.
    """
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired screens against it all the same")
    steps, version = trace(library, subject, as_of)
    try:
        engines(library).verifier.verify(subject, steps)
    except VerificationError as refused:
        raise NotScreened("the verifier refuses the trace") from refused
    from screening.outcome.determination import determine

    made = determine(library, steps)
    return Screening(library, subject.as_of(as_of), steps, made, version, site, subject)


def verify(data: Mapping[str, Any], library: Library, subject: Subject) -> None:
    """Accepts a certificate from rules and record alone; raises VerificationError otherwise."""
    from screening.audit import certificate as door

    door.verify_certificate(data, library, subject)


def certificate_of(data: bytes, folders: Sequence[str | os.PathLike[str]] = ()) -> tuple[dict[str, Any], Library]:
    """A certificate from its bytes, and its library loaded with the parameters that it names."""
    from screening.outcome import document

    found = document.certificate_of(data)
    return found, library_of(found, folders)


def library_of(certificate: Mapping[str, Any], folders: Sequence[str | os.PathLike[str]] = ()) -> Library:
    """The library that a certificate names, loaded with the parameters that no rule file set."""
    from screening.outcome import document

    name, given = document.library_of(certificate), document.parameters_of(certificate)
    if not given:
        return load_library(name, folders)
    library = load_library(name, folders, {n: text for n, (text, _) in given.items()}, COMMAND_LINE)
    settled = (replace(p, origin=given[p.name][1]) if p.name in given else p for p in library.parameters)
    return replace(library, parameters=tuple(settled))


def stamps() -> list[Stamp]:
    """Name, version, status and digest of what is shipped, for `--version`."""
    from screening.reading import digest

    return list(digest.stamps(rules_folders()))


def example(name: str) -> tuple[bytes, str]:
    """A record that is shipped with the rules, and its file."""
    path = rules_folders()[-1] / "records" / name
    return path.read_bytes(), path.as_posix()


def calculate(
    name: str, inputs: Mapping[str, Any], *, folders: Sequence[str | os.PathLike[str]] = (), **more: Any
) -> Calculation:
    """One definition of any library by itself; `more` is that of `evaluation.calculate`: library, as_of, site."""
    from screening.evaluation.calculate import calculate as calculated

    return calculated(name, inputs, rules_folders(folders), **more)


# --------------------------------------------------------------------------- what is shown


def account(screening: Screening, is_open_told: bool = False) -> Account:
    """A screening as the reports read it; with the first lines of what could settle an open verdict if told."""
    from screening.reports import account as report
    from screening.sources.site import adapted

    library = adapted(screening.library, screening.site)
    alerts = frozenset(a.criterion for a in screening.site.alerts) if screening.site else frozenset()
    ahead = None
    if is_open_told and screening.determination.verdict.value == "UNDETERMINED":
        from screening.guidance.ahead import read_off

        ahead = read_off(library, screening.subject, screening.trace)
    return report.account(library, screening.subject, screening.trace, screening.determination, alerts, ahead)


def told(
    screening: Screening, *, plain: bool = False, everything: bool = False, steps: bool = False
) -> list[Line]:
    """A screening in lines for people: a screen, everything, or prose; with the trace in words if asked."""
    from screening.reports.all import told as lines

    return lines(account(screening, True), screening.engine_version, plain, everything, steps)


def not_screened(library: Library, subject: Subject, as_of: datetime.date, fault: NotScreened) -> list[Line]:
    """What is shown instead of a verdict."""
    from screening.reports import fault as report

    synthetic = ", synthetic" if subject.synthetic else ""
    person = f"{subject.id}{synthetic}, as of {as_of.isoformat()}; site: {subject.site or 'none declared'}"
    return report.not_screened(library, person, fault, fault.place, screening.__version__)


def shown(library: Library, criterion: str = "") -> list[Line]:
    """A protocol, or one of its criteria; KeyError if it has none of that id."""
    from screening.reports import show

    return show.criterion(library, criterion) if criterion else show.protocol(library)


def drawn(library: Library, subject: Subject, name: str) -> list[Line]:
    """Every fact drawn from a record, with where it came from."""
    from screening.reports.listing import record

    return record(library, subject, name)


def protocols(folders: Sequence[str | os.PathLike[str]] = ()) -> list[Line]:
    """Every library of the rules folders."""
    from screening.reading.load import available, lent
    from screening.reports import show

    found: list[Library] = []
    lending: list[show.Lent] = []
    faulty: list[tuple[str, int]] = []
    for each in available(rules_folders(folders)):
        try:
            found.append(load_library(each.name, folders))
        except ScreeningError as wrong:
            part = lent(each.path, rules_folders(folders))
            if part is not None:
                lending.append((part, each.status, each.title))
            else:
                faulty.append((each.name, len(wrong.diagnostics)))
    return show.protocols(found, faulty, lending)


def template(library: Library) -> str:
    """An empty profile of a protocol, to be filled in."""
    from screening.sources import profile

    return profile.template(library)


def schema(name: str, library: Library | None = None) -> dict[str, Any]:
    """A published JSON Schema: `certificate`, `bundle`, `profile` or `diagnostic`; KeyError for any other."""
    if name == "profile":
        from screening.sources import profile

        return profile.profile_schema(library)
    from screening.outcome import bundle_schema

    return bundle_schema.SCHEMAS[name]


def plain_text(lines: Sequence[Line]) -> str:
    """Lines as a pipe gets them."""
    from screening.reports import line

    return line.plain_text(lines)


def print_coloured(lines: Sequence[Line], file: Any, environment: Mapping[str, str]) -> None:
    """Lines on a colour terminal."""
    from screening.reports import line

    line.print_coloured(lines, file, line.palette_for(environment))


def data_text(data: Any, form: str) -> str:
    """Data as text, `json` or `yaml`."""
    from screening.reports import data as report

    return report.as_json(data) if form == "json" else report.as_yaml(data)


__all__ = [
    "DEFAULT_PROTOCOL", "NotScreened", "Screening", "ScreeningError", "account", "certificate_of", "engines",
    "load_library", "load_protocol", "read_record", "read_site", "rules_folders", "screen", "told", "verify",
]  # fmt: skip
