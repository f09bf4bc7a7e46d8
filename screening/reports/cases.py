"""Worked cases for people: one line a case file, and what is otherwise than expected in clinical words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from screening.errors import Diagnostic
from screening.language.types import DATE
from screening.outcome.case import CaseOutcome, CasesOutcome, Difference
from screening.outcome.determination import NOT_APPLICABLE
from screening.reports import value as values
from screening.reports.account import Account, account
from screening.reports.criterion import gap_texts, merged, said
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.reason import points, word_of
from screening.reports.words import AGAINST as BAR
from screening.reports.words import MET, WIDTH, columns, counted, joined, safe
from screening.values.truth import UNKNOWN, Truth

_MOST_GAPS = 4
_MOST_NAMES = 6
_LISTED = {"alerts": "alerts", "reasons": "bars", "review": "to review", "obtain": "to obtain"}


def told(outcome: CasesOutcome, seen: Collection[Diagnostic] = ()) -> list[Line]:
    """A case file with what is wrong with it or otherwise than expected; what was `seen` is not said again."""
    lines = _file(outcome)
    fresh = [diagnostic for diagnostic in outcome.diagnostics if diagnostic not in seen]
    lines += [Line(text) for diagnostic in fresh for text in str(diagnostic).splitlines()]
    for case in outcome.differing:
        for text in differences(case):
            first, *rest = paragraph(text, f"{BAR} ", "    ")
            lines += [first._replace(token=AGAINST, marked=1), *rest]
    return lines


def counts(outcomes: Sequence[CasesOutcome]) -> list[Line]:
    """How many cases in how many files, and how many are otherwise than expected."""
    number, differing = sum(len(o.cases) for o in outcomes), sum(len(o.differing) for o in outcomes)
    wrong = sum(bool(o.diagnostics) for o in outcomes)
    ran = len(outcomes) - wrong
    state = "all as expected" if not differing else f"{differing} otherwise than expected"
    text = f"{counted(number, 'case')} in {counted(ran, 'file')}, {state}" if ran else ""
    return paragraph(joined((text, f"{counted(wrong, 'file')} not run" if wrong else "")), "", "  ")


def _file(outcome: CasesOutcome) -> list[Line]:
    """The line of a case file, its mark in column 1."""
    number, beyond = len(outcome.cases), len(outcome.inexpressible)
    is_against = bool(outcome.differing or outcome.diagnostics)
    if outcome.diagnostics:
        text = f"not run: {counted(len(outcome.diagnostics), 'error')}"
    else:
        state = "as expected" if not is_against else f"{len(outcome.differing)} otherwise than expected"
        text = joined((counted(number, "case"), state, f"{beyond} not expressible" if beyond else ""))
    head = f"{BAR if is_against else MET} {safe(outcome.file)}"
    token = AGAINST if is_against else ""
    if columns(f"{head}  {text}") <= WIDTH:
        return [Line(f"{head}  {text}", token, 1)]
    return [Line(head, token, 1), *paragraph(text, "  ", "  ")]


def differences(case: CaseOutcome) -> Iterator[str]:
    """Each difference of a case as one sentence, with what the rules found."""
    if case.said is None:
        return
    seen = account(case.library, *case.said)
    for difference in case.differences:
        yield _sentence(case, seen, difference)


def _sentence(case: CaseOutcome, seen: Account, difference: Difference) -> str:
    aspect, found = difference.aspect, difference.found
    of, expected = f"of case {safe(case.name)}", safe(difference.expected)
    match aspect:
        case "criteria":
            return f"{difference.name} {of}: {_criterion(seen, difference)}"
        case "values":
            return f"{safe(difference.name)} {of}: {_value(case, difference)}"
        case "until":
            day = found if isinstance(found, str) else values.value_text(found, DATE)
            return f"{difference.name} {of}: expected until {expected}, is {day}"
        case "verdict":
            return f"verdict {of}: expected {expected}, is {found}{_because(seen)}"
        case "standing":
            return f"standing {of}: expected {expected}, is {found}"
    return f"{_LISTED[aspect]} {of}: expected {expected or 'none'}, is {found or 'none'}"


def _criterion(seen: Account, difference: Difference) -> str:
    """`expected not met, is met: WPI 7, SSS 5`."""
    criterion, finding = seen.criteria[difference.name], seen.findings[difference.name]
    shown = difference.expected
    truth = UNKNOWN if shown == NOT_APPLICABLE else Truth(shown)
    wanted = replace(finding, truth=truth, shown=shown, open=(), judgements=(), contradicted=False)
    every = points(seen, criterion)
    gaps, found = [p for p in every if p.gap], merged([p for p in every if not p.gap])
    # What is open beside an answer did not keep it from being one.
    told = gap_texts(gaps, _MOST_GAPS) if finding.truth is UNKNOWN or not found else []
    why = joined((*(said(point, False) for point in found), *told), "; ")
    state = f"expected {word_of(criterion, wanted)}, is {word_of(criterion, finding)}"
    return f"{state}: {why}" if why else state


def _value(case: CaseOutcome, difference: Difference) -> str:
    """A value with its unit on both sides, nothing rounded."""
    type = next(d.type for d in case.library.definitions if d.name == difference.name)
    expected, found = safe(difference.expected), difference.found
    assert not isinstance(found, str)
    if isinstance(found, Truth):
        return f"expected {expected}, is {found.value}"
    is_plain = "'" not in expected and expected != "unknown"
    wanted = values.with_unit(expected, values.unit_of(type)) if is_plain else expected
    return f"expected {wanted}, is {values.value_text(found, type)}"


def _because(seen: Account) -> str:
    """What the verdict turns on: the bars, what is open, or what is to be reviewed."""
    determination = seen.determination
    open_ids = [f.id for f in determination.findings if f.truth is UNKNOWN and f.shown != NOT_APPLICABLE]
    match determination.verdict.value:
        case "INELIGIBLE":
            what, ids = "bars", list(determination.reasons)
        case "UNDETERMINED":
            what, ids = "open", [*open_ids, *determination.to_arrange]
        case "REVIEW":
            what, ids = "to review", list(determination.to_review)
        case _:
            return ""
    more = f" and {len(ids) - _MOST_NAMES} more" if len(ids) > _MOST_NAMES else ""
    return f"; {what}: {', '.join(ids[:_MOST_NAMES])}{more}" if ids else ""
