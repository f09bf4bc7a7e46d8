"""A three-valued network, forward-chained by durable-rules on the narrow path of it that is safe.

A `Network` gives the rules of a blueprint to the engine and runs one session at a time. What an atom means, and
which expression a gate stands for, is known to whoever draws the blueprint.

This is the only file that imports durable-rules, and it takes six functions of its C extension: no host of
the library is made, so nothing runs in the background. `durable-rules.md` says what goes wrong off this path.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from screening.errors import DefectError, EngineFault
from screening.interpreters.blueprint import (
    WIDTH,
    Blueprint,
    Firing,
    Literal,
    NetworkTooLarge,
    negative,
    positive,
)
from screening.interpreters.release import installed

TESTED_VERSION = "2.0.28"
"""The release whose quirks are known; any other is treated as absent."""

GROUP = 64
"""Literals that share the first of the two keys of a fact, at most. ENGINE: 512 conditions at one level hang."""

GIVEN = "given"
BOOT = "B"
SUBJECT = "p"
BOOT_FACT = json.dumps({"sid": SUBJECT, "id": "boot", "boot": 1})


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


class Network:
    """A blueprint in the engine. One session lives at a time; another thread's `open` waits for its end.

    `dispose` gives the engine's memory back: about 0.01 MB per rule, and as much again per open session.
    An engine that failed once is never asked again: the network is condemned, its memory left alone.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._engine = _extension()
        self._rules = {rule.rule: rule for rule in blueprint.rules}
        self._awaiting = blueprint.settled()
        group = group_of(blueprint.nodes)
        _check_hashes(self._awaiting)
        # INVARIANT: nothing but these texts, made here of integers alone, ever reaches the extension.
        self._facts = {literal: _fact(literal, group) for literal in self._awaiting}
        rails = [rail for node in blueprint.atoms.values() for rail in (negative(node), positive(node))]
        self._told = {rail: Firing(GIVEN, rail) for rail in rails}
        self._constants = [Firing(GIVEN, literal) for literal in blueprint.constants.values()]
        self._nodes = blueprint.nodes
        self._raised: set[Literal] = set()
        self._settled: set[int] = set()
        self._firings: list[Firing] = []
        self._lock = threading.Lock()
        self._owner: int | None = None  # the thread that opened the session now open
        self._condemned = self._disposed = False
        self._failures = (self._engine.error, LookupError, MemoryError, ValueError)
        self._handle = self._ask(self._engine.create_ruleset, "net", _definition(blueprint.rules, group))

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
            self._raised, self._settled, self._firings = set(), set(), []
            self._ask(self._begin)
        except BaseException:
            self._lock.release()
            raise
        self._owner = threading.get_ident()

    def tell(self, atom: int, truth: bool) -> None:
        """Raise one rail of an atom and all that follows from it. An open question is simply never told."""
        self._require_session()
        given = self._told.get(2 * atom + truth)
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
        raised, settled, literal = self._raised, self._settled, firing.literal
        if not raised.issuperset(firing.premises):
            raise EngineFault("the chaining engine fired a rule whose premises do not hold")
        if literal in raised:
            return None
        if literal ^ 1 in raised:
            raise EngineFault("the chaining engine raised both rails of a node")
        raised.add(literal)
        settled.add(literal // 2)
        self._firings.append(firing)
        # A literal that no rule waits for is not told. ENGINE: it would be refused (code 1). Nor is one that can
        # only lead to what is raised already: that the engine reads a fact is most of what a person costs.
        if settled.issuperset(self._awaiting.get(literal, ())):
            return None
        code, state = self._engine.assert_fact(self._handle, self._facts[literal])
        if code:
            raise EngineFault(f"the chaining engine refused a fact with code {code}")
        return state  # type: ignore[no-any-return]


def group_of(nodes: int) -> int:
    """How many literals of a network share the first key: about as many as there are groups, at most GROUP."""
    # ENGINE: the conditions of a level are tried one after the other, so neither level should be long.
    return min(GROUP, max(16, math.isqrt(2 * nodes)))


def _keys(literal: Literal, group: int) -> dict[str, int]:
    return {"g": literal // group, "l": literal}


def _fact(literal: Literal, group: int) -> str:
    keys = "".join([f', "{key}": {number}' for key, number in _keys(literal, group).items()])
    return f'{{"sid": "{SUBJECT}", "id": "L{literal}"{keys}}}'


def _definition(rules: Iterable[Firing], group: int) -> str:
    """The rules in the engine's language: the boot rule, then one conjunction of facts each."""
    definition: dict[str, object] = {BOOT: {"all": [{"m": {"boot": 1}}]}}
    for rule in rules:
        keys = [[{key: value} for key, value in _keys(premise, group).items()] for premise in rule.premises]
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
