"""Screening-log rows: one for everybody screened, with the columns that sponsors and monitors ask for.

The short names of the columns are the log's own. What was decided of a person on a worklist goes over into the
log; what needs a ledger stays empty: the final decision on eligibility, and hashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from screening.outcome.row import Row

COLUMNS = (
    "site_id",
    "stage",
    "screening_id",
    "screening_datetime",
    "as_of_date",
    "consent_date",
    "protocol_id",
    "protocol_version",
    "rule_digest",
    "pseudonym",
    "age_years",
    "sex_at_birth",
    "standing",
    "verdict",
    "primary_reason_code",
    "primary_reason_text",
    "all_reason_codes",
    "missing_fields",
    "earliest_eligible_date",
    "declined",
    "final_decision",
    "decided_by",
    "decided_at",
    "enrolled",
    "rescreen_of",
    "entry_hash",
)
STAGE = "pre-screening of records"
SCREENED = (
    "Screened means: the records of one person were read from the source, and every criterion of the protocol was "
    "evaluated for them as of the day given. Nobody was spoken to and nothing was asked of anybody."
)
_YES = "yes"


class Decided(Protocol):
    """What was decided of one person."""

    @property
    def word(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def by(self) -> str: ...


def of_decisions(decided: Sequence[Decided]) -> dict[str, str]:
    """The cells of what was decided of one person; nothing where nothing was."""
    if not decided:
        return {}
    stands = decided[-1]
    return {
        "consent_date": next((each.date for each in decided if each.word == "consented"), ""),
        "declined": _YES if stands.word == "declined" else "",
        "enrolled": _YES if stands.word == "enrolled" else "",
        "decided_by": stands.by,
        "decided_at": stands.date,
    }


def screening_id(pseudonym: str, manifest: Mapping[str, Any]) -> str:
    """One screening of a person: as of one day, however often it is done."""
    return f"{pseudonym}/{manifest['as_of']}"


def cells(
    row: Row,
    manifest: Mapping[str, Any],
    pseudonym: str,
    decided: Sequence[Decided] = (),
    rescreen_of: str = "",
) -> list[str]:
    """The log row of one person under a manifest; the person is named by a random pseudonym alone.

    `decided` are the dispositions of the person, the last is the one that stands; `rescreen_of` is the screening
    that was before this one. The earliest date is the first
    day on which every known bar is over by its date; whatever else is open stays open.
    """
    protocol = manifest["protocol"]
    texts = {each["id"]: each["text"] for each in manifest["criteria"]}
    first = row.deciding[0] if row.deciding else ""
    said = {
        "site_id": manifest["site"]["name"] if manifest["site"] else "",
        "stage": STAGE,
        "screening_id": screening_id(pseudonym, manifest),
        "screening_datetime": manifest["run"]["started"],
        "as_of_date": manifest["as_of"],
        "protocol_id": protocol["name"],
        "protocol_version": protocol["version"],
        "rule_digest": protocol["digest"],
        "pseudonym": pseudonym,
        "age_years": row.age_years,
        "sex_at_birth": row.sex,
        "standing": row.standing,
        "verdict": row.verdict,
        "primary_reason_code": first,
        "primary_reason_text": texts.get(first, ""),
        "all_reason_codes": "|".join(row.reasons),
        "missing_fields": "|".join(row.missing),
        "earliest_eligible_date": row.not_before,
        "rescreen_of": rescreen_of,
    }
    said |= of_decisions(decided)
    return [said.get(column, "") for column in COLUMNS]
