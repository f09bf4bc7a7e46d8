"""What is shown instead of a verdict, and what is said of a certificate; no value of the person in either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.errors import ScreeningError
from screening.language.library import Library
from screening.record.subject import Subject
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.verdict import status_of
from screening.reports.words import grouped_digest, safe, sided

HEADLINE = "a fault in this program, not in the record; there is no verdict"


def not_screened(library: Library, person: str, error: ScreeningError, at: str, version: str) -> list[Line]:
    """The screen of a person for whom the programs do not agree; `person`: who, which day, which site."""
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    lines += [Line(safe(person)), Line("")]
    lines.append(Line(f"NOT SCREENED    {HEADLINE}", AGAINST, 12, (0, 12)))
    message = "; ".join(diagnostic.message for diagnostic in error.diagnostics).rstrip(".")
    where = f", {safe(at)}" if at else ""
    text = (
        f"{message[:1].upper()}{message[1:]}. Conclude nothing about this person. Alerts were not evaluated "
        "either: look at blood pressure and safety answers yourself. To report: screening "
        f"{version}, rules {grouped_digest(library.digest)}{where}. No value of this person is in this "
        "message."
    )
    return [*lines, *paragraph(text, "  ", "  ")]


def _against(library: Library, subject: Subject) -> list[str]:
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    person = f"{safe(subject.id)}{', synthetic' if subject.synthetic else ''}"
    lines = sided(left, f"rules {grouped_digest(library.digest)}")
    return [*lines, *sided(person, f"record {grouped_digest(subject.digest)}"), ""]


def agreed(
    data: Mapping[str, Any], library: Library, subject: Subject, held: tuple[bool, bool] | None = None
) -> list[Line]:
    """What was compared with what, and what that does not show.

    `held` is said of a bundle: whether it was held against rule files, too, and against a record.
    """
    steps, made = len(data["steps"]), data["determination"]
    word = made["verdict"] if made["label"] == made["verdict"] else f"{made['label']} ({made['verdict']})"
    lines = [Line(text) for text in _against(library, subject)]
    lines += paragraph(f"+ {steps:,} of {steps:,} steps agree with {_compared(held)}", "", "  ")
    engine = f"{data['engine']['name']} {data['engine']['version']}"
    by = f"{data['program']['name']} {data['program']['version']}"
    basis = "rules" if held is None else "tree"
    text = (
        f"Certificate {grouped_digest(data['digest'])}, as of {data['as_of']}, made by {safe(by)} with "
        f"{safe(engine)}. Every other field follows from {basis}, record and steps: "
        f"{safe(word)}, standing {made['standing']}."
    )
    lines += paragraph(text, "  ", "  ")
    return [*lines, *paragraph(f"Not shown: {_not_shown(held)}.", "  ", "  ")]


def _compared(held: tuple[bool, bool] | None) -> str:
    if held is None:
        return "rules and record"
    rules, record = held
    return f"the bundle's tree{' and rules' if rules else ''}, and its record{' as it was read' if record else ''}"


def _not_shown(held: tuple[bool, bool] | None) -> str:
    left = "that what is recorded is true, or who recorded it"
    if held is None or held == (True, True):
        return left
    rules, record = held
    more = [] if rules else ["that the tree is that of the rule files (--rules)"]
    more += [] if record else ["that the record is that of the person (--record)"]
    return "; ".join([*more, left])


def refused(error: ScreeningError, library: Library | None, subject: Subject | None) -> list[Line]:
    """The first place that does not hold; nothing after it was looked at."""
    lines = []
    if library is not None and subject is not None:
        lines += [Line(text) for text in _against(library, subject)]
    message = "; ".join(diagnostic.message for diagnostic in error.diagnostics)
    first, *rest = paragraph(f"x REFUSED   {safe(message)}", "", "  ")
    lines += [first._replace(token=AGAINST, marked=1, bold=(2, 9)), *rest]
    return [
        *lines,
        *paragraph("Rely on nothing in this certificate; it was refused at the first place.", "  ", "  "),
    ]
