"""A seal over what a page shows, so that the page itself tells whether it still is as it was made, and where not.

For each element with an id: the SHA-256 of what stands in it, tags and attributes among it, up to the next such
element. It finds what was altered by accident or by somebody who did not care; whoever alters a page on purpose
can seal it anew, as a page cannot vouch for itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from screening.errors import VerificationError
from screening.outcome.document import certificate_of

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
    return _digests(_parsed(page))


def _parsed(page: str) -> _Parsed:
    reader = _Parsed()
    reader.feed(page)
    reader.close()
    return reader


def _digests(reader: _Parsed) -> dict[str, str]:
    texts = ((id, _BESIDE.sub(r"\1", _SPACE.sub(" ", "".join(parts)))) for id, parts in reader.found.items())
    return {id: hashlib.sha256(text.encode()).hexdigest() for id, text in texts}


def otherwise(page: str, made: str) -> list[str]:
    """In which places a page is otherwise than one that was just made: `#part-2`, `#data/entries/4/about`.

    Nothing that the page says of itself is believed, its seal among it. White space between tags, the order of
    attributes, of keys and of the contents of a ledger, and the spelling of signs mean nothing.
    """
    if page == made:
        return []
    if page.count("<!") != made.count("<!") or page.count("<?") != made.count("<?"):
        # Programs differ in where a comment ends, so that one may show what another passes over.
        return ["#"]
    one, other = _parsed(page), _parsed(made)
    before, after = _digests(one), _digests(other)
    places = [f"#{id}" for id in dict.fromkeys((*after, *before)) if before.get(id) != after.get(id)]
    for id in dict.fromkeys((*other.data, *one.data)):
        texts = ["".join(each.data.get(id, ())) for each in (one, other)]
        try:
            found, expected = (_by_digest(certificate_of(text.encode())) for text in texts)
        except (VerificationError, ValueError):
            places.append(f"#{id}")
        else:
            places += [f"#{id}{path}" for path in islice(_differences(found, expected), 1)]
    return places


def _by_digest(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a page; contents of a ledger by their digests, since wherever they stand means nothing."""
    contents = data.get("contents")
    if not isinstance(contents, list) or not all(isinstance(each, dict) for each in contents):
        return data
    found = {str(each.get("content")): each for each in contents}
    # What stands there twice is another page.
    return data if len(found) < len(contents) else {**data, "contents": found}


def _differences(a: Any, b: Any) -> Iterator[str]:
    """The JSON Pointers of what two pieces of data say differently."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*b, *a)):
            place = f"/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in a or key not in b:
                yield place
            else:
                yield from (f"{place}{rest}" for rest in _differences(a[key], b[key]))
    elif isinstance(a, list) and isinstance(b, list):
        for number, (one, other) in enumerate(zip(a, b, strict=False)):
            yield from (f"/{number}{rest}" for rest in _differences(one, other))
        if len(a) != len(b):
            yield f"/{min(len(a), len(b))}"
    elif type(a) is not type(b) or a != b:
        yield ""


class _Parsed(HTMLParser):
    """What stands in each element with an id: a start with sorted attributes, texts, an end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[str]] = {}
        self.data: dict[str, list[str]] = {}
        self.within = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of an attribute that stands twice browsers take the first.
        given = dict(reversed(attrs))
        self.within.append(given.get("id") or self.within[-1])
        written = (f" {name}={json.dumps(given[name] or '', ensure_ascii=False)}" for name in sorted(given))
        self._add(f"<{tag}{''.join(written)}>")
        if tag in _VOID:
            self.within.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A stroke at its end closes no element of HTML.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._add(f"</{tag}>")
        # What has more ends than starts is another page, whatever stands in it.
        if len(self.within) > 1:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if self.within[-1] in _DATA:
            self.data.setdefault(self.within[-1], []).append(data)
        else:
            self._add(data)

    def _add(self, text: str) -> None:
        self.found.setdefault(self.within[-1], []).append(text)
