"""`screening log event` and `log prove`: what happened to a person beside a verdict, and that a run held them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end, signer_of, signer_options

EVENTS = (
    "contacted",
    "consent",
    "consent-withdrawn",
    "declined",
    "enrolled",
    "adverse-event",
    "protocol-deviation",
    "legal-hold",
    "legal-hold-lifted",
    "audit-trail-reviewed",
)

_EVENT_HELP = f"""Enter what happened: consent, an adverse event, a deviation, a legal hold.

CODE is the participant; of a review of the audit trail it is `-`. After consent was withdrawn nobody is screened
or entered until it is given again. The words of --note lie beside the entry and can be purged.

Exit status: 0 entered, 3 wrong input or refused.

{
    examples(
        "screening log event site.ledger K7QD-4MXR consent --on 2026-11-20 --by K7",
        "screening log event site.ledger K7QD-4MXR adverse-event --on 2026-11-22",
    )
}
"""


@click.command("event", help=_EVENT_HELP, short_help="Enter consent, an adverse event, a deviation, a hold.")
@click.argument("ledger", metavar="LEDGER")
@click.argument("about", metavar="CODE")
@click.argument("event", metavar="EVENT", type=click.Choice(EVENTS))
@click.option("--on", "day", type=options.Day(), required=True, help="The day on which it happened.")
@click.option("--note", default="", metavar="TEXT", help="What happened, in words.")
@signer_options
def event(
    ledger: str, about: str, event: str, day: Any, note: str, by: str, role: str, key_file: str | None
) -> int:
    from screening import logbook

    opened = opened_until_the_end(Path(ledger))
    entering = logbook.Entering(signer_of(opened, by, role, key_file), options.now())
    code, words = "" if about == "-" else about, event.replace("-", " ")
    entry = logbook.enter_event(opened, words, code, day.isoformat(), note, entering)
    options.put_lines(logbook.told_entries([entry]))
    return options.exit_status("done")


_PROVE_HELP = f"""Print the proof that somebody was among the people of a run, for a stranger to check.

The proof holds that person's row, the run's entry and the hashes between; of nobody else anything can be told from
it. `screening log verify PROOF --expect-head HEAD` checks it without the ledger, HEAD being the run's entry.

Exit status: 0 printed, 3 wrong input or refused.

{
    examples(
        "screening log prove site.ledger --run cohort/ --subject p0007 > proof.json",
        "screening log prove site.ledger --subject K7QD-4MXR > proof.json",
    )
}
"""


@click.command(
    "prove", help=_PROVE_HELP, short_help="Print the proof that somebody was among the people of a run."
)
@click.argument("ledger", metavar="LEDGER")
@click.option("--run", "run", metavar="DIR", help="The folder of the run; without it, the row entered of a code.")
@click.option("--subject", required=True, metavar="ID", help="Who: as the run names them, or by code.")
def prove(ledger: str, run: str | None, subject: str) -> int:
    from screening import proving

    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    made = proving.of_folder(opened, Path(run), subject) if run else proving.of_entry(opened, subject)
    options.put_data(made.decode())
    return options.exit_status("done")
