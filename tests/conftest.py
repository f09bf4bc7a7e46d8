"""One option for every golden text: `pytest --bless` rewrites them, and the diff is reviewed."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite the golden texts; the diff is reviewed")
