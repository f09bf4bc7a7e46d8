"""The dates and periods of FHIR, as they are written.

A period is written `start/end` with an empty side for what is not known: the days it may be dated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from screening.values.calendar import clock_of, days_of

DATES = (
    "onsetDateTime", "abatementDateTime", "recordedDate", "effectiveDateTime", "effectiveInstant", "issued",
    "authoredOn", "dateAsserted", "performedDateTime", "authored",
)  # fmt: skip
PERIODS = ("onsetPeriod", "abatementPeriod", "effectivePeriod", "performedPeriod", "period")


def unreadable(resource: Any) -> Iterator[str]:
    """The dates of a resource that are given and are none: each is taken as not given."""
    given = vars(resource)
    for element in DATES:
        text = given.get(element)
        if text is not None and not written(text):
            yield f"{element} is no date of FHIR, taken as undated"
    for element in PERIODS:
        whole = given.get(element)
        if whole is None:
            continue
        ends = [written(whole.start), written(whole.end)]
        if any(text is not None and not end for text, end in zip((whole.start, whole.end), ends, strict=True)):
            yield f"{element} has an end that is no date of FHIR, taken as open"
        elif all(ends) and not period(*ends):
            yield f"{element} ends before it begins, taken as undated"


def written(text: str | None) -> str:
    """A date or time as written, "" if there is none or it is no date of FHIR."""
    if text is None or not text.isascii():
        return ""
    text = text.strip()
    try:
        days_of(text)
    except ValueError:
        return ""
    clock = clock_of(text)
    if clock and not (clock[:2] < "24" and clock[3:5] < "60" and clock[6:] < "60"):
        # A leap second, or 24:00: the day is what counts.
        return text[:10]
    return text


def period(start: str, end: str) -> str:
    """A period of two written dates; one that begins and ends on one day is its beginning.

    >>> period("2026-10-31T09:00:00+01:00", "2026-10-31T09:15:00+01:00")
    '2026-10-31T09:00:00+01:00'
    >>> period("2026-10-31", "")
    '2026-10-31/'
    """
    if not start and not end:
        return ""
    if start and end:
        first, last = days_of(start), days_of(end)
        if first.low > last.high:
            # Ends before it begins: neither end can be believed.
            return ""
        if first.low == first.high == last.low == last.high:
            return start
    return f"{start}/{end}"


def year_of(moment: str) -> tuple[str, str]:
    """The first and the last year that a date or period names; "" where it names none."""
    start, _, end = moment.partition("/")
    first, last = start[:4], (end if "/" in moment else start)[:4]
    return first or last, last or first


def first_of(moment: str) -> str:
    """The beginning of a date or period."""
    return moment.partition("/")[0]


def last_of(moment: str) -> str:
    """The end of a date or period."""
    return moment.partition("/")[2] if "/" in moment else moment
