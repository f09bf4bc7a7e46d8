"""One person after the other: the compiled row of everybody, held by the law and by the whole path.

The compiled interpreter screens everybody. The law screens everybody NOT RULED OUT as well. Of people who are held
(everybody in a small cohort, a sample of a large one, and whoever is ELIGIBLE or to be reviewed) the whole path is
taken: forward chaining, the law, the verifier. Where any two differ there is no verdict for that person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from screening.errors import DefectError, told_fault
from screening.everybody.plan import Plan
from screening.interpreters.compiled import Compiled
from screening.interpreters.sparse import Recent, Sparse, lists_of
from screening.language.library import Library
from screening.outcome.determination import Finding, Verdict, determine
from screening.outcome.row import Row, not_screened, row_of
from screening.record.people import BEYOND_A_RECORD
from screening.record.subject import Subject

Numbered: TypeAlias = list[tuple[int, Subject]]
# People of whom more rows are recorded are held by the law alone: a trace has some 90 steps for each row.
LONGEST = 10_000
# Verdicts that are not given to anybody else without the whole path.
FAVOURABLE = (Verdict.ELIGIBLE.value, Verdict.REVIEW.value)


def by_law(library: Library, as_of: datetime.date) -> Callable[[Subject], Row]:
    """The row of one person as the law has it; the trace is the law's, its silent parts made once."""
    sparse = Sparse(library, as_of)
    silent: Recent[dict[str, Finding]] = Recent()

    def row(subject: Subject) -> Row:
        trace, blank = sparse.trace(subject)
        key = lists_of(subject)
        known = silent.get(key)
        if known is None:
            known = silent.keep(key, {})
        made = determine(library, trace, {id: known[id] for id in blank if id in known})
        known.update({f.id: f for f in made.findings if f.id in blank and f.id not in known})
        return row_of(library, subject.as_of(as_of), trace, made)

    return row


def fast(library: Library, as_of: datetime.date) -> Callable[[Subject], Row]:
    """One person without a certificate: what everybody is screened by.

    The compiled interpreter says the whole row. Of everybody who may come to be looked at the law says it too, and
    what stands behind the anchors with it. Where the two differ there is no verdict.
    """
    compiled, law = Compiled(library, as_of), by_law(library, as_of)

    def row(subject: Subject) -> Row:
        found = compiled.row(subject, as_of)
        if not found.is_listed and found.verdict not in FAVOURABLE and not _is_long(subject):
            return found
        expected = law(subject)
        if replace(expected, evidence=()) == found:
            return expected
        return not_screened(subject.id, _differing(expected, found))

    return row


def _is_long(subject: Subject) -> bool:
    """Whether so much is recorded of somebody that nobody waits for a trace with a step for every row."""
    return sum(map(len, subject.evidence.values())) > LONGEST


def _differing(expected: Row, found: Row) -> str:
    """The first criterion of which two rows say something else, or what else differs in them."""
    pairs = zip(expected.criteria, found.criteria, strict=False)
    return next((a[0] for a, b in pairs if a != b), "verdict")


def worker(plan: Plan) -> Callable[[Numbered], list[tuple[Row, bool]]]:
    """Screens a batch of people: each with its row, and whether the whole path was taken.

    One of whom the interpreters differ, or at whom one of them fails, gets a row without a verdict.
    """
    quick = fast(plan.library, plan.as_of)
    return lambda batch: [_row(plan, quick, number, subject) for number, subject in batch]


def _row(plan: Plan, quick: Callable[[Subject], Row], number: int, subject: Subject) -> tuple[Row, bool]:
    try:
        return _screened(plan, quick, number, subject)
    except BEYOND_A_RECORD:
        raise
    except Exception as fault:
        # Whatever nobody foresaw is ours: this person has no verdict, and nobody else loses theirs.
        return not_screened(subject.id, told_fault(fault)), plan.is_held(number)


def _screened(plan: Plan, quick: Callable[[Subject], Row], number: int, subject: Subject) -> tuple[Row, bool]:
    found = quick(subject)
    is_held = (plan.is_held(number) or found.verdict in FAVOURABLE) and not _is_long(subject)
    if not is_held or not found.is_screened:
        return found, is_held
    try:
        held = plan.whole_path(plan.library, subject, plan.as_of, plan.site, plan.retired)
    except DefectError as fault:
        return not_screened(subject.id, getattr(fault, "place", "")), True
    expected = row_of(plan.library, held.subject, held.trace, held.determination)
    return (found if expected == found else not_screened(subject.id, _differing(expected, found))), True
