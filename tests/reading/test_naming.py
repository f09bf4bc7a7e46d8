"""Short names, the words of answers and the unit of a scale: what may be declared, and what is refused."""

# ruff: noqa: E501 (declarations stand on one line)

from __future__ import annotations

from pathlib import Path

import pytest

from screening.reading.encoding import decode, encode
from screening.reading.naming import folded, folded_answer
from tests.reading.made import CRITERION, HEAD, loaded, refused


def file(requirement: str = "{type: Boolean}", definition: str = "{expression: Anything}") -> str:
    return f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n  It: {requirement}\ndefinitions:\n  That: {definition}\n{CRITERION}".replace(
        "      Anything\n", "      Anything or That\n"
    )


def test_names_and_answers_are_kept_and_come_back_from_the_cache(tmp_path: Path) -> None:
    library = loaded(
        tmp_path,
        file(
            "{type: Integer, scale: [0, 10], scale unit: cm, short names: [PtGA, patient  global], answers: {0: [none], 10: worst}}",
            "{expression: It > 3, short names: bad, answers: {true: [bad], false: [good]}}",
        ).replace("Anything or That", "That"),
    )
    for found in (library, decode(encode(library))):
        it = found.requirement("It")
        (that,) = [d for d in found.definitions if d.name == "That"]
        assert (it.short_names, it.scale_unit) == (("PtGA", "patient global"), "cm")
        assert it.answers == (("0", ("none",)), ("10", ("worst",)))
        assert (that.short_names, that.answers) == (("bad",), (("true", ("bad",)), ("false", ("good",))))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (file("{type: String, short names: ['--']}"), "`--` cannot be a short name"),
        (
            file("{type: String, answers: {mild: [some], severe: [Some]}}"),
            "`Some` is an answer for `mild` and for `severe`",
        ),
        (
            file("{type: String, answers: {mild: [severe], severe: [bad]}}"),
            "`severe` is an answer for `mild` and for `severe`",
        ),
        (file("{type: String, answers: {mild: [[a]]}}"), "the words of answer `mild` are a list of texts"),
        (file("{type: Integer, answers: {mild: [some]}}"), "`mild` is no answer of type Integer"),
        (file("{type: Integer, answers: {1.5: [some]}}"), "`1.5` is no answer of type Integer"),
        (file("{type: Quantity, unit: cm, answers: {1: [some]}}"), "`1` is no answer of type Quantity"),
        (file(definition="{expression: Anything, answers: {1: [some]}}"), "`1` is no answer of type Boolean"),
        (file("{type: Integer, scale unit: cm}"), "`scale unit:` is the unit of a scale with two ends"),
        (file("{type: Integer, scale: [0, 10], scale unit: smoot}"), "unknown unit `smoot`"),
    ],
)
def test_what_cannot_be_declared(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in found for found in refused(tmp_path, text))


@pytest.mark.parametrize(
    "written", ["DAS28-ESR", "das28 esr", "DAS28_ESR", "(DAS28) [ESR]", "DAS28/ESR", "D.A.S.28 ESR"]
)
def test_signs_in_a_name_do_not_matter(written: str) -> None:
    assert folded(written) == "das28esr"


def test_what_compares_matters_in_an_answer() -> None:
    assert folded_answer("< 6 weeks") != folded_answer(">= 6 weeks") != folded_answer("6 weeks")
    assert folded_answer("\u2265 6 weeks") == folded_answer(">=6 weeks")
    assert folded_answer("2\u201310 large joints") == folded_answer("2 to 10 Large Joints")
    assert folded_answer("1-2") != folded_answer("12")
