"""`screening sign`: what a named person reviews and decides, kept beside the verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end, row_of, run_option, signer_of, signer_options
from screening.errors import LedgerError

_LETTERS = {"a": "accept", "d": "refuse", "m": "more"}
_DECISIONS = ("may-enter", "may-not-enter", "more-needed")
_CODES = ("measured-again", "treated", "specialist-opinion", "clinical-judgement", "other")

_HELP = f"""Review what is to be reviewed of a person, or decide on eligibility, as a named person.

CODE is the participant of a ledger; the last screening is meant, under the protocol named if there are several. A
review answers every relative criterion; two
people who accept all of them close it. The verdict stays what it is, and the decision stands beside it. No
signature goes past an absolute exclusion or past what is missing.

Exit status: 0 entered, 3 wrong input or refused.

{
    examples(
        "screening sign SYN-0003 --ledger site.ledger --key k7.pem",
        "screening sign SYN-0003 --ledger site.ledger --by K7 --decision may-enter",
    )
}
"""


@click.command("sign", help=_HELP)
@click.argument("about", metavar="CODE")
@click.option("--ledger", required=True, metavar="FILE", help="The ledger of the site.")
@click.option("--protocol", default="", metavar="NAME", help="Which, where the person was screened under several.")
@click.option(
    "--review",
    "given",
    multiple=True,
    metavar="ID=ANSWER",
    callback=options.named_values("criterion", "ID=accept, ID=refuse or ID=more"),
    help="What is said of a criterion: accept, refuse, more; asked at a terminal if not given.",
)
@click.option(
    "--code", type=click.Choice(_CODES), default="other", show_default=True, help="The reason as a code."
)
@click.option("--reason", default="", metavar="TEXT", help="The reason in words.")
@click.option("--decision", type=click.Choice(_DECISIONS), help="Decide on eligibility instead.")
@click.option("--draft", is_flag=True, help="Under rules that nobody has approved; never for an enrolment.")
@run_option
@signer_options
def command(
    about: str,
    ledger: str,
    protocol: str,
    given: dict[str, str],
    code: str,
    reason: str,
    decision: str | None,
    draft: bool,
    run: str | None,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    from screening import logbook, signing

    opened = opened_until_the_end(Path(ledger))
    entry = logbook.to_decide(opened, about, protocol)
    certificate = logbook.certificate_of(opened, entry)
    decided = (decision or "").replace("-", " ")
    if signing.is_refused(certificate, decided or signing.MAY_ENTER):
        options.put_lines(signing.told_refusal(certificate))
        return options.WRONG
    signer = signer_of(opened, by, role, key_file)
    if decision:
        made = signing.decision(entry, certificate, decided, reason, draft)
    else:
        answers = _answers(opened, entry, certificate, given, draft)
        made = signing.review(entry, certificate, answers, code, reason or _typed("Reason"), draft)
    row = row_of(opened, run, certificate["subject"], about)
    options.put_lines(logbook.told_entries(signing.enter(opened, [made], signer, options.now(), row)))
    return options.exit_status("done")


def _answers(ledger: Any, entry: Any, certificate: Any, given: dict[str, str], draft: bool) -> dict[str, str]:
    """What is said of each criterion: given, or typed by somebody who sees its values."""
    from screening import replaying, screen, signing
    from screening.cli.kept import screened_again

    asked = signing.to_review(certificate)
    if not asked:
        raise click.UsageError("nothing of this person is to be reviewed; decide with --decision")
    unknown = sorted(given.keys() - set(asked))
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)} is not to be reviewed", param_hint="--review")
    left = [id for id in asked if id not in given]
    if left and not sys.stdin.isatty():
        raise click.UsageError(screen.plain_text(signing.told_not_answered(left)).strip())
    kept = replaying.kept_of(ledger, entry)
    if kept is None:
        raise LedgerError(f"what entry {entry.number} was made from was purged; there is nothing to review")
    with replaying.rules_in_a_folder(ledger, entry) as place:
        again = screened_again(kept, place)
    # What is shown is what this program makes of the record today; what is signed is the certificate.
    replaying.refuse_drift(entry, kept, again.certificate)
    account = screen.account(again)
    options.put_lines(signing.told_head(account, certificate, draft))
    answers = dict(given)
    for number, id in enumerate(asked, 1):
        options.put_lines(signing.told_question(account, id, number, len(asked)))
        if id not in given:
            letter = click.prompt("a accept, d do not accept, m more needed", type=click.Choice(tuple(_LETTERS)))
            answers[id] = _LETTERS[letter]
    return {id: answers[id] for id in asked}


def _typed(what: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("say why: --reason TEXT")
    return str(click.prompt(what))
