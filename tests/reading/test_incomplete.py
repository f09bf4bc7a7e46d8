from __future__ import annotations

from pathlib import Path

import pytest

from screening import screen
from screening.language.library import Library
from screening.outcome.determination import Verdict
from screening.reading.encoding import decode, encode
from screening.record.subject import Evidence
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.reading.made import AS_OF, CRITERION, HEAD, loaded, one, person, refused, rule_file

BODY = f"requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}"
CUT = "incomplete: stored copy cut after the third exclusion\n"


def made(folder: Path, incomplete: str = CUT) -> Library:
    return loaded(folder, HEAD + incomplete + BODY)


def row(value: Truth) -> Evidence:
    return one("Anything", value)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ((TRUE,), Verdict.UNDETERMINED),
        ((FALSE,), Verdict.INELIGIBLE),
        ((), Verdict.UNDETERMINED),
    ],
)
def test_an_incomplete_file_can_bar_and_never_admits(
    tmp_path: Path, rows: tuple[Truth, ...], verdict: Verdict
) -> None:
    library = made(tmp_path)
    found = screen.screen(library, person(*map(row, rows)), AS_OF)
    assert found.determination.verdict is verdict
    assert found.determination.finding("WHOLE").truth is UNKNOWN
    # Whatever is judged in the person's favour, the missing part stays missing.
    assert found.determination.favourable is not TRUE
    assert "WHOLE" in {step.place for step in found.trace.steps}


def test_the_same_file_without_the_key_admits(tmp_path: Path) -> None:
    library = made(tmp_path, "")
    assert library.incomplete == ""
    assert screen.screen(library, person(row(TRUE)), AS_OF).determination.verdict is Verdict.ELIGIBLE


def test_what_is_missing_is_said_with_its_source(tmp_path: Path) -> None:
    library = made(tmp_path)
    assert library.incomplete == "stored copy cut after the third exclusion"
    assert library.criterion("WHOLE").source.source == "report"
    assert library.criteria[-1].id == "WHOLE"
    assert decode(encode(library)) == library


def test_the_source_may_be_named(tmp_path: Path) -> None:
    named = "incomplete: {text: seen in part, source: {report: a public mirror}}\n"
    assert made(tmp_path, named).criterion("WHOLE").source.place == "a public mirror"


def test_it_comes_along_with_all_criteria_of_an_included_file(tmp_path: Path) -> None:
    rule_file(tmp_path, (HEAD + CUT + BODY).replace("library: made", "library: base"), "base")
    including = HEAD + 'include:\n  - {library: base, version: "1"}\n'
    assert loaded(tmp_path, including).incomplete


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "incomplete: {source: {report: page 1}}\n" + BODY, "`incomplete:` has no `text:`"),
        (HEAD + "incomplete:\n" + BODY, "`incomplete:` is empty"),
        (HEAD + "incomplete: {text: cut, source: {other: page 1}}\n" + BODY, "there is no source `other`"),
        (
            HEAD + BODY.replace("INC01", "WHOLE"),
            "`WHOLE` is a word of the program and cannot name a criterion",
        ),
    ],
)
def test_what_is_wrong_with_it_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text) == [message]


def test_every_screen_says_it(tmp_path: Path) -> None:
    found = screen.screen(made(tmp_path), person(row(TRUE)), AS_OF)
    missing = "stored copy cut after the third exclusion"
    for plain, everything in ((False, False), (False, True), (True, False)):
        text = screen.plain_text(screen.told(found, plain=plain, everything=everything))
        assert missing in " ".join(text.split())
        assert "never ELIGIBLE" in " ".join(text.split())
    assert missing in screen.plain_text(screen.shown(found.library))


def test_neither_a_judgement_nor_a_review_makes_more_of_it(tmp_path: Path) -> None:
    """With the whole file it would be REVIEW, for the open judgement and for what is present and relative."""
    body = (
        "requirements:\n  Anything: {type: Boolean}\n  Judged: {type: Judgement, obtain: judge}\ncriteria:\n"
        "  - {id: INC01, category: inclusion, text: a, source: {report: page 1}, expression: Judged}\n"
        "  - {id: REL01, category: exclusion, strength: relative, text: b, source: {report: page 1},"
        " expression: Anything}\n"
    )
    whole = screen.screen(loaded(tmp_path, HEAD + body), person(row(TRUE)), AS_OF)
    assert whole.determination.verdict is Verdict.REVIEW
    cut = screen.screen(loaded(tmp_path, HEAD + CUT + body), person(row(TRUE)), AS_OF)
    assert cut.determination.verdict is Verdict.UNDETERMINED
