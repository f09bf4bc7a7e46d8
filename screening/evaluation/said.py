"""What is told beside an answer of an interview: the day, who asks, who says so; and what is still wanted."""

from __future__ import annotations

import datetime
from typing import Literal

from screening.values.frozen import dataclass

Want = Literal["who", "judge", "whole", "sure"]

# Who says so: the letters of the question, and how the source is named.
WHO = {"p": "this person", "c": "the chart, read today", "b": "this person and chart"}
# Ways of obtaining in which somebody has to say who says so.
TOLD = ("ask", "chart")
# Where an answer comes from, if the page itself does not ask who says so.
FROM = {
    "ask": "this person", "chart": "chart", "questionnaire": "filled form", "examine": "examination",
    "blood": "laboratory", "ECG": "ECG", "arrange": "arrangement", "judge": "judgement",
}  # fmt: skip


class Wanting(Exception):
    """An answer that needs one thing more before it is taken: who says so, who judged, whether it is so indeed."""

    def __init__(self, want: Want, text: str = "") -> None:
        super().__init__(want)
        self.want, self.text = want, text


def answer_to(want: str, said: str) -> dict[str, str | bool] | None:
    """What a text says of what was wanting, by the names of `Beside`; None where it is no answer to that."""
    plain = said.casefold()
    match want:
        case "who":
            return {"who": plain} if plain in WHO else None
        case "judge":
            return {"judge": said} if len(said) > 1 and said.isprintable() else None
        case "whole":
            is_whole = plain in ("y", "yes", "all")
            return {"whole": is_whole} if is_whole or plain in ("n", "no", "more") else None
    return {"sure": True} if plain in ("y", "yes") else None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the line: the day, who asks, and what was answered to what was wanting.

    `who` is a letter of WHO, `judge` who judged, `whole` whether a list is the whole list, `sure` that a value
    that is not plausible was written so on purpose.
    """

    day: datetime.date
    by: str
    who: str = ""
    judge: str = ""
    whole: bool | None = None
    sure: bool = False

    def source(self, obtain: str) -> str:
        """Where an answer comes from, as the record keeps it.

        >>> Beside(datetime.date(2026, 11, 22), "K7", who="b").source("ask")
        'asked 2026-11-22 by K7, this person and chart'
        """
        said = WHO.get(self.who, FROM[obtain]) if obtain in TOLD else FROM[obtain]
        return f"asked {self.day.isoformat()} by {self.by}, {said}"
