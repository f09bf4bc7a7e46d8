"""What is entered of one screening: its verdict in the chain, and beside it what can be purged.

The certificate, the record and the site's declaration lie beside the entry, byte for byte, so that it can be
replayed; the entry commits to each. It says of the person no more than verdict and standing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from screening.errors import LedgerError
from screening.ledger.draft import Draft
from screening.ledger.entry import Entry, Kind, Rules
from screening.outcome.codec import canonical
from screening.outcome.document import NOT_SET
from screening.values.frozen import dataclass

CERTIFICATE, RECORD, SITE, CORRECTION, NAMES = "certificate", "record", "site declaration", "correction", "names"


@dataclass(frozen=True, slots=True)
class Given:
    """What a verdict was made from, byte for byte: a record and its name, and a site's declaration if any."""

    record: bytes
    name: str
    site: bytes | None = None
    site_name: str = ""


def rules_of(certificate: Mapping[str, Any]) -> Rules:
    """The rules that a certificate was made with."""
    library = certificate["library"]
    return Rules(library["name"], library["version"], library["digest"], library["status"])


def draft(
    certificate: Mapping[str, Any],
    given: Given,
    about: str,
    *,
    is_draft: bool,
    stage: str,
    consent: str = "",
    basis: str = "",
    again: Sequence[int] = (),
    rows: Sequence[int] = (),
    reason: str = "",
) -> Draft:
    """A screening, or a screening again of those entries, before it has its place.

    `rows` are the entries of the rows that the person had in runs over many people.
    """
    made = certificate["determination"]
    said = {
        "verdict": made["verdict"],
        "standing": made["standing"],
        "as_of": certificate["as_of"],
        "stage": stage,
        "consent": consent,
        "basis": basis,
        "draft": is_draft,
    }
    names = canonical({"record": given.name, "site": given.site_name})
    contents = [(CERTIFICATE, canonical(dict(certificate))), (RECORD, given.record), (NAMES, names)]
    if given.site is not None:
        contents.append((SITE, given.site))
    kind = Kind.RESCREENED if again else Kind.SCREENED
    return Draft(kind, said, about, tuple(again or rows), reason, rules_of(certificate), tuple(contents))


def changed_parameters(certificate: Mapping[str, Any]) -> list[str]:
    """The parameters of a certificate whose value no rule file set, and no approval of rules covers."""
    library = certificate["library"]
    files = {"library", "run", NOT_SET, library["name"], *(included["name"] for included in library["includes"])}
    return [str(each["name"]) for each in certificate["parameters"] if each["origin"] not in files]


def unlike(entry: Entry, certificate: bytes) -> str:
    """In what an entry says otherwise than the certificate it commits to; empty if in nothing."""
    try:
        found = json.loads(certificate)
        said = entry.statement
        if rules_of(found) != entry.rules:
            return "its certificate was made with other rules"
        if (found["determination"]["verdict"], found["as_of"]) != (said.get("verdict"), said.get("as_of")):
            return "its certificate has another verdict or day"
        if said.get("draft") is not True and changed_parameters(found):
            return "parameters were changed that no approval covers; it can be entered as a draft alone"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "its certificate is none"
    return ""


def correction(number: int, about: str, before: Mapping[str, Any], after: Mapping[str, Any], reason: str) -> Draft:
    """What is otherwise in a record than when it was entered: each fact as it was, and as it is said to be.

    Raises LedgerError where the records say the same.
    """
    old, new = facts(before), facts(after)
    changed = [
        {"requirement": name, "before": old.get(name, []), "after": new.get(name, [])}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if not changed:
        raise LedgerError("the record says the same as when it was entered; nothing is corrected")
    said = {"facts": len(changed)}
    return Draft(Kind.CORRECTED, said, about, (number,), reason, contents=((CORRECTION, canonical(changed)),))


def facts(certificate: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The facts and absences of a certificate by requirement, without the numbers they are counted by."""
    found: dict[str, list[Any]] = {}
    for each in (*certificate["facts"], *certificate["absences"]):
        said = {name: value for name, value in each.items() if name != "id"}
        found.setdefault(str(each["requirement"]), []).append(said)
    return {name: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for name, rows in found.items()}


def lacking(entry: Entry) -> bool:
    """Whether a screening that may support an enrolment does not say what it was made from."""
    kinds = {each.kind for each in entry.contents}
    return entry.statement.get("draft") is not True and not {CERTIFICATE, RECORD} <= kinds


def certificate_digest(entry: Entry) -> str:
    """The digest of the certificate of a screening. Raises LedgerError where it names none."""
    if CERTIFICATE not in contents_of(entry):
        raise LedgerError(f"entry {entry.number} names no certificate; no release of this program made it so")
    return contents_of(entry)[CERTIFICATE]


def contents_of(entry: Entry) -> dict[str, str]:
    """The digests of the contents of an entry, by what they are."""
    return {each.kind: each.digest for each in entry.contents}
