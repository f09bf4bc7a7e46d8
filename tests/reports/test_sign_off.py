"""Over all shipped rules and records: every criterion has a source, and no unverified number decides unnamed."""

from __future__ import annotations

import datetime
import re

import pytest

from screening import matching, screen
from screening.language.library import Library
from screening.reports.account import _CODE, below
from screening.reports.line import plain_text
from tests.checkout import ROOT

AS_OF = datetime.date(2026, 11, 22)
LIBRARIES = matching.shelf([ROOT / "rules"]).libraries
NAMES = frozenset(r.name for library in LIBRARIES for r in library.requirements)
RECORDS = sorted([*(ROOT / "rules" / "records").glob("*.yaml"), *(ROOT / "tests" / "records").glob("*.yaml")])


def resting(library: Library, names: set[str]) -> set[str]:
    """The criteria that read any of these, or are among them."""
    expressions = dict(library.order)
    found = set()
    for criterion in library.criteria:
        nodes = list(below(expressions[criterion.id], expressions))
        read = {getattr(node, "requirement", getattr(node, "name", "")) for node in nodes} | {criterion.id}
        found |= {criterion.id} if read & names else set()
    return found


def unverified(library: Library) -> set[str]:
    """The names of everything unverified, codes apart, that the verdict rests on, walked from its four nodes."""
    expressions = dict(library.order)
    reached: set[str] = set()
    for root in ("eligible", "favourable", "review", "arranged"):
        for node in below(expressions[root], expressions, reached):
            named = getattr(node, "requirement", getattr(node, "name", ""))
            reached.add(named)
    marked = {c.id: c.unverified for c in library.criteria}
    marked |= {d.name: d.unverified for d in library.definitions if d.origin == "definition"}
    marked |= {r.name: r.unverified for r in library.requirements}
    return {name for name, what in marked.items() if name in reached and any(not _CODE.match(w) for w in what)}


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_every_criterion_has_a_source_that_the_file_names(library: Library) -> None:
    sources = dict(library.sources)
    for criterion in library.criteria:
        for citation in (criterion.source, *criterion.also):
            assert sources[citation.source], criterion.id
            assert citation.place, criterion.id


def test_something_is_unverified_somewhere() -> None:
    """Otherwise the tests below could not fail."""
    assert sum(len(unverified(library)) for library in LIBRARIES) >= 1
    assert len(RECORDS) >= 2


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_what_is_unverified_is_named_under_sign_off_on_every_screen(library: Library, record: object) -> None:
    path = ROOT / str(record)
    subject = screen.read_record(path.read_bytes(), library, path.name, beside=NAMES)
    found = screen.screen(library, subject, AS_OF)
    names = unverified(library)
    assert bool(resting(library, names)) is bool(names)
    for form in ({}, {"everything": True}, {"plain": True}):
        text = " ".join(plain_text(screen.told(found, **form)).split())
        sign_off = re.search(r"Sign-off:? (.*?)(?= Assumed|$)", text)
        assert sign_off is not None
        # The short screen names the criterion that reads an unverified number, the long ones the number itself.
        wanted = names if form else resting(library, names)
        missing = {name for name in wanted if name not in sign_off[1]}
        assert missing == set()
    if any(_CODE.match(what) for r in library.requirements for what in r.unverified):
        assert re.search(r"\d+ codes?\b", " ".join(plain_text(screen.told(found)).split()))
