"""`screening analyse`: what was proved and found of rules, for the people who write and sign them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screening.errors import Span
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.record.subject import Subject
from screening.reports import value as values
from screening.reports.line import AGAINST, OPEN, QUIET, Line, paragraph
from screening.reports.measure import label_of
from screening.reports.reason import entry_text
from screening.reports.words import AGAINST as BAR
from screening.reports.words import MET, OPEN_MARK, counted, joined, listed, safe
from screening.values.bounds import Bounds

_SURE = {
    EVERY_RECORD: "proved of every record",
    MADE_UP: "proved of people with few entries, exact days, one code of each thing, and full or empty lists",
    SHOWN: "shown by a person",
    NOT_DECIDED: "not decided within the steps that are allowed",
}
_INDENT = "    "


def told(library: Library, findings: Sequence[Finding], as_of: str) -> list[Line]:
    """What was found of one library, fault by fault."""
    number = counted(len(library.criteria), "criterion", "criteria")
    lines = paragraph(f"{safe(library.name)} {safe(library.version)}: {number}, as of {as_of}", "", "  ")
    for finding in findings:
        lines += _finding(library, finding, as_of)
    return [*lines, Line("")]


def _finding(library: Library, finding: Finding, as_of: str) -> list[Line]:
    mark, token = _mark(finding)
    head = joined((listed(finding.about) if finding.about else "", finding.kind), " ")
    places = [said for said in (place_of(finding.place), place_of(finding.beside)) if said]
    at = f" ({joined(places, ' and ')})" if places else ""
    first, *rest = paragraph(f"{head}: {safe(finding.text)}{at}", f"{mark} ", _INDENT)
    lines = [first._replace(token=token, marked=len(mark)), *rest]
    # Of windows and ages another day may say otherwise; that of ELIGIBLE says itself of which day it is.
    is_of_a_day = finding.sure in (EVERY_RECORD, MADE_UP) and finding.kind != "fail-safe"
    day = f" as of {as_of}" if is_of_a_day else ""
    lines += paragraph(_SURE[finding.sure] + day, _INDENT, _INDENT)
    if finding.justified:
        lines += paragraph(f"meant, by the file: {safe(finding.justified)}", _INDENT, _INDENT)
    if finding.subject is not None and (finding.is_fault or (finding.shown and not finding.justified)):
        if finding.shown:
            lines += paragraph(f"for example: {safe(finding.shown)}", _INDENT, _INDENT)
        lines += [line for text in person(library, finding.subject) for line in paragraph(text, _INDENT, "      ")]
    return lines


def _mark(finding: Finding) -> tuple[str, str]:
    if finding.is_fault:
        return BAR, AGAINST
    if finding.sure == NOT_DECIDED:
        return OPEN_MARK, OPEN
    return MET, QUIET


def place_of(span: Span) -> str:
    """File, line and column, as an editor takes them."""
    return f"{safe(span.file.rpartition('/')[2])}:{span.line}:{span.column}" if span.file and span.line else ""


def person(library: Library, subject: Subject) -> list[str]:
    """A made-up person in words: what is recorded, when, and which lists are full or empty."""
    found = []
    for requirement in library.requirements:
        rows = subject.evidence.get(requirement.name, ())
        is_row = requirement.type.name == "Records"
        for row in rows:
            value = entry_text(row, requirement) if is_row else values.value_text(row.value, requirement.type)
            if isinstance(row.value, Bounds) and requirement.take.startswith("age "):
                found.append(f"{label_of(requirement)}: born {values.day_text(row.value)}")
                continue
            found.append(f"{label_of(requirement)}: {joined((value or 'on record', values.day_text(row.when)))}")
        if requirement.name in subject.absences:
            found.append(f"{label_of(requirement)}: recorded as absent")
        if requirement.name in subject.complete:
            found.append(f"{label_of(requirement)}: {'nothing else' if rows else 'none'}, by a complete list")
    return found or ["a person of whom nothing is recorded"]


def counts(findings: Sequence[Finding], libraries: int, seconds: str) -> list[Line]:
    """How many faults in how many libraries, what is meant, and what was not decided."""
    faults = sum(finding.is_fault for finding in findings)
    meant = sum(bool(finding.justified) for finding in findings)
    open_ones = sum(finding.sure == NOT_DECIDED and not finding.is_fault for finding in findings)
    text = joined(
        (
            f"{counted(libraries, 'library', 'libraries')}: {counted(faults, 'fault', none='no faults')}",
            f"{meant} meant by the file" if meant else "",
            f"{open_ones} not decided" if open_ones else "",
            f"{seconds} s" if seconds else "",
        )
    )
    return paragraph(text, "", "  ")


def data(library: Library, findings: Sequence[Finding], as_of: str) -> dict[str, Any]:
    """The same as data."""
    return {
        "library": library.name,
        "version": library.version,
        "digest": library.digest,
        "as_of": as_of,
        "findings": [
            {
                "kind": finding.kind,
                "about": list(finding.about),
                "text": finding.text,
                "sure": finding.sure,
                "fault": finding.is_fault,
                "justified": finding.justified or None,
                "place": place_of(finding.place) or None,
                "beside": place_of(finding.beside) or None,
                "shown": finding.shown or None,
                "person": None if finding.subject is None else person(library, finding.subject),
            }
            for finding in findings
        ],
    }
