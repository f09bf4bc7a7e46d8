"""Whether anything changed since a source was prepared, found without reading a byte of it.

What a run saw of its files (`output.seen`) is kept beside its result: of the source, of every rule file, of this
very program, and of the result. While all of it stands there as it did, and the call is the same, the result is
what another run would make. Where that cannot be relied on, contents are compared.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import screening
from screening.output import seen
from screening.output.folder import files_of, write_private
from screening.output.parts import SEEN, beside, tidied
from screening.record.people import failures as failures
from screening.reports import line, preparation

_FORM = "screening-seen-1"
_MANIFEST = "manifest.json"
_RULES = (".yaml", ".yml")
_PROGRAM = (".py", ".lark", ".html", ".css")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its words as they were given, the source, files that it names, and the folders of rules."""

    words: tuple[object, ...]
    source: str
    files: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A result that stands: the manifest in it."""

    manifest: dict[str, Any]

    def text(self, place: str) -> str:
        """What `screening prepare` says of it."""
        return line.plain_text(preparation.summary(self.manifest, 0, 0, True, place, by_contents=False))


def asked(
    words: Sequence[object], source: str, files: Sequence[str], rules: Sequence[str], protocols: Sequence[str]
) -> Asked:
    """A call, as what it rests on. Names of files are read from the folder that it is made in."""
    here = os.getcwd()
    own = os.path.dirname(os.path.abspath(screening.__file__))
    shipped = [os.path.join(own, "rules"), os.path.join(os.path.dirname(own), "rules")]
    folders = [*rules, *shipped]
    # A protocol that is named by its file has others beside it.
    by_path = [name for name in protocols if name.endswith(_RULES) or os.path.dirname(name)]
    folders += [os.path.dirname(name) or "." for name in by_path]
    said = (screening.__version__, here, source, *words, tuple(protocols))
    return Asked(said, source, (*files, *by_path), tuple(folders))


def inputs(call: Asked) -> seen.Look | None:
    """Everything that a result rests on, as it stands there; None of a source that is no file."""
    source = files_of(call.source)
    if source is None:
        return None
    own = os.path.dirname(os.path.abspath(screening.__file__))
    looks = [
        seen.look([str(source), *call.files]),
        seen.look(call.rules, _RULES, is_deep=False),
        seen.look([own], _PROGRAM),
    ]
    words = json.dumps([_FORM, list(call.words), [one.digest for one in looks]])
    # No name of a folder or a file is kept.
    return seen.Look(hashlib.sha256(words.encode()).hexdigest(), all(one.is_settled for one in looks))


def unchanged(call: Asked, out: Path) -> Unchanged | None:
    """What stands in a folder, if it was made by the same call of the same files, and is as it was written."""
    try:
        kept = json.loads((beside(out) / SEEN).read_bytes())
        is_same = isinstance(kept, dict) and kept.get("result") == seen.look([str(out)]).digest
        found = inputs(call) if is_same else None
        if found is None or kept.get("inputs") != found.digest:
            return None
        made = json.loads((out / _MANIFEST).read_bytes())
        if failures(made["counts"]["rejected_by_kind"]):
            # Who is missing by a fault of this program is looked for again.
            return None
        tidied(out)
        return Unchanged(made)
    except (OSError, ValueError, LookupError):
        return None


def remember(out: Path, before: seen.Look | None, made: Mapping[str, Any]) -> None:
    """Keeps what was seen before a result was made, and the result, whose manifest is `made`.

    Nothing is kept where that cannot be relied on, or where another run has put its own result there meanwhile.
    """
    folder = beside(out)
    if before is None or not before.is_settled or not folder.is_dir():
        return
    try:
        if seen.passed(folder, out):
            told = {"form": _FORM, "inputs": before.digest, "result": seen.look([str(out)]).digest}
            # INVARIANT: after the look, so that what was looked at is this very result.
            if json.loads((out / _MANIFEST).read_bytes()) != json.loads(json.dumps(made)):
                return
            write_private(folder / SEEN, json.dumps(told) + "\n")
    except (OSError, ValueError):
        # It only spares work.
        return
