"""`screening new`: a rule file and a case file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import UnreadableRecord

_HELP = f"""Write a commented rule file and its first worked cases, to be filled in; nothing is overwritten.

Beside them stand the schemas that let an editor complete and check both. What is written is sound as it is:
`screening lint` and `screening test` say so, and go on saying what is wrong while you replace the examples.

Exit status: 0 written, 3 a file is there already, or the name cannot be used.

{examples("screening new my-trial", "screening new my-trial --into my-rules")}
"""


@click.command("new", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL")
@click.option("--into", default=".", metavar="DIR", help="The folder to write into; made if it is not there.")
@options.rules_option
def command(protocol: str, into: str, rules: tuple[str, ...]) -> int:
    from screening import author, screen

    files = author.beginning(protocol, screen.rules_folders(rules))
    folder = Path(into)
    own = [folder / name for name in files if name.startswith(f"{protocol}.")]
    there = [path for path in own if path.exists() or path.is_symlink()]
    if there:
        named = ", ".join(f"`{options.printable(path.as_posix())}`" for path in there)
        raise UnreadableRecord(f"{named} is there already and is left as it is")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        _write(folder / name, text, name in {path.name for path in own})
    options.put(_said(protocol, own, into))
    return options.exit_status("done")


def _write(path: Path, text: str, is_own: bool) -> None:
    """Writes a file that is not there; a schema that is there stays as it is."""
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        if is_own:
            raise


def _said(protocol: str, own: list[Path], into: str) -> str:
    rule, case = (options.printable(path.as_posix()) for path in own)
    more = "" if into == "." else f" --rules {options.printable(into)}"
    return (
        f"Written: {rule}, its cases in {case},\n"
        "and two schemas for editors. It is a draft, not for use in care.\n\n"
        "Next\n"
        f"  1  screening test {rule} --watch    keep it running while you write\n"
        "  2  name the sources, then replace each example, its cases first\n"
        f"  3  screening lint {rule}    what is wrong, at its line and column\n"
        f"  4  screening show {protocol}{more or ' --rules .'}    read it back as others will\n"
        f"  5  screening check person.yaml --protocol {rule}\n"
    )
