"""Runs case files: each case through the law, and held against what it expects."""

from __future__ import annotations

import datetime
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from screening.cases.compare import compared, holds_at_a_glance, names_fit
from screening.cases.document import Case, CaseFile, read_cases
from screening.cases.folders import ENDINGS
from screening.cases.person import People, base_file
from screening.errors import Diagnostic, NameFault, RuleError, Span, SyntaxFault
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.case import CaseOutcome, CasesOutcome, Difference, Said
from screening.outcome.determination import determine
from screening.reading import cache
from screening.reading.declared import declared
from screening.reading.faults import Faults, TooMany, did_you_mean, shown
from screening.reading.folders import look_up, read_bytes, rule_files
from screening.reading.question import lending
from screening.record.subject import Subject, Value
from screening.sources.site import SiteDeclaration, adapted, parameters_in


@dataclass(slots=True)
class _Person:
    """The person of a case with the plain values of the rules; with every step only once it is asked for."""

    subject: Subject
    values: dict[str, Value]
    said: Said | None = None


@dataclass(slots=True)
class _Rules:
    """A library ready to be asked: the law of it, the files it was read from, and whom it was asked of."""

    library: Library
    law: Law
    files: frozenset[str]
    people: dict[object, _Person] = field(default_factory=dict)

    def said(self, person: _Person, as_of: datetime.date) -> Said:
        """Every step, and the determination that is read off them."""
        if person.said is None:
            trace = self.law.trace(person.subject, as_of)
            person.said = Said(person.subject.as_of(as_of), trace, determine(self.library, trace))
        return person.said


class Running:
    """Runs case files with the rules of some folders, each library read once for the values of its parameters.

    A site's declaration counts in every case as it does in a screening: its parameters, codes and complete lists.
    What was said of a person is kept, so that a case of which only the expectation changed is not run again.
    """

    def __init__(self, folders: Sequence[Path], site: SiteDeclaration | None = None) -> None:
        self.folders, self.site = list(folders), site
        self.rules: dict[str, _Rules] = {}

    def forget(self, files: Collection[str]) -> None:
        """Forgets what came of files that have changed: rules, and base records with what was said of them."""
        for key, rules in list(self.rules.items()):
            if rules.files & set(files):
                del self.rules[key]
            elif any(not name.endswith(ENDINGS) for name in files):
                rules.people.clear()

    def run(self, path: Path) -> CasesOutcome:
        """The outcome of one case file; what is wrong with it, its rules or its base records is part of it."""
        file = path.as_posix()
        faults = Faults()
        try:
            cases = read_cases(read_bytes(path), file, faults)
        except OSError:
            faults.add(SyntaxFault, Span(file), "the case file cannot be read")
            cases = None
        if cases is None:
            return CasesOutcome(file, diagnostics=_sorted(faults, file), files=frozenset((file,)))
        one = _One(self, path, faults)
        try:
            found = tuple(outcome for case in cases.cases if (outcome := one.case(case)) is not None)
            one.given(cases)
        except TooMany:
            found = ()
        read = frozenset((file, *one.people.read, *one.rules))
        wrong = _sorted(faults, file)
        return CasesOutcome(file, () if wrong else found, wrong, cases.inexpressible, read)


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that is as expected: its rules, its person, and every plain value that the law gives."""

    case: Case
    library: Library
    subject: Subject
    values: dict[str, Value]


def asked_of(running: Running, path: Path, data: bytes | None = None) -> list[Asked]:
    """The cases of a file with their people, for other rules to be held against; none of a file that is at fault.

    `data` is what would stand in the file, where it is not written yet.

    A case that is not as expected is left out: nothing can be learnt from it.
    """
    faults = Faults()
    cases = read_cases(read_bytes(path) if data is None else data, path.as_posix(), faults)
    one = _One(running, path, faults)
    found = []
    for case in cases.cases if cases is not None else ():
        outcome = one.case(case)
        rules = one.asked(case)
        person = None if rules is None or len(faults) else one.person(case, rules)
        if rules is not None and person is not None and outcome is not None and not outcome.differences:
            found.append(Asked(case, rules.library, person.subject, person.values))
    return [] if len(faults) else found


class _One:
    """One case file as it is run; `rules` are the files that its libraries were read from."""

    def __init__(self, running: Running, path: Path, faults: Faults) -> None:
        self.running, self.faults = running, faults
        # What stands beside the case file goes before a rule file of the same name elsewhere.
        self.folders = list(dict.fromkeys((path.parent, *running.folders)))
        self.people = People(path, faults, running.site, self.elsewhere)
        self.known: set[str] = set()
        self.rules: set[str] = set()

    def case(self, case: Case) -> CaseOutcome | None:
        """One case; None where it cannot be run, with the reason noted."""
        began = time.perf_counter()
        rules = self.asked(case)
        if rules is None:
            return None
        self.known |= {requirement.name for requirement in rules.library.requirements}
        names_fit(case, rules.library, self.faults)
        person = self.person(case, rules)
        # Of a file with a fault nothing is told but its faults: the other cases are only read.
        if person is None or len(self.faults):
            return None
        name, said = " ".join(case.name.text.split()), None
        differences: tuple[Difference, ...] = ()
        if not holds_at_a_glance(case, rules.library, person.values):
            said = rules.said(person, case.as_of)
            differences = tuple(compared(case, rules.library, said.trace, said.determination))
        seconds = time.perf_counter() - began
        return CaseOutcome(name, case.why, case.name.span, rules.library, differences, said, seconds)

    def person(self, case: Case, rules: _Rules) -> _Person | None:
        """The person of a case, asked once."""
        key = self.people.file.parent, case.person
        if case.base is not None:
            self.people.read.add(base_file(self.people.file, case.base.text).as_posix())
        if key not in rules.people:
            subject = self.people.of(case, rules.library)
            if subject is None or len(self.faults):
                return None
            rules.people[key] = _Person(subject, rules.law.evaluate(subject, case.as_of))
        return rules.people[key]

    def given(self, cases: CaseFile) -> None:
        """Notes what the file gives to its cases and no protocol of theirs asks for."""
        for case in cases.cases if self.known else ():
            for name, _ in case.given:
                is_known = name.text in self.known or name.text in self.elsewhere()
                if not is_known and name.span not in {found.span for found in self.faults.found}:
                    message = f"no protocol of these cases asks for `{shown(name.text)}`"
                    self.faults.add(NameFault, name.span, message, help=did_you_mean(name.text, self.known))

    def elsewhere(self) -> frozenset[str]:
        """The requirements that any rule file of the folders declares."""
        return frozenset(name for _, path in rule_files(self.folders) for name in declared(path, "requirements"))

    def asked(self, case: Case) -> _Rules | None:
        """The protocol of a case with its parameters; None with everything that is wrong with its rules noted."""
        name = case.protocol.text
        path = look_up(name, self.folders)
        if path is None:
            help = did_you_mean(name, [stem for stem, _ in rule_files(self.folders)])
            message = f"there is no library `{shown(name)}` in the rules folders"
            self.faults.add(NameFault, case.protocol.span, message, help=help)
            return None
        given = {key.text: text.text for key, text in case.parameters}
        key = f"{path} {sorted(given.items())}"
        if key not in self.running.rules:
            try:
                library = self.library(path, given)
            except RuleError as wrong:
                self.refused(case, wrong)
                return None
            included = (look_up(other.name, self.folders) for other in library.includes)
            files = frozenset(found.as_posix() for found in (path, *included) if found is not None)
            self.running.rules[key] = _Rules(library, Law(library), files)
        rules = self.running.rules[key]
        self.rules |= rules.files
        return rules

    def library(self, path: Path, given: dict[str, str]) -> Library:
        site = self.running.site
        if site is not None:
            given = {**parameters_in(site, self.loaded(path, {})), **given}
        return adapted(self.loaded(path, given), site)

    def loaded(self, path: Path, given: dict[str, str]) -> Library:
        """A protocol, or the definitions of a file that only lends them."""
        try:
            return cache.load_cached(path, self.folders, given, "case")
        except RuleError as wrong:
            lent = lending(path, self.folders, given, "case")
            if lent is None:
                raise wrong from None
            return lent

    def refused(self, case: Case, wrong: RuleError) -> None:
        """The faults of the rules, once; one without a place is of the parameters that the case gives."""
        # Which of the files is at fault may not be said: all that the rules could have been read from count.
        self.rules |= {path.as_posix() for _, path in rule_files(self.folders)}
        for diagnostic in wrong.diagnostics:
            if not diagnostic.span.line and case.parameters:
                self.faults.add(NameFault, case.parameters[0][0].span, diagnostic.message, help=diagnostic.help)
            elif diagnostic not in self.faults.found:
                self.faults.found.append(diagnostic)


def _sorted(faults: Faults, file: str) -> tuple[Diagnostic, ...]:
    """Everything that is wrong, the case file itself first."""
    once = dict.fromkeys(faults.found)

    def place(diagnostic: Diagnostic) -> tuple[bool, str, int, int]:
        span = diagnostic.span
        return span.file != file, span.file, span.line, span.column

    return tuple(sorted(once, key=place))
