"""As a person does it: at a terminal of some size, interrupted at each prompt; nothing acknowledged is lost."""

from __future__ import annotations

import datetime
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screening import interview, screen
from screening.interview import Interview
from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults, Mapping
from tests.cli.calls import RULES
from tests.interview.clinic import known, line
from tests.interview.small import ALERTING, TYPED, until
from tests.interview.terminal import Person

DAY = "2026-11-22"
SMALL = ("--protocol", "small", "--rules", RULES, "--as-of", DAY, "--by", "K7")


def evidence(path: Path) -> dict[str, Any]:
    """What a saved profile holds; it can always be read."""
    tree = read_tree(path.read_bytes(), Faults(str(path)))
    assert isinstance(tree, Mapping)
    found: dict[str, Any] = data_of(tree).get("evidence") or {}
    return found


def interrupted(person: Person) -> int:
    person.press(b"\x03")
    return person.end()


def ended(person: Person) -> int:
    person.press(b"\x04")
    return person.end()


def terminated(person: Person) -> int:
    person.signal(signal.SIGTERM)
    return person.end()


def killed(person: Person) -> int:
    person.signal(signal.SIGKILL)
    return person.end()


ENDS: dict[str, tuple[Callable[[Person], int], tuple[int, ...]]] = {
    "Ctrl-C": (interrupted, (130,)),
    "Ctrl-D": (ended, (4, 2, 0)),
    "SIGTERM": (terminated, (130,)),
    "SIGKILL": (killed, (-signal.SIGKILL,)),
}


@pytest.mark.parametrize("answers", range(len(TYPED)))
@pytest.mark.parametrize("end", ENDS)
def test_nothing_acknowledged_is_lost(tmp_path: Path, end: str, answers: int) -> None:
    path = tmp_path / "SYN-0021.yaml"
    counts = []
    with Person("ask", *SMALL, "--save", str(path)) as person:
        for text in TYPED[:answers]:
            person.answer(text)
            person.see("Recorded: ")
            counts.append(len(evidence(path)))
        person.see("> ")
        act, statuses = ENDS[end]
        if end != "Ctrl-D":  # behind a line that is begun, it is not the end of input
            person.press("half an answ\u00e9r".encode())
        status = act(person)
        assert status in statuses
        assert person.is_as_before
    assert counts == sorted(set(counts)), "each answer is in the file as soon as it is read back"
    assert len(evidence(path)) == (counts[-1] if counts else 0)
    library = screen.load_protocol("small", [RULES])
    screen.read_record(path.read_bytes(), library, str(path))
    assert [each.name for each in tmp_path.iterdir()] == ["SYN-0021.yaml"], "nothing half-written is left"


@pytest.mark.parametrize(
    ("columns", "rows", "environment"),
    [
        pytest.param(80, 24, {}, id="80x24"),
        pytest.param(40, 10, {}, id="40x10"),
        pytest.param(200, 60, {"COLORTERM": "truecolor"}, id="200x60"),
        pytest.param(80, 24, {"NO_COLOR": "1"}, id="no colour"),
        pytest.param(80, 24, {"TERM": "dumb"}, id="dumb"),
    ],
)
def test_the_whole_of_it_at_any_terminal(
    tmp_path: Path, columns: int, rows: int, environment: dict[str, str]
) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path), columns=columns, rows=rows, **environment) as person:
        shown = ""
        for text in TYPED:
            shown += person.answer(text)
        person.see("Enter ends.")
        person.answer("")
        assert person.end() == 0
        assert person.is_as_before
        assert "+ ELIGIBLE" in person.text
        assert "Settled after" in person.text
        coloured = b"\x1b[" in person.seen
        assert coloured is (not environment or "COLORTERM" in environment)
        if columns < 80:
            asked = [each for each in shown.split("\n") if "> " not in each and "rules" not in each]
            assert max(map(len, asked[3:])) <= columns
    status = screen.screen(
        screen.load_protocol("small", [RULES]),
        screen.read_record(path.read_bytes(), screen.load_protocol("small", [RULES]), str(path)),
        datetime.date.fromisoformat(DAY),
    )
    assert status.determination.verdict.value == "ELIGIBLE"


def test_what_is_pasted_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        for pasted in (
            "\u6f22\u5b57 \u00e9\u00e8".encode(),
            b"\x1b[A\x1b[2J\x1b]0;title\x07",
            b"\xff\xfe\xfa",
            "\u202e9".encode(),
            b"1 " * 3000,
            b"",
            b"   ",
        ):
            person.see("> ")
            person.press(pasted + b"\n")
        person.see("> ")
        person.type("4=49 5=9")
        person.see("Recorded: ")
        person.see("> ")
        person.type("q")
        assert person.end() == 4
    assert set(evidence(path)) == {"Age", "Pain"}
    assert "\x1b" not in path.read_text(encoding="utf-8")


def test_what_is_pasted_ahead_answers_no_question_that_was_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        person.see("> ")
        person.press(b"4=49 5=9 n b\n1=9 2=7\nn\nn\n")
        person.see("What was typed before this question was shown was not read.")
        person.see("> ")
        person.type("1=3 2=2")
        person.see("Recorded: WPI 3; SSS 2")
        person.see("> ")
        person.type("q")
        assert person.end() in (2, 4)
        assert person.is_as_before
    assert evidence(path)["WPI"]["value"] == "3" and len(evidence(path)) == 7


def test_a_file_that_is_deleted_meanwhile_is_written_again_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        person.answer("4=49 5=9 n b")
        person.see("Recorded: ")
        person.see("> ")
        path.unlink()
        person.type("q")
        assert person.end() in (2, 4)
        assert "had been deleted meanwhile, and was written again" in " ".join(person.text.split())
    assert "Age" in evidence(path)


def test_two_at_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as one:
        one.see("> ")
        with Person("ask", *SMALL, str(path)) as other:
            other.answer("4=50")
            other.see("Recorded: ")
            one.type("4=49")
            assert one.end() == 3
            assert "was changed by something else; this answer was not kept" in one.text
            other.answer("4=9 n b")
            other.see("Recorded: ")
            other.answer("q")
            assert other.end() in (2, 4)
    assert evidence(path)["Age"]["age"] == "50" and "Pain" in evidence(path)


def test_who_says_so_is_asked_and_can_be_left(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        for text in (*until("Stroke"), "n"):
            person.answer(text)
        person.see("Who says so?")
        person.answer("x")
        person.see("none of the answers")
        person.answer("b")
        person.see("absences recorded, one each")
        person.see("> ")
        person.press(b"\x03")
        assert person.end() == 130
    assert "this person and chart" in path.read_text(encoding="utf-8")


def test_an_alert_ends_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        for text in ALERTING:
            person.answer(text)
        assert person.end() in (2, 4)
        said = person.text
    assert "!! ALERT  SCV01A" in said
    assert said.index("!! ALERT") < said.index("The interview stops here") < said.index("standing:")
    assert "196 'mm[Hg]'" in path.read_text(encoding="utf-8")


def test_a_form_that_sums_up_does_not_contradict_its_own_questions(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", "--save", str(path), "--by", "K7", "--as-of", DAY) as person:
        person.answer("s")
        shown = person.see("\n> ")
        number = re.search(r"(\d+) C-SSRS item 4 or 5", shown)
        assert number is not None
        assert "C-SSRS question" not in shown
        person.type(f"{number[1]} n")
        assert person.end() == 2
        said = person.text
    assert "!! ALERT  SPS06A" in said
    assert "x INELIGIBLE" in said
    assert "contradict" not in said
    assert "C-SSRS Question" not in path.read_text(encoding="utf-8")


def test_the_index_case_at_a_terminal(tmp_path: Path) -> None:
    """From nothing to ELIGIBLE for the completed index case, in at most 20 prompts, by what the screens show."""
    library, day, record = screen.load_protocol("ketamine-ra-fm"), datetime.date.fromisoformat(DAY), known()
    beside = Interview(library, interview.begun("SYN-0049", day, "K7"), day, "K7")
    path, prompts = tmp_path / "SYN-0049.yaml", 0
    with Person("ask", "--save", str(path), "--by", "K7", "--as-of", DAY) as person:
        while (page := beside.asking.page) is not None:
            text = line(page, record)
            shown = person.see("\n> ")
            asked = [line.text for line in interview.told_page(beside)]
            assert "\n".join(asked) in shown, "the terminal shows the whole question"
            assert len(asked) + 1 <= 22
            person.type(text)
            beside.answer(text)
            prompts += 1
        person.answer("")
        assert person.end() == 0
        assert person.text.count("\n> ") == prompts + 1 <= 20
        assert person.is_as_before
        assert re.search(r"^\+ ELIGIBLE .* standing: NOT RULED OUT$", person.text, re.MULTILINE)
    assert path.read_text(encoding="utf-8") == beside.text
    beside.close()


@pytest.fixture(scope="module")
def index_states() -> list[str]:
    """The saved profile of the index case after each of its answers, from none to all but the last."""
    library, day, record = screen.load_protocol("ketamine-ra-fm"), datetime.date.fromisoformat(DAY), known()
    talk = Interview(library, interview.begun("SYN-0049", day, "K7"), day, "K7")
    found = []
    while (page := talk.asking.page) is not None:
        found.append(talk.text)
        talk.answer(line(page, record))
    talk.close()
    return found


# One end at each prompt, in turn; SCREENING_LONG=1 tries every end at every prompt.
AT_EACH = [
    (answers, end)
    for answers in range(20)
    for n, end in enumerate(ENDS)
    if os.environ.get("SCREENING_LONG") or answers % len(ENDS) == n
]


@pytest.mark.parametrize(("answers", "end"), AT_EACH)
def test_an_end_at_each_prompt_of_the_index_case(
    tmp_path: Path, index_states: list[str], end: str, answers: int
) -> None:
    if answers >= len(index_states):
        pytest.skip("there are fewer prompts")
    path = tmp_path / "SYN-0049.yaml"
    path.write_text(index_states[answers], encoding="utf-8")
    with Person("ask", str(path), "--by", "K7", "--as-of", DAY) as person:
        person.see("\n> ")
        act, statuses = ENDS[end]
        assert act(person) in statuses
        assert person.is_as_before
    assert path.read_text(encoding="utf-8") == index_states[answers]
    assert [each.name for each in tmp_path.iterdir()] == ["SYN-0049.yaml"]


def test_a_slip_that_settles_the_verdict_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    with Person("ask", *SMALL, "--save", str(path)) as person:
        for text in (*until("Age"), "4=17"):
            person.answer(text)
        person.see("x INELIGIBLE")
        person.answer("b")
        shown = person.see("Age, years, or born 1977-02: 17")
        assert re.search(r"question 1( of about \d)?, at most 9", shown)
        person.answer("4=71")
        person.see("Recorded: Age 71 years")
        person.answer("q")
        assert person.end() == 4
    assert "age: 17" not in path.read_text(encoding="utf-8")
