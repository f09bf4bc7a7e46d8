"""A certificate or a bundle held against what it rests on, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from screening.errors import ScreeningError, VerificationError

if TYPE_CHECKING:
    from screening.language.library import Library
    from screening.record.subject import Subject
    from screening.reports.line import Line


def bundle(certificate: Mapping[str, Any], library: Library, recorded: Subject) -> dict[str, Any]:
    """A certificate with the tree and the record that it rests on, as JSON data, to be verified by itself."""
    from screening.outcome.certificate import bundle_data

    return bundle_data(certificate, library, recorded)


def document_of(data: bytes) -> dict[str, Any]:
    """A certificate or a bundle from its bytes; VerificationError for what is no JSON object of one reading."""
    from screening.outcome import document

    return document.certificate_of(data)


def certificate_in(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certificate of a bundle; VerificationError where there is none."""
    found = bundle.get("certificate")
    if not isinstance(found, Mapping):
        raise VerificationError("/certificate is no object")
    return found


def verify_bundle(
    data: Mapping[str, Any], library: Library | None = None, subject: Subject | None = None
) -> tuple[Library, Subject]:
    """Accepts a bundle from itself alone, and holds it against rule files and a record where they are given."""
    from screening.audit import bundle as door

    return door.verify_bundle(data, library, subject)


def agreed(data: Mapping[str, Any], library: Library, subject: Subject) -> list[Line]:
    """What is said of a certificate in which everything agrees with rules and record."""
    from screening.reports import fault

    return fault.agreed(data, library, subject)


def agreed_alone(
    data: Mapping[str, Any], library: Library, subject: Subject, held: tuple[bool, bool]
) -> list[Line]:
    """What is said of a bundle in which everything agrees; `held`: against rule files, against a record."""
    from screening.reports import fault

    return fault.agreed(data["certificate"], library, subject, held)


def refused(error: ScreeningError, library: Library | None = None, subject: Subject | None = None) -> list[Line]:
    """What is said of a certificate that does not hold: the first place, and what it was held against."""
    from screening.reports import fault

    return fault.refused(error, library, subject)
