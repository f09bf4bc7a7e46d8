"""What a rule file says of making recorded facts otherwise: by whom, how well measured, whether to repeat.

None of it takes part in a verdict. Of medicines, pregnancy, suicidality and drug screens nobody is ever told what
would have to be so: a file that declares one of them modifiable is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map

from screening.errors import CitationFault, TypeFault
from screening.language.library import (
    MODIFIABLE,
    NEVER,
    SENSITIVE,
    Citation,
    DataRequirement,
    MeasurementError,
    Repeat,
)
from screening.language.types import NUMBERS, Type
from screening.reading.constants import NoConstant, constant_of
from screening.reading.document import Scalar
from screening.reading.faults import Faults, shown
from screening.reading.keys import Keys
from screening.values.bounds import Bounds, is_exact
from screening.values.frozen import dataclass

# A requirement that speaks of these without saying that it is `sensitive:` is refused as well; medicines are
# known by their codes.
_SPOKEN_OF = (
    ("pregnancy", re.compile(r"pregnan|\bhcg\b|breast-?feed|lactati|contracepti", re.IGNORECASE)),
    ("suicidality", re.compile(r"suicid|self-?harm|\bc-ssrs\b", re.IGNORECASE)),
    ("drug screen", re.compile(r"drug (screen|test)|urine (screen|drug)|toxicolog", re.IGNORECASE)),
)
_WHY = "somebody could be told to stop a medicine, or what to answer, in order to be let in"


@dataclass(frozen=True, slots=True)
class DraftError:
    """A measurement error as it is written: its type is that of the value which it belongs to."""

    value: Scalar
    source: Citation | None
    chosen: bool


def read_modifiable(keys: Keys) -> str:
    """`modifiable:`, who may make what is recorded otherwise; nobody where nothing is said."""
    return keys.one_of("modifiable", MODIFIABLE, NEVER)


def read_sensitive(keys: Keys) -> str:
    """`sensitive:`, the kind of thing of which nobody is told what would have to be so; "" if it is none."""
    return keys.one_of("sensitive", SENSITIVE, "")


def refuse_told(keys: Keys, requirement: DataRequirement) -> None:
    """Notes a requirement that is modifiable and of a kind that never is."""
    if requirement.modifiable == NEVER:
        return
    text = " ".join((requirement.name, requirement.label, requirement.text, *requirement.short_names))
    spoken = next((kind for kind, words in _SPOKEN_OF if words.search(text)), "")
    kind = requirement.sensitive or ("medicine" if requirement.is_sensitive else spoken)
    if requirement.type.name in ("Records", "Judgement"):
        message = f"`modifiable:` is for single facts, and this is a value of type {requirement.type.name}"
        keys.fault(TypeFault, keys.span("modifiable"), message)
    elif kind:
        keys.fault(
            TypeFault,
            keys.span("modifiable"),
            f"{keys.what} is of the kind `{kind}` and is modifiable {requirement.modifiable}",
            why=_WHY,
            help="delete `modifiable:`; a wash-out is told by `until:` and by `screening when`",
        )


def read_repeat(keys: Keys, sources: Map[str, str]) -> Repeat | None:
    """`repeat:`, that the protocol foresees to measure again, and where it says so."""
    tree = keys.tree("repeat")
    if tree is None:
        return None
    inner = Keys(keys.faults, tree, ("text", "source", "chosen"), "`repeat:`", keys.span("repeat"), keys.criterion)
    inner.need("text", "say when and how often: `text: in 2 to 4 weeks`")
    inner.need("source", "write `source: {key of a source: its exact place}`", CitationFault)
    text = inner.text("text")
    found = Repeat(text, inner.citation("source", sources), inner.yes("chosen"))
    return found if text else None


def draft_error(keys: Keys, sources: Map[str, str]) -> DraftError | None:
    """`measurement error:` as it is written."""
    tree = keys.tree("measurement error")
    if tree is None:
        return None
    at = keys.span("measurement error")
    inner = Keys(keys.faults, tree, ("value", "source", "chosen"), "`measurement error:`", at)
    inner.need("value", "a number, of a Quantity with its unit: `value: 5 'U/L'`")
    if not inner.yes("chosen"):
        inner.need(
            "source", "write `source: {key of a source: its exact place}`, or `chosen: true`", CitationFault
        )
    value = inner.scalar("value")
    return None if value is None else DraftError(value, inner.citation("source", sources), inner.yes("chosen"))


def settled_error(faults: Faults, draft: DraftError | None, type: Type) -> MeasurementError | None:
    """A measurement error in the unit of its value; that it is none of it is noted."""
    if draft is None:
        return None
    if type.name not in NUMBERS:
        message = f"a measurement error is for a measured number, and this is a value of type {type.name}"
        faults.add(TypeFault, draft.value.span, message)
        return None
    # A score of whole numbers may have an error of half a point.
    read_as = Type("Decimal") if type.name == "Integer" else type
    try:
        found = constant_of(draft.value.text, read_as)
    except NoConstant as wrong:
        message = wrong.message.replace("the parameter", "the value")
        faults.add(wrong.kind, draft.value.span, message, help=wrong.help)
        return None
    if not isinstance(found, Bounds) or not is_exact(found) or found.low <= 0:
        faults.add(
            TypeFault, draft.value.span, f"`{shown(draft.value.text)}` is no error", help="a number above 0"
        )
        return None
    return MeasurementError(found.low, draft.source, draft.chosen)


def read_error(keys: Keys, type: Type, sources: Map[str, str]) -> MeasurementError | None:
    """`measurement error:` of an input."""
    return settled_error(keys.faults, draft_error(keys, sources), type)
