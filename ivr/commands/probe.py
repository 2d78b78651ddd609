"""`ivr probe`: a call to our own number, from another of ours, that shows that callers are answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import TypeVar

import click

from ivr.commands import account as account_at_twilio
from ivr.commands.asking import ask
from ivr.commands.hourly import Hourly
from ivr.commands.probe_seen import LOG, ProbeFault, has_kept_answers, of_the_line, wrong_requests
from ivr.commands.site import Site, now, this_site
from ivr.content.checks.hours import exact_hours, without_times
from ivr.core.call import CallStarted
from ivr.core.content import Content
from ivr.files import NotWritten
from ivr.live.prepared import key_of, site_files
from ivr.live.state import StateFolder
from ivr.proof.probe import NoProbe, Probe, find_probe, seconds_heard
from ivr.proof.walk import moments, with_any_closing
from ivr.serving import Serving
from ivr.settings.account import Access, read_access, read_public
from ivr.settings.env_file import SettingsError, environment, file_warnings, gathered
from ivr.settings.numbers import to_e164
from ivr.settings.read import Settings, read_settings, state_folder
from ivr.speech.voices import VoiceSelector
from ivr.telephony.twilio.account import AccountFault
from ivr.telephony.twilio.calls import LATE, RINGS_LONGER, SEE_NUMBER, WAITS, Calls, StartedCall, keys_document
from ivr.telephony.twilio.codes import MEANINGS, what_code_means

T = TypeVar("T")
LAST = "probe-last"
RINGS = 20
"""Seconds that our number rings: the line answers at once."""
COST = "Twilio charges two calls, one out and one in, each as a whole minute, at the prices of your account."
OTHER = (
    "write IVR_PROBE_NUMBER: another number that you have at Twilio, or one that is verified there and from which "
    "nobody else calls"
)
NOT_KEPT = (
    "Twilio has kept no answers of the line, so what the last key led to is not known. Remedy: ring the line by hand, "
    "and hear the opening hours."
)
NOT_COMPLETED = {
    "busy": ("our number was busy", f"{SEE_NUMBER}; the line itself is never busy"),
    "no-answer": (f"nobody answered within {RINGS} s", f"{SEE_NUMBER}; the line rejects calls from its own numbers"),
    "failed": ("the call could not be made", "see that IVR_CALLER_ID can be rung: ring it once from a phone"),
    "canceled": ("somebody ended the call before it was answered", "run it again in an hour"),
}


@click.command()
@click.option("--lang", metavar="LANG", help="The language to choose; by default, the first that can ring nobody.")
@click.option("--dry-run", is_flag=True, help="Only say what it would do; nobody is called.")
@click.option("--yes", is_flag=True, help="Do not ask before it calls.")
@click.pass_context
def probe(context: click.Context, lang: str | None, dry_run: bool, yes: bool) -> None:
    """Call our own number, and see that the line answers.

    It calls IVR_CALLER_ID from IVR_PROBE_NUMBER, presses a language and the opening hours, and hangs up. Then it
    reads at Twilio what was asked of the line, which is listed there after 15 minutes, and what went wrong. Before
    it calls it proves that no phone can ring meanwhile, also if keys are lost, heard twice or late. It calls at
    most once an hour, and the line does not count its calls. Nobody has tried it with a real account yet.
    """
    access, settings, serving = _ready(context)
    call = _planned(serving, settings, lang)
    keys, name = ", ".join(press.key for press in call.presses), serving.content.name_of(call.language)
    click.echo(
        f"It calls the line from the probe number, presses {keys} for the opening hours in {name}, and hangs up after "
        f"{call.seconds:g} s. Whatever becomes of the keys, no phone can ring in {call.limit} s, when Twilio ends it."
    )
    click.echo(COST)
    if dry_run:
        click.echo("Nobody was called: this was a dry run.")
        return
    if not yes:
        ask("Call now?", "nobody was called")
    with account_at_twilio.open_account(access) as account:
        faults = make_call(Calls(account, sleep), settings, call, Hourly(settings.state / LAST))
    if faults:
        raise click.ClickException("\n  ".join(["the probe has failed:", *map(str, faults)]))
    click.echo("Passed: the line answered, and did what the keys say.")


def _ready(context: click.Context) -> tuple[Access, Settings, Serving]:
    """With what to ask, and what the line would answer by now. Raises ClickException."""
    site, faults = this_site(context), list[str]()
    try:
        env = environment(Path.cwd())
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    content = as_served(site, state_folder(env))
    for warning in file_warnings(Path.cwd()):
        click.echo(f"warning: {warning}", err=True)

    access, public = gathered(lambda: read_access(env), faults), gathered(lambda: read_public(env), faults)
    settings = gathered(lambda: read_settings(env, content.office), faults)
    if settings and not settings.probe_number:
        faults.append(f"IVR_PROBE_NUMBER is missing. Remedy: {OTHER}.")
    if settings:
        voices = VoiceSelector(
            content, site.audio, site.today, settings.speech, require_approval=settings.require_approval
        )
        serving = gathered(lambda: Serving.of(settings, content, voices), faults)
    if faults or access is None or public is None or settings is None or serving is None:
        raise click.ClickException("\n  ".join(["nobody was called:", *faults]))
    return access, settings, serving


def as_served(site: Site, folder: Path) -> Content:
    """The content of the site, as the line of this machine says it. ClickException where it answers by another one.

    A site that is not proved yet, or that fails its rules, is not what a call hears; and where hours would take too
    long the line leaves their times out, so that phones ring earlier. Where no line has ever run, nothing is known.
    """
    content, state = site.content(), StateFolder(folder)
    stamp = state.stamp(key_of(site_files(site.folder, site.audio.recorded)))
    if stamp is None and state.has_last_good:
        raise click.ClickException(
            "nobody was called: the line here has not proved these files of the site, so it answers by others. "
            "Remedy: wait a minute; if it stays, run `ivr check`, and after a change of the program restart the line."
        )
    if stamp and stamp.without_times:
        return without_times(content, exact_hours(content, site.today, stamp.without_times))
    return content


def _planned(serving: Serving, settings: Settings, language: str | None) -> Probe:
    at = now()
    content = with_any_closing(serving.content, at.date())  # whatever is closed by hand meanwhile, it rings nobody
    office = content.office
    languages = {to_e164(number, office.country): code for number, code in office.languages_by_number.items()}
    started = CallStarted(language=languages.get(settings.caller_id))
    others = [moment.now for moment in moments(office, at.date())]
    try:
        return find_probe(content, started, at, others, seconds_heard(content, serving.voices), language)
    except NoProbe as why:
        raise click.ClickException(f"nobody was called: {why}") from None


def make_call(calls: Calls, settings: Settings, call: Probe, hourly: Hourly) -> list[ProbeFault]:
    """Make the call, and say what is wrong. ClickException where that is not known."""
    _take_turn(hourly)
    started, faults = None, list[ProbeFault]()
    try:
        started = _start(calls, settings, call, hourly)
        for fault in _seen(calls, settings, call, started):
            faults.append(fault)
    except (AccountFault, KeyboardInterrupt) as stopped:
        became = f"A call ends by itself after {call.limit} s."
        if not started:
            became = "It is not known whether the call was made."
        why = f"{str(stopped) or 'It was interrupted.'} What the line answered is not known. {became}"
        raise click.ClickException("\n  ".join([why, *map(str, faults)])) from None
    return faults


def _take_turn(hourly: Hourly) -> None:
    try:
        wait = hourly.take()
    except NotWritten as error:
        raise click.ClickException(f"nobody was called: {error}.") from None
    if wait:
        minutes = -(-wait // 60)
        raise click.ClickException(
            f"nobody was called: it has called less than an hour ago. Remedy: run it again in {minutes} min."
        )


def _start(calls: Calls, settings: Settings, call: Probe, hourly: Hourly) -> StartedCall:
    """Start the call; one that Twilio refuses is none, and does not count."""
    document = keys_document([press.key for press in call.presses], call.pause)
    try:
        return calls.start(
            settings.caller_id, settings.probe_number or "", rings=RINGS, limit=call.limit, twiml=document
        )
    except AccountFault as fault:
        if not fault.is_refusal:
            raise
        with suppress(NotWritten):  # then it waits for an hour
            hourly.give_back()
        told = _with_code(fault.code) if fault.code and fault.code in MEANINGS else fault
        raise click.ClickException(f"nobody was called: {told}") from None


def _seen(calls: Calls, settings: Settings, call: Probe, started: StartedCall) -> Iterator[ProbeFault]:
    """What is wrong with a call, as far as Twilio tells."""
    ended = calls.end(started.sid, RINGS + RINGS_LONGER + call.limit + LATE, _tell)
    yield from _coded(calls, started.sid)
    if ended is None:
        yield ProbeFault("Twilio tells no end of the call", "look at it in the Twilio console")
        return
    if ended != "completed":
        yield ProbeFault(*NOT_COMPLETED[ended])
    line, shown = settings.caller_id, settings.probe_number or ""
    incoming = calls.until(lambda: calls.incoming(line, shown, started.at))
    if incoming is None:
        yield ProbeFault("Twilio lists no call that came in at our number", SEE_NUMBER)
        return
    answered = calls.end(incoming, LATE, lambda _status: None)
    if ended != "completed" or answered != "completed":
        yield from _coded(calls, incoming)
        yield ProbeFault(f"the call that came in ended as {answered or 'not told'}", SEE_NUMBER)
        return
    lasted = calls.lasted(incoming)
    click.echo(f"It came in at our number, and lasted {lasted} s. {WAITS}")
    asked = calls.asked(incoming)
    for each, path in of_the_line(asked, settings.public_url):
        click.echo(f"  {path}{f', key {each.key}' if each.key else ''}: {each.status or 'no answer'}")
    yield from _coded(calls, incoming)
    if lasted < call.pause * len(call.presses):
        yield ProbeFault(f"the call ended after {lasted} s, before its last key", LOG)
    wrong = list(wrong_requests(asked, call, settings.public_url))
    if not wrong and not has_kept_answers(asked, settings.public_url):
        click.echo(f"warning: {NOT_KEPT}", err=True)
    yield from wrong


def _tell(status: str) -> None:
    click.echo(f"The call is {status}.")


def _coded(calls: Calls, sid: str) -> Iterator[ProbeFault]:
    """The errors of a call; its warnings are only told."""
    errors, warnings = calls.codes(sid)
    for code in warnings:
        click.echo(f"warning: {_with_code(code)}", err=True)
    yield from map(_with_code, errors)


def _with_code(code: int) -> ProbeFault:
    what, remedy = what_code_means(code)
    return ProbeFault(f"{what} ({code})", remedy)
