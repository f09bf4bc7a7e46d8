"""Keeps the memory that the chaining engine frees after each person inside the process.

ENGINE: a session takes about half a megabyte and gives it back when it ends; by default the C library hands
it to the kernel and faults it in again for the next person, which halves the speed of a run over many.
"""

from __future__ import annotations

import sys

_TRIM_THRESHOLD, _TOP_PAD = -1, -2
_KEPT, _PAD = 1 << 30, 64 << 20


def keep() -> bool:
    """Asks glibc to keep freed memory; True if it could be asked. Called from the second person on."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        ask = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(ask(_TRIM_THRESHOLD, _KEPT)) and bool(ask(_TOP_PAD, _PAD))
