"""What a site declares, or a run over many people shows, for the order of questions: burdens and frequencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.language.library import Library
from screening.outcome.question import BURDENS
from screening.outcome.row import Row

_LARGEST = Decimal(1_000_000)


def burdens(text: str, name: str, library: Library) -> Mapping[str, Decimal]:
    """What items cost: `blood: 7`, a line each, by requirement or by the way in which it is obtained.

    Empty lines and what follows a `#` at the start of a line say nothing. Raises UnreadableRecord with every line
    that names nothing of the protocol, or no number from 0.
    """
    known = {*BURDENS, *(r.name for r in library.requirements)}
    found: dict[str, Decimal] = {}
    faults: list[Diagnostic] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.rpartition(":")
        item, amount = key.strip().strip("\"'"), _number(value.strip())
        span = Span(name, number, 1, max(1, len(line)))
        if not colon or item not in known:
            help = f"it is a requirement of `{library.name}`, or one of {', '.join(BURDENS)}"
            faults.append(Diagnostic(span, "this names nothing that is asked for", UnreadableRecord, help=help))
        elif amount is None:
            faults.append(
                Diagnostic(span, "a burden is a number from 0", UnreadableRecord, help="write `blood: 7`")
            )
        else:
            found[item] = amount
    if faults:
        raise UnreadableRecord(*faults)
    return found


def _number(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= _LARGEST else None


def frequencies(rows: Iterable[Row], library: Library) -> Mapping[str, Decimal]:
    """How often each criterion speaks against somebody of whom it is known, by its id.

    One more of each is counted than there are, so that what nobody of a small run has is not taken for impossible.
    """
    bars: dict[str, int] = {c.id: 0 for c in library.criteria}
    known = dict(bars)
    against = {c.id: "FALSE" if c.category == "inclusion" else "TRUE" for c in library.criteria}
    for row in rows:
        for id, said in row.criteria:
            if id in known and said in ("TRUE", "FALSE", "NOT APPLICABLE"):
                known[id] += 1
                bars[id] += said == against[id]
    return {id: Decimal(bars[id] + 1) / (known[id] + 2) for id in bars if known[id]}
