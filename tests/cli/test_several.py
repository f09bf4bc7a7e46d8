"""`screening compare` and `screening match`: screens as golden texts, statuses, every shared bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening import matching, screen
from tests.checkout import ROOT, absent
from tests.cli.calls import Called, call
from tests.cli.test_screens import NEVER, held
from tests.sources.bundles import SHARED, every_shared

MADE = "tests/reports/made"
DAY = ("--as-of", "2026-11-22")
PERSON = "tests/reports/person.yaml"


def called(*arguments: str) -> Called:
    """The program in this process, whatever else a test has set."""
    with pytest.MonkeyPatch.context() as calling:
        return call(calling, *arguments)


# The day as of which the shared bundles are read, the month of the newest of them.
BUNDLES = every_shared()
MATCHED = ROOT / "tests" / "golden" / "match"

SCREENS: dict[str, tuple[str, ...]] = {
    "compare": ("compare", PERSON, "--library", "aches", "--rules", MADE, *DAY),
    "match": ("match", PERSON, "--rules", MADE, *DAY),
    "match-all": ("match", PERSON, "--rules", MADE, *DAY, "--all"),
}


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_as_reviewed(name: str, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # Only the made-up rules, so that the screens do not change with every rule file that is shipped.
    monkeypatch.setattr(screen, "rules_folders", lambda more=(): [Path(folder) for folder in more])
    done = called(*SCREENS[name])
    assert (done.status, done.err) == (0, "")
    held(name, f"$ screening {' '.join(SCREENS[name])}\n{done.out}", bless)
    assert max(map(len, done.out.splitlines())) <= 80
    assert "DRAFT" in done.out.splitlines()[0]
    assert "as of 2026-11-22" in done.out.splitlines()[1]
    assert "Decision support" in done.out
    assert [found[0] for found in NEVER.finditer(done.out)] == []


def test_comparison_and_match_are_data_too() -> None:
    done = called(*SCREENS["compare"], "--format", "json")
    data = json.loads(done.out)
    assert {each["status"] for each in data["editions"]} == {"draft"}
    assert data == json.loads(called(*SCREENS["compare"], "--format", "json").out)
    data = json.loads(called(*SCREENS["match"], "--format", "json").out)
    assert {each["protocol"] for each in data["protocols"]} >= {
        "local",
        "trial-open",
        "trial-cut",
        "ketamine-ra-fm",
    }
    assert data["unread"] == [{"protocol": "trial-old", "why": "RETIRED, left out; --retired screens against it"}]


def test_an_unknown_family_is_wrong_usage() -> None:
    done = called("compare", PERSON, "--library", "fibromialgia", *DAY)
    assert (done.status, done.out) == (3, "")
    assert "did you mean `fibromyalgia`" in done.err


def test_what_other_protocols_ask_for_is_no_fault_of_the_record(tmp_path: Path) -> None:
    # `Area` is near `Areas`, and another protocol asks for it.
    other = (ROOT / MADE / "local.yaml").read_text(encoding="utf-8")
    other = (
        other.replace("library: local", "library: other")
        .replace("  Pain: {", "  Area: {")
        .replace("Pain >=", "Area >=")
    )
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    record = tmp_path / "person.yaml"
    record.write_text("subject: SYN-1\nevidence: {Area: {value: 3, date: 2026-11-20}}\n", encoding="utf-8")
    arguments = ("compare", str(record), "--library", "aches", "--rules", MADE, *DAY)
    assert called(*arguments).status == 3
    done = called(*arguments, "--rules", str(tmp_path))
    assert (done.status, done.err) == (0, "")


def test_a_record_is_shared_between_protocols_by_check_and_verify_too(tmp_path: Path) -> None:
    # `Swollen Joint` would be a slip for `Swollen Joints`, if no protocol asked for it.
    text = (ROOT / MADE / "local.yaml").read_text(encoding="utf-8").replace("  Pain: {", "  Swollen Joints: {")
    text = text.replace("Pain >= 6", "'\"Swollen Joints\" >= 6'")
    (tmp_path / "plural.yaml").write_text(text.replace("library: local", "library: plural"), encoding="utf-8")
    record = tmp_path / "person.yaml"
    record.write_text(
        "subject: SYN-1\nevidence: {Swollen Joint: {value: 3, date: 2026-11-20}}\n", encoding="utf-8"
    )
    check = ("check", str(record), "--protocol", "plural", "--rules", str(tmp_path), *DAY)
    refused = called(*check)
    assert refused.status == 3
    assert "did you mean `Swollen Joints`" in refused.err
    single = text.replace("Swollen Joints", "Swollen Joint").replace("library: local", "library: singular")
    (tmp_path / "singular.yaml").write_text(single, encoding="utf-8")
    assert (called(*check).status, called(*check).err) == (4, "")
    assert called("validate", str(record), "--protocol", "plural", "--rules", str(tmp_path)).status == 0
    certificate = tmp_path / "certificate.json"
    certificate.write_text(called(*check, "--format", "json").out, encoding="utf-8")
    done = called("verify", str(certificate), "--record", str(record), "--rules", str(tmp_path))
    assert (done.status, done.err) == (0, "")


def test_a_record_that_does_not_fit_one_protocol_is_told_and_the_others_are_screened(tmp_path: Path) -> None:
    record = tmp_path / "person.yaml"
    record.write_text("subject: SYN-1\nevidence: {Regions: {value: 614779, date: 2026-11-20}}\n", encoding="utf-8")
    done = called("compare", str(record), "--library", "aches", "--rules", MADE, *DAY)
    assert done.status == 3
    assert "aches-2016  not screened: the record does not fit it" in done.out
    assert "?  2010" in done.out
    assert str(record) in done.err
    assert "614779" not in done.out + done.err


def test_a_file_that_cannot_be_used_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("library: broken\n", encoding="utf-8")
    done = called("match", PERSON, "--rules", str(tmp_path), *DAY)
    assert done.status == 0
    assert "broken  " in done.out
    assert "screening lint" in done.out


def test_a_fault_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise screen.NotScreened("the verifier refuses the trace")

    monkeypatch.setattr(screen, "screen", failing)
    done = called(*SCREENS["match"])
    assert (done.status, done.out) == (1, "")
    assert "NOT SCREENED" in done.err


def families() -> list[str]:
    every = matching.shelf(screen.rules_folders())
    return sorted({library.family for library in every.libraries} - {""})


@pytest.mark.parametrize("family", families())
@pytest.mark.parametrize("record", ["rules/records/index-completed.yaml", "rules/records/index-2018.yaml"])
def test_every_shipped_family_can_be_compared(family: str, record: str) -> None:
    done = called("compare", record, "--library", family, *DAY)
    assert (done.status, done.err) == (0, "")
    assert "DRAFT" in done.out.splitlines()[0]
    assert max(map(len, done.out.splitlines())) <= 80


# ------------------------------------------------------------------- every bundle of the shared data


def test_the_shared_bundles_are_there() -> None:
    if not SHARED.exists():
        absent(f"no shared data beside the checkout ({SHARED.name})")
    assert len(BUNDLES) >= 9
    golden = {path.stem for path in MATCHED.glob("*.txt")}
    assert golden == {Path(bundle).stem for bundle in BUNDLES}


@pytest.mark.parametrize("bundle", BUNDLES or ["none"])
def test_every_shared_bundle_goes_through_a_match(bundle: str, bless: bool) -> None:
    if not SHARED.exists():
        absent(f"no shared data beside the checkout ({SHARED.name})")
    done = called("match", str(SHARED / bundle), "--as-of", "2026-11-01", "--unused")
    assert (done.status, done.err) == (0, "")
    # INVARIANT: no bundle holds all that a protocol asks for.
    assert "\n+  " not in done.out
    held(f"../match/{Path(bundle).stem}", f"$ screening match {bundle} --unused\n{done.out}", bless)


def test_scores_that_grade_different_things_never_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    record = "rules/records/index-completed.yaml"
    done = call(monkeypatch, "compare", record, "--library", "ketamine", "--as-of", "2026-11-22")
    assert "disagree on the class" not in done.out
    done = call(monkeypatch, "compare", record, "--library", "fibromyalgia", "--as-of", "2026-11-22")
    assert "They disagree on the class: severe by PSD; moderate by PSD, Italy." in done.out
