"""A ledger of screenings of people by chance under every shipped library, to be done again by `screening replay`.

`python -m tests.bench.replay LEDGER [--entries 10000] [--seed 1]` writes it; libraries take turns, so that whoever
replays it holds all of them at once. The people have answers by chance, some have what the completed person has.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from screening import logbook, screen
from screening.errors import RecordError
from screening.language.library import Library
from screening.ledger import key
from screening.ledger.draft import Signer
from tests.law.completion import answer
from tests.law.test_failsafe import AS_OF, BEYOND, EVERY, OTHERS, ROOT
from tests.verifier.people import shortened

START = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)


@cache
def completed(name: str) -> dict[str, Any]:
    """What is known of the completed person of a shipped record."""
    import yaml

    text = (ROOT / "rules" / "records" / name).read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.BaseLoader)["evidence"])


def record(library: Library, number: int, rng: Random) -> tuple[bytes, datetime.date]:
    """Somebody under a library, as the bytes of a record, and the day to screen them as of."""
    name, day = OTHERS.get(library.name, ("index-completed.yaml", AS_OF))
    asked = {each.name: each for each in library.requirements}
    known = {k: v for k, v in (completed(name) | BEYOND.get(library.name, {})).items() if k in asked}
    kept = rng.choice((0, 0.5, 0.85, 1))
    evidence = {name: shortened(item, rng) for name, item in known.items() if rng.random() < kept}
    answered = rng.choice((0, 0.1, 0.5, 1))
    for each in library.requirements:
        if each.name not in evidence and rng.random() < answered:
            evidence[each.name] = answer(rng, each, str(day))
    return json.dumps({"subject": f"SYN-{number}", "synthetic": "true", "evidence": evidence}).encode(), day


def main() -> None:
    """Writes the ledger."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("ledger", type=Path)
    options.add_argument("--entries", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    rng, begun, refused = Random(asked.seed), time.process_time(), 0
    signer = Signer("K. Seven", "investigator", key.make(asked.ledger.with_suffix(".pem"), "a long passphrase"))
    ledger = logbook.create(asked.ledger, signer, START)
    libraries = [screen.load_library(name) for name in EVERY]
    files = {each.name: logbook.rule_files(each, each.name, screen.rules_folders(())) for each in libraries}
    for number in range(asked.entries):
        library = libraries[number % len(libraries)]
        while True:
            data, day = record(library, number, rng)
            try:
                person = screen.read_record(data, library, "person.json")
                break
            except RecordError:
                refused += 1
        made = screen.screen(library, person, day, retired=True).certificate
        by = logbook.Entering(signer, START + datetime.timedelta(seconds=number), is_draft=True)
        logbook.enter(ledger, made, logbook.Given(data, "person.json"), f"P{number}", files[library.name], by)
    ledger.close()
    print(
        f"{asked.entries} screenings under {len(libraries)} libraries, {refused} records refused before", end=": "
    )
    print(f"{time.process_time() - begun:.0f} CPU s")


if __name__ == "__main__":
    main()
