"""Checks of what lies on this machine: the site, the settings, the clips and the disk."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import phonenumbers

from ivr.core.issue import any_broken
from ivr.core.office import ON_CALL
from ivr.doctor.examined import Examined
from ivr.doctor.finding import Seen, blocking, fine, told, warning
from ivr.files import NotWritten, write_atomically
from ivr.settings.env_file import SettingsError, file_warnings
from ivr.settings.numbers import to_e164
from ivr.settings.read import public_number

MB = 1024 * 1024
LEAST_ROOM, LITTLE_ROOM = 50 * MB, 500 * MB
"""Of a disk: below the first the journal and new content are soon lost, below the second somebody should look."""


def content(line: Examined) -> Iterator[Seen]:
    """The site is whole and keeps every rule."""
    if isinstance(line.site, SettingsError):
        for fault in line.site.faults:
            yield blocking(*told(fault))
        return
    proved = line.proved
    if proved.content is None:
        broken = [issue for issue in proved.issues if any_broken([issue])]
        yield blocking(f"the site is broken in {_times(len(broken), 'place')}", "run `ivr check`: it names each")
        return
    if issues := [issue for issue in proved.issues if issue.severity != "note"]:
        yield warning(f"the site lacks something in {_times(len(issues), 'place')}", "run `ivr check`: it names each")
    else:
        yield fine(f"the site is whole and keeps all {len(proved.proofs)} rules")


def environment(line: Examined) -> Iterator[Seen]:
    """All settings are there, and can be right."""
    faults = line.faults()
    for fault in faults:
        yield blocking(*told(fault))
    for each in (*dict.fromkeys(line.warnings), *file_warnings(Path.cwd())):
        yield warning(*told(each))
    if not faults:
        _ = line.settings  # what cannot be read without a site waits for it
        yield fine("all settings are there")


def languages(line: Examined) -> Iterator[Seen]:
    """Which languages are offered, and why others are not."""
    voices, known = line.voices, line.content.languages.languages
    missing, waiting = dict(voices.missing()), defaultdict[str, list[str]](list)
    for code in (code for code in known if code not in voices.offered):
        waiting[missing.get(code) or "its texts are not whole"].append(code)
    status, others = "`ivr audio status{}` and `ivr texts status`", list[str]()
    for why, codes in waiting.items():
        if live := [code for code in codes if known[code].live]:
            one = f" --lang {live[0]}" if len(live) == 1 else ""
            yield blocking(f"not offered, and should be: {', '.join(live)}: {why}", f"see {status.format(one)}")
        if rest := [code for code in codes if not known[code].live]:
            others.append(f"{', '.join(rest)} ({why})")
    if others:
        yield warning(f"not offered: {'; '.join(others)}", f"see {status.format('')}")
    if offered := [code for code in known if code in voices.offered]:
        yield fine(f"offered: {', '.join(offered)}")
    else:
        yield blocking("no language is offered", "mend first what keeps the language of most callers")


def approvals(line: Examined) -> Iterator[Seen]:
    """The safety sentences of each offered language are approved by a native speaker (rule W5)."""
    offered = [code for code in line.content.languages.languages if code in line.voices.offered]
    lacking = [code for code in offered if code in line.content.safety and line.content.safety[code].unapproved]
    if lacking:
        yield blocking(
            f"nobody has approved the safety sentences of {', '.join(lacking)}",
            f"let native speakers read them, then `ivr texts review {lacking[0]} --safety --by NAME`"
            f"{' and so on' if len(lacking) > 1 else ''}",
        )
    for code in offered:
        if code in line.content.safety and (sentences := line.content.safety[code]).kept:
            yield warning(sentences.what_is_kept(line.content.name_of(code)), sentences.sign_kept(code))
    if not lacking:
        yield fine(f"the safety sentences of {_times(len(offered), 'language')} are approved")


def clips(line: Examined) -> Iterator[Seen]:
    """Every clip is whole, and no recording says other words than the text of today."""
    voices = line.voices
    if voices.lost:
        yield warning(
            f"gone or spoilt: {_times(len(voices.lost), 'clip')}; another voice says what they say",
            "run `ivr audio build`; import recordings again",
        )
    for fault in voices.faults():
        yield warning(*_halves(fault, "run `ivr audio status`"))
    for code, why in voices.stale().items():
        yield warning(f"{line.content.name_of(code)}: {why}", f"run `ivr audio status --lang {code}`")
    if not voices.lost:
        yield fine("every clip that is there is whole")


def contacts(line: Examined) -> Iterator[Seen]:
    """The numbers that are rung are those that callers are told, and not all the same.

    That they exist and lead to no loop is a matter of the settings, without which there are none.
    """
    settings, office = line.settings, line.content.office
    for name, numbers in settings.contacts.items():
        written = office.contacts[name].number
        spoken = public_number(office) if name == ON_CALL else to_e164(written, office.country) if written else None
        if spoken and spoken not in numbers:
            yield warning(
                f"callers are told another number of {name} than those that the line rings",
                f"see that both are meant: IVR_CONTACT_{name.upper()}, and {name} in office.yaml",
            )
    urgent = set(settings.contacts[ON_CALL])
    for name, numbers in settings.contacts.items():
        if name != ON_CALL and set(numbers) <= urgent:
            yield warning(
                f"{name} and {ON_CALL} ring the same phones, so nobody else is rung where they do not answer",
                f"write a number of its own into IVR_CONTACT_{name.upper()}",
            )
    yield fine(", ".join(f"{name}: {_times(len(numbers), 'number')}" for name, numbers in settings.contacts.items()))


def countries_dialled(line: Examined) -> frozenset[str]:
    """The countries of the numbers that are rung, or may be, in two letters.

    Åland counts as Finland, whose code it has.
    """
    home, settings = line.content.office.country, line.settings
    own_code, regions = phonenumbers.country_code_for_region(home), {home}
    spares = (spares.values() for spares in settings.spares.values())
    for number in chain(*settings.contacts.values(), *spares):
        parsed = phonenumbers.parse(number)
        if parsed.country_code != own_code and (region := phonenumbers.region_code_for_number(parsed)):
            regions.add(region)
    return frozenset(regions)


def disk(line: Examined) -> Iterator[Seen]:
    """The state can be written, and the disk has room."""
    trial, right = line.state / ".doctor", True
    try:
        line.state.mkdir(parents=True, exist_ok=True)
        write_atomically(trial, b"")
        trial.unlink()
    except (NotWritten, OSError):
        right = False
        yield warning(
            "this user cannot write to IVR_STATE; nothing is kept for the next start",
            "run this as the user of the line, and let that user write there",
        )
    log = line.env.get("IVR_LOG") or "-"
    places = {"IVR_STATE": line.state, **({} if log == "-" else {"IVR_LOG": Path(log).parent})}
    for name, folder in places.items():
        there = next((place for place in (folder, *folder.absolute().parents) if place.is_dir()), Path("/"))
        room = shutil.disk_usage(there).free
        if room < LITTLE_ROOM:
            right = False
            found = blocking if room < LEAST_ROOM else warning
            yield found(f"the disk of {name} has {room // MB} MB left", "make room: see df -h, and old logs")
    if right:
        yield fine("the disk has room, and the state can be written")


def _times(count: int, what: str) -> str:
    return f"one {what}" if count == 1 else f"{count} {what}s"


def _halves(fault: str, remedy: str) -> tuple[str, str]:
    what, own = told(fault)
    return what, own or remedy
