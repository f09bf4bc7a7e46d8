from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.reading.document import MOST_BYTES, Mapping, Scalar, Sequence, Tree, read_document
from screening.reading.faults import Faults


def read(text: str | bytes) -> tuple[Tree | None, Faults]:
    faults = Faults()
    return read_document(text.encode() if isinstance(text, str) else text, "a.yaml", faults), faults


def sound(text: str) -> Mapping:
    tree, faults = read(text)
    assert not faults.found, faults.found
    assert isinstance(tree, Mapping)
    return tree


def scalar(text: str) -> Scalar:
    found = sound(text).entries[0][1]
    assert isinstance(found, Scalar)
    return found


def messages(text: str | bytes) -> list[str]:
    tree, faults = read(text)
    assert tree is None
    return [d.message for d in faults.found]


@pytest.mark.parametrize(
    "written", ["NO", "5.20", "0x10", "1e5", "null", "~", "2026-11-22", "NaN", "1_000", "010"]
)
def test_scalars_stay_as_they_are_written(written: str) -> None:
    assert scalar(f"a: {written}").text == written


def test_a_tree_has_lines_and_columns() -> None:
    tree = sound("a:\n  - b\n  - {c: d}\nlonger: 'x y'\n")
    (a, items), (longer, x) = tree.entries
    assert (a.span.line, a.span.column) == (1, 1)
    assert isinstance(items, Sequence)
    assert [(i.span.line, i.span.column) for i in items] == [(2, 5), (3, 5)]
    assert (longer.span.length, x.span.line, x.span.column, x.span.length) == (6, 4, 9, 5)


@pytest.mark.parametrize(
    ("text", "word", "line", "column"),
    [
        ("a: |\n  first\n  second x\n", "x", 3, 10),
        ("a: |\n\n    x\n", "x", 3, 5),
        ("a: |2\n    x\n", "x", 2, 5),
        ("a: |-\n  x\n\n\nb: c\n", "x", 2, 3),
        ("a:   b x\n", "x", 1, 8),
        ('a: "b x"\n', "x", 1, 7),
        ("a: 'it''s x'\n", "x", 1, 11),
        ('a: "say \\"x\\""\n', "x", 1, 11),
        ('a: "\\u00e4\\n x"\n', "x", 1, 14),
        ("\ufeffa: x\n", "x", 1, 4),
        ("a: |\r\n  b\r\n  x\r\n", "x", 3, 3),
    ],
)
def test_a_part_of_a_text_is_found_in_the_file(text: str, word: str, line: int, column: int) -> None:
    found = scalar(text)
    span = found.within(found.text.index(word))
    assert (span.line, span.column) == (line, column)


def test_a_part_never_runs_past_its_line() -> None:
    found = scalar("a: |\n  one\n  two\n")
    assert found.within(0, 100).length == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x b", "an anchor cannot stand in a rule file"),
        ("a: *x", "an alias cannot stand in a rule file"),
        ("a: !!python/object:os.system b", "a tag cannot stand in a rule file"),
        ("a: !x b", "a tag cannot stand in a rule file"),
        ("<<: {a: b}", "a merge key cannot stand in a rule file"),
        ("a: b\n---\nc: d", "a second document begins here"),
        ("", "the file is empty"),
        ("# only words", "the file is empty"),
        ("[a]: b", "a key is a word, not a list or a mapping"),
        ("a: b\na: c", "the key `a` stands here for the second time"),
        ("a: b: c", "a second `:` stands on this line"),
        ("a: [b", "this list does not go on here"),
        ("a: 'b", "this quote is never closed"),
        ("a:\n\t- b", "a tab cannot indent"),
        ('a: "\\q"', "no such escape after a backslash"),
        ('a: "\\0"', "this text holds a character that cannot stand in a rule file"),
        ('a: "\\ud800"', "not readable as YAML: found invalid Unicode character escape code"),
        ("a: \x00", "the character U+0000 cannot stand in a rule file"),
        ("a: \x1b[31m", "the character U+001B cannot stand in a rule file"),
        ("a: \u2028", "the character U+2028 cannot stand in a rule file"),
        (b"a: \xed\xa0\x80", "the file is not written in UTF-8"),
        (b"\xff\xfea\x00:\x00", "the file is not written in UTF-8"),
        (b"a: \xe4\n", "the file is not written in UTF-8"),
        ("a: b\n" + "#" * MOST_BYTES, "the file is larger than 1 MiB"),
        ("a: " + "[" * 40 + "]" * 40, "nested more than 32 deep"),
        ("a: [" + "b, " * 60_000 + "]", "the file has more than 50000 entries"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_more_than_text_is_refused(text: str | bytes, message: str) -> None:
    assert messages(text) == [message]


def test_several_duplicates_are_told_at_once() -> None:
    assert len(messages("a: b\na: c\nd: {e: f, e: g}")) == 2


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 500_000,
        "{" * 500_000,
        "- " * 300_000,
        "? " * 300_000,
        "a: [" * 100_000,
        "{a: " * 100_000,
        "\n".join(" " * n + "a:" for n in range(1000)),
        "a: " + "&a " * 100_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n" * 1000,
        '"' + "\\x41" * 200_000 + '"',
        "!" * 900_000,
        "'" * 900_001,
        "a: |\n" + "  x\n" * 200_000,
        ":" * 900_000,
        "%" * 900_000,
        "a: >\n" + " \n" * 400_000,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_bomb_does_not_stop_the_reader(bomb: str) -> None:
    start = time.process_time()
    read(bomb)
    assert time.process_time() - start < 2


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_a_tree_or_a_diagnostic(data: bytes) -> None:
    tree, faults = read(data)
    assert (tree is None) == bool(faults.found)
    for diagnostic in faults.found:
        assert diagnostic.span.line >= 0
        str(diagnostic).encode("utf-8")


def test_yaml_from_loose_parts_gives_a_tree_or_a_diagnostic() -> None:
    chance = random.Random(7)
    words = [
        "a",
        ":",
        " ",
        "\n",
        "- ",
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "|",
        ">",
        "&x",
        "*x",
        "!",
        "#",
        "%",
        "?",
        "  ",
        ",",
    ]
    for _ in range(3000):
        text = "".join(chance.choice(words) for _ in range(chance.randrange(1, 40)))
        tree, faults = read(text)
        assert (tree is None) == bool(faults.found), text
