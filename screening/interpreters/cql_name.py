"""Names, types and constants as CQL writes them, and the functions that an exported library carries."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable
from decimal import Decimal
from importlib import resources

from screening.language.types import NUMBERS, Type
from screening.values.bounds import Bounds
from screening.values.coding import Code, Codings
from screening.values.truth import UNKNOWN, Truth

NUMBER = "Tuple { low Decimal, high Decimal }"
DAYS = "Tuple { first Date, last Date }"
INSTANTS = "Tuple { begin DateTime, finish DateTime }"
TRUTH = "Boolean"
WORDS = "List<String>"
VALUE = (
    "Tuple { usable Boolean, bounded Boolean, low Decimal, high Decimal, first Date, last Date, begin DateTime,"
    " finish DateTime, truth Boolean, codes List<String> }"
)
ENTRY = (
    "Tuple { id String, kind String, certain Boolean, whole Boolean, first Date, last Date, until Date,"
    ' clock String, "by" String, codes List<String>, concepts List<Integer>, value ' + VALUE + ","
    " fields List<Tuple { name String, value " + VALUE + " }> }"
)
ENTRIES = f"List<{ENTRY}>"
_KINDS = {
    "Date": "day",
    "DateTime": "instant",
    "Boolean": "truth",
    "Judgement": "truth",
    "String": "word",
    "Code": "word",
}
_TYPES = {"NUMBER": NUMBER, "DAYS": DAYS, "INSTANTS": INSTANTS, "VALUE": VALUE, "ENTRY": ENTRY}
_FUNCTION = re.compile(r'^define function "([^"]+)"', re.MULTILINE)


def named(name: str) -> str:
    """A name in double quotes.

    >>> named('DAS28 "CRP"')
    '"DAS28 \\\\"CRP\\\\""'
    """
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(words: str) -> str:
    """A String in single quotes."""
    return "'" + words.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def entries_of(requirement: str) -> str:
    """The parameter through which the entries of a requirement come in."""
    return f"{requirement} Entries"


def list_of(requirement: str) -> str:
    """The list of a requirement as it stands on the screening date, with what it may still hold."""
    return f"{requirement} List"


def kind_of(type: Type) -> str:
    """`number`, `day`, `instant`, `truth` or `word`: as what a value of a type is exported; "" if it cannot be."""
    if type.name in NUMBERS:
        return "number"
    return _KINDS.get(type.name, "")


def decimal(value: Decimal | int) -> str:
    """A number with a point, as CQL writes a Decimal.

    >>> decimal(7)
    '7.0'
    """
    written = format(Decimal(value), "f")
    return written if "." in written else f"{written}.0"


def number(value: Bounds) -> str:
    """Bounds of a number: a constant, a range, or nothing known."""
    if value.low is None and value.high is None:
        return '"Any Number"()'
    if value.low == value.high:
        return f'"Exactly"({decimal(value.low)})'
    ends = ["null as Decimal" if end is None else decimal(end) for end in value]
    return f'"Range"({ends[0]}, {ends[1]})'


def _day(end: datetime.date | None) -> str:
    return "null as Date" if end is None else f"@{end.isoformat()}"


def days(value: Bounds) -> str:
    """The days that a date may be."""
    if value.low is None and value.high is None:
        return '"Any Day"()'
    if value.low == value.high:
        return f'"On"({_day(value.low)})'
    return f'"Stretch"({_day(value.low)}, {_day(value.high)})'


def instants(value: Bounds) -> str:
    """The instants that a date or time may be."""
    if value.low is None and value.high is None:
        return '"Any Instant"()'
    ends = ["null as DateTime" if end is None else f"@{end.isoformat(timespec='seconds')}" for end in value]
    return f'"Moments"({ends[0]}, {ends[1]})'


def truth(value: Truth) -> str:
    return "null as Boolean" if value is UNKNOWN else value.value.lower()


def token(code: Code) -> str:
    """A code as one text, `SNOMED|203082005`; a plain word is itself."""
    return f"{code.system}|{code.code}" if code.system else code.code


def words(value: Codings) -> str:
    """The codings of one thing as a list of texts."""
    return "{ " + ", ".join(text(token(code)) for code in value) + " }" if value else "null as List<String>"


def constant(value: Truth | Bounds | Codings, kind: str) -> str:
    """A constant of the rule file."""
    if isinstance(value, Truth):
        return truth(value)
    if isinstance(value, Bounds):
        return days(value) if kind == "day" else instants(value) if kind == "instant" else number(value)
    return words(value)


# ------------------------------------------------------------------------------------------- functions


@functools.cache
def _functions() -> dict[str, str]:
    """Every function by name, its types spelled out, with the comment that stands before it."""
    folder = resources.files("screening.interpreters")
    files = [folder.joinpath(name).read_text(encoding="utf-8") for name in ("cql_values.cql", "cql_entries.cql")]
    source = "\n\n".join(files)
    found: dict[str, str] = {}
    for block in re.split(r"\n{2,}", source):
        lines = [line for line in block.split("\n") if not line.startswith("// ---")]
        body = "\n".join(lines).strip("\n")
        match = _FUNCTION.search(body)
        if match:
            found[match[1]] = re.sub(r"\b(NUMBER|DAYS|INSTANTS|VALUE|ENTRY)\b", lambda m: _TYPES[m[1]], body)
    return found


def function_names() -> frozenset[str]:
    """The names that an exported library cannot use for anything else."""
    return frozenset(_functions())


def carried(texts: Iterable[str]) -> list[str]:
    """The functions that some expressions use, with those that these use, each after what it uses.

    ENGINE: the reference translator warns of hidden operands where a function refers to one that comes later.
    """
    every = _functions()
    found: dict[str, str] = {}

    def need(name: str) -> None:
        if name in every and name not in found:
            body = every[name]
            for used in _called(body[body.index("define function") :].partition("\n")[2]):
                need(used)
            found[name] = body

    wanted = {name for text in texts for name in _called(text)}
    for name in every:
        if name in wanted:
            need(name)
    return list(found.values())


def _called(text: str) -> list[str]:
    return re.findall(r'"([^"]+)"\(', text)
