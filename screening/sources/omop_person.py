"""One person of an OMOP CDM 5.4 database as FHIR R4 resources, so that the same door reads them.

What the CDM leaves open stays open: the end of a condition is often that of a visit, and the end of a drug is
often reckoned from its supply, so neither says that a thing is over now. Concepts of history keep whose history
it is: that of the family is not the person's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from screening.record.missing_code import bare
from screening.sources.fhir_json import Number, is_identifier
from screening.sources.worth import when_of

Cells = Mapping[str, str]
Resource = dict[str, Any]
Concepts = Callable[[str], tuple[str, str, str] | None]
"""Vocabulary, code and name of a concept, by its id."""
OMOP = "OMOP"

# Names of vocabularies in the CDM, as FHIR names the code systems.
_SYSTEMS = {
    "SNOMED": "http://snomed.info/sct",
    "LOINC": "http://loinc.org",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10GM": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD10PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
    "ATC": "http://www.whocc.no/atc",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "OPS": "http://fhir.de/CodeSystem/bfarm/ops",
    "UCUM": "http://unitsofmeasure.org",
}
_OMOP = "urn:omop:concept"
# How the columns of a table begin that say of which concept a row is.
_WORDS = {
    "condition_occurrence": "condition",
    "drug_exposure": "drug",
    "procedure_occurrence": "procedure",
    "measurement": "measurement",
    "observation": "observation",
}
_DIED = ("death_date", "death_datetime")
_GENDERS = {"8507": "male", "8532": "female"}
# The standard concepts of Meas Value Operator.
_OPERATORS = {"4172703": "", "4171756": "<", "4171754": "<=", "4172704": ">", "4171755": ">="}
# History of clinical finding in subject (situation), SNOMED CT: what it is of stands in the value.
_HISTORY = ("SNOMED", "417662000")
_DOUBT = ("preliminary", "provisional", "differential", "rule out", "ruled out", "suspected", "refuted", "negated")
# `<5` as the laboratory wrote it, beside a 5 without an operator.
_COMPARED = re.compile(r"\s*(<=|>=|<|>|≤|≥)\s*[0-9.]")
_SIGNS = {"≤": "<=", "≥": ">="}


def patient(row: Cells, deaths: Sequence[Cells] = ()) -> Resource:
    """A row of PERSON, and those of DEATH: of several days the first, however the rows are ordered."""
    year, month, day = (row.get(f"{part}_of_birth", "").strip() for part in ("year", "month", "day"))
    # SPEC: CDM 5.4, PERSON: where the month or the day is not known, the moment of birth is made up (15 June).
    known = [year, *([month.zfill(2)] if month else []), *([day.zfill(2)] if month and day else [])]
    born = "-".join(known) if year else _day(row.get("birth_datetime", ""))
    found: Resource = {"resourceType": "Patient", "id": row["person_id"]}
    if born:
        found["birthDate"] = born
    if row.get("gender_concept_id", "") in _GENDERS:
        found["gender"] = _GENDERS[row["gender_concept_id"]]
    if deaths:
        said = [day for death in deaths if (day := _said_in(death, *_DIED))]
        days = sorted(day for day in said if is_day(day)) or said
        found |= {"deceasedDateTime": days[0]} if days else {"deceasedBoolean": True}
    return found


def resources(table: str, row: Cells, concepts: Concepts, by_id: bool = False) -> list[Resource]:
    """A row of any other table as resources; a table that says nothing of a person's health gives none.

    `by_id` adds to the codes of a row the ids of its concepts, for those who ask for concepts by their ids.
    """
    found = _resources(table, row, concepts)
    if by_id and table in _WORDS:
        asked = [row.get(f"{word}_concept_id", "") for word in (_WORDS[table], f"{_WORDS[table]}_source")]
        ids = [{"system": _OMOP, "code": id} for id in dict.fromkeys(asked) if id not in ("", "0")]
        for resource in found:
            code = resource.get("code") or resource.get("medicationCodeableConcept") or {}
            if code.get("text") != "history":
                code["coding"] = [*code["coding"], *(id for id in ids if id not in code["coding"])]
    return found


def _resources(table: str, row: Cells, concepts: Concepts) -> list[Resource]:
    match table:
        case "condition_occurrence":
            of_status = row.get("condition_status_concept_id", "")
            status = concepts(of_status)
            said = f"{status[2] if status is not None else ''} {row.get('condition_status_source_value', '')}"
            # A status of which nobody knows what it says may be one of doubt.
            doubted = of_status not in ("", "0") and (status is None or not status[2].strip())
            doubted = doubted or any(word in said.casefold() for word in _DOUBT)
            return [
                _condition(table, row, _concept(row, "condition", concepts), _start(row, "condition"), doubted)
            ]
        case "drug_exposure":
            ends = _day(row.get("verbatim_end_date", "") or row.get("drug_exposure_end_date", ""))
            period = {"start": _start(row, "drug_exposure"), **({"end": ends} if ends else {})}
            # INVARIANT: of all states of R4 this one says that it was taken, and nothing of the present.
            found = {**_head("MedicationStatement", table, row), "status": "on-hold", "effectivePeriod": period}
            return [{**found, "medicationCodeableConcept": _concept(row, "drug", concepts)}]
        case "procedure_occurrence":
            found = {
                **_head("Procedure", table, row),
                "status": "completed",
                "code": _concept(row, "procedure", concepts),
            }
            return [{**found, **_when("performedDateTime", row, "procedure")}]
        case "measurement":
            return [_observation(table, row, "measurement", concepts)]
        case "observation":
            return _observed(row, concepts)
    return []


def _observed(row: Cells, concepts: Concepts) -> list[Resource]:
    """A row of OBSERVATION: a question with its answer, a fact by being there, or somebody's history."""
    code = _concept(row, "observation", concepts)
    own = concepts(row.get("observation_concept_id", ""))
    said = row.get("value_as_concept_id", "") not in ("", "0")
    # INVARIANT: a `no` that was given no concept leaves its word in the source value alone.
    values = ("value_as_number", "value_as_string", "value_source_value", "value_as_datetime")
    valued = said or any(row.get(column, "").strip() for column in values)
    qualifier = row.get("qualifier_concept_id", "")
    qualified = qualifier not in ("", "0") or bool(row.get("qualifier_source_value", "").strip())
    if own is not None and own[:2] == _HISTORY and said:
        # It was so at some time up to the day on which it was told.
        value = {"coding": _codings((row["value_as_concept_id"],), concepts), "text": "history"}
        return [_condition("observation", row, value, "", False, _start(row, "observation"))]
    found = [_observation("observation", row, "observation", concepts)]
    if own is not None and own[0] == "SNOMED" and not valued:
        # The CDM keeps here what belongs to no other table; a finding without a value is the fact itself.
        found.append(_condition("observation", row, code, _start(row, "observation"), qualified))
    return found


def _observation(table: str, row: Cells, word: str, concepts: Concepts) -> Resource:
    found = {**_head("Observation", table, row), "status": "final", "code": _concept(row, word, concepts)}
    found |= _when("effectiveDateTime", row, word)
    number, text = row.get("value_as_number", "").strip(), row.get("value_as_string", "").strip()
    said = row.get("value_as_concept_id", "")
    operator = row.get("operator_concept_id", "")
    source = row.get("value_source_value", "").strip()
    if number and operator in ("", "0", *_OPERATORS):
        found["valueQuantity"] = {"value": Number(_shortest(number)), **_unit(row, concepts)}
        compared = _COMPARED.match(source) if operator in ("", "0") else None
        sign = _OPERATORS.get(operator, "") if compared is None else _SIGNS.get(compared[1], compared[1])
        if sign:
            found["valueQuantity"]["comparator"] = sign
    elif number:
        found["valueString"] = "a number with an operator that is not known"
    elif said not in ("", "0"):
        codings = _codings((said,), concepts)
        found["valueCodeableConcept"] = {"coding": codings, **({"text": source} if source else {})}
    elif text or source:
        found["valueString"] = text or source
    return found


def _shortest(number: str) -> str:
    """A number without idle zeros: the column is one of numbers, and how a table writes them says nothing."""
    # Some databases write 0.5 as `.5`.
    number = re.sub(r"^([+-]?)\.", r"\g<1>0.", number)
    whole, point, places = number.partition(".")
    return f"{whole}.{places.rstrip('0')}".rstrip(".") if point and places.isdigit() else number


def _unit(row: Cells, concepts: Concepts) -> Resource:
    """The unit by its concept where that is of UCUM, else as the source wrote it."""
    concept = concepts(row.get("unit_concept_id", ""))
    if concept is not None and concept[0] == "UCUM":
        return {"system": _SYSTEMS["UCUM"], "code": concept[1]}
    unit = row.get("unit_source_value", "").strip()
    return {"unit": unit} if unit else {}


def _condition(table: str, row: Cells, code: Resource, onset: str, doubted: bool, recorded: str = "") -> Resource:
    found = {**_head("Condition", table, row), "code": code}
    if onset:
        found["onsetDateTime"] = onset
    if recorded:
        found["recordedDate"] = recorded
    if doubted:
        found["verificationStatus"] = {"coding": [{"code": "provisional"}]}
    return found


def _head(kind: str, table: str, row: Cells) -> Resource:
    id = f"{table.replace('_', '-')}-{row.get(f'{table}_id', '').strip()}"
    about = {"subject": {"reference": f"Patient/{row['person_id']}"}}
    return {"resourceType": kind, **({"id": id} if is_identifier(id) else {}), **about}


def _concept(row: Cells, word: str, concepts: Concepts) -> Resource:
    """What a row is of: its standard concept and that of its source; else what the source wrote."""
    ids = (row.get(f"{word}_concept_id", ""), row.get(f"{word}_source_concept_id", ""))
    found: Resource = {"coding": _codings(ids, concepts)}
    text = row.get(f"{word}_source_value", "").strip()
    return {**found, "text": text} if text and not found["coding"] else found


def _codings(ids: tuple[str, ...], concepts: Concepts) -> list[Resource]:
    found = []
    for id in dict.fromkeys(ids):
        if id in ("", "0"):
            continue
        concept = concepts(id)
        if concept is None:
            found.append({"system": _OMOP, "code": id})
        else:
            found.append({"system": _SYSTEMS.get(concept[0], f"urn:omop:{concept[0]}"), "code": concept[1]})
    return found


def _start(row: Cells, word: str) -> str:
    return _said_in(row, f"{word}_start_date", f"{word}_date", f"{word}_start_datetime", f"{word}_datetime")


def _said_in(row: Cells, *columns: str) -> str:
    """The day that the first of some columns says in which one can be read."""
    found = [day for column in columns if (day := _day(row.get(column, "")))]
    # What nobody can read is told where it is read.
    return next((day for day in found if is_day(day)), found[0] if found else "")


def _when(element: str, row: Cells, word: str) -> Resource:
    """The day of an event, with its time where one was kept; midnight is none."""
    moment = row.get(f"{word}_datetime", "").strip()
    day = _start(row, word)
    clock = moment[11:19]
    timed = len(clock) == len("00:00:00") and clock != "00:00:00" and moment[:10] == day
    written = f"{day}T{clock}" if timed else day
    return {element: written} if written else {}


def is_day(text: str) -> bool:
    """Whether a cell begins with a day as the CDM writes it, with or without lines between its parts."""
    return when_of(_day(text)) is not None


def _day(text: str) -> str:
    """The day of a date or a timestamp, also as `20240305`, which some exports write."""
    text = bare(text.strip())
    if len(text) == len("20240305") and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text[:10]
