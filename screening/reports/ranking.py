"""`screening match`: one person against every protocol, the nearest first; what bars, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from screening.language.library import WHOLE, Criterion
from screening.outcome.determination import Verdict, is_bar
from screening.reports import unused as unused_facts
from screening.reports.account import Account
from screening.reports.criterion import wording
from screening.reports.gap import gap_of
from screening.reports.line import AGAINST, OPEN, Line, marked, paragraph
from screening.reports.measure import label_of
from screening.reports.reason import until_text
from screening.reports.side import (
    Unread,
    alerts,
    fixed,
    headed,
    person_data,
    protocol_data,
    refused_data,
    refused_lines,
    tabled,
)
from screening.reports.verdict import missing_sentence
from screening.reports.words import counted, joined, safe, shortened
from screening.values.truth import TRUE, UNKNOWN

FORMAT = "screening-match-1"
NO_OFFER = "Nothing here is an offer: recruitment is not looked up."
_ORDER = (Verdict.ELIGIBLE, Verdict.REVIEW, Verdict.UNDETERMINED, Verdict.INELIGIBLE)
_MARKS = {
    Verdict.ELIGIBLE: ("+", ""),
    Verdict.REVIEW: ("!", OPEN),
    Verdict.UNDETERMINED: ("?", OPEN),
    Verdict.INELIGIBLE: ("x", AGAINST),
}
_MOST_SHARED = 3
_ELIGIBLE = "ELIGIBLE: no bar was found in the data given. It does not mean that a treatment is indicated or safe."


def ranked(accounts: Sequence[Account]) -> list[Account]:
    """The protocols by verdict, then by anchors not on record, by bars, by open items; of equals by name."""
    return sorted(accounts, key=_rank)


def _rank(account: Account) -> tuple[int, int, int, int, str]:
    verdict = _ORDER.index(account.determination.verdict)
    # A trial of a condition that is not on record is far off, however little it asks for.
    foreign = sum(account.named(anchor).value is not TRUE for anchor in account.library.anchors)
    return verdict, foreign, len(bars(account)), len(open_items(account)), account.library.name


def bars(account: Account) -> list[Criterion]:
    """The criteria that speak against."""
    return [c for c in account.library.criteria if is_bar(c, account.findings[c.id].truth)]


def open_items(account: Account) -> list[str]:
    """What is missing: what is to be obtained, judged or arranged, and a part of the protocol itself."""
    made = account.determination
    judged = dict.fromkeys(name for finding in made.findings for name in finding.judgements)
    whole = [WHOLE] if account.library.incomplete else []
    return [*(item.requirement for item in made.to_obtain), *judged, *made.to_arrange, *whole]


def first_reason(account: Account) -> str:
    """The first bar; else what is missing: a part of the file, what is to be reviewed, or the first open item."""
    against = bars(account)
    if against:
        return _bar(account, against[0])
    made = account.determination
    if missing := missing_sentence(account.library):
        return missing
    open = open_items(account)
    if made.verdict is Verdict.REVIEW and made.to_review:
        return f"to be reviewed: {_worded(account, account.criteria[made.to_review[0]])}"
    if not open:
        return ""
    name = open[0]
    if name in account.requirements:
        point = gap_of(account, account.requirements[name])
        return f"{point.label}: {joined((point.gap, point.value, point.dated))}"
    return _worded(account, account.criteria[name])


def _bar(account: Account, criterion: Criterion) -> str:
    return joined((f"{criterion.id} {_worded(account, criterion)}", until_text(account, criterion)), "; ")


def _worded(account: Account, criterion: Criterion) -> str:
    found = wording(account, criterion, provenance=False)
    return found.forms[0] + found.marks


def told(accounts: Sequence[Account], unread: Sequence[Unread], everything: bool, unused: bool) -> list[Line]:
    """The table, the nearest miss, and what would tell most; with `everything` each bar and each open item."""
    libraries = [account.library for account in accounts]
    what = counted(len(libraries), "protocol")
    lines = headed(what, libraries, accounts[0], NO_OFFER)
    lines += alerts(accounts)
    width = max(len("protocol"), *(len(safe(library.name)) for library in libraries))
    lines.append(Line(f"   {'protocol':<{width}}  verdict       bars  open  first reason, or what is missing"))
    for account in accounts:
        verdict = account.determination.verdict
        mark, token = _MARKS[verdict]
        counts = f"{len(bars(account)):>4}  {len(open_items(account)):>4}  "
        start = f"{mark}  {safe(account.library.name):<{width}}  {verdict.value:<13} {counts}"
        lines += tabled(start, token, shortened(first_reason(account)), 3)
    lines += refused_lines(unread, width)
    more = [*_nearest(accounts), *_shared(accounts)]
    lines += [Line(""), *more] if more else []
    if everything:
        lines += [line for account in accounts for line in _whole(account)]
    if everything or unused:
        settled = [line for account in accounts for line in _unused(account)]
        lines += settled or [Line(""), *paragraph("Recorded, asked about and not used: nothing")]
    return [*lines, Line(""), *_admitted(accounts), *fixed(libraries, everything)]


def _admitted(accounts: Sequence[Account]) -> list[Line]:
    """What ELIGIBLE does not mean, if any protocol says it."""
    admitted = any(a.determination.verdict is Verdict.ELIGIBLE for a in accounts)
    return paragraph(_ELIGIBLE) if admitted else []


def _nearest(accounts: Sequence[Account]) -> list[Line]:
    """The protocol that fewest bars keep the person out of, and those bars."""
    out = [a for a in accounts if a.determination.verdict is Verdict.INELIGIBLE]
    if not out:
        return []
    nearest = out[0]
    against = bars(nearest)
    said = "; ".join(_bar(nearest, criterion) for criterion in against[:3])
    more = f"; {len(against) - 3} more" if len(against) > 3 else ""
    text = f"Nearest miss: {safe(nearest.library.name)}, {counted(len(against), 'bar')}: {said}{more}."
    return paragraph(shortened(text), "", "  ")


def _shared(accounts: Sequence[Account]) -> list[Line]:
    """What is missing for most of the protocols that are still open."""
    wanted: dict[str, tuple[str, list[str]]] = {}
    for account in accounts:
        if account.determination.verdict is Verdict.INELIGIBLE:
            continue
        for item in account.determination.to_obtain:
            label = label_of(account.requirements[item.requirement])
            wanted.setdefault(item.requirement, (label, []))[1].append(account.library.name)
    if not any(len(names) > 1 for _, names in wanted.values()):
        return []
    most = sorted(wanted.values(), key=lambda found: -len(found[1]))
    named = [f"{label} ({counted(len(names), 'protocol')})" for label, names in most[:_MOST_SHARED]]
    left = f", {len(most) - _MOST_SHARED} more" if len(most) > _MOST_SHARED else ""
    return paragraph(shortened(f"Missing for most: {', '.join(named)}{left}."), "", "  ")


def _whole(account: Account) -> Iterator[Line]:
    """One protocol in full: each bar, each review, and what is missing by how it is obtained."""
    made = account.determination
    yield Line("")
    yield from paragraph(
        f"{safe(account.library.name)} {safe(account.library.version)}: {safe(account.library.title)}"
    )
    for criterion in bars(account):
        yield from marked("x", AGAINST, criterion.id, [_bar(account, criterion).partition(" ")[2]])
    for id in made.to_review:
        if id not in {criterion.id for criterion in bars(account)}:
            yield from marked("!", OPEN, id, [_worded(account, account.criteria[id])])
    for criterion in account.library.criteria:
        open = account.findings[criterion.id].truth is UNKNOWN and criterion.id not in made.to_review
        if open:
            yield from marked("?", OPEN, criterion.id, [_worded(account, criterion)])


def _unused(account: Account) -> Iterator[Line]:
    """The facts that a criterion of one protocol asks about and that settle nothing."""
    every = list(unused_facts.texts(account))
    if not every:
        return
    yield Line("")
    yield from paragraph(f"Recorded, asked about and not used by {safe(account.library.name)}: {len(every)}")
    for text in every:
        yield from paragraph(text, "  ", "    ")


def data(accounts: Sequence[Account], unread: Sequence[Unread]) -> dict[str, Any]:
    """The same as data: every protocol in order, with its bars, its open items and the facts it did not use."""
    return {
        "match": FORMAT,
        **person_data(accounts[0]),
        "notice": NO_OFFER,
        "protocols": [
            {
                **protocol_data(account.library),
                "registration": account.library.registration or None,
                "verdict": account.determination.verdict.value,
                "standing": account.determination.standing.value,
                "bars": [{"criterion": c.id, "why": _worded(account, c)} for c in bars(account)],
                "to_review": list(account.determination.to_review),
                "open": open_items(account),
                "first": first_reason(account),
                "alerts": [fired.criterion for fired in account.determination.alerts],
                "unused": unused_facts.data(account),
            }
            for account in accounts
        ],
        "unread": refused_data(unread),
    }
