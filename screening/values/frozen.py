"""`dataclass` as the standard library has it, at a small part of its cost while a program starts.

The standard one writes and compiles six functions for every class as soon as its module is imported; a program
that screens one person declares a hundred frozen classes and needs few of these functions. Here each of them is
compiled when it is first called, and the slow ones that nothing waits for are shared. A type checker sees the
standard one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, **asked: bool) -> Any:
        """The class with fields, slots and patterns from the standard library, and its functions at first use.

        >>> @dataclass(frozen=True, slots=True)
        ... class Limit:
        ...     number: int
        ...     unit: str = "1"
        >>> Limit(5), Limit(5) == Limit(5, unit="1"), len({Limit(5), Limit(5)})
        (Limit(number=5, unit='1'), True, 1)
        """
        by_name = asked.get("kw_only", False)
        # What is mutable, keeps a `__dict__` or asks for anything else is left to the standard library.
        if {**asked, "kw_only": by_name} != {"frozen": True, "slots": True, "kw_only": by_name}:
            return dataclasses.dataclass(**asked) if cls is None else dataclasses.dataclass(cls, **asked)
        declare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=by_name)
        return lambda declared: _frozen(declare(declared))


def _frozen(cls: Any) -> Any:
    """The class, which nobody can change, with what is compiled at first use."""
    cls.__setattr__, cls.__delattr__ = _not_assigned, _not_deleted
    cls.__getstate__, cls.__setstate__ = _state, _restored
    cls.__repr__ = _shown
    for name, written in (("__init__", _making), ("__eq__", _equality), ("__hash__", _hashing)):
        setattr(cls, name, _at_first_use(cls, name, written))
    return cls


def _at_first_use(cls: Any, name: str, written: Callable[[Any, dict[str, Any]], str]) -> Callable[..., Any]:
    """A function that puts the compiled one into its own place, and calls it."""

    def first(self: Any, *given: Any, **named: Any) -> Any:
        names: dict[str, Any] = {}
        # INVARIANT: the text is made of the names of fields that stand in this program, and of nothing else.
        exec(written(cls, names), names)
        setattr(cls, name, names[name])
        return names[name](self, *given, **named)

    return first


def _making(cls: Any, names: dict[str, Any]) -> str:
    """The constructor; a slot is filled by its own descriptor, past the refusal to be changed."""
    given: list[str] = []
    by_name: list[str] = []
    lines: list[str] = []
    for field in dataclasses.fields(cls):
        name = field.name
        names[f"set_{name}"] = getattr(cls, name).__set__
        value, parameter = name, name
        if field.default is not dataclasses.MISSING:
            names[f"default_{name}"] = field.default
            parameter = f"{name}=default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"make_{name}"] = field.default_factory
            names["absent"] = dataclasses.MISSING
            parameter, value = f"{name}=absent", f"make_{name}() if {name} is absent else {name}"
        (by_name if field.kw_only else given).append(parameter)
        lines.append(f" set_{name}(self, {value})")
    parameters = ", ".join(["self", *given, *(["*", *by_name] if by_name else [])])
    return "\n".join([f"def __init__({parameters}):", *lines, " pass"])


def _equality(cls: Any, names: dict[str, Any]) -> str:
    mine, other = _compared(cls, "self"), _compared(cls, "other")
    return (
        "def __eq__(self, other):\n"
        " if other.__class__ is not self.__class__: return NotImplemented\n"
        f" return {mine} == {other}"
    )


def _hashing(cls: Any, names: dict[str, Any]) -> str:
    return f"def __hash__(self):\n return hash({_compared(cls, 'self')})"


def _compared(cls: Any, of: str) -> str:
    return "(" + "".join(f"{of}.{field.name}, " for field in dataclasses.fields(cls) if field.compare) + ")"


def _shown(self: Any) -> str:
    said = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(said)})"


def _not_assigned(self: Any, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _not_deleted(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restored(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
