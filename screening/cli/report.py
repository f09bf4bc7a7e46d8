"""`screening report`: one person, a run over many people, or a ledger as one page with everything in it."""

from __future__ import annotations

import datetime
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import UnreadableRecord, VerificationError

_HELP = f"""Write one person, a cohort or a ledger as one HTML page that asks for nothing from outside.

SOURCE is a record as `screening check` takes it; a certificate, with --record; a folder that `screening cohort`
wrote; or a ledger or its export. With --subject it is one person of a folder or of a ledger, there with --protocol
where they were screened under several. The page holds personal data; it is written whole or not at all, for your
eyes alone (0600), and is the same for the same input.

Of a cohort the digest of what its page lists is printed; kept elsewhere, it shows whether the page was altered.

With --check nothing is written: a page that was made before is held against what it is made from, and each place
is named where it is otherwise. It is the same page only from the same rules, record and release.

With --verifier a page is written on which anybody can check what a report carries; its SHA-256 is printed.

Exit status: 0 done, 1 not screened, 3 wrong input, 5 certificate, row or page refused, or a ledger does not hold.

{
    examples(
        "screening report person.yaml --as-of 2026-11-22 --out report.html",
        "screening report certificate.json --record person.yaml --out report.html",
        "screening report out/ --out cohort.html",
        "screening report out/ --subject SYN-0003 --out person.html",
        "screening report site.ledger --expect-head 9f3a41d07c55e812 --out log.html",
        "screening report out/ --check cohort.html",
        "screening report --verifier verifier.html",
    )
}
"""


class Asked(NamedTuple):
    """Who is asked about, under which rules, as the options say."""

    source: str
    protocol: str
    as_of: datetime.date | None
    site: str | None
    rules: tuple[str, ...]
    parameters: dict[str, str]
    subject: str
    record: str | None
    at: str


@click.command("report", help=_HELP)
@click.argument("source", metavar="SOURCE", required=False)
@click.option("--out", metavar="FILE", help="The page to write.")
@click.option("--check", "page", metavar="FILE", help="Hold this page against SOURCE instead of writing one.")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@options.parameter_option
@click.option(
    "--subject", default="", metavar="ID", help="Which person: of several in a record, a folder, or a ledger."
)
@click.option("--record", metavar="RECORD", help="Of a certificate, the record that it was made from.")
@click.option(
    "--expect-head", "heads", multiple=True, metavar="HASH", help="A head of the ledger that was kept elsewhere."
)
@click.option("--made-at", "at", default="", metavar="TEXT", help="When the page is made, if it is to say so.")
@click.option("--verifier", metavar="FILE", help="Write the page on which a report is checked.")
def command(
    source: str | None,
    out: str | None,
    page: str | None,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
    record: str | None,
    heads: tuple[str, ...],
    at: str,
    verifier: str | None,
) -> int:
    from screening import folder, intact, report

    if verifier is not None:
        if source is not None or out is not None or page is not None:
            raise click.UsageError("--verifier writes a page of its own; leave SOURCE, --out and --check out")
        options.put(f"{report.verifier_page(Path(verifier))}  {options.printable(verifier)}\n")
        return options.exit_status("done")
    if source is None or (out is None) == (page is None):
        raise click.UsageError("say what is to be shown and where: SOURCE --out FILE, or SOURCE --check FILE")
    if out is not None:
        _refuse_own(out, source, record, site)
    is_run, is_ledger = folder.is_run(source), report.is_ledger(Path(source))
    if heads and (not is_ledger or subject):
        raise click.UsageError("--expect-head is of a whole ledger")
    is_named = not options.is_left_out("protocol")
    # Of somebody who was screened under several protocols a ledger has to be told which is meant.
    which = "" if is_ledger and not is_named else protocol
    asked = Asked(source, which, as_of, site, rules, parameters, subject, record, at)
    has_rules = is_named and not (is_ledger and subject)
    if (is_run or is_ledger) and (as_of or site or rules or parameters or record or has_rules):
        raise click.UsageError("what was screened has its rules, day and site already; leave these options out")
    is_whole, digest = True, ""
    if is_run and not subject:
        text, digest = report.cohort(Path(source), at)
    elif is_ledger and not subject:
        text, is_whole = report.ledger(partial(intact.verified, Path(source), heads), at)
    else:
        made = _of_run(asked) if is_run else _of_ledger(asked) if is_ledger else _of_record(asked)
        if isinstance(made, int):
            return made
        text = made
    is_same = page is None or _is_same(page, text)
    if out is not None:
        _write(Path(out), text)
        if digest:
            options.put(f"{digest}  what {options.printable(out)} lists\n")
    if not is_whole:
        options.put("the ledger does not hold; the page says where\n", sys.stderr)
    return options.exit_status("done") if is_whole and is_same else options.FAILED


def _refuse_own(out: str, *read: str | None) -> None:
    """Refuses to write the page over what it is made from: a record is there once."""
    place = Path(out)
    if place.exists() and any(each and Path(each).exists() and place.samefile(each) for each in read):
        raise click.BadParameter("the page would take the place of what it is made from", param_hint="--out")


def _is_same(page: str, made: str) -> bool:
    """Whether a page is the one that was just made; says so, or every place where it is otherwise."""
    from screening import report

    name = options.printable(page)
    places = report.otherwise(Path(page), made)
    for place in places:
        options.put(f"{name}: REFUSED at {options.printable(place)}: it is otherwise than what it is made from\n")
    if not places:
        options.put(f"{name}: accepted; it is the page that is made from this\n")
    return not places


def _write(out: Path, text: str) -> None:
    from screening import report

    try:
        report.write(out, text)
    except OSError as wrong:
        reason = (wrong.strerror or "an error of the system").lower()
        raise UnreadableRecord(f"`{options.printable(str(out))}` cannot be written: {reason}") from None


def _page(library: Any, person: Any, day: datetime.date, site: Any, at: str, retired: bool = False) -> str | int:
    """The page of one person; where nobody may conclude anything, what is said instead, and the status."""
    from screening import screen

    try:
        made = screen.screen(library, person, day, site, retired)
    except screen.NotScreened as fault:
        options.put(screen.plain_text(screen.not_screened(library, person, day, fault)), sys.stderr)
        return options.exit_status(fault)
    return _shown(made, made.certificate, day, at)


def _shown(made: Any, certificate: Any, day: datetime.date, at: str, decided: Any = None) -> str:
    """The page of a screening, with what to ask next where its verdict is open."""
    from screening import report, screen, verifying

    is_open = made.determination.verdict.value == "UNDETERMINED"
    questions = report.questions(made.library, made.subject, day) if is_open else ()
    bundle = verifying.bundle(certificate, made.library, made.recorded or made.subject)
    return report.determination(screen.account(made, True), certificate, bundle, questions, decided, at)


def _of_record(asked: Asked) -> str | int:
    from screening import screen

    data, name = options.read_input(asked.source)
    if _is_certificate(data):
        return _of_certificate(asked, data)
    if asked.record:
        raise click.UsageError("--record is of a certificate")
    declared = options.read_site(asked.site)
    library = screen.load_protocol(asked.protocol, asked.rules, declared, asked.parameters)
    person = options.read_shared(data, library, name, declared, asked.subject, asked.rules)
    if asked.subject and person.id != asked.subject:
        raise UnreadableRecord(f"`{options.printable(name)}` holds no person `{options.printable(asked.subject)}`")
    return _page(library, person, asked.as_of or options.today(), declared, asked.at)


def _is_certificate(data: bytes) -> bool:
    """Whether a file says of itself that it is a certificate."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or b'"certificate"' not in data:
        return False
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "certificate" in found


def _of_certificate(asked: Asked, data: bytes) -> str | int:
    """A certificate is held against rules and record before anything of it is shown."""
    from screening import screen, verifying

    if asked.record is None:
        raise click.UsageError("a certificate is shown with the record it was made from: --record RECORD")
    if asked.as_of or asked.parameters:
        raise click.UsageError("a certificate has its day and its parameters already; leave these options out")
    try:
        certificate, library = screen.certificate_of(data, asked.rules)
    except VerificationError as refused:
        options.put(screen.plain_text(verifying.refused(refused)), sys.stderr)
        return options.exit_status(refused)
    declared = options.read_site(asked.site)
    content, name = options.read_input(asked.record)
    of = certificate.get("subject")
    person = options.read_shared(content, library, name, declared, of if isinstance(of, str) else "", asked.rules)
    try:
        screen.verify(certificate, library, person)
    except VerificationError as refused:
        options.put(screen.plain_text(verifying.refused(refused, library, person)), sys.stderr)
        return options.exit_status(refused)
    day = datetime.date.fromisoformat(certificate["as_of"])
    made = screen.screen(library, person, day, declared, retired=True)
    return _shown(made, certificate, day, asked.at)


def _of_run(asked: Asked) -> str | int:
    """One person of a cohort; where the row does not equal a screening of today, there is no page."""
    from screening import folder, screen
    from screening.cli.explain import of_run

    one = of_run(asked.source, asked.subject)
    try:
        made = screen.screen(one.library, one.person, one.day, one.site, one.retired)
    except screen.NotScreened as fault:
        options.put(screen.plain_text(screen.not_screened(one.library, one.person, one.day, fault)), sys.stderr)
        return options.exit_status(fault)
    said, agrees = folder.explained(one.row, made, one.changed, one.rules_changed)
    options.put(screen.plain_text(said).lstrip("\n"), sys.stderr)
    if not agrees:
        return options.FAILED
    return _shown(made, made.certificate, one.day, asked.at)


def _of_ledger(asked: Asked) -> str | int:
    """The last screening of a code in a ledger under a protocol, with what people decided of it beside it."""
    from screening import logbook, replaying, report
    from screening.cli.kept import screened_again
    from screening.cli.signer import opened_until_the_end

    opened = opened_until_the_end(Path(asked.source), is_read_only=True)
    entry = logbook.to_decide(opened, asked.subject, asked.protocol)
    certificate = logbook.certificate_of(opened, entry)
    kept = replaying.kept_of(opened, entry)
    if kept is None:
        raise UnreadableRecord(f"what entry {entry.number} was made from was purged")
    with replaying.rules_in_a_folder(opened, entry) as place:
        made = screened_again(kept, place)
    if made.certificate != certificate:
        options.put(
            f"entry {entry.number} does not come out again as it was entered: screening replay\n", sys.stderr
        )
        return options.FAILED
    day = datetime.date.fromisoformat(certificate["as_of"])
    return _shown(made, certificate, day, asked.at, report.decided(opened, entry.number))
