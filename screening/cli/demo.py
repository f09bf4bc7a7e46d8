"""`screening demo`: the published index case, and the same woman with everything recorded."""

from __future__ import annotations

import datetime

import click

from screening.cli import options
from screening.cli.options import examples

SHOWN = (
    (
        "The index case of the 2018 report, as published: what it does not state stays unknown.",
        "index-2018.yaml",
        datetime.date(2018, 2, 5),
    ),
    (
        "A synthetic variant: the same picture, with everything recorded that the report leaves out.",
        "index-completed.yaml",
        datetime.date(2026, 11, 22),
    ),
)

_HELP = f"""Screen the published index case, and beside it a synthetic variant of it that is complete.

Succeeds whatever the verdicts are.

{examples("screening demo")}
"""


@click.command("demo", help=_HELP)
def command() -> int:
    from screening import screen

    library = screen.load_protocol(screen.DEFAULT_PROTOCOL)
    for number, (about, file, day) in enumerate(SHOWN):
        data, path = screen.example(file)
        name = options.near(path)
        person = screen.read_record(data, library, name)
        found = screen.screen(library, person, day)
        options.put(f"{chr(10) if number else ''}{about}\n$ screening check {name} --as-of {day}\n")
        options.put_lines(screen.told(found))
    return options.exit_status("done")
