"""Who enters something into a ledger: name, role and key, and the passphrases that open keys and lists."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.errors import LedgerError

PASSPHRASE = "SCREENING_PASSPHRASE"


def signer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Who enters."""
    function = click.option("--by", default="", metavar="NAME", help="The printed name of whoever enters.")(
        function
    )
    function = click.option("--role", default="", metavar="ROLE", help="The role of whoever enters.")(function)
    return click.option(
        "--key",
        "key_file",
        metavar="FILE",
        help=f"The key that signs; its passphrase is asked, or in ${PASSPHRASE}.",
    )(function)


def passphrase_of(file: str, is_new: bool = False, environment: str = PASSPHRASE) -> str:
    """The passphrase of a key, from the environment or typed unseen. Raises LedgerError without a terminal."""
    given = os.environ.get(environment)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise LedgerError(f"the passphrase of `{options.printable(file)}` is neither typed nor in ${environment}")
    return str(
        click.prompt(
            f"Passphrase of {options.printable(file)}", hide_input=True, confirmation_prompt=is_new, err=True
        )
    )


def opened_until_the_end(path: Path, is_read_only: bool = False) -> Any:
    """A ledger, closed when the command ends: then all of it lies in its one file."""
    from screening import logbook

    found = logbook.open_ledger(path, is_read_only)
    click.get_current_context().call_on_close(found.close)
    return found


def signer_of(ledger: Any, by: str, role: str, key_file: str | None) -> Any:
    """Who enters, as the ledger knows the key; by name alone where people have no keys."""
    from screening import logbook

    if key_file is None:
        if not by.strip():
            raise click.UsageError("say who enters: --by NAME, or --key FILE")
        return logbook.Signer(by.strip(), role.strip())
    return logbook.signer(ledger, key_file, passphrase_of(key_file), by.strip(), role.strip())


def run_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """A run over many people that the person was in."""
    return click.option(
        "--run", metavar="DIR", help="A run that the person was in: their row is entered with its proof first."
    )(function)


def row_of(ledger: Any, run: str | None, id: str, about: str) -> Any:
    """The person's row in a run: its number, or the entry to be made; None where no run is named."""
    if run is None:
        return None
    from screening import proving

    return proving.row(ledger, Path(run), id, about)
