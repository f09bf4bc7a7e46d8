"""`screening log`, `sign` and `replay`: what was entered, whether a ledger holds, and what it cannot show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from screening.reports.account import Account
from screening.reports.criterion import wording
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.words import AGAINST as AGAINST_MARK
from screening.reports.words import DECISION_SUPPORT, MET, counted, joined, safe

_COLUMN, _FEW = 13, 4
NOT_SHOWN = "that what was typed is true, or who sat at the keyboard"
NO_HEAD = "that nothing was cut off at its end: no head kept elsewhere was given"
_DRAFT = "DRAFT entry: it can never support an enrolment."
UNSIGNED = "people have no keys of their own here: this ledger cannot tell who typed"


class Entered(Protocol):
    """An entry, as far as it is shown."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def statement(self) -> Mapping[str, Any]: ...
    @property
    def hash(self) -> str: ...


class Fault(Protocol):
    """The first thing that does not hold."""

    @property
    def number(self) -> int: ...
    @property
    def why(self) -> str: ...
    @property
    def entered_by(self) -> str: ...


class Verified(Protocol):
    """What was found when a ledger was verified."""

    @property
    def entries(self) -> int: ...
    @property
    def first_at(self) -> str: ...
    @property
    def last_at(self) -> str: ...
    @property
    def head(self) -> str: ...
    @property
    def signed(self) -> int: ...
    @property
    def keys(self) -> int: ...
    @property
    def has_personal_keys(self) -> bool: ...
    @property
    def purged(self) -> int: ...
    @property
    def expected(self) -> Sequence[tuple[str, int]]: ...
    @property
    def fault(self) -> Fault | None: ...


class Replayed(Protocol):
    """A screening done again."""

    @property
    def number(self) -> int: ...
    @property
    def about(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def criteria(self) -> tuple[str, ...]: ...


def short(digest: str) -> str:
    """A digest for the eye: its first and last four digits."""
    return f"{digest[:4]}...{digest[-4:]}"


def entered(entries: Iterable[Entered]) -> list[Line]:
    """What was entered, and the head to keep elsewhere."""
    lines: list[Line] = []
    head = ""
    for entry in entries:
        if entry.statement.get("draft") is True and not lines:
            lines.append(Line(_DRAFT))
        said = joined((str(entry.kind), entry.about, str(entry.statement.get("verdict", ""))), "  ")
        lines += row(f"entry {entry.number}", f"{said}  {entry.at[:19]}Z")
        head = entry.hash
    return [
        *lines,
        *row("Head", head),
        Line("  Keep the head elsewhere: it shows later whether anything was cut off or rewritten."),
    ]


def row(name: str, text: str, mark: str = " ") -> list[Line]:
    """What is said under a name, folded beside it; whatever of it somebody typed moves no cursor."""
    return paragraph(safe(text), f"{mark} {name:<{_COLUMN - 2}}", " " * _COLUMN)


def verified(found: Verified) -> list[Line]:
    """Whether a ledger holds; the first place where it does not."""
    if found.fault is not None:
        return _refused(found, found.fault)
    days = f"{found.first_at[:10]} to {found.last_at[:10]}"
    whole = f"{MET} {'WHOLE':<{_COLUMN - 2}}"
    lines = paragraph(
        f"{counted(found.entries, 'entry', 'entries')}, {days}; every link holds", whole, " " * _COLUMN
    )
    equal = [f"the head {short(h)} that you gave is entry {n:,}" for h, n in found.expected]
    lines += row("Head", joined((short(found.head), *equal), "; "))
    if found.has_personal_keys:
        signed = (
            f"{counted(found.signed, 'entry', 'entries')} by {counted(found.keys, 'key')}; every signature fits"
        )
        lines += row("Signed", signed)
    else:
        lines += row("Signed", f"nothing; {UNSIGNED}")
    if found.purged:
        lines += row("Purged", f"{counted(found.purged, 'content')}, each with a reason; the digests are kept")
    lines += row("Not shown", joined((NOT_SHOWN, "" if found.expected else NO_HEAD), "; "))
    return lines


def _refused(found: Verified, fault: Fault) -> list[Line]:
    what = f"entry {fault.number}: {fault.why}" if fault.number else fault.why
    missing = [f"your head {short(head)} is not in it" for head, number in found.expected if not number]
    text = joined((what, *([] if not fault.number else missing)), "; ")
    mark = f"{AGAINST_MARK} {'NOT WHOLE':<{_COLUMN - 2}}"
    first, *rest = paragraph(safe(text), mark, " " * _COLUMN)
    lines = [Line(first.text, AGAINST, 1, (2, 11)), *rest]
    if fault.number > 1:
        before = f"Entries 1 to {fault.number - 1:,} hold among themselves."
        lines.append(Line(f"  {before} Rely on nothing from {fault.number:,} on."))
    if fault.entered_by:
        # Altered it was not: its bytes, its link and its signature are those that it was entered with.
        return lines + paragraph(
            f"Its contents, link and signature hold. The program that entered it ({safe(fault.entered_by)}) had "
            "no such rule yet, or it was written past the program; every rule is of older entries too. Keep this "
            "file as it is, with the program that wrote it, and go on in a new ledger.",
            "  ",
            "  ",
        )
    lines.append(Line("  Keep this file as it is and compare it with another copy."))
    return lines


def status(found: Verified, kinds: Mapping[str, int], drafts: int) -> list[Line]:
    """A ledger at a glance."""
    lines = verified(found)
    for kind, number in kinds.items():
        lines += row(f"{number:>9,}", kind)
    if drafts:
        lines += row("Drafts", f"{counted(drafts, 'entry', 'entries')} under rules that nobody had approved")
    return lines


def replayed(done: Sequence[Replayed], protocol: str = "") -> list[Line]:
    """Screenings done again: how many are the same byte for byte; each that is not."""
    tally = Counter(each.outcome for each in done)
    of = f" under {protocol} as it is now" if protocol else ", byte for byte"
    lines = row("Replayed", f"{counted(len(done), 'screening')}; {tally['same']:,} the same{of}")
    words = {
        "made otherwise": "the same but for the version of the program, or the engine, that made them",
        "purged": "cannot be replayed: what they were made from was purged, by an entry that says why",
    }
    for outcome, text in words.items():
        if tally[outcome]:
            lines += row(f"{tally[outcome]:,}", text)
    for form, number in Counter(safe(each.before) for each in done if each.outcome == "another form").items():
        text = f"{form}: byte for byte only by that version; what both forms hold is the same"
        lines += row(f"{number:,}", text)
    for each in done:
        what = ""
        match each.outcome:
            case "drift":
                what = joined((safe(each.before), f"drifts at {each.place}"), "; ")
            case "lost":
                what = "lost: what it was made from is not there, and no entry says why"
            case "not screened":
                what = f"not screened: {each.place}"
            case "changed":
                verdicts = each.before if each.before == each.after else f"{each.before} -> {each.after}"
                what = joined((verdicts, ", ".join(each.criteria)), ": ")
        if what:
            lines += row(f"entry {each.number}", f"{each.about}  {what}", AGAINST_MARK)
    if protocol and tally["changed"]:
        lines.append(Line("  This is a list of whom to screen again; no verdict in the ledger has changed."))
    return lines


def refusal(verdict: str, criteria: Sequence[str], missing: int) -> list[Line]:
    """Why nobody can sign a person in: a bar that is absolute, or what nobody knows."""
    named = joined(criteria, " and ") if len(criteria) < _FEW else counted(len(criteria), "criterion", "criteria")
    verb = "is" if len(criteria) == 1 else "are"
    if verdict == "INELIGIBLE":
        why = f"{named} {verb} absolute and cannot be signed away"
    else:
        why = f"{counted(missing, 'item')} {'is' if missing == 1 else 'are'} not known, and cannot be signed away"
    text = f"Refused: {why}. Correct the data with a reason (screening log correct), or the protocol is amended."
    return [*paragraph(text), *paragraph(DECISION_SUPPORT)]


def to_sign(account: Account, certificate: str, is_draft: bool) -> list[Line]:
    """What is signed: under which certificate, and what a signature does not do."""
    lines = paragraph(_DRAFT) if is_draft else []
    lines += row("Certificate", certificate)
    verdict = account.determination.label
    return [*lines, *paragraph(f"Your decision is kept beside the verdict {verdict} and does not change it.")]


def question(account: Account, id: str, number: int, of: int) -> list[Line]:
    """One criterion that somebody has to review."""
    criterion = account.criteria[id]
    said = wording(account, criterion, provenance=True).full(4)
    return paragraph(said, f"{number} of {of}  {id:<8}", " " * 16)


def not_answered(ids: Sequence[str]) -> list[Line]:
    """Which criteria a review still has to answer, and how."""
    each = ", ".join(f"--review {id}=accept" for id in ids)
    return paragraph(f"Nothing was entered: say of each criterion accept, refuse or more: {each}")
