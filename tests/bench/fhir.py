"""How fast a FHIR bulk export becomes the evidence of a cohort, beside a plain read of the same fields.

`python -m tests.bench.fhir [people] [rounds]` makes an export for the ketamine protocol and reads it in fresh
processes, one road after the other, so that what else the machine does falls on both: DuckDB reading the fields
that matter into typed tables, and `fhir_columns` making the evidence. It prints CPU seconds, medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from screening.reading.load import load
from tests.checkout import ROOT
from tests.sources import exports

RULES = ROOT / "rules" / "ketamine-ra-fm.yaml"
_CONCEPT = "STRUCT(coding STRUCT(system VARCHAR, code VARCHAR, display VARCHAR)[], text VARCHAR)"
_QUANTITY = "STRUCT(value DOUBLE, comparator VARCHAR, unit VARCHAR, system VARCHAR, code VARCHAR)"
_PERIOD = 'STRUCT(start VARCHAR, "end" VARCHAR)'
_VALUE = {
    "valueQuantity": _QUANTITY,
    "valueCodeableConcept": _CONCEPT,
    "valueInteger": "BIGINT",
    "valueString": "VARCHAR",
    "valueBoolean": "BOOLEAN",
}
_ANSWER = "STRUCT(linkId VARCHAR, answer STRUCT(valueInteger BIGINT, valueBoolean BOOLEAN)[])[]"
_HEAD = {"resourceType": "VARCHAR", "id": "VARCHAR", "status": "VARCHAR", "subject": "STRUCT(reference VARCHAR)"}
_STANDING = {
    "clinicalStatus": _CONCEPT,
    "verificationStatus": _CONCEPT,
    "code": _CONCEPT,
    "recordedDate": "VARCHAR",
}
_DRUG = {"medicationCodeableConcept": _CONCEPT, "intent": "VARCHAR", "authoredOn": "VARCHAR"}
FIELDS: dict[str, dict[str, str]] = {
    "Patient": {"id": "VARCHAR", "gender": "VARCHAR", "birthDate": "VARCHAR"},
    "Observation": _HEAD | _VALUE | {
        "code": _CONCEPT, "effectiveDateTime": "VARCHAR", "issued": "VARCHAR",
        "component": f"STRUCT(code {_CONCEPT}, valueQuantity {_QUANTITY})[]",
    },
    "Condition": _HEAD | _STANDING | {"onsetDateTime": "VARCHAR", "abatementDateTime": "VARCHAR"},
    "MedicationRequest": _HEAD | _DRUG,
    "MedicationStatement": _HEAD | _DRUG | {"effectivePeriod": _PERIOD, "dateAsserted": "VARCHAR"},
    "Procedure": _HEAD | {"code": _CONCEPT, "performedDateTime": "VARCHAR"},
    "AllergyIntolerance": _STANDING | {"id": "VARCHAR", "patient": "STRUCT(reference VARCHAR)"},
    "QuestionnaireResponse": _HEAD | {"authored": "VARCHAR", "item": _ANSWER},
}  # fmt: skip


def plain_read(folder: Path) -> None:
    """The fields that matter into one typed table a kind, and no meaning given to any."""
    import duckdb

    base = duckdb.connect()
    base.execute(f"SET threads = {os.cpu_count()}")
    for kind, fields in FIELDS.items():
        columns = "{" + ", ".join(f"\"{name}\": '{type}'" for name, type in fields.items()) + "}"
        files = sorted(str(path) for path in folder.glob(f"{kind}.*"))
        source = f"read_json({files!r}, format = 'newline_delimited', columns = {columns})"
        base.execute(f"CREATE TABLE {kind} AS SELECT * FROM {source}")


def evidence(folder: Path) -> str:
    """The evidence of everybody in columns; how much there is, and the share of the slow road."""
    from screening.sources.fhir_columns import prepared_by_columns

    library = load(RULES, [RULES.parent])
    with tempfile.TemporaryDirectory() as work:
        parts = prepared_by_columns(sorted(folder.glob("*.ndjson")), library, None, Path(work))
    slow = int(parts.people["slow"].sum()) / max(1, parts.people.height)
    return f"{parts.people.height} people, {parts.evidence.height} entries, {slow:.2%} on the slow road"


def one_by_one(folder: Path) -> None:
    """The same through the door that reads person by person."""
    from screening.sources.fhir_bulk import Bulk
    from screening.sources.unread import people_through

    library = load(RULES, [RULES.parent])
    for _ in people_through(Bulk(sorted(folder.glob("*.ndjson")), library)):
        pass


ROADS: dict[str, Any] = {"plain": plain_read, "columns": evidence, "one by one": one_by_one}


def _measured(road: str, folder: Path) -> tuple[float, str]:
    """CPU seconds of a fresh process, all its threads, start and imports included."""
    command = [sys.executable, "-m", "tests.bench.fhir", "--road", road, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cpu, told = done.stdout.strip().split("\t")
    return float(cpu), told


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--road"]:
        told = ROADS[arguments[1]](Path(arguments[2]))
        print(f"{time.process_time()}\t{told or '-'}")
        return
    people, rounds = (int(argument) for argument in (*arguments, *("50000", "5")[len(arguments) :]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = exports.write(folder, load(RULES, [RULES.parent]), people)
        size = sum(path.stat().st_size for path in files)
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        print(f"{people} people, {lines} resources, {size / 1e6:.0f} MB")
        found: dict[str, list[float]] = {"plain": [], "columns": []}
        for number in range(rounds):
            for road, seconds in found.items():
                cpu, told = _measured(road, folder)
                seconds.append(cpu)
                load_now = " ".join(f"{load:.1f}" for load in os.getloadavg())
                print(f"round {number + 1}  {road:<8} {cpu:6.2f} s CPU  load {load_now}  {told}", flush=True)
        plain, columns = (statistics.median(seconds) for seconds in found.values())
        print(f"medians: plain {plain:.2f} s, columns {columns:.2f} s, ratio {columns / plain:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
