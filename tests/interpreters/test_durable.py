"""The quirks of durable-rules that `network.py` stays clear of; numbers are sections of `durable-rules.md`.

A failure here says that the engine is not the one we know: the network is then to be thought through again,
be the change for the better or not. Whatever may crash or hang runs in a child process. Not pinned: 4.9,
which only an address sanitizer sees reliably.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from screening.interpreters.blueprint import FAN_OUT, MAX_NODES, MAX_RULES, WIDTH
from screening.interpreters.network import GROUP, TESTED_VERSION, engine_version, group_of
from tests.interpreters.driven import Driven, child, died, every, require_engine

# ENGINE: the clock of the library's own driver is deprecated from Python 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

COLLIDING = ("P000395998", "P002223828")  # two texts, one 32-bit hash


@pytest.fixture(autouse=True)
def _engine() -> None:
    require_engine()


# -- what we rely on


def test_the_release_is_the_one_that_was_tested() -> None:
    assert engine_version() == TESTED_VERSION == "2.0.28"


def test_our_limits_stay_clear_of_its_own() -> None:
    assert WIDTH < 16
    assert FAN_OUT < 255
    assert MAX_RULES < 4_096
    assert GROUP < 511
    for nodes in range(1, MAX_NODES + 1):
        group = group_of(nodes)
        assert group <= GROUP
        assert 2 * nodes // group + 2 < 256  # the groups, the last one begun, and the boot fact


def test_the_three_functions_of_the_lean_driver() -> None:
    driven = Driven({"R0": every({"a": 1}), "R1": every({"a": 1}, {"b": 1}), "R2": every({"c": 1})})
    engine, handle = driven.extension, driven.handle
    code, state = engine.assert_fact(handle, '{"sid":"p","id":"L1","a":1}')
    assert (code, state > 0) == (0, True)
    text, message = engine.start_action_for_state(handle, state)
    assert text == '{ "sid":"p", "id":"sid-p", "$s":1}'
    assert message == '{"R0":{"m0":{"sid":"p","id":"L1","a":1}}}'
    # A fact told between start and completion is chained by the completion.
    assert engine.assert_fact(handle, '{"sid":"p","id":"L2","b":1}') == (0, state)
    assert engine.complete_and_start_action(handle, state).startswith('{"R1":{"m0":')
    assert engine.complete_and_start_action(handle, state) is None
    # A fact that completes nothing, one that no rule knows, and one that is known already.
    assert engine.assert_fact(handle, '{"sid":"q","id":"L2","b":1}')[0] == 0
    assert engine.start_action_for_state(handle, 2) is None
    assert engine.assert_fact(handle, '{"sid":"p","id":"L3","d":1}')[0] == 1
    assert engine.assert_fact(handle, '{"sid":"p","id":"L2","b":1}')[0] == 2


def test_an_action_left_unfinished_locks_its_session() -> None:
    # Why a network whose session was interrupted is not used again.
    driven = Driven({"R0": every({"a": 1}), "R1": every({"b": 1})})
    engine, handle = driven.extension, driven.handle
    _, state = engine.assert_fact(handle, '{"sid":"p","id":"L1","a":1}')
    assert engine.start_action_for_state(handle, state)
    assert engine.assert_fact(handle, '{"sid":"p","id":"L2","b":1}') == (0, state)
    assert engine.start_action_for_state(handle, state) is None


def test_a_deleted_session_is_forgotten_and_a_deleted_ruleset_gone() -> None:
    driven = Driven({"R0": every({"a": 1}, {"b": 1})})
    driven.tell(a=1)
    driven.tell(b=1)
    driven.host.delete_state("r", "p")
    driven.tell(b=1)
    assert driven.log == ["R0"]
    driven.tell(a=1)
    assert driven.log == ["R0", "R0"]
    driven.host.delete_state("r", "p")
    with pytest.raises(driven.extension.error, match="309"):
        driven.host.delete_state("r", "p")
    driven.extension.delete_ruleset(driven.handle)
    with pytest.raises(driven.extension.error, match="111"):
        driven.tell(a=1)


def test_memory_comes_back_with_the_ruleset() -> None:
    # 300 networks of 48 rules that stayed would be about 150 MB.
    body = """
    import json, resource
    def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rules = json.dumps({f'R{i}': {'all': [{'m0': {'l': i}}, {'m1': {'l': i + 1}}]} for i in range(48)})
    def cycle():
        handle = C.create_ruleset('net', rules)
        for fact in ('{"sid":"p","id":"L1","l":1}', '{"sid":"p","id":"L2","l":2}'):
            _, state = C.assert_fact(handle, fact)
        C.start_action_for_state(handle, state); C.complete_and_start_action(handle, state)
        C.delete_state(handle, 'p'); C.delete_ruleset(handle)
    for _ in range(30): cycle()
    before = used()
    for _ in range(300): cycle()
    raise SystemExit(used() - before > 20)
    """
    assert child(body) == 0


def test_a_ruleset_works_after_fork() -> None:
    body = """
    import os
    h = host({'a': rule({'m': {'x': 1}})})
    if not (pid := os.fork()):
        h.assert_fact('r', {'sid': 'p', 'x': 1})
        os._exit(len(LOG))
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) - 1)
    """
    assert child(body) == 0


# -- section 2: what the API does with facts, rules and actions


def test_nothing_derived_is_withdrawn_with_its_premise() -> None:
    driven = Driven({"a": every({"x": 1}), "b": every({"y": 1})})
    driven.host.get_ruleset("r")._actions["a"]._func = lambda closure: closure.assert_fact({"y": 1})
    driven.tell(x=1)
    driven.host.retract_fact("r", {"sid": "p", "x": 1})
    assert [fact.get("y") for fact in driven.facts()] == [1]
    assert driven.log == ["b"]


def test_numbers_of_three_kinds_are_three_facts_and_match_alike() -> None:
    driven = Driven({"a": every({"x": 1})})
    for value in (1, 1.0, True):
        driven.tell(x=value)
    assert driven.log == ["a", "a", "a"]


def test_one_fact_is_told_once_in_a_session() -> None:
    driven = Driven({"a": every({"x": 1})})
    driven.tell(x=1)
    with pytest.raises(driven.engine.MessageObservedException):
        driven.tell(x=1)
    driven.host.assert_fact("r", {"sid": "another", "x": 1})
    with pytest.raises(driven.engine.MessageNotHandledException):
        driven.tell(unheard=1)
    assert driven.log == ["a", "a"]


def test_one_fact_serves_one_premise_of_a_rule() -> None:
    # Why a blueprint names each premise once.
    driven = Driven({"a": every({"x": 1}, {"x": 1})})
    driven.tell(x=1, y=1)
    assert driven.log == []
    driven.tell(x=1, y=2)
    assert driven.log == ["a", "a"]


def test_an_error_in_an_action_is_swallowed() -> None:
    def fail(closure: Any) -> None:
        raise KeyboardInterrupt

    driven = Driven({"a": {**every({"x": 1}), "run": fail}})
    state = driven.tell(x=1)
    assert "exception caught" in state["exception"]


def test_an_action_of_more_than_ten_seconds_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    driven = Driven({"a": every({"x": 1}), "b": every({"x": 1}), "c": every({"y": 1})})
    clock = itertools.count(0, 11)
    monkeypatch.setattr(driven.engine, "_unix_now", lambda: next(clock))
    driven.tell(x=1)
    driven.tell(y=1)
    assert driven.log == ["a"]


def test_rules_with_branches_fire_once_per_way_to_be_true() -> None:
    driven = Driven({"a": every({"$or": [{"x": 1}, {"y": 1}]})})
    driven.tell(x=1, y=1)
    assert len(driven.log) == 2
    driven = Driven({"a": {"any": [{"a": {"x": 1}}, {"b": {"y": 1}}]}})
    driven.tell(x=1)
    driven.tell(y=1)
    assert len(driven.log) > 1
    driven = Driven({"a": every({"$and": [{"$or": [{f"x{i}": 1}, {f"y{i}": 1}]} for i in range(6)]})})
    driven.tell(**{f"{letter}{i}": 1 for letter in "xy" for i in range(6)})
    assert len(driven.log) == 2**6


def test_negation_takes_what_is_not_yet_known_for_false() -> None:
    driven = Driven({"a": {"all": [{"m": {"x": 1}}, {"n$not": {"y": 1}}]}})
    driven.tell(x=1)
    assert driven.log == ["a"], "fired, though nobody has said that y does not hold"
    driven.tell(y=1)
    assert driven.log == ["a"]


# -- 4.1 one hash, one thing


def test_two_people_share_a_session_by_hash() -> None:
    driven = Driven({"a": every({"x": 1}, {"y": 1})})
    driven.host.assert_fact("r", {"sid": COLLIDING[0], "x": 1})
    driven.host.assert_fact("r", {"sid": COLLIDING[1], "y": 1})
    assert driven.log == ["a"]


def test_a_fact_is_known_by_the_hash_of_its_id() -> None:
    driven = Driven({"a": every({"$ex": {"x": 1}})})
    driven.tell(id=COLLIDING[0], x=1)
    with pytest.raises(driven.engine.MessageObservedException):
        driven.tell(id=COLLIDING[1], x=2)
    driven.host.retract_fact("r", {"sid": "p", "id": COLLIDING[1], "x": 2})
    assert driven.facts() == []


def test_a_field_is_known_by_the_hash_of_its_name() -> None:
    driven = Driven({"a": every({"mpmbhjf": 1})})
    driven.tell(wiyrptm=1)
    assert driven.log == ["a"]


# -- 4.2, 4.3, 4.12 sessions


def test_the_session_after_1024_is_fatal() -> None:
    body = """
    h = host({'a': rule({'m': {'x': 1}})})
    for i in range(1025):
        try: h.assert_fact('r', {'sid': f's{i}', 'x': 1})
        except MemoryError: assert i == 1024
    h.assert_fact('r', {'sid': 's1024', 'x': 2})
    """
    assert died(child(body))


def test_a_session_deleted_beside_another_is_used_after_it_is_freed() -> None:
    body = """
    h = host({f'a{i}': rule({'m': {'x': i}}) for i in range(20)})
    for i in range(3): h.assert_fact('r', {'sid': f's{i}', 'x': 1})
    h.delete_state('r', 's0')
    for _ in range(10): h.get_ruleset('r').dispatch()
    """
    assert died(child(body, MALLOC_PERTURB_="165"))


@pytest.mark.parametrize("booted", [False, True])
def test_a_session_without_an_action_cannot_be_deleted(booted: bool) -> None:
    body = f"""
    h = host({{'a': rule({{'a': {{'x': 1}}}}, {{'b': {{'y': 1}}}}), 'boot': rule({{'m': {{'boot': 1}}}})}})
    if {booted}: h.assert_fact('r', {{'sid': 'p', 'boot': 1}})
    h.assert_fact('r', {{'sid': 'p', 'x': 1}})
    h.delete_state('r', 'p')
    """
    status = child(body, MALLOC_PERTURB_="165")
    assert status == 0 if booted else died(status)


# -- 4.4, 4.5, 4.6 batches, negation, threads


def test_a_batch_loses_facts_in_silence() -> None:
    driven = Driven({"a": every({"$ex": {"x": 1}})})
    batch = [{"sid": "p", "k": k, "x": x} for k, x in ((1, 1), (2, 1e-05), (3, 3))]
    driven.host.assert_facts("r", batch)
    assert [fact["k"] for fact in driven.facts()] == [1]


def test_a_batch_of_one_empty_fact_is_fatal() -> None:
    assert died(child("host({'a': rule({'m': {'x': 1}})}).assert_facts('r', [{}])"))


def test_the_absence_of_a_field_never_stops_firing() -> None:
    body = """
    import os
    n = [0]
    def f(c):
        n[0] += 1
        if n[0] == 6: os._exit(7 if '$s' in c.m._d else 1)
    h = host({'a': {'all': [{'m': {'$nex': {'x': 1}}}], 'run': f}})
    h.assert_fact('r', {'sid': 'p', 'y': 1})
    """
    assert child(body) == 7


def test_the_default_hosts_thread_takes_what_was_asserted() -> None:
    # Between the two calls of the stock driver, here half a second apart.
    body = """
    import threading, time
    h = engine.Host(); h.register_rulesets({'r': {'a': rule({'m': {'x': 1}})}})
    assert threading.active_count() > 1
    _, state = C.assert_fact(h.get_ruleset('r')._handle, '{"sid":"p","x":1}')
    end = time.monotonic() + 15
    while not LOG and time.monotonic() < end: time.sleep(0.01)
    assert C.start_action_for_state(h.get_ruleset('r')._handle, state) is None
    assert LOG == ['x']
    """
    assert child(body) == 0


def test_a_quiet_host_starts_no_thread() -> None:
    before = threading.active_count()
    Driven({"a": every({"x": 1})}).tell(x=1)
    assert threading.active_count() == before


# -- 4.7, 4.8, 4.10, 4.11 limits


def test_a_rule_fires_though_its_condition_is_false() -> None:
    body = """
    rules = {f'r{i}': rule({'m0': {'shared': 1}}) for i in range(COUNT)}
    rules['other'] = rule({'m0': {'other': 1}}, name='OTHER')
    try: h = host(rules)
    except C.error as error: raise SystemExit(8 if '108' in str(error) else 1)
    h.assert_fact('r', {'sid': 'p', 'shared': 1})
    raise SystemExit(7 if 'OTHER' in LOG else 0 if len(LOG) == COUNT else 1)
    """
    assert [child(body.replace("COUNT", str(count))) for count in (255, 256, 257)] == [0, 7, 8]


def test_512_conditions_at_one_level_hang() -> None:
    body = """
    h = host({f'r{i}': rule({'m': {'c': i}}) for i in range(COUNT)})
    h.assert_fact('r', {'sid': 'p', 'c': 0})
    assert LOG == ['x']
    """
    assert child(body.replace("COUNT", "511")) == 0
    assert child(body.replace("COUNT", "512"), seconds=2) is None


def test_a_text_that_is_too_long_is_fatal() -> None:
    body = """
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    h = host({'a': rule({'m': {'x': 1}})})
    h.assert_fact('r', {'id': 's' * 9_000_000, 'x': 1})
    """
    assert died(child(body))


def tell_all(driven: Driven, names: Iterable[str]) -> None:
    for name in names:
        driven.tell(**{name: 1})


def test_a_rule_of_17_premises_is_accepted_and_never_fires() -> None:
    names = [f"x{place}" for place in range(17)]
    driven = Driven({"a": every(*[{name: 1} for name in names[:16]])})
    tell_all(driven, names[:16])
    assert driven.log == ["a"]
    driven = Driven({"a": every(*[{name: 1} for name in names])})
    with pytest.raises(driven.extension.error, match="304"):
        tell_all(driven, names)
    assert driven.log == []


def test_one_fact_makes_at_most_64_conditions_true() -> None:
    for count in (64, 65):
        driven = Driven({f"r{place}": every({"$gte": {"x": place}}) for place in range(count)})
        if count == 64:
            driven.tell(x=1000)
            assert len(driven.log) == 64
        else:
            with pytest.raises(driven.extension.error, match="303"):
                driven.tell(x=1000)
            assert driven.log == []


def test_a_ruleset_holds_4096_rules() -> None:
    def rules(count: int) -> dict[str, dict[str, Any]]:
        return {f"R{n}": every({"$and": [{"g": n // 64}, {"l": n}]}) for n in range(count)}

    driven = Driven(rules(4096))
    driven.tell(g=63, l=4095)
    assert driven.log == ["R4095"]
    driven.host.delete_state("r", "p")  # 40 MB
    with pytest.raises(driven.extension.error, match="106"):
        Driven(rules(4097))
