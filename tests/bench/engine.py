"""One of the project's own paths over the benchmark people, in a process of its own.

`python -m tests.bench.engine PATH FOLDER COUNT SECONDS` prints one line of JSON: people a CPU second,
people a second, memory. Reading the records is not timed: the compared engines are given theirs ready too.
PATH is compiled, law, law-trace-verify, forward-law-verify, or forward alone.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from screening.audit.verify import Verifier
from screening.interpreters import forward, reference
from screening.interpreters.compiled import Compiled
from screening.language.library import Library
from screening.outcome.determination import verdict_of
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from tests.bench import people

DAY = datetime.date.fromisoformat(people.AS_OF)
HERE = Path(__file__).parent


def path_of(name: str, library: Library) -> Callable[[Subject], object]:
    """One path as a function of a person."""
    law_of, verifier = reference.Law(library), Verifier(library)
    roots = ("eligible", "favourable", "review", "arranged")
    if name == "compiled":
        screened = Compiled(library, DAY).verdict

        def compiled(subject: Subject) -> object:
            found = screened(subject, DAY)
            return verdict_of(*found[:4]), found.criteria

        return compiled
    if name == "law":

        def law(subject: Subject) -> object:
            values = law_of.evaluate(subject, DAY)
            return verdict_of(*(values[root] for root in roots)), values  # type: ignore[arg-type]

        return law
    if name == "law-trace-verify":

        def traced(subject: Subject) -> object:
            trace = law_of.trace(subject, DAY)
            verifier.verify(subject, trace)
            return trace

        return traced
    chain = forward.Forward(library)
    if name == "forward":
        return lambda subject: chain.trace(subject, DAY)

    def chained(subject: Subject) -> object:
        trace = chain.trace(subject, DAY)
        if trace.steps != law_of.trace(subject, DAY).steps:
            raise AssertionError("forward and law differ")
        verifier.verify(subject, trace)
        return trace

    return chained


def check(library: Library, subjects: list[Subject], folder: Path) -> None:
    """Every status of every person is the oracle's before anything is timed."""
    wrong, compiled = 0, Compiled(library, DAY)
    for subject, wanted in zip(subjects, people.expected(folder), strict=False):
        values = reference.evaluate(library, subject, DAY)
        wrong += any(values[id].value != wanted[id] for id in people.IDS)  # type: ignore[union-attr]
        found = compiled.verdict(subject, DAY).criteria
        wrong += any(found[id].value != wanted[id] for id in people.IDS)
    if wrong:
        raise AssertionError(f"{wrong} people differ from the oracle")


def main() -> None:
    name, folder, count, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    library = load(HERE / "benchmark.yaml", [HERE])
    records = people.profiles(folder, count)
    subjects = [read_profile(record, library, name=f"person {i}") for i, record in enumerate(records)]
    check(library, subjects, folder)
    run = path_of(name, library)
    for subject in subjects[:100]:
        run(subject)
    done, wall, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        for subject in subjects[:200]:
            run(subject)
        subjects = subjects[200:] + subjects[:200]
        done += min(200, len(subjects))
    found = {
        "cpu_pps": done / (time.process_time() - cpu),
        "pps": done / (time.perf_counter() - wall),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
