"""openfisca-core over the cohort: the shared protocol for it, its inputs as arrays out of the Parquet files.

The shared script reads people as JSON; nobody would load a million of them so. Here columns go from Parquet to
numpy without a Python object a value, the best that can be done for it, and the results are written as Parquet.
People go through in batches of 20,000, the size at which the shared figures of it were taken.
"""

from __future__ import annotations

import datetime
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import people
from tests.bench.run import SHARED

BATCH = 20_000
CUT = datetime.date(2026, 5, 22)
NUMBERS = ("sbp", "dbp", "wpi", "sss", "pain_regions", "symptom_months", "cdai", "das28_crp", "pain_nrs")
NUMBERS += ("alt_uln", "egfr")
TRUTHS = ("pregnant", "active_psychosis", "active_sud", "raised_icp", "raised_iop", "unstable_cardiac")
TRUTHS += ("ketamine_allergy",)
FAILED = ("inadequate_response", "intolerance")


def peer() -> Any:
    """The shared protocol as a module."""
    sys.path.insert(0, str(SHARED))
    return importlib.import_module("peer_openfisca")


def patients(folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Ids, and for every input of a patient its values and whether they are known."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as parquet

    table = parquet.read_table(folder / "patients.parquet").combine_chunks()
    found: dict[str, Any] = {}

    def take(name: str, column: Any, kind: Any) -> None:
        found[f"{name}_known"] = column.is_valid().to_numpy(zero_copy_only=False)
        filled = column.fill_null(pa.scalar(0, column.type).cast(column.type))
        found[name] = filled.to_numpy(zero_copy_only=False).astype(kind)

    for name in NUMBERS:
        take(name, table[name].combine_chunks(), np.float32)
    for name in TRUTHS:
        take(name, table[name].combine_chunks().cast(pa.uint8()), bool)
    take("female", pc.equal(table["sex"].combine_chunks(), "female").cast(pa.uint8()), bool)
    days = {name: table[name].combine_chunks().cast(pa.int32()) for name in ("birth_date", "ra_dx_date")}
    cut = (CUT - datetime.date(1970, 1, 1)).days
    take("ra_dx", pc.subtract(days["ra_dx_date"], cut), np.float32)
    take("age", days["birth_date"], np.int32)
    found["age"] = ages(found["age"]).astype(np.float32)
    return table["patient_id"].to_pylist(), found


def ages(born: Any) -> Any:
    """Whole years on the day of screening, from days since 1970."""
    import numpy as np

    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    on = np.datetime64(people.AS_OF)
    years = 2026 - (day.astype("datetime64[Y]").astype(int) + 1970)
    months, today = month.astype(int) % 12, on.astype("datetime64[M]").astype(int) % 12
    dates, date = (day - month).astype(int), (on - on.astype("datetime64[M]")).astype(int)
    return years - ((today < months) | ((today == months) & (date < dates)))


def trials(folder: Path, ids: list[str], module: Any) -> tuple[Any, dict[str, Any]]:
    """Whose each row is, and its inputs; who has no trial gets the one row that the shared protocol gives them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as parquet

    table = parquet.read_table(folder / "trials.parquet").combine_chunks()
    owner = pc.index_in(table["patient_id"], pa.array(ids)).to_numpy()
    without = np.setdiff1d(np.arange(len(ids)), owner)
    weeks, outcome = table["weeks"].combine_chunks(), table["outcome"].combine_chunks()
    long, failed = (
        pc.greater_equal(weeks, 12),
        pc.if_else(pc.is_valid(outcome), pc.is_in(outcome, pa.array(FAILED)), None),
    )

    def truths(column: Any, unknown: bool) -> Any:
        values = column.fill_null(unknown).to_numpy(zero_copy_only=False)
        return np.concatenate([values, np.zeros(len(without), bool)])

    kind = pc.index_in(table["drug_class"].combine_chunks(), pa.array(module.CL)).to_numpy()
    rows = {"cls": np.concatenate([kind, np.full(len(without), -1)])}
    rows |= {"wk_t": truths(long, False), "wk_m": truths(long, True)}
    rows |= {"fl_t": truths(failed, False), "fl_m": truths(failed, True)}
    order = np.argsort(np.concatenate([owner, without]), kind="stable")
    return np.concatenate([owner, without])[order], {name: values[order] for name, values in rows.items()}


def batches(folder: Path, module: Any) -> tuple[list[str], list[Any]]:
    """What the shared protocol's `simulate` takes, batch by batch."""
    import numpy as np

    ids, columns = patients(folder)
    owner, rows = trials(folder, ids, module)
    found = []
    for first in range(0, len(ids), BATCH):
        last = min(first + BATCH, len(ids))
        low, high = np.searchsorted(owner, [first, last])
        of_people = {name: values[first:last] for name, values in columns.items()}
        of_rows = {name: values[low:high] for name, values in rows.items()}
        found.append((last - first, owner[low:high] - first, of_people, of_rows))
    return ids, found


def write(ids: list[str], answers: list[Any], out: Path) -> None:
    """Verdict and 18 statuses as Parquet, in the form of the other engines."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as parquet

    eligible, ineligible = (np.concatenate([each[side] for each in answers]) for side in (0, 1))
    verdict = np.where(eligible, "eligible", np.where(ineligible, "ineligible", "indeterminate"))
    columns: dict[str, Any] = {"patient_id": pa.array(ids), "verdict": pa.array(verdict)}
    for name in people.IDS:
        met, failed = (np.concatenate([each[2][name][side] for each in answers]) for side in (0, 1))
        columns[name] = pa.array(met, mask=~(met | failed))
    parquet.write_table(pa.table(columns), out)


def run(folder: Path, out: Path, loading: bool) -> Callable[[], None]:
    """The engine from its arrays alone, or from the files to the written table."""
    module = peer()

    def answers(given: list[Any]) -> list[Any]:
        return [module.statuses(module.simulate(batch)) for batch in given]

    def whole() -> None:
        ids, given = batches(folder, module)
        write(ids, answers(given), out)

    if loading:
        return whole
    _, given = batches(folder, module)
    return lambda: [answers(given), None][1]
