"""What the verifier of the reports says of units is what the program says: which texts are some, and how much."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening.outcome.tree import conversion, ratio
from screening.values import unit
from screening.values.quantity import same_dimension
from screening.values.unit import UnknownUnit, parse_unit
from tests.verifier.node import VERIFIER, Node, running

PAGE = (Path(VERIFIER).parents[1] / "certificate.md").read_text(encoding="utf-8")
SYMBOLS = {
    "length": "m", "time": "s", "mass": "g", "plane angle": "rad", "temperature": "K", "electric charge": "C",
    "luminosity": "cd", "amount of substance": "mol", "equivalents": "eq", "osmoles": "osm",
    "international units": "[IU]",
}  # fmt: skip
# What stands in units, and what stands in none.
SIGNS = [
    *"./().1230+-{}[]%_*^ \u00b5|~'\\",
    "10*",
    "10^",
    "10*-3",
    "{a}",
    "{1.73_m2}",
    "[IU]",
    "12",
    "100",
    "mo",
    "Cel",
    "[degF]",
]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as found:
        yield found


def ours(source: str, target: str) -> list[str] | None:
    """Factor and offset as the program has them; None where one is no unit, or of another dimension."""
    try:
        units = parse_unit(source), parse_unit(target)
    except UnknownUnit:
        return None
    return [ratio(each) for each in conversion(*units)] if same_dimension(*units) else None


def bases(text: str) -> str:
    """The product of bases that a unit is of, so that its factor shows; the text itself where it is no unit."""
    try:
        dimension = parse_unit(text).dimension
    except UnknownUnit:
        return text
    return ".".join(f"{SYMBOLS.get(base, base)}{n}" for base, n in dimension if abs(n) <= 20) or "1"


def asked(node: Node, pairs: list[tuple[str, str]]) -> int:
    """How many of the pairs convert; both say the same of each."""
    found: list[Any] = node.ask("conversions", json.dumps(pairs))
    for pair, theirs in zip(pairs, found, strict=True):
        assert theirs == ours(*pair), pair
    return sum(1 for each in found if each)


def test_every_atom_with_every_prefix_is_worth_the_same(node: Node) -> None:
    atoms = [*unit._BASES, *unit._METRIC, *unit._CUSTOMARY, *unit._ARBITRARY, *unit._OFFSET, *unit._COMMON]
    texts = [prefix + atom for atom in atoms for prefix in ("", *unit._PREFIXES, "q", "dd")]
    assert asked(node, [(text, bases(text)) for text in texts]) > 1000
    assert (
        asked(node, [("Cel", "[degF]"), ("[degF]", "K"), ("Cel/h", "K/h"), ("Cel{x}", "Cel"), ("(Cel)", "K")]) == 4
    )


def made(rng: Random) -> str:
    """A text that is often a unit, and often nearly one."""
    parts = [rng.choice(unit._COMMON) for _ in range(rng.randrange(1, 4))]
    text = "".join(part + rng.choice("./") for part in parts)[:-1]
    if rng.random() < 0.3:
        text = f"({text}){rng.choice('./')}{rng.choice(unit._COMMON)}"
    if rng.random() < 0.3:
        text = "/" + text
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(SIGNS) + text[at + rng.randrange(2) :]
    return text


def test_texts_made_by_chance_are_units_for_both_or_for_neither(node: Node) -> None:
    rng = Random(20261128)
    texts = [made(rng) for _ in range(20_000)]
    assert 4_000 < asked(node, [(text, bases(text)) for text in texts]) < 16_000
    assert asked(node, [(text, rng.choice(texts)) for text in texts]) > 10


def test_the_limits_are_the_same(node: Node) -> None:
    long = "m." * 31 + "m"
    edges = [
        long,
        long + "m",
        long + "2",
        "m20",
        "m21",
        "m-20",
        "m-21",
        "Ym20.Ym20.Ym20",
        "Ym20.Ym20.Ym20.ym-20.Pm20",
        "",
    ]
    assert asked(node, [(text, text) for text in edges]) == 5


def test_the_page_says_every_atom_as_the_program_has_it() -> None:
    section = PAGE[PAGE.index("## 17. Units") :]
    said = dict(re.findall(r"`([^`]+)` = ((?:[0-9.e-]+ ?)?(?:`[^`]+`)?)", section))
    for atom, (value, of) in {**unit._METRIC, **unit._CUSTOMARY}.items():
        assert said[atom] == (value if of == "1" else f"`{of}`" if value == "1" else f"{value} `{of}`"), atom
    for atom in (*unit._BASES, *unit._ARBITRARY):
        assert f"`{atom}`" in section, atom
    for prefix, power in unit._PREFIXES.items():
        assert f"`{prefix}` {power}" in section, prefix
