"""What things are called besides their names: short names of the field, and the words that answers are written in.

Both serve people who give inputs by hand. Neither changes what a criterion says, so that two libraries which
declare one thing may call it differently.
"""

from __future__ import annotations

import re

from screening.errors import NameFault, TypeFault
from screening.language.types import NUMBERS, Type
from screening.reading.constants import number_of
from screening.reading.document import Scalar, Sequence
from screening.reading.faults import Faults, shown
from screening.reading.keys import Keys

# Each value with the words it is written in.
Answers = tuple[tuple[str, tuple[str, ...]], ...]

_REWRITTEN = (("\u2264", "<="), ("\u2265", ">="), ("=<", "<="), ("=>", ">="))
# `1 to 2`, `1-2` and `1 \u2013 2` are one range.
_RANGE = re.compile(r"(?<=\d)\s*(?:to|-|\u2013)\s*(?=\d)")
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|<=|>=|<|>|\+")


def folded(name: str) -> str:
    """A name as it is looked up: case, blanks and every sign left out.

    >>> folded("DAS28-ESR") == folded("das28 esr"), folded("ACR/EULAR_2010")
    (True, 'acreular2010')
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def folded_answer(text: str) -> tuple[str, ...]:
    """An answer as it is looked up, in words and numbers; what compares stays: below 6 is not above 6.

    >>> folded_answer("Grade 1-2") == folded_answer("grade 1 to 2"), folded_answer("\u2265 6 weeks")
    (True, ('>=', '6', 'weeks'))
    """
    plain = text.casefold()
    for written, meant in _REWRITTEN:
        plain = plain.replace(written, meant)
    return tuple(_TOKEN.findall(_RANGE.sub(" ", plain)))


def read_short_names(keys: Keys) -> tuple[str, ...]:
    """`short names:`, one text or a list; one that holds neither letter nor digit is noted."""
    found = []
    for each in keys.texts("short names"):
        text = " ".join(each.text.split())
        if folded(text):
            found.append(text)
        else:
            keys.fault(NameFault, each.span, f"`{shown(text)}` cannot be a short name", help="it has no letter")
    return tuple(found)


def read_answers(keys: Keys) -> Answers:
    """`answers:`, each value with the words it is written in; a word that would mean two values is noted."""
    found: list[tuple[str, tuple[str, ...]]] = []
    taken: dict[tuple[str, ...], str] = {}
    for value, tree in keys.named("answers"):
        words = []
        for item in tree.items if isinstance(tree, Sequence) else (tree,):
            if not isinstance(item, Scalar):
                keys.fault(TypeFault, item.span, f"the words of answer `{shown(value.text)}` are a list of texts")
            elif item.text.strip():
                words.append((item, " ".join(item.text.split())))
        for at, word in [(value, value.text), *words]:
            other = taken.setdefault(folded_answer(word), value.text)
            if other != value.text:
                message = f"`{shown(word)}` is an answer for `{shown(other)}` and for `{shown(value.text)}`"
                keys.fault(NameFault, at.span, message, help="a word means one value")
        found.append((value.text, tuple(word for _, word in words)))
    return tuple(found)


def fit_answers(faults: Faults, answers: Answers, type: Type, at: Scalar) -> None:
    """Notes values that are none of the type of what is declared."""
    for value, _ in answers:
        if type.name in NUMBERS and type.name != "Quantity":
            number = number_of(value)
            fits = number is not None and (type.name != "Integer" or number == int(number))
        else:
            fits = type.name == "String" or (type.name in ("Boolean", "Judgement") and value in ("true", "false"))
        if not fits:
            message = f"`{shown(value)}` is no answer of type {type.name}"
            faults.add(TypeFault, at.span, message, help="`answers:` are for words, whole numbers and truths")
