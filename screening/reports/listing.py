"""`screening validate`: every fact drawn from a record, with its place, and what was set aside."""

from __future__ import annotations

from screening.language.library import Library
from screening.record.subject import Absence, Completeness, Evidence, Subject
from screening.reports import value as values
from screening.reports.line import Line, paragraph
from screening.reports.measure import label_of
from screening.reports.reason import entry_text
from screening.reports.verdict import status_of
from screening.reports.words import counted, grouped_digest, joined, safe, sided
from screening.values.truth import TRUE


def record(library: Library, subject: Subject, name: str) -> list[Line]:
    """What one record says to one protocol."""
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    synthetic = "synthetic" if subject.synthetic else ""
    extracted = f"extracted {subject.extracted.isoformat()}" if subject.extracted else ""
    person = joined((safe(subject.id), synthetic, extracted, safe(subject.source or name)))
    lines += [Line(text) for text in sided(person, f"record {grouped_digest(subject.digest)}")]
    requirements = {r.name: r for r in library.requirements}
    facts = [row for n in requirements for row in subject.evidence.get(n, ())]
    absences = [absence for n in requirements for absence in subject.absences.get(n, ())]
    lines += [Line(""), Line(_title("Fact", len(facts)))]
    for row in facts:
        lines += paragraph(_fact(row, library), "  ", "    ")
    if absences:
        lines += [Line(""), Line(_title("Recorded absence", len(absences)))]
        for absence in absences:
            lines += paragraph(_absence(absence, library), "  ", "    ")
    if subject.complete:
        lines += [
            Line(""),
            Line(_title("List declared complete", len(subject.complete), "Lists declared complete")),
        ]
        for n, complete in sorted(subject.complete.items()):
            lines += paragraph(_complete(n, complete), "  ", "    ")
    if subject.notices:
        lines += [Line(""), Line(_title("Notice", len(subject.notices)))]
        for notice in subject.notices:
            text = joined((safe(notice.requirement), joined((safe(notice.text), safe(notice.place)), "; ")), ": ")
            lines += paragraph(text, "  ", "    ")
    silent = [
        label_of(r) for n, r in requirements.items() if not subject.evidence.get(n) and not subject.absences.get(n)
    ]
    lines += [Line("")]
    asked = counted(len(requirements), "requirement")
    return [
        *lines,
        *paragraph(f"Not recorded, {len(silent)} of {asked}: {', '.join(silent) or 'none'}", "", "  "),
    ]


def _title(noun: str, count: int, many: str = "") -> str:
    return f"{noun if count == 1 else many or noun + 's'}, {count}"


def _fact(row: Evidence, library: Library) -> str:
    requirement = library.requirement(row.requirement)
    is_row = requirement.type.name in ("Records", "Boolean", "Judgement")
    value = entry_text(row, requirement) if is_row else values.fact_text(row, requirement.type)
    possible = "" if row.certainty is TRUE else f"only possible ({safe(row.status)})"
    by = f"by {safe(row.by)}" if row.by else ""
    told = joined((value or "yes", values.day_text(row.when) or "not dated", possible, by))
    return joined((f"{label_of(requirement)}: {told}", safe(row.origin)), "; ")


def _absence(absence: Absence, library: Library) -> str:
    requirement = library.requirement(absence.requirement)
    of = "" if absence.concepts is None else f"{len(absence.concepts)} of {len(requirement.concepts)} concepts"
    by = f"by {safe(absence.by)}" if absence.by else ""
    told = joined((of, values.day_text(absence.when) or "not dated", by))
    return joined((f"{label_of(requirement)}: absent, {told}", safe(absence.origin)), "; ")


def _complete(name: str, complete: Completeness) -> str:
    since = f"since {complete.since.isoformat()}" if complete.since else "ever"
    signed = f"signed {safe(complete.signed)}" if complete.signed else ""
    return f"{safe(name)}: {joined((since, safe(complete.basis), safe(complete.because), signed))}"
