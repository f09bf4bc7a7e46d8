"""Random single edits of the page of one person: its self-check refuses each that means anything, at its place.

A few are made in every run; `make long` makes PAGE_EDITS of them, 2,000 by default.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening.reports.html import embedded
from screening.reports.seal import otherwise, seals
from tests.audit import bundles
from tests.audit.test_bundle_edits import edited, text_of
from tests.cli.cohorts import RECORDS, SMALL, called
from tests.reports import hostile
from tests.reports.chromium import chromium

pytestmark = pytest.mark.browser
PEOPLE = ("eligible", "ineligible", "review", "alert")
BUNDLE = re.compile(r'(<script type="application/json" id="bundle">)(.*?)(</script>)', re.DOTALL)
SEAL = re.compile(r'(<script type="application/json" id="seal">)(.*?)(</script>)', re.DOTALL)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Words of a page that mean the opposite of one another, or as good as.
OPPOSITES = {
    "not met": "met", "met": "not met", "absent": "present", "present": "absent", "unknown": "met",
    "ELIGIBLE": "REVIEW", "INELIGIBLE": "ELIGIBLE", "holds": "does not hold", "TRUE": "FALSE", "true": "false",
    "confirmed": "only possible",
}  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("pages")
    for name in PEOPLE:
        assert called(folder, "report", f"{RECORDS / name}.yaml", *SMALL, "--out", f"{name}.html").status == 0
    return [(folder / f"{name}.html").read_text(encoding="utf-8") for name in PEOPLE]


class Opened:
    """A window in which one page after the other is opened."""

    def __init__(self, page: Any, file: Path) -> None:
        self.page, self.file = page, file

    def open(self, text: str) -> None:
        """Opens a page."""
        self.file.write_text(text, encoding="utf-8")
        self.page.goto(self.file.resolve().as_uri())

    def said(self, text: str) -> str:
        """What the self-check of a page says, every place that it names."""
        self.open(text)
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
        found = "['checked', 'refusals'].map((id) => document.getElementById(id)?.textContent ?? 'gone').join(' ')"
        said = str(self.page.evaluate(found))
        assert not said.startswith("Running."), said
        return said


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with chromium() as browser:
        yield Opened(browser.new_page(), tmp_path_factory.mktemp("edited") / "page.html")


# ------------------------------------------------------------------------------------- edits


def of_bundle(page: str, rng: Random) -> str:
    """Certificate, rules or record edited in one place, half of them with digests that fit again."""
    found = BUNDLE.search(page)
    assert found is not None
    made = edited(json.loads(found[2]), rng)
    if made is None:
        return page
    kind, _, bundle = made
    if rng.random() < 0.5 and kind not in ("twice", "form"):
        with contextlib.suppress(KeyError, TypeError, AttributeError):
            bundles.restated(bundle)
    text = text_of(bundle).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return page[: found.start(2)] + text + page[found.end(2) :]


def of_texts(page: str, rng: Random) -> str:
    """A word, a sign or a number of what is seen."""
    body = page.index("<body")
    texts = list(re.finditer(r">([^<>]*[^<>\s][^<>]*)<", page[body : page.index("<script", body)]))
    chosen = rng.choice([m for m in texts if m[1].strip() in OPPOSITES] if rng.random() < 0.3 else texts)
    old = chosen[1]
    if old.strip() in OPPOSITES:
        new = old.replace(old.strip(), OPPOSITES[old.strip()])
    else:
        at = rng.choice([n for n, sign in enumerate(old) if not sign.isspace()])
        new = old[:at] + rng.choice("0123456789abcxyz.<"[:-1]) + old[at + rng.randrange(2) :]
    return page[: body + chosen.start(1)] + new + page[body + chosen.end(1) :]


def of_elements(page: str, rng: Random) -> str:
    """An element taken out, put in twice, or told of another class or name."""
    body = page.index("<body")
    end = page.index("<script", body)
    whole = [
        *re.finditer(
            r"<(td|li|p|dd|tr|strong|span|code|summary)\b[^>]*>(?:(?!<\1\b).)*?</\1>", page[body:end], re.DOTALL
        )
    ]
    chosen = rng.choice(whole)
    old = chosen[0]
    match rng.randrange(4):
        case 0:
            new = ""
        case 1:
            new = old + old
        case 2:
            new = re.sub(r"^<(\w+)", r'<\1 hidden="" data-x="1"', old)
        case _:
            new = re.sub(r'(class|data-label|href)="[^"]*"', r'\1="x"', old, count=1)
    return page[: body + chosen.start()] + new + page[body + chosen.end() :]


def of_seal(page: str, rng: Random) -> str:
    """A digest of the seal, or an element left out of it."""
    found = SEAL.search(page)
    assert found is not None
    seal = json.loads(found[2])
    id = rng.choice(sorted(seal))
    if rng.random() < 0.5:
        del seal[id]
    else:
        seal[id] = "0" * 64
    return page[: found.start(2)] + json.dumps(seal) + page[found.end(2) :]


def of_scripts(page: str, rng: Random) -> str:
    """A sign of one of the scripts."""
    found = rng.choice(list(SCRIPT.finditer(page)))
    at = rng.randrange(found.start(1), found.end(1))
    return page[:at] + rng.choice("abc;") + page[at + 1 :]


KINDS = {"bundle": of_bundle, "texts": of_texts, "elements": of_elements, "seal": of_seal, "scripts": of_scripts}


def run(opened: Opened, pages: list[str], count: int, seed: int) -> Counter[str]:
    """So many edits, each refused, by kind and by whether a place in the page or in the bundle is named."""
    rng = Random(seed)
    found: Counter[str] = Counter()
    while found.total() < count:
        page = rng.choice(pages)
        [kind] = rng.choices(list(KINDS), (8, 6, 4, 1, 1))
        text = KINDS[kind](page, rng)
        if text == page:
            continue
        said, where = opened.said(text), f"seed {seed}, edit {found.total()}: {kind}"
        assert not said.startswith("Accepted"), where
        assert otherwise(text, page), where
        if kind == "scripts":
            # The page admits no script but its own, so that none runs that was altered.
            found[f"{kind}, {'refused' if said.startswith('REFUSED') else 'not run'}"] += 1
            continue
        assert said.startswith("REFUSED at "), f"{where}: {said}"
        if kind in ("texts", "elements"):
            before, after = seals(page), seals(text)
            altered = [id for id in before.keys() | after.keys() if before.get(id) != after.get(id)]
            assert any(f"#{id}:" in said for id in altered), f"{where}: {said} {altered}"
        found[f"{kind}, refused at its place"] += 1
    return found


def test_edits_are_refused_at_their_place(opened: Opened, pages: list[str]) -> None:
    assert run(opened, pages, 15, 20261128).total() == 15


@pytest.mark.long
def test_two_thousand_edits_are_refused_at_their_place(opened: Opened, pages: list[str]) -> None:
    for kind, number in sorted(run(opened, pages, int(os.environ.get("PAGE_EDITS", "2000")), 1).items()):
        print(f"{number:6d}  {kind}")


# ---------------------------------------------------------------------------- what means nothing


def test_another_spelling_of_the_same_page_is_accepted(opened: Opened, pages: list[str]) -> None:
    rng = Random(3)

    def mixed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(rng.sample(pairs, len(pairs)))

    def respelt(found: re.Match[str]) -> str:
        data = json.loads(found[2], object_pairs_hook=mixed)
        # Of what is escaped in a bundle nothing may come to stand as it is.
        return f"{found[1]}\n {embedded(data).replace(',', ' ,', 1)} \n{found[3]}"

    for page in pages:
        spellings = {
            "as it was made": page,
            "keys in another order": SEAL.sub(respelt, BUNDLE.sub(respelt, page)),
            "more white space": page.replace("</li>\n<li>", "</li>\n\n  <li>").replace("</p>\n", "</p>\r\n\t"),
            "a comment": page.replace("<main", "<!-- seen --><main", 1),
            "attributes in another order": re.sub(
                r'<td class="(\w+)" data-label="(\w+)">', r'<td data-label="\2" class="\1">', page
            ),
            "signs by number": page.replace(">Criteria</h2>", ">&#67;riteria</h2>"),
        }
        for name, text in spellings.items():
            assert name == "as it was made" or text != page, name
            assert opened.said(text).startswith("Accepted: "), name
            assert seals(text) == seals(page), name


def test_what_is_hostile_in_a_record_breaks_no_seal(opened: Opened, tmp_path: Path) -> None:
    text = hostile.site(tmp_path).pages["determination"].read_text(encoding="utf-8")
    assert opened.said(text).startswith("Accepted: ")


def test_a_page_sealed_anew_is_held_against_its_certificate(opened: Opened, pages: list[str]) -> None:
    """Whoever seals a page anew still has to say of each criterion what its certificate says."""

    def anew(text: str) -> str:
        return SEAL.sub(lambda found: found[1] + json.dumps(seals(text)) + found[3], text)

    for old, new, place in (
        (
            '<span class="against">INELIGIBLE</span>',
            '<span class="against">ELIGIBLE</span>',
            "/determination/label",
        ),
        ("present</span>", "absent</span>", "/determination/criteria/"),
        (">met</span>", ">not met</span>", "/determination/criteria/"),
    ):
        page = next(each for each in pages if old in each)
        assert f"REFUSED at /certificate{place}" in opened.said(anew(page.replace(old, new, 1)))
    assert opened.said(anew(page)).startswith("Accepted")
