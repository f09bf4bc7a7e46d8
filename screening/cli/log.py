"""`screening log`: the ledger of a site, an append-only record of who was screened, corrected and decided on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.log_keep import export, purge
from screening.cli.log_list import entries, table
from screening.cli.log_people import event, prove
from screening.cli.log_rules import approve, exception, withdraw
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end, passphrase_of, row_of, run_option, signer_of, signer_options
from screening.errors import LedgerError

IDENTITIES_PASSPHRASE = "SCREENING_IDENTITIES_PASSPHRASE"
STAGES = ("pre-screening", "screening", "day-of-infusion")
PERMISSIONS = ("keys", "approve", "review", "decide", "identities", "purge")

_HELP = f"""Keep a ledger: who was screened, corrected, reviewed and decided on, when, under which rules.

Entries are chained and never changed; a correction is an entry of its own. Keep heads elsewhere, with a sponsor or
on paper: only they show that nothing was cut off or rewritten.

Exit status: 0 done, 5 the ledger does not hold, 3 wrong input or refused.

{
    examples(
        'screening log init site.ledger --new-key k7.pem --by "K. Seven"',
        "screening log add site.ledger person.yaml --draft --key k7.pem",
        "screening log verify site.ledger --expect-head 9f3a41d07c55e812",
    )
}
"""


def identities_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The identification list."""
    return click.option(
        "--identities", metavar="FILE", help="The identification list, encrypted; codes are random, one a person."
    )(function)


@click.group("log", help=_HELP)
def command() -> None:
    pass


@command.command("init")
@click.argument("ledger", metavar="LEDGER")
@click.option("--site-name", default="", metavar="NAME", help="The site.")
@click.option(
    "--new-key", metavar="FILE", help="Make a key for whoever opens the ledger; then everybody needs one."
)
@signer_options
def init(ledger: str, site_name: str, new_key: str | None, by: str, role: str, key_file: str | None) -> int:
    """Open a new ledger."""
    from screening import logbook

    if not by.strip():
        raise click.UsageError("say who opens it: --by NAME")
    if new_key and key_file:
        raise click.UsageError("--new-key makes a key, --key takes one that is there")
    key = None
    if new_key:
        key = logbook.new_key(new_key, passphrase_of(new_key, is_new=True))
    elif key_file:
        key = logbook.load_key(key_file, passphrase_of(key_file))
    try:
        made = logbook.create(
            Path(ledger), logbook.Signer(by.strip(), role.strip(), key), options.now(), site_name
        )
    except LedgerError:
        if new_key:
            Path(new_key).unlink()  # made a moment ago, and of use to nobody
        raise
    options.put_lines(logbook.told_entries(made.entries()))
    made.close()
    return options.exit_status("done")


@command.command("key")
@click.argument("ledger", metavar="LEDGER")
@click.option("--new", "new", metavar="FILE", help="Make a key in this file and enter it.")
@click.option("--public", metavar="TEXT", help="Enter a key by its public half.")
@click.option("--withdraw", metavar="FINGERPRINT", help="Withdraw a key.")
@click.option("--name", default="", help="The printed name of the key's owner.")
@click.option("--owner-role", default="", help="The role of the key's owner.")
@click.option(
    "--may", multiple=True, type=click.Choice(PERMISSIONS), help="What may be entered with it besides screenings."
)
@click.option("--reason", default="", help="Why a key is withdrawn.")
@signer_options
def key(
    ledger: str,
    new: str | None,
    public: str | None,
    withdraw: str | None,
    name: str,
    owner_role: str,
    may: tuple[str, ...],
    reason: str,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    """Enter a person's key, or withdraw one."""
    from screening import logbook

    if sum(map(bool, (new, public, withdraw))) != 1:
        raise click.UsageError("give one of --new, --public and --withdraw")
    if not withdraw and not name.strip():
        raise click.UsageError("say whose key it is: --name NAME")
    opened = opened_until_the_end(Path(ledger))
    signer = signer_of(opened, by, role, key_file)
    if withdraw:
        draft = logbook.withdrawal(withdraw, reason)
    else:
        text = public or logbook.new_key(str(new), passphrase_of(str(new), is_new=True)).public.text
        draft = logbook.key_entry(name.strip(), owner_role.strip(), may, text)
    try:
        entered = opened.append([draft], signer, options.now())
    except LedgerError:
        if new:
            Path(new).unlink()  # made a moment ago, and of use to nobody
        raise
    options.put_lines(logbook.told_entries(entered))
    return options.exit_status("done")


def _screened(
    record: str,
    protocol: str,
    as_of: Any,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
) -> tuple[Any, Any, dict[str, bytes]]:
    from screening import logbook, screen

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    data, name = options.read_input(record)
    person = options.read_shared(data, library, name, declared, subject, rules)
    made = screen.screen(library, person, as_of or options.today(), declared)
    site_bytes = options.read_input(site)[0] if site else None
    given = logbook.Given(data, name, site_bytes, site or "")
    return made.certificate, given, logbook.rule_files(library, protocol, screen.rules_folders(rules))


@command.command("add")
@click.argument("ledger", metavar="LEDGER")
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@options.parameter_option
@options.subject_option
@click.option(
    "--as", "about", default="", metavar="CODE", help="The participant code; the record's own if not given."
)
@identities_option
@click.option("--draft", is_flag=True, help="Under rules that nobody has approved; never for an enrolment.")
@click.option("--stage", type=click.Choice(STAGES), default="screening", show_default=True, help="The stage.")
@click.option(
    "--consent", type=options.Day(), help="The day of consent; that of the event of consent if not given."
)
@click.option("--basis", default="", metavar="TEXT", help="On which basis records are read before consent.")
@run_option
@signer_options
def add(
    ledger: str,
    record: str,
    protocol: str,
    as_of: Any,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
    about: str,
    identities: str | None,
    draft: bool,
    stage: str,
    consent: Any,
    basis: str,
    run: str | None,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    """Screen a person and enter it; or enter what `screening cohort` wrote as one run."""
    from screening import logbook, screen

    opened = opened_until_the_end(Path(ledger))
    signer = signer_of(opened, by, role, key_file)
    day = consent.isoformat() if consent else ""
    entering = logbook.Entering(signer, options.now(), draft, stage, day, basis)
    if logbook.is_run(record):
        library = screen.load_protocol(protocol, rules)
        files = logbook.rule_files(library, protocol, screen.rules_folders(rules))
        entries = [logbook.enter_cohort(opened, Path(record), library.digest, files, entering)]
    else:
        certificate, given, files = _screened(record, protocol, as_of, site, rules, parameters, subject)
        about = about or _code_of(certificate["subject"], identities)
        row = row_of(opened, run, certificate["subject"], about)
        entries = logbook.enter(opened, certificate, given, about, files, entering, row)
    options.put_lines(logbook.told_entries(entries))
    return options.exit_status("done")


def _code_of(id: str, identities: str | None) -> str:
    """The participant code of whoever a record is about: out of the identification list if there is one."""
    from screening import logbook

    if identities is None:
        return id
    code: str = logbook.code_of(identities, passphrase_of(identities, environment=IDENTITIES_PASSPHRASE), id)
    return code


@command.command("identify")
@click.argument("ledger", metavar="LEDGER")
@click.argument("code", metavar="CODE")
@identities_option
@click.option("--reason", required=True, help="Why somebody has to know.")
@signer_options
def identify(
    ledger: str, code: str, identities: str | None, reason: str, by: str, role: str, key_file: str | None
) -> int:
    """Say who a participant code is; that it was looked up, by whom and why is entered first."""
    from screening import logbook

    if identities is None:
        raise click.UsageError("name the identification list: --identities FILE")
    opened = opened_until_the_end(Path(ledger))
    signer = signer_of(opened, by, role, key_file)
    passphrase = passphrase_of(identities, environment=IDENTITIES_PASSPHRASE)
    options.put(f"{logbook.looked_up(opened, identities, passphrase, code, reason, signer, options.now())}\n")
    return options.exit_status("done")


@command.command("correct")
@click.argument("ledger", metavar="LEDGER")
@click.argument("number", metavar="ENTRY", type=int)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@options.parameter_option
@options.subject_option
@click.option("--reason", required=True, help="What was wrong, and who says so.")
@click.option("--draft", is_flag=True, help="Enter under rules that nobody has approved.")
@run_option
@signer_options
def correct(
    ledger: str,
    number: int,
    record: str,
    protocol: str,
    as_of: Any,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
    reason: str,
    draft: bool,
    run: str | None,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    """Enter what was wrong in a record, and screen the person again under the same protocol; the first entry
    stays."""
    from screening import logbook

    opened = opened_until_the_end(Path(ledger))
    signer = signer_of(opened, by, role, key_file)
    before = logbook.screening_of(opened, number)
    if options.is_left_out("protocol") and before.rules is not None:
        protocol = before.rules.name
    certificate, given, files = _screened(record, protocol, as_of, site, rules, parameters, subject)
    entering = logbook.Entering(signer, options.now(), draft)
    about = before.about
    row = row_of(opened, run, certificate["subject"], about)
    entries = logbook.correct(opened, number, certificate, given, files, entering, reason, row)
    options.put_lines(logbook.told_entries(entries))
    return options.exit_status("done")


@command.command("status")
@click.argument("ledger", metavar="LEDGER")
def status(ledger: str) -> int:
    """Show a ledger at a glance: whether it holds, and how many entries of each kind."""
    from screening import intact

    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    lines, is_whole = intact.told_status(opened)
    options.put_lines(lines)
    return options.DONE if is_whole else options.FAILED


@command.command("verify")
@click.argument("ledger", metavar="LEDGER")
@click.option(
    "--expect-head",
    "heads",
    multiple=True,
    metavar="HEAD",
    help="A head that was kept elsewhere, or its first 16 digits.",
)
def verify(ledger: str, heads: tuple[str, ...]) -> int:
    """Hold every link, signature, content and rule file of a ledger against the others; or a proof."""
    from screening import intact, proving

    for head in heads:
        if len(head) < 16 or not all(c in "0123456789abcdefABCDEF" for c in head):
            raise click.BadParameter(
                "a head has 64 hexadecimal digits; give 16 or more", param_hint="--expect-head"
            )
    if proving.is_proof(Path(ledger)):
        proved = proving.checked(proving.read(Path(ledger)), heads)
        options.put_lines(proving.told(proved))
        return options.FAILED if proved.why else options.DONE
    lines, is_whole = intact.told_verification(Path(ledger), heads)
    options.put_lines(lines)
    return options.DONE if is_whole else options.FAILED


@command.command("head")
@click.argument("ledger", metavar="LEDGER")
@click.option("--sign", is_flag=True, help="Enter a signed head.")
@signer_options
def head(ledger: str, sign: bool, by: str, role: str, key_file: str | None) -> int:
    """Print the head, to be kept elsewhere."""
    from screening import logbook

    opened = opened_until_the_end(Path(ledger), is_read_only=not sign)
    if sign:
        logbook.sign_head(opened, signer_of(opened, by, role, key_file), options.now())
    options.put(f"{opened.order.head}\n")
    return options.exit_status("done")


for each in (approve, withdraw, exception, event, prove, entries, table, export, purge):
    command.add_command(each)
