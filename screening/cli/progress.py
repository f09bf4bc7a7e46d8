"""How far a long run has come, on standard error: a percentage in words, the rate, the time left."""

from __future__ import annotations

import os
import sys
import time

from screening.cli import options

# A terminal gets one line that is written again, anything else a line every 10 seconds.
_TERMINAL_SECONDS, _OTHER_SECONDS = 1.0, 10.0
_COLUMNS = 80


class Progress:
    """Told of every record; says something when it is time."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.every = _TERMINAL_SECONDS if self.is_terminal else _OTHER_SECONDS
        self.begun = self.last = time.monotonic()
        self.width = 0

    def __call__(self, read: int) -> None:
        """So many records were read."""
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            self._say(sentences(read, self.total, now - self.begun))

    def end(self) -> None:
        """Leaves the line of a terminal free for what follows."""
        if self.width:
            options.put("\r" + " " * self.width + "\r", sys.stderr)
            self.width = 0

    def _say(self, texts: list[str]) -> None:
        if self.is_terminal:
            # A line that a terminal folds is not the one that is written again.
            room = _columns() - 1
            text = next((text for text in texts if len(text) <= room), texts[-1][:room])
            self.width = min(self.width, room)
            options.put("\r" + text.ljust(self.width), sys.stderr)
            self.width = len(text)
        else:
            options.put(texts[0] + "\n", sys.stderr)


def _columns() -> int:
    """How wide the terminal is; it may have been made narrower since."""
    try:
        return max(2, os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS)
    except (OSError, ValueError):
        return _COLUMNS


def sentence(read: int, total: int | None, seconds: float) -> str:
    """How far a run is.

    >>> sentence(620, 1000, 2)
    '62%, 620 of about 1,000 records, 310 a second, about 1 second left'
    >>> sentence(620, None, 2)
    '620 records, 310 a second'
    """
    return sentences(read, total, seconds)[0]


def sentences(read: int, total: int | None, seconds: float) -> list[str]:
    """The same, and shorter and shorter for narrow terminals: the percentage goes last.

    >>> sentences(620, 1000, 2)[1:]
    ['62%, 620 of about 1,000, 310 a second, 1 second left', '62%, 310 a second, 1 second left', '62%']
    """
    rate = read / seconds if seconds > 0 else 0.0
    speed = f"{rate:,.0f} a second" if rate >= 1 else f"{rate * 60:,.0f} a minute"
    if not total or total < read or not rate:
        return [f"{read:,} records, {speed}", f"{read:,}"]
    part = min(99, read * 100 // total)
    done, left = f"{part:>2}%", _left((total - read) / rate)
    return [
        f"{done}, {read:,} of about {total:,} records, {speed}, about {left} left",
        f"{done}, {read:,} of about {total:,}, {speed}, {left} left",
        f"{done}, {speed}, {left} left",
        done,
    ]


def _left(seconds: float) -> str:
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {name}s"
    number = max(1, round(seconds))
    return f"{number} second{'' if number == 1 else 's'}"
