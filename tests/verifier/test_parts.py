"""What the verifier in JavaScript is built of: SHA-256, canonical bytes, and JSON of one reading alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.verifier.node import VERIFIER, Node, answer_of, python, running

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as found:
        yield found


def bytes_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_it_digests_as_sha_256_does(node: Node) -> None:
    rng = Random(1)
    sizes = [*range(130), 1000, 4096, 100_001]
    for size in sizes:
        data = rng.randbytes(size)
        assert node.ask("sha256", bytes_text(data)) == hashlib.sha256(data).hexdigest(), size


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (' { "b" : [ 1 , -7 , null ] , "a" : { } } ', '{"a":{},"b":[1,-7,null]}'),
        (
            r'{"\u20ac":"\u00f6\/\u0001\b\f\n\r\t\"\\","1":true}',
            '{"1":true,"€":"ö/\\u0001\\b\\f\\n\\r\\t\\"\\\\"}',
        ),
        # Keys by UTF-16 code units: a surrogate pair before what lies above the surrogates.
        (r'{"\ufb33":1,"\ud83d\ude02":2}', '{"\U0001f602":2,"\ufb33":1}'),
        ('{"__proto__":1,"constructor":2,"2":3,"10":4}', '{"10":4,"2":3,"__proto__":1,"constructor":2}'),
        ('"\u2028\x7f"', '"\u2028\x7f"'),
    ],
)
def test_canonical_bytes_are_those_of_rfc_8785(node: Node, text: str, canonical: str) -> None:
    assert node.ask("canonical", text) == canonical


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"readings":1,', '"readings":1.0,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":1e0,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":-0,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":01,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":1000000000000000,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":NaN,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":1,"readings":1,', "/tree/order/0/expression/readings"),
        ('"readings":1,', '"readings":1,"read\\u0069ngs":1,', "/tree/order/0/expression/readings"),
        ('"subject":"SYN-0001"', '"subject":"SYN-0001\\ud800"', "/certificate/subject"),
        ('"subject":"SYN-0001"', '"subject":"SYN-0001\\udc00\\ud800"', "/certificate/subject"),
        ('"subject":"SYN-0001"', '"subject":"SYN-0001\t"', "/certificate/subject"),
        ('"subject":"SYN-0001"', "'subject':\"SYN-0001\"", "/certificate"),
        ('"subject":"SYN-0001"', '"subject":"\\x53YN-0001"', "/certificate/subject"),
        ('"synthetic":true', '"synthetic":True', "/certificate/synthetic"),
        ('"synthetic":true,', '"synthetic":true,,', "/certificate"),
        ('"site":null,', '"site":null, // nobody\n', "/certificate"),
        ('"bundle"', '\u00a0"bundle"', ""),
        ('{"bundle"', '\ufeff\ufeff{"bundle"', ""),
    ],
)
def test_json_of_another_reading_is_refused_at_its_place(node: Node, old: str, new: str, path: str) -> None:
    text = (GOLDEN / "accepted-ineligible.json").read_text(encoding="utf-8")
    assert old in text
    altered = text.replace(old, new, 1)
    found = node.verify(altered)
    assert not found.accepted and not python(altered).accepted
    assert found.path == path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"7",
        b'"\xff"',
        b"\xed\xa0\x80",
        b"[" * 5000,
        b'{"a":' * 5000,
        b"[" * 5000 + b"]" * 5000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_bundle_is_refused(node: Node, data: bytes) -> None:
    assert not answer_of(node.ask("verifyBytes", bytes_text(data))).accepted


def test_a_tree_that_goes_deeper_than_a_tree_may_is_refused(node: Node) -> None:
    for levels, accepted in ((250, True), (251, False), (700, False)):
        text = deepened((GOLDEN / "accepted-ineligible.json").read_text(encoding="utf-8"), levels)
        assert node.verify(text).accepted == python(text).accepted == accepted, levels


def deepened(text: str, levels: int) -> str:
    """The bundle with so many denials around the literal that ends it."""
    from tests.audit import bundles

    bundle = json.loads(text)
    entry = bundle["tree"]["order"][-1]
    found, steps = entry["expression"], bundle["certificate"]["steps"]
    place = entry["name"] + ".1" * levels
    node = json.dumps({**found, "place": place, "value": "TRUE" if levels % 2 == 0 else "FALSE"})
    value = levels % 2 == 0
    steps[-1] = {"place": place, "value": "TRUE" if value else "FALSE"}
    for level in reversed(range(levels)):
        place, value = entry["name"] + ".1" * level, not value
        steps.append({"place": place, "value": "TRUE" if value else "FALSE"})
        node = f'{{"node":"Not","place":"{place}","type":{{"name":"Boolean"}},"operand":{node}}}'
    entry["expression"] = "HERE"
    if levels < 300:
        entry["expression"] = json.loads(node)
        return json.dumps(bundles.restated(bundle))
    return json.dumps(bundle).replace('"HERE"', node)


def test_it_asks_nobody_and_runs_no_text() -> None:
    source = VERIFIER.read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)
    network = r"\bfetch\b|HttpRequest|WebSocket|\bimport\b|\brequire\("
    wanted = rf"{network}|\beval\(|\bFunction\(|setTimeout|new Date|Date\.|random|document\."
    assert re.findall(wanted, code) == []
    assert source.isascii() and '"use strict";' in source
    # It is inlined into pages: nothing in it ends the element that holds it.
    assert "</" not in source and "<!--" not in source


def test_no_refusal_tells_what_is_recorded_of_a_person(node: Node) -> None:
    bundle = json.loads((GOLDEN / "accepted-ineligible.json").read_text(encoding="utf-8"))
    secret = "MRN 4711 Doe"
    for fact in bundle["record"]["facts"]:
        for member in ("value", "when", "clock", "status", "certainty", "id", "by", "written"):
            old = fact.get(member)
            fact[member] = secret
            found = node.verify(json.dumps(bundle))
            assert not found.accepted and secret not in found.message + found.path
            if old is None:
                del fact[member]
            else:
                fact[member] = old
