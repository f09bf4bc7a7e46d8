"""A person at a pseudo-terminal: sees what a terminal of some size would show, types, interrupts."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from types import TracebackType
from typing import Any

from tests.checkout import ROOT

PATIENCE = 240.0
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Person:
    """Sits at the terminal of one call of the program."""

    def __init__(self, *arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> None:
        self.terminal, program = pty.openpty()
        fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.terminal)
        kept = {n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "screening", *arguments],
            stdin=program,
            stdout=program,
            stderr=program,
            cwd=ROOT,
            env={**kept, "TERM": "xterm-256color", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(program)
        self.seen = b""
        self.at = 0

    def __enter__(self) -> Person:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self.terminal)

    @property
    def text(self) -> str:
        """Everything that was shown, without colours."""
        return COLOUR.sub("", self.seen.decode("utf-8", "replace").replace("\r\n", "\n"))

    def see(self, wanted: str, patience: float = PATIENCE) -> str:
        """Waits until a text is shown after what was seen last; what was shown up to it."""
        until = time.monotonic() + patience
        while True:
            shown = self.text
            found = shown.find(wanted, self.at)
            if found >= 0:
                start, self.at = self.at, found + len(wanted)
                return shown[start : self.at]
            if not self._read(until):
                raise AssertionError(f"{wanted!r} was not shown after:\n{shown[self.at :]}")

    def _read(self, until: float) -> bool:
        """Takes in what the program shows; False at its end or when patience ends."""
        if not select.select([self.terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def type(self, text: str) -> None:
        """Types a line."""
        os.write(self.terminal, text.encode() + b"\n")

    def press(self, data: bytes) -> None:
        """Presses keys, or pastes bytes."""
        os.write(self.terminal, data)

    def answer(self, text: str) -> str:
        """Waits for the prompt and answers; what was shown before it."""
        shown = self.see("> ")
        self.type(text)
        return shown

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> int:
        """Waits for the end of the program; its status."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            self._read(min(until, time.monotonic() + 0.2))
        while self._read(time.monotonic() + 0.1):
            pass
        assert self.process.poll() is not None, f"it goes on:\n{self.text[-2000:]}"
        return self.process.returncode

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal is in the mode in which it was found, and nothing but text and colour was shown."""
        odd = re.search(r"[\x00-\x08\x0b-\x1f]", self.text)
        return termios.tcgetattr(self.terminal) == self.before and odd is None
