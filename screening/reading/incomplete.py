"""`incomplete:`, what a rule file says it does not hold: one more inclusion, which nobody can answer.

A stored copy that was cut, or a record seen in part, may hide a bar. Such a file therefore never says
ELIGIBLE: the missing part stands in the tree as an inclusion that is UNKNOWN, traced and verified as any other.
"""

from __future__ import annotations

from screening.errors import CitationFault
from screening.language import expression as e
from screening.language.library import WHOLE, Citation
from screening.reading.build import NULL
from screening.reading.document import Mapping, Scalar
from screening.reading.draft import Draft, DraftCriterion, Lift
from screening.reading.faults import Faults
from screening.reading.keys import Keys
from screening.values.truth import UNKNOWN

_SENTENCE = "The whole of the protocol is encoded in this file"


def read_incomplete(faults: Faults, keys: Keys, sources: dict[str, str], draft: Draft) -> None:
    """Enters the inclusion of an incomplete file, behind its own criteria.

    `incomplete:` is a text that says what is missing, or that text with the `source:` whose copy is meant;
    without one it is the file's first source.
    """
    tree = keys.tree("incomplete")
    if tree is None:
        return
    inner, at = keys, keys.span("incomplete")
    if isinstance(tree, Mapping):
        inner = Keys(faults, tree, ("text", "source"), "`incomplete:`", at)
        inner.need("text", "say what is missing")
        missing, cited = inner.text("text"), inner.citations("source", sources)
    else:
        missing = keys.text("incomplete")
        cited = tuple(Citation(name, "the copy that was read") for name in list(sources)[:1])
    if not missing:
        return
    if not cited:
        if not inner.has("source"):
            keys.fault(CitationFault, at, "`incomplete:` does not say of which source a part is missing")
        return
    # SPEC: semantics 1.1 and 6: no answer to it is ever recorded, so `eligible` is at best UNKNOWN.
    unanswered = e.Literal(UNKNOWN, NULL, "null", span=at)
    draft.spans[WHOLE] = at
    draft.criteria[WHOLE] = DraftCriterion(
        Scalar(WHOLE, at), "inclusion", "absolute", _SENTENCE, cited, unanswered, "null", None, "", Lift(""),
        None, None, "", (), (), missing,
    )  # fmt: skip
