"""A screening that a ledger keeps, done again."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from screening.errors import RecordError, RequirementMismatch, RuleError

# Libraries by where their rules lie and what a certificate says of them: read once for many screenings.
Libraries = dict[tuple[str, ...], Any]


def screened_again(
    kept: Any,
    place: Path,
    protocol: str = "",
    folders: tuple[str, ...] = (),
    libraries: Libraries | None = None,
) -> Any:
    """A kept screening: from the rules kept with it, which lie in a folder, or under a protocol as it is now.

    Raises RuleError where the rules are not those that its certificate names, and as screening anybody does.
    """
    from screening import replaying, screen

    given = kept.given
    site = replaying.site_of(given)
    libraries = {} if libraries is None else libraries
    made, library = _of_certificate(kept.certificate, place, libraries)
    if library.digest != made["library"]["digest"]:
        raise RuleError("the rules that were kept are not those that the certificate names")
    if protocol:
        key = (protocol, str(given.site))
        if key not in libraries:
            libraries[key] = screen.load_protocol(protocol, folders, site)
        library = libraries[key]
    subject = str(made["subject"])
    try:
        person = screen.read_record(given.record, library, given.name, site, subject)
    except RecordError as wrong:
        if not any(issubclass(each.kind, RequirementMismatch) for each in wrong.diagnostics):
            raise
        # What other protocols asked of a record that several share was known when it was entered, and is not here.
        person = screen.read_record(given.record, library, given.name, site, subject, _Everything())
    day = datetime.date.fromisoformat(made["as_of"])
    return screen.screen(library, person, day, site, retired=True)


def _of_certificate(data: bytes, place: Path, libraries: Libraries) -> tuple[Any, Any]:
    """A certificate and its library, which is read where no certificate before said the same of it."""
    from screening import screen

    made = json.loads(data)
    said = [made.get(name) for name in ("library", "parameters")] if isinstance(made, dict) else []
    key = (str(place), json.dumps(said, sort_keys=True))
    if key not in libraries:
        made, libraries[key] = screen.certificate_of(data, [place])
    return made, libraries[key]


class _Everything(Collection[str]):
    """Every name there can be."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
