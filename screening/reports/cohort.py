"""The screen of a run over many people: the sums of records, standings and verdicts, each said to add up."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from screening.outcome.determination import Standing, Verdict
from screening.outcome.row import NOT_SCREENED
from screening.record.people import DEFECT
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.words import (
    DECISION_SUPPORT,
    counted,
    folded,
    grouped_digest,
    joined,
    safe,
    shortened,
    sided,
)

# What a count of each standing and verdict means, so that nobody reads a forecast.
MEANS = {
    Standing.RULED_OUT.value: "",
    Standing.NOT_RULED_OUT.value: "to look at; this never means eligible",
    Standing.NO_ANCHOR_EVIDENCE.value: "not every anchor is on record; not a bar",
}
_NUMBER = 29


def headed(manifest: Mapping[str, Any]) -> list[Line]:
    """Which rules, on which day, by which site's declaration, and how old the source's extract was."""
    rules, day = settings(manifest)
    return [Line(text.rstrip()) for text in (*sided(*rules), *sided(*day))]


def settings(manifest: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[str, str]]:
    """The same in pairs of words: rules and their digest, day and site."""
    protocol = manifest["protocol"]
    name = f"{safe(protocol['name'])} {safe(protocol['version'])}  {protocol['said']}"
    site = f"site: {safe(manifest['site']['name'])}" if manifest["site"] else "site: none declared"
    return (
        (name, f"rules {grouped_digest(protocol['digest'])}"),
        (f"As of {manifest['as_of']}{_extract(manifest)}", site),
    )


def _extract(manifest: Mapping[str, Any]) -> str:
    extracted = manifest["source"].get("extracted")
    if not extracted:
        return ""
    days = (datetime.date.fromisoformat(manifest["as_of"]) - datetime.date.fromisoformat(extracted)).days
    return f", {counted(days, 'day')} after the source's extract" if days > 0 else ""


def fixed_words(manifest: Mapping[str, Any]) -> list[Line]:
    """The words that stand on every screen, those of the protocol with them."""
    own = shortened(" ".join(manifest["protocol"]["words"]))
    return [line for text in (DECISION_SUPPORT, own) if text for line in paragraph(text)]


def summary(manifest: Mapping[str, Any], place: str) -> list[Line]:
    """What a run found, in counts."""
    counts = manifest["counts"]
    lines = headed(manifest)
    lines.append(_row("Records read", counts["read"]))
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in counts["rejected_by_kind"].items())
    lines.append(_row("  rejected", counts["rejected"], kinds))
    people = counts["people"]
    lines.append(_row("  people", people, f"+ {counts['rejected']:,} = {counts['read']:,}"))
    lines.append(Line(""))
    standing, verdict = counts["standing"], counts["verdict"]
    lines += _block("Standing:", {s.value: standing.get(s.value, 0) for s in Standing}, MEANS)
    lines += _block("Verdict:", {v.value: verdict.get(v.value, 0) for v in _VERDICTS}, {})
    if counts["not_screened"]:
        lines.append(_row(f"  {NOT_SCREENED}", counts["not_screened"], "in both; no verdict: see below"))
    lines.append(_row("Each adds up to", people))
    if counts["people_with_alerts"]:
        row = _row("!! Alerts", counts["people_with_alerts"], "people of any standing: see these first")
        lines.append(Line(row.text, AGAINST, 2, is_alert=True))
        lines.append(Line("  Named in people.csv, column alerts. Nobody has been told: see to it yourself."))
    else:
        lines.append(_row("Alerts", 0))
    lines += [*_not_screened(counts), *_not_read(counts["rejected_by_kind"])]
    if manifest["source"]["changed"]:
        lines += _warning("The source was changed while it was read; run this again.")
    held = counts["held_against_the_whole_path"]
    lines.append(Line(""))
    lines += paragraph(
        f"Held against chaining, law and verifier: {held:,} of {people:,} people"
        f"{', everybody' if held == people else ''}."
    )
    lines += _in_columns(manifest["run"].get("columns"))
    lines += paragraph(f"Written: {safe(place)}. Next: screening worklist, screening funnel.")
    return [*lines, Line(""), *fixed_words(manifest)]


def _in_columns(columns: Mapping[str, Any] | None) -> list[Line]:
    """How many people were screened where their tables are."""
    if columns is None:
        return []
    if "disagreed" in columns:
        text = f"Columns were not believed ({safe(columns['disagreed'])}); everybody was screened one by one."
        return _warning(text)
    if "failed" in columns:
        where = safe(columns["failed"])
        text = f"A fault in this program: columns failed ({where}). Everybody was screened one by one instead."
        return _warning(text)
    alone, people = columns["one_by_one"], columns["people"]
    text = f"In columns by {columns['engine']}: {people - alone:,} of {people:,} people"
    more = f"; {alone:,} one by one, of whom columns do not say everything" if alone else ", everybody"
    return paragraph(f"{text}{more}.")


_VERDICTS = (Verdict.INELIGIBLE, Verdict.UNDETERMINED, Verdict.REVIEW, Verdict.ELIGIBLE)


def _block(title: str, counts: Mapping[str, int], means: Mapping[str, str]) -> list[Line]:
    """A title before the first of its counts, the others below it."""
    lines = []
    for position, (word, number) in enumerate(counts.items()):
        head = f"{title} {word}" if position == 0 else f"  {word}"
        lines.append(_row(head, number, means.get(word, "")))
    return lines


def _row(head: str, number: int, after: str = "") -> Line:
    text = f"{head}{number:>{max(1, _NUMBER - len(head))},}"
    return Line(
        folded(joined((text, after), "  "), rest=" " * (_NUMBER + 2))[0] if not after else f"{text}  {after}"
    )


def _not_screened(counts: Mapping[str, Any]) -> list[Line]:
    if not counts["not_screened"]:
        return []
    every = ((safe(each["id"]), safe(each["place"])) for each in counts["not_screened_named"])
    named = ", ".join(f"{id} ({place})" if place else id for id, place in every)
    left = counts["not_screened"] - len(counts["not_screened_named"])
    more = f", {left:,} more" if left else ""
    text = (
        f"NOT SCREENED, {counts['not_screened']:,}: a fault in this program, not in the record. Conclude nothing "
        f"about them, their alerts were not evaluated either: {named}{more}."
    )
    return _warning(text)


def _not_read(rejected: Mapping[str, int]) -> list[Line]:
    """The records at which this program failed, which are counted among the rejected ones."""
    if not rejected.get(DEFECT):
        return []
    return _warning(
        f"NOT READ, {counted(rejected[DEFECT], 'record')}: a fault in this program, not in the record. Conclude "
        "nothing about them; rejected.csv says which, and where in the program it was."
    )


def _warning(text: str) -> list[Line]:
    shown = folded(text, "? ", "  ")
    return [Line(shown[0], OPEN, 1), *(Line(each) for each in shown[1:])]
