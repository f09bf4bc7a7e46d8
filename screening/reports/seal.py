"""A seal over what a page shows, so that the page itself tells whether it still is as it was made, and where not.

For each element with an id: the SHA-256 of what stands in it, tags and attributes among it, up to the next such
element. It finds what was altered by accident or by somebody who did not care; whoever alters a page on purpose
can seal it anew, as a page cannot vouch for itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser

# What holds the seal itself, and what a self-check holds against what it means.
_DATA = ("seal", "bundle", "data")
_VOID = ("meta", "input", "img", "br", "hr", "link")
_SPACE = re.compile("[ \t\n\r\f]+")
# Space beside tags means nothing, and readers of HTML put some of it elsewhere.
_BESIDE = re.compile(" ?([<>]) ?")
EMPTY = '<script type="application/json" id="seal">{}</script>'


def sealed(page: str) -> str:
    """The page with its seal, for which an empty one stands in it."""
    seal = json.dumps(seals(page), separators=(",", ":"), sort_keys=True)
    before, after = page.split(EMPTY)
    return f"{before}{EMPTY.replace('{}', seal)}{after}"


def seals(page: str) -> dict[str, str]:
    """By the id of each element, the digest of what stands in it; "" for what stands in none."""
    reader = _Parsed()
    reader.feed(page)
    reader.close()
    texts = ((id, _BESIDE.sub(r"\1", _SPACE.sub(" ", "".join(parts)))) for id, parts in reader.found.items())
    return {id: hashlib.sha256(text.encode()).hexdigest() for id, text in texts}


class _Parsed(HTMLParser):
    """What stands in each element with an id: a start with sorted attributes, texts, an end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[str]] = {}
        self.within = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.within.append(given.get("id") or self.within[-1])
        written = (f" {name}={json.dumps(given[name] or '', ensure_ascii=False)}" for name in sorted(given))
        self._add(f"<{tag}{''.join(written)}>")
        if tag in _VOID:
            self.within.pop()

    def handle_endtag(self, tag: str) -> None:
        self._add(f"</{tag}>")
        self.within.pop()

    def handle_data(self, data: str) -> None:
        if self.within[-1] not in _DATA:
            self._add(data)

    def _add(self, text: str) -> None:
        self.found.setdefault(self.within[-1], []).append(text)
