"""Whatever the rules and the record are, every form of a screening can be shown and counts every criterion."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from screening import screen
from screening.errors import RuleError
from tests.agree import generate

LIBRARIES, PEOPLE = 10, 4
MARK = re.compile(r"(x|!|\?|\+|-) ([A-Z0-9]{1,8}) ")


@pytest.mark.parametrize("seed", range(LIBRARIES))
def test_every_form_of_a_screening_can_be_shown(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "chance.yaml"
    file = generate.library(seed)
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        library = screen.load_library(str(path), [tmp_path])
    except RuleError:
        pytest.skip("the generator draws a few ill-typed files")
    for each in range(PEOPLE):
        profile = json.dumps(generate.person(file, 1000 * seed + each)).encode()
        person = screen.read_record(profile, library, "chance.json")
        found = screen.screen(library, person, generate.AS_OF)
        for plain, everything, steps in ((0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1)):
            lines = screen.told(found, plain=bool(plain), everything=bool(everything), steps=bool(steps))
            text = screen.plain_text(lines)
            assert all(len(line) <= 80 for line in text.splitlines())
            assert all(line.isprintable() for line in text.splitlines())
            assert "DRAFT" in text
            assert found.determination.verdict.value in text
            if everything:
                shown = {m[2] for line in text.splitlines() if (m := MARK.match(line))}
                assert {c.id for c in library.criteria} <= shown
        assert screen.drawn(library, person, "chance.json")
        for criterion in ("", *(c.id for c in library.criteria)):
            assert all(len(line.text) <= 80 for line in screen.shown(library, criterion))
