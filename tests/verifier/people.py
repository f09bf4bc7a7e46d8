"""Bundles of many people: by chance, of the worked cases, and of the completed person with data withheld."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import yaml

from screening import author, screen, verifying
from screening.cases.document import read_cases
from screening.cases.run import Running, _One
from screening.errors import RuleError
from screening.language.library import Library
from screening.reading.faults import Faults
from screening.reading.load import load
from screening.record.subject import Subject
from tests.agree import generate
from tests.law.test_failsafe import AS_OF, BEYOND, OTHERS, PROTOCOLS, ROOT

Named = tuple[str, str]


def text_of(library: Library, subject: Subject, as_of: datetime.date) -> str:
    """The bundle of one person, as the commands write it."""
    found = screen.screen(library, subject, as_of)
    return json.dumps(verifying.bundle(found.certificate, library, subject))


def by_chance(seeds: Iterator[int] | range, people: int, folder: Path) -> Iterator[Named]:
    """So many people of each library, both made by chance; a file that is ill typed is passed over."""
    path = folder / "chance.yaml"
    for seed in seeds:
        rules = generate.library(seed)
        path.write_text(json.dumps(rules), encoding="utf-8")
        try:
            library = load(path, [folder])
        except RuleError:
            continue
        for person in range(people):
            record = generate.person(rules, 1000 * seed + person)
            subject = screen.read_record(json.dumps(record).encode(), library, "record.json")
            yield f"library {seed}, person {1000 * seed + person}", text_of(library, subject, generate.AS_OF)


def of_cases(file_step: int, case_step: int, first: int = 0) -> Iterator[Named]:
    """Of the case files of the shipped libraries every so manieth from one on, of each every so manieth case."""
    folders = screen.rules_folders()
    files, _ = author.case_files([], folders)
    running = Running(folders)
    for file in files[first::file_step]:
        faults = Faults()
        read = read_cases(file.read_bytes(), file.as_posix(), faults)
        assert read is not None, file
        one = _One(running, file, faults)
        for case in read.cases[::case_step]:
            rules = one.asked(case)
            person = None if rules is None else one.person(case, rules)
            assert rules is not None and person is not None, (file, case.name)
            # A library that only lends its definitions gives no verdict.
            if rules.library.criteria:
                # A case lies in no file of its own, of which there would be a digest.
                subject = replace(person.subject, digest=hashlib.sha256(case.name.text.encode()).hexdigest())
                yield f"{file.name}: {case.name.text}", text_of(rules.library, subject, case.as_of)


def withheld(times: int, seed: int) -> Iterator[Named]:
    """The completed person of each protocol, answers withheld by chance and days cut to the month or year."""
    rng = Random(seed)
    folder = ROOT / "rules" / "records"
    for protocol in PROTOCOLS:
        library = screen.load_library(protocol)
        record, day = OTHERS.get(protocol, ("index-completed.yaml", AS_OF))
        whole: dict[str, Any] = yaml.load((folder / record).read_text(encoding="utf-8"), yaml.BaseLoader)
        evidence = whole["evidence"] | BEYOND.get(protocol, {})
        for n in range(times):
            left = {name: shortened(item, rng) for name, item in evidence.items() if rng.random() > 0.15 * (n % 4)}
            data = json.dumps({**whole, "evidence": left}).encode()
            subject = screen.read_record(data, library, "record.json")
            yield f"{protocol}, withheld {n} of seed {seed}", text_of(library, subject, day)


def shortened(item: Any, rng: Random) -> Any:
    """An answer of which some days are known to the month or the year alone."""
    match item:
        case {"date": str(date), **rest} if rng.random() < 0.25:
            return {**shortened(rest, rng), "date": date[: rng.choice((4, 7))]}
        case {"records": list(rows), **rest}:
            return {**rest, "records": [shortened(row, rng) for row in rows]}
    return item
