"""A page as text of 80 columns, and as Markdown; the same words in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from screening.reports.line import Line
from screening.reports.logic import Clause
from screening.reports.page import Fact, Page, Section, Table
from screening.reports.words import folded

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#])")
_NUMBERED = re.compile(r"^(\s*)(\d+)([.)])")


def text(page: Page) -> list[Line]:
    """The page for a terminal or a printer; headings are underlined, statements indented as they are nested."""
    lines = [page.status, *folded(page.title), "=" * min(len(page.title), 80), ""]
    for fact in page.facts:
        lines += _fact(fact)
    for section in page.sections:
        lines += ["", *_section(section, 2)]
    lines += ["", *(line for words in page.footer for line in folded(words)), page.status]
    return [Line(line.rstrip()) for line in lines]


def _section(section: Section, level: int) -> Iterator[str]:
    title = f"{section.title}  ({section.aside})" if section.aside else section.title
    yield from folded(title)
    if level < 4:
        yield ("-" if level == 2 else ".") * min(len(title), 80)
    for words in section.texts:
        yield from folded(words)
    for fact in section.facts:
        yield from _fact(fact)
    for picture in section.pictures:
        yield from folded(f"Figure: {picture.caption}. {picture.words}")
    for table in section.tables:
        yield from _table(table)
    for item in section.items:
        yield from folded(item, "- ", "  ")
    for below in section.sections:
        yield ""
        yield from _section(below, level + 1)


def _fact(fact: Fact) -> Iterator[str]:
    for words in fact.texts:
        yield from folded(words, f"  {fact.name}: ", "    ")
    if fact.clause is not None:
        yield from _clause(fact.clause, f"  {fact.name}: ", "    ")


def _clause(clause: Clause, first: str, indent: str) -> Iterator[str]:
    yield from folded(clause.text, first, indent)
    for part in clause.parts:
        yield from _clause(part, f"{indent}- ", f"{indent}  ")


def _table(table: Table) -> Iterator[str]:
    """A table as one line for each row, each cell behind its column; empty cells are left out."""
    yield f"  {table.caption}:"
    for row in table.rows:
        cells = (f"{column} {cell}" for column, cell in zip(table.columns, row, strict=True) if cell)
        yield from folded("; ".join(cells), "    - ", "      ")


# -------------------------------------------------------------------------------------- Markdown


def markdown(page: Page) -> str:
    """The page as Markdown; whatever the file's own words hold is text, never a mark or a link."""
    lines = [f"# {_plain(page.title)}", "", f"**{_plain(page.status)}**", ""]
    for fact in page.facts:
        lines += _markdown_fact(fact)
    for section in page.sections:
        lines += ["", *_markdown_section(section, 2)]
    lines += [
        "",
        "---",
        "",
        *(line for words in page.footer for line in (_plain(words), "")),
        f"**{_plain(page.status)}**",
    ]
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    """Words of which nothing is a mark of Markdown or of HTML."""
    return _NUMBERED.sub(r"\1\2\\\3", _MARKDOWN.sub(r"\\\1", words).replace("&", "&amp;"))


def _markdown_section(section: Section, level: int) -> Iterator[str]:
    aside = f" ({_plain(section.aside)})" if section.aside else ""
    yield f"{'#' * min(level, 6)} {_plain(section.title)}{aside}"
    yield ""
    for words in section.texts:
        yield from (_plain(words), "")
    for fact in section.facts:
        yield from _markdown_fact(fact)
    if section.facts:
        yield ""
    for picture in section.pictures:
        yield from (_plain(f"Figure: {picture.caption}. {picture.words}"), "")
    for table in section.tables:
        yield from (f"{_plain(table.caption)}:", "")
        yield "| " + " | ".join(map(_plain, table.columns)) + " |"
        yield "|" + " --- |" * len(table.columns)
        yield from ("| " + " | ".join(map(_plain, row)) + " |" for row in table.rows)
        yield ""
    for item in section.items:
        yield f"- {_plain(item)}"
    for below in section.sections:
        yield ""
        yield from _markdown_section(below, level + 1)


def _markdown_fact(fact: Fact) -> Iterator[str]:
    for words in fact.texts:
        yield f"- **{_plain(fact.name)}:** {_plain(words)}"
    if fact.clause is not None:
        yield from _markdown_clause(fact.clause, f"- **{_plain(fact.name)}:** ", "  ")


def _markdown_clause(clause: Clause, first: str, indent: str) -> Iterator[str]:
    yield f"{first}{_plain(clause.text)}"
    for part in clause.parts:
        yield from _markdown_clause(part, f"{indent}- ", f"{indent}  ")
