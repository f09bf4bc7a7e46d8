"""Words and codes in columns: one coding as `system|code`, or a plain word; membership and equality of them."""

from __future__ import annotations

from collections.abc import Iterable

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_term import NO, OPEN_TRUTH, YES, Term
from screening.interpreters.warehouse_value import str_of
from screening.record import tables as roles
from screening.values.coding import Code, member
from screening.values.truth import FALSE, TRUE


def spelled(code: Code, column: Term) -> tuple[str, ...]:
    """The texts that a coding may stand in a column as.

    A plain word stands alone where the column has a name of its own; with its empty system before it too where the
    name is that of a role, and in what was made of columns.
    """
    if code.system:
        return (str_of(code),)
    is_plain = column.op == "column" and not f".{column.extra}".endswith((f".{roles.WORD}", f".{roles.CODE}"))
    return (code.code,) if is_plain else (code.code, f"|{code.code}")


def _code(text: str) -> Code:
    system, bar, code = text.partition("|")
    return Code(system, code) if bar else Code("", text)


def among(a: Term, codes: Iterable[Code], is_word: bool) -> Term:
    """Membership: FALSE needs a coding in a system that the set covers; a word is of the one system of words."""
    wanted = tuple(codes)
    if a.is_constant:
        if a.extra is None:
            return OPEN_TRUTH
        found = member((_code(a.extra),), wanted)
        return YES if found is TRUE else NO if found is FALSE else OPEN_TRUTH
    texts = tuple(
        dict.fromkeys(text for code in wanted if not code.code.endswith("*") for text in spelled(code, a))
    )
    listed = t.one_of(a, texts)
    categories = [code for code in wanted if code.code.endswith("*")]
    if is_word and not categories:
        return listed
    pairs = [(listed, YES)] if texts else []
    for code in categories:
        stem = code.code[:-1]
        begins = t.plain("starts", a, type="bool", extra=f"{code.system}|{stem}")
        whole = t.compared("eq", a, t.literal(f"{code.system}|{stem.rstrip('.')}", "text"))
        pairs.append((t.disjunction(begins, whole), YES))
    systems = tuple(dict.fromkeys(code.system for code in wanted))
    covered = t.one_of(t.plain("system", a, type="text"), systems)
    return t.cases(*pairs, (covered, NO), otherwise=OPEN_TRUTH)


def alike(a: Term, b: Term, is_word: bool) -> Term:
    """Equality of two coded values: FALSE only if one system tells them apart."""
    if b.is_constant:
        return OPEN_TRUTH if b.extra is None else among(a, (_code(b.extra),), is_word)
    if a.is_constant and is_word:
        return OPEN_TRUTH if a.extra is None else among(b, (_code(a.extra),), is_word)
    one, other = bare(a), bare(b)
    equal = t.compared("eq", one, other)
    if is_word:
        return equal
    apart = t.compared("eq", t.plain("system", one, type="text"), t.plain("system", other, type="text"))
    return t.cases((equal, YES), (apart, NO), otherwise=OPEN_TRUTH)


def bare(a: Term) -> Term:
    """A word without its empty system."""
    return t.literal(a.extra, "text") if a.is_constant else t.plain("word", a)
