# ruff: noqa: E501 (tables of texts, one case a line)
"""Rule files broken by chance: a library or diagnostics, never a traceback, and never for long."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import RuleError
from screening.language.library import Library
from screening.reading.encoding import decode, encode
from screening.reading.load import load
from tests.reading.made import CRITERION, HEAD, RULES, rule_file

WHOLE = (RULES / "whole.yaml").read_text(encoding="utf-8")
PARTS = (RULES / "parts.yaml").read_text(encoding="utf-8")
PIECES = [
    "", " ", "\n", ":", "{", "}", "[", "]", '"', "'", "|", "&a", "*a", "!!x", "<<: ", "null", "true", "NaN", "-1", "1e999",
    "1" + "0" * 400, "0." + "0" * 400, "\u2265", "\ud7ff", "\U0001f600", "\t", "\x00", "\x1b", "WPI", "Pain", "Quantity",
    "Boolean", "Records", "type", "take", "within", "6 months", "because", "source", "expression", "exists", "(", ")", "and",
    "is null", "Count({", "'mg/L'", "@2026", "- ", "  ", "#", "eligible", "Screening Date", "INC01", "library: x", "...", "---",
]  # fmt: skip
SLOW = 5.0


def tried(folder: Path, text: str | bytes, name: str = "whole") -> Library | RuleError:
    """A file, loaded or refused; what else happens is a defect."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    path = folder / f"{name}.yaml"
    path.write_bytes(data)
    start = time.process_time()
    found: Library | RuleError
    try:
        found = load(path, [folder])
    except RuleError as refused:
        found = refused
    if isinstance(found, RuleError):
        assert found.diagnostics
        assert all(d.message for d in found.diagnostics)
        str(found).encode("utf-8")
    assert time.process_time() - start < SLOW
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rule_file(tmp_path, PARTS, "parts")
    return tmp_path


def broken(chance: random.Random, text: str) -> str:
    """A file with a few things cut, doubled, moved or put in."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text))
        end = min(len(text), at + chance.choice([1, 1, 2, 5, 20]))
        lines = text.split("\n")
        n = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + chance.choice(PIECES) + text[end:]
            case 3:
                text = "\n".join([*lines[:n], *lines[n + 1 :]])
            case 4:
                m = chance.randrange(len(lines))
                lines[n], lines[m] = lines[m], lines[n]
                text = "\n".join(lines)
            case _:
                words = text.split(" ")
                words[chance.randrange(len(words))] = chance.choice(words)
                text = " ".join(words)
    return text


def broken_files(folder: Path, files: int, seed: int) -> int:
    chance = random.Random(seed)
    sound = 0
    for _ in range(files):
        found = tried(folder, broken(chance, WHOLE))
        if isinstance(found, Library):
            assert decode(encode(found)) == found
            sound += 1
    return sound


def test_broken_files(folder: Path) -> None:
    assert broken_files(folder, 150, 1) < 150


@pytest.mark.long
def test_thousands_of_broken_files(folder: Path) -> None:
    broken_files(folder, 5000, 2)


def test_a_broken_file_below(folder: Path) -> None:
    chance = random.Random(5)
    for _ in range(60):
        (folder / "parts.yaml").write_text(broken(chance, PARTS), encoding="utf-8")
        tried(folder, WHOLE)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80),
    st.sampled_from(["title", "version", "type", "unit", "code", "take", "within", "scale", "floor"]),
)
def test_any_text_under_any_key(tmp_path_factory: pytest.TempPathFactory, text: str, key: str) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    quoted = "'" + text.replace("'", "''").replace("\n", " ") + "'"
    it = {"type": "Quantity", "unit": "mg"} | {key: quoted}
    keys = ", ".join(f"{k}: {v}" for k, v in it.items() if k not in ("title", "version"))
    top = f"{key}: {quoted}\n" if key == "title" else ""
    file = f"{HEAD}{top}requirements:\n  Anything: {{type: Boolean}}\n  It: {{{keys}}}\n{CRITERION}"
    if key == "version":
        file = file.replace('version: "1"', f"version: {quoted}")
    tried(folder, file, "made")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_expression(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    lines = "\n      ".join(text.splitlines() or [""])
    file = f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}".replace(
        "      Anything", f"      {lines}"
    )
    tried(folder, file, "made")


@pytest.mark.parametrize(
    "text",
    [
        b"\xed\xa0\x80", b"\x00" * 1000, b"library: \xff", b"\xfe\xff" + "library: whole".encode("utf-16-be"),
        b"library: made\nversion: '" + b"x" * 1_000_000 + b"'", b"library: made\n" + b"a" * 1_040_000 + b": b\n",
        b"a: &a [b]\n" + b"c: [*a, *a]\n" * 1000, b"[" * 1_000_000, b"{a: " * 200_000, b"library: {" * 100,
        b"library: made\nversion: '1'\ncriteria: " + b"[" * 31 + b"]" * 31,
        b"library: made\nversion: '1'\nrequirements:\n" + b"".join(b"  R%d: {type: Boolean}\n" % n for n in range(12_000)),
    ],
    ids=lambda value: repr(value[:20]),
)  # fmt: skip
def test_hostile_files(folder: Path, text: bytes) -> None:
    assert isinstance(tried(folder, text), RuleError)


@pytest.mark.parametrize(
    "expression",
    [
        "1" * 10_000, "0." + "1" * 10_000, "10 ^ 10 ^ 10", "10 ^ 400 > 1", "(" * 9_000, "A" * 19_000, "'" + "x" * 19_000 + "'",
        "Anything" + " or Anything" * 1500, " xor ".join(["Anything"] * 1500), "1" + " + 1" * 4000 + " > 1",
        "Count({" + ", ".join(["Anything"] * 1500) + "} X where X) > 1", "@" + "9" * 10_000, "1 'mg" + "/L" * 5000 + "'",
        "2 'm" + "9" * 1000 + "' > 1", "not " * 4000 + "Anything", '"' + "x" * 19_000 + '" > 1', "Anything and " * 1400,
    ],
    ids=lambda value: value[:15],
)  # fmt: skip
def test_hostile_expressions(folder: Path, expression: str) -> None:
    file = f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}".replace(
        "      Anything", f"      {expression}"
    )
    tried(folder, file, "made")


def test_a_file_of_many_long_expressions(folder: Path) -> None:
    criteria = "".join(
        f"  - id: C{n}\n    category: inclusion\n    text: a\n    source: {{report: x}}\n    expression: |\n      "
        + " or ".join(["Anything"] * 1000) + "\n"
        for n in range(60)
    )  # fmt: skip
    found = tried(folder, f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\ncriteria:\n{criteria}", "made")
    assert isinstance(found, Library)


def test_a_file_of_many_names_and_no_one_that_was_meant(folder: Path) -> None:
    requirements = "".join(f"  Requirement{n}: {{type: Boolean}}\n" for n in range(9000))
    criteria = CRITERION.replace("Anything", " or ".join(f"Requiremant{n}" for n in range(1000)))
    found = tried(folder, f"{HEAD}requirements:\n{requirements}{criteria}", "made")
    assert isinstance(found, RuleError)
    assert len(found.diagnostics) == 201
