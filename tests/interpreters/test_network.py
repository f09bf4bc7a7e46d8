"""The network: every truth by Kleene's tables, every rail derived, every failure final."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.errors import DefectError, EngineFault
from screening.interpreters import network as network_module
from screening.interpreters.blueprint import (
    FAN_OUT,
    MAX_NODES,
    MAX_RULES,
    WIDTH,
    Blueprint,
    Firing,
    NetworkTooLarge,
    negative,
    positive,
)
from screening.interpreters.network import TESTED_VERSION, Network, available, engine_version
from tests.interpreters.driven import require_engine
from tests.interpreters.networks import (
    Answers,
    check_own_driver,
    check_sessions,
    draw,
    kleene,
    some_answers,
    some_gates,
)

ROOT = Path(network_module.__file__).parents[2]
Compile = Callable[[Blueprint], Network]
Pair = tuple[Blueprint, int, int, int]


@pytest.fixture(autouse=True)
def _engine() -> None:
    require_engine()


@pytest.fixture
def compiled() -> Iterator[Compile]:
    networks: list[Network] = []

    def build(blueprint: Blueprint) -> Network:
        networks.append(Network(blueprint))
        return networks[-1]

    yield build
    for network in networks:
        network.dispose()


def tell_all(network: Network, atoms: Iterable[int]) -> None:
    for atom in atoms:
        network.tell(atom, True)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_every_truth_is_that_of_kleenes_tables(random: Random) -> None:
    check_sessions(random, most=14)


def test_the_same_in_filled_memory() -> None:
    # ENGINE: only memory that is never zero by luck shows what the extension forgets to initialise.
    program = "from tests.interpreters import networks; networks.check_many(180, seed=165)"
    child = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert int(child.stdout) >= 360


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ENGINE: the clock of its own driver, from 3.12 on
@pytest.mark.parametrize("seed", range(8))
def test_the_librarys_own_driver_agrees(seed: int) -> None:
    check_own_driver(Random(seed), most=14, people=5)


# -- gates


def test_equal_gates_are_one() -> None:
    blueprint = Blueprint()
    a, b, c = (positive(blueprint.atom(name)) for name in "abc")
    assert blueprint.atom("a") == a >> 1
    assert blueprint.conjunction([a, b, a]) == blueprint.conjunction([b, a])
    assert blueprint.conjunction([a, b]) != blueprint.disjunction([a, b])
    assert blueprint.exclusive(a, b) == blueprint.exclusive(b, a)
    assert blueprint.choice(a, b, c) != blueprint.choice(a, c, b)
    assert blueprint.constant(True) == blueprint.conjunction([])
    assert blueprint.constant(False) == blueprint.disjunction([])


@pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 17, 64, 65, 300])
def test_a_wide_gate_is_folded(width: int, compiled: Compile) -> None:
    blueprint = Blueprint()
    atoms = [blueprint.atom(str(place)) for place in range(width)]
    every, some = blueprint.conjunction(map(positive, atoms)), blueprint.disjunction(map(positive, atoms))
    assert max(len(rule.premises) for rule in blueprint.rules) <= WIDTH
    network = compiled(blueprint)
    for exception in (None, atoms[0], atoms[-1]):
        with network.session():
            for place, atom in enumerate(atoms):
                assert network.truth(every) is (False if exception in atoms[:place] else None)
                network.tell(atom, atom != exception)
            assert network.truth(every) is (exception is None)
            assert network.truth(some) is (width > 1 or exception is None)
    with network.session():
        for atom in atoms:
            assert network.truth(some) is None
            network.tell(atom, False)
        assert network.truth(some) is False


@pytest.mark.parametrize("stranger", [-1, 2, 99])
def test_a_literal_of_another_blueprint_is_refused(stranger: int) -> None:
    blueprint = Blueprint()
    known = positive(blueprint.atom("a"))
    gates = (blueprint.conjunction, blueprint.disjunction, lambda literals: blueprint.exclusive(*literals))
    for gate in (*gates, lambda literals: blueprint.choice(known, *literals)):
        with pytest.raises(DefectError, match="another blueprint"):
            gate([known, stranger])


def test_a_blueprint_of_constants_alone(compiled: Compile) -> None:
    blueprint = Blueprint()
    yes, no = blueprint.constant(True), blueprint.constant(False)
    both = blueprint.conjunction([positive(yes), negative(no)])
    network = compiled(blueprint)
    for _ in range(2):
        with network.session():
            assert [network.truth(node) for node in (yes, no, both)] == [True, False, True]
    with compiled(Blueprint()).session() as empty:
        assert empty.firings == ()


# -- limits


def test_fan_out_ends_at_the_limit(compiled: Compile) -> None:
    blueprint = Blueprint()
    shared = blueprint.atom("shared")
    others = [blueprint.atom(str(place)) for place in range(FAN_OUT)]
    gates = [blueprint.conjunction([positive(shared), positive(other)]) for other in others]
    with pytest.raises(NetworkTooLarge, match=f"more than {FAN_OUT} rules"):
        blueprint.conjunction([positive(shared), negative(others[0])])
    network = compiled(blueprint)
    with network.session():
        tell_all(network, others)
        assert {network.truth(gate) for gate in gates} == {None}
        network.tell(shared, True)
        assert {network.truth(gate) for gate in gates} == {True}
    with network.session():
        network.tell(shared, False)
        assert {network.truth(gate) for gate in gates} == {False}
        assert {network.truth(other) for other in others} == {None}


def test_what_was_built_before_the_refusal_is_good(compiled: Compile) -> None:
    blueprint = Blueprint()
    atoms = [blueprint.atom(str(place)) for place in range(MAX_RULES - 800)]
    every = blueprint.conjunction(map(positive, atoms))
    with pytest.raises(NetworkTooLarge, match=f"more than {MAX_RULES} rules"):
        blueprint.disjunction(map(positive, atoms))
    assert len(blueprint.rules) == MAX_RULES - 1
    network = compiled(blueprint)
    with network.session():
        tell_all(network, atoms)
        assert network.truth(every) is True
    with network.session():
        network.tell(atoms[-1], False)
        assert network.truth(every) is False
        assert len(network.firings) <= 3


def test_nodes_end_at_the_limit() -> None:
    blueprint = Blueprint()
    for place in range(MAX_NODES):
        blueprint.atom(str(place))
    with pytest.raises(NetworkTooLarge, match=f"more than {MAX_NODES} nodes"):
        blueprint.atom("one more")
    # INVARIANT: within the limits no two facts are one to the engine.
    network_module._check_hashes(range(2 * MAX_NODES))


def test_two_facts_with_one_hash_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # A pair that the engine does confuse, `durable-rules.md` 4.1.
    assert network_module._hash("P000395998") == network_module._hash("P002223828") != 0
    blueprint = Blueprint()
    blueprint.conjunction([positive(blueprint.atom("a"))])
    monkeypatch.setattr(network_module, "_hash", len)
    with pytest.raises(NetworkTooLarge, match="would be one"):
        Network(blueprint)


# -- what is told


def test_what_can_change_nothing_is_not_told(compiled: Compile) -> None:
    # Twenty premises are folded; once the whole is settled, nothing that only its folds wait for is told.
    blueprint = Blueprint()
    atoms = [blueprint.atom(str(place)) for place in range(20)]
    every = blueprint.conjunction(map(positive, atoms))
    other = blueprint.disjunction([positive(atoms[18]), negative(atoms[19])])
    assert blueprint.settled()[positive(atoms[0])] == {every}
    assert blueprint.settled()[positive(atoms[18])] == {every, other}
    network = compiled(blueprint)
    told: list[str] = []

    class Listening:
        def __getattr__(self, name: str) -> object:
            return getattr(network_module._extension(), name)

        def assert_fact(self, handle: int, fact: str) -> object:
            told.append(json.loads(fact)["id"])
            return network_module._extension().assert_fact(handle, fact)

    network._engine = Listening()
    with network.session():
        network.tell(atoms[0], False)
        assert network.truth(every) is False
        tell_all(network, atoms[1:])
        assert (network.truth(every), network.truth(other)) == (False, True)
        assert all(network.truth(atom) is True for atom in atoms[1:])
    assert told == ["boot", f"L{negative(atoms[0])}", f"L{positive(atoms[18])}"]


# -- sessions


@pytest.fixture
def pair() -> Pair:
    blueprint = Blueprint()
    a, b = blueprint.atom("a"), blueprint.atom("b")
    return blueprint, a, b, blueprint.conjunction([positive(a), positive(b)])


def test_nothing_of_a_person_is_left_for_the_next(pair: Pair, compiled: Compile) -> None:
    blueprint, a, b, both = pair
    network = compiled(blueprint)
    with network.session():
        network.tell(a, True)
    with network.session():
        assert network.firings == ()
        network.tell(b, True)
        assert (network.truth(a), network.truth(both)) == (None, None)
        log: tuple[Firing, ...] = network.firings
    with network.session():
        network.tell(a, False)
        assert network.truth(both) is False
    assert [firing.literal for firing in log] == [positive(b)], "a log that was taken stays as it was"


def test_a_changed_answer_is_refused(pair: Pair, compiled: Compile) -> None:
    blueprint, a, b, both = pair
    network = compiled(blueprint)
    with network.session():
        network.tell(a, True)
        network.tell(a, True)
        with pytest.raises(DefectError, match="changed"):
            network.tell(a, False)
        network.tell(b, True)
        assert network.truth(both) is True
    with network.session():
        network.tell(a, False)
        assert network.truth(both) is False


def test_what_needs_a_session_says_so(pair: Pair, compiled: Compile) -> None:
    blueprint, a, _, both = pair
    network = compiled(blueprint)
    late = blueprint.conjunction([positive(a), negative(both)])
    network.close()
    for use in (lambda: network.tell(a, True), lambda: network.truth(a), lambda: network.firings):
        with pytest.raises(DefectError, match="no session"):
            use()
    with network.session():
        with pytest.raises(DefectError, match="already open"):
            network.open()
        for stranger in (both, -1, 99):
            with pytest.raises(DefectError, match="only an atom"):
                network.tell(stranger, True)
        for stranger in (-1, late, 99):
            with pytest.raises(DefectError, match="no such node"):
                network.truth(stranger)
    network.open()
    for _ in range(2):
        network.dispose()
    with pytest.raises(network._engine.error, match="111"):  # no such handle
        network._engine.delete_ruleset(network._handle)
    with pytest.raises(DefectError, match="disposed"):
        network.open()


def test_another_thread_waits_for_the_end_of_a_session(pair: Pair, compiled: Compile) -> None:
    blueprint, a, b, both = pair
    network = compiled(blueprint)
    seen: list[bool | None] = []
    begun = threading.Event()

    def other() -> None:
        begun.set()
        with network.session():
            seen.append(network.truth(a))

    thread = threading.Thread(target=other)
    with network.session():
        network.tell(a, True)
        thread.start()
        begun.wait()
        thread.join(0.05)
        assert thread.is_alive()
        network.tell(b, True)
        assert network.truth(both) is True
    thread.join(10)
    assert seen == [None]


def test_many_threads_share_one_network(compiled: Compile) -> None:
    gates = some_gates(Random(3), most=14)
    blueprint, nodes = draw(gates)
    network = compiled(blueprint)
    wrong: list[Answers] = []

    def work(seed: int) -> None:
        random = Random(seed)
        for _ in range(100):
            answers = some_answers(random, gates)
            with network.session():
                for atom, truth in answers:
                    network.tell(nodes[atom], truth)
                if [network.truth(node) for node in nodes] != kleene(gates, answers):
                    wrong.append(answers)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# -- failures: each by a lie put into the network's own tables


LIES: list[tuple[Callable[[Network], object], str]] = [
    (lambda network: network._rules.update(R0=Firing("R0", 0, (1,))), "both rails"),
    (lambda network: network._rules.update(R0=Firing("R0", 5, (99,))), "premises do not hold"),
    (lambda network: network._rules.pop("R0"), "failed"),
    (lambda network: network._facts.update({1: '{"sid": "p", "id": "L1", "unheard": 1}'}), "code 1"),
    (lambda network: network._facts.update({1: network._facts[3]}), "code 2"),
    (lambda network: setattr(network, "_handle", 100_000), "failed"),
]


@pytest.mark.parametrize(("lie", "message"), LIES)
def test_a_network_that_failed_is_not_used_again(
    pair: Pair, lie: Callable[[Network], object], message: str
) -> None:
    blueprint, a, b, both = pair
    network = Network(blueprint)
    with network.session():
        lie(network)
        with pytest.raises(EngineFault, match=message):
            tell_all(network, [b, a])
        for use in (lambda: network.tell(a, True), lambda: network.truth(both), lambda: network.firings):
            with pytest.raises(EngineFault, match="before"):
                use()
    with pytest.raises(EngineFault, match="before"):
        network.open()
    network.dispose()
    with Network(blueprint).session() as fresh:
        fresh.tell(b, False)
        assert fresh.truth(both) is False


def test_a_session_that_cannot_begin_leaves_no_lock(pair: Pair) -> None:
    network = Network(pair[0])
    network._handle = 100_000
    for message in ("failed", "before"):
        with pytest.raises(EngineFault, match=message):
            network.open()


# -- without the engine


def test_without_the_extension_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert not available()
    with pytest.raises(EngineFault, match="cannot be imported"):
        Network(Blueprint())


def test_another_release_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_version() == TESTED_VERSION
    monkeypatch.setattr(network_module, "TESTED_VERSION", "2.0.29")
    assert not available()
    with pytest.raises(EngineFault, match=r"not version 2\.0\.29"):
        Network(Blueprint())


def test_to_import_the_module_imports_no_engine() -> None:
    program = (
        "import sys, threading; import screening.interpreters.network as network;"
        "assert not {'durable', 'durable_rules_engine'} & set(sys.modules);"
        "network.Network(network.Blueprint()).open();"
        "assert 'durable' not in sys.modules and threading.active_count() == 1"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, check=True, timeout=60)
