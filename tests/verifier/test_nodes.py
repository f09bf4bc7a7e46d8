"""Single nodes over given values: what follows is accepted by both verifiers, and nothing else by either."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit import bundles
from tests.verifier.node import Node, python, running

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"
BASE = json.loads((GOLDEN / "accepted-ineligible.json").read_text(encoding="utf-8"))
TRUTHS = ("TRUE", "FALSE", "UNKNOWN")
OPEN = (None, None)
DOMAIN = "outside the domain"
CODE, OTHER = [["a", "b"]], [["a", "c"]]
Part = tuple[str, Any]
Wrong = None  # no value follows: the node is refused whatever is said of it


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as found:
        yield found


def value_of(said: Any) -> Any:
    """Bounds as JSON: a text is an exact one, a pair has two ends."""
    if isinstance(said, str) and said not in TRUTHS:
        said = (said, said)
    return {"low": said[0], "high": said[1]} if isinstance(said, tuple) else said


def type_of(value: Any) -> dict[str, str]:
    match value:
        case {"low": low, "high": high}:
            end = low or high or ""
            return {"name": "DateTime" if "T" in end else "Date" if end.startswith("@") else "Decimal"}
        case str():
            return {"name": "Boolean"}
    return {"name": "Code"}


def with_node(kind: str, members: dict[str, Any], parts: list[Part], step: dict[str, Any]) -> str:
    """A bundle with one more entry, of which this is the last step."""
    bundle = copy.deepcopy(BASE)
    made: dict[str, Any] = {"node": kind, "place": "X", "type": {"name": "Decimal"}, **members}
    steps = []
    for n, (name, said) in enumerate(parts, 1):
        value = value_of(said)
        literal = {"node": "Literal", "place": f"X.{n}", "type": type_of(value), "value": value}
        steps.append({"place": f"X.{n}", "value": value})
        if name == "operands":
            made.setdefault("operands", []).append(literal)
        else:
            made[name] = literal
    bundle["tree"]["order"].insert(-4, {"name": "X", "expression": made})
    old = bundle["certificate"]["steps"]
    at = next(n for n, one in enumerate(old) if one["place"].startswith("eligible"))
    old[at:at] = [*steps, {"place": "X", **step}]
    return json.dumps(bundles.restated(bundle))


def two(operator: str, left: Any, right: Any, follows: Any, reason: str = "") -> Any:
    return "Arithmetic", {"operator": operator}, [("left", left), ("right", right)], follows, reason


def of(name: str, *operands: Any, follows: Any, reason: str = "") -> Any:
    return "Function", {"name": name}, [("operands", one) for one in operands], follows, reason


def compared(left: Any, operator: str, right: Any, follows: Any) -> Any:
    return "Compare", {"operator": operator}, [("left", left), ("right", right)], follows, ""


def shifted(day: str, amount: Any, unit: str, follows: Any, sign: int = 1) -> Any:
    return "Shift", {"unit": unit, "sign": sign}, [("operand", day), ("amount", amount)], follows, ""


def passed(unit: str, left: Any, right: Any, follows: Any) -> Any:
    return "Duration", {"unit": unit}, [("left", left), ("right", right)], follows, ""


def aged(born: Any, on: Any, follows: Any) -> Any:
    return "Age", {}, [("born", born), ("on", on)], follows, ""


def timed(operand: Any, amount: Any, unit: str, kind: str, follows: str, inclusive: bool = True) -> Any:
    parts = [("operand", operand), ("amount", amount), ("reference", "@2020-01-31")]
    return "Timing", {"kind": kind, "inclusive": inclusive, "unit": unit}, parts, follows, ""


def truths(kind: str, *parts: Part, follows: Any, **members: Any) -> Any:
    return kind, members, list(parts), follows, ""


CASES = [
    two("/", "1", "3", "0.33333333"),
    two("/", "-0.000000005", "1", "-0.00000001"),
    two("/", ("1", "2"), ("-4", "-2"), ("-1", "-0.25")),
    two("/", (None, "2"), ("2", None), (None, "1")),
    two("/", (None, "-2"), ("2", None), (None, "0")),
    two("/", "1", ("-1", "1"), OPEN, "divisor may be 0"),
    two("*", (None, "0"), ("0", None), (None, "0")),
    two("*", "0", OPEN, "0"),
    two("*", "1000000000000000", "1000000000000000", OPEN),
    two("*", "999999999999999", "1000000000000000", "999999999999999000000000000000"),
    two("^", "2", "0.5", "1.41421356"),
    two("^", "2", "-1", "0.5"),
    two("^", "-8", "3", "-512"),
    two("^", "-8", "0.5", OPEN, DOMAIN),
    two("^", "0", "0", "1"),
    two("^", "0", "-1", OPEN, DOMAIN),
    two("^", ("-2", "3"), "2", ("0", "9")),
    two("^", (None, "-3"), "2", ("9", None)),
    two("^", (None, "-3"), "3", (None, "-27")),
    two("^", ("2", None), "0.5", OPEN, DOMAIN),
    two("^", "2", ("1", "3"), ("2", "8")),
    two("^", "2", "99", "633825300114114700748351602688"),
    two("^", "2", "1001", OPEN),
    two("^", "2", "-1001", "0"),
    two("^", "1.00001", "5000", "1.05127083"),
    two("^", "0.000000000000000025", "0.5", "0.00000001"),
    two("+", "@2020-01-01", "1", Wrong),
    of("Ln", "2.5", follows="0.91629073"),
    of("Ln", "0.00000001", follows="-18.42068074"),
    of("Ln", ("0", "1"), follows=OPEN, reason=DOMAIN),
    of("Exp", (None, "0"), follows=("0", "1")),
    of("Exp", "101", follows=OPEN),
    of("Sqrt", "0.000000000000000025", follows="0.00000001"),
    of("Sqrt", "0.0000000000000000249", follows="0"),
    of("Sqrt", ("-1", "4"), follows=OPEN, reason=DOMAIN),
    of("Abs", (None, "2"), follows=("0", None)),
    of("Round", "-2.5", follows="-3"),
    of("Round", "1.005", "2", follows="1.01"),
    of("Round", "15", "-1", follows="20"),
    of("Round", "1.25", "1.9", follows="1.3"),
    of("Round", "1.25", "1000", follows="1.25"),
    of("Round", "1.25", "-999999999999", follows="0"),
    of("Round", "1.5", ("0", "1"), follows=OPEN, reason="places not known"),
    of("Min", "1", (None, "3"), follows=(None, "1")),
    of("Max", "1", (None, "3"), follows=("1", "3")),
    of("Min", "@2020-01-01", "@2021-01-01", follows="@2020-01-01"),
    of("Min", "@2020-01-01", "1", follows=Wrong),
    of("Sum", "1", "2.5", (None, "1"), follows=(None, "4.5")),
    of("Mean", "1", "2", "2", follows="1.66666667"),
    of("Agree", ("1", "3"), ("2", None), follows=("2", "3")),
    compared(("1", "2"), "<", "2", "UNKNOWN"),
    compared((None, "2"), "<=", "2", "TRUE"),
    compared(OPEN, "=", "1", "UNKNOWN"),
    compared(CODE, "=", OTHER, "FALSE"),
    compared(CODE, "=", [["a", "b.*"]], "TRUE"),
    compared(CODE, "=", [["x", "b"]], "UNKNOWN"),
    compared(CODE, "<", OTHER, Wrong),
    compared("TRUE", "<", "FALSE", Wrong),
    compared("TRUE", "=", "1", Wrong),
    compared("1", "=", "TRUE", Wrong),
    compared("@2020-01-01", "=", "@2020-01-01T00:00:00", Wrong),
    shifted("@2024-01-31", "1", "months", "@2024-02-29"),
    shifted("@2024-02-29", "1", "years", "@2025-02-28"),
    shifted("@2020-01-01", "1.9", "days", "@2019-12-31", sign=-1),
    shifted("@2020-01-01", "25", "hours", "@2019-12-30", sign=-1),
    shifted("@2020-01-01T00:30:00", "1", "hours", "@2019-12-31T23:30:00", sign=-1),
    shifted("@9999-12-31", "1", "days", OPEN),
    shifted("@0001-01-01", "12", "months", OPEN, sign=-1),
    shifted("@2020-01-01", "5000000", "hours", "@2476-04-25"),
    passed("months", "@2024-01-31", "@2024-02-29", "1"),
    passed("years", "@2020-02-29", "@2021-02-28", "1"),
    passed("months", "@2024-03-15", "@2024-01-20", "-2"),
    passed("months", "@2024-03-15T12:00:00", "@2024-04-15T11:00:00", "0"),
    passed("hours", "@2024-03-15", "@2024-03-16", "24"),
    passed("days", ("@2024-01-01", "@2024-01-10"), ("@2024-01-05", None), ("-5", None)),
    passed("days", "@2024-01-01", "@2024-01-01T00:00:00", Wrong),
    aged("@2020-02-29", "@2021-02-28", "0"),
    aged("@2020-02-29", "@2019-03-01", OPEN),
    aged(("@1999-01-01", "@1999-12-31"), "@2026-11-22", ("26", "27")),
    timed("@2020-01-01", "30", "days", "or less before", "TRUE"),
    timed("@2020-01-31", "30", "days", "or less before", "FALSE", inclusive=False),
    timed(("@2020-01-15", "@2020-02-15"), "1", "months", "or more before", "FALSE"),
    timed(OPEN, "25", "hours", "around", "UNKNOWN"),
    truths("DayOf", ("operand", "@2020-01-01T10:00:00"), follows="@2020-01-01"),
    truths("DayOf", ("operand", "@2020-01-01"), follows=Wrong),
    truths("And", ("operands", "1"), ("operands", "FALSE"), follows=Wrong),
    truths("Or", ("operands", "TRUE"), ("operands", CODE), follows=Wrong),
    truths("Not", ("operand", "1"), follows=Wrong),
    truths("Xor", ("left", "UNKNOWN"), ("right", "1"), follows=Wrong),
    truths("Implies", ("left", "FALSE"), ("right", CODE), follows=Wrong),
    truths("If", ("condition", "1"), ("then", "1"), ("otherwise", "1"), follows=Wrong),
    truths("If", ("condition", "UNKNOWN"), ("then", "1"), ("otherwise", ("3", None)), follows=("1", None)),
    truths("If", ("condition", "UNKNOWN"), ("then", "1"), ("otherwise", "TRUE"), follows=Wrong),
    truths("Favoured", ("operand", "1"), follows=Wrong, toward="TRUE"),
    truths("Is", ("operand", "1"), follows=Wrong, state="true", negated=False),
    truths("Is", ("operand", "1"), follows="TRUE", state="null", negated=True),
    truths("CountTrue", ("operands", "TRUE"), ("operands", "UNKNOWN"), follows=("1", "2")),
    truths("Coalesce", ("operands", OPEN), ("operands", "2"), ("operands", "3"), follows="2"),
    truths("InSet", ("operand", [["a", "b.1"]]), follows="TRUE", name="n", codes=[["a", "b.*"]]),
    truths("InSet", ("operand", [["x", "b"]]), follows="UNKNOWN", name="n", codes=CODE),
    truths("Contradicted", follows=Wrong, criterion="nobody", hard=[], soft=[]),
    truths("Reference", follows=Wrong, name="review"),
    truths("Field", follows=Wrong, alias="T", name="date"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "members", "parts", "follows", "reason"), CASES)
def test_what_follows_is_accepted_and_nothing_else(
    node: Node, kind: str, members: dict[str, Any], parts: list[Part], follows: Any, reason: str
) -> None:
    right = {"value": value_of(follows), **({"reason": reason} if reason else {})}
    others = [*TRUTHS, OPEN, "1"] if follows is Wrong else [OTHER]
    for step in [] if follows is Wrong else [right]:
        text = with_node(kind, members, parts, step)
        assert python(text).accepted and node.verify(text).accepted
    for value in others:
        text = with_node(kind, members, parts, {"value": value_of(value)})
        ours, theirs = python(text), node.verify(text)
        assert not ours.accepted and not theirs.accepted and theirs.path, (ours, theirs)
