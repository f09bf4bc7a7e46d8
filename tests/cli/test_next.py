"""`screening next`: options, refusals, data, and the lines of it in `screening check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening import decide, screen
from screening.errors import ScreeningError
from tests.checkout import ROOT
from tests.cli.calls import RECORDS, SMALL, call
from tests.cli.test_screens import NEVER

NEXT = ("next", f"{RECORDS}/index.yaml", *SMALL, "--as-of", "2018-02-05")


def test_the_data_holds_every_set_with_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, *NEXT, "--format", "json")
    found = json.loads(done.out)
    assert done.status == 4 and found["verdict"] == "UNDETERMINED"
    by_verdict = {each["verdict"]: each for each in found["smallest"]}
    assert by_verdict["INELIGIBLE"]["least"] == 1
    assert {"items": ["Stroke"], "answers": {"Stroke": "yes"}} in by_verdict["INELIGIBLE"]["sets"]
    assert by_verdict["ELIGIBLE"]["least"] == len(by_verdict["ELIGIBLE"]["sets"][0]["items"]) > 5
    assert next(q["requirement"] for q in found["questions"]) == "Stroke"
    assert set(found["matter"]) == {q["requirement"] for q in found["questions"]}
    assert call(monkeypatch, *NEXT, "--format", "json").out == done.out


def test_no_word_of_it_tells_anybody_what_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for more in ((), ("--all",)):
        out = call(monkeypatch, *NEXT, *more).out
        assert not NEVER.search(out)
        assert not any(word in out for word in ("enter ", "change to", "should "))
        assert all(len(line) <= 80 for line in out.splitlines())


def test_a_site_says_what_items_cost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    costs = tmp_path / "burdens.txt"
    costs.write_text("# at this site\nask: 30\nchart: 0.5\n\nConsent: 1\n", encoding="utf-8")
    found = json.loads(call(monkeypatch, *NEXT, "--burdens", str(costs), "--format", "json").out)
    assert (
        found["questions"][0]["requirement"] == "MAO Inhibitor Last Dose"
        or found["questions"][0]["obtain"] == "chart"
    )
    assert {q["requirement"]: q["burden"] for q in found["questions"]}["Consent"] == "1"


def test_a_wrong_file_of_burdens_is_refused_line_by_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    costs = tmp_path / "burdens.txt"
    costs.write_text("askk: 3\nblood: much\nWPI: -1\n", encoding="utf-8")
    done = call(monkeypatch, *NEXT, "--burdens", str(costs))
    assert done.status == 3 and done.out == ""
    assert ":1:1: error: this names nothing that is asked for" in done.err
    assert done.err.count("a burden is a number from 0") == 2


def test_frequencies_come_from_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    people, out = tmp_path / "people", tmp_path / "out"
    people.mkdir()
    for name in ("eligible", "ineligible", "review"):
        (people / f"{name}.yaml").write_bytes((ROOT / RECORDS / f"{name}.yaml").read_bytes())
    done = call(monkeypatch, "cohort", str(people), *SMALL, "--as-of", "2026-11-22", "--out", str(out))
    assert done.status == 0, done.err
    library = screen.load_library("small", [ROOT / "tests/cli/rules"])
    often = decide.chances_of(out, library)
    assert all(0 < share < 1 for share in often.values()) and "SMD02" in often
    assert call(monkeypatch, *NEXT, "--frequencies", str(out)).status == 4
    with pytest.raises(ScreeningError, match="not of `ketamine-ra-fm`"):
        decide.chances_of(out, screen.load_library("ketamine-ra-fm"))


def test_check_shows_the_first_lines_of_an_open_verdict_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "check", f"{RECORDS}/index.yaml", *SMALL, "--as-of", "2018-02-05")
    said = " ".join(done.out.split())
    assert "ELIGIBLE needs 9 answers or more; 1 can settle INELIGIBLE (ask: Stroke). Next: screening ask" in said
    plain = call(monkeypatch, "check", f"{RECORDS}/index.yaml", *SMALL, "--as-of", "2018-02-05", "--plain")
    assert "ELIGIBLE needs 9 answers or more" in " ".join(plain.out.split())
    for settled in ("eligible", "ineligible", "review"):
        out = call(monkeypatch, "check", f"{RECORDS}/{settled}.yaml", *SMALL, "--as-of", "2026-11-22").out
        assert "screening ask" not in out
