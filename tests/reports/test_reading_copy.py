"""The reading copy: nothing of a file is left out, every number has its source or its mark."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from screening import screen, sheet
from screening.errors import RuleError
from screening.language.library import Library
from screening.reading.document import Mapping, Scalar, Sequence, Tree, read_document
from screening.reading.faults import Faults
from screening.reports.page import Page, Section, said
from screening.reports.reading_copy import reading_copy
from screening.reports.words import SITE_CHOICE, UNVERIFIED
from tests.checkout import ROOT

RULES = sorted(path.stem for path in (ROOT / "rules").glob("*.yaml") if "." not in path.stem)
# Where the numbers of an item stand, by the part of the file that it is in.
NUMBERED = {
    "parameters": ("value",),
    "requirements": ("within", "plausible", "scale", "floor", "readings", "factor", "take"),
    "definitions": ("expression", "equivalent_to"),
    "criteria": ("expression", "equivalent_to", "applies when", "until", "alert"),
}
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
NUMBER = re.compile(r"(?<![\w.*])\d+(?:\.\d+)?(?![\w*])")
SOURCED = {"Source", "Because", "Changed by"}


@functools.cache
def library(name: str) -> Library:
    """A shipped library; of a file that only lends what it declares, one that includes it."""
    try:
        return screen.load_library(str(ROOT / "rules" / f"{name}.yaml"))
    except RuleError as wrong:
        if not wrong.diagnostics[0].message.endswith("has no criteria"):
            raise
    return including(name)[0]


@functools.cache
def including(name: str) -> list[Library]:
    """Every shipped library that includes a file: what it only lends is read in their copies."""
    named = (library(other) for other in RULES if other != name and f"library: {name}" in source(other))
    return [other for other in named if name in {inclusion.name for inclusion in other.includes}]


def source(name: str) -> str:
    return (ROOT / "rules" / f"{name}.yaml").read_text(encoding="utf-8")


def scalars(tree: Tree) -> Iterator[str]:
    match tree:
        case Scalar(text=text):
            yield text
        case Sequence(items):
            for item in items:
                yield from scalars(item)
        case Mapping(entries):
            for key, value in entries:
                if key.text not in ("source", "because", "text", "escalate"):
                    yield from scalars(value)


def numbers(item: Mapping, keys: tuple[str, ...]) -> set[str]:
    """Every number of an item that could decide something; names and units in quotes hold none."""
    found = (text for key in keys if (below := item.get(key)) is not None for text in scalars(below))
    return {number for text in found for number in NUMBER.findall(QUOTED.sub(" ", text))}


def items(tree: Mapping) -> Iterator[tuple[str, set[str]]]:
    """The items of a rule file by name, each with its numbers."""
    for part, keys in NUMBERED.items():
        below = tree.get(part)
        if isinstance(below, Mapping):
            for name, item in below:
                plain = (
                    item
                    if isinstance(item, Mapping)
                    else Mapping(((Scalar("expression", name.span), item),), name.span)
                )
                yield name.text, numbers(plain, keys)
        elif isinstance(below, Sequence):
            for item in below:
                assert isinstance(item, Mapping)
                id = item.get("id")
                assert isinstance(id, Scalar)
                yield id.text, numbers(item, keys)


def entries(page: Page) -> dict[str, list[Section]]:
    """The entries of a reading copy by their titles."""
    found: dict[str, list[Section]] = {}
    for section in page.sections:
        for entry in section.sections:
            found.setdefault(entry.title, []).append(entry)
    return found


def test_the_shipped_files_hold_numbers() -> None:
    assert len(RULES) >= 4
    faults = Faults()
    tree = read_document((ROOT / "rules" / "ketamine-safety.yaml").read_bytes(), "x", faults)
    assert isinstance(tree, Mapping)
    assert sum(len(found) for _, found in items(tree)) > 100


@pytest.mark.parametrize("name", RULES)
def test_every_number_of_a_file_stands_in_its_reading_copy_with_its_source_or_its_mark(name: str) -> None:
    tree = read_document((ROOT / "rules" / f"{name}.yaml").read_bytes(), name, Faults())
    assert isinstance(tree, Mapping)
    lends = "\ncriteria:" not in source(name)
    copied: dict[str, list[Section]] = {}
    for loaded in including(name) if lends else [library(name)]:
        for title, sections in entries(reading_copy(loaded)).items():
            copied.setdefault(title, []).extend(sections)
    wrong = []
    for item, found in items(tree):
        told = [text for entry in copied.get(item, []) for text in said(entry)]
        facts = {fact.name for entry in copied.get(item, []) for fact in entry.facts}
        there = {number for text in told for number in NUMBER.findall(text)}
        # A number is shown as it is or as the same number: 0.50 and 0.5.
        missing = {n for n in found if n not in there and str(float(n)) not in {str(float(t)) for t in there}}
        if missing:
            wrong.append(f"{item}: {', '.join(sorted(missing))} not in the reading copy")
        marked = any(mark in text for text in told for mark in (SITE_CHOICE, UNVERIFIED))
        if found and not marked and not facts & SOURCED:
            wrong.append(f"{item}: {', '.join(sorted(found))} without a source and without a mark")
    assert wrong == []


@pytest.mark.parametrize("name", RULES)
def test_every_criterion_and_every_definition_has_its_source(name: str) -> None:
    loaded = library(name)
    copied = entries(reading_copy(loaded))
    for criterion in loaded.criteria:
        (entry,) = copied[criterion.id]
        assert SOURCED & {fact.name for fact in entry.facts}, criterion.id
        assert criterion.source.place in " ".join(said(entry)) or criterion.source.place.split()[0] in " ".join(
            said(entry)
        )


@pytest.mark.parametrize("name", RULES)
def test_the_reading_copy_holds_every_choice_every_code_and_every_unverified_limit(name: str) -> None:
    loaded = library(name)
    page = reading_copy(loaded)
    whole = " ".join(text for section in page.sections for text in texts(section))
    for valueset in loaded.valuesets:
        for code in valueset.codes:
            assert str(code) in whole
    last = page.sections[-1]
    assert last.title == "Open questions for sign-off"
    chosen = sum(len(c.chosen) for c in loaded.criteria) + sum(len(r.chosen) for r in loaded.requirements)
    chosen += sum(len(d.chosen) for d in loaded.definitions if d.origin == "definition")
    chosen += sum(p.chosen for p in loaded.parameters)
    assert sum(item.endswith(SITE_CHOICE) for item in last.items) == chosen
    unverified = sum(len(c.unverified) for c in loaded.criteria) + sum(
        len(r.unverified) for r in loaded.requirements
    )
    unverified += sum(len(d.unverified) for d in loaded.definitions if d.origin == "definition")
    unverified += len({code for v in loaded.valuesets for code in v.unverified})
    assert sum(item.endswith(UNVERIFIED) for item in last.items) == unverified


def texts(section: Section) -> Iterator[str]:
    yield from said(section)
    for below in section.sections:
        yield from texts(below)


@pytest.mark.parametrize("form", sheet.FORMS)
def test_the_status_stands_at_the_top_and_at_the_end(form: str) -> None:
    text = sheet.reading_copy(library("ketamine-ra-fm"), form)
    assert (
        text.count("ketamine-ra-fm 0.1: DRAFT, not for use in care") + text.count("ketamine-ra-fm 0.1: DRAFT") >= 2
    )
    assert text == sheet.reading_copy(library("ketamine-ra-fm"), form)
    assert "not licensed" in text
    assert "Decision support for qualified health professionals" in text


def test_the_text_has_80_columns() -> None:
    text = sheet.reading_copy(library("ketamine-ra-fm"), "text")
    assert [line for line in text.splitlines() if len(line) > 80] == []


# ------------------------------------------------------------------------------------ the HTML page


class Tags(HTMLParser):
    """The tags of a page with their attributes, and which are left open."""

    EMPTY = ("meta", "link", "br", "hr", "img", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return sheet.reading_copy(library("ketamine-ra-fm"), "html")


@pytest.fixture(scope="module")
def tags(page: str) -> Tags:
    return Tags(page)


def test_the_page_is_whole(tags: Tags) -> None:
    assert tags.open == []
    assert tags.named("html") == [{"lang": "en"}]
    assert len(tags.named("h1")) == len(tags.named("main")) == len(tags.named("nav")) == 1
    ids = Counter(attributes["id"] for _, attributes in tags.found if "id" in attributes)
    assert [id for id, count in ids.items() if count > 1] == []
    for link in tags.named("a"):
        assert (link["href"] or "").removeprefix("#") in ids
    for section in tags.named("section"):
        assert section["aria-labelledby"] in ids
    assert {attributes.get("scope") for attributes in tags.named("th")} == {"col"}


def test_headings_leave_no_level_out(tags: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing(page: str, tags: Tags) -> None:
    assert not {"script", "link", "img", "iframe", "object", "form", "video", "base"} & {
        tag for tag, _ in tags.found
    }
    assert not [a for _, a in tags.found if any(key.startswith("on") or key in ("src", "style") for key in a)]
    assert "url(" not in page
    assert "@import" not in page
    policy = next(m["content"] for m in tags.named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_what_a_file_says_is_never_markup(tmp_path: Path) -> None:
    hostile = '<script>alert("1")</script> & [a](javascript:b) **c** | d'
    (tmp_path / "made.yaml").write_text(
        f"library: made\nversion: '1'\ntitle: '{hostile}'\nsources: {{report: '{hostile}'}}\n"
        "requirements: {Anything: {type: Boolean, label: '<b>x</b>'}}\n"
        f"criteria:\n  - {{id: INC01, category: inclusion, text: '{hostile}', source: {{report: page 1}},"
        " expression: Anything}\n",
        encoding="utf-8",
    )
    loaded = screen.load_library("made", [tmp_path])
    found = sheet.reading_copy(loaded, "html")
    assert "<script" not in found
    assert "<b>" not in found
    assert "&lt;script&gt;" in found
    written = sheet.reading_copy(loaded, "md")
    assert "<script" not in written.replace("\\<", "")
    assert "[a](" not in written.replace("\\[", "").replace("\\]", "")


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_can_be_read_on_its_ground() -> None:
    style = (ROOT / "screening" / "reports" / "page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(roots) == 3
    for root in roots:
        tokens = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", root))
        ground = luminance(tokens["ground"])
        for name in ("text", "against", "open", "quiet"):
            low, high = sorted((ground, luminance(tokens[name])))
            assert (high + 0.05) / (low + 0.05) >= 7.0, name


def test_a_browser_shows_the_page(tmp_path: Path, page: str) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser on this machine")
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", profile, "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0 and not done.stdout:
        pytest.skip("the browser of this machine does not start")
    assert "Open questions for sign-off" in done.stdout
    assert "Content-Security-Policy" not in done.stderr
