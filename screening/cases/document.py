"""Case files: worked cases of a protocol beside its rule file, as YAML, each key with its place.

A case changes items of a base record, or gives items where the base is `none`, and says what is then
expected. What several cases share may be named (`&C3`) and used again (`*C3`).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from screening.errors import NameFault, RuleError, Span, SyntaxFault, TypeFault
from screening.outcome.determination import NOT_APPLICABLE, Standing, Verdict
from screening.reading.document import Mapping, Scalar, Sequence, Tree, read_document
from screening.reading.faults import Faults, TooMany, did_you_mean, shown
from screening.reading.keys import Keys

SHARED = ("protocol", "base", "as of", "date", "given", "parameters")
FILE_KEYS = (*SHARED, "cases", "not expressible")
CASE_KEYS = ("case", "why", *SHARED, "change", "without", "without given", "expect")
NAMED = ("criteria", "values", "until")
LISTS = ("alerts", "reasons", "review", "obtain", "review exactly", "obtain exactly")
EXPECT_KEYS = ("verdict", "standing", *NAMED, *LISTS)
TRUTHS = ("TRUE", "FALSE", "UNKNOWN", NOT_APPLICABLE)
# The words of the screens, each of one kind of criterion, beside the truth of what the criterion says.
WORDS = {
    "inclusion": {"met": "TRUE", "not met": "FALSE"},
    "exclusion": {"present": "TRUE", "absent": "FALSE"},
    "administrative": {"in place": "TRUE", "not in place": "FALSE"},
    "": {"unknown": "UNKNOWN", "not applicable": NOT_APPLICABLE},
}
SAID = (*TRUTHS, *(word for words in WORDS.values() for word in words))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)

Entries = tuple[tuple[Scalar, Tree], ...]
Texts = tuple[tuple[Scalar, Scalar], ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects; a list that is not given expects nothing, an empty one expects that there is none."""

    verdict: Scalar | None
    standing: Scalar | None
    named: dict[str, Texts]
    lists: dict[str, tuple[Scalar, ...]]
    spans: dict[str, Span]


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case with what its file says for all of them.

    `date` is that of items which state none. `base` is None where nothing but the items is known.
    """

    name: Scalar
    why: str
    protocol: Scalar
    base: Scalar | None
    as_of: datetime.date
    date: str
    given: Entries
    change: Entries
    without: tuple[Scalar, ...]
    parameters: Texts
    expect: Expectation

    @property
    def person(self) -> object:
        """Everything that decides what the rules say of this case, wherever it stands in its file."""
        entries = [[_written(name), _written(tree)] for part in (self.given, self.change) for name, tree in part]
        base = "" if self.base is None else self.base.text
        return repr([entries, [s.text for s in self.without], base, self.date, self.as_of])


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All cases of one file, and what it says cannot be expressed, with the reason."""

    file: str
    cases: tuple[Case, ...]
    inexpressible: tuple[tuple[str, str], ...]


def read_cases(data: bytes, file: str, faults: Faults) -> CaseFile | None:
    """The cases of a file that can be read, with everything that is wrong noted; None where nothing can be."""
    try:
        tree = read_document(data, file, faults, anchored=True)
        return None if tree is None else _Reading(faults, tree, file).file()
    except TooMany:
        return None


class _Reading:
    def __init__(self, faults: Faults, tree: Tree, name: str) -> None:
        self.faults, self.name = faults, name
        self.common = Keys(faults, tree, FILE_KEYS, "the case file")

    def file(self) -> CaseFile:
        keys = self.common
        keys.need("cases", "list the worked cases: `- case: ...`")
        items = keys.items("cases")
        if keys.has("cases") and not items:
            keys.fault(
                SyntaxFault, keys.span("cases"), "`cases:` lists no case", help="begin each with `- case: ...`"
            )
        cases = [case for item in items if (case := self.case(item)) is not None]
        first: dict[str, Span] = {}
        for case in cases:
            if case.name.text in first:
                message = f"a second case is called `{shown(case.name.text)}`"
                help = f"the first stands in line {first[case.name.text].line}"
                self.faults.add(NameFault, case.name.span, message, help=help)
            first.setdefault(case.name.text, case.name.span)
        return CaseFile(self.name, tuple(cases), self.inexpressible())

    def inexpressible(self) -> tuple[tuple[str, str], ...]:
        found = []
        for name, reason in self.common.named("not expressible"):
            if isinstance(reason, Scalar) and reason.text.strip():
                found.append((" ".join(name.text.split()), " ".join(reason.text.split())))
                continue
            self.faults.add(
                SyntaxFault, name.span, f"`{shown(name.text)}` does not say why it cannot be expressed"
            )
        return tuple(found)

    def case(self, tree: Tree) -> Case | None:
        keys = Keys(self.faults, tree, CASE_KEYS, "a case")
        name = keys.scalar("case") if keys.need("case", "give it a name") else None
        keys.what = f"case `{shown(name.text)}`" if name is not None else keys.what
        keys.need("why", "say in a few words what it shows", RuleError)
        keys.need("expect", "say what is expected: `expect: {verdict: ...}`")
        protocol = self.shared(keys, "protocol")
        if protocol is None and not self.common.has("protocol") and not keys.has("protocol"):
            keys.fault(SyntaxFault, keys.at, f"{keys.what} has no `protocol:`", help="say it once, above `cases:`")
        base, as_of = self.shared(keys, "base"), self.day(keys, "as of")
        date = self.day(keys, "date", optional=True)
        case = None
        expect = self.expectation(keys)
        given = self.given(keys)
        change, without = tuple(keys.named("change")), tuple(keys.texts("without"))
        parameters = self.parameters(keys)
        if name is not None and protocol is not None and as_of is not None:
            # Ages are told on a day too: an item without a date is as old as the record, not as the screening.
            day = (date or as_of).isoformat()
            known = None if base is None or base.text == "none" else base
            why = keys.text("why")
            case = Case(name, why, protocol, known, as_of, day, given, change, without, parameters, expect)
        return case

    def shared(self, keys: Keys, key: str) -> Scalar | None:
        """A text of the case, else of its file."""
        return keys.scalar(key) if keys.has(key) else self.common.scalar(key)

    def day(self, keys: Keys, key: str, optional: bool = False) -> datetime.date | None:
        found = self.shared(keys, key)
        if found is None:
            if not optional and not keys.has(key) and not self.common.has(key):
                keys.fault(
                    SyntaxFault, keys.at, f"{keys.what} has no `{key}:`", help="say it once, above `cases:`"
                )
            return None
        if _is_day(found.text):
            return datetime.date.fromisoformat(found.text)
        self.faults.add(TypeFault, found.span, f"`{key}:` is a day", help="write it as 2026-11-22")
        return None

    def given(self, keys: Keys) -> Entries:
        """What the file gives to every case, without what this one leaves out."""
        given = keys.named("given") if keys.has("given") else self.common.named("given")
        left = keys.texts("without given")
        if [scalar.text for scalar in left] == ["all"]:
            return ()
        names = [name.text for name, _ in given]
        for scalar in left:
            if scalar.text not in names:
                message = f"`{shown(scalar.text)}` is not given, so that it cannot be left out"
                help = did_you_mean(scalar.text, names)
                self.faults.add(NameFault, scalar.span, message, help=help)
        left_out = {scalar.text for scalar in left}
        return tuple(entry for entry in given if entry[0].text not in left_out)

    def parameters(self, keys: Keys) -> Texts:
        of = keys if keys.has("parameters") else self.common
        return self.texts(of.named("parameters"))

    def texts(self, entries: list[tuple[Scalar, Tree]]) -> Texts:
        found = []
        for name, tree in entries:
            if isinstance(tree, Scalar) and tree.text.strip():
                found.append((name, tree))
            else:
                self.faults.add(SyntaxFault, name.span, f"`{shown(name.text)}` has one text beside it")
        return tuple(found)

    def expectation(self, case: Keys) -> Expectation:
        keys = Keys(self.faults, case.tree("expect"), EXPECT_KEYS, "`expect:`", case.span("expect"))
        if case.has("expect") and keys.is_mapping and case.tree("expect") == Mapping((), keys.at):
            case.fault(SyntaxFault, case.span("expect"), "`expect:` says nothing")
        verdict = self.word(keys, "verdict", [v.value for v in Verdict])
        standing = self.word(keys, "standing", [s.value for s in Standing])
        named = {key: self.texts(keys.named(key)) for key in NAMED if keys.has(key)}
        for _, scalar in named.get("criteria", ()):
            if scalar.text not in SAID:
                help = did_you_mean(scalar.text, SAID) or f"it is {', '.join(SAID[:-1])} or {SAID[-1]}"
                message = f"a criterion cannot be `{shown(scalar.text)}`"
                self.faults.add(TypeFault, scalar.span, message, help=help)
        for _, scalar in named.get("until", ()):
            if not _is_day(scalar.text):
                self.faults.add(TypeFault, scalar.span, "`until:` is a day", help="write it as 2026-11-22")
        lists = {key: tuple(keys.texts(key)) for key in LISTS if keys.has(key)}
        return Expectation(verdict, standing, named, lists, {key: keys.span(key) for key in keys.entries})

    def word(self, keys: Keys, key: str, words: list[str]) -> Scalar | None:
        found = keys.scalar(key)
        if found is not None:
            keys.one_of(key, words, "")
        return found


def _written(tree: Tree) -> object:
    """A tree as plain texts."""
    match tree:
        case Scalar(text):
            return text
        case Mapping(entries):
            return {name.text: _written(below) for name, below in entries}
        case Sequence(items):
            return [_written(item) for item in items]


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.match(text)) and datetime.date.fromisoformat(text) is not None
    except ValueError:
        return False
