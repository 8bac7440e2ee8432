import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import people
from accounts.models import User
from accounts.permissions import Role


class Command(BaseCommand):
    help = "Adds a person who may sign in. Without a password, prints a link that sets one, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", choices=Role.values, default=Role.CSM.value)
        parser.add_argument("--password-from-env", metavar="NAME", help="the environment variable with the password")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = self._free(options["email"])
        password = self._password(options["password_from_env"])
        person = people.add_person(None, email=email, name=options["name"], role=options["role"], password=password)
        self.stdout.write(f"{person.email} is added as {person.get_role_display()}.")
        if not password:
            self.stdout.write(f"To set a password, open: {people.one_time_link(person)}")

    def _free(self, email: str) -> str:
        try:
            validate_email(email)
        except ValidationError as refusal:
            raise CommandError(f"{email} is not an e-mail address. Nobody was added.") from refusal
        if User.objects.filter(email=email.strip().lower()).exists():
            raise CommandError(f"{email} is already here. Nobody was added.")
        return email

    def _password(self, variable: str | None) -> str:
        if not variable:
            return ""
        # From the environment, never from the command line: that one is visible to every process of the machine.
        password = os.environ.get(variable, "")
        if not password:
            raise CommandError(f"{variable} is not set in the environment. Nobody was added.")
        try:
            validate_password(password)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages) + " Nobody was added.") from refusal
        return password
