"""`screening log approve`, `log withdraw` and `log exception`: which rules hold, and what went another way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.signer import opened_until_the_end, signer_of, signer_options


@click.command("approve")
@click.argument("ledger", metavar="LEDGER")
@options.protocol_option
@options.rules_option
@click.option("--author", required=True, help="Who wrote the rules.")
@click.option("--reviewer", required=True, help="Who reviewed them.")
@click.option("--approver", required=True, help="Who approves them.")
@click.option("--effective", type=options.Day(), required=True, help="The day from which they hold.")
@click.option("--ethics", required=True, metavar="TEXT", help="The approval of the ethics committee.")
@signer_options
def approve(
    ledger: str,
    protocol: str,
    rules: tuple[str, ...],
    author: str,
    reviewer: str,
    approver: str,
    effective: Any,
    ethics: str,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    """Enter the approval of a protocol over the digest of its rules."""
    from screening import logbook, screen

    library = screen.load_protocol(protocol, rules)
    opened = opened_until_the_end(Path(ledger))
    signer = signer_of(opened, by, role, key_file)
    people = {"author": author, "reviewer": reviewer, "approver": approver}
    of = logbook.Rules(library.name, library.version, library.digest, library.status)
    opened.keep_rules(library.digest, logbook.rule_files(library, protocol, screen.rules_folders(rules)))
    entering = logbook.Entering(signer, options.now())
    entry = logbook.approve(opened, of, effective.isoformat(), ethics, people, entering)
    options.put_lines(logbook.told_entries([entry]))
    return options.exit_status("done")


@click.command("withdraw")
@click.argument("ledger", metavar="LEDGER")
@click.argument("digest", metavar="DIGEST")
@click.option("--reason", required=True, help="Why the rules do not hold any more.")
@signer_options
def withdraw(ledger: str, digest: str, reason: str, by: str, role: str, key_file: str | None) -> int:
    """Withdraw the approval of rules, by the first 16 digits of their digest or more."""
    from screening import logbook

    opened = opened_until_the_end(Path(ledger))
    entering = logbook.Entering(signer_of(opened, by, role, key_file), options.now())
    options.put_lines(logbook.told_entries([logbook.withdraw(opened, digest, reason, entering)]))
    return options.exit_status("done")


@click.command("exception")
@click.argument("ledger", metavar="LEDGER")
@click.option("--reason", required=True, help="What was done otherwise than by the procedure, and why.")
@signer_options
def exception(ledger: str, reason: str, by: str, role: str, key_file: str | None) -> int:
    """Enter what an administrator did otherwise: a file restored, a clock set, a copy gone on with."""
    from screening import logbook

    opened = opened_until_the_end(Path(ledger))
    entering = logbook.Entering(signer_of(opened, by, role, key_file), options.now())
    options.put_lines(logbook.told_entries([logbook.enter_exception(opened, reason, entering)]))
    return options.exit_status("done")
