"""What an expression or a definition is worth for one person, without any verdict."""

from __future__ import annotations

from dataclasses import dataclass

from screening.language.library import Definition, Library
from screening.outcome.trace import Trace
from screening.record.subject import Notice, Subject, Value


@dataclass(frozen=True, slots=True)
class Answer:
    """An expression, evaluated for one person by the law and accepted by the verifier.

    `open` are the requirements that keep it open, in the order in which it asks for them.
    """

    library: Library
    definition: Definition
    subject: Subject
    trace: Trace
    value: Value
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One class of a value: its definition, and the word; "" while it is open."""

    definition: Definition
    word: str


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a calculation: its name in the rules, as given, and as it counts; `called` as it was named."""

    name: str
    given: str
    used: str
    is_converted: bool = False
    is_used: bool = True
    called: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One definition that a value is read off directly: the points of a domain, the score of a class."""

    definition: Definition
    value: Value


@dataclass(frozen=True, slots=True)
class Calculation:
    """A definition of a library by itself: its value, its classes, and what is missing for it.

    `unit` is that of a Quantity, "" for a pure number, a truth or a word. Where something is missing the value
    is `low..high`, either end perhaps not known. `missing` are the requirements that keep it open, `not_given`
    all those that it could also use. `silent` are those whose silence the rules read as no. `parts` are the
    definitions that it is made of.
    """

    answer: Answer
    categories: tuple[Category, ...]
    inputs: tuple[Input, ...]
    missing: tuple[str, ...]
    not_given: tuple[str, ...]
    silent: tuple[str, ...]
    notices: tuple[Notice, ...]
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        return self.answer.definition.name

    @property
    def value(self) -> Value:
        """A truth, the bounds of a number or a day (equal where it is exact), or the codings of a word."""
        return self.answer.value

    @property
    def unit(self) -> str:
        return self.answer.definition.type.unit
