"""An interview through its Python API: what is asked, what is kept, when it ends, what a changed answer does."""

from __future__ import annotations

import datetime
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screening import interview, screen
from screening.interview import Interview, Refused, Wanted
from screening.language.library import Library
from screening.outcome.determination import Verdict
from screening.output.folder import write_private
from screening.values.bounds import Bounds
from tests.cli.calls import RULES
from tests.interview.clinic import known, line

DAY = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def library() -> Library:
    return screen.load_protocol("ketamine-ra-fm")


@pytest.fixture(scope="module")
def small() -> Library:
    return screen.load_protocol("small", [RULES])


@pytest.fixture
def talk(small: Library, tmp_path: Path) -> Iterator[Interview]:
    path = tmp_path / "SYN-0021.yaml"
    talk = Interview(small, interview.begun("SYN-0021", DAY, "K7"), DAY, "K7", path=path)
    talk.begin()
    yield talk
    talk.close()


def go_to(talk: Interview, name: str) -> None:
    """Passes over every question up to that of a requirement."""
    while talk.asking.page is not None and name not in talk.asking.page.names:
        taken(talk, "s")
    assert talk.asking.page is not None, f"{name} is not asked"


def taken(talk: Interview, text: str, **beside: Any) -> None:
    found = interview.tried(talk, text, beside)
    assert not isinstance(found, Refused | Wanted), found


def names(talk: Interview) -> tuple[str, ...]:
    return () if talk.asking.page is None else talk.asking.page.names


def verdict(talk: Interview) -> str:
    return talk.determination.verdict.value


def number(talk: Interview, name: str) -> int:
    assert talk.asking.page is not None
    return talk.asking.page.names.index(name) + 1


def verdict_of(library: Library, text: str, as_of: datetime.date = DAY) -> Verdict:
    """What the whole path says of a saved profile."""
    subject = screen.read_record(text.encode(), library, "saved.yaml")
    return screen.screen(library, subject, as_of).determination.verdict


def test_the_index_case_from_nothing_in_twenty_prompts(library: Library, tmp_path: Path) -> None:
    record, path = known(), tmp_path / "SYN-0049.yaml"
    talk = Interview(library, interview.begun("SYN-0049", DAY, "K7"), DAY, "K7", path=path)
    prompts, bound = 0, talk.asking.progress.at_most
    asked: list[str] = []
    while (page := talk.asking.page) is not None:
        prompts += 1
        assert talk.asking.progress.question <= talk.asking.progress.at_most <= bound
        bound = talk.asking.progress.at_most
        # Of somebody of whom everything is known nearly so many are asked as is told at any time.
        assert talk.asking.progress.question <= talk.asking.progress.about <= 20
        assert not set(asked) & set(page.names), "asked twice"
        asked += page.names
        taken(talk, line(page, record))
        # What was acknowledged is in the file, and the file says what the interview says.
        assert path.read_text(encoding="utf-8") == talk.text
    assert prompts <= 20
    assert talk.asking.settled
    assert talk.determination.verdict is Verdict.ELIGIBLE
    assert verdict_of(library, talk.text) is Verdict.ELIGIBLE
    assert talk.text.count('source: "asked 2026-11-22 by K7, ') >= 150
    talk.close()


def test_every_state_is_that_of_the_whole_path(talk: Interview, small: Library) -> None:
    answers = ["4=49", "n b", "?", "1=2016", "adalimumab, TNF, failed; more", "1=171+173", "22 40", "n", "1"]
    for text in answers:
        if talk.asking.page is None:
            break
        interview.tried(talk, text, {})
        subject = screen.read_record(talk.text.encode(), small, "saved.yaml")
        whole = screen.screen(small, subject, DAY)
        assert whole.determination == talk.determination
        assert whole.trace.steps == talk.trace.steps


def test_each_absence_is_a_fact_of_its_own(talk: Interview, small: Library) -> None:
    go_to(talk, "Stroke")
    taken(talk, "n b")
    subject = screen.read_record(talk.text.encode(), small, "saved.yaml")
    denied = [absence for name in ("Stroke",) for absence in subject.absences[name]]
    assert [absence.origin for absence in denied] == [
        "profile Stroke (asked 2026-11-22 by K7, this person and chart)"
    ]
    assert denied[0].when.low == DAY
    # One of them is corrected later by its own line, and the others stay.
    lines = [each for each in talk.text.splitlines() if each.startswith("  Stroke: ")]
    assert len(lines) == 1
    corrected = talk.text.replace(lines[0], lines[0].replace("FALSE", "TRUE"))
    again = screen.read_record(corrected.encode(), small, "saved.yaml")
    assert again.evidence["Stroke"]
    assert again.evidence.get("Neck and Airway") == subject.evidence.get("Neck and Airway")


def evidence(talk: Interview, library: Library) -> dict[str, Any]:
    """Everything that the saved profile says of the person."""
    subject = screen.read_record(talk.text.encode(), library, "saved.yaml")
    return {**subject.evidence, **subject.absences, **subject.complete}


def test_not_known_is_not_asked_again_and_can_be_returned_to(talk: Interview, small: Library) -> None:
    first = names(talk)
    taken(talk, "?")
    assert not set(first) & set(names(talk))
    assert evidence(talk, small) == {}, "what is not known is no evidence"
    assert talk.text.count("asked 2026-11-22 by K7: not known") == len(first)
    assert talk.back()
    assert names(talk) == first
    assert set(talk.asking.recorded.values()) == {"not known"}
    assert not talk.back(), "this is the first question"
    assert talk.forward()
    assert not talk.forward(), "nothing was answered beyond"


def test_not_known_is_not_asked_again_after_resuming(talk: Interview, small: Library) -> None:
    first = names(talk)
    taken(talk, "?")
    go_to(talk, "WPI")
    taken(talk, "9 ?")
    later = Interview(small, talk.text, DAY, "K8")
    assert set(later.passed) == {*first, "SSS"} and set(later.passed.values()) == {"2026-11-22"}
    assert not {*first, "WPI", "SSS"} & set(names(later))
    # By `b` at once, or asked for, it is asked; the answer takes the note off.
    asked = names(later)
    assert later.back() and not later.back()
    assert names(later) == first != asked
    later.close()
    again = Interview(small, talk.text, DAY, "K8", again=True)
    assert names(again) == first and not again.passed
    go_to(again, "SSS")
    taken(again, "7")
    assert "SSS: {value: 7" in again.text
    assert again.text.count("not known") == len(first)
    again.close()


def test_not_known_completes_no_list_for_a_site(small: Library) -> None:
    """A site declares lists as complete that a profile mentions: a note that nobody knows mentions nothing."""
    from screening.sources.site import read_site

    head = "site: A, owner: O, signed by: K1, date: 2026-11-01"
    text = f"{{{head}, complete: [{{requirement: DMARD Trials, since: ever, because: all are entered}}]}}"
    site = read_site(text, "site.yaml")
    talk = Interview(small, interview.begun("SYN-1", DAY, "K7"), DAY, "K7", site=site)
    go_to(talk, "DMARD Trials")
    taken(talk, "?")
    assert "DMARD Trials: {complete: false" in talk.text
    subject = screen.read_record(talk.text.encode(), small, "saved.yaml", site)
    assert not subject.complete and not subject.evidence
    mentioned = talk.text.replace("complete: false, ", "")
    assert screen.read_record(mentioned.encode(), small, "saved.yaml", site).complete, "any other item would be"
    talk.close()


def test_that_it_was_so_stays_where_nobody_knows_since_when(library: Library) -> None:
    talk = Interview(library, interview.begun("SYN-1", DAY, "K7"), DAY, "K7")
    go_to(talk, "Stroke")
    taken(talk, f"{number(talk, 'Stroke')} n b")
    assert talk.asking.page is not None and talk.asking.page.shape == "when"
    taken(talk, "?")
    subject = screen.read_record(talk.text.encode(), library, "saved.yaml")
    assert [row.value.value for row in subject.evidence["Stroke"] if hasattr(row.value, "value")] == ["TRUE"]
    later = Interview(library, talk.text, DAY, "K7")
    assert "Stroke" in later.passed and "Stroke" not in names(later)
    later.close()
    talk.close()


@pytest.mark.parametrize("answer", ["?", "s"])
def test_the_number_of_questions_is_reached_where_nothing_is_known(
    library: Library, small: Library, answer: str
) -> None:
    """`at most` is no guess: whoever knows nothing is asked exactly so many."""
    for rules in (library, small):
        talk = Interview(rules, interview.begun("SYN-1", DAY, "K7"), DAY, "K7")
        bound, asked = talk.asking.progress.at_most, 0
        assert 0 < talk.asking.progress.about <= bound
        while talk.asking.page is not None:
            asked += 1
            taken(talk, answer)
        assert asked == bound == talk.answers
        talk.close()


def test_a_changed_answer_opens_anew_what_depended_on_it(talk: Interview, small: Library) -> None:
    go_to(talk, "Age")
    at = number(talk, "Age")
    taken(talk, f"{at}=17")
    assert verdict(talk) == "INELIGIBLE"
    assert talk.asking.page is None and talk.asking.settled
    sessions = talk.sessions
    assert talk.back()
    taken(talk, f"{at}=49")
    assert verdict(talk) == "UNDETERMINED"
    assert names(talk)
    assert "age: 49" in talk.text and "age: 17" not in talk.text
    assert talk.sessions == sessions + 1, "the safe path of the engine takes nothing back"


def test_an_unchanged_earlier_answer_and_all_later_ones_stay(talk: Interview) -> None:
    go_to(talk, "Age")
    taken(talk, f"{number(talk, 'Age')}=49 n b")
    go_to(talk, "WPI")
    taken(talk, "9 7")
    text, page = talk.text, talk.asking.page
    while talk.back():
        pass
    while talk.forward():
        pass
    assert (talk.text, talk.asking.page) == (text, page)


def test_what_an_answer_leaves_open_is_the_same_question(talk: Interview) -> None:
    go_to(talk, "WPI")
    before = talk.asking.progress
    taken(talk, "9")
    assert talk.asking.page is not None
    assert talk.asking.page.names == ("SSS",)
    assert talk.asking.progress.question == before.question
    assert talk.asking.progress.at_most <= before.at_most


def test_a_refused_answer_is_not_kept(talk: Interview) -> None:
    go_to(talk, "WPI")
    text = talk.text
    found = interview.tried(talk, "20", {})
    assert isinstance(found, Refused)
    assert "not on this scale (0 to 19)" in found.text
    assert talk.text == text
    assert talk.asking.page is not None and "WPI" in talk.asking.page.names


def test_beyond_what_is_plausible_is_asked_again_and_kept_as_set_aside(talk: Interview, small: Library) -> None:
    go_to(talk, "Systolic Pressure")
    wanted = interview.tried(talk, "1=400+400", {})
    assert isinstance(wanted, Wanted) and wanted.want == "sure"
    assert interview.beside(wanted, "perhaps") is None
    more = interview.beside(wanted, "y")
    assert more is not None
    taken(talk, "1=400+400", **more)
    subject = screen.read_record(talk.text.encode(), small, "saved.yaml")
    assert any("plausible" in notice.text for notice in subject.notices)
    assert talk.determination.verdict is Verdict.UNDETERMINED


def test_an_alert_ends_it_with_the_answers_kept(talk: Interview, small: Library) -> None:
    go_to(talk, "Systolic Pressure")
    taken(talk, "1=196")
    assert talk.alerts == ("SCV01A",)
    assert talk.asking.page is None
    assert "196 'mm[Hg]'" in talk.path.read_text(encoding="utf-8") if talk.path else False
    lines = [each.text for each in interview.told_end(talk, "SYN-0021.yaml")]
    assert lines[0].startswith("!! ALERT  SCV01A")
    assert any("Nobody has been told" in each for each in lines)
    assert any(each.startswith("The interview stops here. Your") for each in lines)


def test_one_begun_is_gone_on_with(talk: Interview, small: Library) -> None:
    go_to(talk, "WPI")
    taken(talk, "9 7")
    again = Interview(small, talk.text, DAY, "K8")
    asked = set()
    while again.asking.page is not None:
        asked |= set(again.asking.page.names)
        taken(again, "s")
    assert not asked & {"WPI", "SSS"}
    assert "Age" in asked
    again.close()


def test_an_item_that_is_recorded_in_part_is_added_to(small: Library) -> None:
    begun = "subject: SYN-1\nevidence:\n  Systolic Pressure: {value: \"170 'mm[Hg]'\", date: 2026-11-20T09:00}\n"
    talk = Interview(small, begun, DAY, "K7")
    go_to(talk, "Systolic Pressure")
    taken(talk, f"{number(talk, 'Systolic Pressure')}=171+173")
    subject = screen.read_record(talk.text.encode(), small, "saved.yaml")
    assert len(subject.evidence["Systolic Pressure"]) == 3
    talk.close()


@pytest.mark.parametrize("recorded", ["{low: 2, high: 8}", "{value: '<6', date: 2026-11-22}"])
def test_an_exact_answer_settles_what_was_recorded_as_a_range(small: Library, recorded: str) -> None:
    talk = Interview(small, f"subject: SYN-1\nevidence:\n  Pain: {recorded}\n", DAY, "K7")
    go_to(talk, "Pain")
    taken(talk, f"{number(talk, 'Pain')}=5")
    subject = screen.read_record(talk.text.encode(), small, "saved.yaml")
    assert [row.value for row in subject.evidence["Pain"]] == [Bounds(5, 5)]
    assert "recorded before: " in talk.text
    talk.close()


def test_comments_and_the_rest_of_a_record_stay(small: Library) -> None:
    begun = "# made by hand\nsubject: SYN-1   # a pseudonym\nnote: kept\nevidence:\n  # asked\n  Pain: 9  # ten\n"
    talk = Interview(small, begun, DAY, "K7")
    go_to(talk, "WPI")
    taken(talk, "9 7")
    assert talk.text.startswith(begun)
    talk.close()


def test_a_file_that_something_else_wrote_is_not_overwritten(talk: Interview) -> None:
    assert talk.path is not None
    go_to(talk, "WPI")
    talk.path.write_text("subject: SOMEBODY-ELSE\nevidence:\n", encoding="utf-8")
    with pytest.raises(screen.ScreeningError, match="changed by something else"):
        interview.tried(talk, "9 7", {})
    assert "SOMEBODY-ELSE" in talk.path.read_text(encoding="utf-8")


def test_an_answer_that_cannot_be_written_is_not_taken_and_can_be_given_again(
    small: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    talk = Interview(small, interview.begun("SYN-1", DAY, "K7"), DAY, "K7", path=folder / "SYN-1.yaml")
    talk.begin()
    go_to(talk, "WPI")
    text, page = talk.text, talk.asking.page
    shutil.rmtree(folder)
    found = interview.tried(talk, "9 7", {})
    assert isinstance(found, Refused) and "this answer was not kept" in found.text
    assert (talk.text, talk.asking.page) == (text, page)
    assert not talk.is_kept()
    assert any("not in the file" in line.text for line in interview.told_end(talk, None))
    folder.mkdir()
    taken(talk, "9 7")
    assert talk.is_kept() and talk.file is not None and talk.file.restored
    assert (folder / "SYN-1.yaml").read_text(encoding="utf-8") == talk.text
    talk.close()


def test_of_an_answer_on_a_full_disk_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "SYN-1.yaml"
    write_private(path, "whole")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        write_private(path, "half of it")
    assert path.read_text(encoding="utf-8") == "whole"
    assert [each.name for each in tmp_path.iterdir()] == ["SYN-1.yaml"]


def test_what_is_so_without_a_date_is_asked_when_if_the_day_decides(library: Library) -> None:
    talk = Interview(library, interview.begun("SYN-1", DAY, "K7"), DAY, "K7")
    go_to(talk, "Stroke")
    at, question = number(talk, "Stroke"), talk.asking.progress.question
    taken(talk, f"{at} n b")
    assert talk.asking.page is not None
    assert (talk.asking.page.shape, talk.asking.page.names) == ("when", ("Stroke",))
    assert talk.asking.progress.question == question
    taken(talk, "2026-11-01", who="b")
    assert talk.determination.verdict is Verdict.INELIGIBLE
    assert "Stroke: {value: TRUE, date: 2026-11-01" in talk.text
    talk.close()


def test_the_example_of_the_manual(small: Library) -> None:
    """The Python API: ask, answer, read the verdict."""
    talk = interview.Interview(small, interview.begun("SYN-0021", DAY, by="K7"), as_of=DAY, by="K7")
    while (page := talk.asking.page) is not None:
        if "Age" in page.names:
            number = page.names.index("Age") + 1
            talk.answer(f"{number}=17")
        else:
            talk.answer("?")
    assert talk.determination.verdict.value == "INELIGIBLE"
    assert "Age: {age: 17, date: 2026-11-22, by: K7" in talk.text
    talk.close()
