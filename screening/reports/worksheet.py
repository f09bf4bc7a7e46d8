"""`screening worksheet`: every criterion of one person with value, date and source, to be signed by hand.

The program's verdict and the physician's decision are two boxes; nothing of it is filled in for anybody.
"""

from __future__ import annotations

from screening.language.library import Criterion
from screening.outcome.determination import NOT_APPLICABLE, Finding
from screening.reports.account import Account
from screening.reports.criterion import marks_of, merged, said, title_of
from screening.reports.line import Line, paragraph
from screening.reports.page import Fact, Page, Section, Table
from screening.reports.reason import points, word_of
from screening.reports.verdict import sort, status_of, verdict_phrase
from screening.reports.words import DECISION_SUPPORT_FULL, WIDTH, joined, safe

_MARGIN = 13
_LINE = "______________"
_NOT_RECORDED = "not recorded: __________"
_LONG = 400
_COLUMNS = ("criterion, limit", "value, date, source", "checked, date")
_GROUPS = (("Inclusion criteria", "inclusion"), ("Exclusion criteria", "exclusion"))


def worksheet(account: Account, certificate: str) -> Page:
    """The worksheet of one screening; `certificate` is its digest."""
    library = account.library
    found = account.determination
    facts = (
        Fact("Participant", (safe(account.subject.id),)),
        Fact("As of", (account.as_of.isoformat(),)),
        Fact("Rules", (f"{library.name} {library.version}, {library.digest}",)),
        Fact("Certificate", (certificate,)),
    )
    criteria = dict(zip((f.id for f in found.findings), found.findings, strict=True))
    sections = [
        Section(name, tables=(Table(name, _COLUMNS, rows),))
        for name, category in _GROUPS
        if (rows := tuple(_row(account, c, criteria[c.id]) for c in library.criteria if _is_of(c, category)))
    ]
    sections.append(
        Section(
            "Decision",
            texts=(
                f"Program: {found.label}, {verdict_phrase(account, sort(account))}",
                "The physician decides, and is accountable.",
            ),
            items=(
                "Physician: [ ] may enter   [ ] may not enter   [ ] more needed",
                f"Printed name {_LINE}{_LINE}   Role {_LINE}",
                f"Signed {_LINE}{_LINE}   Date and time (UTC) {_LINE}",
            ),
        )
    )
    title = f"Eligibility worksheet of {safe(account.subject.id)}"
    return Page(
        title,
        f"{status_of(library)}. {title}, as of {account.as_of.isoformat()}",
        facts,
        tuple(sections),
        (
            DECISION_SUPPORT_FULL,
            *library.fixed_words,
        ),
    )


def _is_of(criterion: Criterion, category: str) -> bool:
    return criterion.category == category


def _row(account: Account, criterion: Criterion, finding: Finding) -> tuple[str, str, str]:
    limit = f"{criterion.id} {title_of(criterion, _LONG)}{marks_of(account, criterion)}"
    if finding.shown == NOT_APPLICABLE:
        return limit, "not applicable", _LINE
    found = [said(point, provenance=True) for point in merged(points(account, criterion))]
    state = _NOT_RECORDED if finding.open and not found else word_of(criterion, finding)
    still = f"still {_NOT_RECORDED}" if finding.open and found else ""
    return limit, joined((joined((state, "; ".join(found)), ": "), still), "; "), _LINE


def lines(page: Page) -> list[Line]:
    """A worksheet for a terminal or a plain printer, 80 columns wide: each criterion with a line to sign."""
    made = [Line(page.status), Line("")]
    for fact in page.facts:
        made += paragraph(fact.texts[0], f"{fact.name:<{_MARGIN}}", " " * _MARGIN)
    for section in page.sections:
        made += [Line(""), Line(section.title), Line("-" * WIDTH)]
        for text in (*section.texts, *section.items):
            made += paragraph(text)
        for table in section.tables:
            for limit, value, blank in table.rows:
                id, _, title = limit.partition(" ")
                made += paragraph(title, f"{id:<{_MARGIN}}", " " * _MARGIN)
                made += paragraph(value, " " * _MARGIN, " " * _MARGIN)
                made += [Line(f"{' ' * _MARGIN}checked {blank}  date {blank}"), Line("")]
    return [*made, Line(""), *(line for text in page.footer for line in paragraph(text))]
