"""Every semantic case in columns: Polars and DuckDB make of it what the law makes, or they leave it to the law.

An answer that is no criterion becomes some: a truth itself, a number held against both of its ends.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening.columns import InPolars, InWarehouse
from screening.errors import UnsupportedError
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.language.types import NUMBERS, ORDERED, Type
from screening.outcome.determination import determine
from screening.outcome.row import cells, columns, row_of
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from tests.agree import cohorts
from tests.corpus.cases import Instance, instances, profile, rule_file

INSTANCES = [i for i in instances() if not (isinstance(i.expect, dict) and {"exit", "error"} & i.expect.keys())]
LAWS_ALONE = "anchor_evidence"


def _criteria(instance: Instance, type: Type) -> list[dict[str, Any]]:
    """The answer of a case as criteria; one that is open is held against any limit."""
    bounds, unit = instance.expect if isinstance(instance.expect, dict) else {}, type.unit
    ends = [bounds[end] for end in ("low", "high") if bounds.get(end) is not None]
    if type.name in ORDERED and not ends:
        ends = ["1"] if type.name in NUMBERS else ["2026-01-01"]
    written = [f"@{end}" if end.count("-") == 2 else f"{end} '{unit}'" if unit else end for end in ends]
    asked = [f"Answer {sign} {end}" for end in written for sign in (">=", ">", "<=", "<")] or ["Answer"]
    made = {"category": "inclusion", "text": "a case", "source": {"report": "the case"}}
    return [{**made, "id": f"INC{n:02}", "expression": each} for n, each in enumerate(asked, 1)]


def _loaded(instance: Instance, folder: Path) -> Library:
    inner, outer = rule_file(instance)

    def made() -> Library:
        for content in filter(None, (inner, outer)):
            path = folder / f"{content['library']}.yaml"
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")
        return load(folder / f"{(outer or inner)['library']}.yaml", [folder])

    found = made()
    answer = next((each for each in found.definitions if each.name == "Answer"), None)
    if answer is None:
        return found
    inner["criteria"] = _criteria(instance, answer.type)
    return made()


def _told(library: Library, subject: Subject, instance: Instance) -> dict[str, str]:
    ids = tuple(criterion.id for criterion in library.criteria)
    trace = Law(library).trace(subject, instance.as_of)
    row = row_of(library, subject.as_of(instance.as_of), trace, determine(library, trace))
    found = dict(zip(columns(ids), cells(replace(row, evidence=()), ids), strict=True))
    return {name: cell for name, cell in found.items() if name != LAWS_ALONE}


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda i: i.id)
@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
def test_case_in_columns(instance: Instance, engine: str, tmp_path: Path) -> None:
    library = _loaded(instance, tmp_path)
    subject = read_profile(json.dumps(profile(instance)).encode(), library, name="case.yaml")
    tables = cohorts.write(library, [subject], tmp_path / "tables")
    query: InPolars | InWarehouse
    try:
        if engine == "polars":
            query = InPolars(library, tables, instance.as_of)
        else:
            query = InWarehouse(library, tables, instance.as_of, engine)
    except UnsupportedError:
        return  # a gap that is declared: everybody is screened one by one
    query.write(tmp_path / "rows.parquet")
    (row,) = pl.read_parquet(tmp_path / "rows.parquet").iter_rows(named=True)
    told = _told(library, subject, instance)
    assert row["odd"] or {name: row[name] for name in told} == told
