"""The people of the benchmark workload as JSON lines, with the oracle's answers, and as profiles.

`gen.py` and `oracle.py` of the shared benchmark make and judge the people; this file only changes their form.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

AS_OF = "2026-11-22"
IDS = [f"I{i}" for i in range(1, 9)] + [f"E{i}" for i in range(1, 11)]
NAMES = {
    "sex": "Sex",
    "pregnant": "Pregnant",
    "sbp": "Systolic",
    "dbp": "Diastolic",
    "wpi": "WPI",
    "sss": "SSS",
    "pain_regions": "Pain Regions",
    "symptom_months": "Symptom Months",
    "ra_dx_date": "RA Diagnosis",
    "cdai": "CDAI",
    "das28_crp": "DAS28 CRP",
    "pain_nrs": "Pain",
    "alt_uln": "ALT Multiple",
    "egfr": "eGFR",
    "active_psychosis": "Active Psychosis",
    "active_sud": "Active SUD",
    "raised_icp": "Raised ICP",
    "raised_iop": "Raised IOP",
    "unstable_cardiac": "Unstable Cardiac",
    "ketamine_allergy": "Ketamine Allergy",
}


def make(shared: Path, folder: Path, count: int) -> None:
    """Makes `people.jsonl` and `people.csv` in a folder."""
    import pyarrow.parquet as parquet

    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, shared / "gen.py", str(count), folder], check=True, stdout=subprocess.DEVNULL)
    with (folder / "people.csv").open("w") as answers:
        subprocess.run([sys.executable, shared / "oracle.py", folder], check=True, stdout=answers)
    trials: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for trial in parquet.read_table(folder / "trials.parquet").to_pylist():
        trials[trial.pop("patient_id")].append(trial)
    with (folder / "people.jsonl").open("w") as lines:
        for person in parquet.read_table(folder / "patients.parquet").to_pylist():
            for key in ("birth_date", "ra_dx_date"):
                person[key] = person[key] and person[key].isoformat()
            person["trials"] = trials[person["patient_id"]]
            lines.write(json.dumps(person) + "\n")


def expected(folder: Path) -> list[dict[str, str]]:
    """The oracle's status of each criterion, person by person: TRUE, FALSE, UNKNOWN."""
    words = {"T": "TRUE", "F": "FALSE", "U": "UNKNOWN"}
    with (folder / "people.csv").open() as answers:
        return [dict(zip(IDS, (words[x] for x in row[2:]), strict=True)) for row in csv.reader(answers)]


def profile(person: dict[str, Any]) -> dict[str, Any]:
    """One person of the workload as a profile; what is null is left out."""
    evidence: dict[str, Any] = {}
    if person["birth_date"]:
        evidence["Age"] = {"born": person["birth_date"]}
    for key, name in NAMES.items():
        value = person[key]
        if value is None:
            continue
        if isinstance(value, bool):
            evidence[name] = str(value).upper()
        elif key == "sex":
            evidence[name] = f"'{value}'"
        elif key == "ra_dx_date":
            evidence[name] = f"@{value}"
        else:
            evidence[name] = str(value)
    rows = [
        {
            name: str(trial[key])
            for key, name in (("drug_class", "class"), ("weeks", "weeks"), ("outcome", "outcome"))
            if trial[key] is not None
        }
        | {"source": f"trial {number}", "by": str(number)}
        for number, trial in enumerate(person["trials"])
    ]
    evidence["Trials"] = {"complete": "true", "records": rows}
    return {"subject": person["patient_id"], "synthetic": "true", "evidence": evidence}


def profiles(folder: Path, count: int) -> list[bytes]:
    """The first people as profiles in JSON."""
    with (folder / "people.jsonl").open() as lines:
        return [
            json.dumps(profile(json.loads(line))).encode() for _, line in zip(range(count), lines, strict=False)
        ]
