from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.made import CRITERION, HEAD, loaded, refused, rule_file

BODY = f"requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}"
FOUR = {"author": "A. Author", "reviewer": "B. Reader", "approver": "C. Chief", "effective": "2026-01-01"}


def text(status: str = "approved", **approval: str) -> str:
    signed = ", ".join(f'{key}: "{value}"' for key, value in approval.items())
    return f"{HEAD}status: {status}\n" + (f"approval: {{{signed}}}\n" if approval else "") + BODY


def test_a_file_with_all_four_is_approved(tmp_path: Path) -> None:
    library = loaded(tmp_path, text(**FOUR))
    assert (library.status, dict(library.approval)) == ("approved", FOUR)


@pytest.mark.parametrize("missing", FOUR)
def test_an_approved_file_needs_each_of_the_four(tmp_path: Path, missing: str) -> None:
    without = {key: value for key, value in FOUR.items() if key != missing}
    message = [f"the file is approved and names no `{missing}`"]
    assert refused(tmp_path, text(**without)) == message
    assert refused(tmp_path, text(**{**without, missing: ""})) == message


def test_an_approved_file_without_anything_signed_is_told_all_at_once(tmp_path: Path) -> None:
    assert refused(tmp_path, text()) == [
        "the file is approved and names no `author`, `reviewer`, `approver` or `effective`"
    ]


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_no_other_file_needs_any(tmp_path: Path, status: str) -> None:
    assert loaded(tmp_path, text(status)).status == status
    assert loaded(tmp_path, text(status, author="A. Author", reviewer="")).status == status


def test_the_effective_date_is_a_day(tmp_path: Path) -> None:
    for wrong in ("soon", "2026-02-30", "01.01.2026"):
        assert refused(tmp_path, text(**{**FOUR, "effective": wrong})) == ["`effective:` is not a day"]


def test_a_key_that_is_none_of_the_four_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, text(**FOUR, witness="D")) == ["`approval:` has no key `witness`"]


def test_only_a_retired_file_includes_a_retired_one(tmp_path: Path) -> None:
    rule_file(tmp_path, text("retired").replace("library: made", "library: base"), "base")
    including = 'include:\n  - {library: base, version: "1"}\n'
    assert refused(tmp_path, HEAD + including) == ["library `base` is retired"]
    assert loaded(tmp_path, HEAD + "status: retired\n" + including).status == "retired"
