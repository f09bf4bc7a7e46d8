"""The software inventory of the running program: itself and every package it runs with, CycloneDX 1.6 as JSON.

It is read off the environment as it is, and says nothing of when that was: the same environment, the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from cyclonedx.model.license import License

NAME = "screening"
_REQUIRED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NAMESPACE = uuid.UUID("6f1c6f6a-5b0d-5b4e-9a53-0d6d1e0a9a11")


def sbom(version: str) -> bytes:
    """The inventory as JSON, in one spelling. Packages of extras are in it where they are installed and used."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    requires = _closure()
    program = Component(name=NAME, version=version, type=ComponentType.APPLICATION, bom_ref=NAME)
    python = Component(
        name="python", version=sys.version.split()[0], type=ComponentType.PLATFORM, bom_ref="python"
    )
    parts = {NAME: program}
    for name in sorted(requires.keys() - {NAME}):
        found = metadata.distribution(name)
        parts[name] = Component(
            name=name,
            version=found.version,
            bom_ref=f"{name}@{found.version}",
            licenses=_licenses(found),
        )
    bom = Bom(components=[python, *(part for name, part in parts.items() if name != NAME)])
    bom.metadata.component = program
    for name, needed in requires.items():
        bom.register_dependency(parts[name], [parts[each] for each in sorted(needed)])
    bom.register_dependency(python)
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    # When it was made, and a number by chance, would make two inventories of one environment differ.
    del made["metadata"]["timestamp"], made["serialNumber"]
    for part in made["components"]:
        if part["type"] == "library":
            part["purl"] = f"pkg:pypi/{part['name']}@{quote(part['version'], safe='')}"
    made["serialNumber"] = uuid.uuid5(_NAMESPACE, json.dumps(made, sort_keys=True)).urn
    return json.dumps(made, sort_keys=True, indent=1).encode() + b"\n"


def _licenses(found: metadata.Distribution) -> list[License]:
    """What a package says of its licence, as an expression of SPDX where it gives one."""
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression

    head = found.metadata
    if "License-Expression" in head:
        return [LicenseExpression(head["License-Expression"])]
    named = [
        each.rpartition(" :: ")[2] for each in head.get_all("Classifier") or () if each.startswith("License ::")
    ]
    return [DisjunctiveLicense(name=each) for each in sorted(set(named))]


def _closure() -> dict[str, frozenset[str]]:
    """The installed packages that the program needs, and which of them each one needs."""
    installed = {
        _normal(each.metadata["Name"]): each for each in metadata.distributions() if each.metadata["Name"]
    }
    found: dict[str, frozenset[str]] = {}
    left = [NAME] if NAME in installed else []
    if not left:
        # Run from its source without being installed: everything beside it may be used.
        found[NAME] = frozenset(installed)
        left = list(installed)
    while left:
        name = left.pop()
        if name not in found:
            requires = map(_name, _wanted(installed[name]))
            found[name] = frozenset(each for each in requires if each in installed and each != name)
            left += found[name]
    return found


def _wanted(found: metadata.Distribution) -> list[str]:
    """What a package needs without any of its extras; of the program itself whatever is installed of them."""
    every = found.requires or []
    is_program = _normal(found.metadata["Name"]) == NAME
    return [each for each in every if (is_program and not _is_of_work(each)) or not _is_of_extra(each)]


def _is_of_extra(required: str) -> bool:
    return bool(re.search(r"\bextra\s*==", required))


def _is_of_work(required: str) -> bool:
    """Whether the program needs this for its tests and measurements alone."""
    return bool(re.search(r"extra\s*==\s*['\"](?:test|bench)['\"]", required))


def _name(required: str) -> str:
    found = _REQUIRED.match(required)
    return _normal(found[0]) if found else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
