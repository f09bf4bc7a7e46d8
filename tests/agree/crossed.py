"""Very many people of one library, made of few whom a door has read.

Each is one of these people, with some or most answers taken from others: no two requirements go together, so that
every combination may occur. What is known of one requirement, and the entries that the export asks for, are made
once. Not every answer is a plain one: values are ranges, have comparators, units of another thing or none; entries
are provisional, withdrawn, charted twice; dates are cut short, or missing.
"""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from screening.errors import RecordError
from screening.interpreters import cql_record
from screening.interpreters.cql_name import entries_of
from screening.language.library import AS_OF, Library
from screening.record.subject import Absence, Completeness, Evidence, Subject
from screening.sources.profile import read_profile
from tests.agree.test_compiled import FILES, _person

_DATE = re.compile(r"@?\d{4}-\d{2}-\d{2}\Z")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)( '[^']*')?\Z")
_STATUSES = ["provisional", "unconfirmed", "entered-in-error", "refuted", "confirmed"]
_OTHER_UNITS = [" 'mm/h'", " 'kg'", " 'mg/dL'", ""]


def blurred(rng: Random, item: Any) -> Any:
    """A record with some of its dates known to the month or the year alone."""
    if isinstance(item, dict):
        return {key: blurred(rng, value) for key, value in item.items()}
    if isinstance(item, list):
        return [blurred(rng, value) for value in item]
    if isinstance(item, str) and _DATE.match(item) and rng.random() < 0.15:
        return item[: -3 if rng.random() < 0.7 else -6]
    return item


def _rough_entry(rng: Random, entry: dict[str, Any]) -> dict[str, Any]:
    made = dict(entry)
    number = _NUMBER.match(str(entry.get("value", "")))
    if number and rng.random() < 0.2:
        value, unit = number[1], number[2] or ""
        match rng.randrange(4):
            case 0:
                made["value"] = rng.choice(["<", "<=", ">", ">="]) + value + unit
            case 1:
                del made["value"]
                made |= {"low": value, "high": f"{value.lstrip('-')}5{unit}"}
            case 2:
                made["value"] = value + (rng.choice(_OTHER_UNITS) if unit else "")
            case 3:
                made["value"] = f"{value}{'' if '.' in value else '.'}00{unit}"
    if rng.random() < 0.06:
        made["status"] = rng.choice(_STATUSES)
    if "date" in made and rng.random() < 0.04:
        del made["date"]
    return made


def rough(rng: Random, record: dict[str, Any], library: Library) -> dict[str, Any]:
    """A record some of whose answers are no plain ones. What its door refuses is made anew by who asks."""
    known = {requirement.name for requirement in library.requirements}
    evidence = {}
    for name, item in record["evidence"].items():
        if name not in known or not isinstance(item, dict):
            evidence[name] = item
        elif "records" in item:
            evidence[name] = {**item, "records": [_rough_entry(rng, row) for row in item["records"]]}
            if rng.random() < 0.1:
                evidence[name]["complete"] = rng.choice(["true", "false"])
        else:
            evidence[name] = _rough_entry(rng, item)
    return {**record, "evidence": evidence}


def read(library: Library, count: int, seed: object) -> Iterator[Subject]:
    """People by chance for one library of the programme, as a profile's door reads them."""
    made, number = 0, 0
    files = sorted(FILES)
    while made < count:
        rng = Random(f"cql {library.name} {seed} {number}")
        number += 1
        record = blurred(rng, _person(rng, copy.deepcopy(FILES[rng.choice(files)]), library))
        if rng.random() < 0.5:
            record = rough(rng, record, library)
        try:
            subject = read_profile(json.dumps(record, default=str).encode(), library, name="person.json")
        except RecordError:
            continue
        made += 1
        yield subject


@dataclass(frozen=True)
class _Known:
    """What one person's record says of one requirement."""

    evidence: tuple[Evidence, ...]
    absences: tuple[Absence, ...]
    complete: Completeness | None


@dataclass
class Crossed:
    """`pools` are the values that each parameter of the export may have; a person chooses one of each."""

    library: Library
    as_of: datetime.date
    seed: object
    parents: int = 250

    def __post_init__(self) -> None:
        self.read = [subject.as_of(self.as_of) for subject in read(self.library, self.parents, self.seed)]
        self.pools: dict[str, list[Any]] = {AS_OF: [self.as_of.isoformat()]}
        self._known: dict[str, list[_Known]] = {}
        self._has: list[dict[str, int]] = [{} for _ in self.read]
        written = [cql_record.parameters(self.library, subject, self.as_of) for subject in self.read]
        for requirement in self.library.requirements:
            name, numbers = requirement.name, dict[str, int]()
            values, known = self.pools.setdefault(entries_of(name), []), self._known.setdefault(name, [])
            for subject, parameters, has in zip(self.read, written, self._has, strict=True):
                text = json.dumps(parameters[entries_of(name)])
                if text not in numbers:
                    numbers[text] = len(values)
                    values.append(parameters[entries_of(name)])
                    known.append(
                        _Known(
                            subject.evidence.get(name, ()),
                            subject.absences.get(name, ()),
                            subject.complete.get(name),
                        )
                    )
                has[name] = numbers[text]

    def people(self, count: int) -> Iterator[tuple[Subject, Mapping[str, int]]]:
        """So many people, each with the number of the value of each requirement."""
        rng = Random(f"crossed {self.library.name} {self.seed}")
        names = list(self._known)
        for number in range(count):
            one, other = rng.randrange(len(self.read)), rng.randrange(len(self.read))
            mixed, chance = rng.choice([(0.05, 0.0), (0.3, 0.0), (0.5, 0.2), (0.1, 0.9), (0.0, 0.02)])
            chosen: dict[str, int] = {}
            for name in names:
                drawn = rng.random()
                if drawn < chance:
                    chosen[name] = rng.randrange(len(self.pools[entries_of(name)]))
                else:
                    chosen[name] = self._has[other if drawn < chance + mixed else one][name]
            yield self._person(number, chosen), chosen

    def _person(self, number: int, chosen: Mapping[str, int]) -> Subject:
        known = {name: self._known[name][choice] for name, choice in chosen.items()}
        return Subject(
            f"SYN-{number}",
            {name: found.evidence for name, found in known.items() if found.evidence},
            {name: found.absences for name, found in known.items() if found.absences},
            {name: found.complete for name, found in known.items() if found.complete is not None},
            self.read[0].concepts,
        )
