"""The author's path: worked cases run, beside `screen.py`, which is the way of a person's record.

Nothing here is a screening: what is found is told to who writes rules, and no certificate is made.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import NOWHERE, Diagnostic, NameFault

if TYPE_CHECKING:
    from screening.cases.watch import Watch
    from screening.evaluation.file import Listed
    from screening.language.library import Library
    from screening.outcome.answer import Answer, Calculation
    from screening.outcome.batch import Tried
    from screening.outcome.case import CasesOutcome
    from screening.outcome.covered import Covered
    from screening.outcome.form import Form
    from screening.reading.lint import Lint
    from screening.record.subject import Subject
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration


# ------------------------------------------------------------------------------- worked cases


def case_files(paths: Sequence[str], folders: Sequence[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The case files that are meant by files, folders and names of libraries; all of the rules folders by none.

    Beside them what is meant and not there.
    """
    from screening.cases.folders import case_files as found

    return found([Path(path) for path in paths] or list(folders), folders)


def watch(
    listed: Callable[[], Sequence[Path]], folders: Sequence[Path], site: SiteDeclaration | None = None
) -> Watch:
    """What runs the case files that are listed, and runs them again when something changes."""
    from screening.cases.run import Running
    from screening.cases.watch import Watch

    return Watch(Running(folders, site), listed)


def cases_told(outcome: CasesOutcome, before: Sequence[CasesOutcome] = ()) -> list[Line]:
    """What became of one case file; what is wrong with the rules is not said again after it was said `before`."""
    from screening.reports.cases import told

    return told(outcome, {diagnostic for other in before for diagnostic in other.diagnostics})


def cases_counted(outcomes: Sequence[CasesOutcome]) -> list[Line]:
    """How many cases in how many files, and how many are otherwise than expected."""
    from screening.reports.cases import counts

    return counts(outcomes)


def covered(paths: Sequence[Path], folders: Sequence[Path], site: SiteDeclaration | None = None) -> list[Covered]:
    """What the cases of some files show of each statement of their libraries; a case at fault shows nothing."""
    from screening.cases.covered import covered as found
    from screening.cases.mutation import Suite
    from screening.cases.run import Running, asked_of

    running = Running(folders, site)
    return list(found(Suite(one for path in paths for one in asked_of(running, path))))


def covered_told(found: Sequence[Covered]) -> list[Line]:
    """The same for people."""
    from screening.reports.covered import told

    return told(found)


def covered_text(found: Sequence[Covered]) -> str:
    """The same as JSON text."""
    from screening.reports.covered import as_json

    return as_json(found)


def junit_text(outcomes: Sequence[CasesOutcome]) -> str:
    """What became of case files as JUnit XML."""
    from screening.reports.junit import junit

    return junit(outcomes)


# --------------------------------------------------------------------- expressions, definitions


def asked(
    text: str,
    protocol: str,
    folders: Sequence[Path],
    site: SiteDeclaration | None = None,
    parameters: Mapping[str, str] | None = None,
) -> tuple[str, Library]:
    """An expression as a definition of a protocol: its name, and the library of it and what it rests on alone.

    Raises RuleError with every fault of the expression, each at its column, or of the rules.
    """
    from screening.reading.folders import path_of
    from screening.reading.question import definition_of, opened

    path = path_of(protocol, folders)
    given = dict(parameters or {})
    if site is not None:
        known = opened(path, folders, {}, "").module.parameters
        given = {**{name: value for name, value in site.parameters.items() if name in known}, **given}
    found = opened(path, folders, given, "command line")
    definition = definition_of(text, found)
    return definition.name, found.library({definition.name: definition}, {})


def answer(
    library: Library, name: str, subject: Subject, as_of: datetime.date, site: SiteDeclaration | None = None
) -> Answer:
    """What a definition is worth for a person, by the law and the verifier."""
    from screening.evaluation.ask import answer as answered
    from screening.sources.site import adapted

    return answered(adapted(library, site), name, subject, as_of)


def answer_told(found: Answer) -> list[Line]:
    """An expression with everything below it, in lines for people."""
    from screening.reports.answer import told

    return told(found)


def inputs_of(data: bytes, name: str) -> dict[str, Any]:
    """The inputs of a file in JSON or YAML, by name. Raises RecordError with everything that is wrong with it."""
    from screening.evaluation.file import inputs

    return inputs(data, name)


def calculations_of(data: bytes, name: str) -> list[Listed] | None:
    """The calculations that a file lists, or None where it holds the inputs of one. Raises RecordError."""
    from screening.evaluation.file import calculations

    return calculations(data, name)


def calculations_tried(listed: Sequence[Listed], folders: Sequence[Path], **more: Any) -> list[Tried]:
    """Every calculation of a list; `more` is that of `evaluation.batch.tried`: name, library, as_of, site."""
    from screening.evaluation.batch import tried

    return tried(listed, folders, **more)


def calculations_told(every: Sequence[Tried]) -> list[Line]:
    """A list of calculations in lines for people."""
    from screening.reports.calculation_batch import told

    return told(every)


def calculations_text(every: Sequence[Tried]) -> str:
    """A list of calculations as JSON text."""
    from screening.reports.calculation_batch import as_json

    return as_json(every)


def calculation_form(name: str, folders: Sequence[Path], library: str = "") -> Form:
    """What a definition may be given. Raises NameFault for a name of nothing."""
    from screening.evaluation.form import form

    return form(name, folders, library=library)


def form_told(found: Form) -> list[Line]:
    """What a definition may be given, in lines for people."""
    from screening.reports.calculation_form import told

    return told(found)


def form_text(found: Form) -> str:
    """What a definition may be given, as JSON text."""
    from screening.reports.calculation_form import as_json

    return as_json(found)


def calculation_told(found: Calculation) -> list[Line]:
    """A calculation in lines for people."""
    from screening.reports.calculation import told

    return told(found)


def calculation_text(found: Calculation) -> str:
    """A calculation as JSON text."""
    from screening.reports.calculation import as_json

    return as_json(found)


# ---------------------------------------------------------------------------------- rule files


def lint(paths: Sequence[str], folders: Sequence[Path]) -> Lint:
    """Everything that is wrong with rule files; with all of the rules folders where none is named."""
    from screening.reading import lint as linting

    return linting.lint([Path(path) for path in paths] or folders, folders)


def diagnostics_text(files: Sequence[str], diagnostics: Sequence[Diagnostic]) -> str:
    """Diagnostics as JSON text."""
    from screening.reports import data as report

    return report.as_json({"files": list(files), "diagnostics": report.diagnostics_data(diagnostics)})


def schema_text(name: str) -> str:
    """The JSON Schema of `rules` or `cases`, as text."""
    from screening.cases.schema import cases_schema
    from screening.reading.schema import rules_schema
    from screening.reports import data as report

    return report.as_json(rules_schema() if name == "rules" else cases_schema())


def beginning(name: str, folders: Sequence[Path]) -> dict[str, str]:
    """The files that a new protocol begins with, by name; the schemas are for editors.

    Raises NameFault where nothing can be called so, or something is already.
    """
    from screening.cases import start
    from screening.reading.faults import shown
    from screening.reading.folders import look_up

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", name):
        help = "lower case, digits and hyphens: `my-trial`"
        raise NameFault(Diagnostic(NOWHERE, f"`{shown(name)}` cannot name a protocol", NameFault, help=help))
    if look_up(name, folders) is not None:
        message = f"there is a library `{name}` in the rules folders already"
        raise NameFault(Diagnostic(NOWHERE, message, NameFault, help="choose another name"))
    return {
        f"{name}.yaml": start.rule_text(name),
        f"{name}.cases.yaml": start.case_text(name),
        start.RULES_SCHEMA: schema_text("rules") + "\n",
        start.CASES_SCHEMA: schema_text("cases") + "\n",
    }
