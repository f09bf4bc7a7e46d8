"""NOT SCREENED: what is shown instead of a verdict, without any value of the person."""

from __future__ import annotations

from screening.language.library import Library
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.verdict import status_of
from screening.reports.words import grouped_digest, safe, sided

HEADLINE = "a fault in this program, not in the record; there is no verdict"


def not_screened(library: Library, person: str, message: str, place: str, version: str) -> list[Line]:
    """The screen of a person for whom the programs do not agree; `person`: who, on which day, at which site."""
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    lines += [Line(safe(person)), Line("")]
    lines.append(Line(f"NOT SCREENED    {HEADLINE}", AGAINST, 12, (0, 12)))
    message = message.strip().rstrip(".")
    where = f", {safe(place)}" if place else ""
    text = (
        f"{message[:1].upper()}{message[1:]}. Conclude nothing about this person. Alerts were not evaluated "
        "either: look at blood pressure and safety answers yourself. To report: screening "
        f"{version}, rules {grouped_digest(library.digest)}{where}. No value of this person is in this "
        "message."
    )
    return [*lines, *paragraph(text, "  ", "  ")]
