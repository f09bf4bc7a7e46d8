"""How far a long run has come, on standard error: a percentage in words, the rate, the time left."""

from __future__ import annotations

import sys
import time

from screening.cli import options

# A terminal gets one line that is written again, anything else a line every 10 seconds.
_TERMINAL_SECONDS, _OTHER_SECONDS = 1.0, 10.0


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
            self._say(sentence(read, self.total, now - self.begun))

    def end(self) -> None:
        """Leaves the line of a terminal free for what follows."""
        if self.width:
            options.put("\r" + " " * self.width + "\r", sys.stderr)
            self.width = 0

    def _say(self, text: str) -> None:
        if self.is_terminal:
            options.put("\r" + text.ljust(self.width), sys.stderr)
            self.width = len(text)
        else:
            options.put(text + "\n", sys.stderr)


def sentence(read: int, total: int | None, seconds: float) -> str:
    """How far a run is.

    >>> sentence(620, 1000, 2)
    '62%, 620 of about 1,000 records, 310 a second, about 1 second left'
    >>> sentence(620, None, 2)
    '620 records, 310 a second'
    """
    rate = read / seconds if seconds > 0 else 0.0
    speed = f"{rate:,.0f} a second" if rate >= 1 else f"{rate * 60:,.0f} a minute"
    if not total or total < read or not rate:
        return f"{read:,} records, {speed}"
    part = min(99, read * 100 // total)
    return f"{part:>2}%, {read:,} of about {total:,} records, {speed}, about {_left((total - read) / rate)} left"


def _left(seconds: float) -> str:
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {name}s"
    number = max(1, round(seconds))
    return f"{number} second{'' if number == 1 else 's'}"
