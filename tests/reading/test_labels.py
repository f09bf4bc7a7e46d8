"""What a protocol calls its verdicts and tells beside them: read, kept and not handed on; no verdict changes."""

from __future__ import annotations

from pathlib import Path

from screening.interpreters import reference
from screening.language.library import VERDICTS, Label, Output
from screening.outcome.determination import Verdict, determine
from screening.reading.encoding import decode, encode
from screening.reading.load import load
from screening.values.bounds import Bounds, exactly
from screening.values.truth import TRUE, UNKNOWN
from tests.reading.made import AS_OF, HEAD, loaded, one, person, refused, rule_file

LABELS = """labels:
  ELIGIBLE: {label: no hold found, text: The physician orders.}
  REVIEW: HOLD
  UNDETERMINED: HOLD
  INELIGIBLE: {label: STOP}
outputs:
  ends_series: Ends Series
  score_2: Doubled
"""
BODY = """requirements:
  Score: {type: Integer, scale: [0, 10]}
definitions:
  Ends Series: Score >= 8
  Doubled: Score * 2
criteria:
  - id: EXC01
    category: exclusion
    text: A score of 5 or more
    source: {report: page 1}
    expression: |
      Score >= 5
"""
FILE = f"{HEAD}{LABELS}{BODY}"


def test_the_words_of_the_library_are_those_of_the_verdicts() -> None:
    assert set(VERDICTS) == {verdict.value for verdict in Verdict}


def test_labels_and_outputs_are_read_as_they_are_written(tmp_path: Path) -> None:
    library = loaded(tmp_path, FILE)
    assert library.labels == (
        Label("ELIGIBLE", "no hold found", "The physician orders."),
        Label("REVIEW", "HOLD"),
        Label("UNDETERMINED", "HOLD"),
        Label("INELIGIBLE", "STOP"),
    )
    assert library.outputs == (Output("ends_series", "Ends Series"), Output("score_2", "Doubled"))
    assert library.label("REVIEW").label == "HOLD"


def test_a_protocol_without_labels_says_the_verdict_itself(tmp_path: Path) -> None:
    library = loaded(tmp_path, f"{HEAD}{BODY}")
    assert (library.labels, library.outputs) == ((), ())
    assert [library.label(verdict).label for verdict in VERDICTS] == list(VERDICTS)


def test_labels_and_outputs_come_back_from_the_cache(tmp_path: Path) -> None:
    library = loaded(tmp_path, FILE)
    assert decode(encode(library)) == library


def test_neither_changes_what_is_evaluated(tmp_path: Path) -> None:
    with_labels, without = loaded(tmp_path, FILE), loaded(tmp_path, f"{HEAD}{BODY}")
    for score, verdict, label in ((2, "ELIGIBLE", "no hold found"), (8, "INELIGIBLE", "STOP")):
        subject = person(one("Score", score))
        traces = [reference.trace(library, subject, AS_OF) for library in (with_labels, without)]
        assert traces[0].steps == traces[1].steps
        said = [determine(lib, trace) for lib, trace in zip((with_labels, without), traces, strict=True)]
        assert [d.verdict.value for d in said] == [verdict, verdict]
        assert [d.label for d in said] == [label, verdict]
    assert [(told.output, told.value) for told in said[0].outputs] == [
        ("ends_series", TRUE),
        ("score_2", exactly(16)),
    ]


def test_what_is_missing_is_told_as_a_hold_and_its_outputs_as_unknown(tmp_path: Path) -> None:
    library = loaded(tmp_path, FILE)
    said = determine(library, reference.trace(library, person(), AS_OF))
    assert (said.verdict, said.label) == (Verdict.UNDETERMINED, "HOLD")
    assert [told.value for told in said.outputs] == [UNKNOWN, Bounds(0, 20)]


def test_labels_and_outputs_are_not_handed_on_to_a_file_that_includes(tmp_path: Path) -> None:
    rule_file(tmp_path, FILE)
    including = HEAD.replace("library: made", "library: whole")
    including += 'include:\n  - {library: made, version: "1", criteria: all}\noutputs:\n  doubled: Doubled\n'
    path = rule_file(tmp_path, including, "whole")
    library = load(path, [tmp_path])
    assert library.labels == ()
    assert library.outputs == (Output("doubled", "Doubled"),)
    assert library.label("INELIGIBLE").label == "INELIGIBLE"


def test_no_more_outputs_than_a_screen_can_hold(tmp_path: Path) -> None:
    many = "outputs:\n" + "".join(f"  number_{n}: Doubled\n" for n in range(13))
    (told,) = refused(tmp_path, f"{HEAD}{many}{BODY}")
    assert "there are more than 12 outputs" in told
