"""durable-rules by its own driver, in this process or, where it may crash or hang, in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from screening.interpreters.network import TESTED_VERSION, available, engine_version

HEAD = """
import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import durable_rules_engine as C
from durable import engine
class H(engine.Host):
    def _run(self): pass
LOG = []
def rule(*ante, name='x', kind='all'): return {kind: list(ante), 'run': lambda c: LOG.append(name)}
def host(rules): h = H(); h.register_rulesets({'r': rules}); return h
"""


def require_engine() -> None:
    """Without the extension there is nothing to test, save in CI, where it must not be missing."""
    if not available():
        reason = f"durable-rules {TESTED_VERSION} cannot be imported (found: {engine_version() or 'none'})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


class Driven:
    """A ruleset of one's own, with a log of what fired."""

    def __init__(self, rules: dict[str, dict[str, Any]]) -> None:
        self.engine: Any = pytest.importorskip("durable.engine")
        self.extension: Any = pytest.importorskip("durable_rules_engine")
        self.log: list[str] = []
        # ENGINE: a default host starts two chains of timers, which keep it alive for ever.
        self.host = type("QuietHost", (self.engine.Host,), {"_run": lambda self: None})()
        for name, rule in rules.items():
            rule.setdefault("run", self.noting(name))
        self.host.register_rulesets({"r": rules})
        self.handle = self.host.get_ruleset("r")._handle

    def noting(self, name: str) -> Callable[[Any], None]:
        def run(closure: Any) -> None:
            self.log.append(name)

        return run

    def tell(self, **fact: object) -> Any:
        return self.host.assert_fact("r", {"sid": "p", **fact})

    def facts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.host.get_facts("r", "p")
        return found


def every(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": [{f"m{place}": condition} for place, condition in enumerate(conditions)]}


def child(body: str, seconds: float = 20, **environment: str) -> int | None:
    """The exit status of a program of its own, or None if it has not ended in time."""
    try:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", HEAD + textwrap.dedent(body)],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def died(status: int | None) -> bool:
    """Ended by a signal: a fault in C, not an exception."""
    return status is not None and status < 0
