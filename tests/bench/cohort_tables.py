"""Where the evidence of the benchmark people lies: the two files of the workload as tables, and the protocol."""

from __future__ import annotations

import datetime
from pathlib import Path

from screening.language.library import Library
from screening.reading.load import load
from screening.record.subject import Completeness
from screening.record.tables import HIGH, LOW, SUBJECT, WORD, Entries, Held, Tables, of_field
from tests.bench import people

HERE = Path(__file__).parent
AS_OF = datetime.date.fromisoformat(people.AS_OF)


def protocol() -> Library:
    """The benchmark protocol, read from its rule file."""
    return load(HERE / "benchmark.yaml", [HERE])


def tables(patients: str, trials: str) -> Tables:
    """The people and their trials, as paths of Parquet files or as names of tables."""
    held = {name: Held(column) for column, name in people.NAMES.items()}
    entries = Entries(
        trials,
        {
            SUBJECT: "patient_id",
            of_field("class", WORD): "drug_class",
            of_field("weeks", LOW): "weeks",
            of_field("weeks", HIGH): "weeks",
            of_field("outcome", WORD): "outcome",
        },
    )
    return Tables(
        people=patients,
        key="patient_id",
        id="patient_id",
        requirements={**held, "Age": Held("birth_date"), "Trials": entries},
        complete={"Trials": Completeness(None, "site declaration", "the workload lists every trial")},
    )


def files(folder: Path) -> Tables:
    """The tables of a folder that the workload's generator has made."""
    return tables(str(folder / "patients.parquet"), str(folder / "trials.parquet"))
