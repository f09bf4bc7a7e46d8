"""The verifier of `reports/verifier.js`, asked by way of one node process."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening import verifying
from screening.errors import VerificationError
from tests.checkout import absent

HERE = Path(__file__).resolve().parent
VERIFIER = Path(verifying.__file__).resolve().parent / "reports" / "verifier.js"
# What it says where it met its own defect: never right.
DEFECT = "could not be verified to its end"


@dataclass(frozen=True)
class Answer:
    """Whether a bundle is accepted, and if not, where it is refused and why."""

    accepted: bool
    path: str = ""
    message: str = ""


def answer_of(data: dict[str, object]) -> Answer:
    """The answer of `verify` as JavaScript gives it."""
    match data:
        case {"accepted": True, "refusals": []}:
            return Answer(True)
        case {"accepted": False, "refusals": [{"path": str(path), "message": str(message)}]}:
            assert message and message != DEFECT, path
            return Answer(False, path, message)
    raise AssertionError(data)


class Node:
    """A running node; one question at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, function: str, argument: str) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        # Escaped, so that no line break and no byte order mark stands in the line.
        self.process.stdin.write(json.dumps([function, argument]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def verify(self, text: str) -> Answer:
        return answer_of(self.ask("verify", text))


def executable() -> str:
    """Where node is; skips without one, and fails in CI."""
    return shutil.which("node") or absent("node is not installed")


@contextmanager
def running() -> Iterator[Node]:
    """A node that answers until the end of the block."""
    command = [executable(), str(HERE / "answer.js"), str(VERIFIER)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield Node(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


def python(text: str) -> Answer:
    """The answer of the program itself, which names the place within its message."""
    try:
        verifying.verify_bundle(verifying.document_of(text.encode("utf-8", "surrogatepass")))
    except VerificationError as refused:
        return Answer(False, message=refused.diagnostics[0].message)
    return Answer(True)
