"""The author's desk as people see it: golden texts, exit statuses, watching, and what is refused."""

# ruff: noqa: E501 (commands and rows stand as they are typed)

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.cli.calls import RECORDS, RULES, call
from tests.cli.test_screens import NEVER, golden, held

CASES = "tests/cli/cases"
DAY = ("--as-of", "2026-11-22")
DAS28 = ("--set", "Tender Joints 28=5", "--set", "ESR=28 mm/h", "--set", "Global Health=40")
SMALL = ("--protocol", "small", "--rules", RULES)

SCREENS: dict[str, tuple[tuple[str, ...], int]] = {
    "test-otherwise": (("test", f"{CASES}/small.cases.yaml", "--rules", RULES), 5),
    "test-wrong": (("test", f"{CASES}/wrong.cases.yaml", "--rules", RULES), 3),
    "test-shipped": (("test", "fibromyalgia-acr-2016", "ra-difficult-to-treat"), 0),
    "eval-holds": (("eval", "Pain >= 4 and WPI >= 7", "--record", f"{RECORDS}/eligible.yaml", *SMALL, *DAY), 0),
    "eval-open": (("eval", "INC03 and ALT > 40 'U/L'", "--record", f"{RECORDS}/index.yaml", *SMALL, *DAY), 0),
    "calculate": (("calculate", "das28-esr", *DAS28, "--set", "Swollen Joints 28=3", *DAY), 0),
    "calculate-open": (("calculate", "das28-esr", *DAS28, *DAY), 0),
    "calculate-json": (
        ("calculate", "BMI", "--set", "Weight=92 kg", "--set", "Height=162 cm", *DAY, "--format", "json"),
        0,
    ),
    "calculate-form": (("calculate", "child-pugh", *DAY), 0),
    "calculate-form-json": (("calculate", "cockcroft-gault", *DAY, "--format", "json"), 0),
    "calculate-list": (("calculate", "--from", "tests/cli/calculations.yaml", *DAY), 3),
    "schema-cases": (("schema", "cases"), 0),
}
TEXTS = [name for name in SCREENS if not name.endswith(("json", "cases"))]


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_as_reviewed(name: str, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, status = SCREENS[name]
    done = call(monkeypatch, *arguments)
    assert (done.err, done.status) == ("", status)
    held(name, f"$ screening {' '.join(arguments)}\n{done.out}", bless)


def test_what_new_says(bless: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = call(monkeypatch, "new", "my-trial", "--into", str(tmp_path / "r"))
    assert done.status == 0
    held("new", "$ screening new my-trial --into r\n" + done.out.replace(f"{tmp_path}/", ""), bless)


@pytest.mark.parametrize("name", [n for n in TEXTS if n != "test-wrong"] + ["new"])
def test_a_screen_has_80_columns_of_ascii(name: str) -> None:
    lines = golden(name)
    assert [line for line in lines if len(line) > 80 or not line.isascii() or line != line.rstrip()] == []


@pytest.mark.parametrize(
    "name", ["test-otherwise", "test-shipped", "eval-holds", "eval-open", "calculate", "calculate-open"]
)
def test_words_that_are_never_said(name: str) -> None:
    text = " ".join(" ".join(golden(name)).split())
    assert [found[0] for found in NEVER.finditer(text)] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("test", "nowhere"), "there is no `nowhere`"),
        (("test", "tests/cli/rules/small.yaml"), "there are no cases for"),
        (("test", "--site", "no-such-site.yaml"), "cannot be read"),
        (("eval", "Pain >= ", "--record", f"{RECORDS}/eligible.yaml", *SMALL), "the expression ends here"),
        (("eval", "Pian >= 4", "--record", f"{RECORDS}/eligible.yaml", *SMALL), "did you mean `Pain`"),
        (("eval", "Pain >= 4", *SMALL), "--record"),
        (("eval", "Pain >= 4", "--record", "no-such-file.yaml", *SMALL), "cannot be read"),
        (("calculate", "das28-es"), "did you mean `DAS28 ESR`"),
        (("calculate", "BMI", "--set", "Weight=92"), "`Weight` has no unit"),
        (("calculate",), "say which definition"),
        (("calculate", "das28"), "say which: `DAS28 CRP` or `DAS28 ESR`"),
        (("calculate", "--from", "tests/cli/calculations.yaml", "--set", "TJC=1"), "leave out --set"),
        (("calculate", "BMI", "--set", "Weight"), "NAME=VALUE"),
        (("calculate", "BMI", "--set", "Weight=1 kg", "--set", "Weight=2 kg"), "given twice"),
        (("calculate", "BMI", "--set", "Wieght=92 kg"), "did you mean `Weight`"),
        (("calculate", "BMI", "--library", "ketamine-safty"), "did you mean `ketamine-safety`"),
        (("calculate", "BMI", "--from", "no-such-file.json"), "cannot be read"),
        (("new", "My Trial"), "cannot name a protocol"),
        (("schema", "rule"), "rules"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_wrong_usage_or_input_ends_with_3(
    arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(monkeypatch, *arguments)
    assert (done.status, done.out) == (3, "")
    assert words.lower() in done.err.lower()
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["test", "mutate", "boundary", "eval", "calculate", "new", "schema"])
def test_every_help_has_examples(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, command, "--help")
    assert done.status == 0
    assert f"Examples:\n    screening {command}" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_inputs_from_a_file_and_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "visit.json"
    path.write_text('{"Weight": {"value": 92, "unit": "kg"}}')
    done = call(
        monkeypatch, "calculate", "bmi", "--from", str(path), "--set", "height=1.62 m", "--format", "json", *DAY
    )
    found = json.loads(done.out)
    assert (done.status, found["score"], found["unit"]) == (0, 35.05563176, "kg/m2")
    twice = call(monkeypatch, "calculate", "bmi", "--from", str(path), "--set", "Weight=1 kg")
    assert twice.status == 3
    assert "in the file and is set too" in twice.err


def test_a_value_of_a_person_stands_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("Weight=987654", "Weight=987654 mmol/L", "Weight=9876x54 kg", "Age=987654"):
        done = call(monkeypatch, "calculate", "BMI", "--set", given, "--set", "Height=987654 m")
        assert done.status in (0, 3)
        assert "98765" not in done.err


def test_the_outcome_is_written_for_other_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "cases.xml"
    done = call(monkeypatch, "test", f"{CASES}/small.cases.yaml", "--rules", RULES, "--junit", str(path))
    assert done.status == 5
    root = Tree.parse(path).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("5", "3", "1")


def test_a_site_changes_what_cases_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "site: Clinic\nowner: A. Owner\nsigned by: B. Signer\ndate: 2026-11-01\n"
        "parameters: {Lowest Pain: {value: 2, because: agreed}}\n"
    )
    cases = tmp_path / "a.cases.yaml"
    cases.write_text(
        "protocol: small\nas of: 2026-11-22\ncases:\n  - {case: a, why: b, change: {Pain: 3}, expect: {criteria: {INC06: TRUE}}}\n"
    )
    assert call(monkeypatch, "test", str(cases), "--rules", RULES).status == 5
    assert call(monkeypatch, "test", str(cases), "--rules", RULES, "--site", str(site)).status == 0
    asked = ("eval", "INC06", "--record", f"{RECORDS}/eligible.yaml", *SMALL, *DAY)
    assert '"Lowest Pain": 2' in call(monkeypatch, *asked, "--site", str(site)).out
    assert "Clinic" in call(monkeypatch, *asked, "--site", str(site)).out


def lines_of(watched: subprocess.Popen[str], last: str) -> list[str]:
    """What is printed up to a line, and with it."""
    assert watched.stdout is not None
    found: list[str] = []
    for line in watched.stdout:
        found.append(line.rstrip("\n"))
        if last in line:
            return found
    raise AssertionError(f"ended without `{last}`: {found}")


def test_an_author_sees_what_an_edit_does_and_ends_it_with_control_c(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "screening", "new", "trial", "--into", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert made.returncode == 0
    watched = subprocess.Popen(
        [sys.executable, "-m", "screening", "test", str(tmp_path), "--watch"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert "all as expected" in lines_of(watched, " in 1 file")[-1]
        time.sleep(0.3)
        rule = tmp_path / "trial.yaml"
        began = time.monotonic()
        rule.write_text(rule.read_text().replace("> 5 'mmol/L'", "> 6 'mmol/L'"))
        found = lines_of(watched, " in 1 file")
        seconds = time.monotonic() - began
        assert any(line.startswith("Changed: ") for line in found)
        assert any("EXC01 of case just above the limit: expected present, is absent" in line for line in found)
        # A second on a machine that is free; a busy one is given more.
        assert seconds < float(os.environ.get("SCREENING_PATIENCE", "5"))
        watched.send_signal(signal.SIGINT)
        assert watched.wait(10) == 130
    finally:
        watched.kill()
        watched.communicate()
