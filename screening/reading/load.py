"""A path to a checked library, or every diagnostic of the file and of all that it includes at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from screening.errors import NOWHERE, NameFault, RuleError, Span, SyntaxFault
from screening.language.library import Inclusion, Library
from screening.reading.constants import NoConstant
from screening.reading.document import read_document
from screening.reading.draft import Head, read_draft, read_head
from screening.reading.faults import Faults, TooMany, did_you_mean, shown
from screening.reading.folders import find as find
from screening.reading.folders import look_up, path_of, read_bytes, rule_files
from screening.reading.inclusion import Taking, Wanted, given, read_inclusions
from screening.reading.incomplete import read_incomplete
from screening.reading.module import Module, Settling
from screening.reading.roots import assemble
from screening.reading.scope import Scope

MOST_INCLUDED = 8
_ADMITS_ALL = "everybody would be ELIGIBLE"
_LENDS = "it lends to others what it declares: name a protocol that includes it"


class Available(NamedTuple):
    """A rule file of the rules folders, as `protocols` lists it; status `faulty` if it cannot be read."""

    name: str
    version: str
    status: str
    title: str
    path: Path


class Loading:
    """One run: the files read so far, each once, and everything wrong with them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = [Path(folder) for folder in folders]
        self.faults = Faults()
        self.modules: dict[str, Module | None] = {}
        self.files: dict[str, bytes] = {}

    def module(self, path: Path, above: tuple[str, ...] = ()) -> Module | None:
        """A file with all that it includes, checked; None if nothing of it can be used."""
        file = path.as_posix()
        if file not in self.modules:
            try:
                self.modules[file] = self._read(path, file, above)
            except TooMany:
                if above:
                    raise
                self.modules[file] = None
        return self.modules[file]

    def _read(self, path: Path, file: str, above: tuple[str, ...]) -> Module | None:
        try:
            data = read_bytes(path)
        except OSError:
            self.faults.add(SyntaxFault, Span(file), "the file cannot be read")
            return None
        self.files[file] = data
        tree = read_document(data, file, self.faults)
        if tree is None:
            return None
        keys, head = read_head(self.faults, tree, file, path.stem)
        if head is None:
            return None
        scope = Scope(sources=dict(head.sources))
        module = Module(head, file, "", scope, fixed_words=head.fixed_words, status=head.status)
        taking = Taking(self.faults, module)
        digest = hashlib.sha256(data)
        for wanted in read_inclusions(self.faults, keys):
            other = self._included(wanted, (*above, file))
            if other is None:
                scope.incomplete = True
                continue
            digest.update(other.digest.encode())
            taking.take(wanted, other)
        # SPEC: the digest of a library is that of its bytes followed by the digests, in hexadecimal, of what it
        # includes, in order.
        module.digest = digest.hexdigest()
        draft = read_draft(self.faults, keys, scope.sources, scope.valuesets)
        read_incomplete(self.faults, keys, scope.sources, draft)
        Settling(self.faults, module, draft).run()
        taking.settle_changes()
        return module

    def _included(self, wanted: Wanted, above: tuple[str, ...]) -> Module | None:
        """An included library: by name and version, and only from the rules folders."""
        name, version = wanted.name, wanted.version
        path = look_up(name.text, self.folders)
        if path is None:
            help = did_you_mean(name.text, [stem for stem, _ in rule_files(self.folders)])
            message = f"there is no library `{shown(name.text)}` in the rules folders"
            self.faults.add(NameFault, name.span, message, help=help)
            return None
        if path.as_posix() in above or any(path.samefile(file) for file in above):
            self.faults.add(NameFault, name.span, f"library `{name.text}` includes itself")
            return None
        if len(above) > MOST_INCLUDED:
            self.faults.add(NameFault, name.span, f"libraries include one another more than {MOST_INCLUDED} deep")
            return None
        other = self.module(path, above)
        if other is not None and other.head.version != version.text:
            message = (
                f"library `{name.text}` is version `{other.head.version}`, included is `{shown(version.text)}`"
            )
            help = "read what changed, then name the new version"
            self.faults.add(NameFault, version.span, message, help=help)
        return other

    def give(self, module: Module, parameters: Mapping[str, str], origin: str) -> None:
        """Parameters from outside the files: a site's, or the command line's."""
        for name, text in parameters.items():
            parameter = module.parameters.get(name)
            if parameter is None:
                message = f"the protocol has no parameter `{shown(name)}`"
                self.faults.add(NameFault, NOWHERE, message, help=did_you_mean(name, module.parameters))
                continue
            try:
                module.parameters[name] = given(parameter, text, origin or "run")
            except NoConstant as wrong:
                self.faults.add(wrong.kind, NOWHERE, f"parameter `{name}`: {wrong.message}", help=wrong.help)

    def library(self, path: Path, parameters: Mapping[str, str], origin: str) -> Library:
        """The checked library, or the error that carries everything wrong with its files."""
        module = self.module(path)
        found = self._library(module, path, parameters, origin) if module is not None else None
        if found is None:
            raise self.raised()
        return found

    def raised(self) -> RuleError:
        """Everything wrong with the files read, in their order."""
        return self.faults.raised({file: n for n, file in enumerate(self.files)})

    def _library(self, module: Module, path: Path, parameters: Mapping[str, str], origin: str) -> Library | None:
        try:
            if not module.criteria and not len(self.faults):
                span = module.head.name.span
                message = f"library `{module.head.name.text}` has no criteria"
                help = _LENDS if _declares(module) else ""
                self.faults.add(SyntaxFault, span, message, why=_ADMITS_ALL, help=help)
            self.give(module, parameters, origin)
            return None if len(self.faults) else assemble(module, path.as_posix(), self.faults)
        except TooMany:
            return None


def _declares(module: Module) -> bool:
    """Whether a file without criteria has anything to lend."""
    return bool(module.valuesets() or module.requirements or module.definitions)


def load(
    path: Path | str,
    folders: Sequence[Path],
    parameters: Mapping[str, str] | None = None,
    parameter_origin: str = "",
) -> Library:
    """The checked library of a rule file, given by its path or by name in the rules folders.

    Raises a RuleError that carries every diagnostic of the file and of all that it includes; its class is
    theirs if they are all of one. `parameters` are values from outside, as text.
    """
    loading = Loading(folders)
    return loading.library(path_of(path, folders), parameters or {}, parameter_origin)


def available(folders: Sequence[Path]) -> list[Available]:
    """Every rule file of the folders, by name."""
    found = []
    for stem, path in rule_files([Path(folder) for folder in folders]):
        head = _head(path, stem)
        if head is None:
            found.append(Available(stem, "", "faulty", "", path))
        else:
            found.append(Available(head.name.text, head.version, head.status, head.title, path))
    return sorted(found)


def lent(path: Path, folders: Sequence[Path]) -> Inclusion | None:
    """A sound file that only lends what it declares, as those that include it name it; None for any other.

    It has no criteria of its own, so that nobody can be screened against it.
    """
    loading = Loading(folders)
    module = loading.module(path)
    if module is None or module.criteria or len(loading.faults) or not _declares(module):
        return None
    return Inclusion(module.head.name.text, module.head.version, module.digest)


def _head(path: Path, stem: str) -> Head | None:
    faults = Faults()
    try:
        tree = read_document(read_bytes(path), path.as_posix(), faults)
        return read_head(faults, tree, path.as_posix(), stem)[1] if tree is not None else None
    except (OSError, TooMany):
        return None
