"""Accepts or refuses a bundle: a certificate with the tree and the record that it rests on, from nothing else.

What is in it must be whole, in the one spelling of its format, and be what the certificate cites; then the
certificate has to follow from it, as it would from rule files and a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.audit.certificate import differences, verify_certificate
from screening.errors import VerificationError
from screening.language.library import Library
from screening.outcome import codec, embedded, recorded
from screening.outcome.certificate import BUNDLE
from screening.outcome.embedded import library_of, tree_data
from screening.outcome.recorded import record_data, record_of
from screening.outcome.tree import mapping
from screening.record.subject import Subject

PARTS = {"tree": embedded.FORMAT, "record": recorded.FORMAT}
_WRONG = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def verify_bundle(
    data: Mapping[str, Any], library: Library | None = None, subject: Subject | None = None
) -> tuple[Library, Subject]:
    """Accepts a bundle, giving the library and the subject in it; raises VerificationError at the first place.

    `library`, loaded from rule files, must have the embedded tree, and `subject`, read from a record, the
    embedded record; what is not given is not compared.
    """
    if data.get("bundle") != BUNDLE:
        raise VerificationError(f"/bundle is not `{BUNDLE}`")
    mapping(dict(data), "", ("bundle", "certificate", "tree", "record"))
    certificate, tree, record = data["certificate"], data["tree"], data["record"]
    if not isinstance(certificate, Mapping):
        raise VerificationError("/certificate is no object")
    try:
        if library is not None:
            _same(tree, tree_data(library), "/tree", "is not what the rule files give")
        held, known = library_of(tree), record_of(record)
        if subject is not None:
            _same(record, record_data(subject, held), "/record", "is not what the record gives")
        _same(tree, tree_data(held), "/tree", "is not in the form that the rest of it gives")
        _same(record, record_data(known, held), "/record", "is not in the form that the rest of it gives")
        altered = [f"/{name}" for name, form in PARTS.items() if _digest(form, data[name]) != _cited(data, name)]
        try:
            verify_certificate(certificate, held, known)
        except VerificationError as fault:
            what = f"{' and '.join(altered)} altered: the certificate cites another digest; " if altered else ""
            raise VerificationError(f"{what}/certificate: {fault.diagnostics[0].message}") from fault
    except _WRONG as wrong:
        raise VerificationError(
            "/tree cannot be evaluated on /record: a value is of another type than its node takes"
        ) from wrong
    return held, known


def _same(stated: Any, made: Any, path: str, why: str) -> None:
    for place in differences(stated, made):
        raise VerificationError(f"{path}{place.rstrip('/')} {why}")


def _digest(form: str, data: Any) -> str:
    try:
        return codec.digest(form, data)
    except Exception as fault:
        raise VerificationError("the bundle cannot be written in canonical form") from fault


def _cited(data: Mapping[str, Any], name: str) -> Any:
    cited = data["certificate"].get("rests_on")
    return cited.get(name) if isinstance(cited, Mapping) else None
