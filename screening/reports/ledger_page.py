"""A ledger as a page: whether it holds, its screenings with corrections beside them, decisions apart, every entry.

What people's records say stands on it only where a correction says what was there before and after.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from screening.reports.html import embedded, filled, packaged
from screening.reports.ledger import NO_HEAD, NOT_SHOWN, UNSIGNED, Verified
from screening.reports.page import Fact, Page, Section, Table
from screening.reports.seal import sealed
from screening.reports.words import DECISION_SUPPORT_FULL, counted, joined, safe

SCREENED, CORRECTED, HUMAN = ("screened", "re-screened"), "corrected", ("reviewed", "decided")
CORRECTION, REVIEWED = "correction", "criteria reviewed"
# Of which contents the page tells what they say.
TOLD = (CORRECTION, REVIEWED)
_DRAFTS = "A draft was made under rules that nobody had approved: it can never support an enrolment."
_PURGED = "purged, or not kept"
_DECISIONS = ("entry", "about", "screening", "when (UTC)", "who", "role", "meaning", "what", "reason")
_SCREENINGS = ("entry", "about", "when (UTC)", "program's verdict", "standing", "as of", "rules", "later")
_ENTRIES = ("entry", "kind", "when (UTC)", "who, role, key", "about", "what is said", "hash; the one before")
PRIVACY = (
    "This page names people by the codes of the ledger, and where something was corrected it holds what "
    "was recorded of them before and after. It asks for nothing from outside and sends nothing anywhere; "
    "keep it as you keep the ledger. It is a copy for reading: only the ledger itself, held against a "
    "head that was kept elsewhere, shows that nothing was cut off or rewritten."
)
SELF_CHECK = (
    "A second program, written apart from the first and part of this page, reads the entries that this file "
    "carries: it computes their hashes, follows the chain, checks signatures, keys, what each entry has to say "
    "and may follow (approval, consent, two reviewers), the contents of corrections and reviews, and whether "
    "everything above is what the entries say.",
    "It does not show that nothing was cut off at the end or written anew: compare a head that was kept "
    "elsewhere. It does not read certificates, records, rules and the rows of runs, which this page does not "
    "carry: screening log verify does. Whoever alters a page can alter its check as well: what is to be relied "
    "on is verified in the ledger.",
)


class Said(Protocol):
    """An entry, as far as the page tells it."""

    @property
    def ledger(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def previous(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def actor(self) -> Any: ...
    @property
    def about(self) -> str: ...
    @property
    def refers(self) -> tuple[int, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def rules(self) -> Any: ...
    @property
    def statement(self) -> Mapping[str, Any]: ...
    @property
    def signature(self) -> str: ...
    @property
    def hash(self) -> str: ...


Seen = tuple[Said, Mapping[str, bytes]]
# An entry as JSON data, and of each of its contents that are told: the digest, the salt, and the bytes.
Carried = tuple[Mapping[str, Any], Sequence[tuple[str, bytes, bytes]]]


def ledger_html(entries: Sequence[Seen], carried: Sequence[Carried], found: Verified, at: str = "") -> str:
    """The page with the entries that it shows as data, and a self-check that holds both against each other."""
    held = carried[: _whole(found)]
    contents = [
        {"content": digest, "salt": _base64(salt), "data": _base64(data)}
        for _, told in held
        for digest, salt, data in told
    ]
    data = {"holds": found.fault is None, "entries": [entry for entry, _ in held], "contents": contents}
    page = ledger_page(entries, found, at)
    values = {"page": page, "footer": page.footer, "data": embedded(data), "self_check_words": SELF_CHECK}
    scripts = list(map(packaged, ("seal.js", "page_check.js", "ledger_verify.js", "ledger_check.js")))
    return sealed(filled("ledger.html", values, page.status, styles=("page.css", "report.css"), scripts=scripts))


def _whole(found: Verified) -> int:
    """How many entries hold before the first fault."""
    if found.fault is not None and found.fault.number:
        return min(found.entries, found.fault.number - 1)
    return found.entries


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def ledger_page(entries: Sequence[Seen], found: Verified, at: str = "") -> Page:
    """The page of a ledger; `entries` are those that hold, each with what was kept of it."""
    whole = _whole(found)
    entries = [each for each in entries if each[0].number <= whole]
    site = next((_text(e.statement.get("site")) for e, _ in entries[:1]), "")
    ledger = entries[0][0].ledger if entries else "not known"
    title = joined(("Ledger", site), " of ")
    word = "every link holds" if found.fault is None else "DOES NOT HOLD"
    last = f"entries 1 to {whole:,}" if whole else "no entries"
    last_at = entries[-1][0].at[:19] + "Z" if entries else "none"
    facts = [Fact("Ledger", (safe(ledger),)), Fact("Last entry", (last_at,))]
    if at:
        facts.append(Fact("Page made", (safe(at),)))
    sections = (
        _verification(found, whole),
        _sums(entries),
        Section("Screenings", texts=(_DRAFTS,) if _has_drafts(entries) else (), tables=_screenings(entries)),
        Section(
            "Corrections, beside what was there",
            texts=() if any(e.kind == CORRECTED for e, _ in entries) else ("Nothing was corrected.",),
            sections=tuple(_correction(entry, kept) for entry, kept in entries if entry.kind == CORRECTED),
        ),
        Section(
            "Human decisions, apart from the verdicts",
            texts=("A decision stands beside the verdict of the program and does not change it.",),
            tables=tuple(table for table in (decisions(entries),) if table.rows),
        ),
        Section("Every entry, in order", tables=(Table("Entries", _ENTRIES, tuple(map(_entry, _only(entries)))),)),
    )
    return Page(title, f"{title}: {word}, {last}", tuple(facts), sections, (DECISION_SUPPORT_FULL, PRIVACY))


def _only(entries: Iterable[Seen]) -> Iterator[Said]:
    return (entry for entry, _ in entries)


def _has_drafts(entries: Iterable[Seen]) -> bool:
    return any(entry.statement.get("draft") is True for entry in _only(entries))


def _verification(found: Verified, whole: int) -> Section:
    """What was found when the page was made; it says nothing of what happened to the ledger later."""
    facts = []
    if found.fault is None:
        days = f"{found.first_at[:10]} to {found.last_at[:10]}"
        facts.append(Fact("Whole", (f"{counted(found.entries, 'entry', 'entries')}, {days}; every link holds",)))
    else:
        why = safe(found.fault.why)
        where = f"entry {found.fault.number}: {why}" if found.fault.number else why
        holds = f"Entries 1 to {whole:,} hold among themselves and stand below; " if whole else ""
        rest = "rely on nothing after them." if whole else "Rely on nothing in it."
        texts = (where, f"{holds}{rest}", "Keep the ledger as it is and compare it with another copy.")
        facts.append(Fact("Not whole", texts))
    equal = tuple(
        f"{safe(head)}, which was given, is {f'entry {number:,}' if number else 'not in it'}"
        for head, number in found.expected
    )
    facts.append(Fact("Head", (found.head or "none", *equal)))
    signed = f"{counted(found.signed, 'entry', 'entries')} by {counted(found.keys, 'key')}; every signature fits"
    facts.append(Fact("Signed", (signed if found.has_personal_keys else f"nothing; {UNSIGNED}",)))
    if found.purged:
        words = f"{counted(found.purged, 'content')}, each with a reason; the digests are kept"
        facts.append(Fact("Purged", (words,)))
    facts.append(Fact("Not shown", tuple(text for text in (NOT_SHOWN, "" if found.expected else NO_HEAD) if text)))
    return Section("Verification, as of the making of this page", facts=tuple(facts))


def _sums(entries: Sequence[Seen]) -> Section:
    kinds = Counter(str(entry.kind) for entry in _only(entries))
    rows = tuple((kind, f"{number:,}") for kind, number in kinds.items())
    table = Table("Entries by kind", ("kind", "entries"), (*rows, ("each adds up to", f"{len(entries):,}")))
    return Section("Sums", tables=(table,))


# --------------------------------------------------------------- screenings, corrections, decisions


def _screenings(entries: Sequence[Seen]) -> tuple[Table, ...]:
    later: dict[int, list[str]] = {}
    for entry in _only(entries):
        if entry.kind in (CORRECTED, "re-screened"):
            for number in entry.refers:
                later.setdefault(number, []).append(f"{entry.kind} by entry {entry.number}")
    rows = tuple(_screening(e, later.get(e.number, ())) for e in _only(entries) if e.kind in SCREENED)
    return (Table("Screenings, each with what became of it", _SCREENINGS, rows),) if rows else ()


def _screening(entry: Said, later: Sequence[str]) -> tuple[str, ...]:
    said = entry.statement
    draft = "draft" if said.get("draft") is True else ""
    return (
        str(entry.number),
        safe(entry.about),
        entry.at[:19] + "Z",
        _text(said.get("verdict")),
        _text(said.get("standing")),
        _text(said.get("as_of")),
        joined((_rules(entry), draft)),
        joined(later),
    )


def _rules(entry: Said) -> str:
    rules = entry.rules
    return "" if rules is None else f"{safe(rules.name)} {safe(rules.version)}, {rules.digest[:12]}"


def _correction(entry: Said, kept: Mapping[str, bytes]) -> Section:
    """What was in the record when it was entered, beside what is said to be right."""
    of = joined((f"entry {number}" for number in entry.refers), " and ")
    facts = (
        Fact("Corrects", (of,)),
        Fact("About", (safe(entry.about),)),
        Fact("By", (_actor(entry),)),
        Fact("When", (entry.at[:19] + "Z",)),
        Fact("Reason", (safe(entry.reason),)),
    )
    data = _data(kept.get(CORRECTION))
    if not isinstance(data, list):
        return Section(f"Entry {entry.number}", texts=(f"What was before and after: {_PURGED}.",), facts=facts)
    rows = tuple(
        (_text(each.get("requirement")), _facts(each.get("before")), _facts(each.get("after")))
        for each in data
        if isinstance(each, Mapping)
    )
    table = Table(f"What entry {entry.number} corrects", ("input", "as it was entered", "as corrected"), rows)
    return Section(f"Entry {entry.number}", facts=facts, tables=(table,))


def _data(data: bytes | None) -> Any:
    try:
        return None if data is None else json.loads(data)
    except ValueError:
        return None


def _facts(data: Any) -> str:
    """Facts as a certificate writes them, in words."""
    if not isinstance(data, list) or not data:
        return "nothing"
    return "; ".join(_fact(each) for each in data)


def _fact(data: Any) -> str:
    if not isinstance(data, Mapping):
        return _text(data)
    value = "absent" if "value" not in data else _value(data["value"])
    when = _value(data["when"]).replace("@", "") if "when" in data else ""
    return joined((value, when, _text(data.get("origin"))))


def _value(data: Any) -> str:
    match data:
        case {"low": low, "high": high}:
            return _text(low) if low == high else f"{_text(low)}..{_text(high)}"
        case [[_, _], *_]:
            return " = ".join(" ".join(filter(None, map(_text, code))) for code in data)
    return _text(data)


def decisions(entries: Iterable[Seen]) -> Table:
    """Reviews and decisions: who, when, as what, and why; each of one screening."""
    rows = tuple(_decision(entry, kept) for entry, kept in entries if entry.kind in HUMAN)
    return Table("Reviews and decisions of people", _DECISIONS, rows)


def _decision(entry: Said, kept: Mapping[str, bytes]) -> tuple[str, ...]:
    said = entry.statement
    what = _text(said.get("decision"))
    if entry.kind == "reviewed":
        answers = _data(kept.get(REVIEWED))
        listed = sorted(answers.items()) if isinstance(answers, Mapping) else ()
        what = joined((f"{_text(id)}: {_text(answer)}" for id, answer in listed), "; ") or _PURGED
    draft = "draft, never for an enrolment" if said.get("draft") is True else ""
    return (
        str(entry.number),
        safe(entry.about),
        ", ".join(map(str, entry.refers)),
        entry.at[:19] + "Z",
        safe(entry.actor.name),
        safe(entry.actor.role),
        _text(said.get("meaning")),
        joined((what, draft), "; "),
        joined((_text(said.get("code")), safe(entry.reason)), ": "),
    )


# ------------------------------------------------------------------------------- every entry


def _entry(entry: Said) -> tuple[str, ...]:
    refers = f"of entry {', '.join(map(str, entry.refers))}" if entry.refers else ""
    stated = ((name.replace("_", " "), value) for name, value in sorted(entry.statement.items()) if value != "")
    said = (f"{safe(name)}: {_text(value)}" for name, value in stated)
    reason = f"reason: {safe(entry.reason)}" if entry.reason else ""
    return (
        str(entry.number),
        str(entry.kind),
        entry.at[:19] + "Z",
        _actor(entry),
        safe(entry.about),
        joined((refers, *said, _rules(entry), reason), "; "),
        f"{entry.hash}; {entry.previous}",
    )


def _actor(entry: Said) -> str:
    key = f"key {safe(entry.actor.key)}" if entry.actor.key else "unsigned"
    return joined((safe(entry.actor.name), safe(entry.actor.role), key if entry.signature else "unsigned"))


def _text(value: Any) -> str:
    """A value of a statement in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True))
