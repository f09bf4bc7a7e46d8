"""`screening analyse`: what can be proved of rule files, before anybody is screened."""

from __future__ import annotations

import datetime
import time

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Prove what rule files say of every record, and find what their author cannot have meant.

PROTOCOL is a name, a rule file or a folder; without one, every shipped protocol is analysed. Criteria that nobody
meets or fails, that others imply, that contradict each other, that nobody satisfies together; limits out of reach,
gaps between bands; what is UNKNOWN though it is decided; printed forms that are otherwise; the `properties:` of
the file; and whether a gap in a record can make ELIGIBLE wrong. Every person that is shown was made up, and
screened by the law.

A finding that is meant is justified in the file: `analysis: {{never failed: "why"}}`.

Exit status: 0 no fault, 5 a fault was found, 3 wrong rules or usage.

{examples("screening analyse ketamine-ra-fm", "screening analyse my-rules/ --json")}
"""


@click.command("analyse", help=_HELP)
@click.argument("protocol", nargs=-1, metavar="[PROTOCOL]...")
@options.rules_option
@click.option("--as-of", type=options.Day(), help="The day as of which records are made up; today if not given.")
@click.option("--json", "is_json", is_flag=True, help="Everything as data.")
def command(protocol: tuple[str, ...], rules: tuple[str, ...], as_of: datetime.date | None, is_json: bool) -> int:
    from screening import analyse, screen

    analyse.need_solver()
    day = as_of or options.today()
    every, data = [], []
    number, began = 0, time.process_time()
    for library in analyse.libraries(protocol, screen.rules_folders(rules)):
        found = analyse.findings(library, day)
        every += found
        number += 1
        if is_json:
            data.append(analyse.findings_data(library, found, day))
        else:
            options.put_lines(analyse.findings_told(library, found, day))
    if is_json:
        options.put(analyse.json_text({"libraries": data}) + "\n")
    else:
        options.put_lines(analyse.findings_counted(every, number, f"{time.process_time() - began:.1f}"))
    return options.FAILED if any(finding.is_fault for finding in every) else options.DONE
