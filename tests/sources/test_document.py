"""Records as trees of text: every scalar as written, every fault at its place, nothing hostile gets in."""

from __future__ import annotations

import hashlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.errors import UnreadableRecord
from screening.sources.document import MOST_BYTES, data_of, digest_of, read_tree
from screening.sources.tree import DEEPEST, Faults, Mapping


def read(text: str | bytes) -> object:
    faults = Faults("r")
    tree = read_tree(text, faults)
    assert not faults.found, faults.found
    assert tree is not None
    return data_of(tree)


def refusal(text: str | bytes) -> str:
    faults = Faults("r")
    read_tree(text, faults)
    assert faults.found
    assert all(fault.kind is UnreadableRecord and not fault.excerpt for fault in faults.found)
    return str(faults.sorted()[0]).splitlines()[0]


def test_scalars_are_texts_as_written() -> None:
    expected = {
        "a": "5.20",
        "b": ["TRUE", "NO", ""],
        "c": {"d": "1e400"},
        "e": "0.1000000000000000055511151231257827",
    }
    yaml = "a: 5.20\nb: [TRUE, NO, ~]\nc: {d: 1e400}\ne: 0.1000000000000000055511151231257827"
    json_text = (
        '{"a": 5.20, "b": ["TRUE", "NO", null], "c": {"d": 1e400}, "e": 0.1000000000000000055511151231257827}'
    )
    assert read(yaml) == read(json_text) == read(json_text.encode()) == read("\ufeff" + json_text) == expected


def test_quoted_nothing_is_a_word() -> None:
    assert read("a: 'null'\nb: null\nc:\nd: ''") == {"a": "null", "b": "", "c": "", "d": ""}
    assert read('{"a": "null", "b": null, "t": true}') == {"a": "null", "b": "", "t": "true"}


def test_escapes() -> None:
    assert read('{"a": "\\u00e4\\n\\"\\ud83d\\ude00"}') == {"a": 'ä\n"\U0001f600'}


def test_the_digest_depends_on_what_is_written_alone() -> None:
    def digest(text: str) -> str:
        tree = read_tree(text, Faults("r"))
        assert isinstance(tree, Mapping)
        return digest_of(tree)

    assert digest("b: 5.20\na: [x, true]") == digest('{"a": ["x", true], "b": 5.20}')
    assert digest("a: 5.20") != digest("a: 5.2")
    assert digest("a: 1") == hashlib.sha256(b'{"a":"1"}').hexdigest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r:1:1: error: the file is empty"),
        ("# nothing", "r:1:1: error: the file is empty"),
        ('{"a": 1, "b": {"c": 2, "c": 3}}', "r:1:24: error: this key stands here for the second time"),
        ("a: 1\nb:\n  c: 2\n  c: 3\n", "r:4:3: error: this key stands here for the second time"),
        ('{"a": NaN}', "r:1:7: error: `NaN` and `Infinity` are no numbers"),
        ('{"a": -Infinity}', "r:1:7: error: `NaN` and `Infinity` are no numbers"),
        ('{"a":\n  [1, 2}', "r:2:8: error: this is not JSON"),
        ('{"a": 01}', "r:1:7: error: this is not JSON"),
        ('{"a": 1.}', "r:1:7: error: this is not JSON"),
        ('{"a": 1,}', "r:1:9: error: this is not JSON"),
        ("{'a': 1}", "r:1:2: error: this is not JSON"),
        ('{"a" 1}', "r:1:6: error: this is not JSON"),
        ('{"a": tru}', "r:1:7: error: this is not JSON"),
        ('{"a": "x\ny"}', "r:1:7: error: this is not JSON"),
        ('{"a": 1} 2', "r:1:10: error: the record ends before this"),
        ('{"a": 1', "r:1:7: error: the record ends before it is closed"),
        ('{"a": "\\ud800"}', "r:1:7: error: this text holds a lone surrogate, which cannot stand in a record"),
        ('{"a": "\\u0000"}', "r:1:7: error: this text holds the character U+0000, which cannot stand in a record"),
        (
            '{"a": "\\u001b[2J"}',
            "r:1:7: error: this text holds the character U+001B, which cannot stand in a record",
        ),
        ("a: x\ud800", "r:1:5: error: a lone surrogate cannot stand in a record"),
        ("a: x\0", "r:1:5: error: the character U+0000 cannot stand in a record"),
        ("a: &x 1\nb: *x", "r:1:4: error: an anchor cannot stand here"),
        ("b: *x", "r:1:4: error: an alias cannot stand here"),
        ("b: !!python/object x", "r:1:4: error: a tag cannot stand here"),
        ("b: ! x", "r:1:4: error: a tag cannot stand here"),
        ("<<: {a: 1}", "r:1:1: error: a merge key cannot stand here"),
        ("? [a, b]\n: 1", "r:1:3: error: a key is a text, not a list or a mapping"),
        ("a: 1\n---\nb: 2", "r:2:1: error: a second document begins here"),
        ("a: b: c", "r:1:5: error: a second `:` stands on this line; put the text in quotes"),
        ("a: [b", "r:1:6: error: this list has no end; write `]` where it ends"),
        (b"a: \xff", "r:1:4: error: the text is not UTF-8"),
        ("a: " + "[" * 40, f"r:1:{DEEPEST + 3}: error: nested more than {DEEPEST} deep"),
        ('{"a":' * 40, "r:1:161: error: nested more than 32 deep"),
        ("a: " + "x" * 20_001, "r:1:4: error: a text of more than 20000 characters"),
        ('{"' + "x" * 201 + '": 1}', "r:1:2: error: a key of more than 200 characters"),
        ("a: x" + " " * MOST_BYTES, "r:1:1: error: the file is larger than 8 MiB"),
    ],
)
def test_what_is_refused(text: str | bytes, message: str) -> None:
    assert refusal(text) == message


def test_a_key_that_cannot_stand_twice_names_its_first_line() -> None:
    faults = Faults("r")
    read_tree("a: 1\nb: 2\na: 3\nb: 4", faults)
    assert [(f.span.line, f.help) for f in faults.sorted()] == [
        (3, "it stands in line 1 already"),
        (4, "it stands in line 2 already"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000, "a: " * 500_000, "- " * 1_000_000, '{"a":' * 300_000,
        '{"a":"' + "\\u0041" * 300_000 + '"}',
        "'" * 1_000_000, "? " * 1_000_000, "a\n" * 1_000_000, "&" * 1_000_000, '{"a":' + "1" * 1_000_000 + "}",
        "a:\n" + "- {k: v}\n" * 110_000, '{"a":[' + "1," * 450_000 + "1]}",
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_nothing_takes_long(text: str) -> None:
    began = time.process_time()
    read_tree(text, Faults("r"))
    assert time.process_time() - began < 20


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=12)
_TREES = st.recursive(_TEXT, lambda below: st.lists(below, max_size=4) | st.dictionaries(_TEXT, below, max_size=4))


@given(st.dictionaries(_TEXT, _TREES, max_size=5))
def test_json_is_read_as_it_is(data: dict[str, object]) -> None:
    assert read(json.dumps(data)) == read(json.dumps(data, ensure_ascii=False, indent=1)) == data
    if data:
        # Almost all JSON is YAML; a line before it and it is read as such.
        faults = Faults("r")
        tree = read_tree("# YAML\n" + json.dumps(data, ensure_ascii=False), faults)
        assert tree is None or faults.found or data_of(tree) == data


@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_text_is_a_tree_or_refused(text: str | bytes) -> None:
    faults = Faults("r")
    tree = read_tree(text, faults)
    assert tree is not None or faults.found
