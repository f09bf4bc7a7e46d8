"""Which release of the chaining engine is installed, without reading the metadata of every package for it."""

from __future__ import annotations

import os
import sys


def installed(expected: str) -> str:
    """The installed release of durable-rules, empty where there is none; quickly, if it is the expected one."""
    # An installer puts a folder beside the extension and names it by the release. `importlib.metadata`, which
    # knows every other way in which something can be installed, takes 12 ms before it has looked.
    extension = getattr(sys.modules.get("durable_rules_engine"), "__file__", None)
    if extension:
        folder = os.path.join(os.path.dirname(extension), f"durable_rules-{expected}.dist-info")
        if os.path.isfile(os.path.join(folder, "METADATA")):
            return expected
    import importlib.metadata

    try:
        return importlib.metadata.version("durable-rules")
    except importlib.metadata.PackageNotFoundError:
        return ""
