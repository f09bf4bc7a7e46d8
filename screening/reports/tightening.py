"""`screening diff`: what an edition tightened and loosened, a person for each, and the version it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from screening.language.library import DataRequirement, Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, Changed, Editions, Otherwise
from screening.reports.analysis import person
from screening.reports.line import AGAINST, OPEN, QUIET, Line, paragraph
from screening.reports.words import AGAINST as BAR
from screening.reports.words import MET, OPEN_MARK, counted, joined, listed, safe

_INDENT = "    "
_NOT_ASKED = ("not screened", "purged", "lost")
_TRUTHS = {"TRUE": "yes", "FALSE": "no", "UNKNOWN": "open"}
_HOW = {
    EVERY_RECORD: "the same of every record",
    MADE_UP: "the same of people with few entries, exact days, one code of each thing, and full or empty lists",
    NOT_DECIDED: "not decided within the steps that are allowed",
}


def told(found: Editions, new: Library, old: Library) -> list[Line]:
    """The criteria that are otherwise, then the verdict, then the version."""
    lines = paragraph(f"{safe(found.old)} against {safe(found.new)}, as of {found.as_of}", "", "  ")
    same = [c for c in found.criteria if c.state == "equivalent"]
    for changed in (*(c for c in found.criteria if c.state != "equivalent"), found.verdict):
        lines += _changed(changed, new, old)
    if same:
        weaker = sum(c.sure == MADE_UP for c in same)
        among = f", {weaker} of them of people with few entries only" if weaker else ""
        lines += paragraph(f"{counted(len(same), 'criterion', 'criteria')} the same of everybody{among}", "", "  ")
    return [*lines, *version(found)]


def _changed(changed: Changed, new: Library, old: Library) -> list[Line]:
    mark, token = (MET, QUIET) if changed.state in ("equivalent", "renamed") else (BAR, AGAINST)
    if changed.state == NOT_DECIDED:
        mark, token = OPEN_MARK, OPEN
    was = f" (was {safe(changed.was)})" if changed.was else ""
    state = "tightened and loosened" if changed.state == "both" else changed.state
    if state == "weighed otherwise":
        state = f"{state}: {_weight(old, changed.was or changed.about)}, now {_weight(new, changed.about)}"
    how = f", {_HOW[changed.sure]}" if changed.sure in _HOW and state in ("equivalent", "renamed") else ""
    first, *rest = paragraph(f"{safe(changed.about)}{was}: {state}{how}", f"{mark} ", _INDENT)
    lines = [first._replace(token=token, marked=len(mark)), *rest]
    if changed.inputs:
        lines += paragraph(f"not asked of anybody who has {_inputs(changed, new, old)}", "  ", _INDENT)
    if changed.shown and changed.undecided:
        lines += paragraph(f"whether it {joined(changed.undecided)} for anybody is not decided", "  ", _INDENT)
    for shown in changed.shown:
        lines += paragraph(sentence(shown), "  ", _INDENT)
        both = _asked_by_either(new, old)
        lines += [line for text in person(both, shown.subject) for line in paragraph(text, _INDENT, "      ")]
    return lines


def _asked_by_either(new: Library, old: Library) -> Library:
    """The new edition with the inputs that only the old one asks for."""
    names = {r.name for r in new.requirements}
    return replace(new, requirements=(*new.requirements, *(r for r in old.requirements if r.name not in names)))


def _weight(library: Library, id: str) -> str:
    criterion = library.criterion(id)
    return f"{criterion.strength} {criterion.category}"


def _inputs(changed: Changed, new: Library, old: Library) -> str:
    """Inputs with what is otherwise about how a record is read for them."""
    before, after = ({r.name: r for r in library.requirements} for library in (old, new))
    said = [f"{safe(name)}, {_otherwise(before.get(name), after.get(name))}" for name in changed.inputs]
    return joined(said, "; ")


def _otherwise(old: DataRequirement | None, new: DataRequirement | None) -> str:
    if old is None or new is None:
        return "which one edition alone calls so, and the other reads by another name"
    asked = {
        "unit or type": (old.type, new.type),
        "codes": (frozenset(old.concepts), frozenset(new.concepts)),
        "scale": (old.scale, new.scale),
        "plausible range": (old.plausible, new.plausible),
        "fields": (old.fields, new.fields),
    }
    named = [what for what, (one, other) in asked.items() if one != other]
    return f"which the editions read otherwise ({listed(named or ['how it is taken'])})"


def sentence(shown: Otherwise) -> str:
    """`WPI 3, SSS 9 was yes, now no`."""
    old, new = (_TRUTHS.get(word, word) for word in (shown.old, shown.new))
    told = joined(f"{safe(name)} {value}" for name, value in shown.told)
    day = f" as of {shown.as_of}" if shown.as_of else ""
    return f"{shown.direction}{day}: {told or 'this person'} was {old}, now {new}"


def version(found: Editions) -> list[Line]:
    """Which step of the version the changes ask for, and which one was made."""
    if found.asked == "none" == found.made:
        return paragraph("The files are the same, and so are the versions.", "", "  ")
    text = f"What changed asks for a step of the kind `{found.asked}`; the versions make `{found.made}`"
    mark = MET if found.is_told else BAR
    first, *rest = paragraph(f"{text}{': ' + found.why if found.why else ''}.", f"{mark} ", _INDENT)
    return [first._replace(token=QUIET if found.is_told else AGAINST, marked=1), *rest]


def people(rows: Sequence[tuple[str, str, str, str]], asked: int) -> list[Line]:
    """Of people on record who changes: what each was and is, and at which criteria; who could not be asked."""
    moved = {name for name, old, _, _ in rows if old not in _NOT_ASKED}
    left = len({name for name, *_ in rows} - moved)
    unasked = f"; {counted(left, 'person', 'people')} could not be screened under both" if left else ""
    text = f"Of {counted(asked, 'person', 'people')} on record, {len(moved)} would change{unasked}"
    lines = paragraph(text, "", "  ")
    for name, old, new, criteria in rows:
        said = old if old in _NOT_ASKED else f"{old} to {new}"
        lines += paragraph(f"{safe(name)}: {said}{' at ' + safe(criteria) if criteria else ''}", "  ", _INDENT)
    return lines


def data(found: Editions, new: Library, old: Library) -> dict[str, Any]:
    """The same as data."""
    both = _asked_by_either(new, old)

    def one(changed: Changed) -> dict[str, Any]:
        return {
            "about": changed.about,
            "was": changed.was or None,
            "state": changed.state,
            "sure": changed.sure,
            "undecided": list(changed.undecided),
            "read_otherwise": list(changed.inputs),
            "shown": [
                {
                    "direction": shown.direction,
                    "as_of": str(shown.as_of or found.as_of),
                    "old": shown.old,
                    "new": shown.new,
                    "values": dict(shown.told),
                    "person": person(both, shown.subject),
                }
                for shown in changed.shown
            ],
        }

    return {
        "old": {"name": found.old, "digest": old.digest},
        "new": {"name": found.new, "digest": new.digest},
        "criteria": [one(changed) for changed in found.criteria],
        "verdict": one(found.verdict),
        "as_of": str(found.as_of),
        "version": {"asked": found.asked, "made": found.made, "told": found.is_told, "why": found.why or None},
    }
