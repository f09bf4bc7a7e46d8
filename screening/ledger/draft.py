"""An entry before it has its place in a ledger, who enters it, and the commitment to what may be purged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from screening.ledger.entry import Actor, Kind, Rules
from screening.ledger.key import PrivateKey
from screening.values.frozen import dataclass

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place: what is said, about whom, with which contents (kind and bytes).

    `refers` are numbers of entries; -1 is the entry that is entered just before this one.
    """

    kind: Kind
    statement: Mapping[str, Any]
    about: str = ""
    refers: tuple[int, ...] = ()
    reason: str = ""
    rules: Rules | None = None
    contents: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Signer:
    """Who enters: printed name and role, and the key if people have keys of their own."""

    name: str
    role: str = ""
    key: PrivateKey | None = None

    @property
    def actor(self) -> Actor:
        """The same as entries say it."""
        return Actor(self.name, self.role, self.key.public.fingerprint if self.key else "")


def key_draft(signer: Signer, may: tuple[str, ...] = (), public: str = "") -> Draft:
    """The entry of a person's key: its public half, printed name, role, and what may be entered with it."""
    text = public or (signer.key.public.text if signer.key else "")
    statement = {"public": text, "name": signer.name, "role": signer.role, "may": list(may)}
    return Draft(Kind.KEY, statement)


def is_committed(digest: str, salt: bytes, data: bytes) -> bool:
    """Whether a digest is that of these bytes under this salt.

    What is hashed does not say where the salt ends: one of another length would pass off bytes of the content.
    """
    return len(salt) == SALT_BYTES and commitment(salt, data) == digest


def commitment(salt: bytes, data: bytes) -> str:
    """The salted digest of a content: who has only the digest cannot try out what the content was."""
    return hashlib.sha256(salt + data).hexdigest()
