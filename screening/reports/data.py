"""A certificate, a record or diagnostics as JSON or YAML text: the same data, nothing left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from screening.errors import Diagnostic


def as_json(data: Any) -> str:
    """One JSON document, indented by 2, ASCII only so that any console prints it."""
    return json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False)


def as_yaml(data: Any) -> str:
    """The same data as YAML; text that looks like a number or a truth stays text."""
    import yaml

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=False, width=10**6)).rstrip("\n")


def diagnostics_data(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostics as data; what is empty is left out, but for the place."""
    found = []
    for each in diagnostics:
        span = {"file": each.span.file, "line": each.span.line, "column": each.span.column}
        more = {"excerpt": each.excerpt, "criterion": each.criterion, "why": each.why, "help": each.help}
        found.append(
            {
                **{key: value for key, value in span.items() if value},
                "length": each.span.length,
                "severity": each.severity,
                "kind": each.kind.__name__,
                "message": each.message,
                **{key: value for key, value in more.items() if value},
            }
        )
    return found
