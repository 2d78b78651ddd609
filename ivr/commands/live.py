"""`ivr fallback`: what a line needs beside its own process before it goes live."""

from __future__ import annotations

from pathlib import Path

import click

from ivr.commands.site import this_site
from ivr.core.office import ON_CALL, Office
from ivr.files import NotWritten, write_atomically, writing
from ivr.settings.env_file import environment
from ivr.settings.numbers import refusal, to_e164
from ivr.settings.read import OUR_NUMBER, public_number
from ivr.telephony.twilio.emergency import MOST_BYTES, static_document

FILE, STEPS = "fallback.xml", "steps.md"


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.pass_context
def fallback(context: click.Context, folder: Path | None) -> None:
    """Print the document that Twilio takes where the line does not answer: 112, then the urgent line is rung.

    With DIR it is written there as fallback.xml, with steps.md beside it: where it can be put, and how. Its address
    goes into IVR_FALLBACK_URL: `ivr connect` sets it as the fallback of our numbers, and `ivr doctor` compares what is
    there with the document of today. It rings the public number of on_call in office.yaml, and shows it IVR_CALLER_ID.
    """
    content = this_site(context).content()
    number, caller_id = _on_call(content.office), _caller_id(content.office)
    try:
        document = static_document(content, number, caller_id)
    except ValueError as error:
        raise click.ClickException(f"{error}. Remedy: add 'provider' below 'voices' in languages.yaml.") from None
    if len(document) >= MOST_BYTES:
        raise click.ClickException("its texts are longer than Twilio takes. Remedy: shorten them; see `ivr check`.")
    if folder:
        try:
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / STEPS, (Path(__file__).parent / "fallback.md").read_bytes())
            write_atomically(folder / FILE, document)
        except NotWritten as error:
            raise click.ClickException(f"{error}.") from None
        click.echo(f"{folder / FILE}: {len(document)} bytes. Where to put it: {folder / STEPS}", err=True)
    else:
        click.echo(document)
    click.echo(f"It rings the number of {ON_CALL} in office.yaml.", err=True)
    if caller_id:
        click.echo("It shows our own number, from IVR_CALLER_ID.", err=True)
    else:
        click.echo(
            "warning: IVR_CALLER_ID is not set, so it shows the caller's own number, and a call from a hidden number "
            "may not go through. Remedy: set IVR_CALLER_ID to our number at Twilio, and write the document again.",
            err=True,
        )


def _on_call(office: Office) -> str:
    if number := public_number(office):
        return number
    why = refusal(to_e164(office.contacts[ON_CALL].number or "", office.country), office.country)
    remedy = "write the public number there, as in 0400 123 456"
    raise click.ClickException(f"the number of {ON_CALL} in office.yaml {why}. Remedy: {remedy}.")


def _caller_id(office: Office) -> str:
    """Our number, or nothing. The value is never shown in a fault."""
    number = "".join(environment(Path.cwd()).get("IVR_CALLER_ID", "").split())
    why = refusal(number, office.country) if number else None
    if number and number == public_number(office):
        why = f"is the number of {ON_CALL}, which would ring itself"
    if why:
        raise click.ClickException(f"IVR_CALLER_ID {why}. Remedy: {OUR_NUMBER}.")
    return number
