"""The screens of every shipped protocol: nothing left out, none larger than a screen, their count only falls."""

from __future__ import annotations

import datetime
from random import Random

import pytest

from screening import screen
from screening.guidance.interview import Pages
from screening.language.library import Library
from screening.matching import protocols, shelf
from screening.outcome.determination import Determination
from screening.outcome.interview import Asking, Page, Progress
from screening.reports.interview_page import page as told
from screening.reports.words import columns

LIBRARIES = protocols(shelf(screen.rules_folders())).libraries


def asking(page: Page, nothing: Determination) -> Asking:
    return Asking(nothing, page, Progress(2, 8, 10, 20))


@pytest.fixture(scope="module")
def nothing() -> Determination:
    library = LIBRARIES[0]
    subject = screen.read_record(b"subject: SYN-1\nevidence:\n", library, "p.yaml")
    return screen.screen(library, subject, datetime.date(2026, 11, 22)).determination


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_every_screen_fits(library: Library, nothing: Determination) -> None:
    names = [r.name for r in library.requirements]
    pages = Pages(library).pages(names)
    assert sorted(name for page in pages for name in page.names) == sorted(names)
    for page in pages:
        assert len({r.obtain for r in page.asked}) == 1
        lines = [line.text for line in told(library, asking(page, nothing))]
        # With the line that is typed at.
        assert len(lines) + 1 <= 22, (page.names, len(lines))
        assert max(map(columns, lines)) <= 80
        assert all(line.isprintable() for line in lines)
        for width in (30, 40, 79):
            assert max(columns(line.text) for line in told(library, asking(page, nothing), width)) <= width


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_the_number_of_screens_only_falls(library: Library) -> None:
    rng, pages = Random(len(library.name)), Pages(library)
    left = {r.name for r in library.requirements}
    before, asked = len(pages.pages(left)), 0
    while left:
        page = rng.choice(pages.pages(left))
        asked += 1
        gone = set(page.names) | set(rng.sample(sorted(left), min(len(left), rng.randrange(0, 12))))
        left -= gone
        now = len(pages.pages(left))
        assert asked + now <= before
    assert asked <= before


def test_an_alert_is_asked_about_before_all_else_of_its_block() -> None:
    library = screen.load_protocol("ketamine-ra-fm")
    watched = {name for c in library.criteria if c.alert for name in c.alert.requirements}
    names, found = [r.name for r in library.requirements], Pages(library).pages
    for way in ("questionnaire", "examine", "blood"):
        ahead = [bool(watched & set(page.names)) for page in found(names, ["Pain"]) if page.obtain == way]
        assert ahead == sorted(ahead, reverse=True)
    history = [page for page in found(names, ["Pain"]) if page.obtain == "ask"]
    assert "Pain" in history[0].names
    # By what a site declares, alerts come before all else.
    first = Pages(library, declared=True).pages(names, ["Pain"])
    ahead = [bool(watched & set(page.names)) for page in first]
    assert ahead == sorted(ahead, reverse=True)
    assert "Pain" in next(page for page, alerting in zip(first, ahead, strict=True) if not alerting).names
