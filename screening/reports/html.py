"""A page as one self-contained HTML file: no script, no request to anywhere, all of it readable and printable."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from screening.reports.page import Page

_HERE = Path(__file__).resolve().parent


@cache
def _template() -> Template:
    # Everything is escaped: what a rule file or a record says is text, never markup.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((_HERE / "page.html").read_text(encoding="utf-8"))


def _style(status: str) -> tuple[str, str]:
    """The one style of the page, and the hash by which the page admits it and nothing else.

    The status stands on every printed sheet, with the number of the sheet.
    """
    written = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in status)
    foot = f'content: "{written}  page " counter(page) " of " counter(pages);'
    sheet = f"@media print {{ @page {{ @bottom-center {{ {foot} font: 8pt sans-serif; }} }} }}"
    text = (_HERE / "page.css").read_text(encoding="utf-8") + sheet + "\n"
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, f"sha256-{digest}"


def html(page: Page) -> str:
    """The page as one file."""
    style, style_hash = _style(page.status)
    pictures = any(section.pictures for section in page.sections)
    return _template().render(page=page, style=style, style_hash=style_hash, pictures=pictures, encoded=_encoded)


def _encoded(png: bytes) -> str:
    return base64.b64encode(png).decode()
