"""What stands below an open verdict of what could settle it: how much it needs, and where to go on."""

from __future__ import annotations

from screening.outcome.decisive import Ahead, Anew
from screening.reports.account import Account
from screening.reports.words import SHORT_OBTAINED, listed, safe


def ahead_sentence(account: Account, found: Ahead, is_short: bool = False) -> str:
    """How many answers ELIGIBLE needs at least, which item alone can settle INELIGIBLE, and where to go on."""
    library = account.library
    eligible, ineligible = library.label("ELIGIBLE").label, library.label("INELIGIBLE").label
    if found.least is None:
        needs = f"Answers alone do not lead to {eligible}"
    elif found.least == found.missing:
        needs = f"{eligible} needs all {found.missing}" if found.missing > 1 else f"{eligible} needs this answer"
    else:
        needs = f"{eligible} needs {found.least} answers or more"
    bars = ""
    if found.bars and is_short:
        bars = f", {ineligible} 1"
    elif found.bars:
        way = SHORT_OBTAINED.get(found.obtain, found.obtain)
        bars = f"; 1 can settle {ineligible} ({way}: {label(account, found.bars)})"
    needs = needs.replace(" answers or more", " or more") if is_short else needs
    first = "".join(f"{label(account, one.requirement)} has to be recorded anew first. " for one in found.anew)
    return f"{needs}{bars}. {first}Next: screening ask"


def anew_sentence(account: Account, found: Anew) -> str:
    """What has to be recorded anew before some items can be answered."""
    items = listed([label(account, item) for item in found.items])
    name = label(account, found.requirement)
    return (
        f"{items} can be answered once {name} is recorded anew; as it is recorded, any answer would contradict it."
    )


def label(account: Account, requirement: str) -> str:
    """What an input is called on screens."""
    declared = account.requirements[requirement]
    return safe(declared.label or declared.name)
