"""`screening replay`: every screening of a ledger done again from what was kept with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end

_HELP = f"""Do every screening of a ledger again, from the records and rules kept with it.

Without --protocol each certificate must come out byte for byte; where one does not, the place is named, but for
another version of the program or engine that made it, which is counted. A certificate of an earlier form comes out
byte for byte only by the version that wrote it; what both forms hold is compared. With
--protocol each person is screened under those rules as they are now, as of the same day: who would change, and at
which criteria. That is a list of whom to screen again after an amendment; the ledger stays as it is.

What was purged with a reason cannot be done again, and is counted; what is missing without one is lost.

Exit status: 0 nothing differs, 4 nothing differs but some was purged or is of an earlier form, 5 something differs
or is lost, 3 wrong input.

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
    from screening import replaying, screen

    if rules and not protocol:
        raise click.UsageError("--rules is where --protocol is looked for; kept rules need none")
    if protocol:
        # Wrong rules are one wrong input, and not somebody who cannot be screened, once for everybody.
        screen.load_protocol(protocol, rules)
    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    again = partial(_again, protocol=protocol, folders=rules, libraries={})
    done = list(replaying.amended(opened, again) if protocol else replaying.replay(opened, again))
    options.put_lines(replaying.told_replay(done, protocol))
    outcomes = {each.outcome for each in done}
    if outcomes - {"same", "made otherwise", "another form", "purged"}:
        return options.FAILED
    return options.OPEN if outcomes & {"another form", "purged"} else options.DONE


def _again(
    kept: Any, place: Path, protocol: str, folders: tuple[str, ...], libraries: dict[tuple[str, ...], Any]
) -> dict[str, Any]:
    from screening.cli.kept import screened_again

    return dict(screened_again(kept, place, protocol, folders, libraries).certificate)
