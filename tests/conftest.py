"""One option for every golden text: `pytest --bless` rewrites them, and the diff is reviewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the golden texts; the diff is reviewed")


def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool | None:
    """The tag of a requirement (`@R7`) is for `screening/requirements.toml`, and marks nothing."""
    return True if re.fullmatch(r"R[0-9]+", tag) else None
