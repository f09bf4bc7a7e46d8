"""What is hidden in a comparison of two runs from somebody who has the funnels of both.

Every number that is printed of standings and verdicts, in either funnel or in the comparison, counts people who
went from one standing and verdict to another, or were in one of the runs alone. All these sums are looked at
together, with what a criterion bars before and now: none of the three prints gives away what another one hides.
Where no mark would be enough, because the two funnels tell nearly all, less of the comparison is printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from screening.outcome.determination import Standing, Verdict
from screening.outcome.row import NOT_SCREENED
from screening.reports.attrition import LEFT
from screening.reports.cell import Published
from screening.reports.suppression import Protected, Sum, protected

State = tuple[str, str]
"""A standing and a verdict; two empty texts for somebody who is not in a run."""
Path = tuple[State, State, str]
"""From where to where somebody went between two runs, and whether that is new, gone, changed or the same."""
Changed = tuple[str, str, str]
"""A criterion with its truth before and now."""
ABSENT: State = ("", "")
_BARS = {"inclusion": "FALSE", "exclusion": "TRUE"}
# People go many ways: another table of them is found by moving several at once.
_STEPS = 5_000
_OPEN = (Verdict.UNDETERMINED, Verdict.REVIEW, Verdict.ELIGIBLE)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is printed instead of the cells of a comparison that are hidden.

    `withheld` are the kinds of cells of which no mark would hide enough: `moves` and with them all but the number
    of people, or `criteria`.
    """

    hidden: Mapping[str, str] = field(default_factory=dict)
    withheld: Collection[str] = ()


def marks(
    paths: Mapping[Path, int],
    criteria: Collection[Changed],
    names: Mapping[str, int],
    limit: int,
    before: Published,
    now: Published,
) -> Marks:
    """What is hidden of the cells of a comparison, `names`, below a limit.

    `paths` says how many people went each way, `criteria` what criteria changed from and to for somebody. `before`
    and `now` are what is printed in the funnels of the two runs: it is kept.
    """
    moves = {name: number for name, number in names.items() if not name.startswith("criterion ")}
    made = _Together(paths, moves, before, now)
    alone = made.protected(limit)
    if alone.told:
        return Marks(withheld=("moves", "criteria"))
    made.add_criteria(names, criteria, before, now)
    every = made.protected(limit)
    if every.told:
        # Two funnels of the same people tell how many more a criterion bars, and the two ways of it nearly so.
        return Marks(made.of(alone, moves), ("criteria",))
    return Marks(made.of(every, names))


class _Together:
    """The cells of a comparison and of both funnels, and what adds up among them."""

    def __init__(
        self, paths: Mapping[Path, int], moves: Mapping[str, int], before: Published, now: Published
    ) -> None:
        self.paths, self.moves = paths, moves
        self.cells: dict[str, int] = dict(moves)
        self.sums: list[Sum] = []
        self.implied: set[str] = set()
        self.shown: dict[str, str] = {}
        for path, number in paths.items():
            self._imply(_named(path), number)
        for name in moves:
            kind, _, rest = name.partition(" ")
            self._sum([name], (path for path in paths if _is_of(path, kind, rest)))
        self._funnel(0, "before", before)
        self._funnel(1, "now", now)

    def protected(self, limit: int) -> Protected:
        """What is to be hidden; what a funnel hides must not follow either."""
        kept = [name for name, mark in self.shown.items() if mark]
        return protected(self.cells, self.sums, limit, self.implied, self.shown, kept, _STEPS)

    @staticmethod
    def of(found: Protected, names: Collection[str]) -> dict[str, str]:
        """The marks of some cells."""
        return {name: mark for name, mark in found.marks.items() if name in names}

    def add_criteria(
        self, names: Mapping[str, int], criteria: Collection[Changed], before: Published, now: Published
    ) -> None:
        """Adds how many people a criterion became true, false or unknown of."""
        self.cells |= names
        for id, category in before.categories.items():
            if now.categories.get(id) == category:
                self._criterion(id, _BARS[category], [each[1:] for each in criteria if each[0] == id])

    def _imply(self, name: str, number: int) -> str:
        """A cell that is printed nowhere."""
        self.cells[name] = number
        self.implied.add(name)
        return name

    def _sum(self, parts: Iterable[str], paths: Iterable[Path]) -> None:
        """Cells that are together so many people as went some ways."""
        self.sums.append({**dict.fromkeys(map(_named, paths), 1), **dict.fromkeys(parts, -1)})

    def _funnel(self, at: int, when: str, funnel: Published) -> None:
        """The totals of one of the runs, and what criteria bar; a place of each path is of its people."""
        cells = funnel.cells
        names = {name for name in cells.numbers if name.startswith(("total ", "any ")) or name == "undecided"}
        self.cells |= {f"{when} {name}": cells.numbers[name] for name in names}
        self.implied |= {f"{when} {name}" for name in names & set(funnel.implied)}
        self.shown |= {
            f"{when} {name}": cells.hidden.get(name, "") for name in sorted(names - set(funnel.implied))
        }
        among = [each for each in funnel.sums if each.keys() <= names]
        self.sums += [{f"{when} {name}": sign for name, sign in each.items()} for each in among]
        every = [path for path in self.paths if path[at] != ABSENT]
        for total, paths in (
            ("assessed", every),
            ("ruled out", [path for path in every if path[at][1] == Verdict.INELIGIBLE.value]),
            ("not screened", [path for path in every if path[at][1] == NOT_SCREENED]),
            ("not ruled out", [path for path in every if path[at][0] == Standing.NOT_RULED_OUT.value]),
        ):
            self._sum([f"{when} total {total}"], paths)
        left = []
        for verdict in _OPEN:
            # Who declined is counted as such, and not by the verdict.
            paths = [path for path in every if path[at][1] == verdict.value]
            still = f"total {verdict.value.lower()}"
            number = sum(self.paths[path] for path in paths) - cells.numbers[still]
            left.append(self._imply(f"{when} left, {still}", number))
            self._sum([f"{when} {still}", left[-1]], paths)
        self.sums.append(dict.fromkeys(left, 1) | {f"{when} total {word}": -1 for word in LEFT})

    def _criterion(self, id: str, bars: str, changed: Collection[tuple[str, str]]) -> None:
        """Whom a criterion bars now are those whom it barred before, but for those who changed."""
        both = [f"{when} any {id}" for when in ("before", "now")]
        signs = {name: sign for name, sign in zip(both, (1, -1), strict=True) if name in self.cells}
        for one, other in changed:
            if bars in (one, other):
                signs[f"criterion {id} {one} {other}"] = 1 if other == bars else -1
        lacking = -sum(self.cells[name] * sign for name, sign in signs.items())
        alone = [name for name in ("new", "gone") if self.moves[name]]
        if len(alone) == 1:
            # Those of one run alone are among them, nobody knows how many: from none to all.
            number = lacking if alone == ["new"] else -lacking
            rest = self.moves[alone[0]] - number
            if number < 0 or rest < 0:
                return
            signs[self._imply(f"{alone[0]} barred {id}", number)] = 1 if alone == ["new"] else -1
            self.sums.append(
                {f"{alone[0]} barred {id}": 1, self._imply(f"{alone[0]} but {id}", rest): 1, alone[0]: -1}
            )
        elif alone or lacking:
            # Of both runs too much is open; a criterion that bars nobody by itself counts otherwise.
            return
        self.sums.append(signs)


def _named(path: Path) -> str:
    return f"went {path}"


def _is_of(path: Path, kind: str, rest: str) -> bool:
    """Whether people who went so are counted in a cell of the comparison."""
    one, other, change = path
    match kind:
        case "before":
            return one != ABSENT
        case "now":
            return other != ABSENT
        case "standing":
            return ABSENT not in (one, other) and f"{one[0]} {other[0]}" == rest
        case "verdict":
            return ABSENT not in (one, other) and f"{one[1]} {other[1]}" == rest
        case _:
            return change == kind
