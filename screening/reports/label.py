"""What a protocol calls its verdicts, on every form of a determination, and what it tells beside them."""

from __future__ import annotations

from collections.abc import Iterator

from screening.language.library import Library
from screening.outcome.determination import Verdict
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.line import Line, titled
from screening.reports.words import joined, safe

_CLOSED = "A review is closed by two named people, with a reason."


def called(account: Account) -> str:
    """The word that is shown for the verdict."""
    return safe(account.determination.label)


def own_sentence(account: Account) -> str:
    """The sentence that the protocol itself puts below its word, "" if it has none."""
    return safe(account.library.label(account.determination.verdict.value).text)


def favourable(library: Library) -> str:
    """The word that would be shown if nothing were against it, as a sentence says it."""
    label = library.label(Verdict.ELIGIBLE.value)
    return f'"{safe(label.label)}"' if library.labels else label.label.lower()


def closing_sentence(account: Account) -> str:
    """How a review is closed; a protocol with words of its own says that itself."""
    of_review = account.determination.verdict is Verdict.REVIEW
    return _CLOSED if of_review and not own_sentence(account) else ""


def has_standing(library: Library) -> bool:
    """Whether the standing is told: it speaks of charts and eligibility, which a labelled protocol does not."""
    return not library.labels


def outputs_sentence(account: Account) -> str:
    """Every output with its value: `ends series: no; session: 3`."""
    return "; ".join(
        f"{name_of(told.output)}: {values.value_text(told.value, account.definitions[told.definition].type)}"
        for told in account.determination.outputs
    )


def name_of(output: str) -> str:
    """The name of an output as people read it.

    >>> name_of("ends_series")
    'ends series'
    """
    return output.replace("_", " ")


def declared(library: Library) -> Iterator[Line]:
    """The labels and the outputs of a protocol, as it declares them."""
    for number, label in enumerate(library.labels):
        word = f"{label.verdict} is shown as {safe(label.label)}"
        yield from titled("" if number else "Labels", joined((word, safe(label.text)), ": "))
    for number, output in enumerate(library.outputs):
        yield from titled("" if number else "Outputs", f"{name_of(output.name)}: {safe(output.definition)}")
