"""Pages for people who read and sign: of a library, or of one screening; and in which form they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from screening.language.library import Library
    from screening.reports.account import Account
    from screening.reports.page import Page

FORMS = ("text", "md", "html")


def reading_copy(library: Library, form: str) -> str:
    """The whole of a library for reading, as text, Markdown or one self-contained HTML page."""
    from screening.reports.reading_copy import reading_copy as page_of

    return _printed(page_of(library), form)


def write(place: Path, text: str) -> None:
    """Writes a page whole or not at all, and over nothing that nobody could make again."""
    from screening.output.folder import write_private

    write_private(place, text)


def worksheet(account: Account, certificate: str, form: str) -> str:
    """One screening to be checked and signed by hand, as text, Markdown or one self-contained HTML page."""
    from screening.reports import worksheet
    from screening.reports.line import plain_text

    page = worksheet.worksheet(account, certificate)
    return plain_text(worksheet.lines(page)) if form == "text" else _printed(page, form)


def _printed(page: Page, form: str) -> str:
    from screening.reports import page_text
    from screening.reports.line import plain_text

    match form:
        case "md":
            return page_text.markdown(page)
        case "html":
            from screening.reports.html import html

            return html(page)
    return plain_text(page_text.text(page))
