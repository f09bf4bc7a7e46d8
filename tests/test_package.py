"""What is shipped and what is said of it: wheel, sdist, locks, versions, the terminal of README.md."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import screening
from tests.checkout import ROOT, absent, tracked

README = ROOT / "README.md"
LOCKS = (
    "requirements.lock",
    "requirements-test.lock",
    "requirements-build.lock",
    "requirements-bench.lock",
    "requirements-spark.lock",
)
# Spelled so that no pattern finds itself.
UNWANTED = re.compile(
    rb"py[p]i[.]org|python[h]osted|registry[.]npm[j]s|deb[.]debi[a]n[.]org|/ro[o]t/|/wo[r]k/|/ho[m]e/[a-z]+/"
)
# semantics.md: 0, 2 and 4 are verdicts; 3 is wrong input, 5 a check that was asked for and failed.
ANSWERED = {0, 2, 4}
DOCUMENTED = ANSWERED | {3, 5}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def built(target: str, folder: Path) -> Path:
    """The wheel or sdist, built here as `pip` would."""
    if importlib.util.find_spec("hatchling") is None:
        absent("hatchling is not installed; `make test` installs it")
    for needed in ("README.md", "rules"):
        if not (ROOT / needed).exists():
            absent(f"{needed} is not written yet")
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.iterdir()
    return archive


def test_the_wheel_holds_the_tracked_package_and_rules_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("wheel", tmp_path)) as wheel:
        found = [name for name in wheel.namelist() if ".dist-info/" not in name]
    expected = [name for name in tracked() if name.startswith("screening/")]
    rules = [f"screening/{name}" for name in tracked() if name.startswith("rules/")]
    assert rules, "no rule file is tracked"
    assert sorted(found) == sorted(expected + rules)


def test_the_sdist_holds_the_tracked_files_and_nothing_else(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tmp_path)) as sdist:
        found = [name.partition("/")[2] for name in sdist.getnames()]
    assert sorted(found) == sorted([*tracked(), "PKG-INFO"])


def test_versions_agree(project: dict[str, Any]) -> None:
    assert project["project"]["dynamic"] == ["version"]
    assert ROOT / project["tool"]["hatch"]["version"]["path"] == Path(screening.__file__)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?([^\] \n]+)", changelog, re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == screening.__version__
    try:
        installed = importlib.metadata.version("screening")
    except importlib.metadata.PackageNotFoundError:
        absent("screening is not installed in this environment")
    assert installed == screening.__version__


def test_no_registry_host_and_no_path_of_a_machine_is_tracked() -> None:
    found = [
        f"{name}:{number}"
        for name in tracked()
        for number, line in enumerate((ROOT / name).read_bytes().split(b"\n"), 1)
        if UNWANTED.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_its_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.sub(r"\\\n", " ", text).strip().splitlines()
    assert entries
    for entry in entries:
        assert re.match(r"^[a-z0-9.-]+==[0-9a-z.]+( ;[^\\]+?)? +(--hash=sha256:[0-9a-f]{64} *)+$", entry), entry


def pins(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", each) for each in requirements)
    return {re.sub(r"[._-]+", "-", match[0]).lower() for match in found if match}


def test_the_locks_hold_what_the_project_asks_for(project: dict[str, Any]) -> None:
    core = names(project["project"]["dependencies"])
    extras = project["project"]["optional-dependencies"]
    asked = {
        "requirements.lock": core | names(extras["durable"]),
        "requirements-test.lock": core | names(extras["durable"]) | names(extras["test"]),
        "requirements-bench.lock": core | names(extras["durable"]) | names(extras["bench"]),
        "requirements-spark.lock": core | names(extras["durable"]) | names(extras["spark"]),
        "requirements-build.lock": names(project["dependency-groups"]["build"]),
    }
    assert set(asked) == set(LOCKS)
    for name, wanted in asked.items():
        missing = wanted - {pin.partition("==")[0] for pin in pins(name)}
        assert not missing, f"{name}: run `make lock`"


def test_the_locks_agree_with_one_another() -> None:
    assert pins("requirements.lock") <= pins("requirements-test.lock")
    assert pins("requirements.lock") <= pins("requirements-bench.lock")
    assert pins("requirements.lock") <= pins("requirements-spark.lock")


def test_what_the_core_does_not_import_it_does_not_ask_for(project: dict[str, Any]) -> None:
    modules = {
        "cyclonedx-python-lib": "cyclonedx",
        "durable-rules": "durable_rules_engine",
        "pyyaml": "yaml",
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "screening").rglob("*.py"))
    idle = [
        name
        for name in sorted(names(project["project"]["dependencies"]))
        if not re.search(rf"^\s*(import|from) {modules.get(name, name)}\b", code, re.MULTILINE)
    ]
    if idle and not (ROOT / "screening/cli/main.py").exists():
        absent(f"rooms are missing that will import {', '.join(idle)}")
    assert idle == []


@dataclass(frozen=True)
class Shown:
    """One command that README.md shows, with what stands below it."""

    line: int
    command: str
    output: str


def shown(page: str) -> list[Shown]:
    """The commands in the page's `console` blocks; a line that begins `$ ` starts one."""
    found: list[Shown] = []
    inside = False
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and line.startswith("$ "):
            found.append(Shown(number, line[2:], ""))
        elif inside:
            assert found, f"README.md:{number}: output without a command"
            found[-1] = Shown(found[-1].line, found[-1].command, found[-1].output + line + "\n")
    return found


def run(command: str) -> subprocess.CompletedProcess[str]:
    """A shown command, by this Python, as a pipe of 80 columns sees it."""
    python = f"{shlex.quote(sys.executable)} -m screening"
    called, count = re.subn(r"(^|[|;&(]\s*)screening(?=\s|$)", lambda found: found[1] + python, command)
    assert count, f"`{command}` does not call screening: show it in a block marked `sh`"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE")
    }
    environment |= {"COLUMNS": "80", "LINES": "24", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        ["bash", "-c", called],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


SHOWN = shown(README.read_text(encoding="utf-8")) if README.exists() else []
# `make demo` is `screening demo` with the set-up before it. Another target is not run from in here: `make test`
# is what runs this. `.ci/run` calls the targets, and that the Makefile has them is tested below.
RUN = [
    replace(each, command=re.sub(r"^make demo$", "screening demo", each.command))
    for each in SHOWN
    if each.command == "make demo" or not each.command.startswith("make ") or each.output.strip()
]


def test_the_readme_shows_a_terminal() -> None:
    if not README.exists():
        absent("README.md is not written yet")
    assert any(each.output for each in SHOWN)


@pytest.mark.parametrize("each", RUN, ids=lambda each: f"README.md:{each.line}")
def test_what_the_readme_shows_is_true(each: Shown) -> None:
    done = run(each.command)
    if each.output.strip():
        assert done.stdout.rstrip() == each.output.rstrip()
        assert done.returncode in DOCUMENTED
    else:
        assert done.returncode in ANSWERED, done.stdout


def test_shown_commands_are_found() -> None:
    page = "```sh\n$ no\n```\n\n```console\n$ screening a\none\n\ntwo\n$ screening b\n```\ntext\n"
    assert shown(page) == [Shown(6, "screening a", "one\n\ntwo\n"), Shown(10, "screening b", "")]


def test_the_readme_names_only_targets_that_the_makefile_has() -> None:
    if not README.exists():
        absent("README.md is not written yet")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    said = set(re.findall(r"(?:`|^\$? ?)make ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "test"} <= said <= targets
