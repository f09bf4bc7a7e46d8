"""One screen of `screening ask`: which block and question, what is asked, and how it may be answered.

At most 22 rows of 80 columns, or as many as a narrower window needs. Instruments are recorded as they were
filled in: no question of theirs is put to anybody here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath

from screening.language.library import DataRequirement, Library
from screening.outcome.form import takes
from screening.outcome.interview import Asking, Page
from screening.reports.line import Line
from screening.reports.words import SHORT_OBTAINED, WIDTH, columns, cut_to, folded, joined, safe, sided
from screening.values.quantity import everyday

NARROW = 64
KEYS = "? not known, s not asked, b back, q stop and keep"
_TRUTHS = ("Boolean", "Judgement")
_TITLE, _LIST, _NAMED = 24, 38, 3
_YES = {
    "ask": "Which of these are so, now or ever, as each says?",
    "chart": "Which of these does the chart show, read today?",
    "questionnaire": "Which of these are marked yes on the form, as it was filled in?",
    "examine": "Which of these did the examination find?",
    "blood": "Which of these did the laboratory report?",
    "ECG": "Which of these does the ECG show?",
    "arrange": "Which of these are in place?",
    "judge": "Which of these does a named clinician judge to be so?",
}
_VALUES = {
    "ask": "What this person says",
    "chart": "What the chart says",
    "questionnaire": "As on the form, as it was filled in",
    "examine": "As measured",
    "blood": "As the laboratory reported",
    "ECG": "As measured on the ECG",
    "arrange": "As arranged",
    "judge": "As judged",
}


def page(library: Library, asking: Asking, width: int = WIDTH) -> list[Line]:
    """The question that is asked now; nothing where none is."""
    if asking.page is None:
        return []
    asked, progress = asking.page, asking.progress
    left = f"Block {progress.block} of {progress.blocks}  {title(library, asked)}"
    about = f" of about {progress.about}" if 0 < progress.about < progress.at_most else ""
    right = f"question {progress.question}{about}, at most {progress.at_most}"
    head = sided(left, right, width - 1) if width >= NARROW else [*folded(left, width=width), right]
    return [Line(text) for text in (*head, *_body(asked, asking.recorded, width))]


# What a file of answers may have got wrong, in words that hold nothing of what it says.
_WRONG = {
    "UnitFault": "its unit is not one of this question",
    "OSError": "it could not be kept, since its file cannot be written",
    "OutOfRange": "it lies outside of what can be answered",
    "who": "say who says so: p this person, c the chart, b both (`who: b`)",
    "judge": "say who judged, a role and key (`judge: rheumatologist K2`)",
    "whole": "say whether that is the whole list: end it with `all` or `more`",
    "sure": "it is not plausible, or has no name that the rules know: answer it at a terminal",
}


def not_taken(asking: Asking, kind: str) -> str:
    """Why an answer of a file was not taken: which question, and what is accepted; nothing of the answer.

    `kind` is the class of the fault, or what is wanting beside the answer.
    """
    if asking.page is None:
        return "this answer was not taken: nothing is asked any more"
    asked = asking.page
    names = [_label(r) for r in asked.asked]
    named = ", ".join([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])])
    why = _WRONG.get(kind, "it is no answer to it")
    taken = _list_help(asked.asked[0]) if asked.shape == "list" else _help(asked, False)
    return f"this answer to question {asking.progress.question} ({named}) was not taken: {why}; accepted: {taken}"


def title(library: Library, asked: Page) -> str:
    """What a screen is about: how it is obtained, then the form, the list, or the kind of question."""
    way = SHORT_OBTAINED.get(asked.obtain, asked.obtain)
    if asked.shape == "list":
        return cut_to(f"{way}: {_label(asked.asked[0])}", _LIST)
    if asked.shape == "when":
        return f"{way}: when"
    if asked.obtain == "questionnaire":
        own = PurePath(library.path).stem
        forms = dict.fromkeys(PurePath(r.span.file).stem for r in asked.asked)
        named = [form for form in forms if form and form != own] or list(forms)
        shown = [name for n, name in enumerate(named) if n == 0 or len(", ".join(named[: n + 1])) <= _TITLE]
        return f"{way}: {', '.join(shown)}{' and more' if len(shown) < len(named) else ''}"
    if all(r.kind in ("birth date", "gender", "death") or r.name in library.anchors for r in asked.asked):
        return f"{way}: who this is"
    if asked.shape == "values":
        return f"{way}: values"
    if asked.obtain in ("arrange", "judge"):
        return {"arrange": "arrange: what is in place", "judge": "judge: a named clinician"}[asked.obtain]
    kinds = {r.kind for r in asked.asked}
    return f"{way}: {'medicines' if kinds == {'medication'} else 'history and findings'}"


def _label(requirement: DataRequirement) -> str:
    return safe(requirement.label or requirement.name)


def _body(asked: Page, recorded: Mapping[str, str], width: int) -> Iterator[str]:
    if asked.shape == "list":
        yield from _list(asked.asked[0], recorded, width)
        return
    if asked.shape == "when":
        yield from folded("Since when, or when last? The day decides here.", width=width)
    elif len(asked.asked) == 1:
        yield from folded(f"{_capital(safe(asked.asked[0].text or _label(asked.asked[0])))}", width=width)
    elif asked.shape == "values":
        yield from folded(f"{_VALUES[asked.obtain]}, in this order:", width=width)
    else:
        yield from folded(_YES[asked.obtain], width=width)
    cells = [_cell(n, r, recorded) for n, r in enumerate(asked.asked, 1)]
    if len(cells) == 1 and asked.shape != "when":
        # One question alone has its whole text above; what is recorded of it by now stands below.
        cells = [f"By now: {safe(text)}" for text in recorded.values()]
    yield from _cells(cells, width)
    yield from _answers(asked.asked, width)
    yield from folded(_help(asked, bool(recorded)), width=width)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _cell(number: int, requirement: DataRequirement, recorded: Mapping[str, str]) -> str:
    """One question: its number, what it is, what it takes, and what is recorded by now."""
    text = _label(requirement)
    if requirement.type.name not in _TRUTHS:
        text = joined((text, _taken(requirement, text)))
    if requirement.name in recorded:
        text = f"{text}: {safe(recorded[requirement.name])}"
    return f"{number:>2} {text}"


def _taken(requirement: DataRequirement, label: str) -> str:
    """What a value takes, where the label does not say it: unit and scale, how many readings."""
    said = takes(requirement)
    percent = requirement.type.unit == "%" and "percent" in label
    if requirement.type.name in ("Date", "DateTime"):
        said = "a date"
    elif percent or (not requirement.type.unit and said in label):
        said = ""
    return joined((said, f"{requirement.readings} readings (127+129)" if requirement.readings > 1 else ""))


def _cells(cells: Sequence[str], width: int) -> Iterator[str]:
    """Cells in two columns, read downwards; in one where the window is narrow or they are few and long."""
    room = (width - 2) // 2 if width >= NARROW else width
    if width < NARROW or len(cells) < 4:
        for cell in cells:
            yield from folded(cell, rest="   ", width=width)
        return
    blocks = [folded(cell, rest="   ", width=room - 1) for cell in cells]
    rows = sum(map(len, blocks))
    left: list[str] = []
    while blocks and len(left) + len(blocks[0]) <= (rows + 1) // 2 + (len(blocks[0]) - 1):
        left += blocks.pop(0)
    right = [line for block in blocks for line in block]
    for n in range(max(len(left), len(right))):
        first, second = (side[n] if n < len(side) else "" for side in (left, right))
        yield (first + " " * (room + 1 - columns(first)) + second).rstrip()


def _answers(asked: Sequence[DataRequirement], width: int) -> Iterator[str]:
    """The anchors of scales as the rule files have them, once for questions that share them."""
    numbered = list(enumerate(asked, 1))
    for answers, group in groupby(numbered, lambda pair: pair[1].answers):
        numbers = [number for number, _ in group]
        # A word says what it means; a number on a scale does not.
        if not any(words and not value[:1].isalpha() for value, words in answers):
            continue
        if len(asked) > 1:
            which = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
            yield f"Answers of {which}:"
        yield from _cells(
            [f"{safe(value):>2} {safe((*words, '')[0])}".rstrip() for value, words in answers], width
        )


def _help(asked: Page, is_again: bool) -> str:
    """How the screen may be answered."""
    keep = "; Enter leaves it as it is" if is_again else ""
    one = asked.asked[0]
    if asked.shape == "when":
        return f"Dates in order (2021-03 2019), or by number (2=2021); {KEYS}{keep}"
    if len(asked.asked) == 1:
        taken = "y, n" if one.type.name in _TRUTHS else takes(one)
        return f"{taken}, or {KEYS}{keep}"
    if asked.shape == "values":
        return f"Values in order (9 7), or by number (2=7); perhaps all `on 2026-11-16`; {KEYS}{keep}"
    first = next((n for n, r in enumerate(asked.asked, 1) if r.type.name not in _TRUTHS), 0)
    more = f"; values by number ({first}=7)" if first else ""
    every = ", a all of them" if asked.obtain in ("arrange", "judge") else ""
    return f"Numbers, with a date if known (2 2021-03), then n none of the others{every}{more}; ? s b q{keep}"


def _list(requirement: DataRequirement, recorded: Mapping[str, str], width: int) -> Iterator[str]:
    """A list: what a row says, the words of its fields, and how it is written."""
    yield from folded(_capital(safe(requirement.text or _label(requirement))), width=width)
    opening, *fields = requirement.fields
    if opening.values and not opening.by_code:
        words = " ".join(f"{n} {safe(v)}," for n, v in enumerate(opening.values, 1)).rstrip(",")
        yield from folded(f"{safe(opening.name)}: {words}", rest="  ", width=width)
    others = []
    for field in fields:
        if field.by_code:
            continue  # follows from the code of the row
        if field.values:
            words = " ".join(f"{n} {safe(v)}," for n, v in enumerate(field.values, 1)).rstrip(",")
            yield from folded(f"{safe(field.name)}: {words}", rest="  ", width=width)
        else:
            unit = f", {everyday(field.type.unit)}" if field.type.unit else ""
            kind = {"Boolean": " y or n", "Date": " a date"}.get(field.type.name, " number")
            others.append(f"{safe(field.name)}{kind}{unit}")
    if others:
        yield from folded(f"Also: {'; '.join(others)}", rest="  ", width=width)
    if requirement.name in recorded:
        yield from folded(f"By now: {safe(recorded[requirement.name])}", width=width)
    yield from folded(_list_help(requirement), width=width)


def _list_help(requirement: DataRequirement) -> str:
    """How the rows of a list are written."""
    opening, *fields = requirement.fields
    number = next((f"{safe(f.name)} 8" for f in fields if f.type.name == "Integer"), "")
    word = next((safe(f.values[0]) for f in fields if f.values and not f.by_code), "")
    example = joined((safe(opening.name).upper(), "2013-02", word, number))
    return f"Rows divided by ; and then `all`, if these are all: {example}; all. Or n none, {KEYS}"
