"""`screening show`: a protocol, or one criterion with its logic, limits, source and sign-off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from screening.language.expression import Expression
from screening.language.library import (
    NEVER,
    WHOLE,
    Citation,
    Criterion,
    DataRequirement,
    Inclusion,
    Library,
    ParameterValue,
    Repeat,
)
from screening.language.text import spell
from screening.reports import value as values
from screening.reports.account import (
    definitions_below,
    is_chosen,
    is_unverified,
    parameters_below,
    requirements_below,
    sign_off,
)
from screening.reports.gap import is_of_the_day
from screening.reports.label import declared
from screening.reports.line import Line, marked, paragraph, titled
from screening.reports.measure import label_of
from screening.reports.verdict import categories, missing_sentence, sign_off_sentence, signed_sentence, status_of
from screening.reports.words import (
    OBTAINED_BY,
    SITE_CHOICE,
    UNVERIFIED,
    counted,
    folded,
    grouped_digest,
    joined,
    listed,
    safe,
    sided,
)
from screening.values.bounds import Bounds, exactly, is_open
from screening.values.coding import ValueSet

GROUPS = (
    ("Inclusions", "inclusion", "absolute"),
    ("Exclusions, absolute", "exclusion", "absolute"),
    ("Exclusions, relative", "exclusion", "relative"),
    ("Arrangements", "", "administrative"),
)


def _also(short_names: Sequence[str]) -> str:
    """What the field calls a thing in short; `calculate` lists every name."""
    return f" ({', '.join(map(safe, short_names[:3]))})" if short_names else ""


def _flag(marks: tuple[str, ...] | bool, mark: str = SITE_CHOICE) -> str:
    return f" {mark}" if marks else ""


def protocol(library: Library) -> list[Line]:
    """A protocol on a page: what it is for, what it includes, its parameters and every criterion."""
    left = f"{safe(library.name)} {safe(library.version)}  {status_of(library)}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    lines += paragraph(safe(library.title))
    if library.intended_use:
        lines += titled("For", safe(library.intended_use))
    if library.registration:
        lines += titled("Registry", safe(library.registration))
    if missing := missing_sentence(library):
        lines += titled("Missing", missing)
    if library.includes:
        included = [f"{safe(i.name)} {safe(i.version)}" for i in library.includes]
        lines += titled("Includes", ", ".join(included))
    lines += declared(library)
    for parameter in library.parameters:
        lines += titled("Parameter", _parameter(parameter))
    if library.anchors:
        lines += titled("Anchors", ", ".join(safe(name) for name in library.anchors))
    expressions = dict(library.order)
    for title, category, strength in GROUPS:
        found = [c for c in library.criteria if c.strength == strength and category in ("", c.category)]
        if not found:
            continue
        lines += [Line(""), Line(f"{title}, {len(found)}")]
        for criterion in found:
            text = safe(criterion.text) + _marks(criterion, library, expressions)
            lines += [Line(line) for line in folded(text, f"{criterion.id:<10}", " " * 10)]
    lines += [Line(""), *titled("Criteria", _categories(library))]
    if signed := signed_sentence(library):
        lines += titled("Signed", signed)
    if library.valuesets:
        lines += titled("Sets", _terminologies(library))
    lines += titled("Sign-off", sign_off_sentence(library, whole=True))
    return [*lines, *titled("More", f"screening show {safe(library.name)} {library.criteria[0].id}")]


def _categories(library: Library) -> str:
    return f"{categories(library.criteria)}; {counted(len(library.requirements), 'requirement')}"


def _parameter(parameter: ParameterValue) -> str:
    shown = values.value_text(parameter.value, parameter.type)
    origin = f" ({safe(parameter.origin)})" if parameter.origin not in ("library", "") else ""
    where = f"; {_cited(parameter.source)}" if parameter.source else ""
    return f"{safe(parameter.name)}: {shown}{origin}{_flag(parameter.chosen)}{where}"


def _cited(citation: Citation | None) -> str:
    return joined((safe(citation.source), safe(citation.place))) if citation is not None else ""


def _marks(criterion: Criterion, library: Library, expressions: Mapping[str, Expression]) -> str:
    chosen = is_chosen(criterion, library, expressions)
    unverified = is_unverified(criterion, library, expressions)
    return (f" {SITE_CHOICE}" if chosen else "") + (f" {UNVERIFIED}" if unverified else "")


# ----------------------------------------------------------------------------- one criterion


def criterion(library: Library, id: str) -> list[Line]:
    """One criterion: logic, values, what each answer does, limits, source, alert, sign-off."""
    shown = library.criterion(id)
    expressions = dict(library.order)
    kind = (
        "arrangement"
        if shown.strength == "administrative"
        else joined((shown.category, shown.strength + _lifted(shown)))
    )
    origin = _origin(library, shown)
    lines = [Line(text) for text in sided(f"{shown.id}  {kind}", f"{origin}  {_status(library)}")]
    lines += paragraph(safe(shown.text))
    lines += titled("Logic", " ".join(safe(shown.written or spell(shown.expression)).split()))
    if shown.printed:
        lines += titled("Printed", " ".join(safe(shown.printed).split()))
    if shown.applies:
        lines += titled("Applies", f"only when {' '.join(safe(shown.applies).split())}")
    for definition in definitions_below(shown.expression, library):
        text = " ".join((definition.written or spell(definition.expression)).split())
        marks = _flag(definition.chosen) + _flag(definition.unverified, UNVERIFIED)
        lines += titled("Where", f"{safe(definition.name)}{_also(definition.short_names)} = {safe(text)}{marks}")
    for name in requirements_below(shown.expression, expressions):
        lines += titled("Values", _requirement(library.requirement(name)))
    for valueset in _sets_of(shown, library, expressions):
        lines += titled("Value set", _valueset(valueset))
    lines += _answers(shown, library, expressions)
    limits = [
        _parameter(p) for p in library.parameters if p.name in parameters_below(shown.expression, expressions)
    ]
    for text in limits:
        lines += titled("Limits", text)
    marked_here = [f"{what}{_flag(True)}" for what in shown.chosen]
    marked_here += [f"{what}{_flag(True, UNVERIFIED)}" for what in shown.unverified]
    if marked_here:
        lines += titled("Marks", joined(safe(text) for text in marked_here))
    if shown.repeat is not None:
        lines += titled("Repeat", repeat_text(shown.repeat))
    if shown.note:
        lines += titled("Note", safe(shown.note))
    lines += _sources(library, shown)
    if shown.alert is not None:
        act = joined((safe(shown.alert.text), safe(shown.alert.escalate)), "; ")
        lines += titled("Alert", f"on any single reading: {act}")
    return [*lines, *titled("Sign-off", _signed(library, shown))]


def _sets_of(criterion: Criterion, library: Library, expressions: Mapping[str, Expression]) -> Iterator[ValueSet]:
    """The value sets of which the data behind a criterion are made."""
    names = requirements_below(criterion.expression, expressions)
    asked = {concept for name in names for concept in library.requirement(name).concepts}
    return (v for v in library.valuesets if v.concepts and set(v.concepts) <= asked)


def _valueset(valueset: ValueSet) -> str:
    """A value set: how many codes of which systems and versions, where they come from, what is unverified."""
    systems = [joined((safe(t.system), safe(t.version)), " ") for t in valueset.terminologies]
    unstated = "; version not stated" if not all(t.version for t in valueset.terminologies) else ""
    unverified = f"; {joined(map(str, valueset.unverified))} {UNVERIFIED}" if valueset.unverified else ""
    cited = joined((joined((safe(key), safe(place))) for key, place in valueset.source), "; ")
    codes = f"{counted(len(valueset.codes), 'code')} of {listed(systems)}{unstated}"
    return f"{safe(valueset.name)}: {codes}{unverified}; {cited}"


def _terminologies(library: Library) -> str:
    """How many value sets, and of which code systems; of which version, where that is stated."""
    of = {t.system: t for valueset in library.valuesets for t in valueset.terminologies}
    systems = [joined((safe(name), safe(of[name].version) or "(version not stated)"), " ") for name in sorted(of)]
    return f"{len(library.valuesets)}, of {listed(systems)}; --format text lists their codes"


def _lifted(criterion: Criterion) -> str:
    return f" until {safe(criterion.until)}" if criterion.until and len(criterion.until) < 30 else ""


def _origin(library: Library, criterion: Criterion) -> str:
    if not criterion.library or criterion.library == library.name:
        return f"{safe(library.name)} {safe(library.version)}"
    version = next((i.version for i in library.includes if i.name == criterion.library), "")
    return f"{safe(criterion.library)} {safe(version)}".strip()


def _status(library: Library) -> str:
    return safe(library.status).upper() or "DRAFT"


def beside_meaning(requirement: DataRequirement) -> list[str]:
    """What a file says of an input beside its meaning: who may make it otherwise, its error, its repeat."""
    error, repeat = requirement.measurement_error, requirement.repeat
    found = []
    if requirement.modifiable != NEVER:
        found.append(f"modifiable {requirement.modifiable}{_flag(True)}")
    if requirement.sensitive:
        found.append(f"sensitive ({requirement.sensitive}): nobody is told what would have to be so")
    if error is not None:
        amount = values.with_unit(values.number(exactly(error.amount)), values.unit_of(requirement.type))
        found.append(f"measurement error {amount}{_flag(error.chosen)}{_in(error.source)}")
    if repeat is not None:
        found.append(f"measured again: {repeat_text(repeat)}")
    return found


def repeat_text(repeat: Repeat) -> str:
    """When a protocol measures again, and where it says so."""
    return f"{safe(repeat.text)}{_flag(repeat.chosen)}{_in(repeat.source)}"


def _in(source: Citation | None) -> str:
    return f" ({_cited(source)})" if source is not None else ""


def _requirement(requirement: DataRequirement) -> str:
    """A value that is asked for: how it is taken, from which days, and what is plausible."""
    type, unit = requirement.type, values.unit_of(requirement.type)
    kind = {"Boolean": "yes or no", "Judgement": "a named clinician's judgement", "Records": "a list"}.get(
        type.name, unit or type.name.lower()
    )
    taken = requirement.take or ("latest" if type.name not in ("Boolean", "Judgement", "Records") else "")
    parts = [
        kind,
        f"{taken}" if taken else "",
        f"{requirement.readings} or more readings" if requirement.readings > 1 else "",
        _window(requirement),
        counted(len(requirement.concepts), "concept") if requirement.concepts else "",
    ]
    also = _also(requirement.short_names)
    text = f"{label_of(requirement)}{also}: {joined(parts)}{_flag(requirement.chosen)}"
    text += _flag(requirement.unverified, UNVERIFIED)
    ranges = [
        f"scale {values.number(requirement.scale)}" if not is_open(requirement.scale) else "",
        f"plausible {_range(requirement.plausible)}" if not is_open(requirement.plausible) else "",
    ]
    if requirement.unit_missing:
        ranges.append(f"without a unit between its readings in {safe(' and '.join(requirement.unit_missing))}")
    ranges += beside_meaning(requirement)
    silent = f"silence read as no ({_cited(requirement.because)})" if requirement.when_absent == "false" else ""
    return joined((text, *ranges, silent), "; ")


def _window(requirement: DataRequirement) -> str:
    if is_of_the_day(requirement):
        return "of the day itself"
    return f"within {safe(requirement.within)}" if requirement.within else ""


def _range(bounds: Bounds) -> str:
    return values.number(bounds).replace("..", " to ")


def _answers(criterion: Criterion, library: Library, expressions: Mapping[str, Expression]) -> Iterator[Line]:
    """What each answer does to the verdict."""
    if criterion.id == WHOLE:
        yield from titled("Unknown", "UNDETERMINED, always: only the missing part could answer it")
        return
    until = f" until {safe(criterion.until)}" if criterion.until else ""
    undetermined, review, bar = (safe(library.label(v).label) for v in ("UNDETERMINED", "REVIEW", "INELIGIBLE"))
    if criterion.strength == "administrative":
        yield from titled("Not made", f"{undetermined}: to be arranged")
        return
    if criterion.category == "inclusion":
        yield from titled("Not met", f"{bar}{until}")
    elif criterion.strength == "relative":
        text = safe(library.label("REVIEW").text)
        yield from titled(
            "Present", f"{review}: {text}" if text else f"{review} by two named people, with a reason"
        )
    else:
        yield from titled("Present", f"{bar}{until}")
    unknown = review if criterion.strength == "relative" else undetermined
    names = requirements_below(criterion.expression, expressions)
    ways = dict.fromkeys(library.requirement(name).obtain for name in names)
    by = listed([OBTAINED_BY.get(way, safe(way)) for way in ways])
    yield from titled("Unknown", f"{unknown}, never read as {_favourable(criterion)}; obtained by {by}")


def _favourable(criterion: Criterion) -> str:
    return "met" if criterion.category == "inclusion" else "absent"


def _sources(library: Library, criterion: Criterion) -> Iterator[Line]:
    full = dict(library.sources)
    for title, citation in (("Why", criterion.source), ("Changed", criterion.override)):
        if citation is None:
            continue
        source = safe(full.get(citation.source, citation.source))
        yield from titled(title, joined((source.rstrip("."), safe(citation.place)), "; "))
        if citation.text:
            yield from titled("", f'"{safe(citation.text)}"')


def _signed(library: Library, criterion: Criterion) -> str:
    # The folder and the file, so that the screen is the same on every machine.
    file = "/".join(PurePath(criterion.span.file).parts[-2:])
    where = f"; {safe(file)}:{criterion.span.line}" if criterion.span.line else ""
    missing = sign_off(library)
    if library.status == "approved":
        return f"signed with the protocol{where}"
    choices = f" for {counted(missing.choices, 'site choice')}" if missing.choices else ""
    return f"no author, reviewer or approver yet{choices}{where}"


# ------------------------------------------------------------------------------ all protocols


# A file that only lends what it declares: its name, version and digest, its status and its title.
Lent = tuple[Inclusion, str, str]


def protocols(libraries: list[Library], faulty: list[tuple[str, int]], lending: Sequence[Lent] = ()) -> list[Line]:
    """Every library found: protocols, what they include, what only lends; and the files that cannot be used."""
    parts = {i.name for library in libraries for i in library.includes}
    lines: list[Line] = []
    for title, wanted in (("Protocols", False), ("Included by them", True)):
        found = [library for library in libraries if (library.name in parts) is wanted]
        if not found:
            continue
        lines.append(Line(f"{title}, {len(found)}"))
        for library in found:
            lines += _listed(library, library.status, library.title, categories(library.criteria))
    if lending:
        lines.append(Line(f"Without criteria of their own, {len(lending)}"))
    for part, status, title in lending:
        lines += _listed(part, status, title, "Lends what it declares to others")
    for name, errors in faulty:
        head = f"{safe(name)}: {counted(errors, 'error')}; screening lint"
        lines += marked("x", "against", "", [head])
    return lines


def _listed(library: Library | Inclusion, status: str, title: str, holds: str) -> list[Line]:
    left = f"  {safe(library.name)} {safe(library.version)}  {safe(status).upper()}"
    lines = [Line(text) for text in sided(left, f"rules {grouped_digest(library.digest)}")]
    return [*lines, *paragraph(f"{safe(title).rstrip('.')}. {holds}.", "    ", "    ")]
