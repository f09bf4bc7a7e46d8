"""A three-valued network, forward-chained by durable-rules on the narrow path of it that is safe.

Each node has two rails, *met* and *not met*; a rail is raised only by premises that are raised, both never,
neither means UNKNOWN. A `Blueprint` collects atoms and gates and writes them out as rules; a `Network` gives
these to the engine and runs one session at a time. What an atom means, and which expression a gate stands
for, is known to whoever draws the blueprint.

This is the only file that imports durable-rules, and it takes six functions of its C extension: no host of
the library is made, so nothing runs in the background. `durable-rules.md` says what goes wrong off this path.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from screening.errors import DefectError, EngineFault
from screening.interpreters.release import installed
from screening.values.frozen import dataclass

Literal: TypeAlias = int  # 2 * node + rail; rail 1 is met, rail 0 is not met
Premises: TypeAlias = tuple[Literal, ...]

TESTED_VERSION = "2.0.28"
"""The release whose quirks are known; any other is treated as absent."""

WIDTH = 8
"""Premises of one rule; a wider one is folded. ENGINE: with 17 the rule is accepted and never fires."""
FAN_OUT = 200
"""Rules that may wait for one literal. ENGINE: at 256 an unrelated rule fires, from 257 on it is refused."""
MAX_RULES = 4_000
"""Rules of one network, the boot rule included. ENGINE: 4,096."""
MAX_NODES = 8_000
"""Nodes of one network, those made by folding included: 250 groups. ENGINE: 512 groups would hang."""
GROUP = 64
"""Literals that share the first of the two keys of a fact. ENGINE: 512 conditions at one level hang."""

GIVEN = "given"
BOOT = "B"
SUBJECT = "p"
BOOT_FACT = json.dumps({"sid": SUBJECT, "id": "boot", "boot": 1})


class NetworkTooLarge(ValueError):
    """The library needs more than one network; what was built before the refused gate is still good."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One rail raised: by whom, which one, and what it rests on; an atom or a constant rests on nothing."""

    rule: str
    literal: Literal
    premises: Premises = ()


def positive(node: int) -> Literal:
    """The literal that says: this node is met."""
    return 2 * node + 1


def negative(node: int) -> Literal:
    """The literal that says: this node is not met."""
    return 2 * node


def engine_version() -> str:
    """The installed release of durable-rules, empty where there is none."""
    return installed(TESTED_VERSION)


def available() -> bool:
    """Whether the engine can be used: its extension is importable, and of the release that was tested."""
    try:
        _extension()
    except EngineFault:
        return False
    return True


def _extension() -> Any:
    # ENGINE: 2.0.28 as released cannot be imported from Python 3.13 on (undefined symbol: PyEval_CallObject).
    # The package `durable` is not needed: it costs 24 ms, and its clock warns of deprecation from 3.12 on.
    try:
        import durable_rules_engine  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as error:
        raise EngineFault("the chaining engine cannot be imported") from error
    if engine_version() != TESTED_VERSION:
        raise EngineFault(f"the chaining engine is not version {TESTED_VERSION}")
    return durable_rules_engine


class Blueprint:
    """Atoms and gates, and the rules that say when a rail is raised.

    A gate takes literals, so that a child may be negated, and returns its node; equal gates are one node.

    >>> blueprint = Blueprint()
    >>> adult, pregnant = blueprint.atom("adult"), blueprint.atom("pregnant")
    >>> both = blueprint.conjunction([positive(adult), negative(pregnant)])
    >>> [(rule.premises, rule.literal == positive(both)) for rule in blueprint.rules]
    [((1, 2), True), ((0,), False), ((3,), False)]
    """

    def __init__(self) -> None:
        self.nodes = 0
        self.atoms: dict[str, int] = {}
        self.constants: dict[int, Literal] = {}
        self.rules: list[Firing] = []
        self._waiting: dict[Literal, int] = {}
        self._gates: dict[tuple[object, ...], int] = {}

    def atom(self, name: str) -> int:
        """A node whose truth is told; the same name is the same node."""
        if name not in self.atoms:
            self.atoms[name] = self._node()
        return self.atoms[name]

    def constant(self, truth: bool) -> int:
        """A node whose truth is given when a session opens."""
        node = self._gate(("constant", truth), [], [])
        self.constants[node] = positive(node) if truth else negative(node)
        return node

    def conjunction(self, literals: Iterable[Literal]) -> int:
        """Met when all are, not met when one is not; the empty one is TRUE."""
        children = self._known(literals)
        if not children:
            return self.constant(True)
        return self._gate(("and", *children), [children], [(child ^ 1,) for child in children])

    def disjunction(self, literals: Iterable[Literal]) -> int:
        """Met when one is, not met when all are not; the empty one is FALSE."""
        # INVARIANT: one rule per branch. ENGINE: `$or` and `any` fire once per way to be true.
        children = self._known(literals)
        if not children:
            return self.constant(False)
        none = tuple(child ^ 1 for child in children)
        return self._gate(("or", *children), [(child,) for child in children], [none])

    def exclusive(self, left: Literal, right: Literal) -> int:
        """Met when exactly one is; open while either is open."""
        # SPEC: semantics 1.1.
        self._known((left, right))
        a, b = sorted((left, right))
        return self._gate(("xor", a, b), [(a, b ^ 1), (a ^ 1, b)], [(a, b), (a ^ 1, b ^ 1)])

    def choice(self, condition: Literal, then: Literal, otherwise: Literal) -> int:
        """`if condition then .. else ..`; with an open condition the truth on which both branches agree."""
        # SPEC: semantics 1.3.
        self._known((c := condition, a := then, b := otherwise))
        met = [(c, a), (c ^ 1, b), (a, b)]
        return self._gate(("if", c, a, b), met, [(c, a ^ 1), (c ^ 1, b ^ 1), (a ^ 1, b ^ 1)])

    def _node(self) -> int:
        if self.nodes == MAX_NODES:
            raise NetworkTooLarge(f"more than {MAX_NODES} nodes")
        self.nodes += 1
        return self.nodes - 1

    def _known(self, literals: Iterable[Literal]) -> Premises:
        """These literals, each once and in order."""
        children = tuple(sorted(set(literals)))
        if children and not 0 <= children[0] <= children[-1] < 2 * self.nodes:
            raise DefectError("a gate was given a literal of another blueprint")
        return children

    def _gate(self, key: tuple[object, ...], met: Sequence[Premises], unmet: Sequence[Premises]) -> int:
        if key not in self._gates:
            node = self._node()
            for premises in met:
                self._rule(premises, positive(node))
            for premises in unmet:
                self._rule(premises, negative(node))
            self._gates[key] = node
        return self._gates[key]

    def _rule(self, premises: Premises, literal: Literal) -> None:
        # INVARIANT: premises are distinct. A rule that asks for both rails of a node could never fire.
        distinct = dict.fromkeys(premises)
        if any(premise ^ 1 in distinct for premise in distinct):
            return
        needed = tuple(distinct)
        while len(needed) > WIDTH:  # of a fold's node only the rail `met` is ever raised
            parts = [needed[start : start + WIDTH] for start in range(0, len(needed), WIDTH)]
            needed = tuple(positive(self._gate(("fold", *part), [part], [])) for part in parts)
        if len(self.rules) + 2 > MAX_RULES:
            raise NetworkTooLarge(f"more than {MAX_RULES} rules")
        if any(self._waiting.get(premise, 0) == FAN_OUT for premise in needed):
            raise NetworkTooLarge(f"more than {FAN_OUT} rules wait for one literal")
        for premise in needed:
            self._waiting[premise] = self._waiting.get(premise, 0) + 1
        self.rules.append(Firing(f"R{len(self.rules)}", literal, needed))


class Network:
    """A blueprint in the engine. One session lives at a time; another thread's `open` waits for its end.

    `dispose` gives the engine's memory back: about 0.01 MB per rule, and as much again per open session.
    An engine that failed once is never asked again: the network is condemned, its memory left alone.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._engine = _extension()
        self._rules = {rule.rule: rule for rule in blueprint.rules}
        awaited = {premise for rule in blueprint.rules for premise in rule.premises}
        _check_hashes(awaited)
        # INVARIANT: nothing but these texts, made here of integers alone, ever reaches the extension.
        # A literal that no rule waits for is not told at all. ENGINE: it would be refused (code 1).
        self._facts = {literal: _fact(literal) for literal in awaited}
        rails = [rail for node in blueprint.atoms.values() for rail in (negative(node), positive(node))]
        self._told = {rail: Firing(GIVEN, rail) for rail in rails}
        self._constants = [Firing(GIVEN, literal) for literal in blueprint.constants.values()]
        self._nodes = blueprint.nodes
        self._raised: set[Literal] = set()
        self._firings: list[Firing] = []
        self._lock = threading.Lock()
        self._owner: int | None = None  # the thread that opened the session now open
        self._condemned = self._disposed = False
        self._failures = (self._engine.error, LookupError, MemoryError, ValueError)
        self._handle = self._ask(self._engine.create_ruleset, "net", _definition(blueprint.rules))

    @contextmanager
    def session(self) -> Iterator[Network]:
        """A session that is closed whatever happens inside."""
        self.open()
        try:
            yield self
        finally:
            self.close()

    def open(self) -> None:
        """Begin a session: of the one before nothing is left."""
        if self._owner == threading.get_ident():
            raise DefectError("a session of this network is already open")
        self._lock.acquire()
        try:
            if self._disposed:
                raise DefectError("this network was disposed of")
            if self._condemned:
                raise EngineFault("this network failed before")
            self._raised, self._firings = set(), []
            self._ask(self._begin)
        except BaseException:
            self._lock.release()
            raise
        self._owner = threading.get_ident()

    def tell(self, atom: int, truth: bool) -> None:
        """Raise one rail of an atom and all that follows from it. An open question is simply never told."""
        self._require_session()
        given = self._told.get(positive(atom) if truth else negative(atom))
        if given is None:
            raise DefectError("only an atom can be told")
        if given.literal in self._raised:
            return
        # ENGINE: what was derived stays when a fact is retracted, so a changed answer needs a new session.
        if given.literal ^ 1 in self._raised:
            raise DefectError("an answer was changed within a session")
        self._ask(self._chain, given)

    def truth(self, node: int) -> bool | None:
        """What is known of a node so far; None is UNKNOWN."""
        self._require_session()
        if not 0 <= node < self._nodes:
            raise DefectError("this network has no such node")
        if positive(node) in self._raised:
            return True
        return False if negative(node) in self._raised else None

    @property
    def firings(self) -> tuple[Firing, ...]:
        """Every rail raised in this session, in order; the premises of each stand before it."""
        self._require_session()
        return tuple(self._firings)

    def close(self) -> None:
        """End the session, if one is open."""
        if self._owner is None:
            return
        try:
            # ENGINE: the memory of every session never closed stays, and the 1,025th is fatal.
            if not self._condemned:
                self._ask(self._engine.delete_state, self._handle, SUBJECT)
        finally:
            self._owner = None
            self._lock.release()

    def dispose(self) -> None:
        """Give the network back; one's own session is closed, another thread's is waited for."""
        if self._owner == threading.get_ident():
            self.close()
        with self._lock:
            if not (self._disposed or self._condemned):
                # ENGINE: nothing else frees a ruleset; the contents of a live session would be lost.
                self._ask(self._engine.delete_ruleset, self._handle)
            self._disposed = True

    def _require_session(self) -> None:
        if self._owner is None:
            raise DefectError("no session of this network is open")
        if self._condemned:
            raise EngineFault("this network failed before")

    def _ask(self, step: Callable[..., object], *arguments: object) -> Any:
        """One step in the engine; whatever goes wrong in it, the network is not used again."""
        try:
            return step(*arguments)
        except BaseException as error:
            self._condemned = True
            if isinstance(error, self._failures):
                raise EngineFault("the chaining engine failed") from error
            raise

    def _begin(self) -> None:
        # ENGINE: `delete_state` frees what only a finished action initialises, so one action comes first.
        code, state = self._engine.assert_fact(self._handle, BOOT_FACT)
        started = None if code else self._engine.start_action_for_state(self._handle, state)
        if not started or self._engine.complete_and_start_action(self._handle, state) is not None:
            raise EngineFault("the chaining engine did not start")
        for constant in self._constants:
            self._chain(constant)

    def _chain(self, given: Firing) -> None:
        # ENGINE: the three functions that `durable.engine` runs on, without its clock: there an action longer
        # than ten seconds is dropped in silence, and an error inside an action is swallowed.
        state = self._raise(given)
        if state is None:
            return
        started = self._engine.start_action_for_state(self._handle, state)
        message = started[1] if started else None
        while message:
            self._raise(self._rules[_fired(message)])
            message = self._engine.complete_and_start_action(self._handle, state)

    def _raise(self, firing: Firing) -> int | None:
        # INVARIANT: what the engine says is believed only if it follows from what was raised before.
        if not self._raised.issuperset(firing.premises):
            raise EngineFault("the chaining engine fired a rule whose premises do not hold")
        if firing.literal in self._raised:
            return None
        if firing.literal ^ 1 in self._raised:
            raise EngineFault("the chaining engine raised both rails of a node")
        self._raised.add(firing.literal)
        self._firings.append(firing)
        fact = self._facts.get(firing.literal)
        if fact is None:
            return None
        code, state = self._engine.assert_fact(self._handle, fact)
        if code:
            raise EngineFault(f"the chaining engine refused a fact with code {code}")
        return int(state)


def _keys(literal: Literal) -> dict[str, int]:
    return {"g": literal // GROUP, "l": literal}


def _fact(literal: Literal) -> str:
    keys = "".join([f', "{key}": {number}' for key, number in _keys(literal).items()])
    return f'{{"sid": "{SUBJECT}", "id": "L{literal}"{keys}}}'


def _definition(rules: Iterable[Firing]) -> str:
    """The rules in the engine's language: the boot rule, then one conjunction of facts each."""
    definition: dict[str, object] = {BOOT: {"all": [{"m": {"boot": 1}}]}}
    for rule in rules:
        keys = [[{key: value} for key, value in _keys(premise).items()] for premise in rule.premises]
        definition[rule.rule] = {"all": [{f"m{place}": {"$and": both}} for place, both in enumerate(keys)]}
    return json.dumps(definition)


def _fired(message: str) -> str:
    """The rule that a message of the engine names: the one key of its outermost object."""
    return message[2 : message.index('"', 2)]


def _hash(text: str) -> int:
    """FNV-1a of 32 bits, by which the engine knows the identity of a fact."""
    value = 0x811C9DC5
    for byte in text.encode("ascii"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _check_hashes(literals: Iterable[Literal]) -> None:
    """Refuse a network in which the engine would take two facts for one."""
    # ENGINE: facts, sessions and fields are found by hash alone, the text is never compared.
    texts = {f"L{literal}" for literal in literals} | {f"m{place}" for place in range(WIDTH)}
    texts |= {SUBJECT, f"sid-{SUBJECT}", "boot", "m", "g", "l", "id", "sid", "$s"}
    if len({_hash(text) for text in texts}) < len(texts):
        raise NetworkTooLarge("two facts of the network would be one to the engine")
