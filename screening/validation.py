"""A pack for whoever validates or inspects: requirements with their tests, ledger, rules, keys, software.

The requirements are data of the package; a test holds the tags of the features against them. Results come from a
JUnit file of a test run; without one the pack says that nothing was run.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import screening
from screening.errors import LedgerError, UnreadableRecord
from screening.ledger.entry import Kind, data_of
from screening.outcome.codec import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screening.ledger.store import Ledger

PACKAGE = Path(__file__).parent
NOT_RUN, PASSED, FAILED, SKIPPED = "not run here", "passed", "failed", "skipped"
_WORST = (FAILED, NOT_RUN, SKIPPED, PASSED)
_MOST_BYTES = 64 << 20
_PAGES = ("ledger.md", "semantics.md", "README.md")
_INDEX, _MAP = "INDEX.md", "requirements.md"


@dataclass(frozen=True)
class Requirement:
    """One requirement, and how it is met: scenarios by title, tests by file and name, procedure, limit."""

    id: str
    says: str
    driver: str
    scenarios: tuple[str, ...]
    tests: tuple[str, ...]
    procedure: str
    limit: str


@dataclass(frozen=True)
class Packed:
    """A pack: its bytes, how many requirements have something that failed, or that was not run."""

    archive: bytes
    requirements: int
    failed: tuple[str, ...]
    not_run: tuple[str, ...]


def requirements() -> list[Requirement]:
    """The requirements, in the order of their numbers."""
    read: dict[str, dict[str, Any]] = tomllib.loads((PACKAGE / "requirements.toml").read_text(encoding="utf-8"))
    return [
        Requirement(
            id,
            each["says"],
            each["driver"],
            tuple(each.get("scenarios", ())),
            tuple(each.get("tests", ())),
            each.get("procedure", ""),
            each.get("limit", ""),
        )
        for id, each in sorted(read.items(), key=lambda item: int(item[0][1:]))
    ]


def results(data: bytes) -> dict[str, str]:
    """What became of each test of a JUnit file, by `folder.file::name`; of one with parameters, the worst.

    Raises UnreadableRecord for anything else.
    """
    found: dict[str, list[str]] = {}
    try:
        if len(data) > _MOST_BYTES or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ElementTree.ParseError
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise UnreadableRecord("the results are no JUnit file; `pytest --junitxml FILE` writes one") from None
    if root.tag not in ("testsuites", "testsuite"):
        raise UnreadableRecord("the results are no JUnit file; `pytest --junitxml FILE` writes one")
    for case in root.iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '').partition('[')[0]}"
        tags = {part.tag for part in case}
        word = FAILED if tags & {"failure", "error"} else SKIPPED if "skipped" in tags else PASSED
        found.setdefault(name, []).append(word)
    return {name: _worst(words) for name, words in found.items()}


def _worst(words: Iterable[str]) -> str:
    return min(words, key=_WORST.index, default=NOT_RUN)


def _of_test(test: str, found: Mapping[str, str]) -> str:
    path, _, name = test.partition("::")
    return found.get(f"{path.removesuffix('.py').replace('/', '.')}::{name}", NOT_RUN)


def function_of(scenario: str) -> str:
    """The name under which a scenario is run, as the results call it."""
    return "test_" + re.sub(r"\W|^(?=\d)", "", scenario.replace(" ", "_")).lower()


def _of_scenario(scenario: str, found: Mapping[str, str]) -> str:
    name = function_of(scenario)
    return _worst(
        word for test, word in found.items() if test.startswith("tests.bdd.") and test.rpartition("::")[2] == name
    )


def pack(
    ledger: Ledger, verification: str, junit: bytes | None, ledger_lines: Iterable[bytes], is_coded: bool
) -> Packed:
    """The pack of a ledger that holds; `verification` is what was found of it, `ledger_lines` its export."""
    from screening.output.archive import archive, sha256
    from screening.output.sbom import sbom

    found = results(junit) if junit is not None else {}
    members: dict[str, tuple[bytes, str]] = {}
    export = b"".join(ledger_lines)
    if is_coded:
        members["ledger/coded.jsonl"] = (export, "every entry under codes, without free text and records")
    else:
        members["ledger/export.jsonl"] = (export, "THE WHOLE LEDGER: RECORDS OF PEOPLE ARE IN IT unless purged")
    members["ledger/verification.txt"] = (verification.encode(), "what `screening log verify` says of the ledger")
    members["ledger/public-keys.json"] = (
        _keys(ledger, is_coded),
        "the keys that may sign in it, as it stands, by fingerprint",
    )
    if not is_coded:
        members["ledger/approvals.json"] = (
            _approvals(ledger),
            "every approval of rules and its withdrawal, whole",
        )
    for digest in ledger.rules_named():
        for name, data in ledger.rules(digest).items():
            members[f"rules/{digest}/{Path(name).name}"] = (data, "a rule file, as it was used")
    for path in sorted((PACKAGE / "schemas").glob("*.json")):
        members[f"schemas/{path.name}"] = (path.read_bytes(), "a JSON Schema, draft 2020-12")
    for name in _PAGES:
        members[f"pages/{name}"] = ((PACKAGE / name).read_bytes(), _page_of(name))
    members["software.cdx.json"] = (sbom(screening.__version__), "the software inventory, CycloneDX 1.6")
    if junit is not None:
        members["results/junit.xml"] = (junit, "the test run whose results are told, as it was given")
    required = requirements()
    text, failed, not_run = _mapped(required, found, junit is not None)
    members[_MAP] = (text.encode(), "each requirement, how it is met, and what became of its tests")
    sums = {name: (sha256(data), what) for name, (data, what) in members.items()}
    index = _index(ledger, sums, junit is not None, len(required), failed, not_run)
    made = archive({_INDEX: index.encode(), **{name: data for name, (data, _) in members.items()}})
    return Packed(made, len(required), tuple(failed), tuple(not_run))


def _page_of(name: str) -> str:
    says = {
        "ledger.md": "the form of the ledger: how a stranger verifies it",
        "semantics.md": "what every verdict means",
        "README.md": "how the program is built",
    }
    return says[name]


def _keys(ledger: Ledger, is_coded: bool) -> bytes:
    """The public keys; whose they are, unless names are left out."""
    order = ledger.order
    found = [
        {
            "fingerprint": fingerprint,
            "public": key.text,
            "name": "" if is_coded else order.owners[fingerprint].name,
            "role": "" if is_coded else order.owners[fingerprint].role,
            "is_withdrawn": fingerprint in order.withdrawn,
        }
        for fingerprint, key in sorted(order.keys.items())
    ]
    return json.dumps(found, indent=1, ensure_ascii=False).encode() + b"\n"


def _approvals(ledger: Ledger) -> bytes:
    kinds = (Kind.APPROVED, Kind.WITHDRAWN)
    lines = [canonical(data_of(entry)) for entry in ledger.entries() if entry.kind in kinds]
    return b"[" + b",\n".join(lines) + b"]\n"


def _mapped(
    required: Sequence[Requirement], found: Mapping[str, str], is_run: bool
) -> tuple[str, list[str], list[str]]:
    """The page of requirements; those with something that failed, and those with something that was not run."""
    failed, not_run = [], []
    lines = ["# Requirements, and how each is met", ""]
    if not is_run:
        lines += ["No test was run for this pack: no results were given. Every line says so.", ""]
    for each in required:
        lines += [f"## {each.id}", "", each.says, f"(From: {each.driver}.)", ""]
        words = {f"scenario: {title}": _of_scenario(title, found) for title in each.scenarios}
        words |= {f"test: {test}": _of_test(test, found) for test in each.tests}
        lines += [f"- {what}: **{word}**" for what, word in words.items()]
        if FAILED in words.values():
            failed.append(each.id)
        if {NOT_RUN, SKIPPED} & set(words.values()):
            not_run.append(each.id)
        if each.procedure:
            lines.append(f"- the site sees to: {each.procedure}")
        if each.limit:
            lines.append(f"- limit: {each.limit}")
        lines.append("")
    return "\n".join(lines), failed, not_run


def _index(
    ledger: Ledger,
    sums: Mapping[str, tuple[str, str]],
    is_run: bool,
    required: int,
    failed: Sequence[str],
    not_run: Sequence[str],
) -> str:
    order = ledger.order
    run = "no test was run for this pack" if not is_run else "the results are those of results/junit.xml"
    lines = [
        "# Validation pack",
        "",
        f"Of a ledger of `screening` {screening.__version__}: {order.ledger}, entry 1 to {order.number}.",
        f"Its head is {order.head}; hold it against one that was kept elsewhere.",
        "",
        "Decision support for qualified health professionals; the responsible physician decides.",
        "This pack says how requirements are met and what tests found. It is no validation: that is made and",
        "signed by people, for the place where the program is used.",
        "",
        f"- {required} requirements; {run}",
        f"- with something that failed: {', '.join(failed) or 'none'}",
        f"- with something that was not run or was left out: {', '.join(not_run) or 'none'}",
        "",
        "To check the members: `sha256sum -c SHA256SUMS`. To check the ledger: `screening log verify` on its",
        "export, or by the page `pages/ledger.md` with a program of your own.",
        "",
        "| member | what it is | SHA-256 |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {what} | {digest} |" for name, (digest, what) in sorted(sums.items())]
    return "\n".join(lines) + "\n\nRead and accepted: name, role, day (UTC), signature\n"


def write(packed: Packed, path: Path) -> None:
    """Writes a pack for its owner alone, whole or not at all. Raises LedgerError where it cannot be written."""
    from screening.output.folder import write_private_bytes

    try:
        write_private_bytes(path, packed.archive)
    except OSError as fault:
        raise LedgerError(f"{path} cannot be written: {(fault.strerror or 'an error').lower()}") from None
