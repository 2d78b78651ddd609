"""`ivr staff`: who may log in to the pages of the office. The first team leader is made here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ivr.commands.shown import told
from ivr.commands.site import now
from ivr.commands.who import user
from ivr.records.people import INVITED, Invitation, NobodyOfThisName, People, Person
from ivr.settings.env_file import environment, gathered
from ivr.settings.office import PORT, office_url

HERE = f"http://127.0.0.1:{PORT}"
"""Where the pages are without `IVR_OFFICE_URL`, unless `ivr office` was given another port."""


@click.group()
def staff() -> None:
    """Who may log in to the pages of the office."""


@staff.command()
@click.argument("name")
@click.option("--leader", is_flag=True, help="A team leader: also decides who is of the staff.")
def add(name: str, *, leader: bool) -> None:
    """Take NAME on, and print the link by which they set a password."""
    base = _base()
    with _people() as people:
        try:
            made = people.add(name, "leader" if leader else "staff", _by(), now())
        except ValueError as error:
            raise click.ClickException(f"{error}. Remedy: write the name that they log in with.") from None
        _print_link(base, made)
        _tell_without_leader(people)


@staff.command()
@click.argument("name")
def reset(name: str) -> None:
    """Print a new link by which NAME sets a password; the old one works until then."""
    base = _base()
    with _people() as people:
        _print_link(base, people.invite(_found(people, name).id, _by(), now()))


@staff.command()
@click.argument("name")
def remove(name: str) -> None:
    """Let NAME go, who is logged out on all devices at once."""
    with _people() as people:
        found = _found(people, name)
        people.remove(found.id, _by(), now())
        click.echo(f"{found.name} may not log in any more.")
        _tell_without_leader(people)


@staff.command("list")
def list_() -> None:
    """Print who may log in."""
    with _people() as people:
        for each in people.all():
            role = "team leader" if each.role == "leader" else "staff"
            click.echo(f"{each.name}: {role}{'' if each.has_password else ', has not set a password yet'}")
        _tell_without_leader(people)


@contextmanager
def _people() -> Iterator[People]:
    with told():
        yield People.open(environment(Path.cwd()))


def _found(people: People, name: str) -> Person:
    found = people.find(name)
    if found is None:
        raise NobodyOfThisName
    return found


def _by() -> str:
    """Who does it: the user of this machine."""
    return f"ivr staff ({user() or os.getuid()})"


def _tell_without_leader(people: People) -> None:
    """Only a team leader can make another on the pages, and of a name that is there already nobody is made here."""
    if not any(each.role == "leader" for each in people.all()):
        told = "nobody is a team leader: `ivr staff add NAME --leader`; somebody of the staff is removed first"
        click.echo(told, err=True)


def _base() -> str:
    """How the address of a link begins."""
    faults = list[str]()
    url = gathered(lambda: office_url(environment(Path.cwd()), faults), faults)
    if faults:
        raise click.ClickException("\n".join(faults))
    return url or HERE


def _print_link(base: str, made: Invitation) -> None:
    hours = round(INVITED.total_seconds() / 3600)
    click.echo(f"{made.person.name} sets a password here, once and within {hours} hours:", err=True)
    click.echo(f"{base}/invitation/{made.token}")
