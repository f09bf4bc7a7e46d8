"""The verifier runs in a browser, in a page opened from a file: the answers are those it gives in node."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import absent
from tests.verifier import people
from tests.verifier.node import VERIFIER, Answer, answer_of, python

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


# How much is given to the page at once.
_MOST_AT_ONCE = 4_000_000


def agreed(page: Any, found: Iterable[people.Named]) -> int:
    """How many bundles were tried; the program and the page accept each of them."""
    tried, size = 0, 0
    names: list[str] = []
    texts: list[str] = []

    def asked() -> None:
        nonlocal size
        answers = page.evaluate("texts => texts.map((text) => window.screeningVerifier.verify(text))", texts)
        for name, text, answer in zip(names, texts, answers, strict=True):
            assert answer_of(answer) == python(text) == Answer(True), name
        size = 0
        names.clear(), texts.clear()

    for name, text in found:
        names.append(name), texts.append(text)
        tried, size = tried + 1, size + len(text)
        if size > _MOST_AT_ONCE:
            asked()
    asked()
    return tried


@pytest.mark.long
def test_every_worked_case_is_accepted_in_a_browser(page: Any) -> None:
    tried = agreed(page, people.of_cases(file_step=1, case_step=1))
    print(f"{tried} worked cases in Chromium")
    assert tried > 1000


@pytest.mark.long
def test_ten_thousand_people_are_accepted_in_a_browser(page: Any, tmp_path: Path) -> None:
    wanted = int(os.environ.get("TRACES", "10000"))
    gaps = agreed(page, people.withheld(max(1, wanted // 100), 2))
    chance, seed = 0, 30_000
    while gaps + chance < wanted:
        chance += agreed(page, people.by_chance(range(seed, seed + 20), 10, tmp_path))
        seed += 20
    print(f"{gaps} people with data withheld, {chance} people by chance of libraries by chance, in Chromium")
