"""The data dictionary of a REDCap project: what its fields are called, of which form, and what their codes mean.

It is read to propose a mapping, never to read a record: what a code means then stands in the mapping, where those
who know the project can read and correct it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path

from screening.errors import UnreadableRecord
from screening.sources.delimited import Delimited
from screening.values.frozen import dataclass

# The columns that are read, as the project's pages and as its interface call them.
_COLUMNS = {
    "name": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "kind": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": ("choices, calculations, or slider labels", "select_choices_or_calculations"),
    "note": ("field note", "field_note"),
    "validation": ("text validation type or show slider number", "text_validation_type_or_show_slider_number"),
}
_NEEDED = ("name", "form", "kind", "label", "choices")
CHECKBOX = "checkbox"
_CHOSEN = ("radio", "dropdown", CHECKBOX)
_TAG = re.compile(r"<[^<>]{0,200}>")
_YES = ("yes", "true", "ja", "y", "checked", "present", "positive")
_NO = ("no", "false", "nein", "n", "unchecked", "absent", "negative")
_UNTOLD = (
    "unknown", "not known", "don't know", "do not know", "dont know", "refused", "prefer not to say",
    "prefer not to answer", "declined to answer", "not asked", "not done", "not available", "missing", "no answer",
    "no information", "unsure", "unbekannt", "keine angabe", "weiß nicht", "nicht bekannt",
)  # fmt: skip
_NONE = ("none", "none of the above", "none of these", "no condition", "keine", "keine davon")
_GENDERS = {"male": "male", "man": "male", "männlich": "male", "female": "female", "woman": "female",
            "weiblich": "female"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodebookField:
    """One field: the form that it stands in, its type, label and note, and what its codes mean."""

    name: str
    form: str
    kind: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    validation: str = ""

    @property
    def yes_or_no(self) -> dict[str, str]:
        """Codes and labels that say yes or no."""
        if self.kind in ("yesno", "truefalse"):
            told = ("Yes", "No") if self.kind == "yesno" else ("True", "False")
            return {"1": "TRUE", "0": "FALSE", told[0]: "TRUE", told[1]: "FALSE"}
        found: dict[str, str] = {}
        for code, label in self.choices.items():
            said = "TRUE" if _is(label, _YES) else "FALSE" if _is(label, _NO) else ""
            if said:
                found |= {code: said, label: said}
        return found

    @property
    def genders(self) -> dict[str, str]:
        """Codes and labels that say male or female."""
        said = {
            code: (label, _GENDERS[_bare(label)])
            for code, label in self.choices.items()
            if _bare(label) in _GENDERS
        }
        return {each: gender for code, (label, gender) in said.items() for each in (code, label)}

    @property
    def untold(self) -> dict[str, str]:
        """Codes that say that there is no answer, with their labels."""
        return {code: label for code, label in self.choices.items() if _is(label, _UNTOLD)}


class Codebook:
    """The fields of a project by name; none, where no dictionary is given."""

    def __init__(self, fields: Mapping[str, CodebookField]) -> None:
        self.fields = fields

    def of(self, column: str) -> CodebookField | None:
        """The field that a column holds; of `conditions___1` the field `conditions`."""
        return self.fields.get(column.partition("___")[0].casefold())

    def forms(self, columns: Mapping[str, str]) -> set[str]:
        """The forms in which the fields of some columns stand."""
        return {found.form for column in columns.values() if (found := self.of(column)) is not None}

    def answer(self, column: str) -> tuple[str, str]:
        """What the column of a checkbox stands for, and its label: `answer`, `none`, or `missing` of no choice."""
        found = self.of(column)
        if found is None or found.kind != CHECKBOX:
            return "", ""
        code = column.partition("___")[2].casefold()
        label = next(
            (label for key, label in found.choices.items() if key.casefold().replace("-", "_") == code), ""
        )
        if not label:
            # Missing data codes of a project get a box of their own in every group.
            return "missing", ""
        return ("none" if _is(label, _NONE) else "missing" if _is(label, _UNTOLD) else "answer"), label


def is_codebook(path: Path) -> bool:
    """Whether a table is the data dictionary of a project."""
    try:
        header = Delimited(path, path.name).opened().header
    except (UnreadableRecord, UnicodeError):
        return False
    return set(_NEEDED) <= _positions(header).keys()


def read_codebook(path: Path) -> Iterator[CodebookField]:
    """The fields of a dictionary; a row that cannot be read is passed over, for nothing rests on it."""
    file = Delimited(path, path.name).opened()
    positions = _positions(file.header)
    for row in file.rows():
        if row.wrong:
            continue
        cells = {name: _plain(row.cells[at]) for name, at in positions.items()}
        if cells["name"]:
            choices = (
                dict(_choices(row.cells[positions["choices"]])) if cells["kind"].casefold() in _CHOSEN else {}
            )
            yield CodebookField(
                cells["name"].casefold(), cells["form"], cells["kind"].casefold(), cells["label"], choices,
                cells.get("note", ""), cells.get("validation", ""),
            )  # fmt: skip


def _positions(header: tuple[str, ...]) -> dict[str, int]:
    folded = [" ".join(name.casefold().split()) for name in header]
    found = (
        (name, next((folded.index(each) for each in every if each in folded), -1))
        for name, every in _COLUMNS.items()
    )
    return {name: at for name, at in found if at >= 0}


def _choices(text: str) -> Iterator[tuple[str, str]]:
    """`1, Yes | 0, No` as codes with labels."""
    for part in text.replace("\n", "|").split("|"):
        code, comma, label = part.partition(",")
        if comma and code.strip():
            yield code.strip(), _plain(label)


def _plain(text: str) -> str:
    return " ".join(_TAG.sub(" ", text).split())


def _bare(label: str) -> str:
    return label.casefold().replace("’", "'").strip(" .!?()")


def _is(label: str, words: tuple[str, ...]) -> bool:
    """Whether a label is one of some words, or begins with one of several words."""
    bare = _bare(label)
    return bare in words or any(" " in word and bare.startswith(word) for word in words)
