"""What a folder remembers goes over into the next one, and nothing that was decided later is lost on the way."""

from __future__ import annotations

import pytest

from screening.output.desk import Desk, inherit
from screening.output.lists import Disposition

CONTACTED, DECLINED, UNDATED = (
    Disposition("contacted", "2026-11-01"),
    Disposition("declined", "2026-11-10"),
    Disposition("contacted"),
)


@pytest.mark.parametrize(
    ("own", "earlier", "expected"),
    [
        ([], [CONTACTED, DECLINED], [CONTACTED, DECLINED]),
        ([CONTACTED], [DECLINED], [CONTACTED, DECLINED]),  # decided there later than what stands here
        ([DECLINED], [CONTACTED], [CONTACTED, DECLINED]),
        ([DECLINED], [CONTACTED, DECLINED], [CONTACTED, DECLINED]),
        ([UNDATED], [DECLINED], [DECLINED, UNDATED]),  # nobody knows which is later: what stands here stands
        ([DECLINED], [UNDATED], [UNDATED, DECLINED]),
    ],
)
def test_the_later_day_stands(
    own: list[Disposition], earlier: list[Disposition], expected: list[Disposition]
) -> None:
    desk = Desk({"A"}, {"X": list(own)} if own else {})
    inherit(desk, Desk({"B"}, {"X": list(earlier), "Y": [CONTACTED]}))
    assert desk.decided == {"X": expected, "Y": [CONTACTED]}
    assert desk.blocked == {"A", "B"}
