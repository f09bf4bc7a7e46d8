"""How many questions it takes: the next best question beside asking by fail rate, and beside the exact optimum.

`python -m tests.bench.questions [--people 24] [--hidden 20] [--libraries 150] [--seed 1] [--seeds 1]`
prints the table.
Candidates meet the anchors of the programme; of each, so many answers are hidden and asked for one by one until no
answer can change the verdict. Every answer costs the same, so that what is counted is questions. On small
libraries by chance the mean over all answers is held against the best possible order, found by dynamic
programming.

No order that departs from asking by fail rate where it matters asks everybody as few questions. Let A and B each
bar by one answer, A more often. By fail rate A is asked first; whoever is barred by A alone is asked once, by an
order that begins with B twice. So the next question departs from it only where what would be asked cannot change
the verdict, whatever the other answers are: that question is left out. What is asked afterwards is then the same
unless the answer left out would have closed another criterion's questions; whether that ever happens is counted.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from screening import screen
from screening.guidance.kept import Kept
from screening.guidance.questions import Person, Questions
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.completion import Completion
from screening.outcome.determination import Determination, Verdict, determine
from screening.outcome.question import BURDENS
from screening.record.subject import Subject
from tests.agree import generate
from tests.guidance.everyone import Case, Given, answered, cases

ALIKE: Mapping[str, Decimal] = dict.fromkeys(BURDENS, Decimal(1))
AS_OF = generate.AS_OF
SETTLED = (Verdict.INELIGIBLE, Verdict.ELIGIBLE)
# Of each a person is asked at least a third is eligible when complete.
SOUND = 0.4
Order = Callable[[Person, Determination, Mapping[str, Decimal]], str]


@dataclass
class Candidate:
    """Somebody with hidden answers: what is on record, and what they say when they are asked."""

    known: Subject
    hidden: dict[str, Completion]


def best(person: Person, made: Determination, chances: Mapping[str, Decimal]) -> str:
    """The project's next question, every answer costing the same."""
    return person.ranked(ALIKE, chances)[0].requirement


def least_burden(person: Person, made: Determination, chances: Mapping[str, Decimal]) -> str:
    """The project's next question by what answers cost."""
    return person.ranked(BURDENS, chances)[0].requirement


def by_fail_rate(person: Person, made: Determination, chances: Mapping[str, Decimal]) -> str:
    """What the criterion that fails most often asks for first, in the order of the rules."""
    open_ones = [finding for finding in made.findings if finding.open]
    worst = max(open_ones, key=lambda finding: chances.get(finding.id, Decimal(0)))
    return worst.open[0]


def in_order(person: Person, made: Determination, chances: Mapping[str, Decimal]) -> str:
    """The first open item of the rule file."""
    return next(finding.open[0] for finding in made.findings if finding.open)


ORDERS: dict[str, Order] = {
    "next best": best,
    "next best by burden": least_burden,
    "by fail rate": by_fail_rate,
    "in the order of the file": in_order,
}
# Questions, their burden, and how many of them were asked without a known need.
Cost = tuple[int, Decimal, int]


# ---------------------------------------------------------------------------------- programme candidates


def candidates(library: Library, questions: Questions, count: int, hidden: int, seed: int) -> Iterator[Candidate]:
    """People who meet the anchors, some of whose answers are other than the completed index variant's."""
    data, name = screen.example("index-completed.yaml")
    whole = screen.read_record(data, library, name)
    anchors = {*library.anchors, "Age", "Sex at Birth"}
    names = [n for n in whole.evidence if n not in anchors and (whole.evidence[n] or whole.absences.get(n))]
    rng = Random(seed)
    made = 0
    while made < count:
        taken = rng.sample(names, hidden)
        known = hidden_of(whole, taken)
        answers = {n: as_recorded(whole, n) for n in taken}
        person = questions.person(known, AS_OF)
        if person.verdict in SETTLED:
            continue
        if rng.random() > SOUND:
            for item in rng.sample(taken, rng.choice([1, 1, 2])):
                given = person.tables.answers(item).answers if item in person.gaps.missing() else ()
                barring = [one for one in given if person.gaps.verdict((one,)) is Verdict.INELIGIBLE]
                if barring or given:
                    answers[item] = rng.choice(barring or given)
        made += 1
        yield Candidate(known, answers)


def as_recorded(whole: Subject, name: str) -> Completion:
    absences, rows = whole.absences.get(name, ()), whole.evidence.get(name, ())
    return Completion(name, "as recorded", rows, absences, whole.complete.get(name), whole.concepts.get(name, 0))


def asked(questions: Questions, law: Law, one: Candidate, order: Order, chances: Mapping[str, Decimal]) -> Cost:
    """How many questions an order takes until no answer changes the verdict, and what they cost."""
    subject, left, count, burden, unshown = one.known, dict(one.hidden), 0, Decimal(0), 0
    while True:
        trace = law.trace(subject, AS_OF)
        made = determine(questions.library, trace)
        if made.verdict in SETTLED:
            return count, burden, unshown
        person = questions.person(subject, AS_OF, trace)
        # What nobody can answer is never hidden: an order is not held to account for it.
        if not [item for item in person.matter() if item in left]:
            return count, burden, unshown
        askable = _restricted(person, left)
        item = order(askable, _open_only(made, left), chances)
        subject = left.pop(item).of(subject)
        count += 1
        unshown += item not in askable.shown
        burden += BURDENS[questions.reading.requirements[item].obtain]


class _Restricted(Person):
    """A person of whom only the hidden items are asked."""

    left: Mapping[str, Completion]

    def matter(self) -> tuple[str, ...]:
        return tuple(item for item in super().matter() if item in self.left)


def _restricted(person: Person, left: Mapping[str, Completion]) -> Person:
    made = _Restricted.__new__(_Restricted)
    made.__dict__.update(person.__dict__)
    made.left = left
    return made


def _open_only(made: Determination, left: Mapping[str, Completion]) -> Determination:
    kept = [replace(f, open=tuple(item for item in f.open if item in left)) for f in made.findings]
    return replace(made, findings=tuple(kept))


def fail_rates(library: Library, law: Law, people: list[Candidate]) -> dict[str, Decimal]:
    """How often each criterion speaks against the completed candidates."""
    against: dict[str, int] = {}
    for one in people:
        made = determine(library, law.trace(answered(one.known, list(one.hidden.values())), AS_OF))
        for id in made.reasons:
            against[id] = against.get(id, 0) + 1
    return {c.id: Decimal(against.get(c.id, 0) + 1) / (len(people) + 2) for c in library.criteria}


def programme(count: int, hidden: int, seed: int) -> tuple[dict[str, list[Cost]], int]:
    """Questions of each order for each candidate, and how many candidates are eligible when complete."""
    library = screen.load_library("ketamine-ra-fm")
    questions, law = Questions(library), Law(library)
    people = list(candidates(library, questions, count, hidden, seed))
    chances = fail_rates(library, law, people)
    eligible = sum(
        determine(library, law.trace(answered(one.known, list(one.hidden.values())), AS_OF)).verdict
        is Verdict.ELIGIBLE
        for one in people
    )
    return {
        name: [asked(questions, law, one, order, chances) for one in people] for name, order in ORDERS.items()
    }, eligible


# -------------------------------------------------------------------------------------- exact optimum


def regret(case: Case) -> tuple[float, float, float]:
    """Mean questions of the best possible order, of the next best question, and of the order of the file.

    Every answer of an item counts alike; a combination that contradicts itself is nobody's.
    """
    questions = Questions(case.library)
    settled = _settled(case)

    def after(given: Given, item: str) -> list[Given]:
        number = len(case.person.tables.answers(item).answers)
        every = [
            tuple(sorted((*given, (item, n)), key=lambda one: case.items.index(one[0])))
            for n in range(1, number + 1)
        ]
        return [one for one in every if one in case.verdicts]

    def mean(given: Given, item: str, rest: Callable[[Given], float]) -> float:
        found = after(given, item)
        return 1 + sum(map(rest, found)) / len(found) if found else 1.0

    @cache
    def optimum(given: Given) -> float:
        if settled(given):
            return 0.0
        names = {name for name, _ in given}
        return min(mean(given, item, optimum) for item in case.items if item not in names and after(given, item))

    def following(choose: Callable[[Given], str]) -> Callable[[Given], float]:
        @cache
        def cost(given: Given) -> float:
            return 0.0 if settled(given) else mean(given, choose(given), cost)

        return cost

    def ours(given: Given) -> str:
        answers = [case.person.tables.answer(name, number) for name, number in given]
        subject = answered(case.person.gaps.seen, answers)
        ranked = questions.person(subject, AS_OF).ranked(ALIKE, {})
        names = {name for name, _ in given}
        return next(q.requirement for q in ranked if q.requirement not in names and after(given, q.requirement))

    def plainly(given: Given) -> str:
        names = {name for name, _ in given}
        return next(item for item in case.items if item not in names and after(given, item))

    return optimum(()), following(ours)(()), following(plainly)(())


def _settled(case: Case) -> Callable[[Given], bool]:
    """Whether no further answer changes the verdict."""

    @cache
    def settled(given: Given) -> bool:
        held = set(given)
        return all(v is case.verdicts[given] for other, v in case.verdicts.items() if held <= set(other))

    return settled


def optimum(libraries: int, seed: int) -> list[tuple[float, float, float]]:
    """Of small cases: mean questions of the best order, of the next best question, of the file's order."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(seed * 1000, seed * 1000 + libraries)
        return [regret(case) for case in cases(seeds, Path(folder), 3, 300) if len(case.items) > 1]


# ---------------------------------------------------------------------------------------- how fast it is


def speed(people: int = 40) -> str:
    """What the next question costs with 30 and 50 answers hidden, and with all, in milliseconds of the processor.

    The first question of a program that has just read the rules, the first of somebody of whom nothing was worked
    out before, and the one after an answer to it; the law's trace of the person is not counted.
    """
    library = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    whole = screen.read_record(data, library, name)
    names = [
        n for n in whole.evidence if n not in library.anchors and (whole.evidence[n] or whole.absences.get(n))
    ]
    ready, lines = Questions(library), []
    # As `screening ask` does: what is loaded is not walked through again.
    gc.collect()
    gc.freeze()
    for hidden in (30, 50, len(names)):
        cold: list[float] = []
        first: list[float] = []
        after: list[float] = []
        for number in range(people if hidden < len(names) else 3):
            subject = hidden_of(whole, Random(number).sample(names, hidden))
            _timed(library, None, subject, cold)
            questions = replaced(ready)
            ranked = _timed(library, questions, subject, first)
            answered_one = as_recorded(whole, next(q for q in ranked if q in whole.evidence)).of(subject)
            _timed(library, questions, answered_one, after)
        every = {"first of a program": cold, "first of a person": first, "next of a person": after}
        for what, taken in every.items():
            low, middle, high = min(taken), statistics.median(taken), max(taken)
            lines.append(f"{hidden} hidden, {what}: {low:.0f} to {high:.0f} ms, median {middle:.0f} ms")
    return f"{people} people under ketamine-ra-fm\n  " + "\n  ".join(lines)


def replaced(questions: Questions) -> Questions:
    """The same library made ready, nothing kept of anybody."""
    fresh = Questions.__new__(Questions)
    fresh.__dict__.update(questions.__dict__, _kept=Kept())
    return fresh


def _timed(library: Library, questions: Questions | None, subject: Subject, taken: list[float]) -> list[str]:
    trace = Law(library).trace(subject, AS_OF)
    began = time.process_time()
    questions = questions or Questions(library)
    ranked = questions.person(subject, AS_OF, trace).ranked(ALIKE, {})
    taken.append(1000 * (time.process_time() - began))
    return [question.requirement for question in ranked]


def hidden_of(whole: Subject, names: list[str]) -> Subject:
    evidence = {n: rows for n, rows in whole.evidence.items() if n not in names}
    absences = {n: rows for n, rows in whole.absences.items() if n not in names}
    complete = {n: basis for n, basis in whole.complete.items() if n not in names}
    return replace(whole, evidence=evidence, absences=absences, complete=complete)


# ----------------------------------------------------------------------------------------------- the table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--hidden", type=int, default=20)
    parser.add_argument("--libraries", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds, each with so many people")
    given = parser.parse_args()
    began = time.process_time()
    print(speed())
    costs: dict[str, list[Cost]] = {name: [] for name in ORDERS}
    eligible = 0
    for seed in range(given.seed, given.seed + given.seeds):
        found, sound = programme(given.people, given.hidden, seed)
        eligible += sound
        for name, numbers in found.items():
            costs[name] += numbers
    people = given.people * given.seeds
    print(f"{people} candidates under ketamine-ra-fm, {given.hidden} answers hidden of each; ", end="")
    print(f"{eligible} eligible when complete")
    for name, numbers in costs.items():
        counts = [count for count, _, _ in numbers]
        mean, median = statistics.mean(counts), statistics.median(counts)
        burden = statistics.mean(burden for _, burden, _ in numbers)
        print(f"  {name:<26} mean {mean:6.3f}   median {median:5.1f}   mean burden {burden:6.2f}   ", end="")
        print(f"{sum(unshown for _, _, unshown in numbers)} of {sum(counts)} without a known need")
    for name in ("next best", "next best by burden"):
        pairs = list(zip(costs[name], costs["by fail rate"], strict=True))
        for position, what in enumerate(("questions", "burden")):
            fewer = sum(a[position] < b[position] for a, b in pairs)
            more = sum(a[position] > b[position] for a, b in pairs)
            print(f"  {name}: {what} less than by fail rate for {fewer}, ", end="")
            print(f"as much for {len(pairs) - fewer - more}, more for {more}")
    small = optimum(given.libraries, given.seed)
    best_one, ours, plain = (statistics.mean(column) for column in zip(*small, strict=True))
    print(
        f"{len(small)} small cases by chance: best possible order {best_one:.3f} questions, next best {ours:.3f} ",
        end="",
    )
    print(f"(regret {100 * (ours / best_one - 1):.1f}%), order of the file {plain:.3f}")
    print(f"  at its optimum in {sum(b - a < 1e-9 for a, b, _ in small)} of {len(small)}; ", end="")
    print(f"greatest regret {max(b - a for a, b, _ in small):.2f} questions")
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
