"""What a run over many people left: its manifest and its rows, read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screening.errors import UnreadableRecord
from screening.outcome.row import FORMAT, Row, row_from

DATA, MANIFEST, PARQUET = "people.ndjson", "manifest.json", "people.parquet"


def is_run(folder: Path) -> bool:
    """Whether a path is the folder of a run."""
    return folder.is_dir() and (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises UnreadableRecord where the folder holds none, or one of another release."""
    named = "".join(c if c.isprintable() else "?" for c in str(folder)[:200])
    if not is_run(folder):
        raise UnreadableRecord(f"`{named}` holds no `{MANIFEST}`; it is made by `screening cohort --out`")
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        if data["cohort"] == FORMAT:
            return dict(data)
    except (ValueError, KeyError, TypeError):
        pass
    raise UnreadableRecord(f"the manifest of `{named}` is broken, or was written by another release")


def rows(folder: Path) -> Iterator[Row]:
    """The people of a run, in the order of its source. Raises UnreadableRecord at a broken line."""
    with open(folder / DATA, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                yield row_from(json.loads(text))
            except (ValueError, KeyError, TypeError):
                raise UnreadableRecord(
                    f"line {number} of `{DATA}` is broken; run `screening cohort` again"
                ) from None


def row_of(folder: Path, id: str) -> Row:
    """The row of one person. Raises UnreadableRecord where there is none of that id."""
    for row in rows(folder):
        if row.id == id:
            return row
    raise UnreadableRecord("no row of that id; it is in `rejected.csv`, or not in the source")
