"""The verifier runs in a browser, in a page opened from a file: the answers are those it gives in node."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.audit.test_bundle_edits import edited, text_of
from tests.checkout import absent
from tests.verifier import people
from tests.verifier.node import VERIFIER, Answer, answer_of, python
from tests.verifier.test_agree import restated

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
        assert verified(page, text).accepted == expected["accepted"] == python(text).accepted, expected["file"]


def test_it_accepts_worked_cases_and_people_made_by_chance(page: Any, tmp_path: Path) -> None:
    tried = 0
    for made in (people.of_cases(file_step=40, case_step=25), people.by_chance(range(50, 53), 4, tmp_path)):
        for name, text in made:
            assert verified(page, text) == Answer(True), name
            altered = text.replace('"certainty": "TRUE"', '"certainty": "UNKNOWN"', 1)
            assert altered == text or not verified(page, altered).accepted, name
            tried += 1
    assert tried >= 8


# How much is given to the page at once, and of so many bundles one is also altered in one place.
_MOST_AT_ONCE = 4_000_000
_ONE_ALTERED_OF = 5


def with_altered(found: Iterable[people.Named], rng: Random) -> Iterator[people.Named]:
    """The bundles, and after every so manieth the same with a single edit, half of them with fitting digests."""
    for position, (name, text) in enumerate(found):
        yield name, text
        if position % _ONE_ALTERED_OF:
            continue
        made = None
        while made is None:
            made = edited(json.loads(text), rng)
        kind, path, bundle = made
        if rng.random() < 0.5 and kind not in ("twice", "form"):
            restated(bundle)
        yield f"{name}, altered: {kind} at {path}", text_of(bundle)


def agreed(page: Any, found: Iterable[people.Named]) -> Counter[str]:
    """What program and page say alike of the bundles and of some of them altered; each as made is accepted."""
    tried: Counter[str] = Counter()
    size = 0
    names: list[str] = []
    texts: list[str] = []

    def asked() -> None:
        nonlocal size
        answers = page.evaluate("texts => texts.map((text) => window.screeningVerifier.verify(text))", texts)
        for name, text, answer in zip(names, texts, answers, strict=True):
            theirs, ours, is_altered = answer_of(answer), python(text), ", altered: " in name
            assert theirs.accepted == ours.accepted, (name, theirs, ours)
            assert theirs.accepted or is_altered, (name, theirs, ours)
            tried["as made" if not is_altered else "altered" if theirs.accepted else "altered, refused"] += 1
        size = 0
        names.clear(), texts.clear()

    for name, text in with_altered(found, Random(20261128)):
        names.append(name), texts.append(text)
        size += len(text)
        if size > _MOST_AT_ONCE:
            asked()
    asked()
    return tried


def told(tried: Counter[str], page: Any) -> None:
    said = ", ".join(f"{number} {kind}" for kind, number in sorted(tried.items()))
    print(f"{said}, in {page.context.browser.browser_type.name} {page.context.browser.version}")


@pytest.mark.long
def test_every_worked_case_is_accepted_in_a_browser(page: Any) -> None:
    """All of them, or with CASES=N/M those of every M-th case file from the N-th on, counted from 0."""
    first, step = map(int, os.environ.get("CASES", "0/1").split("/"))
    tried = agreed(page, people.of_cases(step, 1, first))
    told(tried, page)
    assert tried["as made"] > 1000 // step


@pytest.mark.long
def test_ten_thousand_people_are_accepted_in_a_browser(page: Any, tmp_path: Path) -> None:
    wanted = int(os.environ.get("TRACES", "10000"))
    tried = agreed(page, people.withheld(max(1, wanted // 100), 2))
    seed = 30_000
    while tried["as made"] < wanted:
        tried += agreed(page, people.by_chance(range(seed, seed + 20), 10, tmp_path))
        seed += 20
    told(tried, page)
