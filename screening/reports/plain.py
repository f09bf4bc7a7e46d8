"""A determination as prose for a voice: no marks, columns or signs, nothing shortened, every list counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from screening.language.library import Criterion
from screening.outcome.determination import AlertFired, Verdict
from screening.reports import verdict as sentences
from screening.reports.account import Account, is_chosen, is_unverified
from screening.reports.ahead import ahead_sentence
from screening.reports.criterion import merged
from screening.reports.gap import Point
from screening.reports.label import called, closing_sentence, has_standing, outputs_sentence
from screening.reports.line import Line, paragraph
from screening.reports.reason import alert_points, points, until_text, word_of
from screening.reports.verdict import Sorted
from screening.reports.words import (
    DECISION_SUPPORT_FULL,
    LONG_OBTAINED,
    NO_SITE_TEXT,
    NOBODY_TOLD,
    NOT_A_JUDGEMENT,
    counted,
    grouped_digest,
    joined,
    safe,
    spelt_out,
)
from screening.values.truth import TRUE

_SIGNS = (
    (re.compile(r">= ?"), "at least "),
    (re.compile(r"<= ?"), "at most "),
    (re.compile(r"!= ?"), "other than "),
    (re.compile(r"> ?"), "more than "),
    (re.compile(r"< ?"), "less than "),
    (re.compile(r"(?<=\d)\.\.(?=-?\d)"), " to "),
    (re.compile(r" x "), " times "),
    (re.compile(r" = "), ", that is "),
    (re.compile(r"(?<=[^\d])= ?|^= ?"), "equal to "),
)
_KINDS = {
    ("inclusion", "absolute"): "inclusion",
    ("exclusion", "absolute"): "absolute exclusion",
    ("exclusion", "relative"): "relative exclusion",
}


def spoken(text: str) -> str:
    """Signs by their words, short forms by what they stand for.

    >>> spoken(">= 160 mmHg")
    'at least 160 millimetres of mercury'
    """
    for sign, word in _SIGNS:
        text = sign.sub(word, text)
    return spelt_out(text)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".;, ")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def prose(account: Account) -> list[Line]:
    """The whole determination in paragraphs."""
    found = sentences.sort(account)
    lines: list[Line] = []
    for text in _paragraphs(account, found):
        lines += paragraph(text)
    return lines


def _paragraphs(account: Account, found: Sorted) -> Iterator[str]:
    library, determination = account.library, account.determination
    title = {"draft": "DRAFT protocol", "retired": "RETIRED protocol"}.get(library.status, "Protocol")
    unfit = ", not for use in care" if title != "Protocol" else ""
    yield f"{title} {safe(library.name)}, version {safe(library.version)}{unfit}."
    yield f"Rules {grouped_digest(library.digest)}."
    if early := sentences.not_yet_sentence(library, account.as_of):
        yield f"Not yet in force: {early}."
    if missing := sentences.missing_sentence(library):
        yield f"Missing in these rules: {missing}."
    changed = sentences.changed_sentence(library)
    if changed:
        yield f"Changed for this run: {changed}."
    site = safe(account.subject.site) or "none declared"
    alerts = counted(len(determination.alerts), "alert", none="No alerts")
    yield f"Person {sentences.person_of(account)}. Site: {site}. {alerts}."
    for number, fired in enumerate(determination.alerts, 1):
        yield _alert(account, fired, f"Alert {number} of {len(determination.alerts)}.")
    yield f"Verdict: {called(account)}. {_sentence(_verdict(account, found))}"
    if has_standing(library):
        yield f"Standing: {determination.standing.value}. That does not mean eligible."
    under = sentences.verdict_sentence(account, found)
    if under:
        yield under
    told = outputs_sentence(account)
    if told:
        yield f"{counted(len(determination.outputs), 'output')}: {spoken(told)}."
    yield from _criteria(account, found)
    yield from _to_obtain(account)
    rescreen = sentences.rescreen_sentence(account, found)
    if rescreen:
        yield f"Rescreening: {rescreen}."
    if determination.verdict is Verdict.INELIGIBLE:
        yield NOT_A_JUDGEMENT
    closing = closing_sentence(account)
    if closing:
        yield closing
    yield f"Sign-off: {spoken(sentences.sign_off_sentence(library, whole=True))}."
    yield f"Assumed: {sentences.assumed_sentence(account)}."
    notices = account.subject.notices
    for number, notice in enumerate(notices, 1):
        text = joined((safe(notice.requirement), safe(notice.text), safe(notice.place)))
        yield f"Notice {number} of {len(notices)}. {_sentence(text)}"
    yield DECISION_SUPPORT_FULL
    yield from sentences.protocol_words(library)


def _verdict(account: Account, found: Sorted) -> str:
    phrase = sentences.verdict_phrase(account, found)
    match account.determination.verdict:
        case Verdict.REVIEW:
            verb = "is" if len(found.review) == 1 else "are"
            return f"No absolute bar was found. {counted(len(found.review), 'point')} {verb} to be reviewed"
        case _:
            return phrase.replace("; ", ". ")


def _alert(account: Account, fired: AlertFired, count: str) -> str:
    criterion = account.criteria[fired.criterion]
    what = criterion.alert
    seen = " ".join(_sentence(_point(p)) for p in alert_points(account, criterion, fired.facts))
    said = [f"{count} {criterion.id}.", seen or _sentence(spoken(safe(criterion.text)))]
    if what is not None:
        said += [_sentence(spoken(safe(what.text))), _sentence(spoken(safe(what.escalate)))]
    said += [] if fired.criterion in account.site_alerts else [NO_SITE_TEXT]
    said.append(NOBODY_TOLD)
    return joined(said, " ")


def _criteria(account: Account, found: Sorted) -> Iterator[str]:
    groups = (
        ("Bar", found.bars),
        ("Point", found.review),
        ("Arrangement not in place", found.not_arranged),
        ("Unknown", found.open),
        ("Met", found.met),
    )
    for name, criteria in groups:
        for number, criterion in enumerate(criteria, 1):
            yield f"{name} {number} of {len(criteria)}. {_criterion(account, criterion)}"
    counts = sentences.counts_sentence(found)
    if counts:
        yield f"In all: {counts}"


def _criterion(account: Account, criterion: Criterion) -> str:
    finding = account.findings[criterion.id]
    kind = _KINDS.get((criterion.category, criterion.strength), "arrangement")
    said = [f"{criterion.id}, {kind}, {word_of(criterion, finding)}."]
    every = merged(points(account, criterion))
    if len(every) != 1 or not every[0].limit:
        said.append(_sentence(spoken(safe(criterion.text))))
    said += [_sentence(_point(point)) for point in every]
    if is_chosen(criterion, account.library, account.expressions):
        said.append("A limit or window is a site choice.")
    if is_unverified(criterion, account.library, account.expressions):
        said.append("A limit is unverified.")
    if finding.contradicted:
        said.append("What is recorded contradicts itself.")
    if finding.truth is TRUE and criterion.until and criterion.category == "exclusion":
        said.append(_sentence(spoken(until_text(account, criterion))))
    return " ".join(said)


def _point(point: Point) -> str:
    text = joined((f"{point.label} {point.value}".strip(), point.gap, point.dated, point.passed, point.origin))
    limit = f". Limit: {spoken(point.limit)}" if point.limit else ""
    return spoken(text) + limit


def _to_obtain(account: Account) -> Iterator[str]:
    groups = sentences.to_obtain(account)
    if not groups:
        return
    yield f"To obtain: {counted(sum(group.count for group in groups), 'item')}."
    for group in groups:
        way = LONG_OBTAINED.get(group.way, group.way)
        names, count = ", ".join(map(spelt_out, group.labels)), counted(group.count, "item")
        yield _sentence(f"{way}, {count}: {names}")
    if account.ahead is not None:
        yield _sentence(spoken(ahead_sentence(account, account.ahead)))
