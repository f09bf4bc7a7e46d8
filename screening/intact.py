"""Whether a ledger holds: its entries, their contents, and the rule files that it keeps by digest."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import screening
from screening.errors import LedgerError, ScreeningError
from screening.ledger.entry import Kind
from screening.ledger.lines import Export
from screening.ledger.rules import unpack
from screening.ledger.store import Ledger
from screening.ledger.verify import Fault, Seen, Verified, verify

if TYPE_CHECKING:
    from screening.reports.line import Line


def verified(path: Path, heads: Sequence[str] = (), seen: Seen | None = None) -> Verified:
    """What is found in a ledger or its export; `seen` gets each entry that holds, in order.

    Raises LedgerError where it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            if file.read(6) == b"SQLite":
                opened = Ledger.open(path, screening.__version__, is_read_only=True)
                try:
                    return of_ledger(opened, heads, seen)
                finally:
                    opened.close()
            file.seek(0)
            lines = Export(file)
            return verify(lines.texts(), lines.contents_of, lines.count_contents, heads, seen)
    except OSError as fault:
        raise LedgerError(f"{path} cannot be read: {(fault.strerror or 'an error').lower()}") from None


def of_ledger(ledger: Ledger, heads: Sequence[str] = (), seen: Seen | None = None) -> Verified:
    """The same of a ledger that is open; the rule files it keeps are held against their digests as well."""
    found = ledger.verified(heads, seen)
    return found if not found.is_whole else replace(found, fault=_of_rules(ledger))


def _of_rules(ledger: Ledger) -> Fault | None:
    """The first rules that are not what entries name, or are not kept any more."""
    named = ledger.rules_named()
    for digest, (number, name) in named.items():
        with tempfile.TemporaryDirectory(prefix="screening-rules-") as folder:
            place = Path(folder)
            try:
                files = unpack(ledger, digest, place)
                why = _unlike(files, name, digest, place)
            except ScreeningError:
                why = "the rule files kept for it cannot be read"
        if why:
            return Fault(number, why)
    return None


def _unlike(files: Sequence[str], name: str, digest: str, place: Path) -> str:
    """In what kept rule files are not those of a digest; empty if in nothing.

    The digest is that of bytes, so that files are held against it that a later release may not be able to read.
    """
    from screening.reading.digest import stamps
    from screening.reading.load import load

    if not files:
        return "the rule files that it rests on are not kept any more"
    found = {stamp.name: stamp for stamp in stamps([place])}
    if name not in found or found[name].digest != digest:
        # A file whose head is written in an unusual way is read as a whole.
        if f"{name}.yaml" not in files or load(name, [place]).digest != digest:
            return "the rule files kept for it are not those of its digest"
        return ""
    reached, left = set[str](), [name]
    while left:
        each = left.pop()
        if each not in reached and each in found:
            reached.add(each)
            left += found[each].includes
    strays = {Path(each).stem for each in files} - reached
    return "a rule file is kept with those of its digest that is none of them" if strays else ""


def told_verification(path: Path, heads: Sequence[str] = ()) -> tuple[list[Line], bool]:
    """Whether a ledger, or its export, holds; in lines for people, and as yes or no."""
    from screening.reports import ledger as report

    found = verified(path, heads)
    return report.verified(found), found.is_whole


def told_status(ledger: Ledger) -> tuple[list[Line], bool]:
    """A ledger at a glance, and whether it holds."""
    from screening.reports import ledger as report

    found = of_ledger(ledger)
    kinds: Counter[str] = Counter()
    drafts = 0
    if found.is_whole:
        for entry in ledger.entries():
            kinds[str(entry.kind)] += 1
            drafts += entry.statement.get("draft") is True
    ordered = {str(kind): kinds[str(kind)] for kind in Kind if kinds[str(kind)]}
    return report.status(found, ordered, drafts), found.is_whole
