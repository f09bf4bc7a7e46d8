"""A definition of any library by itself: its value and its classes from the inputs that are given.

Inputs are dated on the day of the calculation, so that no window shuts them out. A definition may be given
too; then what it is computed from is not asked, and giving both is refused, as one of them would be ignored.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.errors import NOWHERE, Diagnostic, NameFault, RecordError, RuleError
from screening.evaluation.ask import answer
from screening.evaluation.catalogue import one
from screening.evaluation.inputs import Given, Taken, taken
from screening.language.library import Definition, Library
from screening.outcome.answer import Answer, Calculation, Category, Input, Part
from screening.outcome.codec import number_text
from screening.outcome.determination import silences_behind
from screening.outcome.trace import RowsFound
from screening.reading.declared import stamp_of
from screening.reading.faults import listed, shown
from screening.reading.folders import rule_files
from screening.reading.naming import folded
from screening.reading.question import Open, opened
from screening.reading.tree import references
from screening.record.subject import Subject, Value
from screening.sources.profile import read_profile
from screening.sources.site import SiteDeclaration, adapted
from screening.values.bounds import Bounds, is_exact
from screening.values.quantity import everyday
from screening.values.truth import UNKNOWN, Truth

NOMINAL = datetime.date(2000, 1, 1)
"""The day on which nothing depends, where none is given."""


def calculate(
    name: str,
    given: Mapping[str, Given],
    folders: Sequence[Path],
    *,
    library: str = "",
    as_of: datetime.date | None = None,
    site: SiteDeclaration | None = None,
) -> Calculation:
    """The value of a definition. Raises NameFault for a name of nothing, RuleError or RecordError for inputs.

    Without `as_of` a fixed day is taken, and an input that is a date is refused: it would depend on the day.
    """
    found = one(name, library, folders)
    protocol = opened_at(found.path, folders, {})
    if site is not None:
        known = protocol.module.parameters
        protocol = opened_at(found.path, folders, {n: v for n, v in site.parameters.items() if n in known})
    every = protocol.definitions
    targets = targets_of(protocol, found.name)
    requirements = {n: d.requirement for n, d in protocol.module.requirements.items()}
    # A definition that is asked cannot be given: the answer would be what was asked.
    computed = {n: d for n, d in every.items() if n not in targets}
    day = as_of or NOMINAL
    inputs = taken(given, requirements, computed, day.isoformat(), protocol.below(list(targets)))
    _undated(inputs, as_of)
    _once(protocol, inputs, list(targets))
    used = protocol.library(targets, inputs.values)
    subject = _subject(inputs, adapted(used, site), day, site)
    whole = answer(adapted(used, site), found.name, subject, day)
    return _calculation(protocol, inputs, whole, targets)


def opened_at(path: Path, folders: Sequence[Path], parameters: Mapping[str, str]) -> Open:
    """A protocol with a site's parameters, read once as long as no rule file changes."""
    stamps = tuple((other, stamp_of(other)) for _, other in rule_files(folders))
    return _kept(path, tuple(folders), tuple(sorted(parameters.items())), stamps)


@functools.lru_cache(maxsize=16)
def _kept(path: Path, folders: tuple[Path, ...], parameters: tuple[tuple[str, str], ...], stamps: object) -> Open:
    return opened(path, folders, dict(parameters), "site declaration")


def targets_of(protocol: Open, name: str) -> dict[str, Definition]:
    """A definition with its classes, the one of the table in common use first."""
    every = protocol.definitions
    category = f"{name} Category"
    classes = [d for d in every.values() if folded(d.name).startswith(folded(category))]
    categories = sorted(classes, key=lambda d: len(d.name) > len(category))
    return {d.name: d for d in (every[name], *categories)}


def _undated(inputs: Taken, as_of: datetime.date | None) -> None:
    """Refuses inputs that depend on the day of the calculation where none is given."""
    found = [name for name, entry in inputs.entries.items() if isinstance(entry, dict) and _is_dated(entry)]
    if as_of is None and found:
        depend = "depends" if len(found) == 1 else "depend"
        message = f"{listed(found, 'and')} {depend} on the day of the calculation"
        raise RuleError(Diagnostic(NOWHERE, message, RuleError, help="say which day it is: `as_of`"))


def _is_dated(entry: Mapping[str, Any]) -> bool:
    """Whether an entry says a day of its own: a date as a value, a birth, or when it was measured."""
    rows = entry.get("records")
    if isinstance(rows, list):
        return not all(str(row.get("date", "")).startswith(NOMINAL.isoformat()) for row in rows)
    is_day = str(entry.get("value", "")).startswith("@")
    return is_day or "born" in entry or entry.get("date", NOMINAL.isoformat()) != NOMINAL.isoformat()


def _once(protocol: Open, inputs: Taken, targets: list[str]) -> None:
    """Refuses a definition that is given together with what only it would be computed from."""
    reached = set(protocol.below(targets, inputs.values))
    for name in inputs.values:
        below = set(protocol.below([name])) - {name}
        both = [n for n in (*inputs.entries, *inputs.values) if n in below and n not in reached]
        if both:
            message = f"`{shown(name)}` is given and so is {listed(both, 'and')}, of which it is computed"
            help = "give one or the other: what is computed from is not asked any more"
            raise NameFault(Diagnostic(NOWHERE, message, NameFault, help=help))


def _subject(inputs: Taken, library: Library, day: datetime.date, site: SiteDeclaration | None) -> Subject:
    asked = {r.name for r in library.requirements}
    evidence = {name: entry for name, entry in inputs.entries.items() if name in asked}
    data = {"subject": "SYN-CALCULATION", "synthetic": "true", "source": "inputs", "evidence": evidence}
    try:
        return read_profile(json.dumps(data).encode(), library, name="inputs", site=site)
    except RecordError as wrong:
        # The place in a text that nobody wrote says nothing; the message names the input.
        plain = (replace(found, span=NOWHERE, excerpt="") for found in wrong.diagnostics)
        raise type(wrong)(*plain) from None


def _calculation(protocol: Open, inputs: Taken, whole: Answer, targets: Mapping[str, Definition]) -> Calculation:
    reached = protocol.below(targets, inputs.values)
    requirements = [n for n in reached if n in protocol.module.requirements]
    steps = [step for step in whole.trace.steps if not step.row]
    values = {step.place: step.value for step in steps if not isinstance(step.value, RowsFound)}
    places = {d.name: d.expression.place for d in whole.library.definitions}
    names = [name for name in targets if name != whole.definition.name]
    return Calculation(
        answer=whole,
        categories=tuple(Category(targets[name], _word(values[places[name]])) for name in names),
        inputs=tuple(_counted(each, whole, each.name in reached) for each in inputs.inputs),
        missing=whole.open,
        not_given=tuple(n for n in requirements if n not in inputs.entries and n not in whole.open),
        silent=silences_behind(whole.library, whole.trace, whole.definition.name),
        parts=_parts(protocol, whole, values),
        notices=tuple(n for n in whole.subject.notices if n.requirement in reached),
    )


def _parts(protocol: Open, whole: Answer, values: Mapping[str, Value]) -> tuple[Part, ...]:
    """The definitions that the value is made of at once, as they came out."""
    every = {d.name: d for d in whole.library.definitions}
    below = [every[n] for n in protocol.below([whole.definition.name]) if n in every]
    direct = set(references(whole.definition.expression))
    found = [d for d in below if d.name in direct and d.name in protocol.module.definitions]
    return tuple(Part(d, values[d.expression.place]) for d in found if d.expression.place in values)


def _word(value: object) -> str:
    """The word of a class; a truth as itself, and "" while it is open."""
    if isinstance(value, Truth):
        return "" if value is UNKNOWN else value.value
    if isinstance(value, Bounds):
        return number_text(value.low) if is_exact(value) else ""
    return " ".join(f"{code.system} {code.code}".strip() for code in value)  # type: ignore[attr-defined]


def _counted(one: Input, whole: Answer, is_used: bool) -> Input:
    """An input as it counts: a converted number in the unit of its requirement."""
    rows = whole.subject.evidence.get(one.name, ())
    value = rows[0].value if rows else None
    if not one.is_converted or not isinstance(value, Bounds):
        return replace(one, is_converted=False, is_used=is_used)
    ends = ["" if end is None else number_text(end) for end in value]
    number = ends[0] if is_exact(value) else "..".join(ends)
    type = whole.library.requirement(one.name).type
    if type.name != "Quantity":
        return replace(one, used=number, is_used=is_used)
    return replace(one, given=one.used, used=f"{number} {everyday(type.unit)}", is_used=is_used)
