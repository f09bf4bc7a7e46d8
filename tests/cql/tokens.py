"""CQL text as tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.cql.pieces import OutsideSubset

_TOKEN = re.compile(
    r"""(?P<blank>(?:\s+|//[^\n]*|/\*.*?\*/)+)
      |(?P<number>[0-9]+(?:\.[0-9]+)?L?)
      |(?P<text>'(?:[^'\\]|\\.)*')
      |(?P<quoted>"(?:[^"\\]|\\.)*")
      |(?P<time>@T[0-9:.]*)
      |(?P<date>@[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?:T(?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)
      |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<symbol><=|>=|!=|!~|[-+*/^=<>~(){}\[\],:.&|;%$])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """`kind` is number, text, quoted, time, date, word, symbol or end."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """All tokens of an expression. Raises OutsideSubset for a character that begins none."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise OutsideSubset("a character that the language does not know")
        position = match.end()
        if match.lastgroup != "blank":
            assert match.lastgroup is not None
            found.append(Token(match.lastgroup, match[0]))
    return [*found, Token("end", "")]


class Cursor:
    """A place among tokens."""

    def __init__(self, read: list[Token]) -> None:
        self.read, self.at = read, 0

    @property
    def now(self) -> Token:
        return self.read[self.at]

    def ahead(self, *words: str) -> bool:
        following = self.read[self.at : self.at + len(words)]
        kept = [token.text for token in following if token.kind in ("word", "symbol")]
        return kept == list(words)

    def take(self, *words: str) -> bool:
        if self.ahead(*words):
            self.at += len(words)
            return True
        return False

    def want(self, word: str) -> None:
        if not self.take(word):
            raise OutsideSubset(f"`{self.now.text}`")

    def next(self) -> Token:
        self.at += 1
        return self.read[self.at - 1]
