"""The mutation scores of the shipped rules: `python -m tests.author.scores` writes SCORES.md beside it.

Of some libraries alone `python -m tests.author.scores phq-9 stop-bang` prints the rows and writes nothing.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from screening import mutating, screen
from screening.outcome import mutation as states
from screening.outcome.mutation import Mutation

HERE = Path(__file__).parent
PROGRAMME = ("ketamine-ra-fm", "ketamine-trial-strict", "ketamine-uk-smpc", "ketamine-guideline")
GOAL, OF_THE_REST = 95, 85
HEAD = """\
# How many slips the shipped worked cases notice

Written by `python -m tests.author.scores` on {day}, of the rules and cases of commit {commit}, in {seconds} CPU
seconds.

A slip is what an author may have written instead (`screening mutate --help`): a comparison, a limit, a unit, a
window, a part left out. It is *noticed* if a case of the library, or of one that it includes, then fails. It is
*proved* to change nothing if that is shown for everything that a record may say, and is then left out of the
score. It *survives* if somebody is known who would be judged otherwise, yet no case says so; of the rest it is
*undecided* whether they change anything. Both count as not noticed. Expected are {goal} of a hundred of the four
programme libraries, and {rest} of all others.

| library | cases | slips | noticed | proved | undecided | survive | score |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


def libraries() -> list[str]:
    """The programme's first, then the others by name."""
    names = {path.stem for path in screen.rules_folders()[-1].glob("*.yaml") if not path.stem.endswith(".cases")}
    return [*PROGRAMME, *sorted(names - set(PROGRAMME))]


def mutation_of(name: str) -> Mutation:
    """What became of every slip of one library."""
    # People are made up as of the day of the newest case; this day is only for a library without any.
    found, _ = mutating.Trial(name, screen.rules_folders(), datetime.date(2026, 11, 22)).mutation()
    return found


def row(name: str, found: Iterable[Mutation], cases: str) -> str:
    """One line of the table, of one library or of some together."""
    every = [slipped for one in found for slipped in one.slips]
    whole = Mutation(name, 0, tuple(every))
    counts = [whole.count(s) for s in (states.NOTICED, states.PROVED, states.UNDECIDED, states.SURVIVES)]
    score = f"{100 * counts[0] / whole.counted:.1f} %" if whole.counted else "no slips"
    return f"| {name} | {cases} | {len(every)} | {' | '.join(map(str, counts))} | {score} |"


def table(names: Iterable[str]) -> Iterator[str]:
    """The rows of some libraries, then of the programme's and of the others together."""
    sums: dict[bool, list[Mutation]] = {True: [], False: []}
    for name in names:
        found = mutation_of(name)
        sums[name in PROGRAMME].append(found)
        yield row(name, [found], str(found.cases))
    for is_programme, title in ((True, "**the programme's**"), (False, "**all others**")):
        if len(sums[is_programme]) > 1:
            yield row(title, sums[is_programme], "")


def main(names: list[str]) -> int:
    """Prints each row as it is there; writes the table where it is of every library."""
    lines = []
    for line in table(names or libraries()):
        print(line, flush=True)
        lines.append(line)
    if not names:
        git = ("git", "-C", str(HERE), "rev-parse", "--short=10", "HEAD")
        commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
        day = datetime.datetime.now(datetime.UTC).date().isoformat()
        head = HEAD.format(
            day=day, commit=commit, seconds=round(time.process_time()),
            goal=GOAL, rest=OF_THE_REST,
        )  # fmt: skip
        (HERE / "SCORES.md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
