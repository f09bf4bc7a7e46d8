"""`screening coverage`: what a source holds for each requirement, and what it holds for none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from screening.language.library import Library
from screening.outcome.coverage import (
    NO_UNIT,
    NOT_SHOWN,
    UNKNOWN_UNIT,
    Coverage,
    Covered,
    meant_unit,
    plain_unit,
)
from screening.record.unasked import SYSTEM, Unasked
from screening.reports.account import requirements_below
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.verdict import status_of
from screening.reports.words import columns, counted, cut_to, grouped_digest, safe, sided
from screening.values.quantity import everyday

NAME, PEOPLE, SHARE, UNITS = 27, 10, 7, 16
SHOWN_CODES = 10
MOST_CRITERIA = 4
MOST_UNITS = 8
MOST_OTHERS = 20


def coverage(found: Coverage, source: str) -> list[Line]:
    """The counts of one source for one protocol; what nobody has is a warning."""
    library = found.library
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    lines += [Line(text) for text in paragraph_texts(safe(source))]
    rejected = sum(found.rejected.values())
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(found.rejected.items()))
    lines += [Line(f"{'Records read':<{NAME}}{found.records:>{PEOPLE},}")]
    lines += paragraph(kinds, f"{'  rejected':<{NAME}}{rejected:>{PEOPLE},}  ", " " * (NAME + PEOPLE + 2))
    lines += [
        Line(f"{'  people':<{NAME}}{found.subjects:>{PEOPLE},}  + {rejected:,} = {found.records:,}"),
        Line(""),
    ]
    lines += _unasked(found)
    there = [one for one in found.covered if one.people]
    missing = [one for one in found.covered if not one.people]
    head = f"{'requirement':<{NAME}}{'people':>{PEOPLE}}{'%':>{SHARE}}  {'units':<{UNITS}}dates"
    lines += [Line(head)] if there else []
    for one in there:
        lines += _covered(one, found.subjects)
    lines += _unread(found)
    lines += _odd(found)
    if missing:
        title = f"Nobody has a value for {counted(len(missing), 'requirement')}; what rests on it stays unknown"
        lines += [Line(""), *paragraph(title)]
        lines += _missing(missing, _asked_by(library))
    return [*lines, *_without_source(found), *_codes(found), *_rejected(found)]


def _unasked(found: Coverage) -> Iterator[Line]:
    """What the mapping or the site names and the protocol does not ask: of a slip nothing is read."""
    if not found.unasked:
        return
    yield Line(f"Names that {safe(found.library.name)} does not ask, and that nothing is read for")
    others = [one for one in found.unasked if one.is_of_another and not one.is_missed]
    for one in found.unasked:
        if one.is_missed and not one.is_of_another:
            yield from _marked(unasked_told(one), "x ", AGAINST)
        elif one not in others:
            yield from _marked(unasked_told(one), "? ", OPEN)
    if others:
        listed = ", ".join(f"{safe(one.name)} ({safe(one.place)})" for one in others[:MOST_OTHERS])
        more = f" and {len(others) - MOST_OTHERS} more" if len(others) > MOST_OTHERS else ""
        yield from paragraph(f"Of other protocols: {listed}{more}", "  ", "    ")
    yield Line("")


def unasked_told(one: Unasked) -> str:
    """One name that is not asked, with its place and what to do."""
    text = f"{safe(one.place)}: `{safe(one.name)}`"
    match one.known_as:
        case "":
            of = "no protocol here asks it" if not one.is_of_another else "another protocol asks it"
            text += " is no code system that is known" if one.given_as == SYSTEM else f", {of}"
        case "parameter":
            return f"{text} is a parameter; say it with --set or in a site declaration"
        case known_as:
            return f"{text} is a {known_as}, which is computed; map what it is made of"
    if one.meant:
        text += f"; did you mean `{safe(one.meant)}`"
        text += ", which no source is mapped for" if one.is_missed else ""
    return text


def paragraph_texts(text: str) -> list[str]:
    """A text broken into lines."""
    return [line.text for line in paragraph(text, "", "  ")]


def _covered(one: Covered, people: int) -> Iterator[Line]:
    units = _units(one)
    shown = [everyday(unit) for unit, _ in units]
    # What is read as `mm[Hg]` is not what is written `mmHg`.
    shown = [text if shown.count(text) == 1 else unit for text, (unit, _) in zip(shown, units, strict=True)]
    known = [f"{text} {n:,}" if len(units) > 1 else text for text, (_, n) in zip(shown, units, strict=True)]
    without = one.units.get(NO_UNIT, 0)
    listed = ", ".join(known) + (f"; {without:,} no unit" if without else "")
    dates = "" if one.first is None or one.last is None else f"{one.first:%Y-%m} to {one.last:%Y-%m}"
    share = f"{100 * one.people / people:.1f}"
    start = f"{cut_to(safe(one.requirement.name), NAME - 1):<{NAME}}{one.people:>{PEOPLE},}{share:>{SHARE}}  "
    if columns(listed) < UNITS:
        yield Line(f"{start}{safe(listed):<{UNITS}}{dates}".rstrip())
        return
    yield Line(f"{start}{'':<{UNITS}}{dates}".rstrip())
    yield from paragraph(safe(listed), " " * (NAME + PEOPLE + SHARE + 2), " " * (NAME + PEOPLE + SHARE + 2))


def _unread(found: Coverage) -> Iterator[Line]:
    """Units that cannot be read, the people whose numbers count for nothing, and how to say what they are."""
    told = [one for one in found.covered if one.unread]
    if not told:
        return
    yield Line("")
    yield Line("Units that cannot be read; a number in one of them counts for nothing")
    for one in told:
        parts = []
        for (why, unit), people in sorted(one.unread.items(), key=lambda item: (-item[1], item[0])):
            shown = "no unit" if not unit else unit if unit == NOT_SHOWN else f"`{safe(unit)}`"
            note = f" ({why})" if why not in (NO_UNIT, UNKNOWN_UNIT) else ""
            parts.append(f"{shown} of {counted(people, 'person', 'people')}{note}")
        yield from _warning(f"{safe(one.requirement.name)}: {', '.join(parts)}")
    yield from paragraph(_way(told), "  ", "  ")


def _way(told: Sequence[Covered]) -> str:
    """How a site says what a unit is; nobody else may, and nothing is guessed of a number without any."""
    unknown = [unit for one in told for (why, unit) in sorted(one.unread) if why == UNKNOWN_UNIT]
    meant = {plain_unit(unit): meant_unit(unit) for unit in unknown if meant_unit(unit)} or {"mmHg": "mm[Hg]"}
    pairs = [f"{_quoted(unit)}: {_quoted(ucum)}" for unit, ucum in list(meant.items())[:MOST_UNITS]]
    example = f"units: {{{', '.join(pairs)}}}"
    bare = [one.requirement.name for one in told if (NO_UNIT, "") in one.unread]
    text = f"Whoever knows what they are says so in the site's signed declaration (--site), as `{example}`"
    if bare:
        text += f", and of numbers without any, as `without unit: {{{_quoted(bare[0])}: UNIT}}`"
    return f"{text}; of tables the mapping may say it, as `units:` or as `unit:` of a column"


def _quoted(text: str) -> str:
    return safe(text) if re.fullmatch("[A-Za-z][A-Za-z/ ]*", text) else f'"{safe(text)}"'


def _units(one: Covered) -> list[tuple[str, int]]:
    return sorted(((u, n) for u, n in one.units.items() if u != NO_UNIT), key=lambda item: (-item[1], item[0]))


def _missing(missing: Sequence[Covered], asked: Mapping[str, tuple[str, ...]]) -> Iterator[Line]:
    """What nobody has: by the criteria that ask it, and by itself where there are entries that cannot be used."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in missing:
        criteria = asked.get(one.requirement.name, ())
        found = [f"{one.unusable:,} with a value that cannot be used"] if one.unusable else []
        found += [f"{one.possible:,} with entries that only may be of it"] if one.possible else []
        if found:
            text = f"{safe(one.requirement.name)}: {', '.join(found)}"
            yield from _warning(f"{text}; asked by {_listed(criteria)}" if criteria else text)
        else:
            alike.setdefault(criteria, []).append(safe(one.requirement.name))
    for criteria, names in alike.items():
        where = f"Asked by {_listed(criteria)}" if criteria else "Asked by no criterion directly"
        yield from _warning(f"{where}, nobody has: {', '.join(names)}")


def _odd(found: Coverage) -> Iterator[Line]:
    """What stands in a source and is no value: by requirement, the most frequent first; no value is shown."""
    told = []
    for one in found.covered:
        parts = [f"{counted(one.beyond, 'record')} rejected, outside its scale"] if one.beyond else []
        parts += [f"{n:,} set aside, {why}" for why, n in sorted(one.set_aside.items(), key=_most)]
        parts += [f"{n:,} coded {code}, not known" for code, n in sorted(one.coded.items(), key=_most)]
        if one.like_codes:
            parts.append(f"{one.like_codes:,} written like codes for a missing value, and read as numbers")
        if parts:
            told.append((safe(one.requirement.name), parts))
    if told:
        yield Line("")
        yield Line("Entries that are no value, or may be none")
    for name, parts in told:
        yield from paragraph(f"{name}: {'; '.join(map(safe, parts))}", "  ", "    ")


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _without_source(found: Coverage) -> Iterator[Line]:
    """Absolute exclusions by which nobody of this source can be excluded."""
    if found.without_source:
        yield Line("")
    for one in found.without_source:
        names = ", ".join(safe(name) for name in one.requirements)
        text = f"{one.criterion} is an absolute exclusion, and no source is mapped for {names}"
        yield from _marked(text, "x ", AGAINST)


def _listed(criteria: Sequence[str]) -> str:
    more = len(criteria) - MOST_CRITERIA
    return ", ".join(criteria[:MOST_CRITERIA]) + (f" and {more} more" if more > 0 else "")


def _warning(text: str) -> Iterator[Line]:
    yield from _marked(text, "? ", OPEN)


def _marked(text: str, mark: str, style: str) -> Iterator[Line]:
    first, *rest = paragraph(text, mark, "    ")
    yield Line(first.text, style, 1)
    yield from rest


def _asked_by(library: Library) -> dict[str, tuple[str, ...]]:
    """The criteria that rest on each requirement."""
    expressions = dict(library.order)
    found: dict[str, tuple[str, ...]] = {}
    for criterion in library.criteria:
        for name in requirements_below(criterion.expression, expressions):
            found[name] = (*found.get(name, ()), criterion.id)
    return found


def _codes(found: Coverage) -> Iterator[Line]:
    codes = found.frequent
    if not codes:
        return
    yield Line("")
    yield Line("Codes that no requirement knows, the most frequent; each may be of anything")
    for (code, kind), number in codes[:SHOWN_CODES]:
        yield from paragraph(f"{safe(str(code))}, {kind or 'any kind'}", f"{number:>{PEOPLE},}  ", " " * 14)


def _rejected(found: Coverage) -> Iterator[Line]:
    if not found.told:
        return
    yield Line("")
    yield Line("Records that are rejected")
    for one in found.told:
        yield from paragraph(f"{safe(one.place)}: {safe(one.reason)}", "  ", "    ")
    rest = sum(found.rejected.values()) - len(found.told)
    if rest > 0:
        yield Line(f"  and {rest:,} more")
