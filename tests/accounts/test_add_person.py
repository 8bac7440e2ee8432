import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, User
from accounts.permissions import Role

pytestmark = pytest.mark.django_db
GOOD = "blue-lantern-47-orchard"


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("add_person", *args, stdout=out)
    return out.getvalue()


def test_add_person_with_a_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", GOOD)

    said = run("Ines@Aldervale.example", "--name", "Inès", "--role", "admin", "--password-from-env", "FIRST_PASSWORD")

    ines = User.objects.get(email="ines@aldervale.example")
    assert (ines.role, ines.check_password(GOOD)) == (Role.ADMIN, True)
    assert said == "ines@aldervale.example is added as Admin.\n"
    assert AuditEntry.objects.get().verb == "created"


def test_add_person_without_a_password_prints_a_link() -> None:
    said = run("tom@aldervale.example")

    assert "https://sync.aldervale.example/sign-in/password/reset/key/" in said
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("password", ["", "short", "1234567890123"])
def test_add_person_refuses_a_missing_or_weak_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", password)

    with pytest.raises(CommandError, match="Nobody was added"):
        run("tom@aldervale.example", "--password-from-env", "FIRST_PASSWORD")

    assert User.objects.count() == 0


@pytest.mark.parametrize("email", ["TOM@aldervale.example", "not-an-address"])
def test_add_person_refuses_an_address_that_is_taken_or_none(email: str) -> None:
    run("tom@aldervale.example")

    with pytest.raises(CommandError, match="Nobody was added"):
        run(email)

    assert User.objects.count() == 1
