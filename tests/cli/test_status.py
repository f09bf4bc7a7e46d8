"""What every output says of rules that are no approved ones, and what retired rules are refused for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.cli.calls import Called, call

MADE = ROOT / "tests" / "reports" / "made"
PERSON = "tests/reports/person.yaml"
DAY = ("--as-of", "2026-11-22")
APPROVAL = "approval: {author: A, reviewer: B, approver: C, effective: 2026-10-01}"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The same trial as a draft, approved, and retired."""
    text = (MADE / "trial-open.yaml").read_text(encoding="utf-8")
    for status in ("draft", "approved", "retired"):
        signed = f"\n{APPROVAL}" if status == "approved" else ""
        named = text.replace("library: trial-open", f"library: {status}").replace("NCT00000001", f"NCT-{status}")
        (tmp_path / f"{status}.yaml").write_text(
            named.replace("status: draft", f"status: {status}{signed}"), "utf-8"
        )
    return tmp_path


def called(*arguments: str) -> Called:
    with pytest.MonkeyPatch.context() as calling:
        return call(calling, *arguments)


def outputs(name: str, rules: Path) -> dict[str, Called]:
    """Every output that can be had of one rule file."""
    protocol = ("--protocol", name, "--rules", str(rules))
    check = ("check", PERSON, *protocol, *DAY, "--retired")
    return {
        "check": called(*check),
        "check --all": called(*check, "--all"),
        "check --plain": called(*check, "--plain"),
        "check --trace": called(*check, "--trace"),
        "check --format json": called(*check, "--format", "json"),
        "check --format yaml": called(*check, "--format", "yaml"),
        "show": called("show", name, "--rules", str(rules)),
        "show INC01": called("show", name, "INC01", "--rules", str(rules)),
        "validate": called("validate", PERSON, *protocol),
        "protocols": called("protocols", "--rules", str(rules)),
        "lint": called("lint", str(rules / f"{name}.yaml")),
        "match": called("match", PERSON, "--rules", str(rules), *DAY, "--retired"),
        "match --format json": called(
            "match", PERSON, "--rules", str(rules), *DAY, "--retired", "--format", "json"
        ),
    }


@pytest.mark.parametrize("name", ["draft", "retired"])
def test_every_output_says_that_the_rules_are_not_for_use(name: str, rules: Path) -> None:
    for output, done in outputs(name, rules).items():
        assert done.err == "", output
        word = (
            f'"status": "{name}"' if "json" in output else f"status: {name}" if "yaml" in output else name.upper()
        )
        assert word in done.out, output


def test_an_approved_file_says_from_when_and_by_whom(rules: Path) -> None:
    found = outputs("approved", rules)
    assert "status: approved, effective 2026-10-01" in found["check"].out
    assert "DRAFT" not in found["check"].out
    assert "author A, reviewer B, approver C, effective 2026-10-01" in " ".join(found["show"].out.split())
    assert found["lint"].out == "1 file, no errors; 1 approved\n"


def test_rules_that_do_not_hold_yet_say_so(rules: Path) -> None:
    early = ("check", PERSON, "--protocol", "approved", "--rules", str(rules), "--as-of", "2026-09-30")
    for more in ((), ("--plain",)):
        assert "2026-10-01, after the as-of date" in " ".join(called(*early, *more).out.split())
    assert "after the as-of date" not in called(*early[:-1], "2026-10-01").out


def test_retired_rules_are_refused_for_screening_unless_asked_for(rules: Path) -> None:
    check = ("check", PERSON, "--protocol", "retired", "--rules", str(rules), *DAY)
    refused = called(*check)
    assert (refused.status, refused.out) == (3, "")
    assert "`retired` is retired; --retired screens against it all the same" in refused.err
    asked = called(*check, "--retired")
    assert asked.status == called("check", PERSON, "--protocol", "draft", "--rules", str(rules), *DAY).status
    assert "RETIRED, not for use in care" in asked.out


def test_a_certificate_of_retired_rules_can_still_be_verified(rules: Path, tmp_path: Path) -> None:
    check = (
        "check",
        PERSON,
        "--protocol",
        "retired",
        "--rules",
        str(rules),
        *DAY,
        "--retired",
        "--format",
        "json",
    )
    certificate = tmp_path / "certificate.json"
    certificate.write_text(called(*check).out, encoding="utf-8")
    done = called("verify", str(certificate), "--record", PERSON, "--rules", str(rules))
    assert done.status == 0, done.err
    assert "RETIRED" in done.out


def test_comparisons_leave_retired_editions_out_unless_asked_for(tmp_path: Path) -> None:
    text = (MADE / "aches-2020.yaml").read_text(encoding="utf-8").replace("aches-2020", "aches-2021")
    (tmp_path / "aches-2021.yaml").write_text(
        text.replace("family: aches", "family: aches\nstatus: retired"), "utf-8"
    )
    compare = ("compare", PERSON, "--library", "aches", "--rules", str(tmp_path), "--rules", str(MADE), *DAY)
    left = called(*compare).out
    assert "-  aches-2021  RETIRED, left out" in left
    asked = called(*compare, "--retired").out
    assert "4 DRAFT, 1 RETIRED" in asked
    assert "+  2021 " in asked


@pytest.mark.parametrize("form", ["text", "md", "html"])
@pytest.mark.parametrize("name", ["draft", "retired"])
def test_the_reading_copy_says_the_status_too(form: str, name: str, rules: Path, tmp_path: Path) -> None:
    done = called("show", name, "--rules", str(rules), "--format", form)
    assert (done.status, done.err) == (0, "")
    assert done.out.count(f"{name} 1: {name.upper()}, not for use in care") >= 2
    out = tmp_path / "copy"
    written = called("show", name, "--rules", str(rules), "--format", form, "--out", str(out))
    assert (written.status, written.out) == (0, "")
    assert out.read_text(encoding="utf-8") == done.out
    out.write_bytes(b"SQLite format 3\0")
    assert called("show", name, "--rules", str(rules), "--format", form, "--out", str(out)).status == 3
    assert out.read_bytes() == b"SQLite format 3\0"


def test_a_reading_copy_is_of_a_whole_protocol(rules: Path) -> None:
    done = called("show", "draft", "INC01", "--rules", str(rules), "--format", "html")
    assert done.status == 3
    assert "leave CRITERION out" in done.err
