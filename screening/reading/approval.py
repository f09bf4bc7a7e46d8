"""`status:` and `approval:`: who wrote a file, who read it, who answers for it, and from when it holds."""

from __future__ import annotations

import datetime
import re

from screening.errors import CitationFault, TypeFault
from screening.reading.document import Scalar
from screening.reading.faults import Faults, listed
from screening.reading.keys import Keys

STATUSES = ("draft", "approved", "retired")
APPROVAL = ("author", "reviewer", "approver", "effective")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_approval(faults: Faults, keys: Keys) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The status of a file, and what is signed of it. An approved file needs all four, any file a real day."""
    status = keys.one_of("status", STATUSES, "draft")
    approval = Keys(faults, keys.tree("approval"), APPROVAL, "`approval:`", keys.span("approval"))
    # What nobody has signed yet may stand there empty.
    written = ((key, tree) for key, (_, tree) in approval.entries.items())
    signed = {key: " ".join(tree.text.split()) for key, tree in written if isinstance(tree, Scalar)}
    effective = approval.tree("effective")
    if signed.get("effective") and isinstance(effective, Scalar) and not _is_day(signed["effective"]):
        help = "write the first day on which the file holds, as 2026-11-22"
        approval.fault(TypeFault, effective.span, "`effective:` is not a day", help=help)
    missing = [key for key in APPROVAL if not signed.get(key)]
    if status == "approved" and missing:
        at = keys.span("approval" if keys.has("approval") else "status")
        keys.fault(
            CitationFault,
            at,
            f"the file is approved and names no {listed(missing)}",
            help="write all four under `approval:`, or `status: draft`",
            why="people would be screened by rules for which nobody answers",
        )
    return status, tuple(signed.items())


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
