"""Random single edits of bundles: whatever changes what is said is refused, and the refusal names a place.

The short run is part of every test run; `make long` makes EDITS of them, 10,000 by default.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import verifying
from screening.errors import VerificationError
from tests.audit import bundles

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"
NAMES = ("ineligible", "review", "rest", "chance-1", "chance-2")
# Who made a certificate is a statement: with fitting digests it may say anything.
STATED = {("certificate", "program", "version"), ("certificate", "engine", "version")}
# What is written anew with fitting digests, so that no edit of it would be left.
DIGESTS = (("certificate", "digest"), ("certificate", "rests_on"))
PLACE = re.compile(r"/[a-z_]+|does not hold at \S+|the key `[^`]+` stands twice")
# The JSON reader itself cannot say where in a text it stopped.
UNREADABLE = "not readable as JSON"
Place = tuple[Any, ...]


class Twice(dict[str, Any]):
    """An object whose first key is written twice."""


class Fractional(int):
    """A whole number written with a fraction."""


def text_of(data: Any) -> str:
    """JSON text, with what no reader of JSON gives back."""
    match data:
        case Twice():
            (key, value), *rest = data.items()
            return (
                "{"
                + ",".join(f"{json.dumps(k)}:{text_of(v)}" for k, v in ((key, value), (key, value), *rest))
                + "}"
            )
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{text_of(value)}" for key, value in data.items()) + "}"
        case list():
            return "[" + ",".join(map(text_of, data)) + "]"
        case Fractional():
            return f"{int(data)}.0"
    return json.dumps(data)


def paths(data: Any, path: Place = ()) -> Iterator[Place]:
    """Every place of a bundle below its root."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in below:
        yield (*path, key)
        yield from paths(value, (*path, key))


def at(data: Any, path: Place) -> Any:
    for key in path:
        data = data[key]
    return data


def other(value: Any, rng: Random) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice((1, 2, 7))
        case str():
            swaps = {"TRUE": "FALSE", "FALSE": "UNKNOWN", "UNKNOWN": "TRUE", "absolute": "relative", "=": "!="}
            swaps |= {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "latest": "first", "months": "days"}
            digits = [n for n, sign in enumerate(value) if sign.isdigit()]
            if value not in swaps and digits and rng.random() < 0.8:
                n = rng.choice(digits)
                return f"{value[:n]}{(int(value[n]) + rng.randint(1, 8)) % 10}{value[n + 1 :]}"
            return swaps.get(value, value + "x")
        case None:
            return "0"
        case []:
            return ["x"]
        case list():
            return []
    return {}


def retyped(value: Any, rng: Random) -> Any:
    choices: list[Any] = [None, True, [value], {"value": value}, 7, "7"]
    return rng.choice([choice for choice in choices if type(choice) is not type(value)])


def edited(bundle: dict[str, Any], rng: Random) -> tuple[str, Place, dict[str, Any]] | None:
    """One edit: what it was, where, and the bundle after it; None where this place cannot be edited so."""
    kind = rng.choice(("value", "value", "value", "drop", "twice", "reorder", "digests", "type", "form", "more"))
    made = copy.deepcopy(bundle)
    path = rng.choice(list(paths(made)))
    parent, key = at(made, path[:-1]), path[-1]
    old = parent[key]
    match kind:
        case "value":
            parent[key] = other(old, rng)
        case "drop":
            del parent[key]
        case "twice" if isinstance(old, dict) and old:
            parent[key] = Twice(old)
        case "reorder" if isinstance(old, list) and len(old) > 1:
            one, two = rng.sample(range(len(old)), 2)
            old[one], old[two] = old[two], old[one]
        case "digests":
            places = [p for p in paths(made) if re.fullmatch("[0-9a-f]{64}", str(at(made, p)))]
            one, two = rng.sample(places, 2)
            first, second = at(made, one), at(made, two)
            at(made, one[:-1])[one[-1]], at(made, two[:-1])[two[-1]] = second, first
            path = one if one[0] == "certificate" else two
        case "type":
            parent[key] = retyped(old, rng)
        case "form" if type(old) is int:
            parent[key] = Fractional(old)
        case "form" if isinstance(old, str) and re.fullmatch(r"-?\d+(\.\d+)?", old):
            parent[key] = rng.choice(
                (f"{old}.0" if "." not in old else f"{old}0", f"0{old}", f"+{old}", f"{old}e0")
            )
        case "more" if isinstance(old, dict):
            old["more"] = rng.choice(("", 0, None, []))
        case _:
            return None
    return None if text_of(made) == text_of(bundle) else (kind, path, made)


def refusal(text: str) -> str:
    """Why a bundle is refused; empty if it is accepted."""
    try:
        verifying.verify_bundle(verifying.document_of(text.encode()))
    except VerificationError as refused:
        return refused.diagnostics[0].message
    return ""


def run(count: int, seed: int) -> Counter[str]:
    """So many edits, counted by kind and by what came of them."""
    rng = Random(seed)
    originals = [json.loads((GOLDEN / f"accepted-{name}.json").read_text(encoding="utf-8")) for name in NAMES]
    found: Counter[str] = Counter()
    while sum(found.values()) < count:
        made = edited(rng.choice(originals), rng)
        if made is None:
            continue
        kind, path, bundle = made
        is_restated = rng.random() < 0.5 and kind not in ("twice", "form") and path[:2] not in DIGESTS
        if is_restated:
            try:
                bundles.restated(bundle)
            except (KeyError, TypeError, AttributeError):
                is_restated = False
        why = refusal(text_of(bundle))
        if is_restated and (path[0] != "certificate" or path in STATED):
            # With fitting digests another tree or record is another bundle, true if its certificate follows.
            found[f"{kind}, restated, {'refused' if why else 'a true bundle'}"] += 1
            continue
        assert why, f"seed {seed}: {kind} at {path} was accepted"
        assert PLACE.search(why) or UNREADABLE in why, f"seed {seed}: {kind} at {path}: {why}"
        assert kind in ("twice", "form") or UNREADABLE not in why
        found[f"{kind}{', restated' if is_restated else ''}, refused"] += 1
    return found


def test_a_few_hundred_edits_are_refused_at_their_place() -> None:
    found = run(300, 20261127)
    assert sum(number for kind, number in found.items() if kind.endswith("refused")) > 250


@pytest.mark.long
def test_ten_thousand_edits_are_refused_at_their_place() -> None:
    count = int(os.environ.get("EDITS", "10000"))
    found = run(count, int(os.environ.get("SEED", "1")))
    for kind, number in sorted(found.items()):
        print(f"{number:6d}  {kind}")
    assert sum(found.values()) == count


@pytest.mark.parametrize("name", NAMES)
def test_white_space_and_the_order_of_keys_mean_nothing(name: str) -> None:
    text = (GOLDEN / f"accepted-{name}.json").read_text(encoding="utf-8")
    rng = Random(name)

    def mixed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(rng.sample(pairs, len(pairs)))

    assert refusal(json.dumps(json.loads(text, object_pairs_hook=mixed), indent=3)) == ""
    assert refusal("\ufeff \n\t" + text + "\r\n ") == ""
