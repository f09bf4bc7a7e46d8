"""A page on which anybody checks a bundle by the second verifier, without this program and without a network."""

from __future__ import annotations

from screening.reports.html import filled, packaged
from screening.reports.words import DECISION_SUPPORT_FULL

TITLE = "Check a certificate"
PRIVACY = (
    "What is dropped or pasted here stays in this window: the page asks for nothing from outside and "
    "sends nothing anywhere. Whoever gave you this page can tell its SHA-256 digest; compare it before "
    "you rely on the page."
)


def verifier_page(verifier: str) -> str:
    """The page as one file; `verifier` is the text of the second verifier."""
    return filled(
        "verifier.html",
        {"title": TITLE, "footer": (DECISION_SUPPORT_FULL, PRIVACY)},
        "Second verifier, for reading and checking alone",
        styles=("page.css", "report.css"),
        scripts=[verifier, packaged("seal.js"), packaged("checking.js")],
    )
