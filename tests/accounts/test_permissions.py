import pytest

from accounts.permissions import Permission, Role
from tests.factories import TeamFactory, UserFactory

READS = {"enter", "see_hub", "see_integrations", "see_runs", "see_log"}
TABLE = {
    Role.ADMIN: set(Permission.values),
    Role.MANAGER: READS | {"edit_hub", "see_people"},
    Role.CSM: READS | {"edit_hub"},
    Role.RESTRICTED_CSM: {"enter", "see_hub", "edit_hub"},
    Role.SUPPORT: READS | {"retry", "see_people", "see_raw"},
    Role.READ_ONLY: {"enter", "see_hub"},
}


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", Role)
def test_role_may_exactly_what_its_row_says(role: Role) -> None:
    granted = {permission.value for permission in Permission if role.may(permission)}

    assert granted == TABLE[role]


@pytest.mark.requirement("R205")
@pytest.mark.parametrize(
    "permission", [Permission.EDIT_INTEGRATIONS, Permission.RUN_SYNC, Permission.HARD_DELETE, Permission.EDIT_PEOPLE]
)
def test_only_admins_change_integrations_and_people(permission: Permission) -> None:
    assert permission.roles == [Role.ADMIN]


def test_may_is_nothing_when_switched_off() -> None:
    user = UserFactory.build(role=Role.ADMIN, is_active=False)

    assert [permission for permission in Permission if user.may(permission)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.RESTRICTED_CSM])
def test_visible_owners_is_everybody_for_other_roles(role: Role) -> None:
    assert UserFactory.create(role=role).visible_owners is None


@pytest.mark.django_db
def test_visible_owners_of_a_restricted_csm_are_their_teams() -> None:
    yuki, tom, lena = (
        UserFactory.create(email=f"{name}@a.example", role=Role.RESTRICTED_CSM) for name in ("y", "t", "l")
    )
    stranger = UserFactory.create(email="s@a.example")
    TeamFactory.create().members.set([yuki, tom, lena])
    TeamFactory.create().members.set([yuki, tom])
    TeamFactory.create().members.set([stranger])

    assert yuki.visible_owners == ["y@a.example", "l@a.example", "t@a.example"]


@pytest.mark.django_db
def test_visible_owners_without_a_team_are_oneself() -> None:
    assert UserFactory.create(email="Y@A.example", role=Role.RESTRICTED_CSM).visible_owners == ["y@a.example"]
