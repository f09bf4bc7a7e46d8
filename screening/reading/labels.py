"""What a protocol calls the four verdicts, and which of its definitions are told beside them."""

from __future__ import annotations

import re

from screening.errors import NameFault, SyntaxFault, TypeFault
from screening.language.library import VERDICTS, Label, Output
from screening.reading.document import Mapping, Scalar
from screening.reading.faults import Faults, meant, shown
from screening.reading.keys import Keys
from screening.reading.scope import Scope
from screening.values.frozen import dataclass

MOST_OUTPUTS = 12
_LABEL = re.compile(r"[A-Za-z][A-Za-z -]{0,22}[A-Za-z]\Z")
_OUTPUT = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
# Words that no screen says of a person, whatever a rule file wants: they would read as a permission.
_NEVER = re.compile(r"\b(approv\w*|clear\w*|safe\w*|pass(ed)?|fit|go|start|treat\w*)\b", re.IGNORECASE)
_WHY = "a person of whom nothing is recorded would read like one of whom everything is"


@dataclass(frozen=True, slots=True)
class DraftOutput:
    """One entry of `outputs:` as it is written."""

    name: Scalar
    definition: Scalar


def read_labels(faults: Faults, keys: Keys) -> tuple[Label, ...]:
    """The entries of `labels:`, one for each verdict; what is wrong with them is noted."""
    if not keys.has("labels"):
        return ()
    tree = keys.tree("labels")
    inner = Keys(faults, tree, VERDICTS, "`labels:`", keys.span("labels"))
    for verdict in VERDICTS:
        inner.need(verdict, "every verdict has a label, or none has")
    written = {verdict: _written(faults, inner, verdict) for verdict in VERDICTS if inner.has(verdict)}
    found = {verdict: label for verdict, (label, _) in written.items() if label is not None}
    favourable = found.get("ELIGIBLE")
    for verdict, label in found.items():
        same = favourable is not None and label.label.casefold() == favourable.label.casefold()
        if verdict != "ELIGIBLE" and same:
            message = f"`{verdict}` and `ELIGIBLE` have one label, `{shown(label.label)}`"
            faults.add(TypeFault, written[verdict][1].span, message, help="choose another word", why=_WHY)
    return tuple(found[verdict] for verdict in VERDICTS if verdict in found)


def _written(faults: Faults, inner: Keys, verdict: str) -> tuple[Label | None, Scalar]:
    """The label of one verdict: a word, or a word with the sentence that stands below it."""
    tree = inner.tree(verdict)
    of_it = inner
    if isinstance(tree, Mapping):
        of_it = Keys(faults, tree, ("label", "text"), f"the label of {verdict}")
    key = verdict if of_it is inner else "label"
    of_it.need(key, "the word that is shown")
    scalar = of_it.scalar(key)
    if scalar is None:
        return None, Scalar("", inner.span(verdict))
    text = " ".join(scalar.text.split())
    if not _LABEL.match(text):
        help = "letters, blanks and hyphens, 2 to 24 of them"
        inner.fault(SyntaxFault, scalar.span, f"`{shown(text)}` cannot be a label", help=help)
    elif text.upper() in VERDICTS and text.upper() != verdict:
        message = f"`{verdict}` cannot be called `{shown(text)}`, which is another verdict"
        inner.fault(NameFault, scalar.span, message, help="choose another word")
    elif never := _NEVER.search(text):
        message = f"a label cannot say `{shown(never[0])}`"
        why = "it would read as a permission"
        inner.fault(NameFault, scalar.span, message, why=why, help="say what was found")
    else:
        sentence = "" if of_it is inner else of_it.text("text")
        return Label(verdict, text, sentence), scalar
    return None, scalar


def read_outputs(faults: Faults, keys: Keys) -> tuple[DraftOutput, ...]:
    """The entries of `outputs:`: a name, and the definition whose value it gives."""
    found: list[DraftOutput] = []
    for name, tree in keys.named("outputs"):
        if not _OUTPUT.match(name.text) or len(name.text) > 40:
            message = f"`{shown(name.text)}` cannot name an output"
            faults.add(NameFault, name.span, message, help="small letters and digits: `ends_series`")
        elif not isinstance(tree, Scalar) or not tree.text.strip():
            message = f"output `{name.text}` names no definition"
            faults.add(SyntaxFault, name.span, message, help="write `ends_series: Name of a Definition`")
        elif len(found) == MOST_OUTPUTS:
            faults.add(SyntaxFault, name.span, f"there are more than {MOST_OUTPUTS} outputs")
        else:
            found.append(DraftOutput(name, tree))
    return tuple(found)


def named_outputs(faults: Faults, drafts: tuple[DraftOutput, ...], scope: Scope) -> tuple[Output, ...]:
    """The outputs, each held against what the file defines."""
    found: list[Output] = []
    names = tuple(scope.of_kind("definition"))
    for draft in drafts:
        wanted = scope.names.get(draft.definition.text)
        text = shown(draft.definition.text)
        if wanted is None and scope.incomplete:
            continue
        if wanted is None:
            near = meant(draft.definition.text, names)
            help = f"did you mean `{near}`" if near else "an output is a name under `definitions:`"
            faults.add(NameFault, draft.definition.span, f"`{text}` is not declared", help=help)
        elif wanted.kind != "definition":
            help = "give it a name under `definitions:`"
            faults.add(TypeFault, draft.definition.span, f"the output `{text}` is a {wanted.kind}", help=help)
        else:
            found.append(Output(draft.name.text, draft.definition.text))
    return tuple(found)
