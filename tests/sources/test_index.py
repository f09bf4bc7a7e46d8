"""Entries of many people on disk."""

from __future__ import annotations

from screening.sources.index import BATCH, Index, Stored


def test_people_come_out_in_the_order_in_which_they_came() -> None:
    with Index() as index:
        for id in ("b", "a", "c"):
            assert index.add_person(id, f"p:{id}") == ""
        assert index.add_person("a", "later") == "p:a"
        assert [id for id, _, _ in index.people()] == ["b", "a", "c"]


def test_entries_of_a_person_may_come_before_the_person_and_in_any_number() -> None:
    with Index() as index:
        for number in range(BATCH + 5):
            index.add("a", "t", f"t:{number}", str(number))
        index.add("x", "t", "t:x", "")
        index.add("x", "t", "t:y", "")
        index.add_person("a", "p:1")
        assert index.entries("a") == [Stored("t", f"t:{n}", str(n)) for n in range(BATCH + 5)]
        assert index.entries("nobody") == []
        assert list(index.orphans()) == [("x", "t:x", 2)]


def test_of_two_targets_of_one_key_the_first_stands() -> None:
    with Index() as index:
        index.add_target("k", "t:1", "one")
        index.add_target("k", "t:2", "two")
        assert index.target("k") == Stored("k", "t:1", "one")
        assert index.target("n") is None
