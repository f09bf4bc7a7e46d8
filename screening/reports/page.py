"""A page of sections, whatever it is printed as: headings, sentences, named facts, statements and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from screening.reports.logic import Clause


@dataclass(frozen=True, slots=True)
class Fact:
    """Something said of a thing: a name, then sentences, or statements within statements."""

    name: str
    texts: tuple[str, ...] = ()
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading of columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as PNG, with its caption and what it shows in words, for who cannot see it."""

    caption: str
    words: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its title, what is said of it at once, its facts and tables, and the parts below it."""

    title: str
    aside: str = ""
    texts: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def anchor(self) -> str:
        """How a link names the section within its page."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page. `status` stands at its top and on every printed sheet."""

    title: str
    status: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def said(section: Section) -> Iterator[str]:
    """Every text of a section itself, not of the parts below it."""
    yield from (section.title, section.aside, *section.texts, *section.items)
    for fact in section.facts:
        yield from (fact.name, *fact.texts, *(stated(fact.clause) if fact.clause else ()))
    for picture in section.pictures:
        yield from (picture.caption, picture.words)
    for table in section.tables:
        yield from (table.caption, *table.columns, *(cell for row in table.rows for cell in row))


def stated(clause: Clause) -> Iterator[str]:
    """The text of a statement and of all that it is made of."""
    yield clause.text
    for part in clause.parts:
        yield from stated(part)
