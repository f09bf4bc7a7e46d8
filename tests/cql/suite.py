"""The published conformance tests of CQL, as their XML files give them.

The files are not kept here: `SCREENING_CQL_TESTS` names a folder or a file of that format, else the folder
`../shared/data/cql/cql-tests` beside the checkout is read.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import ROOT

VARIABLE = "SCREENING_CQL_TESTS"
BESIDE = ROOT.parent / "shared" / "data" / "cql" / "cql-tests"


@dataclass(frozen=True)
class Test:
    """One test: an expression and its answer, or that it is an error (`invalid`)."""

    __test__ = False  # it is what a test of ours reads, not one that pytest collects

    file: str
    group: str
    name: str
    expression: str
    outputs: tuple[str, ...]
    invalid: bool

    @property
    def place(self) -> str:
        return f"{self.file}/{self.group}/{self.name}"


def found() -> Path | None:
    """Where the published tests are on this machine, if anywhere."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else BESIDE
    return path if path.exists() else None


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.xml")) if path.is_dir() else [path]


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def tests(paths: Iterable[Path]) -> Iterator[Test]:
    """Every test of the files and folders, in the order of the files."""
    for file in _files(paths):
        for group in ElementTree.parse(file).getroot():
            if _local(group.tag) != "group":
                continue
            for test in group:
                if _local(test.tag) != "test":
                    continue
                expression, outputs, invalid = "", [], False
                for part in test:
                    match _local(part.tag):
                        case "expression":
                            expression = part.text or ""
                            invalid = part.get("invalid", "false") not in ("false", "")
                        case "output":
                            outputs.append((part.text or "").strip())
                yield Test(
                    file.stem, group.get("name", ""), test.get("name", ""), expression, tuple(outputs), invalid
                )
