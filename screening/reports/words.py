"""Words that every screen shares: marks, short forms, counts; text made safe and folded to 80 columns.

The record's own words are shown as they are, but for what could move the cursor or turn the
direction of writing; those characters are printed as `\\x1b`.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

WIDTH = 80
# The columns of the window that is written to; what goes to a file or a pipe has all of them.
_WINDOW = ContextVar("window", default=WIDTH)
ROWS = 22
MARGIN = 10

MET, AGAINST, OPEN_MARK, REVIEW_MARK, NOT_APPLICABLE_MARK, ALERT_MARK = "+", "x", "?", "!", "-", "!!"

SITE_CHOICE = "[site choice]"
UNVERIFIED = "[unverified]"

# How an item is obtained, in the order in which it is asked for.
OBTAINED = ("ask", "chart", "questionnaire", "examine", "blood", "ECG", "arrange", "judge")
SHORT_OBTAINED = {"questionnaire": "form"}
OBTAINED_BY = {
    "ask": "asking",
    "chart": "the chart",
    "questionnaire": "a form",
    "examine": "examination",
    "blood": "a sample",
    "ECG": "an ECG",
    "arrange": "arranging it",
    "judge": "a named clinician's judgement",
}
LONG_OBTAINED = {
    "ask": "ask the person",
    "chart": "look in the chart",
    "questionnaire": "a filled form",
    "examine": "examine",
    "blood": "a blood or urine sample",
    "ECG": "an ECG",
    "arrange": "arrange",
    "judge": "a named clinician's judgement",
}

DECISION_SUPPORT = (
    "Decision support for qualified health professionals, not a diagnosis, prescription or consent; "
    "the responsible physician decides and is accountable."
)
DECISION_SUPPORT_FULL = (
    "Decision support for qualified health professionals. Not a diagnosis, prescription or consent. "
    "The responsible physician decides and is accountable; the reasons, data and sources are there to be "
    "checked."
)
NOT_A_JUDGEMENT = "This is not a judgement of the person's pain or need; usual care continues."
NOT_THE_SAME = "That is not the same as {}."
NOT_ELIGIBLE = "That does not mean {}."
NO_SITE_TEXT = "Site text: none set; use your local procedure now."
NOBODY_TOLD = "Nobody has been told: this program sends no messages."

# Short forms of the field, and only those: (long, short).
_SHORT_FORMS = (
    (re.compile(r"\bblood pressure\b", re.IGNORECASE), "BP"),
    (re.compile(r"\brheumatoid arthritis\b", re.IGNORECASE), "RA"),
    (re.compile(r"\bfibromyalgia\b", re.IGNORECASE), "FM"),
    (re.compile(r"\bwidespread pain index\b", re.IGNORECASE), "WPI"),
    (re.compile(r"\bsymptom severity (score|scale)\b", re.IGNORECASE), "SSS"),
    (re.compile(r"\bintravenous\b", re.IGNORECASE), "IV"),
)
_SPELT_OUT = (
    (re.compile(r"\bBP\b"), "blood pressure"),
    (re.compile(r"\bRA\b"), "rheumatoid arthritis"),
    (re.compile(r"\bFM\b"), "fibromyalgia"),
    (re.compile(r"\bmmHg\b"), "millimetres of mercury"),
    (re.compile(r"\bWPI\b"), "widespread pain index"),
    (re.compile(r"\bSSS\b"), "symptom severity scale"),
)


def shortened(text: str) -> str:
    """Long words of the field by their short forms.

    >>> shortened("Fibromyalgia beside rheumatoid arthritis")
    'FM beside RA'
    """
    for long, short in _SHORT_FORMS:
        text = long.sub(short, text)
    return text


def spelt_out(text: str) -> str:
    """Short forms by the words they stand for, for a voice."""
    for short, long in _SPELT_OUT:
        text = short.sub(long, text)
    return text


def safe(text: str) -> str:
    r"""Somebody else's words on one line: what is no printable character is shown by its number.

    >>> print(safe("a\x1b[31mb"))
    a\x1b[31mb
    """
    return exact(" ".join(text.split()) if any(c in text for c in "\t\n\r\f\v") else text)


def exact(text: str) -> str:
    r"""The same with spaces as they are: two texts that differ are shown as two.

    >>> print(exact("a\tb"))
    a\x09b
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == " " or c.isprintable() else _numbered(c) for c in text)


def _numbered(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def columns(text: str) -> int:
    """How many columns a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def counted(number: int, one: str, many: str = "", none: str = "") -> str:
    """A count with its noun.

    >>> counted(1, "item"), counted(2, "item"), counted(0, "alert"), counted(2, "entry", "entries")
    ('1 item', '2 items', 'no alerts', '2 entries')
    """
    many = many or f"{one}s"
    if number == 0:
        return none or f"no {many}"
    return f"{number:,} {one if number == 1 else many}"


def plural(noun: str) -> str:
    """The plural of a noun.

    >>> plural("mechanism"), plural("class"), plural("therapy")
    ('mechanisms', 'classes', 'therapies')
    """
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `a, b and c`."""
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def grouped_digest(digest: str, groups: int = 3) -> str:
    """The first characters of a digest, in groups of 4.

    >>> grouped_digest("3f9c21ab77d0ffff")
    '3f9c 21ab 77d0'
    """
    return " ".join(digest[i : i + 4] for i in range(0, 4 * groups, 4)).strip() or "not known"


def ago(day: datetime.date, as_of: datetime.date) -> str:
    """How far a day lies before the as-of date; stands beside a date, never instead of it.

    >>> ago(datetime.date(2026, 11, 9), datetime.date(2026, 11, 22))
    '13 days ago'
    """
    days = (as_of - day).days
    if days == 0:
        return "today"
    return f"{counted(days, 'day')} ago" if days > 0 else f"{counted(-days, 'day')} ahead"


def cut_to(text: str, width: int) -> str:
    """A text of at most so many columns, cut at a word and marked where it is cut."""
    if columns(text) <= width:
        return text
    kept = text[: max(1, width - 3)]
    head, space, _ = kept.rpartition(" ")
    return (head if space and len(head) > width // 2 else kept).rstrip(" ,;:(") + "..."


def window() -> int:
    """How many columns a screen may take now."""
    return _WINDOW.get()


@contextmanager
def narrowed(columns: int) -> Iterator[None]:
    """Everything that is said inside takes at most so many columns."""
    before = _WINDOW.set(min(WIDTH, columns))
    try:
        yield
    finally:
        _WINDOW.reset(before)


def folded(text: str, first: str = "", rest: str = "", width: int | None = None) -> list[str]:
    """A text broken at words: `first` before the first line, `rest` before the others.

    A line takes at most so many columns, or those of the window. A word that is too long for a line is broken;
    nothing is lost.
    """
    width = window() if width is None else width
    lines: list[str] = []
    line, room = first, False
    for word in text.split(" "):
        while True:
            gap = " " if room else ""
            if columns(line) + len(gap) + columns(word) <= width:
                line, room = line + gap + word, True
                break
            if room:
                lines.append(line.rstrip())
                line, room = rest, False
                continue
            fits = _fitting(word, width - columns(line))
            lines.append(line + word[:fits])
            line, word = rest, word[fits:]
    return [*lines, line.rstrip()] if room or not lines else lines


def _fitting(word: str, width: int) -> int:
    """How many characters of a word fit so many columns, at least one."""
    taken = 0
    for position, character in enumerate(word):
        taken += columns(character)
        if taken > width:
            return max(1, position)
    return len(word)


def sided(left: str, right: str, width: int | None = None) -> list[str]:
    """Two texts on one line, the second at its end; on two lines where they do not fit."""
    width = window() - 1 if width is None else width
    if columns(left) + 2 + columns(right) <= width:
        return [left + " " * (width - columns(left) - columns(right)) + right]
    return [*folded(left, rest="  "), *folded(right, "  ", "  ")]


def joined(parts: Iterable[str], by: str = ", ") -> str:
    """The parts that say something."""
    return by.join(part for part in parts if part)
