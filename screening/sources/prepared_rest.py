"""What is left of a subject beside its evidence: what was said of it, what was searched, and from where it is.

It is kept as one short text a person, from which the subject is made again exactly as its door made it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screening.record.subject import Notice, Searched, Subject
from screening.sources.joint import Asked, Joint
from screening.sources.prepared_cells import as_text
from screening.values.bounds import Bounds

_EVERY, _CODED = "all", "coded"


class Resting:
    """What a joint reading has to know to keep what is left of people; made once for all of them."""

    def __init__(self, joint: Joint) -> None:
        self.layers = [_Layer(joint.of_layer(number)) for number in range(len(joint.layers))]
        head = joint.of_layer(0)
        self.births = [each.name for each in head if each.requirement.kind == "birth date"]
        self.genders = [each.name for each in head if each.requirement.says_sex]

    def born(self, subject: Subject) -> tuple[datetime.date | None, datetime.date | None]:
        """The days on which a person may have been born, as the first birth date on record has them."""
        for name in self.births:
            for row in subject.evidence.get(name, ()):
                if isinstance(row.value, Bounds) and isinstance(row.value.low, datetime.date):
                    return row.value.low, row.value.high
        return None, None

    def sex(self, subject: Subject) -> str | None:
        """Sex as it is asked for; None where it is not recorded."""
        for name in self.genders:
            for row in subject.evidence.get(name, ()):
                if isinstance(row.value, tuple) and not isinstance(row.value, Bounds):
                    return "; ".join(code.code for code in row.value)
        return None

    def rest(self, read: Sequence[Subject], place: str) -> str:
        """What is left of one person, as each layer found it."""
        return as_text([layer.data(subject, place) for layer, subject in zip(self.layers, read, strict=True)])


class _Layer:
    def __init__(self, asked: Sequence[Asked]) -> None:
        self.numbers = {each.name: int(each.number) for each in asked}
        self.usual = {each.name: len(each.requirement.codes or each.requirement.reasons) for each in asked}
        self.every = {each.name: len(each.requirement.concepts) for each in asked}
        self.coded = {name: number for name, number in self.every.items() if number}

    def data(self, subject: Subject, place: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "site": subject.site,
            "digest": subject.digest,
            "notices": self.notices(subject.notices),
            "passed over": self.notices(subject.passed_over),
            "searched": self.searched(subject.searched),
            "concepts": self.concepts(subject.concepts),
        }
        found = {key: value for key, value in found.items() if value}
        return found if subject.source == place else {**found, "source": subject.source}

    def notices(self, notices: Iterable[Notice]) -> list[list[Any]]:
        # A name that is none of the layer's requirements is kept as it is.
        return [[self.numbers.get(one.requirement, one.requirement), one.place, one.text] for one in notices]

    def searched(self, searched: Mapping[str, Searched]) -> list[list[Any]]:
        """What was searched, once for all requirements that were searched alike."""
        alike: dict[tuple[Any, ...], list[Any]] = {}
        for name, said in searched.items():
            number = self.numbers[name]
            usual = said.codes == self.usual[name]
            key = (said.of, said.records, said.first, said.last)
            alike.setdefault(key, []).append(number if usual else [number, said.codes])
        return [[*said, numbers] for said, numbers in alike.items()]

    def concepts(self, concepts: Mapping[str, int]) -> Any:
        return _EVERY if concepts == self.every else _CODED if concepts == self.coded else dict(concepts)


# ------------------------------------------------------------------------------------ read again


class Rest:
    """What is left of people, read for the requirements of one library."""

    def __init__(self, asked: Mapping[int, Asked]) -> None:
        self.asked = asked
        self.order = {each.name: position for position, each in enumerate(asked.values())}

    def of(self, text: str, place: str) -> dict[str, Any]:
        """The parts of a Subject beside its id and its evidence, by their names."""
        layers = json.loads(text)
        head = layers[0]
        return {
            "source": head.get("source", place),
            "digest": head.get("digest", ""),
            "site": head.get("site", ""),
            "notices": tuple(self.notices(layers, "notices")),
            "passed_over": tuple(self.notices(layers, "passed over")),
            "searched": self.searched(layers),
            "concepts": self.concepts(layers),
        }

    def notices(self, layers: Sequence[Mapping[str, Any]], key: str) -> list[Notice]:
        """Those of the library's requirements in their order, between those that are of none."""
        first: list[Notice] = []
        named: list[Notice] = []
        last: list[Notice] = []
        for number, layer in enumerate(layers):
            for of, place, text in layer.get(key, ()):
                each = self.asked.get(of) if isinstance(of, int) else None
                if each is not None and each.layer == number:
                    named.append(Notice(each.name, place, text))
                elif not isinstance(of, int) and number == 0:
                    (last if named else first).append(Notice(of, place, text))
        named.sort(key=lambda notice: self.order[notice.requirement])
        return [*first, *named, *last]

    def searched(self, layers: Sequence[Mapping[str, Any]]) -> dict[str, Searched]:
        found = {}
        for number, layer in enumerate(layers):
            for of, records, first, last, numbers in layer.get("searched", ()):
                for one in numbers:
                    at, codes = one if isinstance(one, list) else (one, None)
                    each = self.asked.get(at)
                    if each is not None and each.layer == number:
                        usual = len(each.requirement.codes or each.requirement.reasons)
                        found[each.name] = Searched(usual if codes is None else codes, records, of, first, last)
        return {name: found[name] for name in sorted(found, key=self.order.__getitem__)}

    def concepts(self, layers: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        said = layers[0].get("concepts", {})
        if said in (_EVERY, _CODED):
            every = {each.name: len(each.requirement.concepts) for each in self.asked.values()}
            return {name: number for name, number in every.items() if number or said == _EVERY}
        return {name: number for name, number in said.items() if name in self.order}
