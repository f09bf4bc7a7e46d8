"""The network: every truth by Kleene's tables, every rail derived, every failure final."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.errors import DefectError, EngineFault
from screening.interpreters import network as network_module
from screening.interpreters.network import (
    FAN_OUT,
    MAX_NODES,
    MAX_RULES,
    TESTED_VERSION,
    WIDTH,
    Blueprint,
    Firing,
    Network,
    NetworkTooLarge,
    available,
    engine_version,
    negative,
    positive,
)
from tests.interpreters.networks import (
    Answers,
    check_sessions,
    draw,
    kleene,
    require_engine,
    some_answers,
    some_gates,
)

ROOT = Path(network_module.__file__).parents[2]

Compile = Callable[[Blueprint], Network]


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
    engine: Any = pytest.importorskip("durable.engine")
    quiet = type("QuietHost", (engine.Host,), {"_run": lambda self: None})
    random = Random(seed)
    gates = some_gates(random, most=14)
    blueprint, nodes = draw(gates)
    raised: set[int] = set()

    def raise_rail(literal: int, tell: Callable[[dict[str, Any]], object]) -> None:
        if literal in raised:
            return
        assert literal ^ 1 not in raised
        raised.add(literal)
        if any(literal in rule.premises for rule in blueprint.rules):
            tell(json.loads(network_module._fact(literal)))

    def action(literal: int | None) -> Callable[[Any], None]:
        def run(closure: Any) -> None:
            if literal is not None:
                raise_rail(literal, closure.assert_fact)

        return run

    derived: dict[str, int | None] = {rule.rule: rule.literal for rule in blueprint.rules}
    definition = json.loads(network_module._definition(blueprint.rules))
    for name, rule in definition.items():
        rule["run"] = action(derived.get(name))
    host = quiet()
    host.register_rulesets({"net": definition})

    def tell(fact: dict[str, Any]) -> None:
        host.assert_fact("net", fact)
        # ENGINE: an error in an action is swallowed, only the state tells.
        assert host.get_state("net", network_module.SUBJECT).get("exception") is None

    for _ in range(5):
        answers = some_answers(random, gates)
        raised.clear()
        tell(json.loads(network_module.BOOT_FACT))
        for literal in blueprint.constants.values():
            raise_rail(literal, tell)
        for atom, truth in answers:
            raise_rail(2 * nodes[atom] + truth, tell)
        truths = [True if positive(n) in raised else False if negative(n) in raised else None for n in nodes]
        assert truths == kleene(gates, answers)
        host.delete_state("net", network_module.SUBJECT)


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


def test_a_literal_of_another_blueprint_is_refused() -> None:
    blueprint = Blueprint()
    literal = positive(blueprint.atom("a"))
    for gate in (blueprint.conjunction, blueprint.disjunction):
        for stranger in (-1, literal + 1):
            with pytest.raises(DefectError, match="another blueprint"):
                gate([literal, stranger])
    with pytest.raises(DefectError, match="another blueprint"):
        blueprint.exclusive(literal, 7)
    with pytest.raises(DefectError, match="another blueprint"):
        blueprint.choice(literal, literal, 7)


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
        for other in others:
            network.tell(other, True)
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
        for atom in atoms:
            network.tell(atom, True)
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
    blueprint = Blueprint()
    blueprint.conjunction([positive(blueprint.atom("a"))])
    monkeypatch.setattr(network_module, "_hash", len)
    with pytest.raises(NetworkTooLarge, match="would be one"):
        Network(blueprint)


def test_the_hash_is_the_engines() -> None:
    # The pair that the engine confuses, `durable-rules.md` 4.1; and the standard's own value.
    assert network_module._hash("P000395998") == network_module._hash("P002223828")
    assert network_module._hash("a") == 0xE40C292C


# -- sessions


Pair = tuple[Blueprint, int, int, int]


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
        for stranger in (-1, 99):
            with pytest.raises(DefectError, match="no such node"):
                network.truth(stranger)
    network.open()
    network.dispose()
    network.dispose()
    with pytest.raises(DefectError, match="disposed"):
        network.open()


def test_a_later_gate_does_not_reach_a_network(pair: Pair, compiled: Compile) -> None:
    blueprint, a, _, both = pair
    network = compiled(blueprint)
    late = blueprint.conjunction([positive(a), negative(both)])
    with network.session():
        network.tell(a, False)
        with pytest.raises(DefectError, match="no such node"):
            network.truth(late)


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


def contradict(network: Network) -> None:
    network._rules["R0"] = Firing("R0", 0, (1,))


def fire_too_soon(network: Network) -> None:
    network._rules["R0"] = Firing("R0", 5, (99,))


def forget_a_rule(network: Network) -> None:
    del network._rules["R0"]


def tell_nobody(network: Network) -> None:
    network._facts[1] = '{"sid": "p", "id": "L1", "unheard": 1}'


def tell_twice(network: Network) -> None:
    network._facts[1] = network._facts[3]


def lose_the_handle(network: Network) -> None:
    network._handle += 1000


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (contradict, "both rails"),
        (fire_too_soon, "premises do not hold"),
        (forget_a_rule, "failed"),
        (tell_nobody, "code 1"),
        (tell_twice, "code 2"),
        (lose_the_handle, "failed"),
    ],
)
def test_a_network_that_failed_is_not_used_again(
    pair: Pair, lie: Callable[[Network], None], message: str
) -> None:
    blueprint, a, b, both = pair
    network = Network(blueprint)
    with network.session():
        lie(network)
        with pytest.raises(EngineFault, match=message):
            [network.tell(atom, True) for atom in (b, a)]
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
    lose_the_handle(network)
    with pytest.raises(EngineFault, match="failed"):
        network.open()
    with pytest.raises(EngineFault, match="before"):
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
