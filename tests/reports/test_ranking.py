from __future__ import annotations

from screening import matching
from screening.reports import ranking
from screening.reports.line import plain_text
from tests.reports.several import RULES, person, protocols

BORN = "{born: 1970-05-01}"


def record(pain: str = "", ra: str = "") -> bytes:
    items = {name: value for name, value in (("Pain", pain), ("RA", ra)) if value}
    text = person(**items).decode()
    return (text + "  Age: {born: 1970-05-01}\n").encode()


def rows(data: bytes, retired: bool = False) -> list[tuple[str, str, int, int]]:
    found = ranking.ranked(protocols(data, retired))
    return [
        (
            account.library.name,
            account.determination.verdict.value,
            len(ranking.bars(account)),
            len(ranking.open_items(account)),
        )
        for account in found
    ]


def test_what_is_registered_or_has_anchors_is_a_protocol_and_an_edition_is_none() -> None:
    found = matching.protocols(matching.shelf([RULES]))
    assert [library.name for library in found.libraries] == ["local", "trial-cut", "trial-open"]
    assert found.retired == ("trial-old",)


def test_the_nearest_come_first() -> None:
    assert rows(record(pain="5", ra="false")) == [
        ("trial-open", "ELIGIBLE", 0, 0),
        ("trial-cut", "UNDETERMINED", 0, 1),
        ("local", "INELIGIBLE", 2, 0),
    ]


def test_of_those_that_are_open_fewer_open_items_come_first() -> None:
    # What `local` is for is not on record; the other two name no anchor.
    assert [(name, count) for name, _, _, count in rows(record())] == [
        ("trial-cut", 2),
        ("trial-open", 2),
        ("local", 2),
    ]
    assert [name for name, *_ in rows(record(ra="false"))] == ["trial-open", "trial-cut", "local"]


def test_a_protocol_whose_condition_is_on_record_is_not_put_behind_others() -> None:
    assert [name for name, *_ in rows(record(ra="true"))] == ["local", "trial-cut", "trial-open"]


def test_a_file_that_was_cut_is_never_eligible() -> None:
    verdicts = {name: verdict for name, verdict, *_ in rows(record(pain="5"))}
    assert verdicts["trial-cut"] == "UNDETERMINED"
    text = plain_text(matching.matched(protocols(record(pain="5")), [], False, False))
    assert "stored copy cut after EXC01: never" in text


def test_retired_rules_are_left_out_unless_asked_for() -> None:
    assert "trial-old" not in [name for name, *_ in rows(record())]
    assert "trial-old" in [name for name, *_ in rows(record(), retired=True)]
    text = plain_text(matching.matched(protocols(record(), retired=True), [], False, False))
    assert "3 DRAFT, 1 RETIRED, not for use in care" in text


def test_the_screen_makes_no_offer_and_names_the_nearest_miss() -> None:
    text = plain_text(matching.matched(protocols(record(pain="5", ra="true")), [], False, False))
    words = " ".join(text.split())
    assert text.splitlines()[0] == "3 protocols, all DRAFT, not for use in care"
    assert "Nothing here is an offer: recruitment is not looked up." in text
    assert "Nearest miss: local, 1 bar: INC02 not met: pain 5 of 10, 2026-11-20 (limit >= 6)." in words
    assert max(map(len, text.splitlines())) <= 80
    assert [line[0] for line in text.splitlines() if line[:1] in ("+", "!", "?", "x")] == ["?", "x", "x"]


def test_eligible_is_not_said_without_what_it_does_not_mean() -> None:
    text = " ".join(
        plain_text(matching.matched(protocols(record(pain="5", ra="false")), [], False, False)).split()
    )
    assert "It does not mean that a treatment is indicated or safe." in text


def test_what_is_missing_for_most_is_counted_over_the_open_protocols() -> None:
    text = plain_text(matching.matched(protocols(record(ra="true")), [], False, False))
    assert "Missing for most: pain (2 protocols)." in text


def test_all_lists_every_bar_and_every_open_criterion() -> None:
    text = plain_text(matching.matched(protocols(record(ra="false")), [], True, False))
    lines = text.splitlines()
    assert any(line.startswith("x INC01") for line in lines)
    assert any(line.startswith("? INC02") for line in lines)
    assert "Recorded, asked about and not used: nothing" in text


def test_the_data_hold_every_bar_and_open_item() -> None:
    data = matching.match_data(protocols(record(pain="5", ra="false")), [])
    assert [p["verdict"] for p in data["protocols"]] == ["ELIGIBLE", "UNDETERMINED", "INELIGIBLE"]
    assert [bar["criterion"] for bar in data["protocols"][2]["bars"]] == ["INC01", "INC02"]
    assert data["protocols"][1]["open"] == ["WHOLE"]
    assert data["protocols"][1]["incomplete"] == "stored copy cut after EXC01"
    assert data["notice"].startswith("Nothing here is an offer")
