"""The closed set of nodes of an expression. Each carries its span and its place.

The tree that `reading.check` hands on is settled: names are resolved, units converted, a requirement used as a
value has become a retrieval, a window and a selection. Interpreters `match` on these classes and know nothing else
of the rule file. `place` names a node by its position: `INC04.2.1` is the first part of the second part of INC04.
"""

from __future__ import annotations

from screening.language.node import Field as Field
from screening.language.node import Literal as Literal
from screening.language.node import Node as Node
from screening.language.node import Parameter as Parameter
from screening.language.node import Reference as Reference
from screening.language.types import BOOLEAN, DATE, INTEGER, Type
from screening.values.bounds import Bounds
from screening.values.coding import Code
from screening.values.frozen import dataclass
from screening.values.truth import Truth

# ---------------------------------------------------------------------------- rows and queries


@dataclass(frozen=True, slots=True)
class Retrieve(Node):
    """All rows of a requirement that are visible on the as-of date, with what is said of its completeness."""

    requirement: str


@dataclass(frozen=True, slots=True)
class Where(Node):
    """The rows of `source` for which `condition` holds: certain, possible or out."""

    source: Rows
    alias: str
    condition: Expression


Rows = Retrieve | Where


@dataclass(frozen=True, slots=True)
class Select(Node):
    """One value out of the rows: `take` is latest, first, highest, lowest or `mean of latest day`.

    At least `readings` distinct certain rows are wanted. `scale` bounds the value when nothing is known.
    """

    source: Rows
    take: str
    readings: int
    scale: Bounds
    type: Type


@dataclass(frozen=True, slots=True)
class DateOf(Node):
    """`date of X`: the date of the evidence that the selection took."""

    selection: Select
    type: Type = DATE


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """`exists`: TRUE with a certain row, FALSE only where silence has been ruled out."""

    source: Rows
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Silence(Node):
    """Silence read as an answer, because the rule file says so and why (`when_absent: false`).

    A choosing construct: the operand's value, but FALSE if it is UNKNOWN and `source` has no row at all.
    """

    operand: Expression
    source: Rows
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`Count` of rows: the certain ones to the certain and possible ones; open above if the list is."""

    source: Rows
    type: Type = INTEGER


@dataclass(frozen=True, slots=True)
class CountDistinct(Node):
    """`Count(distinct ... return key)`; `cap` is the number of values that the key can take, if declared."""

    source: Rows
    key: str
    cap: int | None
    type: Type = INTEGER


@dataclass(frozen=True, slots=True)
class RowValues(Node):
    """`return R.field` over the rows of a query, for Min, Max, Sum and Mean over records.

    Open as soon as a row is only possible or the list is not complete.
    """

    source: Rows
    field_name: str
    function: str
    type: Type


@dataclass(frozen=True, slots=True)
class Favoured(Node):
    """An open Judgement read in the person's favour; used in the favourable reading of `eligible` alone."""

    operand: Expression
    toward: Truth
    type: Type = BOOLEAN


# ------------------------------------------------------------------------------------- logic


@dataclass(frozen=True, slots=True)
class And(Node):
    """Kleene conjunction of all parts."""

    operands: tuple[Expression, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Kleene disjunction of all parts."""

    operands: tuple[Expression, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Expression
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Xor(Node):
    left: Expression
    right: Expression
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Implies(Node):
    left: Expression
    right: Expression
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if c then a else b`; with `c` open, what both branches agree on (not CQL)."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type: Type


@dataclass(frozen=True, slots=True)
class CountTrue(Node):
    """How many of the parts hold: `Count({A, B, C} X where X)`."""

    operands: tuple[Expression, ...]
    type: Type = INTEGER


# -------------------------------------------------------------------------------- comparisons


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`= != < <= > >=` over ordered values of one unit; `=` and `!=` also over codes and words."""

    operator: str
    left: Expression
    right: Expression
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`x between a and b`, both ends in."""

    operand: Expression
    low: Expression
    high: Expression
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class InSet(Node):
    """`x in "Value Set"` or `x in {...}` for codes and words."""

    operand: Expression
    name: str
    codes: tuple[Code, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class InInterval(Node):
    """`x in Interval[a, b)`; a round bracket leaves that end out."""

    operand: Expression
    low: Expression
    high: Expression
    low_closed: bool
    high_closed: bool
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`is null`, `is true`, `is false` and their `is not`: choosing constructs, confined by `check`."""

    operand: Expression
    state: str
    negated: bool
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Timing(Node):
    """A day lies in a window beside another: `D 6 months or less on or before day of E`.

    `kind` and `inclusive` as in `values.calendar.window`.
    """

    operand: Expression
    kind: str
    inclusive: bool
    amount: Expression
    unit: str
    reference: Expression
    type: Type = BOOLEAN


# --------------------------------------------------------------------------- numbers and dates


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Expression
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+ - * / ^` over bounds."""

    operator: str
    left: Expression
    right: Expression
    type: Type


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`Ln Exp Sqrt Abs` of one, `Round` of one or two, `Min Max Sum Mean Agree` of several values."""

    name: str
    operands: tuple[Expression, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Coalesce(Node):
    """The first part of which anything usable is recorded; a choosing construct, confined by `check`."""

    operands: tuple[Expression, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Convert(Node):
    """A quantity in another unit of its dimension; inserted by `check`, exact."""

    operand: Expression
    source: str
    target: str
    type: Type


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """`date + N months`; `sign` is 1 or -1."""

    operand: Expression
    amount: Expression
    unit: str
    sign: int
    type: Type = DATE


@dataclass(frozen=True, slots=True)
class DayOf(Node):
    """The day of an instant."""

    operand: Expression
    type: Type = DATE


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`months between a and b`: whole units."""

    unit: str
    left: Expression
    right: Expression
    type: Type = INTEGER


@dataclass(frozen=True, slots=True)
class Age(Node):
    """Age in completed years on a day; 29 February completes on 1 March."""

    born: Expression
    on: Expression
    type: Type = INTEGER


# ------------------------------------------------------------------- what the verdict reads off


@dataclass(frozen=True, slots=True)
class Contradicted(Node):
    """TRUE if evidence inside one criterion contradicts itself, else FALSE; never UNKNOWN.

    `hard` are the places whose contradiction always counts (Agree, exists); `soft` those that count
    only while the criterion is UNKNOWN (a selection with two candidates).
    """

    criterion: str
    hard: tuple[str, ...]
    soft: tuple[str, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Fires(Node):
    """An alert: TRUE if its condition holds on any single row, certain or possible; else FALSE."""

    source: Rows
    alias: str
    condition: Expression
    type: Type = BOOLEAN


# fmt: off
Expression = (
    Literal | Parameter | Reference | Field | Select | DateOf | Exists | Silence | Count | CountDistinct |
    RowValues | Favoured | And | Or | Not | Xor | Implies | If | CountTrue | Compare | Between | InSet |
    InInterval | Is | Timing | Negate | Arithmetic | Function | Coalesce | Convert | Shift | DayOf |
    Duration | Age | Contradicted | Fires
)
# fmt: on
AnyNode = Expression | Rows


def parts(node: AnyNode) -> tuple[AnyNode, ...]:
    """The direct parts of a node, in the order in which they are written and evaluated."""
    # The most frequent come first: this is asked of every node by each interpreter and each report.
    match node:
        case Literal() | Reference() | Retrieve() | Field() | Parameter() | Contradicted():
            return ()
        case Compare(_, left, right) | Arithmetic(_, left, right) | Shift(left, right) | Duration(_, left, right):
            return (left, right)
        case And(operands) | Or(operands) | CountTrue(operands) | Coalesce(operands) | Function(_, operands):
            return operands
        case Select(source) | Exists(source) | Count(source) | CountDistinct(source) | RowValues(source):
            return (source,)
        case Where(left, _, right) | Fires(left, _, right) | Silence(left, right) | Age(left, right):
            return (left, right)
        case Not(one) | Negate(one) | DayOf(one) | Favoured(one) | Convert(one) | Is(one) | InSet(one):
            return (one,)
        case Timing(operand=operand, amount=amount, reference=reference):
            return (operand, amount, reference)
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case Between(operand, low, high) | InInterval(operand, low, high):
            return (operand, low, high)
        case Xor(left, right) | Implies(left, right):
            return (left, right)
        case DateOf(selection):
            return (selection.source,)
