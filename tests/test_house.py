"""The house as `screening/README.md` draws it, against the code: floors, doors, words, sizes, commands."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from tests.checkout import ROOT, absent

PACKAGE = ROOT / "screening"
PAGE = PACKAGE / "README.md"
LONGEST = 400
# The one file that may import by a name made at run time: it loads a command when it is asked for.
LAZY = "cli/main.py"
FREE = ("__init__.py", "__main__.py")


@dataclass(frozen=True)
class Line:
    """One row of the table in section 2."""

    floor: int
    files: tuple[str, ...]
    imports: frozenset[str]
    longest: int


@dataclass(frozen=True)
class House:
    """What the page claims."""

    lines: tuple[Line, ...]
    types: frozenset[str]
    modules: frozenset[str]

    @property
    def rooms(self) -> dict[str, int]:
        """Each room with its floor."""
        return {room(name): line.floor for line in self.lines for name in line.files}

    def place(self, file: str) -> int | None:
        """The number of the row that names a file, by itself or by its folder."""
        exact = [n for n, line in enumerate(self.lines) if file in line.files]
        by_folder = [
            n
            for n, line in enumerate(self.lines)
            if any(name.endswith("/") and file.startswith(name) for name in line.files)
        ]
        return next(iter(exact + by_folder), None)


def room(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


def section(page: str, number: int) -> str:
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"screening/README.md has no section {number}"
    return found[0]


def read(page: str) -> House:
    lines = []
    for row in re.findall(r"^\| *\d+ *\|.*\|$", section(page, 2), re.MULTILINE):
        floor, files, purpose, imports = (cell.strip() for cell in row.strip("|").split("|"))
        limit = re.search(r"at most (\d+) lines", purpose)
        names = frozenset(name.strip(" `") for name in imports.split(",")) - {"–", "-", ""}
        lines.append(
            Line(int(floor), tuple(re.findall(r"`([^`]+)`", files)), names, int(limit[1]) if limit else LONGEST)
        )
    words = re.search(r"Not used as names of types[^:]*:(.*?)\n\n", section(page, 3) + "\n\n", re.DOTALL)
    assert words, "section 3 names no words that are not used as types"
    types = re.sub(r"\([^)]*\)", "", words[1]).replace("\n", " ").strip(" .")
    bullet = re.search(r"^- (`utils`[^:]*):", section(page, 11), re.MULTILINE)
    assert bullet, "section 11 names no forbidden modules"
    return House(
        tuple(lines),
        frozenset(word.strip() for word in types.split(",")),
        frozenset(re.findall(r"`([^`]+)`", bullet[1])),
    )


def sources(package: Path) -> dict[str, ast.Module]:
    found = {}
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=name)
    return found


def imported(file: str, tree: ast.Module, files: dict[str, ast.Module]) -> Iterator[tuple[int, str]]:
    """Every import with its line: a file of the package, or the first name of anything else.

    What stands below a `TYPE_CHECKING` or inside a function counts like the rest.
    """
    here = ("screening", *file.split("/")[:-1])
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(here[: len(here) - node.level + 1]) + "." if node.level else ""
            base = (start + (node.module or "")).rstrip(".")
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "importlib.import_module",
            "import_module",
            "__import__",
        ):
            given = node.args[0] if node.args else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                names = [given.value]
            elif file != LAZY:
                names = ["a name made at run time"]
        for name in names:
            line = getattr(node, "lineno", 0)
            if name.split(".")[0] != "screening":
                yield line, name.split(".")[0]
                continue
            # `from screening.values import truth` names a file; the last name may also be something inside one.
            path = "/".join(name.split(".")[1:])
            shorter = path.rpartition("/")[0]
            candidates = (
                f"{path}.py",
                f"{path}/__init__.py".lstrip("/"),
                f"{shorter}.py",
                f"{shorter}/__init__.py".lstrip("/"),
            )
            yield line, next((each for each in candidates if each in files), name)


def faults(house: House, package: Path) -> list[str]:
    """Everything in which the code and the page differ."""
    found = []
    files = sources(package)
    rooms = house.rooms
    for line in house.lines:
        for name in line.files:
            if rooms[room(name)] != line.floor:
                found.append(f"{name}: its room is on floor {rooms[room(name)]}, its row says {line.floor}")
        for upper in sorted(line.imports & rooms.keys()):
            if rooms[upper] >= line.floor:
                found.append(
                    f"{line.files[0]}: may not import {upper} of floor {rooms[upper]} into floor {line.floor}"
                )
    doors: dict[int, set[str]] = {}
    for file, tree in files.items():
        length = len((package / file).read_text(encoding="utf-8").splitlines())
        place = house.place(file)
        longest = LONGEST if place is None else house.lines[place].longest
        if length > longest:
            found.append(f"{file}: {length} lines, at most {longest}")
        stem = Path(file).stem
        if {stem, *Path(file).parts[:-1]} & house.modules or stem in house.types:
            found.append(f"{file}: not a name for a module")
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name.strip("_").lower() in house.types:
                found.append(f"{file}:{node.lineno}: `{node.name}` is not used as the name of a type")
        imports = list(imported(file, tree, files))
        if Path(file).name == "__init__.py":
            for number, target in imports:
                if target not in sys.stdlib_module_names and room(target) != room(file):
                    found.append(f"{file}:{number}: an __init__.py imports from its own room only: {target}")
            continue
        if Path(file).name in FREE:
            continue
        if place is None:
            found.append(f"{file}: named by no row")
            continue
        used = doors.setdefault(place, set())
        for number, target in imports:
            fault = crossed(house, place, file, target, files)
            if fault:
                found.append(f"{file}:{number}: {fault}")
            used.add(target)
    for place, named in doors.items():
        line = house.lines[place]
        for outside in sorted(line.imports - rooms.keys() - named):
            found.append(f"{line.files[0]}: its row names {outside}, which it does not import")
    return found


def crossed(house: House, place: int, file: str, target: str, files: dict[str, ast.Module]) -> str | None:
    """What is wrong with one import, if anything."""
    line = house.lines[place]
    if target not in files:
        if target.startswith("screening."):
            return f"imports {target}, which is not there"
        known = target in sys.stdlib_module_names or target in line.imports
        return None if known else f"imports {target}, which its row does not name"
    if target == "__init__.py":
        return None
    if room(target) != room(file):
        return None if room(target) in line.imports else f"imports {target}; its row does not name the room"
    if target.endswith("__init__.py"):
        return f"imports its own room as a whole: {target}"
    other = house.place(target)
    if other == place and file not in line.files:
        return None  # a folder's row gives no order
    listed = [name for each in house.lines for name in each.files]
    if file in listed and target in listed and listed.index(target) < listed.index(file):
        return None
    if other is not None and other < place:
        return None
    return f"imports {target}, which is not listed earlier in its room"


@pytest.fixture(scope="module")
def house() -> House:
    if not PAGE.exists():
        absent("screening/README.md is not written yet")
    return read(PAGE.read_text(encoding="utf-8"))


def test_the_page_is_the_map_of_the_code(house: House) -> None:
    found = faults(house, PACKAGE)
    assert not found, "\n" + "\n".join(found)


def test_the_page_was_understood(house: House) -> None:
    assert len(house.lines) >= 20
    assert {"values", "language", "interpreters", "cli", "errors", "screen"} <= house.rooms.keys()
    assert {"rule", "patient", "flag", "score"} <= house.types
    assert {"utils", "manager", "engine"} <= house.modules


SMALL = """
## 2. Floors and files

| floor | file | purpose | may import |
|---|---|---|---|
| 0 | `errors.py` | what goes wrong | – |
| 1 | `values/truth.py` | the truths | errors |
| 1 | `values/bounds.py` `values/ages.py` | at most 3 lines | errors, yaml |
| 2 | `guidance/` | what next | values, errors |

## 3. The words

Not used as names of types or modules: rule (criterion; a rule, is a file), result,
score.

## 11. What we do not build

- `utils`, `core`: a thing has a home.
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"values/bounds.py": "import yaml, re\nfrom screening.values.truth import T"}, [], id="sound"
        ),
        pytest.param({"values/ages.py": "import yaml\nfrom . import bounds, truth"}, [], id="earlier in its row"),
        pytest.param({"guidance/a.py": "from screening.guidance import b"}, [], id="folders have no order"),
        pytest.param(
            {"values/odd.py": ""}, ["values/odd.py: named by no row"], id="a file that the page does not name"
        ),
        pytest.param(
            {"values/truth.py": "def f():\n    from screening.guidance.a import x"},
            ["values/truth.py:2: imports guidance/a.py; its row does not name the room"],
            id="a floor crossed",
        ),
        pytest.param(
            {"values/truth.py": "from .bounds import x"},
            ["values/truth.py:1: imports values/bounds.py, which is not listed earlier in its room"],
            id="listed later",
        ),
        pytest.param(
            {"values/truth.py": "import importlib\nimportlib.import_module('screening.guidance.a')"},
            ["values/truth.py:2: imports guidance/a.py; its row does not name the room"],
            id="imported by call",
        ),
        pytest.param(
            {"values/truth.py": "import importlib\nimportlib.import_module('screening.' + x)"},
            ["values/truth.py:2: imports a name made at run time, which its row does not name"],
            id="imported by a name made at run time",
        ),
        pytest.param(
            {"values/truth.py": "from screening import values"},
            ["values/truth.py:1: imports its own room as a whole: values/__init__.py"],
            id="its own room",
        ),
        pytest.param(
            {"values/truth.py": "import screening.nowhere.x"},
            ["values/truth.py:1: imports screening.nowhere.x, which is not there"],
            id="not there",
        ),
        pytest.param(
            {"values/truth.py": "import yaml.nodes"},
            ["values/truth.py:1: imports yaml, which its row does not name"],
            id="a library through another door",
        ),
        pytest.param(
            {"values/bounds.py": "import re"},
            ["values/bounds.py: its row names yaml, which it does not import"],
            id="a door that nobody uses",
        ),
        pytest.param(
            {"values/bounds.py": "import yaml\n\n\n1"},
            ["values/bounds.py: 4 lines, at most 3"],
            id="too long",
        ),
        pytest.param(
            {"values/truth.py": "class Score: ..."},
            ["values/truth.py:1: `Score` is not used as the name of a type"],
            id="a word that is not ours",
        ),
        pytest.param({"guidance/utils.py": ""}, ["guidance/utils.py: not a name for a module"], id="no home"),
        pytest.param(
            {"guidance/core/x.py": ""}, ["guidance/core/x.py: not a name for a module"], id="nor a folder"
        ),
        pytest.param(
            {"values/__init__.py": "from screening.guidance import a"},
            ["values/__init__.py:1: an __init__.py imports from its own room only: guidance/a.py"],
            id="a floor crossed by an __init__",
        ),
    ],
)
def test_each_fault_is_seen(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    whole = {
        "__init__.py": "",
        "errors.py": "",
        "values/__init__.py": "",
        "values/truth.py": "",
        "values/bounds.py": "import yaml",
        "guidance/__init__.py": "",
        "guidance/a.py": "from screening.values.truth import x",
        "guidance/b.py": "from screening.errors import x",
    }
    for name, text in (whole | files).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert faults(read(SMALL), tmp_path) == expected


def test_a_row_may_not_name_a_room_above_it(tmp_path: Path) -> None:
    upside_down = SMALL.replace("| the truths | errors |", "| the truths | errors, guidance |")
    assert faults(read(upside_down), tmp_path) == [
        "values/truth.py: may not import guidance of floor 2 into floor 1"
    ]


MODULES = sorted(
    ".".join(("screening", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def commands(command: Any, path: tuple[str, ...], context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, with the words that call it."""
    if path:
        yield " ".join(path), command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, f"{name} is listed and cannot be had"
            yield from commands(below, (*path, name), click.Context(below, parent=context, info_name=name))


def test_every_command_is_documented() -> None:
    if not (PACKAGE / "cli" / "main.py").exists():
        absent("screening/cli/main.py is not written yet")
    if not (ROOT / "README.md").exists():
        absent("README.md is not written yet")
    module = importlib.import_module("screening.cli.main")
    group = next(each for each in vars(module).values() if isinstance(each, click.Group))
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    found = []
    seen = list(commands(group, (), click.Context(group, info_name="screening")))
    assert seen, "no command at all"
    for words, command in seen:
        if command.hidden:
            continue
        if not (command.help or "").strip():
            found.append(f"screening {words}: no help text")
        if not re.search(rf"(\bscreening |`){re.escape(words)}\b", page):
            found.append(f"screening {words}: not mentioned in README.md")
        found += [
            f"screening {words}: {parameter.opts[0]} has no help text"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help
        ]
    assert found == []
