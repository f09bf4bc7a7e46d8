"""People of the public simulator, made by its own Python in half the time and a third of the bytes.

Run by the simulator's interpreter, not the project's:
`V/bin/python -P tests/bench/simulated.py OUT --from 0 --to 1600 --seed 2026 --age 18-90`.
The simulator itself writes 5 MB a person, most of it indentation, bills and letters, and
spends half of its time on searching tables row by row and on writing. Here the tables are indexed (the same row is
found) and each bundle is written at once, without the resources of DROPPED. A person is made by seed and number
alone, so that a run that was stopped goes on where it was: numbers that `OUT/made.txt` names are passed over.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import Any

# What says nothing of a disease, a drug or a measurement: bills, letters, who wrote what, what was delivered.
DROPPED = frozenset({"Claim", "ExplanationOfBenefit", "DocumentReference", "Provenance", "SupplyDelivery"})
# The simulator's modules of a life, and of the diseases and drugs that the ketamine protocol asks of.
ASKED = frozenset((
    "lifecycle", "encounter", "health_insurance", "quality_of_life", "death", "wellness_encounters", "med_rec",
    "rheumatoid_arthritis", "fibromyalgia", "hypertension", "metabolic_syndrome_disease",
    "chronic_kidney_disease", "cirrhosis", "hepatitis_c", "glaucoma", "major_depressive_disorder",
    "bipolar_disorder", "opioid_addiction", "pregnancy", "female_reproduction", "sexual_activity", "stroke",
    "myocardial_infarction", "congestive_heart_failure", "cardiovascular_disease",
))  # fmt: skip
# The simulator's kinds of columns.
AGE, TIME, GENDER, _, NEVER = range(5)
EVER = (float("-inf"), float("inf"))


class Table:
    """The rows of one table by what they say word for word, each with its ranges of age and of time."""

    def __init__(self, rows: Any) -> None:
        found: dict[Any, dict[Any, list[Any]]] = {}
        for number, (selectors, row) in enumerate(rows):
            if all(kind != NEVER for kind, *_ in selectors):
                words = [selector for selector in selectors if selector[0] > TIME]
                age, time = (next((s[3:5] for s in selectors if s[0] == kind), EVER) for kind in (AGE, TIME))
                signature = tuple(selector[:3] for selector in words)
                bucket = found.setdefault(signature, {}).setdefault(tuple(word[5] for word in words), [])
                bucket.append((*age, *time, number, row))
        # The first and the last moment of all rows alike: most tables say nothing of most of a life.
        self.buckets = {
            signature: {
                words: (min(row[2] for row in bucket), max(row[3] for row in bucket), bucket)
                for words, bucket in buckets.items()
            }
            for signature, buckets in found.items()
        }

    def row(self, person: Any, age: float, millis: float) -> Any:
        best, first = None, float("inf")
        for signature, buckets in self.buckets.items():
            words = tuple([_said(person.attributes, *column) for column in signature])
            if words in buckets:
                earliest, latest, bucket = buckets[words]
                if earliest <= millis <= latest:
                    for young, old, begin, end, number, row in bucket:
                        if begin <= millis <= end and young <= age <= old:
                            if number < first:
                                best, first = row, number
                            break
        return best


def _said(attributes: Any, kind: int, column: str, key: str) -> str | None:
    found = attributes.get(column)
    found = attributes.get(key, "" if kind == GENDER else None) if found is None else found
    return None if found is None else str(found).strip().lower()


def indexed(transitions: Any) -> None:
    """Finds the row of a table by its index; the first thousand of a process are searched both ways."""
    plain = transitions.LookupTableTransition._matching_row
    tables: dict[Any, Table] = {}
    left = 1000

    def matching(self: Any, name: str, rows: Any, person: Any, time: Any, targets: set[str]) -> Any:
        nonlocal left
        key = name, frozenset(targets)
        if key not in tables:
            tables[key] = Table(self._compiled(name, rows, targets))
        millis = (time - transitions._EPOCH).total_seconds() * 1000.0
        found = tables[key].row(person, person.age_in_years(time), millis)
        if left:
            left -= 1
            if plain(self, name, rows, person, time, targets) is not found:
                sys.exit("the index of a table found another row than the simulator")
        return found

    transitions.LookupTableTransition._matching_row = matching


def slim(fhir: Any) -> None:
    """Writes a bundle in one go."""

    def write(self: Any, bundle: dict[str, Any], filename: str, subdirectory: str = "") -> str:
        kept = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] not in DROPPED]
        place = Path(self.output_dir) / filename
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({**bundle, "entry": kept}, separators=(",", ":"), default=str))
        return str(place)

    fhir.FHIRExporter._write = write


def main() -> None:
    from synthea.engine import transition
    from synthea.engine.generator import Generator, GeneratorOptions
    from synthea.engine.module import Module
    from synthea.export import fhir
    from synthea.helpers.config import Config

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--to", type=int, required=True, help="the number after the last person's")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--age", default="18-90")
    parser.add_argument("--reference-date", default="20261101")
    parser.add_argument("--modules-dir", type=Path)
    parser.add_argument("--asked", action="store_true", help="only diseases that the ketamine protocol asks of")
    given = parser.parse_args()
    indexed(transition)
    slim(fhir)
    options, config = GeneratorOptions(), Config()
    options.population_size, options.seed, options.clinician_seed = given.to, given.seed, given.seed
    options.min_age, options.max_age = (int(end) for end in given.age.split("-"))
    # The simulator's moments have no zone.
    options.reference_date = datetime.datetime.strptime(given.reference_date, "%Y%m%d")  # noqa: DTZ007
    config.load()
    config.set("exporter.baseDirectory", str(given.out))
    # A letter is DROPPED anyway.
    config.set("generate.clinical_notes", False)
    config.set("exporter.use_uuid_filenames", True)
    generator = Generator(options, config=config)
    if given.modules_dir:
        Module.load_modules(str(given.modules_dir))
    if given.asked:
        generator.module_list = [name for name in generator.module_list if name in ASKED]
    log = given.out / "made.txt"
    made = set(log.read_text().split()) if log.exists() else set()
    with log.open("a") as lines:
        for number in range(given.first, given.to):
            if str(number) not in made:
                person = generator.generate_person(number)
                if person is not None:
                    generator.record_person(person)
                print(number, file=lines, flush=True)


if __name__ == "__main__":
    main()
