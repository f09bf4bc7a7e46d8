"""Every row of the ketamine safety catalogue is held to a worked case, so that none is there by its text alone."""

from __future__ import annotations

from pathlib import Path

import yaml

from screening import screen

RULES = Path(__file__).parents[2] / "rules"
WANTED = {"exclusion": {"TRUE"}, "inclusion": {"FALSE", "UNKNOWN"}}


def expected() -> dict[str, set[str]]:
    """What the worked cases of the ketamine files expect of each criterion."""
    found: dict[str, set[str]] = {}
    for path in sorted(RULES.glob("ketamine-*.cases.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]:
            for id, truth in case["expect"].get("criteria", {}).items():
                found.setdefault(id, set()).add(truth)
    return found


def test_every_row_is_present_or_lacking_in_a_case() -> None:
    """Each exclusion is met once, and each arrangement is lacking once."""
    seen = expected()
    criteria = screen.load_library("ketamine-safety").criteria
    assert [c.id for c in criteria if not WANTED[c.category] & seen.get(c.id, set())] == []
