"""A determination in the form that is asked for; in the long form with everything that it rests on."""

from __future__ import annotations

from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.label import declared
from screening.reports.line import Line, titled
from screening.reports.plain import prose
from screening.reports.steps import tree
from screening.reports.text import screenful
from screening.reports.words import SITE_CHOICE, grouped_digest, safe


def told(account: Account, engine: str, plain: bool, everything: bool, steps: bool) -> list[Line]:
    """A screen, or prose; `everything` adds what is in force, `steps` the trace in words."""
    lines = prose(account) if plain else screenful(account, everything)
    if everything:
        lines += [Line(""), *in_force(account, engine)]
    if steps:
        lines += [Line(""), *tree(account)]
    return lines


def in_force(account: Account, engine: str) -> list[Line]:
    """Everything that the verdict rests on beside the record: files, parameters, engine, record."""
    library, subject = account.library, account.subject
    lines = titled("Rules", f"{safe(library.name)} {safe(library.version)}, {library.digest}")
    for included in library.includes:
        lines += titled("Includes", f"{safe(included.name)} {safe(included.version)}, {included.digest}")
    lines += declared(library)
    for parameter in library.parameters:
        value = values.value_text(parameter.value, parameter.type)
        mark = f" {SITE_CHOICE}" if parameter.chosen else ""
        lines += titled("Parameter", f"{safe(parameter.name)}: {value}, {safe(parameter.origin)}{mark}")
    lines += titled("Record", f"{grouped_digest(subject.digest)}; {safe(subject.source) or 'no source named'}")
    steps = f"{len(account.trace.steps):,}"
    checked = f"{steps} of {steps} steps agree with rules and record"
    return [*lines, *titled("Engine", f"{safe(account.trace.engine)} {safe(engine)}; {checked}")]
