"""Operations of terms as expressions of Ibis, and where the engines differ.

Everything that an engine would refuse (a logarithm of 0, a division by 0) is guarded in the operation itself: a
step may compute what a later one does not use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ibis  # type: ignore[import-untyped]
import ibis.expr.operations as ops  # type: ignore[import-untyped]

from screening.interpreters.warehouse_term import Term

_TYPES = {
    "bool": "boolean",
    "int": "int64",
    "float": "float64",
    "date": "date",
    "time": "timestamp",
    "text": "string",
}
_FENCE = "fence"
PACKED = 31  # truths in one whole number of 64 bits with a sign


# DuckDB and Spark have both; Ibis itself knows the second of DuckDB alone.
@ibis.udf.scalar.builtin(name="bit_count")  # type: ignore[untyped-decorator]
def _ones(value: int) -> int:
    raise NotImplementedError


@ibis.udf.agg.builtin(name="bit_or")  # type: ignore[untyped-decorator]
def _either(value: int, where: bool = True) -> int:
    raise NotImplementedError


def constant(term: Term) -> Any:
    return ibis.null(_TYPES[term.type]) if term.extra is None else ibis.literal(term.extra, _TYPES[term.type])


def typed(found: Any, type: str) -> Any:
    """A column as its role needs it; whole numbers and floats are compared as they are."""
    kind = found.type()
    if type in ("int", "float"):
        if kind.is_float32() or kind.is_decimal():
            return found.cast("float64")
        return found if kind.is_numeric() else found.cast("float64")
    if type in ("list", "any") or str(kind).rstrip("!").startswith(_TYPES[type]):
        return found
    return found.cast(_TYPES[type])


def never_null(found: Any, term: Term) -> Any:
    return found.fill_null(False if term.type == "bool" else 0)


def aggregated(term: Term, argument: Callable[[Term], Any], rows: Any) -> Any:
    """An aggregate over the rows of a group."""
    function, first = term.extra[1], term.args[0]
    if function == "count" or first.is_constant:
        where = None if first.is_constant else argument(first).op()
        number = ops.CountStar(rows, where=where).to_expr()
        return number if function == "count" else number > 0
    if function == "any":
        return argument(first).any()
    where = None if term.args[1].is_constant else argument(term.args[1])
    value = argument(first)
    match function:
        case "max":
            return value.max(where=where)
        case "min":
            return value.min(where=where)
        case "sum":
            return value.sum(where=where)
        case "bits":
            return _either(value) if where is None else _either(value, where=where)
    return value.nunique(where=where)


# Relations are put together from Ibis' own operations: its tables look every column up in all tables behind it,
# which takes minutes where hundreds of tables are joined.


def field(relation: Any, name: str) -> Any:
    """A column of a relation."""
    return ops.Field(relation, name).to_expr()


def unpacked(relation: Any, name: str, place: int) -> Any:
    """A truth out of a column of packed ones."""
    found = field(relation, name)
    is_true, is_false = ((found & ibis.literal(bit << 2 * place, "int64")) != 0 for bit in (1, 2))
    return ibis.cases((is_true, True), (is_false, False), else_=ibis.null("boolean"))


def _packed(term: Term, *truths: Any) -> Any:
    return _folded(
        lambda x, y: x + y,
        [
            ibis.cases((x, ibis.literal(1 << 2 * n, "int64")), (~x, ibis.literal(2 << 2 * n, "int64")),
                       else_=ibis.literal(0, "int64"))
            for n, x in enumerate(truths)
        ],
    )  # fmt: skip


def projected(relation: Any, values: dict[str, Any]) -> Any:
    """A relation of these columns."""
    return ops.Project(relation, {name: value.op() for name, value in values.items()})


def stepped(relation: Any, values: dict[str, Any], is_fenced: bool) -> Any:
    """A step of a query. PostgreSQL would write a step out again in every place that uses it, were it not for a
    column that may differ each time."""
    return projected(relation, {**values, _FENCE: ibis.random()} if is_fenced else values)


def joined(relation: Any, key: str, others: Sequence[tuple[Any, str]], how: str = "left") -> Any:
    """A relation with all columns of others but their keys beside its own, by these keys."""
    if not others:
        return relation
    first = ops.JoinReference(relation, 0)
    values = {name: ops.Field(first, name) for name in relation.schema.names}
    links = []
    for number, (other, name) in enumerate(others, start=1):
        link = ops.JoinReference(other, number)
        links.append(ops.JoinLink(how, link, [ops.Equals(ops.Field(first, key), ops.Field(link, name))]))
        values |= {column: ops.Field(link, column) for column in other.schema.names if column != name}
    return ops.JoinChain(first, links, values)


def grouped(relation: Any, key: str, name: str, metrics: dict[str, Any]) -> Any:
    """Aggregates of a relation for each value of a key."""
    made = {column: metric.op() for column, metric in metrics.items()}
    return ops.Aggregate(relation, {name: ops.Field(relation, key)}, made)


def together(relations: Sequence[Any]) -> Any:
    """The rows of all relations, in the columns that each of them has."""
    first, *others = relations
    if not others:
        return first
    names = [name for name in first.schema if all(name in other.schema for other in others)]
    return ibis.union(*(one.to_expr().select(names) for one in relations), distinct=False).op()


def table(relation: Any) -> Any:
    return relation.to_expr()


def operation(term: Term, a: Sequence[Any]) -> Any:
    match term.op:
        case "and":
            return _folded(lambda x, y: x & y, a)
        case "or":
            return _folded(lambda x, y: x | y, a)
        case "plus" if len(a) == 2:
            return a[0] + a[1]
    return _OPERATIONS[term.op](term, *a)


def _folded(join: Callable[[Any, Any], Any], parts: Sequence[Any]) -> Any:
    """Folded evenly: engines walk their expressions recursively."""
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [join(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0]


def _if(term: Term, condition: Any, then: Any, otherwise: Any) -> Any:
    # A condition that is null chooses the other branch, in every engine.
    inner = [(condition, then)]
    return ibis.cases(*inner, else_=otherwise)


def _shift(term: Term, day: Any) -> Any:
    amount, unit = term.extra
    if unit == "hours":
        return day + ibis.interval(amount, unit="h")
    moved = day + ibis.interval(amount, unit={"days": "D", "weeks": "W", "months": "M", "years": "Y"}[unit])
    return moved.cast(_TYPES[term.type])


def _power(term: Term, base: Any, exponent: Any) -> Any:
    steep = (exponent * base.abs().nullif(0.0).ln()).abs() < 60.0
    whole = exponent == exponent.floor()
    positive = ibis.cases(
        (steep & ((base > 0.0) | whole), (base.nullif(0.0)) ** exponent), else_=ibis.null("float64")
    )
    return ibis.cases(
        (exponent == 0.0, ibis.literal(1.0, "float64") + base * 0.0),
        ((base == 0.0) & (exponent > 0.0), ibis.literal(0.0, "float64")),
        (base == 0.0, ibis.null("float64")),
        else_=positive,
    )


def _safe_log(term: Term, x: Any) -> Any:
    return ibis.cases((x > 0.0, x), else_=ibis.null("float64")).ln()


def _rounded(term: Term, x: Any, places: int) -> Any:
    """Half away from zero; what stands on the grid of 8 decimals as the whole number that it is there."""
    if places >= 8:
        return _snapped(term, x)
    step = 10 ** (8 - places)
    grid = (x.abs() * 1e8 + 0.5).floor()
    whole = ((grid + step / 2) / step).floor()
    size = whole / 10.0**places if places >= 0 else whole * 10.0**-places
    return ibis.cases((x < 0.0, -size), else_=size)


def _snapped(term: Term, x: Any) -> Any:
    size = (x.abs() * 1e8 + 0.5).floor() / 1e8
    return ibis.cases((x < 0.0, -size), else_=size)


def _floor_over(term: Term, x: Any) -> Any:
    return (x / float(term.extra)).floor().cast("int64")


def _text(term: Term, x: Any) -> Any:
    # A day that was calculated is an instant for some engines.
    return x.strftime("%Y-%m-%d") if term.args[0].type == "date" else x.cast("string")


def _exp(x: Any) -> Any:
    inside = ibis.cases((x > 100.0, ibis.null("float64")), (x < -100.0, ibis.literal(-1e4, "float64")), else_=x)
    return ibis.cases(
        (x < -100.0, ibis.literal(0.0, "float64")),
        else_=ibis.cases((inside > -100.0, inside), else_=ibis.null("float64")).exp(),
    )


_OPERATIONS: dict[str, Callable[..., Any]] = {
    # ENGINE: Ibis writes no brackets round NOT, which SQL applies after `=` and IS NULL, and puts steps into one.
    # An `and` it does bracket, and every engine drops this one.
    "not": lambda term, x: ~x & ibis.literal(True, "boolean"),
    "known": lambda term, x: x.notnull(),
    "coalesce": lambda term, *x: ibis.coalesce(*x),
    "if": _if,
    "eq": lambda term, x, y: x == y,
    "lt": lambda term, x, y: x < y,
    "le": lambda term, x, y: x <= y,
    "same": lambda term, x, y: (x.isnull() & y.isnull()) | (x == y).fill_null(False),
    # ENGINE: nor round `x IN (...)`, and Spark reads none of it before `=` or IS NULL.
    "in": lambda term, x: x.isin(term.extra) & ibis.literal(True, "boolean"),
    "minus": lambda term, x, y: x - y,
    "times": lambda term, x, y: x * y,
    "over": lambda term, x, y: x / y.nullif(0.0),
    "negate": lambda term, x: -x,
    "abs": lambda term, x: x.abs(),
    "floor": lambda term, x: x.floor().cast("float64"),
    "float": lambda term, x: x.cast("float64"),
    "snap": _snapped,
    "round": lambda term, x: _rounded(term, x, term.extra),
    "ln": _safe_log,
    "exp": lambda term, x: _exp(x),
    "sqrt": lambda term, x: ibis.cases((x >= 0.0, x), else_=ibis.null("float64")).sqrt(),
    "power": _power,
    "shift": _shift,
    "day_of": lambda term, x: x.date(),
    "days_between": lambda term, a, b: b.delta(a, unit="day").cast("int64"),
    "hours_between": lambda term, a, b: ((b.epoch_seconds() - a.epoch_seconds()) / 3600.0).floor().cast("int64"),
    "floor_over": _floor_over,
    "year": lambda term, x: x.year().cast("int64"),
    "month": lambda term, x: x.month().cast("int64"),
    "day": lambda term, x: x.day().cast("int64"),
    "starts": lambda term, x: x.startswith(term.extra),
    "system": lambda term, x: ibis.cases((x.find("|") > 0, x.left(x.find("|"))), else_=ibis.cases(
        (x.notnull(), ibis.literal("")), else_=ibis.null("string"))),
    "word": lambda term, x: ibis.cases((x.startswith("|"), x.substr(1)), else_=x),
    "text": _text,
    "join": lambda term, *x: _folded(lambda p, q: p + q, x),
    "without_last": lambda term, x: x.left(x.length() - 1),
    "without_system": lambda term, x: ibis.cases((x.find("|") >= 0, x.substr(x.find("|") + 1)), else_=x),
    "has": lambda term, x: x.contains(term.extra),
    "ones": lambda term, x: _ones(x),
    "packed": _packed,
}  # fmt: skip


__all__ = ["PACKED", "aggregated", "constant", "field", "grouped", "joined", "never_null", "operation",
           "projected", "stepped", "table", "typed", "unpacked"]  # fmt: skip
