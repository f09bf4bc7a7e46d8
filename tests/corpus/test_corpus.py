"""Every semantic case, through the front doors: the law, the chaining and compiled interpreters, the verifier."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import screening.errors
from screening.audit.verify import verify_trace
from screening.interpreters import forward, reference
from screening.interpreters.compiled import Compiled
from screening.language.library import Library
from screening.outcome.determination import determine, standing_of, verdict_of
from screening.outcome.trace import Trace
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from screening.values.bounds import Bounds
from tests.corpus.cases import Instance, cases, instances, profile, rule_file

INSTANCES = [i for i in instances() if not (isinstance(i.expect, dict) and "exit" in i.expect)]


def test_corpus_is_whole() -> None:
    assert len([case for case in cases() if "own" not in case]) == 161
    assert len({case["id"] for case in cases()}) == len(cases())


def _load(instance: Instance, folder: Path) -> Any:
    inner, outer = rule_file(instance)
    for content in filter(None, (inner, outer)):
        path = folder / f"{content['library']}.yaml"
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return load(folder / f"{(outer or inner)['library']}.yaml", [folder])


def _read(instance: Instance, folder: Path) -> None:
    library = _load(instance, folder)
    read_profile(json.dumps(profile(instance)).encode(), library, name="case.yaml")


def _bound(text: str | None) -> Any:
    if text is None:
        return None
    return datetime.date.fromisoformat(text) if text.count("-") == 2 else Decimal(text)


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda i: i.id)
@pytest.mark.parametrize("engine", ["reference", "forward", "compiled"])
def test_case(instance: Instance, engine: str, tmp_path: Path) -> None:
    expect = instance.expect
    if isinstance(expect, dict) and "error" in expect:
        kind = getattr(screening.errors, expect["error"])
        with pytest.raises(screening.errors.ScreeningError) as caught:
            _read(instance, tmp_path)
        assert any(issubclass(d.kind, kind) for d in caught.value.diagnostics), caught.value
        return
    library = _load(instance, tmp_path)
    subject = read_profile(json.dumps(profile(instance)).encode(), library, name="case.yaml")
    if engine == "compiled":
        _check_compiled(instance, library, subject)
        return
    if engine == "forward":
        if not forward.available():
            pytest.skip("durable-rules cannot be imported here")
        trace = forward.Forward(library).trace(subject, instance.as_of)
    else:
        trace = reference.trace(library, subject, instance.as_of)
        assert reference.evaluate(library, subject, instance.as_of)["eligible"] is not None
    verify_trace(library, subject, trace)
    if "criteria" in instance.case:
        _check_determination(instance, library, trace)
    else:
        _check_answer(instance, library, trace)
    _check_also(instance, subject, trace)


def _check_answer(instance: Instance, library: Any, trace: Trace) -> None:
    standing = instance.case.get("place", "definition")
    place = {"administrative": "ADM01", "definition": "Answer", "by_availability": "Answer"}.get(standing, "INC01")
    found = next(step.value for step in trace.steps if step.place == place)
    expect = instance.expect
    if isinstance(expect, dict):
        assert found == Bounds(_bound(expect.get("low")), _bound(expect.get("high")))
        if "unit" in expect:
            assert next(d for d in library.definitions if d.name == "Answer").type.unit == expect["unit"]
    elif isinstance(found, Bounds):
        assert expect == "UNKNOWN"
        assert found == Bounds(None, None)
    else:
        assert isinstance(found, screening.values.truth.Truth)
        assert found.value == expect


def _check_compiled(instance: Instance, library: Library, subject: Subject) -> None:
    """It has no trace: its values are held against the law's, which the other runs hold to the case."""
    values = reference.evaluate(library, subject, instance.as_of)
    trace = reference.trace(library, subject, instance.as_of)
    standing = determine(library, trace)
    for compiled in (Compiled(library), Compiled(library, instance.as_of)):
        assert compiled.evaluate(subject, instance.as_of) == values
        screened = compiled.verdict(subject, instance.as_of)
        assert screened[:4] == (standing.eligible, standing.favourable, standing.review, standing.arranged)
        verdict = verdict_of(*screened[:4])
        assert verdict is standing.verdict
        assert standing_of(verdict, list(screened.anchors)) is standing.standing
        assert screened.criteria == {finding.id: finding.truth for finding in standing.findings}
        assert screened.alerts == tuple(alert.criterion for alert in standing.alerts)


def _check_determination(instance: Instance, library: Any, trace: Trace) -> None:
    found = determine(library, trace)
    for key, wanted in instance.expect.items():
        match key:
            case "verdict" | "standing" | "eligible" | "review" | "arranged":
                assert getattr(found, key).value == wanted, key
            case "shown":
                assert {f.id: f.shown for f in found.findings if f.id in wanted} == wanted
            case "reasons" | "to_review":
                assert set(getattr(found, key)) == set(wanted), key
            case "to_obtain":
                assert {o.requirement for o in found.to_obtain} == set(wanted)
            case "alerts":
                assert {a.criterion for a in found.alerts} == set(wanted)
            case "until":
                until = next(f.until for f in found.findings if f.until is not None)
                assert until == Bounds(_bound(wanted), _bound(wanted))
            case _:
                pytest.fail(f"the case asks for `{key}`")


def _check_also(instance: Instance, subject: Any, trace: Trace) -> None:
    seen = subject.as_of(instance.as_of)
    for wanted in instance.also:
        match wanted:
            case "notice":
                assert seen.notices or any(
                    step.reason in ("several candidates", "set aside") for step in trace.steps
                )
            case "review":
                assert any(step.conflict for step in trace.steps)
            case "reason":
                assert any(step.reason for step in trace.steps)
            case "site declaration":
                assert any(step.reason == "site declaration" for step in trace.steps)
            case _:
                pytest.fail(f"the case asks for `{wanted}`")
