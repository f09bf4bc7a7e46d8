"""Pages for people who read and sign: what is made of a library, and in which form it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screening.language.library import Library

FORMS = ("text", "md", "html")


def reading_copy(library: Library, form: str) -> str:
    """The whole of a library for reading, as text, Markdown or one self-contained HTML page."""
    from screening.reports import page_text
    from screening.reports.line import plain_text
    from screening.reports.reading_copy import reading_copy as page_of

    page = page_of(library)
    match form:
        case "md":
            return page_text.markdown(page)
        case "html":
            from screening.reports.html import html

            return html(page)
    return plain_text(page_text.text(page))
