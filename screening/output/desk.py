"""What a run's folder remembers for the people who work with it: whom not to contact, what was decided, what
was listed.

It stands in the folder beside the rows, for its owner alone, and goes over into the next run that takes the
folder's place. Nothing in it is lost: a disposition that another one follows stays as an earlier one, and a person
whom nobody may contact stays so until a list is given that is to replace the earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from screening.errors import UnreadableRecord
from screening.output.folder import write_private
from screening.output.lists import Disposition

FILE = "desk.json"
_FORM = "screening-desk-1"


@dataclass(slots=True)
class Desk:
    """The memory of a folder.

    `decided` holds for each person the dispositions in the order in which they came, the last is the one that
    stands. `listed` says what the worklist of this run showed of each person, `before` what that of the run before
    did; None where none was made.
    """

    blocked: set[str] = field(default_factory=set)
    decided: dict[str, list[Disposition]] = field(default_factory=dict)
    listed: dict[str, str] | None = None
    before: dict[str, str] | None = None

    def words(self) -> dict[str, str]:
        """What was decided last of each person, in one word."""
        return {id: every[-1].word for id, every in self.decided.items() if every[-1].word}


@dataclass(slots=True)
class Merged:
    """What came of lists of dispositions: how many were new, and the people of whom two do not agree."""

    new: int = 0
    conflicts: list[str] = field(default_factory=list)


def read(folder: Path) -> Desk:
    """The memory of a folder, an empty one where there is none. Raises UnreadableRecord where it is broken."""
    path = folder / FILE
    if not path.exists():
        return Desk()
    try:
        data = json.loads(path.read_bytes())
        if data["desk"] != _FORM:
            raise ValueError
        decided = {
            str(id): [Disposition(*map(str, each)) for each in every] for id, every in data["decided"].items()
        }
        listed, before = (None if data[name] is None else dict(data[name]) for name in ("listed", "before"))
        return Desk(set(data["do_not_contact"]), decided, listed, before)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableRecord(
            f"`{FILE}` is broken: it says whom not to contact, so nothing is listed without it; put back a copy"
        ) from None


def keep(folder: Path, desk: Desk) -> None:
    """Writes the memory, whole or not at all; the same memory, the same bytes."""
    data = {
        "desk": _FORM,
        "do_not_contact": sorted(desk.blocked),
        "decided": {
            id: [[each.word, each.date, each.by, each.note] for each in desk.decided[id]]
            for id in sorted(desk.decided)
        },
        "listed": None if desk.listed is None else dict(sorted(desk.listed.items())),
        "before": None if desk.before is None else dict(sorted(desk.before.items())),
    }
    write_private(folder / FILE, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def carry(old: Path, new: Path) -> None:
    """The memory of a folder goes over into the one that takes its place."""
    if (old / FILE).is_file():
        desk = read(old)
        # Where no worklist was made of the old run, the last one that was made is still the one before.
        keep(new, Desk(desk.blocked, desk.decided, None, desk.before if desk.listed is None else desk.listed))


def inherit(desk: Desk, earlier: Desk) -> None:
    """Whom not to contact and what was decided in an earlier folder holds here too.

    What stands here stands, unless something of a later day was decided there.
    """
    desk.blocked |= earlier.blocked
    for id, every in earlier.decided.items():
        own = desk.decided.get(id, [])
        others = [each for each in every if each not in own]
        stands = own[-1].date if own else ""
        later = [each for each in others if stands and each.date > stands]
        desk.decided[id] = [*(each for each in others if each not in later), *own, *later]


def merge(desk: Desk, files: Iterable[Mapping[str, Disposition]]) -> Merged:
    """Takes dispositions in. The one of the later day stands; of two of one day, or without any, the one that
    came last.

    Two that differ in their word, of which the newer in coming is not the later in time, are a conflict: one of
    them stands, both are kept; and so is one of an earlier day, which may correct the one that stands. A line that
    was left empty takes nothing back.
    """
    found = Merged()
    for given in files:
        for id, new in given.items():
            every = desk.decided.setdefault(id, [])
            if every and new == every[-1]:
                continue
            if new in every:
                # An old copy of a list, or somebody takes the later one back: that is for people to say.
                found.conflicts.append(id)
                continue
            if every and every[-1].word and not new.word:
                # Only a note, or a date: what was decided stands, and the note is written to it.
                stands = every[-1]
                new = Disposition(stands.word, new.date or stands.date, new.by or stands.by, new.note)
            is_older = bool(every) and bool(new.date) and new.date < every[-1].date
            is_other = bool(every) and every[-1].word != new.word and not new.date > every[-1].date
            if every and every[-1].word and (is_older or is_other):
                found.conflicts.append(id)
            found.new += 1
            every.insert(len(every) - 1 if is_older else len(every), new)
    return found
