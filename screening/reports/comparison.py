"""`screening compare`: one person under every edition of a family, and the facts on which the editions part.

Where one edition is met and another is not, the leaves that settle the one are held against those of the other: a
limit that the other does not ask for, or asks for otherwise, is what makes the difference. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Criterion
from screening.outcome.determination import is_bar
from screening.reports.account import Account, below, requirements_below
from screening.reports.criterion import gap_texts, named, wording
from screening.reports.gap import Point
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.reason import Leaf, bearing, leaf_point, points
from screening.reports.side import (
    Graded,
    Unread,
    alerts,
    fixed,
    headed,
    kinds,
    person_data,
    protocol_data,
    refused_data,
    refused_lines,
    tabled,
)
from screening.reports.value import value_text
from screening.reports.verdict import missing_sentence
from screening.reports.words import counted, joined, listed, safe, shortened
from screening.values.coding import NOT_CODED
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

FORMAT = "screening-comparison-1"
_WORDS = {TRUE: ("+", "", "met"), FALSE: ("x", AGAINST, "not met"), UNKNOWN: ("?", OPEN, "unknown")}
_CATEGORY = re.compile(r"(.+) Category(?: (.+))?\Z")
_CLASSIFIES = re.compile(r"\bclassif", re.IGNORECASE)
CLASSIFICATION = "Meeting a set is classification, not diagnosis."
_OTHERWISE, _OF_THE_SAME = "otherwise", "no more of the same facts than "
_MOST_ROWS, _MOST_LABELS = 4, 3


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition for one person: whether it is met, and every leaf that settles it or could."""

    account: Account
    settling: tuple[Leaf, ...]
    every: tuple[Leaf, ...]
    classes: tuple[Graded, ...]

    @property
    def name(self) -> str:
        """How an edition is called beside the others of its family: `acr-2016` of the family fibromyalgia."""
        library = self.account.library
        return safe(library.name.removeprefix(f"{library.family}-"))

    @property
    def truth(self) -> Truth:
        """Met, not met or unknown: every inclusion and no absolute exclusion."""
        return self.account.determination.eligible


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which editions part: what one of them asks and what was found, and what the others do.

    `label` is the thing; `by` the edition that it settles and `truth` what that edition is; `others` are the
    editions of the opposite truth, by what they ask of it: a limit, or "" where they do not ask for it at all.
    """

    label: str
    by: str
    truth: Truth
    limit: str
    value: str
    others: tuple[tuple[str, tuple[str, ...]], ...]


def edition(account: Account) -> Edition:
    """An edition with what settles it."""
    settled = account.determination.eligible is not UNKNOWN
    settling = (
        [leaf for criterion in _deciding(account) for leaf in _bearing(account, criterion)] if settled else []
    )
    names = {id(leaf.node) for leaf in settling}
    every = [*settling, *(leaf for leaf in _leaves(account) if id(leaf.node) not in names)]
    return Edition(account, tuple(settling), tuple(every), tuple(_classes(account)))


def _bearing(account: Account, criterion: Criterion) -> list[Leaf]:
    """The leaves that settle a criterion; whether something is recorded chooses a way and settles nothing."""
    return [leaf for leaf in bearing(account, criterion.expression) if not _chooses(leaf.node)]


def _chooses(node: AnyNode) -> bool:
    return isinstance(node, e.Is) and node.state == "null"


def _deciding(account: Account) -> Iterator[Criterion]:
    """The criteria that decide `eligible`: the bars where it is FALSE, all that are absolute where it is not."""
    for criterion in account.library.criteria:
        barred = is_bar(criterion, account.findings[criterion.id].truth)
        if criterion.strength == "absolute" and (account.determination.eligible is not FALSE or barred):
            yield criterion


def _leaves(account: Account) -> Iterator[Leaf]:
    """Every comparison, entry and fact that an absolute criterion rests on, whether it settled anything or not."""
    seen: set[str] = set()
    for criterion in account.library.criteria:
        if criterion.strength != "absolute":
            continue
        for node in below(criterion.expression, account.expressions, seen):
            compared = isinstance(
                node, e.Compare | e.Between | e.InInterval | e.InSet | e.Timing | e.Is | e.Exists
            )
            asked = isinstance(node, e.Reference) and node.name in account.requirements
            truth = isinstance(account.value(node), Truth)
            if truth and (compared or asked) and not _chooses(node):
                yield Leaf(node, leaf_point(account, node))


def _classes(account: Account) -> Iterator[Graded]:
    """The class of each score of an edition, in its own word: `DAS28-CRP Category` gives DAS28-CRP, moderate."""
    for definition in account.library.definitions:
        found = _CATEGORY.match(definition.name)
        if definition.origin != "definition" or not found or definition.name not in account.expressions:
            continue
        worth = account.named(definition.name).value
        known = isinstance(worth, tuple) and worth != NOT_CODED and not hasattr(worth, "certain")
        word = value_text(worth, definition.type).strip("'") if known else ""  # type: ignore[arg-type]
        inside = below(account.expressions[definition.name], {})
        words = frozenset(n.value for n in inside if isinstance(n, e.Literal) and n.type.name == "String")
        yield Graded(joined((safe(found[1]), safe(found[2] or ""))), word, words)


# ------------------------------------------------------------------------------- what parts them


def differences(editions: Sequence[Edition]) -> list[Difference]:
    """On what the editions that are met and those that are not part, each thing once.

    First what bars an edition and does not bar the ones that are met; where nothing does, what meets an edition
    that the barred one does not ask for.
    """
    met = [one for one in editions if one.truth is TRUE]
    barred = [one for one in editions if one.truth is FALSE]
    found: list[Difference] = []
    for one in barred:
        own = [_difference(one, leaf, met) for leaf in _settled(one)]
        kept = [difference for difference in own if difference is not None]
        if not kept:
            against = ((other, leaf) for other in met for leaf in _settled(other))
            kept = [d for other, leaf in against if (d := _difference(other, leaf, [one])) is not None]
        found += kept
    return list(dict.fromkeys(found))


def _settled(one: Edition) -> list[Leaf]:
    """The leaves that settle an edition, each limit once."""
    kept = {(leaf.point.label, leaf.point.limit): leaf for leaf in one.settling}
    return list(kept.values())


def _difference(one: Edition, leaf: Leaf, others: Sequence[Edition]) -> Difference | None:
    """How a leaf of one edition stands in the others; None if any of them has it and it settles it the same."""
    asked: dict[str, list[str]] = {}
    for other in others:
        how = _asks(other, one, leaf)
        if how is None:
            continue
        asked.setdefault(how, []).append(other.name)
    if not asked:
        return None
    point = leaf.point
    by = tuple((how, tuple(names)) for how, names in asked.items())
    return Difference(shortened(point.label), one.name, one.truth, point.limit, _found(point), by)


def _found(point: Point) -> str:
    return shortened(joined((point.value or point.gap, point.dated)))


def _asks(other: Edition, one: Edition, leaf: Leaf) -> str | None:
    """What another edition asks of the same thing: its limits, "" if nothing, None if the very same."""
    same = [found for found in other.every if found.point.label == leaf.point.label]
    if any(found.point.limit == leaf.point.limit for found in same):
        return None
    if same:
        settling = [f for f in other.settling if f.point.label == leaf.point.label]
        return ", ".join(dict.fromkeys(f.point.limit for f in settling or same)) or _OTHERWISE
    mine = set(requirements_below(leaf.node, one.account.expressions)) | _named(leaf.node)
    theirs = {n for f in other.every for n in requirements_below(f.node, other.account.expressions)}
    theirs |= {name for f in other.every for name in _named(f.node)}
    shared = [f.point for f in other.settling if mine & _rests(other, f)]
    if shared:
        return _OF_THE_SAME + ", ".join(dict.fromkeys(f"{p.label} {p.limit}".strip() for p in shared))
    return "" if not mine & theirs else _OTHERWISE


def _rests(other: Edition, leaf: Leaf) -> set[str]:
    return set(requirements_below(leaf.node, other.account.expressions)) | _named(leaf.node)


def _named(node: Any) -> set[str]:
    return {node.name} if isinstance(node, e.Reference) else set()


# --------------------------------------------------------------------------------- what is shown


def told(family: str, editions: Sequence[Edition], unread: Sequence[Unread]) -> list[Line]:
    """The editions side by side, where they part, and the words that belong to it."""
    libraries = [one.account.library for one in editions]
    lines = headed(f"{safe(family)}, {counted(len(libraries), 'edition')}", libraries, editions[0].account)
    lines += alerts([one.account for one in editions])
    width = max(len("edition"), *(len(one.name) for one in editions))
    lines.append(Line(f"   {'edition':<{width}}  truth    why"))
    for one in editions:
        mark, token, word = _WORDS[one.truth]
        start = f"{mark}  {one.name:<{width}}  {word:<8} "
        lines += tabled(start, token, joined((why(one), _included(one, editions)), "; "), _MOST_ROWS)
    lines += refused_lines(unread, width)
    for sentence in sentences(editions):
        one_of_several = not sentence.startswith(("They", "No two"))
        lines += paragraph(sentence, "  " if one_of_several else "", "    " if one_of_several else "  ")
    for one in editions:
        if missing := missing_sentence(one.account.library):
            lines += paragraph(f"{one.name} is incomplete: {missing}.", "", "  ")
    if any(_CLASSIFIES.search(library.intended_use) for library in libraries):
        lines.append(Line(CLASSIFICATION))
    return [*lines, *fixed(libraries)]


def _included(one: Edition, editions: Sequence[Edition]) -> str:
    """Which of the others are made with an edition: what it says is then a part of what they say."""
    name = one.account.library.name
    by = [other.name for other in editions if name in {i.name for i in other.account.library.includes}]
    return f"included by {listed(by)}" if by else ""


def why(one: Edition) -> str:
    """The reasons of an edition in one sentence: its bars, or what is open, or all that meets it."""
    account = one.account
    if one.truth is UNKNOWN:
        shown = [c for c in _deciding(account) if account.findings[c.id].truth is UNKNOWN]
    else:
        shown = list(_deciding(account))
    if one.truth is TRUE and all(c.category == "exclusion" for c in shown):
        return f"none of {counted(len(shown), 'absolute exclusion')} is present{_reviewed(account)}"
    texts = [_worded(account, criterion, len(shown) > 1) for criterion in shown]
    graded = [f"{name}: {word or 'class unknown'}" for name, word, _ in one.classes]
    return shortened("; ".join(filter(None, (*texts, *graded)))) + _reviewed(account)


def _worded(account: Account, criterion: Criterion, several: bool) -> str:
    """What bears on a criterion; its id only where there is more than one."""
    is_open = account.findings[criterion.id].truth is UNKNOWN
    found = points(account, criterion) if is_open else [leaf.point for leaf in _bearing(account, criterion)]
    gaps = gap_texts([point for point in found if point.gap], _MOST_LABELS)
    texts = dict.fromkeys((*(_said(point) for point in found if not point.gap), *gaps))
    told = "; ".join(texts) or wording(account, criterion, provenance=False).forms[0]
    return f"{criterion.id}: {told}" if several else told


def _said(point: Point) -> str:
    return named(point) + (f" ({point.limit})" if point.limit else "")


def _reviewed(account: Account) -> str:
    found = len(account.determination.to_review)
    return f"; {found} to be reviewed" if found else ""


def sentences(editions: Sequence[Edition]) -> list[str]:
    """Where the editions part, in sentences; or that they do not."""
    found = differences(editions)
    told: list[str] = []
    if found:
        labels = list(dict.fromkeys(difference.label for difference in found))
        each = [_sentence(difference) for difference in found]
        told.append(f"They disagree on {listed(labels)}: {each[0]}." if len(found) == 1 else _several(labels))
        told += [f"{d.label}: {text}." for d, text in zip(found, each, strict=True)] if len(found) > 1 else []
    elif {TRUE, FALSE} <= {one.truth for one in editions}:
        told.append("They disagree, and no single fact that one asks for and another does not makes it.")
    elif len(editions) > 1:
        counts = [(sum(one.truth is truth for one in editions), _WORDS[truth][2]) for truth in _WORDS]
        still = "; an unknown one may still become either" if counts[2][0] else ""
        told.append(f"No two editions disagree: {', '.join(f'{n} {word}' for n, word in counts if n)}{still}.")
    return [*told, *_class_sentences(editions)]


def _several(labels: Sequence[str]) -> str:
    return f"They disagree on {listed(labels)}:" if len(labels) < 4 else f"They disagree on {len(labels)} things:"


def _sentence(difference: Difference) -> str:
    asked = f"{difference.limit}" if difference.limit else "it"
    own = f"{difference.by} asks for {asked} and finds {difference.value or 'it'}"
    others = []
    for how, names in difference.others:
        several = len(names) > 1
        does = f"{'ask' if several else 'asks'} for {how}"
        if not how:
            does = f"{'do' if several else 'does'} not ask for it"
        elif how == _OTHERWISE:
            does = f"{'ask' if several else 'asks'} for it otherwise"
        others.append(f"{listed(list(names))} {does}")
    return joined((own, *others), "; ")


def _class_sentences(editions: Sequence[Edition]) -> Iterator[str]:
    """Where scores put the person into different classes; one score in two words names its editions."""
    for kind in kinds([(graded, one.name) for one in editions for graded in one.classes if graded.word]):
        by_word: dict[str, dict[str, list[str]]] = {}
        for graded, of in kind:
            by_word.setdefault(graded.word, {}).setdefault(graded.score, []).append(of)
        if len(by_word) > 1:
            yield _class_sentence(by_word)


def _class_sentence(by_word: dict[str, dict[str, list[str]]]) -> str:
    names = [name for scores in by_word.values() for name in scores]
    said = (
        listed([f"{n} ({listed(of)})" if names.count(n) > 1 else n for n, of in scores.items()])
        for scores in by_word.values()
    )
    return f"They disagree on the class: {'; '.join(f'{w} by {s}' for w, s in zip(by_word, said, strict=True))}."


# ------------------------------------------------------------------------------------------ data


def data(family: str, editions: Sequence[Edition], unread: Sequence[Unread]) -> dict[str, Any]:
    """The same comparison as data, with every leaf that settles an edition and its place."""
    return {
        "comparison": FORMAT,
        "family": family,
        **person_data(editions[0].account),
        "editions": [_edition_data(one) for one in editions],
        "unread": refused_data(unread),
        "differences": [
            {
                "thing": d.label,
                "edition": d.by,
                "truth": d.truth.value,
                "limit": d.limit,
                "found": d.value,
                "others": [{"asks": how or None, "editions": list(names)} for how, names in d.others],
            }
            for d in differences(editions)
        ],
        "sentences": sentences(editions),
    }


def _edition_data(one: Edition) -> dict[str, Any]:
    made = one.account.determination
    return {
        **protocol_data(one.account.library),
        "truth": one.truth.value,
        "verdict": made.verdict.value,
        "why": why(one),
        "settled_by": [
            {
                "place": leaf.node.place,
                "truth": leaf.point.truth.value,
                "label": leaf.point.label,
                "found": _found(leaf.point),
                "limit": leaf.point.limit,
            }
            for leaf in one.settling
            if leaf.point.truth is not UNKNOWN
        ],
        "to_obtain": [item.requirement for item in made.to_obtain],
        "classes": [{"score": name, "class": word or None} for name, word, _ in one.classes],
    }
