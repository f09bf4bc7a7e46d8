"""Pages as self-contained HTML files: no request to anywhere, all of it escaped, readable and printable.

A page admits the styles and the scripts that it was made with, each by its hash, and nothing else. What a
rule file or a record says is text, never markup: it is escaped, and a character that is not printed is shown
by its number.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from screening.reports.page import Page
from screening.reports.words import safe

_HERE = Path(__file__).resolve().parent
_LONGEST_WORD = 24


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["base64"] = _encoded
    made.filters["kind"] = _kind
    return made


def _shown(value: Any) -> Any:
    """Text without anything that could turn the direction of writing or that no page may hold."""
    return safe(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _kind(cell: str) -> str:
    """How a cell may be broken: where it holds a long word, as a digest is, within it; one short word nowhere."""
    words = cell.split()
    if any(len(word) > _LONGEST_WORD for word in words):
        return "long"
    return "whole" if len(words) == 1 else ""


def packaged(name: str) -> str:
    """A style or a script that is shipped beside this file."""
    return (_HERE / name).read_text(encoding="utf-8")


def embedded(data: Any) -> str:
    r"""JSON that can stand within a page, in ASCII: nothing in it ends an element or begins one.

    >>> print(embedded({"said": "</script>&"}))
    {"said":"\u003c/script\u003e\u0026"}
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _style(status: str, names: Sequence[str]) -> str:
    """The one style of a page. The status stands on every printed sheet, with the number of the sheet."""
    written = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in safe(status))
    foot = f'content: "{written}  page " counter(page) " of " counter(pages);'
    sheet = f"@media print {{ @page {{ @bottom-center {{ {foot} font: 8pt sans-serif; }} }} }}"
    return "".join(map(packaged, names)) + sheet + "\n"


def _policy(style: str, scripts: Sequence[str], pictures: bool) -> str:
    parts = ["default-src 'none'", f"style-src '{_digest(style)}'"]
    if scripts:
        parts.append(" ".join(("script-src", *(f"'{_digest(each)}'" for each in scripts))))
        # No script of a page makes markup out of text; one that tried would be stopped.
        parts.append("require-trusted-types-for 'script'; trusted-types 'none'")
    if pictures:
        parts.append("img-src data:")
    return "; ".join((*parts, "base-uri 'none'", "form-action 'none'"))


def filled(
    template: str,
    values: Mapping[str, Any],
    status: str,
    styles: Sequence[str] = ("page.css",),
    scripts: Sequence[str] = (),
    pictures: bool = False,
) -> str:
    """A template of this folder with its values as one file; `scripts` are the texts of its scripts, in order."""
    style = _style(status, styles)
    for each in scripts:
        # INVARIANT: what is put into a script element as it is cannot end it, nor change how it is read.
        if "</script" in each.lower() or "<!--" in each:
            raise ValueError("a script that is shipped would end its own element")
    return (
        _environment()
        .get_template(template)
        .render(
            values,
            status=status,
            policy=_policy(style, scripts, pictures),
            style=style,
            scripts=scripts,
        )
    )


def html(page: Page) -> str:
    """A page of sections as one file; it has no script."""
    pictures = any(section.pictures for section in page.sections)
    return filled("page.html", {"page": page, "footer": page.footer}, page.status, pictures=pictures)


def _encoded(png: bytes) -> str:
    return base64.b64encode(png).decode()
