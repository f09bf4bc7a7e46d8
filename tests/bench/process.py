"""What one process and its children cost: wall seconds, CPU seconds of all their threads, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class NotThereError(Exception):
    """An engine cannot run here, and why: something is not installed."""


@dataclass(frozen=True)
class Cost:
    """Wall and CPU (user and system) in seconds, peak memory in MB, exit status, and what it wrote."""

    wall: float
    cpu: float
    memory: float
    status: int
    out: str
    errors: str


def measured(command: Sequence[str | Path], place: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """One command in a process of its own, children included; nothing of another process is counted."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=out, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        unit = 1024 if sys.platform != "darwin" else 1024**2
        return Cost(
            wall,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss / unit,
            process.returncode,
            out.read().decode(errors="replace"),
            errors.read().decode(errors="replace"),
        )
