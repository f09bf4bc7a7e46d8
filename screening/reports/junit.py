"""Worked cases as JUnit XML: a suite for each case file, as the readers of continuous integration expect it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from screening.outcome.case import CaseOutcome, CasesOutcome
from screening.reports.cases import differences

# What XML 1.0 cannot hold, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcomes: Sequence[CasesOutcome]) -> str:
    """One `testsuite` for each case file; a file that cannot be run is one case with an `error`."""
    suites = "".join(_suite(outcome) for outcome in outcomes)
    tests = sum(_counted(outcome)[0] for outcome in outcomes)
    skipped = sum(_counted(outcome)[1] for outcome in outcomes)
    failures, errors = sum(len(o.differing) for o in outcomes), sum(bool(o.diagnostics) for o in outcomes)
    seconds = sum(case.seconds for o in outcomes for case in o.cases)
    head = _attributes(name="screening test", tests=tests, failures=failures, errors=errors, skipped=skipped)
    head += _attributes(time=_time(seconds))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{head}>\n{suites}</testsuites>\n'


def _suite(outcome: CasesOutcome) -> str:
    tests, skipped = _counted(outcome)
    seconds = sum(case.seconds for case in outcome.cases)
    head = _attributes(
        name=outcome.file,
        tests=tests,
        failures=len(outcome.differing),
        errors=int(bool(outcome.diagnostics)),
        skipped=skipped,
        time=_time(seconds),
        file=outcome.file,
    )
    return f"  <testsuite{head}>\n{_body(outcome)}  </testsuite>\n"


def _counted(outcome: CasesOutcome) -> tuple[int, int]:
    """How many tests a file has, and how many of them cannot be expressed."""
    if outcome.diagnostics:
        return 1, 0
    return len(outcome.cases) + len(outcome.inexpressible), len(outcome.inexpressible)


def _body(outcome: CasesOutcome) -> str:
    file = outcome.file
    if outcome.diagnostics:
        first = outcome.diagnostics[0]
        head = _attributes(
            name="the file can be read", classname=file, file=file, line=first.span.line or 1, time="0"
        )
        text = "\n".join(str(diagnostic) for diagnostic in outcome.diagnostics)
        return f"    <testcase{head}>\n{_told('error', first.message, text)}    </testcase>\n"
    cases = "".join(_case(file, case) for case in outcome.cases)
    return cases + "".join(_skipped(file, name, reason) for name, reason in outcome.inexpressible)


def _case(file: str, case: CaseOutcome) -> str:
    head = _attributes(name=case.name, classname=file, file=file, line=case.span.line, time=_time(case.seconds))
    if not case.differences:
        return f"    <testcase{head}/>\n"
    texts = list(differences(case))
    body = _told("failure", texts[0], "\n".join((*texts, f"why: {case.why}")))
    return f"    <testcase{head}>\n{body}    </testcase>\n"


def _skipped(file: str, name: str, reason: str) -> str:
    head = _attributes(name=name, classname=file, file=file, time="0")
    message = _attributes(message=f"not expressible: {reason}")
    return f"    <testcase{head}>\n      <skipped{message}/>\n    </testcase>\n"


def _told(tag: str, message: str, text: str) -> str:
    return f"      <{tag}{_attributes(message=message, type=tag)}>{escape(_writable(text))}</{tag}>\n"


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(_writable(str(value)))}" for name, value in values.items())


def _writable(text: str) -> str:
    return _FORBIDDEN.sub("?", text)


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
