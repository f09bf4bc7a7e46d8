"""Debian's Chromium for tests, and a page in it of which everything is noted that a page may not do."""

from __future__ import annotations

import importlib.util
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.checkout import absent

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; where there is none the test is skipped, and in CI it fails."""
    if importlib.util.find_spec("playwright") is None:
        absent("playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or absent("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def until(page: Any, condition: str, seconds: float = 60) -> None:
    """Waits for what a page comes to say. A page that admits no script but its own lets none wait within it."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(10)


@dataclass
class Watched:
    """A page, and whatever it asked for, said on the console, or opened."""

    page: Any
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def noticed(self) -> list[str]:
        return [*self.requests, *self.console, *self.dialogs]


@contextmanager
def watched(browser: Any, file: Path, scripts: bool = True, **more: Any) -> Iterator[Watched]:
    """A file opened in a window of its own."""
    window = browser.new_context(java_script_enabled=scripts, **more)
    found = Watched(window.new_page())
    own = file.resolve().as_uri()
    found.page.on("request", lambda request: None if request.url == own else found.requests.append(request.url))
    found.page.on("console", lambda message: found.console.append(message.text))
    found.page.on("pageerror", lambda fault: found.console.append(str(fault)))
    found.page.on("dialog", lambda dialog: (found.dialogs.append(dialog.message), dialog.dismiss()))
    found.page.on("popup", lambda popup: found.dialogs.append(popup.url))
    try:
        found.page.goto(own)
        yield found
    finally:
        window.close()
