"""The verifier of the reports, in JavaScript, and the program's own give the same answer for every bundle.

It was written from `certificate.md` alone, so that what both accept does not rest on one reading of it. The long
runs take TRACES and EDITS from the environment, 10,000 of each by default.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.audit import bundles
from tests.audit.test_bundle_edits import DIGESTS, edited, text_of
from tests.verifier import people
from tests.verifier.node import Answer, Node, python, running

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"
ACCEPTED = sorted(path.name for path in GOLDEN.glob("accepted-*.json"))


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as found:
        yield found


def accepted(node: Node, found: Iterable[people.Named]) -> int:
    """How many bundles were tried; both accept each of them."""
    tried = 0
    for name, text in found:
        assert python(text).accepted, name
        assert node.verify(text) == Answer(True), name
        tried += 1
    return tried


def run_edits(node: Node, count: int, seed: int) -> Counter[str]:
    """So many edits of the golden bundles, counted by kind and by what both say of them."""
    rng = Random(seed)
    originals = [json.loads((GOLDEN / name).read_text(encoding="utf-8")) for name in ACCEPTED]
    found: Counter[str] = Counter()
    while found.total() < count:
        made = edited(rng.choice(originals), rng)
        if made is None:
            continue
        kind, path, bundle = made
        if rng.random() < 0.8 and kind not in ("twice", "form") and path[:2] not in DIGESTS:
            restated(bundle)
        text = text_of(bundle)
        ours, theirs = python(text), node.verify(text)
        where = f"seed {seed}, edit {found.total()}: {kind} at {path}: {ours} {theirs}"
        assert ours.accepted == theirs.accepted, where
        # A text that is no JSON, or no JSON of one reading, has no place but the whole.
        assert theirs.accepted or theirs.path or kind in ("form", "twice"), where
        found[f"{kind}, {'accepted' if theirs.accepted else 'refused'}"] += 1
    return found


def restated(bundle: dict[str, Any]) -> None:
    """Digests that fit, where there is still a place for them."""
    try:
        bundles.restated(bundle)
    except (KeyError, TypeError, AttributeError):
        return


@pytest.mark.parametrize(
    "expected", json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8")), ids=lambda e: e["file"]
)
def test_it_answers_for_the_golden_bundles_as_they_say(node: Node, expected: dict[str, Any]) -> None:
    text = (GOLDEN / expected["file"]).read_text(encoding="utf-8")
    found = node.verify(text)
    assert found.accepted == expected["accepted"] == python(text).accepted, found
    # What is no JSON of one reading has no place within it, and of a node each says another of its two.
    if expected["file"] not in ("refused-convert.json", "refused-not-json.json", "refused-fraction.json"):
        assert expected.get("place", "") in found.path, found


def test_it_accepts_what_both_made_of_worked_cases(node: Node) -> None:
    assert accepted(node, people.of_cases(file_step=20, case_step=25)) >= 4


def test_it_accepts_people_made_by_chance(node: Node, tmp_path: Path) -> None:
    assert accepted(node, people.by_chance(range(4), 5, tmp_path)) >= 10


def test_it_refuses_what_the_program_refuses(node: Node) -> None:
    found = run_edits(node, 100, 20261128)
    assert sum(n for kind, n in found.items() if kind.endswith("refused")) > 75


@pytest.mark.parametrize("name", ["accepted-rest.json", "accepted-chance-1.json"])
def test_white_space_and_the_order_of_keys_mean_nothing(node: Node, name: str) -> None:
    text = (GOLDEN / name).read_text(encoding="utf-8")
    rng = Random(name)

    def mixed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(rng.sample(pairs, len(pairs)))

    assert node.verify(json.dumps(json.loads(text, object_pairs_hook=mixed), indent=3)) == Answer(True)
    assert node.verify("\ufeff \n\t" + text + "\r\n ") == Answer(True)
    assert node.verify(json.dumps(json.loads(text), ensure_ascii=True)) == Answer(True)


def untried(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The queries of a bundle whose condition was tried on no row."""
    tried = {step["place"] for step in bundle["certificate"]["steps"]}

    def below(data: Any) -> Iterator[dict[str, Any]]:
        if isinstance(data, dict):
            if data.get("node") == "Where" and data["condition"]["place"] not in tried:
                yield data
            data = list(data.values())
        for one in data if isinstance(data, list) else []:
            yield from below(one)

    return below(bundle["tree"]["order"])


def test_a_condition_that_is_tried_on_no_row_names_what_is_known_all_the_same(node: Node) -> None:
    odd: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Reference", {"name": "arranged"}),
        ("Parameter", {"name": "Nobody"}),
        ("Field", {"alias": "Nobody", "name": "date"}),
    )
    tried = 0
    for name in ACCEPTED:
        bundle = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
        for query in list(untried(bundle))[:1]:
            for kind, members in odd:
                place = query["condition"]["place"]
                query["condition"] = {"node": kind, "place": place, "type": {"name": "Boolean"}, **members}
                text = text_of(bundles.restated(bundle))
                assert not python(text).accepted and node.verify(text).path == place
                tried += 1
    assert tried


@pytest.mark.long
def test_every_worked_case_of_the_shipped_libraries_is_accepted(node: Node) -> None:
    tried = accepted(node, people.of_cases(file_step=1, case_step=1))
    print(f"{tried} worked cases")
    assert tried > 1000


@pytest.mark.long
def test_ten_thousand_people_are_accepted(node: Node, tmp_path: Path) -> None:
    wanted = int(os.environ.get("TRACES", "10000"))
    gaps = accepted(node, people.withheld(wanted // 100, 1))
    chance, seed = 0, 10_000
    while gaps + chance < wanted:
        chance += accepted(node, people.by_chance(range(seed, seed + 20), 10, tmp_path))
        seed += 20
    print(f"{gaps} people with data withheld, {chance} people by chance of libraries by chance")


@pytest.mark.long
def test_ten_thousand_edits_are_answered_alike(node: Node) -> None:
    found = run_edits(node, int(os.environ.get("EDITS", "10000")), int(os.environ.get("SEED", "1")))
    for kind, number in sorted(found.items()):
        print(f"{number:6d}  {kind}")
