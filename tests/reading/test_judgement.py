"""Where a judgement may stand: a word that it chooses is shown, and nothing is asked of that word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.made import HEAD, loaded, refused

WORDS = f"""{HEAD}requirements:
  Anything: {{type: Boolean}}
  Judged: {{type: Judgement}}
definitions:
  Category:
    expression: |
      if Judged then 'definite' else if Anything then 'probable' else 'not now'
"""
CRITERION = """criteria:
  - id: INC01
    category: inclusion
    text: A sentence
    source: {report: page 1}
    expression: |
      %s
"""


def test_a_word_that_a_judgement_chooses_is_shown(tmp_path: Path) -> None:
    library = loaded(tmp_path, WORDS + CRITERION % "Anything and Judged")
    assert "Category" in [name for name, _ in library.order]


@pytest.mark.parametrize(
    ("expression", "where"),
    [
        ("Category = 'definite'", "under `=`"),
        ("Category in {'definite', 'probable'}", "under `in`"),
        ("Anything or not (Category in {'not now'})", "under `in`"),
        ("(if Judged then 'a' else 'b') != 'b'", "under `!=`"),
    ],
)
def test_no_condition_asks_for_that_word(tmp_path: Path, expression: str, where: str) -> None:
    name = "Judged" if "if Judged" in expression else "Category"
    message = f"the judgement `{name}` stands {where}, where no answer is surely the favourable one"
    assert refused(tmp_path, WORDS + CRITERION % expression) == [message]


def test_a_truth_that_a_judgement_chooses_is_refused(tmp_path: Path) -> None:
    where = "stands in the condition of `if`, where no answer is surely the favourable one"
    text = WORDS + CRITERION % "if Judged then Anything else false"
    assert refused(tmp_path, text) == [f"the judgement `Judged` {where}"]
