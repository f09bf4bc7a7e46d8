"""`screening replay`: every screening of a ledger done again from what was kept with it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import RecordError, RequirementMismatch, RuleError

_HELP = f"""Do every screening of a ledger again, from the records and rules kept with it.

Without --protocol each certificate must come out byte for byte; where one does not, the place is named. With
--protocol each person is screened under those rules as they are now, as of the same day: who would change, and at
which criteria. That is a list of whom to screen again after an amendment; the ledger stays as it is.

Exit status: 0 nothing differs, 5 something does, 3 wrong input.

{
    examples(
        "screening replay site.ledger",
        "screening replay site.ledger --protocol ketamine-ra-fm --rules amended/",
    )
}
"""


@click.command("replay", help=_HELP)
@click.argument("ledger", metavar="LEDGER")
@click.option("--protocol", default="", metavar="NAME", help="Screen everybody under this protocol instead.")
@options.rules_option
def command(ledger: str, protocol: str, rules: tuple[str, ...]) -> int:
    from screening import logbook

    opened = logbook.open_ledger(Path(ledger), is_read_only=True)
    click.get_current_context().call_on_close(opened.close)
    again = partial(_again, protocol=protocol, folders=rules)
    done = list(logbook.amended(opened, again) if protocol else logbook.replay(opened, again))
    options.put_lines(logbook.told_replay(done, protocol))
    differs = any(each.outcome in ("drift", "changed", "not screened") for each in done)
    return options.FAILED if differs else options.DONE


def _again(kept: Any, place: Path, protocol: str, folders: tuple[str, ...]) -> dict[str, Any]:
    # The certificate of a kept screening: from the rules kept with it, or under a protocol as it is now.
    from screening import logbook, screen

    given = kept.given
    site = logbook.site_of(given)
    made, library = screen.certificate_of(kept.certificate, [place])
    if library.digest != made["library"]["digest"]:
        raise RuleError("the rules that were kept are not those that the certificate names")
    if protocol:
        library = screen.load_protocol(protocol, folders, site)
    subject = str(made["subject"])
    try:
        person = screen.read_record(given.record, library, given.name, site, subject)
    except RecordError as wrong:
        if not any(issubclass(each.kind, RequirementMismatch) for each in wrong.diagnostics):
            raise
        # What other protocols asked of a record that several share was known when it was entered, and is not here.
        person = screen.read_record(given.record, library, given.name, site, subject, _Everything())
    day = datetime.date.fromisoformat(made["as_of"])
    return screen.screen(library, person, day, site, retired=True).certificate


class _Everything(Collection[str]):
    # Every name there can be.

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
