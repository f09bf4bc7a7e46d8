"""The verifier runs in a browser, in a page opened from a file: the answers are those it gives in node."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import absent
from tests.verifier import people
from tests.verifier.node import VERIFIER, Answer, answer_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"
PAGE = """<!doctype html><meta charset="utf-8"><title>verifier</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'">
<script>{source}</script>
"""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One page with nothing but the verifier, which may ask nobody and run no text."""
    chromium = shutil.which("chromium") or absent("chromium is not installed")
    if importlib.util.find_spec("playwright") is None:
        absent("playwright is not installed")
    from playwright import sync_api as api

    path = tmp_path_factory.mktemp("page") / "verifier.html"
    path.write_text(PAGE.format(source=VERIFIER.read_text(encoding="utf-8")), encoding="utf-8")
    with api.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=QUIET)
        opened = browser.new_page()
        said: list[str] = []
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(path.as_uri())
        yield opened
        browser.close()
        assert said == []


def verified(page: Any, text: str) -> Answer:
    return answer_of(page.evaluate("text => window.screeningVerifier.verify(text)", text))


def test_it_answers_for_the_golden_bundles_as_they_say(page: Any) -> None:
    for expected in json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8")):
        text = (GOLDEN / expected["file"]).read_text(encoding="utf-8")
        assert verified(page, text).accepted == expected["accepted"], expected["file"]


def test_it_accepts_worked_cases_and_people_made_by_chance(page: Any, tmp_path: Path) -> None:
    tried = 0
    for made in (people.of_cases(file_step=40, case_step=25), people.by_chance(range(50, 53), 4, tmp_path)):
        for name, text in made:
            assert verified(page, text) == Answer(True), name
            altered = text.replace('"certainty": "TRUE"', '"certainty": "UNKNOWN"', 1)
            assert altered == text or not verified(page, altered).accepted, name
            tried += 1
    assert tried >= 8
