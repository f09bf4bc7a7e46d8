"""What keeps a criterion open as Python text, and the text of all that a row is made of.

A requirement keeps a criterion open if a path of unsettled nodes leads to it. Requirements are bits of one number,
in the order of the library, so that what several nodes leave open is one `|`. Of most people most requirements say
nothing: what rests on those alone is worked out once, for somebody of whom nothing is recorded, and kept.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from screening.interpreters.compiled_query import Listed, every_node, is_truth, is_worded
from screening.interpreters.compiled_stretch import Stretch, names_in, stretches
from screening.interpreters.compiled_text import Text
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Criterion, Library

# What a criterion comes to: its truth, and whether it turns on judgements or does not apply.
OUTCOMES = MET, UNMET, OPEN, OPEN_BY_BOTH, OPEN_BY_JUDGEMENT, MET_UNASKED, UNMET_UNASKED = range(7)

_OF_ROWS = e.Exists | e.Count | e.CountDistinct | e.RowValues | e.Select | e.DateOf | e.Silence
# What is settled whatever is known, and what has no step of its own.
_SETTLED = e.Literal | e.Parameter | e.Field | e.Is | e.Contradicted | e.Fires | e.Favoured | e.Retrieve | e.Where
_AT_ONCE = 40


class RowText(Text):
    """Writes `written(subject, day, said, whole)`.

    `said` has the bits of the requirements of which this person's record says what it does not say of everybody's.
    A name below which there is none has its silent value: `silent` gives, by the name that holds them in the text,
    which names these are. With `whole` nothing is left out, and every name with its value is returned.
    """

    def __init__(self, library: Library, day: datetime.date | None) -> None:
        self.expressions = dict(library.order)
        self.criteria = {criterion.id: criterion for criterion in library.criteria}
        self.alerts = {c.id: c.alert.definition for c in library.criteria if c.alert is not None}
        self.anchors = library.anchors
        self.bits = {requirement.name: 1 << n for n, requirement in enumerate(library.requirements)}
        self.judged = sum(self.bits[r.name] for r in library.requirements if r.type.name == "Judgement")
        self.below: dict[str, int] = {}
        self.rests: dict[str, int] = {}
        self.left: dict[AnyNode, str] = {}
        self.outcomes: dict[str, str] = {}
        self.ends: list[tuple[str, int]] = []
        self.silent: dict[str, tuple[str, ...]] = {}
        untils = [name for id in self.criteria if (name := f"until:{id}") in self.expressions]
        wanted = [*ROOTS, *self.criteria, *self.alerts.values(), *self.anchors, *untils]
        super().__init__(library, wanted, day)

    def enter(self, name: str, expression: Expression) -> None:
        """What a name is worth; for a criterion also what keeps it open, and what it comes to."""
        if not self.ends:
            self.ends.append(("", len(self.page.blocks[0])))
        self.below[name] = self._below(expression)
        super().enter(name, expression)
        if name in self.criteria:
            self.outcomes[name] = self._outcome(self.criteria[name])
        self.ends.append((name, len(self.page.blocks[0])))

    def _below(self, node: AnyNode) -> int:
        """The requirements that a node rests on, through names too."""
        found = self._sources(node)
        for part in every_node(node):
            if isinstance(part, e.Reference):
                found |= self.below[part.name]
            elif isinstance(part, e.Contradicted):
                found |= self.below[part.criterion]
        return found

    def _sources(self, node: AnyNode) -> int:
        """The lists that stand in a node itself."""
        found = 0
        for part in every_node(node):
            if isinstance(part, e.Retrieve):
                found |= self.bits[part.requirement]
        return found

    # ------------------------------------------------------------------------------ what is open

    def opened(self, node: AnyNode) -> str:
        """The requirements that keep a node open, as the text of a number; "" where there are never any."""
        if isinstance(node, _SETTLED):
            return ""
        if node not in self.left:
            text = self._opened(node)
            if text and (isinstance(node, e.Reference) or self.often[node] > 1):
                text = self.page.let(text, names_in(text))
            self.left[node] = text if not text or text in names_in(text) else f"({text})"
        return self.left[node]

    def _opened(self, node: Expression) -> str:
        match node:
            case e.Reference(name) if name in self.bits:
                below = str(self.bits[name])
            case e.Reference(name):
                below = self.opened(self.expressions[name])
            case _ if isinstance(node, _OF_ROWS):
                below = str(self._sources(node))
            case _:
                below = " | ".join(filter(None, dict.fromkeys(self.opened(part) for part in parts(node))))
        return f"{below} if {self._unsettled(node)} else 0" if below else ""

    def _unsettled(self, node: Expression) -> str:
        """The condition that a node is not settled: a truth is UNKNOWN, bounds are not one single value."""
        # SPEC: semantics 6, what keeps a criterion open.
        if is_truth(node.type):
            sides = self.rails(node)
            name = sides.met.removesuffix(" is TRUE")
            if name in sides.reads and sides == self.page.sides(name):
                return f"{name} is UNKNOWN"
            return f"not ({sides.met} or {sides.unmet})"
        found = self.value(node)
        if is_worded(node.type):
            return f"{found} == ()"
        return f"({found}[0] is None or {found}[0] != {found}[1])"

    def _outcome(self, criterion: Criterion) -> str:
        """The name of what a criterion comes to, one of the OUTCOMES."""
        truth, left = self.entries[criterion.id], self.opened(criterion.expression)
        if left and left not in names_in(left):
            left = self.left[criterion.expression] = self.page.let(left, names_in(left))
        met, unmet, unknown = str(MET), str(UNMET), str(OPEN)
        if criterion.applies:
            asked: Expression = parts(criterion.expression)[0]  # type: ignore[assignment]
            unasked = self.rails(asked).unmet
            met, unmet = f"({MET_UNASKED} if {unasked} else {MET})", f"({UNMET_UNASKED} if {unasked} else {UNMET})"
        below = self.below[criterion.id]
        if left and (judged := below & self.judged):
            by_judgement = f"{OPEN_BY_BOTH} if {left} & {below & ~self.judged} else {OPEN_BY_JUDGEMENT}"
            unknown = f"{OPEN} if not {left} & {judged} else {by_judgement}"
        text = f"{met} if {truth} is TRUE else {unmet} if {truth} is FALSE else {unknown}"
        return self.page.let(text, [truth, *names_in(text)])

    # ------------------------------------------------------------------------------- the whole text

    def taken(self, node: e.Select, requirement: str) -> str:
        """As it is, with what it rests on."""
        found = super().taken(node, requirement)
        self.rests[found] = self.bits[requirement]
        return found

    def rows(self, node: e.Rows) -> Listed:
        """As they are, with what they rest on."""
        found = super().rows(node)
        if isinstance(node, e.Retrieve):
            self.rests.update(dict.fromkeys(found, self.bits[node.requirement]))
        return found

    def written(self) -> list[str]:
        """The lines of the function."""
        lines, answer = self.page.blocks[0], ["if whole: return locals()", *self._answer()]
        rests, entries = dict(self.rests), []
        for (_, start), (name, stop) in zip(self.ends, self.ends[1:], strict=False):
            entries.append((self.below[name], stretches(lines[start:stop], self.below[name], rests)))
        used, found = set(names_in("\n".join(answer))), [answer]
        for below, written in reversed(entries):
            inner: list[str] = []
            whole = Stretch([], below, frozenset(), frozenset())
            later = set(used)
            for stretch in reversed(written):
                is_plain = stretch.below in (0, below) or not stretch.is_dear
                inner = [*(stretch.lines if is_plain else self._guarded(stretch, used)), *inner]
                used |= stretch.names
                whole = stretch.followed_by(whole)
            is_plain = not below or not whole.is_dear
            found.append(inner if is_plain else self._guarded(whole._replace(lines=inner, below=below), later))
        found.append(lines[: self.ends[0][1]])
        body = [line for part in reversed(found) for line in part]
        first = "evidence, conflicts = subject.evidence.get, []"
        return ["def written(subject, day, said, whole):", *(f"    {line}" for line in (first, *body))]

    def _guarded(self, stretch: Stretch, used: set[str]) -> list[str]:
        """Lines that are passed over where nothing is said of anything that they rest on."""
        lines = [f"if said & {stretch.below}:", *(f"    {line}" for line in stretch.lines)]
        kept = tuple(sorted(stretch.given & used))
        if kept:
            holder = self.page.new("S")
            self.silent[holder] = kept
            lines += ["else:", f"    {', '.join(kept)}, = {holder}"]
        return lines

    def _answer(self) -> Iterator[str]:
        found = self.entries
        yield "clashes = []"
        review = self.expressions["review"]
        clashes = [part for part in parts(review) if isinstance(part, e.Contradicted)]
        if clashes:
            yield "if conflicts:"
            yield from (f"    if {self.clash(node)}: clashes.append({node.criterion!r})" for node in clashes)
        left = [self.left.get(criterion.expression, "") for criterion in self.criteria.values()]
        yield "left = 0"
        yield from (f"left |= {' | '.join(some)}" for some in _portions(filter(None, left)))
        roots = ", ".join(found[root] for root in ROOTS)
        outcomes = "".join(f"{self.outcomes[id]}, " for id in self.criteria)
        fired = " + ".join(f"(({id!r},) if {found[name]} is TRUE else ())" for id, name in self.alerts.items())
        anchors = "".join(f"{found[name]}, " for name in self.anchors)
        untils = ", ".join(f"{id!r}: {found[f'until:{id}']}" for id in self.criteria if f"until:{id}" in found)
        yield f"return ({roots}), ({outcomes}), left, clashes, {fired or '()'}, ({anchors}), {{{untils}}}"


def _portions(texts: Iterable[str]) -> Iterator[list[str]]:
    every = list(texts)
    yield from (every[n : n + _AT_ONCE] for n in range(0, len(every), _AT_ONCE))
