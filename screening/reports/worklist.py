"""`screening worklist`: the people of a cohort to look at, with what is on record and what is to be obtained.

Who is on it is NOT RULED OUT, which never means eligible. Who is not to be contacted is never on it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from screening.outcome.determination import Standing
from screening.outcome.row import Row
from screening.record.people import alike, is_number, rounded
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.words import LONG_OBTAINED, OBTAINED, SHORT_OBTAINED, counted, exact, safe

_OPEN = {way: f"open_{SHORT_OBTAINED.get(way, way).lower()}" for way in OBTAINED}
DAYS = ("not_before", "disposition_date", "as_of")
OWN = ("disposition", "disposition_date", "disposition_by", "note")
COLUMNS = (
    "pseudonym",
    "change",
    "alert",
    "verdict",
    "anchor_evidence",
    *(_OPEN[way] for way in ("ask", "questionnaire", "examine", "blood", "ECG", "chart", "arrange", "judge")),
    "not_before",
    *OWN,
    "earlier_dispositions",
    "as_of",
    "protocol",
)
ITEM_COLUMNS = ("obtained", "item", "people")
NEW, CHANGED, SAME = "new", "changed", "same"
OFF, ELSEWHERE = "no longer listed", "in no row of this run"
_MOST_NAMED = 10


class Decided(Protocol):
    """What was decided of one person."""

    @property
    def word(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people beside their rows.

    `before` says what the run before showed of each person it listed, None where there is none; `blocked` are not
    to be contacted, `decided` has what was decided, the last is what stands. `present` are those of the people
    named in either who have a row in the run.
    """

    before: Mapping[str, str] | None
    blocked: frozenset[str]
    decided: Mapping[str, Sequence[Decided]]
    present: frozenset[str]


@dataclass(slots=True)
class Worklist:
    """The rows of a worklist, and the counts that say where everybody else is.

    `blocked` are NOT RULED OUT and not to be contacted; `blocked_elsewhere` stand on that list and were not to be
    listed anyway; `unknown` stand on it and in no row of the run. `gone` were listed in the run before.
    `alike` are blocked because their id is on that list but for how it is written. `decided_of` counts the people
    who are listed by what was decided of them, `strangers` are those with a disposition and no row.
    """

    rows: list[list[str]] = field(default_factory=list)
    listed: int = 0
    blocked: int = 0
    blocked_elsewhere: int = 0
    unknown: int = 0
    kept: int = 0
    gone: int = 0
    alerts: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    decided_of: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    strangers: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    showed: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> int:
        """How many people to look at stand on it."""
        return self.listed - self.blocked


def worklist(rows: Iterable[Row], manifest: Mapping[str, Any], known: Known) -> Worklist:
    """Everybody of these rows who may be contacted, people with an alert first, then in the source's order.

    `rows` are those of the people who are NOT RULED OUT. A disposition of somebody who is no longer on the list
    keeps a row at its end, so that a worklist which is filled in and given again loses none.
    """
    obtain = {each["name"]: (each["obtain"], each["label"]) for each in manifest["requirements"]}
    found = Worklist()
    # A spreadsheet makes 42 of 0042: who may be meant is not contacted either, also where there is a 42.
    astray = {alike(exact(id)) for id in known.blocked if is_number(id) or id not in known.present}
    first: list[list[str]] = []
    later: list[list[str]] = []
    for row in rows:
        found.listed += 1
        found.showed[row.id] = state(row)
        if row.id in known.blocked:
            found.blocked += 1
            continue
        if astray and _is_astray(row.id, astray):
            found.blocked += 1
            found.alike.append(row.id)
            continue
        change = _change(found.showed[row.id], row.id, known.before)
        found.changes[change] += 1
        found.open.update(row.missing)
        found.alerts += bool(row.alerts)
        every = known.decided.get(row.id, ())
        found.decided_of[every[-1].word if every else ""] += 1
        (first if row.alerts else later).append(_cells(row, change, obtain, every, manifest))
    named_elsewhere = known.present - found.showed.keys()
    found.blocked_elsewhere = len(known.blocked & named_elsewhere)
    found.unknown = len(known.blocked - known.present)
    found.gone = len(known.before.keys() - found.showed.keys()) if known.before is not None else 0
    blocked = known.blocked | {id for id in known.decided if astray and _is_astray(id, astray)}
    kept = sorted(id for id in known.decided if id not in found.showed and id not in blocked)
    found.strangers = [id for id in kept if id not in known.present]
    found.kept = len(kept)
    last = [
        _cells(Row(id, "", ""), OFF if id in known.present else ELSEWHERE, obtain, known.decided[id], manifest)
        for id in kept
    ]
    found.rows = [*first, *later, *last]
    return found


def _is_astray(id: str, keys: Collection[str]) -> bool:
    key = alike(exact(id))
    return key in keys or rounded(key) in keys


def state(row: Row) -> str:
    """What a worklist shows of a person, as a short digest: it differs where anything to look at has changed."""
    told = (row.verdict, row.criteria, row.missing, row.alerts, row.not_before)
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=10).hexdigest()


def _change(now: str, id: str, before: Mapping[str, str] | None) -> str:
    if before is None or id not in before:
        return NEW
    return SAME if before[id] == now else CHANGED


def _cells(
    row: Row,
    change: str,
    obtain: Mapping[str, tuple[str, str]],
    decided: Sequence[Decided],
    manifest: Mapping[str, Any],
) -> list[str]:
    open: dict[str, list[str]] = {}
    for name in row.missing:
        way, label = obtain.get(name, ("chart", name))
        open.setdefault(_OPEN.get(way, _OPEN["chart"]), []).append(label)
    protocol = manifest["protocol"]
    said = {
        "pseudonym": row.id,
        "change": change,
        "alert": "; ".join(row.alerts),
        "verdict": row.verdict,
        "anchor_evidence": "; ".join(row.evidence),
        **{column: "; ".join(labels) for column, labels in open.items()},
        "not_before": row.not_before,
        "as_of": manifest["as_of"],
        "protocol": f"{protocol['name']} {protocol['version']} {protocol['said']}",
    }
    if decided:
        stands = decided[-1]
        said |= dict(zip(OWN, (stands.word, stands.date, stands.by, stands.note), strict=True))
        said["earlier_dispositions"] = "; ".join(str(each) for each in decided[:-1])
    shown = {column: safe(text) for column, text in said.items()}
    # Whoever is named by an id must be found by it when the list comes back.
    return [exact(row.id), *(shown.get(column, "") for column in COLUMNS[1:])]


def items(found: Worklist, manifest: Mapping[str, Any]) -> list[list[str]]:
    """What is to be obtained of how many people on the list, grouped by how it is obtained."""
    known = {each["name"]: each for each in manifest["requirements"]}
    rows = []
    for way in OBTAINED:
        of_way = [name for name in found.open if name in known and known[name]["obtain"] == way]
        for name in sorted(of_way, key=lambda name: (-found.open[name], list(known).index(name))):
            rows.append([LONG_OBTAINED.get(way, way), known[name]["label"], f"{found.open[name]}"])
    return rows


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of a worklist beside its counts."""

    place: str
    has_list: bool
    new_dispositions: int
    conflicts: Sequence[str]
    differ: Sequence[str]
    still_blocked: int = 0
    taken: Sequence[tuple[str, str]] = ()


def told(found: Worklist, manifest: Mapping[str, Any], about: About, has_before: bool) -> list[Line]:
    """What was written, in counts that add up."""
    lines = headed(manifest)
    lines += paragraph(
        f"{found.listed:,} NOT RULED OUT - {found.blocked:,} on the do-not-contact list = "
        f"{counted(found.names, 'row', none='0 rows')}"
    )
    if about.has_list:
        elsewhere = f"{found.blocked_elsewhere:,} more on that list are not NOT RULED OUT"
        lines += paragraph(f"{elsewhere}, {found.unknown:,} are in no row of this run.", "  ", "  ")
    else:
        lines += paragraph("No do-not-contact list was given (--do-not-contact).", "  ", "  ")
    if found.alike:
        people = counted(
            len(found.alike), "person is left out whose id differs", "people are left out whose ids differ"
        )
        lines += _open(
            f"{people} from one on that list only in how it is written: {_named(found.alike)}. "
            "To contact somebody of them, correct the list (--replace-list)."
        )
    if about.still_blocked:
        many = f"{about.still_blocked:,} of an earlier do-not-contact list are not on the one given"
        lines += _open(f"{many}; they are still left out (--replace-list takes them off).")
    if found.alerts:
        people = counted(found.alerts, "person", "people")
        lines.append(
            Line(f"!! Alerts: {people}, at the top. Nobody has been told: see to it.", "against", 2, (0, 0), True)
        )
    lines += _left_out(found, manifest["counts"])
    lines += _since(found, about, has_before)
    lines += _decided(found, about)
    lines += paragraph(
        f"Written: {safe(about.place)}. It names people: keep it where their records are kept.", "", "  "
    )
    return [*lines, Line(""), *fixed_words(manifest)]


def _left_out(found: Worklist, counts: Mapping[str, Any]) -> list[Line]:
    """People of the run whom somebody may look for on the list, and who are not NOT RULED OUT."""
    lines: list[Line] = []
    if more := counts["people_with_alerts"] - found.alerts:
        people = counted(more, "person with an alert is", "people with an alert are")
        first, *rest = paragraph(f"{people} not on it; people.csv names them, column alerts.", "!! ", "   ")
        lines += [Line(first.text, AGAINST, 2, (0, 0), True), *rest]
    if not found.listed and (many := counts["standing"].get(Standing.NO_ANCHOR_EVIDENCE.value, 0)):
        lines += _open(
            f"{many:,} NO ANCHOR EVIDENCE are not on it: not ruled out, and not every anchor is on record. "
            "screening funnel says what they lack, screening coverage what the source holds."
        )
    return lines


def _since(found: Worklist, about: About, has_before: bool) -> list[Line]:
    if not has_before:
        return paragraph("No run before is known (--since): everybody is new.", "  ", "  ")
    changes = ", ".join(f"{found.changes[word]:,} {word}" for word in (NEW, CHANGED, SAME))
    gone = (
        f"; {counted(found.gone, 'person', 'people')} of the run before not listed any more" if found.gone else ""
    )
    lines = paragraph(f"Since the run before: {changes}{gone}.", "", "  ")
    if about.differ:
        lines += paragraph(f"The run before differs in {', '.join(about.differ)}.", "", "  ")
    return lines


def _decided(found: Worklist, about: About) -> list[Line]:
    """What was decided, what was kept, and what does not agree."""
    lines: list[Line] = []
    words = [f"{number:,} {word}" for word, number in sorted(found.decided_of.items()) if word]
    if words:
        nothing = found.names - sum(number for word, number in found.decided_of.items() if word)
        lines += paragraph(f"Dispositions: {', '.join(words)}, {nothing:,} none yet = {found.names:,}.", "", "  ")
    if found.kept:
        kept = counted(found.kept, "disposition")
        lines += paragraph(f"{kept} of people no longer listed kept at the end of the list.", "+ ", "  ")
    if about.taken:
        many = counted(len(about.taken), "disposition is of an id", "dispositions are of ids")
        pairs = _first([f"{exact(written)} for {exact(id)}" for written, id in about.taken])
        lines += _open(f"{many} that the run writes otherwise: {pairs}. See that the right person has it.")
    if found.strangers:
        people = "person with a disposition is", "people with a disposition are"
        lines += _open(
            f"{counted(len(found.strangers), *people)} in no row of this run: {_named(found.strangers)}."
        )
    if about.conflicts:
        many = counted(len(about.conflicts), "person has", "people have")
        lines += _open(
            f"{many} two dispositions that do not agree: {_named(about.conflicts)}. Of two the one of the later "
            "day stands, else the one given last; the other is kept as an earlier one. To correct one, "
            "give it a later day."
        )
    return lines


def _named(ids: Sequence[str]) -> str:
    return _first([exact(id) for id in dict.fromkeys(ids)])


def _first(every: Sequence[str]) -> str:
    more = f", {len(every) - _MOST_NAMED:,} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(every[:_MOST_NAMED]) + more


def _open(text: str) -> list[Line]:
    first, *rest = paragraph(text, "? ", "  ")
    return [Line(first.text, OPEN, 1), *rest]
