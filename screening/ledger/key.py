"""The keys of people: Ed25519, one a person, kept in a file that its passphrase opens.

A signature shows that whoever had the file and its passphrase signed these bytes. It cannot show who that was: a
site gives each person one key and forbids sharing (21 CFR 11.100, 11.200; a procedure, not a program, keeps that).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import LedgerError
from screening.values.frozen import dataclass

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FEWEST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What anybody may know of a key: its 32 bytes in base64."""

    text: str

    @property
    def fingerprint(self) -> str:
        """What entries call the key: the first 32 hexadecimal digits of the SHA-256 of its bytes."""
        return hashlib.sha256(_bytes(self.text, 32)).hexdigest()[:32]

    def has_signed(self, data: bytes, signature: str) -> bool:
        """Whether a signature over these bytes was made with the private half of this key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(_bytes(self.text, 32)).verify(_bytes(signature, 64), data)
        except (InvalidSignature, LedgerError):
            return False
        return True


class PrivateKey:
    """The private half of a person's key, as long as a command runs; it is never printed and never logged."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(base64.b64encode(key.public_key().public_bytes_raw()).decode())

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.fingerprint})"

    def sign(self, data: bytes) -> str:
        """The signature over these bytes, in base64."""
        return base64.b64encode(self._key.sign(data)).decode()


def make(path: Path, passphrase: str) -> PrivateKey:
    """A new key in a new file that only its owner can read. Raises LedgerError if the file is there already."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(passphrase) < FEWEST_LETTERS:
        raise LedgerError(f"the passphrase of a key has at least {FEWEST_LETTERS} letters")
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise LedgerError(f"{path} is there already; a key is never written over") from None
    except OSError as fault:
        raise LedgerError(f"{path} cannot be written: {fault.strerror}") from None
    return PrivateKey(key)


def load(path: Path, passphrase: str) -> PrivateKey:
    """The key of a file. Raises LedgerError if it is none, or the passphrase does not open it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(path.read_bytes(), passphrase.encode())
    except OSError as fault:
        raise LedgerError(f"{path} cannot be read: {fault.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise LedgerError(f"{path} is no key that this passphrase opens") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise LedgerError(f"{path} holds a key of another kind than Ed25519")
    return PrivateKey(found)


def _bytes(text: str, length: int) -> bytes:
    """Base64 in its one spelling; another spelling of the same bytes is refused."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError("a key or signature is not written in base64") from None
    if len(found) != length or base64.b64encode(found).decode() != text:
        raise LedgerError("a key or signature is not as long as it has to be")
    return found
