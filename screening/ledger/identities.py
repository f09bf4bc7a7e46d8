"""The identification list: which participant code is which person, in a file of its own that its passphrase opens.

Codes are random and derived from nothing (45 CFR 164.514(c)). The list is kept apart from the ledger, encrypted
(AES-256-GCM, the key by scrypt from the passphrase), and every look-up is an entry of the ledger with a reason.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screening.errors import LedgerError
from screening.outcome.codec import canonical

FORMAT = "screening-identities-1"
FEWEST_LETTERS = 8
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 32, 12, 32
_COST, _BLOCK, _LANES = 1 << 15, 8, 1


class Identities:
    """The list, open as long as a command runs. It is written whole or not at all."""

    def __init__(self, path: Path, passphrase: str) -> None:
        """Opens a list, or begins one. Raises LedgerError where the passphrase does not open it, or it is none."""
        if len(passphrase) < FEWEST_LETTERS:
            raise LedgerError(f"the passphrase of an identification list has at least {FEWEST_LETTERS} letters")
        self.path = path
        self._passphrase = passphrase
        self._id_of: dict[str, str] = {}
        self._code_of: dict[str, str] = {}
        if path.exists():
            self._id_of = _opened(path, passphrase)
            self._code_of = {id: code for code, id in self._id_of.items()}

    def __repr__(self) -> str:
        return f"Identities({self.path.name})"

    def code_of(self, id: str, drawn: Callable[[], str]) -> str:
        """The code of a person, one that nobody has yet for somebody who has none; `drawn` draws one."""
        if id not in self._code_of:
            code = drawn()
            while code in self._id_of:
                code = drawn()
            self._code_of[id], self._id_of[code] = code, id
        return self._code_of[id]

    def id_of(self, code: str) -> str:
        """Who a code is. Raises LedgerError where nobody has it."""
        if code not in self._id_of:
            raise LedgerError("nobody in the identification list has this code")
        return self._id_of[code]

    def forget(self, code: str) -> None:
        """Takes a person out of the list; the code stays in the ledger and leads to nobody any more."""
        self._code_of.pop(self._id_of.pop(code, ""), None)

    def keep(self) -> None:
        """Writes the list for its owner alone."""
        salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sealed = AESGCM(_key(self._passphrase, salt)).encrypt(nonce, canonical(self._id_of), FORMAT.encode())
        written = {"format": FORMAT, "salt": _text(salt), "nonce": _text(nonce), "data": _text(sealed)}
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(canonical(written))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.path)
        except OSError as fault:
            beside.unlink(missing_ok=True)
            raise LedgerError(f"{self.path} cannot be written: {fault.strerror}; it is as it was") from None


def _opened(path: Path, passphrase: str) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        found: Any = json.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise ValueError
        salt, nonce, data = (base64.b64decode(found[key], validate=True) for key in ("salt", "nonce", "data"))
        read: Any = json.loads(AESGCM(_key(passphrase, salt)).decrypt(nonce, data, FORMAT.encode()))
    except InvalidTag:
        raise LedgerError(
            f"{path} is no identification list that this passphrase opens, or it was altered"
        ) from None
    except OSError as fault:
        raise LedgerError(f"{path} cannot be read: {fault.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise LedgerError(f"{path} is no identification list") from None
    return {str(code): str(id) for code, id in read.items()}


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(passphrase.encode())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
