"""The manifest of a run over many people: with which rules, of which source, on which day, and what came of it.

Everything but `run` follows from source, rules and options. Worklist, funnel and log read the manifest instead of
the rules, so that a folder says what it said on its day, whatever has become of the rule files.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from screening.language.library import Library
from screening.outcome.row import FORMAT
from screening.reports.account import is_chosen
from screening.reports.criterion import title_of
from screening.reports.log import SCREENED
from screening.reports.measure import label_of
from screening.reports.verdict import protocol_words, status_of
from screening.reports.words import safe

# No title of a criterion is longer.
_WHOLE = 2000


def manifest(
    library: Library,
    as_of: datetime.date,
    source: Mapping[str, Any],
    site: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """What is known before the first person is screened; `counts` and `run` are filled in at the end."""
    expressions = dict(library.order)
    return {
        "cohort": FORMAT,
        "protocol": {
            "name": library.name,
            "version": library.version,
            "status": library.status,
            "said": status_of(library),
            "digest": library.digest,
            "includes": [{"name": i.name, "version": i.version, "digest": i.digest} for i in library.includes],
            "anchors": list(library.anchors),
            "words": [safe(words) for words in protocol_words(library)],
        },
        "parameters": [{"name": p.name, "value": p.written, "origin": p.origin} for p in library.parameters],
        "as_of": as_of.isoformat(),
        "site": dict(site) if site is not None else None,
        "source": dict(source),
        "options": dict(options),
        "versions": dict(versions),
        "screened": SCREENED,
        "criteria": [
            {
                "id": c.id,
                "category": c.category,
                "strength": c.strength,
                "text": title_of(c, _WHOLE),
                "site_choice": is_chosen(c, library, expressions),
            }
            for c in library.criteria
        ],
        "requirements": [{"name": r.name, "label": label_of(r), "obtain": r.obtain} for r in library.requirements],
    }


def settings_that_differ(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """In what two runs differ, apart from their people: the words for a sentence."""
    found: Sequence[tuple[str, Any, Any]] = (
        ("the protocol", a["protocol"]["name"], b["protocol"]["name"]),
        ("the rules", a["protocol"]["digest"], b["protocol"]["digest"]),
        ("parameters", a["parameters"], b["parameters"]),
        ("the site declaration", a["site"], b["site"]),
    )
    return [word for word, one, other in found if one != other]
