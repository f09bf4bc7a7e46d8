# ruff: noqa: E501 (tables of texts, one case a line)
from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import screening
from screening.errors import NameFault
from screening.language.library import Library
from screening.reading import cache
from screening.reading.cache import cache_folder, load_cached
from screening.reading.encoding import NODES, NotEncoded, decode, encode
from screening.reading.load import load
from screening.reading.tree import nodes
from tests.reading.made import CRITERION, HEAD, RULES, rule_file

FILE = f"{HEAD}parameters:\n  Limit: {{type: Integer, value: 3}}\nrequirements:\n  Anything: {{type: Boolean}}\n{CRITERION}"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    rule_file(folder, FILE)
    return folder


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def entries(keep: Path) -> list[Path]:
    return sorted(keep.glob("*.json"))


def everything(value: Any) -> Any:
    """A value with every field of it, those that take no part in equality too."""
    if is_dataclass(value):
        return type(value), [everything(getattr(value, f.name)) for f in fields(value)]
    if isinstance(value, tuple):
        return type(value), [everything(item) for item in value]
    if isinstance(value, frozenset):
        return type(value), sorted(map(everything, value))
    return type(value), str(value)


@pytest.mark.parametrize("name", ["whole", "PARADIGM-HF"])
def test_a_library_comes_back_as_it_was(name: str) -> None:
    library = load(RULES / f"{name}.yaml", [RULES])
    again = decode(encode(library))
    assert again == library
    assert everything(again) == everything(library)
    assert encode(again) == encode(library)


def test_every_node_can_be_kept() -> None:
    library = load(RULES / "whole.yaml", [RULES])
    seen = {type(node) for _, tree in library.order for node in nodes(tree)}
    assert seen <= set(NODES)
    assert len(seen) >= 35


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", "[[],[],[]]", "[[],[],[0]]", '[[],[],["t"]]', '[[],[],["x","y"]]', '[[],[],["d","x"]]',
        "[[],[],[9999]]", "[[],[],[-1]]", '[[],[],["p",3]]', '[[],["eligible"],7]', "[" * 100_000, "[[],[],[3,4,5]]",
        '[[],[],["v","MAYBE"]]', '[[],[],["D","2026-13-45"]]',
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_is_no_library_is_refused(text: str) -> None:
    with pytest.raises(NotEncoded):
        decode(text)


def test_only_what_the_table_names_is_kept() -> None:
    library = load(RULES / "PARADIGM-HF.yaml", [RULES])
    for foreign in (1.5, object(), {"a": 1}, b"x", [1]):
        with pytest.raises(NotEncoded):
            encode(Library(**{f.name: getattr(library, f.name) for f in fields(library)} | {"title": foreign}))


def test_the_second_time_nothing_is_read_again(rules: Path, keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_cached("made", [rules], keep=keep)
    monkeypatch.setattr(
        "screening.reading.load.Loading.library", lambda *_: pytest.fail("the file was read again")
    )
    assert everything(load_cached("made", [rules], keep=keep)) == everything(first)
    assert len(entries(keep)) == 1


def test_a_change_is_seen(rules: Path, keep: Path) -> None:
    load_cached("made", [rules], keep=keep)
    rule_file(rules, FILE.replace("value: 3", "value: 4"))
    assert load_cached("made", [rules], keep=keep).parameters[0].written == "4"
    assert load_cached("made", [rules], {"Limit": "5"}, "site", keep=keep).parameters[0].written == "5"
    assert load_cached("made", [rules], {"Limit": "5"}, "other", keep=keep).parameters[0].origin == "other"
    assert len(entries(keep)) == 4


def test_a_change_of_what_is_included_is_seen(rules: Path, keep: Path, tmp_path: Path) -> None:
    include = "include: [{library: base, version: '1'}]\n"
    base = 'library: base\nversion: "1"\nfixed words: [one]\n'
    rule_file(rules, base, "base")
    rule_file(rules, FILE.replace("parameters:", f"{include}parameters:"))
    first = load_cached("made", [rules], keep=keep)
    rule_file(rules, base.replace("one", "two"), "base")
    second = load_cached("made", [rules], keep=keep)
    assert (first.fixed_words, second.fixed_words) == (("one",), ("two",))
    assert first.digest != second.digest
    other = tmp_path / "other"
    other.mkdir()
    rule_file(other, base.replace("one", "three"), "base")
    assert load_cached(rules / "made.yaml", [other, rules], keep=keep).fixed_words == ("three",)
    (other / "base.yaml").unlink()
    assert load_cached(rules / "made.yaml", [other, rules], keep=keep).fixed_words == ("two",)


def test_another_program_reads_for_itself(rules: Path, keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_cached("made", [rules], keep=keep)
    monkeypatch.setattr(screening, "__version__", "99")
    load_cached("made", [rules], keep=keep)
    assert len(entries(keep)) == 2


@pytest.mark.parametrize("damage", ["", "x", "half", "swapped", "binary"])
def test_a_damaged_entry_is_passed_over(rules: Path, keep: Path, damage: str) -> None:
    first = load_cached("made", [rules], keep=keep)
    (entry,) = entries(keep)
    text = entry.read_text()
    match damage:
        case "half":
            entry.write_text(text[: len(text) // 2])
        case "swapped":
            entry.write_text(text.replace('"Limit"', '"Limot"'))
        case "binary":
            entry.write_bytes(b"\xff\x00" * 100)
        case _:
            entry.write_text(damage)
    entry.chmod(0o600)
    assert load_cached("made", [rules], keep=keep) == first
    assert entry.read_text() == text


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_what_others_can_write_is_not_trusted(rules: Path, keep: Path) -> None:
    load_cached("made", [rules], keep=keep)
    (entry,) = entries(keep)
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(keep.stat().st_mode) == 0o700
    entry.chmod(0o666)
    assert cache._read(entry, [rules]) is None
    entry.chmod(0o600)
    assert cache._read(entry, [rules]) is not None
    keep.chmod(0o777)
    assert load_cached("made", [rules], {"Limit": "9"}, keep=keep).parameters[0].written == "9"
    assert entries(keep) == [entry]
    keep.chmod(0o700)
    entry.rename(keep / "real")
    entry.symlink_to(keep / "real")
    assert cache._read(entry, [rules]) is None


def test_no_place_to_keep_it_is_no_fault(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert load_cached("made", [rules], keep=tmp_path / "file").name == "made"
    assert load_cached("made", [rules], keep=tmp_path / "file" / "below").name == "made"


def test_a_faulty_file_is_told_each_time_and_never_kept(rules: Path, keep: Path) -> None:
    rule_file(rules, FILE.replace("      Anything", "      Anythink"))
    for _ in range(2):
        with pytest.raises(NameFault, match="did you mean `Anything`"):
            load_cached("made", [rules], keep=keep)
    assert entries(keep) == []


def test_the_folder_does_not_grow_without_end(rules: Path, keep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for n in range(6):
        load_cached("made", [rules], {"Limit": str(n)}, keep=keep)
    assert len(entries(keep)) == 3
    assert not list(keep.glob("*.part"))


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/screening")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/elsewhere")
    assert cache_folder() == Path("/elsewhere/.cache/screening")


def test_a_hit_imports_neither_grammar_nor_yaml(rules: Path, keep: Path) -> None:
    load_cached("made", [rules], keep=keep)
    program = (
        "import json, sys; from pathlib import Path; from screening.reading.cache import load_cached;"
        f"load_cached('made', [Path({str(rules)!r})], keep=Path({str(keep)!r}));"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=RULES.parents[2]
    )
    assert not {"lark", "yaml", "pydantic", "tempfile"} & set(json.loads(out.stdout))
