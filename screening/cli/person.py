"""One person screened and shown, wherever the record came from."""

from __future__ import annotations

import datetime
import sys
from typing import Any, NamedTuple

from screening.cli import options


class Shown(NamedTuple):
    """How a person is shown: `form` is text, json, yaml or bundle; the rest as the options of that name say."""

    form: str = "text"
    trace: bool = False
    everything: bool = False
    plain: bool = False


def screened(library: Any, person: Any, day: datetime.date, site: Any, retired: bool, shown: Shown) -> int:
    """Screens a subject and prints what comes of it; the status to end with."""
    from screening import screen

    try:
        found = screen.screen(library, person, day, site, retired)
    except screen.NotScreened as fault:
        lines = screen.not_screened(library, person, day, fault)
        if shown.form == "text":
            options.put_lines(lines, shown.plain)
        else:
            options.put(screen.plain_text(lines), sys.stderr)
        return options.exit_status(fault)
    if shown.form == "text":
        told = screen.told(found, plain=shown.plain, everything=shown.everything, steps=shown.trace)
        options.put_lines(told, shown.plain)
    else:
        options.put(document(found, library, shown.form))
    return options.exit_status(found.determination.verdict.value)


def document(found: Any, library: Any, form: str) -> str:
    """A screening as data: the certificate as JSON or YAML, or a bundle of it."""
    from screening import screen, verifying

    if form == "bundle":
        made = verifying.bundle(found.certificate, library, found.recorded or found.subject)
        return screen.data_text(made, "json") + "\n"
    return screen.data_text(found.certificate, form) + "\n"
