"""Whether memory stays flat as people grow: each step of a run in columns, with CPU seconds and the peak so far.

`python -m tests.bench.many FOLDER N [--memory 448]` makes N people of the benchmark workload in FOLDER and takes
the steps of `screening cohort` over them, all but the people who are screened one by one, in one process.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import time
from pathlib import Path

from screening import columns
from screening.interpreters import cohort
from screening.output import wide
from screening.output.pseudonym import Pseudonyms
from screening.output.rescreened import Rescreened
from screening.reports import log
from tests.bench.cohort import make
from tests.bench.cohort_tables import AS_OF, files, protocol


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("people", type=int)
    parser.add_argument("--memory", type=int, default=columns.LEAST_MEMORY >> 20, help="in MB")
    given = parser.parse_args()
    place, work, library = make(given.folder, given.people), given.folder / "many", protocol()
    shutil.rmtree(work, ignore_errors=True)
    (work / "apart").mkdir(parents=True)
    criteria, rows, named = tuple(c.id for c in library.criteria), work / "rows", work / "apart" / "named"
    earlier = work / "apart" / "earlier"
    listed, fixed = Pseudonyms(work / "list.csv"), {**dict.fromkeys(log.COLUMNS, ""), "as_of_date": str(AS_OF)}
    query, memory = cohort.compile(library, files(place), AS_OF), (given.memory << 20) - columns.TAKEN
    steps = {
        "query": lambda: query.write(work / "found", memory),
        "rows": lambda: wide.completed(work / "found", (), criteria, rows),
        "people.csv": lambda: wide.write_table(rows, criteria, work / "people.csv"),
        "people.ndjson": lambda: wide.write_lines(rows, criteria, work / "people.ndjson"),
        "pseudonyms": lambda: listed.beside(rows, named),
        "rescreened": lambda: Rescreened(None).beside(named, str(AS_OF), earlier, listed.database),
        "log": lambda: wide.write_log(rows, named, earlier, fixed, {}, {}, work / "log.csv"),
        "list": listed.keep,
    }
    for name, step in steps.items():
        used = time.process_time()
        step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        million = (time.process_time() - used) / given.people * 1e6
        print(f"{name}: {million:.1f} CPU s a million people, peak so far {peak:,.0f} MB", flush=True)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
