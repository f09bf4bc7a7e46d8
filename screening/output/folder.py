"""A folder of results, written whole or not at all: it is made beside its place and takes it when it is complete.

A run that is killed leaves what was there before as it was, and a folder `.NAME.*.partial` beside it, which the
next run removes. Everything written is for its owner alone: files 0600, folders 0700.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from screening.errors import UnreadableRecord

_PIECE = 1 << 20
# Files of which the lines tell nothing.
_NOT_LINES = (".parquet", ".pq", ".db", ".duckdb", ".sqlite", ".sqlite3")
# How files begin, or end, of which nothing else could make another one.
_DATABASE_OR_KEY, _IDENTITIES, _MARK = (b"SQLite format 3\0", b"-----BEGIN "), b'"screening-identities-', 4096
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def refuse_inside(source: Path | str, out: Path) -> None:
    """Raises UnreadableRecord where a folder would be written into its source, to be read as records."""
    files = files_of(source)
    if files is not None and files.is_dir() and _is_within(out, files):
        raise UnreadableRecord(f"`{out.name}` lies inside the source; name a folder outside of it")


def refuse_lost(identification: Path, source: Path | str, out: Path) -> None:
    """Raises UnreadableRecord where the list of pseudonyms would go with the folder that a run replaces."""
    if _is_within(identification, out):
        raise UnreadableRecord(
            f"`{identification.name}` lies inside `{out.name}`, which a run replaces; name a file outside of it"
        )
    files = files_of(source)
    if files is not None and files.is_dir() and _is_within(identification, files):
        raise UnreadableRecord(f"`{identification.name}` lies inside the source; name a file outside of it")


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


@contextmanager
def replacing(place: Path, known: Collection[str]) -> Iterator[Path]:
    """A new folder to be filled in, which takes the place of an old one when all went well.

    `known` are the names of the files that an old one may hold; where it holds anything else it is somebody's own,
    and UnreadableRecord is raised before anything is written.
    """
    place = Path(os.path.abspath(place))
    _refuse_foreign(place, known)
    place.parent.mkdir(parents=True, exist_ok=True)
    remove_left_over(place)
    # Its name is known before it is there, so that an interrupt at any moment leaves nothing behind.
    made, lock = place.with_name(f".{place.name}.{secrets.token_hex(8)}.partial"), None
    try:
        made.mkdir(mode=0o700)
        lock = _lock(made)
        yield made
        for path in sorted(made.rglob("*")):
            _flush(path)
        _flush(made)
        _take_place(made, place)
        _flush(place.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _refuse_foreign(place: Path, known: Collection[str]) -> None:
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise UnreadableRecord(f"`{place.name}` is there and is no folder; name another one")
    if place.is_dir():
        foreign = sorted(path.name for path in place.iterdir() if path.name not in known)
        if foreign:
            name = "".join(c if c.isprintable() else "?" for c in foreign[0][:80])
            raise UnreadableRecord(
                f"`{place.name}` holds `{name}`, which is no part of a run and would be lost; name another folder"
            )


def _take_place(made: Path, place: Path) -> None:
    """Puts a folder where another one may stand. Where the system can, both are exchanged in one step."""
    if not place.exists():
        os.rename(made, place)
        return
    if _exchanged(made, place):
        return
    # INVARIANT: between the two renames the old folder stands beside its place; `remove_left_over` puts it back.
    aside = place.with_name(f".{place.name}.before")
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(place, aside)
    os.rename(made, place)
    shutil.rmtree(aside, ignore_errors=True)


def _exchanged(made: Path, place: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done: int = exchange(_AT_FDCWD, os.fsencode(made), _AT_FDCWD, os.fsencode(place), _RENAME_EXCHANGE)
    if done != 0 and ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done == 0


def remove_left_over(place: Path) -> None:
    """Removes what a killed run left, but nothing that a living one is writing."""
    aside = place.with_name(f".{place.name}.before")
    if aside.is_dir():
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, place)
    for path in place.parent.glob(f".{_literal(place.name)}.*.partial"):
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _lock(folder: Path) -> int | None:
    """Marks a folder as being written for as long as this process lives; None where another one does."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _flush(path: Path) -> None:
    """Asks that what was written be on the disk."""
    if path.is_dir() and sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems know no such request for folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_private(path: Path) -> IO[str]:
    """A new text file in UTF-8 that only its owner may read; line ends are written as they are given."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")


def write_private(path: Path, text: str) -> None:
    """Writes a text file in UTF-8 whole or not at all, for its owner alone."""
    write_private_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_private_bytes(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, for its owner alone."""
    write_private_pieces(path, (data,))


def write_private_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """The same piece by piece. Raises UnreadableRecord where it would take the place of what is no such file."""
    _refuse_kept(path)
    # A name by chance: nobody lays a link ready under it, and two runs do not write into each other's.
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(made, 0o600)
        os.replace(made, path)
    except BaseException:
        # Half a record is nobody's, on a full disk or where what is written cannot be read to its end.
        with suppress(OSError):
            made.unlink(missing_ok=True)
        raise


def _refuse_kept(path: Path) -> None:
    """Raises UnreadableRecord for what a file must not take the place of: devices, links, ledgers, keys, lists."""
    if not path.name or path.is_symlink() or (path.exists() and not path.is_file()):
        raise UnreadableRecord(f"`{path}` is a folder, a link or a device; name a file")
    if not path.exists():
        return
    with open(path, "rb") as file:
        begins = file.read(_MARK)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _MARK))
        ends = file.read(_MARK)
    if begins.startswith(_DATABASE_OR_KEY) or _IDENTITIES in begins + ends:
        raise UnreadableRecord(
            f"`{path.name}` is a ledger, a database, a key or an identification list, and is not written over;"
            " name another file"
        )


def files_of(source: Path | str) -> Path | None:
    """The file or folder of a source: of `FILE?schema=NAME` the file, of a database behind an address none."""
    text = str(source)
    if "://" in text:
        return None
    return Path(text if Path(text).exists() else text.partition("?schema=")[0])


def digests(
    source: Path | str, known: Mapping[Path, Mapping[str, str | int]] | None = None, also: Sequence[str] = ()
) -> list[dict[str, str | int]]:
    """Every file of a source by its name from its folder, with its size and SHA-256; of a file, that file.

    `known` are those that were hashed while they were read; `also` are names, from the same folder, of files that
    are read with the source and lie outside of it.
    """

    def told(path: Path) -> Mapping[str, str | int]:
        return known[path] if known is not None and path in known else _digest(path)

    return [{"file": name, **told(path)} for name, path in _files(source, also)]


def stamps(source: Path | str, also: Sequence[str] = ()) -> list[tuple[str, int, int]]:
    """The files that `digests` tells with size and time of the last change, which tell a later change."""
    found = ((path.as_posix(), path.stat()) for _, path in _files(source, also))
    return [(name, known.st_size, known.st_mtime_ns) for name, known in found]


def stamps_now(source: Path | str, also: Sequence[str] = ()) -> list[tuple[str, int, int]]:
    """The same of a source that may be gone meanwhile: none then."""
    try:
        return stamps(source, also)
    except OSError:
        return []


def told_again(source: Path | str, before: Sequence[Mapping[str, str | int]]) -> list[dict[str, str | int]]:
    """What `digests` says of a source today, of which it said `before`; a file that is gone is left out."""
    own = {name for name, _ in _files(source, ())}
    other = _files(source, [str(each["file"]) for each in before if each["file"] not in own])
    return digests(source, also=[name for name, path in other if name not in own and path.is_file()])


def _files(source: Path | str, also: Sequence[str]) -> list[tuple[str, Path]]:
    """The files of a source, and others beside it, by their names from its folder."""
    path = files_of(source)
    if path is None:
        return []
    folder = path if path.is_dir() else path.parent
    own = [path] if not path.is_dir() else sorted(each for each in path.rglob("*") if each.is_file())
    named = [(each.relative_to(folder).as_posix(), each) for each in own]
    return [*named, *((name, folder / name) for name in also)]


def _digest(path: Path) -> dict[str, str | int]:
    found, size, lines = hashlib.sha256(), 0, 0
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            size += len(piece)
            lines += piece.count(b"\n")
    return {"bytes": size, "lines": lines, "sha256": found.hexdigest()}


def people_of(source: Path | str) -> int | None:
    """About how many people an export holds, by the lines of its Patient files alone; None if it has none."""
    folder = files_of(source)
    files = sorted(folder.rglob("*")) if folder is not None and folder.is_dir() else []
    found = [path for path in files if path.name.lower().startswith("patient") and path.is_file()]
    return sum(int(_digest(path)["lines"]) for path in found) if found else None


def expected(files: Collection[dict[str, str | int]]) -> int | None:
    """About how many records a source holds, for the progress alone; None where its files do not tell.

    Of a prepared cohort they do not. Of a bulk export it is the lines of its Patient files, of other lines all of
    them, of one table its lines without the heading; else each file is one.
    """
    named = [(str(each["file"]).lower(), int(each["lines"])) for each in files]
    lines = [(name, number) for name, number in named if name.endswith((".ndjson", ".jsonl"))]
    if not named or any(name.endswith(_NOT_LINES) for name, _ in named):
        return None
    if any(name.endswith(".csv") for name, _ in named):
        return max(0, named[0][1] - 1) if len(named) == 1 else None
    if not lines:
        return len(named)
    of_people = [number for name, number in lines if name.rpartition("/")[2].startswith("patient")]
    return sum(of_people) if of_people else sum(number for _, number in lines) if len(lines) == 1 else None
