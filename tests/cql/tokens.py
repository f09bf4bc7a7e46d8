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
