"""What a profile says for one requirement, as readings; each text is held against the declared type.

A profile is written by hand or by a program for this protocol, so an answer in another type is a fault
of the record at its place. What may come from a laboratory as it is (no unit, free text where a code
was asked for) is left to `admit`, which sets it aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from screening.errors import RequirementMismatch
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS
from screening.record.subject import Completeness
from screening.sources.admission import DENIED, STATUSES, FieldReading, Reading
from screening.sources.profile_form import Entry, Row, fitting
from screening.sources.profile_text import (
    WANTED,
    born_between,
    field_misfit,
    field_parts,
    is_yes,
    misfit,
    misspelt,
    value_parts,
)
from screening.sources.site import BASIS
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree, near
from screening.sources.worth import code_of, is_birth, is_gender, literal, when_of
from screening.values.bounds import Bounds
from screening.values.coding import Code, member
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, UNKNOWN, Truth

OLDEST = 130
# A field that is there and cannot be used, where another record said so.
UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a profile states for one requirement; `complete` None is not said, else whether and by whom."""

    readings: tuple[Reading, ...] = ()
    said_complete: bool = False
    complete: Completeness | None = None


class Stating:
    """Reads what stands under the name of one requirement."""

    def __init__(self, requirement: DataRequirement, faults: Faults, source: str) -> None:
        self.requirement, self.faults, self.source = requirement, faults, source
        self.name = f"`{requirement.name}`"
        self.wanted = tuple(requirement.codes) or requirement.reasons
        self.systems = {code.system for code in self.wanted}
        birth, gender = is_birth(requirement), is_gender(requirement)
        self.kind = "birth date" if birth else "gender" if gender else requirement.type.name

    def stated(self, tree: Tree) -> Stated:
        """Everything that is said for the requirement; what is wrong is noted."""
        if isinstance(tree, Scalar):
            return Stated(tuple(self.bare(tree)))
        if isinstance(tree, Sequence):
            self.mismatch(tree, f"{self.name} is a list", "write the rows under `records:`")
            return Stated()
        entry, tree = fitting(Entry, tree, self.faults, self.name)
        if entry is None:
            return Stated()
        said, complete = self.completeness(entry, tree)
        if entry.records is not None or (said and not self.says_something(entry)):
            return Stated(tuple(self.rows(entry, tree)), said, complete)
        return Stated(tuple(self.single(entry, tree)), said, complete)

    def mismatch(self, tree: Tree, message: str, help: str = "") -> None:
        self.faults.add(tree.at, message, kind=RequirementMismatch, help=help, end=_end(tree))

    def yes(self, tree: Mapping, key: str) -> bool:
        """Whether a key says true."""
        found = tree.get(key)
        if not isinstance(found, Scalar) or not found.text.strip():
            return False
        answer = is_yes(found.text)
        if answer is None:
            self.mismatch(found, f"`{key}` of {self.name} is true or false")
        return answer is True

    # -------------------------------------------------------------------------- whole entries

    def bare(self, tree: Scalar) -> Iterable[Reading]:
        """`WPI: 9`."""
        text = tree.text.strip()
        if not text or (text.upper() == "UNKNOWN" and self.kind == "birth date"):
            return
        if self.kind == "birth date" and not text.startswith("@"):
            help = "write {born: 1969-02}, or {age: 49, date: 2018-02-05}: born within that year"
            self.mismatch(tree, f"{self.name} is not {WANTED[self.kind][0]}", help)
            return
        yield from self.valued(Reading(self.origin(""), span=self.faults.span(tree.at, tree.end)), tree)

    def says_something(self, entry: Entry) -> bool:
        return bool(entry.written - {"complete", "note", "records", "date", "by", "source"})

    def completeness(self, entry: Entry, tree: Mapping) -> tuple[bool, Completeness | None]:
        """What the record itself says of the list being complete."""
        # SPEC: semantics 5.5.
        below = tree.get("complete")
        if isinstance(entry.complete, str):
            if not entry.complete.strip() or below is None:
                return False, None
            return True, Completeness(None, "record") if self.yes(tree, "complete") else None
        since = when_of(entry.complete.since)
        day = None if since is None or since[0].low != since[0].high else since[0].low
        if day is None:
            assert below is not None
            self.mismatch(below, f"`since` of {self.name} is a day", "write it as 2019-01-01")
        return True, Completeness(day, BASIS, entry.complete.because, entry.complete.signed)

    def rows(self, entry: Entry, tree: Mapping) -> Iterable[Reading]:
        if self.says_something(entry):
            self.mismatch(tree, f"{self.name} gives a value and a list at once", "put the value into a row")
            return
        below = tree.get("records")
        items = below.items if isinstance(below, Sequence) else []
        fields = [field.name for field in self.requirement.fields]
        for number, (row, item) in enumerate(zip(entry.records or [], items, strict=True), 1):
            assert isinstance(item, Mapping)
            more = row.more
            for key in more:
                if key not in fields:
                    self.unknown_key(item.entries[key][0], [*Row.keys, *fields])
            place = self.faults.span(item.at)
            if "value" in item.entries:
                place = self.faults.span(item.entries["value"][1].at, _end(item.entries["value"][1]))
            source = row.source or entry.source
            reading = Reading(self.origin(f", row {number}", source), by=row.by or entry.by, span=place)
            read = self.fields(item, more) | self.coded(item)
            # A row with nothing in it may be a slip: somebody may have meant one, nobody said so.
            status = "confirmed" if row.written or more else "unconfirmed"
            if value := read.pop("value", None):
                reading = replace(reading, value_codes=value.codes)
            if self.yes(item, "possible"):
                reading = replace(reading, match=UNKNOWN)
            reading = replace(reading, fields=read, text=row.text, status=status, unusable=row.unusable)
            yield from self.common(reading, row, item, listed=True)

    def unknown_key(self, key: Scalar, known: list[str]) -> None:
        meant = near(key.text, known, 0.7)
        help = f"did you mean `{meant}`" if meant else "the keys of a row are " + ", ".join(known)
        if key.text == "unit":
            help = "write the unit with the value: `5.2 'mg/L'`"
        self.faults.add(key.at, f"a row of {self.name} has no such key", help=help, end=key.end)

    def single(self, entry: Entry, tree: Mapping) -> Iterable[Reading]:
        """`SSS: {value: 7, date: 2026-11-20}`."""
        shapes = {
            "value": entry.value, "low and high": entry.low or entry.high, "born": entry.born, "age": entry.age,
            "missing": self.yes(tree, "missing"), "absent": self.yes(tree, "absent"),
        }  # fmt: skip
        given = [key for key, there in shapes.items() if there]
        if len(given) > 1:
            self.mismatch(tree, f"{self.name} gives `{given[0]}` and `{given[1]}` at once")
            return
        reading = Reading(
            self.origin("", entry.source), by=entry.by, text=entry.text, span=self.faults.span(tree.at)
        )
        if "born" in given or "age" in given or self.kind == "birth date":
            yield from self.born(reading, entry, tree)
            return
        if shapes["missing"]:
            yield replace(reading, missing=True)
            return
        if shapes["absent"]:
            if entry.status and entry.status not in (*DENIED, "confirmed"):
                self.mismatch(tree, f"{self.name} is absent and of another status at once")
            reading = replace(reading, status="absent", text="")
        if given or entry.text or entry.code or entry.codes or entry.status:
            yield from self.common(reading, entry, tree, listed=False)

    def born(self, reading: Reading, entry: Entry, tree: Mapping) -> Iterable[Reading]:
        """A date of birth, or an age on a day: born within that year."""
        if self.kind != "birth date":
            self.mismatch(tree, f"{self.name} is not an age", "`born` and `age` belong to an age")
            return
        date = self.day(tree, "date", entry.date)
        reading = replace(reading, date=entry.date, text="")
        if entry.missing or not (entry.born or entry.age or entry.value or entry.low or entry.high):
            return
        if not entry.age:
            low, high = entry.low.strip(), entry.high.strip()
            for key in ("born", "value", "low", "high"):
                self.day(tree, key, getattr(entry, key))
            yield replace(reading, value=(entry.born or entry.value).strip(), low=low, high=high)
            return
        age = entry.age.strip()
        if not (age.isascii() and age.isdigit() and int(age[:4]) <= OLDEST):
            self.mismatch(tree.entries["age"][1], f"`age` of {self.name} is completed years, 0 to {OLDEST}")
        elif date is None:
            if not entry.date:
                help = "write {age: 49, date: 2018-02-05}"
                self.mismatch(tree, f"`age` of {self.name} needs the `date` on which it was told", help)
        else:
            first, last = born_between(int(age), date)
            yield replace(reading, low=first, high=last)

    # ---------------------------------------------------------------------------- their parts

    def origin(self, row: str, source: str = "") -> str:
        said = " ".join((source or self.source).split())
        place = f"profile {self.requirement.name}{row}"
        return f"{place} ({said[:100]})" if said else place

    def common(self, reading: Reading, entry: Entry | Row, tree: Mapping, listed: bool) -> Iterable[Reading]:
        """Date, status and codes of an entry, then its value."""
        self.day(tree, "date", entry.date)
        status = entry.status.strip() or reading.status
        if status not in STATUSES:
            meant = near(status, STATUSES)
            help = f"did you mean `{meant}`" if meant else "it is one of " + ", ".join(STATUSES)
            self.mismatch(tree.entries["status"][1], f"{self.name} has no such status", help)
            status = "unconfirmed"
        if reading.status == "absent" and status == "confirmed":
            status = "absent"
        codes = tuple(self.codes(tree))
        reading = replace(reading, date=entry.date.strip(), status=status, codes=codes)
        if reading.match is not UNKNOWN:
            reading = replace(reading, match=self.match(reading, entry.value))
        if entry.low or entry.high:
            if entry.value:
                self.mismatch(tree, f"{self.name} gives `value` and `low and high` at once")
            yield from self.ranged(reading, entry, tree)
        elif entry.value:
            yield from self.valued(reading, tree.entries["value"][1])
        else:
            yield reading

    def match(self, reading: Reading, value: str) -> Truth:
        """Who files a row under a requirement says that it is one; a code says more, free text less."""
        # SPEC: semantics 4.1.
        if reading.codes:
            return member(reading.codes, self.wanted) if self.wanted else TRUE
        return UNKNOWN if reading.text and self.wanted and not value else TRUE

    def day(self, tree: Mapping, key: str, text: str) -> Bounds | None:
        found = when_of(text) if text else None
        if text and found is None and key in tree.entries:
            help = "write it as 2026-08-15, 2026-08 or 2026"
            self.mismatch(tree.entries[key][1], f"`{key}` of {self.name} is not a date", help)
        return None if found is None else found[0]

    def codes(self, tree: Mapping) -> Iterable[Code]:
        for key in ("code", "codes"):
            below = tree.get(key)
            for item in below.items if isinstance(below, Sequence) else [below] if below is not None else []:
                if isinstance(item, Scalar) and item.text.strip():
                    code = self.code(item)
                    if code is not None:
                        yield code

    def code(self, item: Scalar) -> Code | None:
        code = code_of(item.text)
        if code is None:
            self.mismatch(item, f"a code of {self.name} is not written as one", "write `SYSTEM CODE`")
        elif meant := misspelt(code, self.systems):
            self.mismatch(item, f"a code of {self.name} is of no known system", f"did you mean `{meant}`")
        return code

    def ranged(self, reading: Reading, entry: Entry | Row, tree: Mapping) -> Iterable[Reading]:
        """`low` and `high`; a unit written with one of them is that of both."""
        if self.requirement.type.name not in (*NUMBERS, "Date", "DateTime"):
            self.mismatch(tree, f"{self.name} cannot be a range")
            return
        ends, units = [], set()
        for key, text in (("low", entry.low.strip()), ("high", entry.high.strip())):
            there = not text or self.fits(text, tree.entries[key][1])
            found = literal(text) if self.requirement.type.name in NUMBERS else None
            if text and there and found is not None and found.comparator:
                self.mismatch(tree.entries[key][1], f"`{key}` of {self.name} is a number without a comparator")
            ends.append(found.value if found else text)
            units |= {found.unit} if found else set()
        if len(units - {""}) > 1 or (len(units) > 1 and entry.low and entry.high):
            self.mismatch(tree, f"`low` and `high` of {self.name} are not in one unit")
            return
        yield replace(reading, low=ends[0], high=ends[1], unit=units.pop() if units else "")

    def valued(self, reading: Reading, tree: Tree) -> Iterable[Reading]:
        """A value as text, held against the declared type."""
        assert isinstance(tree, Scalar)
        text, requirement = tree.text.strip(), self.requirement
        unknown = text.upper() == "UNKNOWN" and requirement.type.name in ("Judgement", "Records")
        if unknown or (text == "OPEN" and requirement.type.name == "Judgement"):
            return
        reading = replace(reading, span=self.faults.span(tree.at, tree.end))
        if text in requirement.missing:
            yield replace(reading, value=text)
        elif requirement.type.name == "Records":
            # `Trials: FALSE` is the attestation that there was none.
            if is_yes(text) is not False:
                self.mismatch(tree, f"{self.name} is a list of rows", "write them under `records:`")
            yield replace(reading, status="absent")
        elif self.fits(text, tree):
            yield replace(reading, **value_parts(requirement.type, self.kind, text))

    def fits(self, text: str, tree: Tree) -> bool:
        """Whether a text can be what is asked for; that it cannot is noted."""
        found = misfit(self.kind, text, self.systems)
        if found is not None:
            self.mismatch(tree, f"{self.name} is not {found[0]}", found[1])
        return found is None

    def coded(self, tree: Mapping) -> dict[str, FieldReading]:
        """The codes of fields, and under `value` those of the value: `drug: RxNorm 313782`."""
        found: dict[str, FieldReading] = {}
        known = ["value", *(declared.name for declared in self.requirement.fields)]
        below = tree.get("coded")
        for item in below.items if isinstance(below, Sequence) else [below] if below is not None else []:
            name, _, text = item.text.partition(": ") if isinstance(item, Scalar) else ("", "", "")
            code = code_of(text)
            if not isinstance(item, Scalar) or (code is None and text != UNUSABLE) or name not in known:
                self.mismatch(item, f"`coded` of {self.name} is not written as FIELD: SYSTEM CODE")
                continue
            before = found.get(name, FieldReading(span=self.faults.span(item.at, item.end)))
            codes = before.codes if code is None else (*before.codes, code)
            found[name] = replace(before, codes=codes, text=text if code is None else before.text)
        return found

    def fields(self, tree: Mapping, more: Iterable[str]) -> dict[str, FieldReading]:
        """The declared fields of a row."""
        found = {}
        for declared in self.requirement.fields:
            below = tree.get(declared.name) if declared.name in more else None
            if not isinstance(below, Scalar):
                continue
            text = below.text.strip()
            wrong = field_misfit(declared, text, self.systems)
            if wrong is not None:
                self.mismatch(below, f"`{declared.name}` of {self.name} is not {wrong[0]}", wrong[1])
            span = self.faults.span(below.at, below.end)
            found[declared.name] = FieldReading(**field_parts(declared, text), span=span)
        return found


def _end(tree: Tree) -> int:
    return tree.end if isinstance(tree, Scalar) else 0
