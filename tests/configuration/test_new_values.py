import pytest

from accounts.models import AuditEntry, User
from integrations.hub.models import HealthProfile, Stage
from integrations.sync.new_values import new, realise

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26", "R27")]


def test_realise_takes_what_is_there_under_any_case(admin_user: User) -> None:
    HealthProfile.objects.create(name="Mid Market")

    values = realise("profile", {"MM": new("mid market"), "SMB": new("SMB"), "S": "Mid Market"}, admin_user)

    assert values == {"MM": "Mid Market", "SMB": "SMB", "S": "Mid Market"}
    assert [profile.name for profile in HealthProfile.objects.all()] == ["Mid Market", "SMB"]
    assert AuditEntry.objects.get(verb="created", kind="health-score profile").label == "SMB"


def test_realise_makes_one_row_for_two_values_of_one_name(admin_user: User) -> None:
    values = realise("stage", {"A": new("At risk"), "B": new("at  RISK")}, admin_user)

    assert values == {"A": "at-risk", "B": "at-risk"}


def test_realise_gives_stages_names_of_their_own_and_puts_them_last(admin_user: User) -> None:
    Stage.objects.create(name="paused", label="On hold", position=20)

    values = realise("stage", {"A": new("Paused!"), "B": new("成長"), "C": new("更新")}, admin_user)

    assert values == {"A": "paused-2", "B": "stage", "C": "stage-2"}
    made = Stage.objects.filter(name__in=values.values()).order_by("position")
    assert [(stage.label, stage.position, stage.is_default) for stage in made] == [
        ("Paused!", 21, False), ("成長", 22, False), ("更新", 23, False),
    ]  # fmt: skip


def test_realise_uses_the_row_that_a_colleague_made_meanwhile(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    HealthProfile.objects.create(name="STRATEGIC")
    monkeypatch.setattr("integrations.sync.new_values.named", lambda hub_field: {})

    assert realise("profile", {"x": new("Strategic")}, admin_user) == {"x": "STRATEGIC"}
    assert not AuditEntry.objects.filter(kind="health-score profile").exists()


def test_realise_leaves_other_fields_alone(admin_user: User) -> None:
    assert realise("custom.plan", {"a": "+1"}, admin_user) == {"a": "+1"}
