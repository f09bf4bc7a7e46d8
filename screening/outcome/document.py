"""A certificate from its bytes, and the parameters it was made with, as texts for loading the rules."""

from __future__ import annotations

import calendar
import datetime
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from screening.errors import VerificationError
from screening.language.library import AS_OF

MOST_BYTES = 256 * 1024 * 1024


def certificate_of(data: bytes) -> dict[str, Any]:
    """The JSON data of a certificate. Raises VerificationError for what is no JSON object.

    A key that stands twice is refused, and so is a number that is not a plain whole one: two programs could read
    two different certificates.
    """
    if len(data) > MOST_BYTES:
        raise VerificationError("the certificate is larger than 256 MiB")
    try:
        found = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_float=_no_number,
            parse_int=_whole,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError:
        raise VerificationError("the certificate is not written in UTF-8") from None
    except (ValueError, RecursionError):
        raise VerificationError("the certificate is not readable as JSON") from None
    if not isinstance(found, dict):
        raise VerificationError("the certificate is no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in [k for k, _ in pairs[:n]])
        raise VerificationError(f"the key `{twice[:60]}` stands twice in one object of the certificate")
    return found


def _whole(text: str) -> int:
    """A whole number that every program reads as the same one."""
    if text == "-0" or len(text) > 15:
        raise ValueError(text)
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def library_of(data: Mapping[str, Any]) -> str:
    """The name of the library that a certificate was made with."""
    library = data.get("library")
    name = library.get("name") if isinstance(library, Mapping) else None
    if not isinstance(name, str) or not name:
        raise VerificationError("the certificate does not say /library/name")
    return name


def parameters_of(data: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The parameters that no rule file set: name to text and origin."""
    listed = data.get("parameters")
    library: Any = data.get("library")
    if not isinstance(listed, list) or not isinstance(library, Mapping):
        raise VerificationError("the certificate does not say /parameters")
    files = {"library", library.get("name")}
    includes = library.get("includes")
    for included in includes if isinstance(includes, list) else []:
        files.add(included.get("name") if isinstance(included, Mapping) else None)
    found: dict[str, tuple[str, str]] = {}
    for position, each in enumerate(listed):
        if not isinstance(each, Mapping) or not all(isinstance(each.get(k), str) for k in ("name", "origin")):
            raise VerificationError(f"/parameters/{position} is no parameter")
        if each["origin"] not in files and each["name"] != AS_OF:
            found[each["name"]] = (_text(each.get("value"), position), each["origin"])
    return found


def _text(value: Any, position: int) -> str:
    """A parameter's value as a rule file or a command line writes it."""
    match value:
        case "TRUE" | "FALSE":
            return str(value.lower())
        case {"low": str(low), "high": str(high)} if low == high:
            return low
        case {"low": str(low), "high": str(high)} if low.startswith("@") and high.startswith("@"):
            return _partial(low, high, position)
        case [[str(system), str(code)]]:
            return f"{system} {code}" if system else f"'{code}'"
    raise VerificationError(f"/parameters/{position}/value is no value of a parameter")


def _partial(low: str, high: str, position: int) -> str:
    """A month or a year by its first and last day."""
    try:
        first, last = (datetime.date.fromisoformat(text[1:11]) for text in (low, high))
    except ValueError:
        raise VerificationError(f"/parameters/{position}/value is no value of a parameter") from None
    month_ends = last.day == calendar.monthrange(last.year, last.month)[1]
    if first.day == 1 and month_ends and (first.year, first.month) == (last.year, last.month):
        return f"@{first.year:04d}-{first.month:02d}"
    return f"@{first.year:04d}"
