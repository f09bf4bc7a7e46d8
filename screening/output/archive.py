"""A ZIP archive whose bytes depend on its members alone: in the order of their names, all of one date.

The same members give the same bytes; sums and an index stand beside them.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

# The first date that the format knows: an archive says what is in it, not when it was made.
_DATE = (1980, 1, 1, 0, 0, 0)
_OWNER_ONLY = 0o100600 << 16
_UNIX = 3
SUMS = "SHA256SUMS"


def archive(members: Mapping[str, bytes]) -> bytes:
    """The archive of these members, with their sums in the form that `sha256sum -c` reads."""
    made = {**members, SUMS: sums(members)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name in sorted(made):
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type, member.external_attr, member.create_system = (
                zipfile.ZIP_DEFLATED,
                _OWNER_ONLY,
                _UNIX,
            )
            file.writestr(member, made[name])
    return out.getvalue()


def sums(members: Mapping[str, bytes]) -> bytes:
    """The SHA-256 of every member, a line each."""
    return "".join(f"{sha256(members[name])}  {name}\n" for name in sorted(members)).encode()


def sha256(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
