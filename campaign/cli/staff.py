"""`flask staff …`: people who may sign in."""

import sys

import click
from flask.cli import AppGroup

from campaign.core import clock
from campaign.core.database import transaction
from campaign.staff.models import Role
from campaign.staff.people import SHORTEST_PASSWORD, PersonRefused, create_person

commands = AppGroup("staff", help="People who may sign in at /admin/login.")


@commands.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="held for all campaigns")
@click.option("--password-stdin", is_flag=True, help="read the password from standard input")
def create(email: str, role: str, password_stdin: bool) -> None:
    """Add EMAIL with a role."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt(
            f"Password, at least {SHORTEST_PASSWORD} characters", hide_input=True, confirmation_prompt=True
        )
    try:
        with transaction() as session:
            person = create_person(
                session, email=email, password=password, role=Role(role), actor="flask staff create", now=clock.now()
            )
    except PersonRefused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{person.email} may sign in as {role}.")
