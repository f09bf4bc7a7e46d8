"""Terms of a query: what is computed of a person or of an entry, before any database is spoken to.

A term is a constant, a column, an aggregate over entries, or an operation on terms. Terms are kept once each
(the same operation on the same terms is the same object), so that what is shared is computed once, and whatever
follows from constants is folded while the term is made. A truth is one nullable Boolean: null is UNKNOWN, and
`and`, `or`, `not` and comparisons are those of SQL, which are Kleene's.
"""

from __future__ import annotations

import weakref
from typing import Any

PERSON = ""  # the scope of what is computed of a person; an entry's scope is the key of its source
_STRICT = frozenset({"not", "in", "starts", "eq", "lt", "le"})
_NEVER_NULL = frozenset({"known", "count", "any", "same"})


class Term:
    """One node: operation, parts, type (`bool int float date time text`), what else it needs, and its scope.

    `scope` is None for constants, PERSON for people, else the source whose entries it is computed of. `sure` says
    that it is never null.
    """

    __slots__ = ("__weakref__", "args", "extra", "op", "scope", "sure", "type")

    def __init__(
        self, op: str, args: tuple[Term, ...], type: str, extra: Any, scope: str | None, sure: bool
    ) -> None:
        self.op, self.args, self.type, self.extra, self.scope, self.sure = op, args, type, extra, scope, sure

    def __repr__(self) -> str:
        inside = ", ".join([repr(a) for a in self.args] + ([repr(self.extra)] if self.extra is not None else []))
        return f"{self.op}({inside})"

    @property
    def is_constant(self) -> bool:
        return self.op == "literal"


_KNOWN: weakref.WeakValueDictionary[Any, Term] = weakref.WeakValueDictionary()


class CorrelatedRows(Exception):
    """A term was asked for of two entries at once."""


def _made(op: str, args: tuple[Term, ...], type: str, extra: Any = None, scope: str | None = None) -> Term:
    key = (op, args, type, extra.__class__, extra, scope)
    found = _KNOWN.get(key)
    if found is None:
        if op not in ("literal", "column", "aggregate"):
            for arg in args:
                if arg.scope:
                    if scope and scope != arg.scope:
                        raise CorrelatedRows
                    scope = arg.scope
                elif arg.scope is not None and scope is None:
                    scope = arg.scope
        if op == "literal":
            sure = extra is not None
        elif op == "coalesce":
            sure = any(arg.sure for arg in args)
        elif op == "aggregate":
            sure = extra[1] in _NEVER_NULL
        elif op == "if":
            sure = args[1].sure and args[2].sure
        else:
            sure = op in _NEVER_NULL or (op != "column" and all(arg.sure for arg in args))
        found = _KNOWN[key] = Term(op, args, type, extra, scope, sure)
    return found


def literal(value: Any, type: str) -> Term:
    """A constant; None is null."""
    return _made("literal", (), type, value)


YES, NO, OPEN_TRUTH = literal(True, "bool"), literal(False, "bool"), literal(None, "bool")


def null(type: str) -> Term:
    return literal(None, type)


def number(value: int) -> Term:
    return literal(value, "int")


def column(name: str, type: str, scope: str = PERSON) -> Term:
    """A column of the people's table, or of the entries of a source."""
    return _made("column", (), type, name, scope)


def is_null(term: Term) -> bool:
    return term.is_constant and term.extra is None


# ---------------------------------------------------------------------------------------------- logic


def conjunction(*parts: Term) -> Term:
    """Kleene's `and`."""
    return _joined("and", YES, NO, parts)


def disjunction(*parts: Term) -> Term:
    """Kleene's `or`."""
    return _joined("or", NO, YES, parts)


def _joined(op: str, neutral: Term, decisive: Term, parts: tuple[Term, ...]) -> Term:
    flat: list[Term] = []
    for part in parts:
        flat += part.args if part.op == op else [part]
    kept = [part for part in dict.fromkeys(flat) if part is not neutral]
    if decisive in kept or any(part.op == "not" and part.args[0] in kept and part.sure for part in kept):
        return decisive
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else _made(op, tuple(kept), "bool")


def nested(op: str, parts: list[Term]) -> Term:
    """An `and` or `or` of parts that stay as they are."""
    return parts[0] if len(parts) == 1 else _made(op, tuple(parts), "bool")


def packed(truths: list[Term]) -> Term:
    """Several truths in one whole number, two bits for each."""
    return _made("packed", tuple(truths), "int")


def negation(a: Term) -> Term:
    if a.is_constant:
        return a if a.extra is None else (NO if a.extra else YES)
    return a.args[0] if a.op == "not" else _made("not", (a,), "bool")


def surely(a: Term) -> Term:
    """Whether a truth is TRUE."""
    return coalesce(a, NO)


def perhaps(a: Term) -> Term:
    """Whether a truth is not FALSE."""
    return coalesce(a, YES)


def known(a: Term) -> Term:
    """Whether a term is not null."""
    if a.sure:
        return YES
    if a.op in _STRICT:  # as much is known of the result as of what it is made of
        return conjunction(*(known(arg) for arg in a.args))
    return NO if is_null(a) else _made("known", (a,), "bool")


def unknown(a: Term) -> Term:
    return negation(known(a))


def coalesce(*parts: Term) -> Term:
    kept: list[Term] = []
    for part in parts:
        if not is_null(part) and part not in kept:
            kept.append(part)
        if part.sure:
            break
    if not kept:
        return parts[-1]
    if len(kept) == 1:
        return kept[0]
    if len(kept) == 2 and kept[0].op == "and" and kept[1] is NO:
        return conjunction(*(surely(part) for part in kept[0].args)) if _mixed(kept[0]) else _coalesced(kept)
    return _coalesced(kept)


def _mixed(term: Term) -> bool:
    return any(part.sure for part in term.args)


def _coalesced(kept: list[Term]) -> Term:
    return _made("coalesce", tuple(kept), kept[0].type)


def chosen(condition: Term, then: Term, otherwise: Term) -> Term:
    """`CASE WHEN condition THEN then ELSE otherwise END`: a condition that is null chooses `otherwise`."""
    if condition.is_constant:
        return then if condition.extra else otherwise
    if then is otherwise:
        return then
    if then is YES and otherwise is NO:
        return surely(condition)
    if then is NO and otherwise is YES and condition.sure:
        return negation(condition)
    if is_null(then) and is_null(otherwise):
        return otherwise
    if condition.op == "known" and then is condition.args[0] and is_null(otherwise):
        return then
    return _made("if", (condition, then, otherwise), then.type if not is_null(then) else otherwise.type)


def cases(*pairs: tuple[Term, Term], otherwise: Term) -> Term:
    """The first whose condition is TRUE."""
    found = otherwise
    for condition, then in reversed(pairs):
        found = chosen(condition, then, found)
    return found


# ----------------------------------------------------------------------------------- comparisons, numbers


def compared(op: str, a: Term, b: Term) -> Term:
    """`eq`, `lt` or `le`; null with null."""
    if is_null(a) or is_null(b):
        return OPEN_TRUTH
    if a.is_constant and b.is_constant:
        found = {"eq": a.extra == b.extra, "lt": a.extra < b.extra, "le": a.extra <= b.extra}[op]
        return YES if found else NO
    if a is b and a.sure:
        return NO if op == "lt" else YES
    if a.op == "not" or b.op == "not":
        x, y = (part.args[0] if part.op == "not" else part for part in (a, b))
        found = compared(op, x, y)
        return found if a.op == b.op else negation(found)
    return _made(op, (a, b), "bool")


def same(a: Term, b: Term) -> Term:
    """Whether two terms are the same, null being the same as null; never null itself."""
    if a is b:
        return YES
    if a.is_constant and b.is_constant:
        return YES if a.extra == b.extra else NO
    if a.sure and b.sure:
        return compared("eq", a, b)
    if is_null(a) or is_null(b):
        return unknown(b if is_null(a) else a)
    return _made("same", (a, b), "bool")


def one_of(a: Term, values: tuple[str, ...]) -> Term:
    """Whether a text is one of several; null for null."""
    if is_null(a) or (a.is_constant and a.extra in values):
        return OPEN_TRUTH if is_null(a) else YES
    return _made("in", (a,), "bool", values) if values else chosen(known(a), NO, OPEN_TRUTH)


_FOLDED = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
}


def plain(op: str, *args: Term, type: str = "", extra: Any = None) -> Term:
    """Any other operation: null as soon as one part is."""
    kind = type or args[0].type
    if any(is_null(arg) for arg in args):
        return null(kind)
    if op in _FOLDED and all(arg.is_constant and arg.type == "int" for arg in args):
        return literal(_FOLDED[op](args[0].extra, args[1].extra), kind)
    return _made(op, args, kind, extra)


def greater_of(a: Term, b: Term) -> Term:
    """The greater of two, of which null is none."""
    return cases((unknown(a), b), (compared("lt", a, b), b), otherwise=a)


def lesser_of(a: Term, b: Term) -> Term:
    return cases((unknown(a), b), (compared("lt", b, a), b), otherwise=a)


# ------------------------------------------------------------------------------------------ aggregates


def aggregate(source: str, function: str, argument: Term, where: Term = YES) -> Term:
    """Over the entries of a person: `any` of a truth, `count` of those for which a truth is TRUE, or `max`, `min`,
    `sum`, `bits` (bitwise or) and `different` (how many) of a term over those for which `where` is TRUE.

    `any` and `count` are never null: nobody's entries are none.
    """
    if function in ("any", "count"):
        if argument is NO or is_null(argument):
            return NO if function == "any" else number(0)
        kind = "bool" if function == "any" else "int"
        if function == "any":
            argument = surely(argument)
            if argument.op == "or":
                return disjunction(*(aggregate(source, "any", part) for part in argument.args))
        return _made("aggregate", (argument,), kind, (source, function), PERSON)
    kind = "int" if function in ("different", "bits") else argument.type
    if is_null(argument) or where is NO:
        return number(0) if function in ("different", "bits") else null(kind)
    found = _made("aggregate", (argument, where), kind, (source, function), PERSON)
    return coalesce(found, number(0)) if function in ("different", "bits") else found
