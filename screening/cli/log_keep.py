"""`screening log export` and `log purge`: what leaves a ledger, and what is deleted of its contents."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end, signer_of, signer_options

_EXPORT_HELP = f"""Print a ledger as JSON Lines: entries, each followed by what was kept with it.

--coded leaves out names, free text and records, under participant codes; --years makes years of all days, 90 or
older of all ages above 89, and new codes. Neither can be held against records; the digests of entries stay.

Exit status: 0 printed, 3 wrong input or refused.

{
    examples(
        "screening log export site.ledger --out copy.jsonl",
        "screening log export site.ledger --coded > sponsor.jsonl",
    )
}
"""


@click.command("export", help=_EXPORT_HELP, short_help="Print a ledger as JSON Lines.")
@click.argument("ledger", metavar="LEDGER")
@click.option("--coded", is_flag=True, help="Codes and coded words alone.")
@click.option("--years", is_flag=True, help="The same with years alone, and new codes.")
@click.option("--out", metavar="FILE", help="A file for its owner alone; standard output if not given.")
def export(ledger: str, coded: bool, years: bool, out: str | None) -> int:
    from screening import coded as of_codes
    from screening import logbook

    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    lines = of_codes.lines(opened, years) if coded or years else opened.exported()
    if out:
        logbook.write_export(lines, Path(out))
    else:
        for line in lines:
            options.put_data(line.decode())
    return options.exit_status("done")


_PURGE_HELP = f"""Delete what entries were made from, for good; their digests and the reason stay.

Name entries, or a policy: --older-than P2Y, --never-approached or both. A policy shows what it would delete, and
deletes it with --yes. Nothing goes of somebody who consented or was decided on, unless --retention-ended says that
the retention of the trial is over; nothing at all under a legal hold.

Exit status: 0 done or shown, 3 wrong input or refused.

{
    examples(
        'screening log purge site.ledger 12 --reason "never approached" --by K7',
        "screening log purge site.ledger --older-than P2Y --reason policy --by K7",
    )
}
"""


@click.command("purge", help=_PURGE_HELP, short_help="Delete what entries were made from; their digests stay.")
@click.argument("ledger", metavar="LEDGER")
@click.argument("numbers", metavar="[ENTRY]...", nargs=-1, type=int)
@click.option("--older-than", metavar="PERIOD", help="Whose last entry is longer ago: P2Y, P18M, P90D.")
@click.option(
    "--never-approached", is_flag=True, help="Nobody contacted or looked them up, and nothing was decided."
)
@click.option("--retention-ended", is_flag=True, help="Of those who consented, too.")
@click.option("--reason", required=True, help="Why: never approached, the policy, a person's wish.")
@click.option("--yes", "is_sure", is_flag=True, help="Delete what the policy names.")
@signer_options
def purge(
    ledger: str,
    numbers: tuple[int, ...],
    older_than: str | None,
    never_approached: bool,
    retention_ended: bool,
    reason: str,
    is_sure: bool,
    by: str,
    role: str,
    key_file: str | None,
) -> int:
    from screening import logbook, retention

    has_policy = bool(older_than or never_approached)
    if has_policy == bool(numbers):
        raise click.UsageError("name entries, or a policy: --older-than PERIOD, --never-approached")
    opened, now = opened_until_the_end(Path(ledger), is_read_only=has_policy and not is_sure), options.now()
    if numbers:
        signer = signer_of(opened, by, role, key_file)
        made = retention.purge_entries(opened, numbers, reason, retention_ended, signer, now)
        options.put_lines(logbook.told_entries([made]))
        return options.exit_status("done")
    policy = retention.Policy(
        retention.before(older_than, now) if older_than else "", never_approached, retention_ended
    )
    signer = signer_of(opened, by, role, key_file) if is_sure else None
    due = retention.due(opened, policy)
    entry = retention.purge(opened, due, policy, reason, signer, now) if signer else None
    options.put_lines(retention.told(due, policy, is_sure))
    if entry is not None:
        options.put_lines(logbook.told_entries([entry]))
    return options.exit_status("done")
