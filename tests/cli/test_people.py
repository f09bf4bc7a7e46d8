"""Sources of many people on the command line: `screening map` and `screening coverage`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.cli.calls import SMALL, call
from tests.cli.test_screens import bless, held

__all__ = ["bless"]

TABLES = "tests/cli/tables"
MAPPED = ("coverage", TABLES, "--map", f"{TABLES}/mapping.yaml", *SMALL)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("coverage-tables", MAPPED),
        ("coverage-records", ("coverage", "tests/cli/records", *SMALL)),
        ("map", ("map", f"{TABLES}/drugs.csv", f"{TABLES}/people.csv", *SMALL)),
    ],
)
def test_the_screen_is_as_reviewed(
    name: str,
    arguments: tuple[str, ...],
    bless: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = call(monkeypatch, *arguments)
    assert done.status == 0
    text = f"$ screening {' '.join(arguments)}\n{done.out}"
    held(name, f"{text}--\n{done.err}" if done.err else text, bless)
    if name != "map":
        assert done.err == ""
        assert [line for line in done.out.splitlines() if len(line) > 80] == []


def test_the_counts_of_a_coverage_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, *MAPPED, "--format", "json")
    found = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert found["records"] == found["people"] + sum(found["rejected"].values()) == 7
    assert found["rejected"] == {"duplicate id": 1, "nobody's": 1, "off scale": 1, "unreadable": 1}
    by_name = {one["requirement"]: one for one in found["requirements"]}
    assert by_name["Pain"] == {
        "requirement": "Pain", "people": 2, "unusable": 1, "possible": 0, "units": {},
        "units not read": [], "set aside": {},
        "outside the scale": 1, "coded as missing": {"99": 1}, "like codes for missing": 0,
        "first": "2026-03-05", "last": "2026-03-20",
    }  # fmt: skip
    assert by_name["DMARD Trials"]["people"] == 1


def test_a_proposed_mapping_can_be_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed = call(monkeypatch, "map", f"{TABLES}/people.csv", *SMALL)
    assert proposed.err.startswith("7 of 12 columns placed; not placed: people.csv sex, ")
    for value in ("SYN-1", "green", "51"):
        assert value not in proposed.out
    path = tmp_path / "mapping.yaml"
    path.write_text(proposed.out, encoding="utf-8")
    done = call(monkeypatch, "coverage", f"{TABLES}/people.csv", "--map", str(path), *SMALL)
    assert (done.status, done.err) == (0, "")
    assert "WPI" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("coverage", "no-such-folder"), "no such file or folder"),
        (("coverage", TABLES, *SMALL), "it holds tables beside records"),
        (("coverage", TABLES, "--map", "no-such-file.yaml", *SMALL), "the mapping cannot be read"),
        (("coverage", TABLES, "--map", "tests/cli/records/site.yaml", *SMALL), "a mapping has no key `site`"),
        (("coverage", "README.md", *SMALL), "no source of people that is read"),
        (("map", "no-such-file.csv", *SMALL), "cannot be read"),
        (("map", *SMALL), "missing argument"),
    ],
)
def test_what_is_no_source_ends_with_3(
    arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(monkeypatch, *arguments)
    assert (done.status, done.out) == (3, "")
    assert words in done.err.lower() or words in done.err
    assert "Traceback" not in done.err


def test_a_mapping_that_names_a_column_that_is_not_there_says_which_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / TABLES / "mapping.yaml").read_text(encoding="utf-8").replace("wpi: WPI", "wpl: WPI")
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    done = call(monkeypatch, "coverage", TABLES, "--map", str(path), *SMALL)
    assert done.status == 3
    assert "mapping.yaml:16:7: error: `people.csv` has no column `wpl`" in done.err
    assert "did you mean `wpi`" in done.err
