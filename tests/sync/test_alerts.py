"""Each change of a connection's state is told once, to whom it concerns, and sent until it arrives."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from integrations.setup.keeping import mark_answering
from integrations.sync import runs
from integrations.sync.alerts import channels, delivery, ways
from integrations.sync.alerts.texts import path_of, told
from integrations.sync.alerts.watch import watch
from integrations.sync.models import (
    Alert,
    AlertChannel,
    AlertChoice,
    AlertDelivery,
    Block,
    Connection,
    ConnectionState,
    FieldMapping,
    Run,
)
from integrations.sync.runner import failures, planning
from integrations.sync.sweeper import sweep
from integrations.sync.tasks import answer
from integrations.wire.errors import Misconfigured, NeedsSignIn
from tests.factories import UserFactory
from tests.sync.fakes import PaperCrm

Health = ConnectionState.Health
HOOK = "https://hooks.aldervale.example/in/3f9c27d1b6a84e05"
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"

DISCORD = "https://discord.com/api/webhooks/123456789012345678/AbCdEfGhIjKlMnOpQrStUv-xyz"
GOOGLE = "https://chat.googleapis.com/v1/spaces/AAAAbbbb/messages?key=AIzaSyAbc-12&token=xYz_34-5%3D"


@pytest.fixture(autouse=True)
def queue(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    rung: list[Any] = []
    monkeypatch.setattr(delivery, "async_task", lambda name, *args: rung.append((name, *args)))
    return rung


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory.create(role=Role.ADMIN, email="ines@aldervale.example")


@pytest.mark.parametrize(
    ("health", "event"), [(Health.SIGN_IN, "sign-in"), (Health.WRONG, "setting"), (Health.QUOTA, "quota")]
)
def test_a_change_is_told_once_however_often_it_is_seen(
    connection: Connection, admin: User, health: str, event: str
) -> None:
    stands(connection, health)

    raised = [watch(), watch(), watch()]

    assert raised == [1, 0, 0]
    assert events() == [event]
    assert AlertDelivery.objects.get().to == admin.email


def test_two_workers_cannot_tell_the_same_twice(connection: Connection) -> None:
    Alert.objects.create(connection=connection, event="held", at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(connection=connection, event="held", at=timezone.now())


def test_the_end_of_all_troubles_is_told_once(connection: Connection, admin: User) -> None:
    run = held(connection)
    stands(connection, Health.SIGN_IN)
    watch()

    stands(connection, Health.OK)
    watch()
    assert events() == ["held", "sign-in"], "a trouble still stands"
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)
    raised = [watch(), watch()]

    assert raised == [1, 0]
    assert events() == ["held", "recovered", "sign-in"]
    assert not Alert.objects.filter(ended_at=None).exists()


def test_the_same_trouble_is_news_again_after_its_end(connection: Connection, admin: User) -> None:
    for health in (Health.SIGN_IN, Health.OK, Health.SIGN_IN):
        stands(connection, health)
        watch()

    assert events() == ["recovered", "sign-in", "sign-in"]


def test_a_short_silence_is_no_news(connection: Connection) -> None:
    stands(connection, Health.DOWN, since=timedelta(minutes=9))
    assert watch() == 0

    stands(connection, Health.DOWN, since=timedelta(minutes=11))
    assert watch() == 1


def test_a_paused_connection_ends_its_alerts_without_a_word(connection: Connection, admin: User) -> None:
    stands(connection, Health.SIGN_IN)
    watch()
    Connection.objects.update(state=Connection.State.PAUSED)

    assert watch() == 0
    assert not Alert.objects.filter(ended_at=None).exists()


def test_a_real_run_that_loses_its_sign_in_tells_the_admin(
    connection: Connection, crm: PaperCrm, admin: User, queue: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    from integrations.sync.runs import request_run

    def refuse(*_: Any) -> None:
        raise NeedsSignIn("INVALID_SESSION", "expired")

    crm.company("A1")
    crm.before_read = refuse
    run = request_run(connection, by="test")
    with django_capture_on_commit_callbacks(execute=True):
        answer(run.pk)

    ring_all(queue)
    assert [message.to for message in mail.outbox] == [[admin.email]]
    assert "refuses the sign-in" in mail.outbox[0].body
    assert f"/connections/{connection.slug}/" in mail.outbox[0].body


def test_who_is_told_follows_the_choice_then_the_role(connection: Connection, admin: User) -> None:
    quiet = UserFactory.create(role=Role.ADMIN)
    keen = UserFactory.create(role=Role.CSM)
    here = UserFactory.create(role=Role.SUPPORT)
    UserFactory.create(role=Role.MANAGER)
    AlertChoice.objects.create(user=quiet, events=[])
    AlertChoice.objects.create(user=keen, events=["sign-in"])
    AlertChoice.objects.create(user=here, events=[])
    AlertChoice.objects.create(user=here, connection=connection, events=["sign-in"])
    for role in (Role.RESTRICTED_CSM, Role.READ_ONLY):
        AlertChoice.objects.create(user=UserFactory.create(role=role), events=["sign-in"])
    gone = UserFactory.create(role=Role.ADMIN)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    stands(connection, Health.SIGN_IN)
    watch()

    told = set(AlertDelivery.objects.values_list("to", flat=True))
    assert told == {admin.email, keen.email, here.email}


def test_a_delivery_is_sent_once_by_many_workers(connection: Connection, admin: User) -> None:
    stands(connection, Health.SIGN_IN)
    watch()
    pk = AlertDelivery.objects.get().pk

    for _ in range(3):
        delivery.deliver(pk)

    assert len(mail.outbox) == 1
    assert AlertDelivery.objects.get().state == AlertDelivery.State.SENT


def test_what_is_not_taken_is_tried_later_and_later_then_given_up(
    connection: Connection, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError(admin.email)

    monkeypatch.setattr(ways.EmailMessage, "send", refuse)
    stands(connection, Health.SIGN_IN)
    watch()
    waits = []

    while (row := AlertDelivery.objects.get()).state == AlertDelivery.State.WAITING:
        AlertDelivery.objects.update(due_at=timezone.now())
        delivery.deliver(row.pk)
        row.refresh_from_db()
        if row.due_at:
            waits.append(round((row.due_at - timezone.now()).total_seconds() / 60))

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (row.state, row.tries) == (AlertDelivery.State.GIVEN_UP, 10)
    assert row.error == "The mail server did not take it (ConnectionRefusedError)."


def test_a_worker_that_died_while_sending_is_made_up_for(
    connection: Connection, admin: User, queue: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    stands(connection, Health.SIGN_IN)
    watch()
    pk = AlertDelivery.objects.get().pk
    with monkeypatch.context() as patch:
        patch.setattr(ways.EmailMessage, "send", die)
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver(pk)

    delivery.deliver(pk)
    assert not mail.outbox, "the claim still holds"
    AlertDelivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    queue.clear()
    sweep()
    ring_all(queue)

    assert len(mail.outbox) == 1


def test_a_webhook_gets_the_words_and_the_key(connection: Connection, sent: list[Any]) -> None:
    made(HOOK)
    stands(connection, Health.SIGN_IN)
    watch()
    row = AlertDelivery.objects.get()

    delivery.deliver(row.pk)

    (request,) = sent
    assert (request.method, request.url) == ("POST", HOOK)
    assert request.headers == {"Idempotency-Key": str(row.key)}
    assert request.json["event"] == "sign-in"
    assert "refuses the sign-in" in request.json["text"]


@pytest.mark.parametrize("url", [SLACK, DISCORD, GOOGLE])
def test_a_chat_gets_them_through_apprise(connection: Connection, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    import requests

    calls: list[Any] = []

    def send(_: Any, request: Any, **__: Any) -> Any:
        calls.append((request.url, request.body))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    made(url)
    stands(connection, Health.SIGN_IN)
    watch()

    delivery.deliver(AlertDelivery.objects.get().pk)

    assert [called.partition("?")[0] for called, _ in calls] == [url.partition("?")[0].rstrip("/")]
    assert "refuses the sign-in" in str(calls[0][1])
    assert AlertDelivery.objects.get().state == AlertDelivery.State.SENT


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.aldervale.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://me:secret@hooks.aldervale.example/x",
        "https://hooks.aldervale.example:8443/x",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(Misconfigured):
        channels.check(url)


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::ffff:192.168.1.1"])
def test_a_public_name_that_leads_inside_is_not_called(address: str) -> None:
    assert not channels.policy_for(HOOK).may_connect("hooks.aldervale.example", 443, address)


def test_the_address_is_sealed_masked_and_follows_a_new_key(db: None, settings: Any) -> None:
    channel, old = made(HOOK), settings.CREDENTIAL_KEYS[0]
    assert HOOK.encode() not in bytes(channel.sealed)
    assert channel.shown == "https://hooks.aldervale.example/…4e05"
    settings.CREDENTIAL_KEYS = ["n" * 40, old]
    call_command("rotate_keys")
    settings.CREDENTIAL_KEYS = ["n" * 40]

    channel.refresh_from_db()

    assert channels.open_url(channel) == HOOK


def test_a_failure_never_shows_the_address(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any, request: Any) -> None:
        raise Misconfigured("HTTP_404", f"no such hook {request.url}", status=404)

    monkeypatch.setattr(ways.Session, "send", fail)
    made(HOOK)
    stands(connection, Health.SIGN_IN)
    watch()

    delivery.deliver(AlertDelivery.objects.get().pk)

    assert AlertDelivery.objects.get().error == "The webhook did not take it (HTTP 404)."


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    requests: list[Any] = []
    monkeypatch.setattr(ways.Session, "send", lambda _, request: requests.append(request))
    return requests


def test_asking_costs_the_same_for_one_and_for_three_connections(
    connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    from tests.sync.fakes import connect

    stands(connection, Health.OK)
    with django_assert_num_queries(3):
        watch()
    for name in ("Second", "Third"):
        stands(connect(name), Health.OK)
    with django_assert_num_queries(3):
        watch()


class TestScheduledSyncs:
    """What the schedule starts anew every few minutes is news only where it ends otherwise than the one before it."""

    @pytest.fixture
    def brake(self, connection: Connection, crm: PaperCrm, admin: User) -> PaperCrm:
        """The scheduled sync just held what left the scope."""
        Connection.objects.update(churn_missing=True)
        for number in range(30):
            crm.company(f"A{number:02}", Stage="Run")
        scheduled(crm)
        crm.outside.update(f"A{number:02}" for number in range(11))
        assert scheduled(crm).state == Run.State.HELD
        return crm

    @pytest.fixture
    def crash(self, crm: PaperCrm, admin: User) -> Iterator[pytest.MonkeyPatch]:
        """The scheduled sync just failed; undoing the patch mends it."""

        def crashing(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        crm.company("A1")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(planning, "decide", crashing)
            patch.setattr(failures, "MOST_STARTS", 1)
            assert scheduled(crm).state == Run.State.FAILED
            yield patch

    def test_one_that_holds_again_is_no_news(self, brake: PaperCrm) -> None:
        states = [scheduled(brake).state for _ in range(3)]

        assert states == [Run.State.HELD] * 3
        assert events() == ["held"]
        assert AlertDelivery.objects.count() == 1

    def test_one_that_holds_nothing_any_more_tells_it_once(self, brake: PaperCrm) -> None:
        brake.outside.clear()

        states = [scheduled(brake).state for _ in range(2)]

        assert states == [Run.State.DONE] * 2
        assert events() == ["held", "recovered"]

    def test_word_on_what_is_held_is_told_at_the_end_of_its_run(self, brake: PaperCrm) -> None:
        run = Run.objects.latest("pk")
        runs.release_held(run, "Inès")
        sweep()
        assert events() == ["held"], "it is still under way"

        ended(run)
        sweep()

        assert events() == ["held", "recovered"]

    def test_cancelled_one_tells_nothing(self, brake: PaperCrm) -> None:
        runs.cancel(started(), "Inès")
        sweep()

        assert scheduled(brake).state == Run.State.HELD
        assert events() == ["held"]

    def test_one_that_fails_again_is_no_news(self, crash: pytest.MonkeyPatch, crm: PaperCrm) -> None:
        states = [scheduled(crm).state for _ in range(3)]

        assert states == [Run.State.FAILED] * 3
        assert events() == ["failed"]
        assert AlertDelivery.objects.count() == 1

    def test_one_that_goes_through_after_a_failure_tells_it_once(
        self, crash: pytest.MonkeyPatch, crm: PaperCrm
    ) -> None:
        crash.undo()

        states = [scheduled(crm).state for _ in range(2)]

        assert states == [Run.State.DONE] * 2
        assert events() == ["failed", "recovered"]

    def test_failure_that_was_cancelled_the_next_time_is_not_over(
        self, crash: pytest.MonkeyPatch, crm: PaperCrm
    ) -> None:
        runs.cancel(started(), "Inès")
        sweep()

        scheduled(crm)

        assert events() == ["failed"]

    def test_refusal_takes_the_place_of_what_was_held(self, brake: PaperCrm) -> None:
        def refuse(*_: Any) -> None:
            raise Misconfigured("INSUFFICIENT_ACCESS", "no right")

        brake.before_read = refuse

        scheduled(brake)

        assert events() == ["held", "setting"]
        assert not Alert.objects.filter(event="held", ended_at=None).exists()

    @pytest.mark.parametrize(("policy", "notice"), [("rest", "field"), ("take", "drift")])
    def test_new_sign_in_is_told_though_a_notice_stands(
        self, connection: Connection, crm: PaperCrm, admin: User, policy: str, notice: str
    ) -> None:
        moved(connection, crm, policy)
        crm.company("A2")
        crm.before_read = lost_sign_in
        scheduled(crm)
        assert events() == [notice, "sign-in"]

        crm.before_read = lambda *_: None
        mark_answering(connection, None)
        sweep()

        assert events() == [notice, "recovered", "sign-in"]
        assert scheduled(crm).state == Run.State.DONE
        assert events() == [notice, "recovered", "sign-in"]

    @pytest.mark.parametrize("policy", ["rest", "take"])
    def test_end_of_a_notice_is_no_recovery(
        self, connection: Connection, crm: PaperCrm, admin: User, policy: str
    ) -> None:
        moved(connection, crm, policy)
        FieldMapping.objects.update(suspended_at=None, suspended_code="", noticed_at=None, noticed_code="")

        sweep()

        assert "recovered" not in events()
        assert not Alert.objects.filter(ended_at=None).exists()


@pytest.mark.requirement("C9")
@pytest.mark.parametrize(("policy", "event"), [("rest", "field"), ("take", "drift")])
def test_moved_schema_is_told_once_and_names_the_field(
    connection: Connection, crm: PaperCrm, admin: User, sync: Callable[..., Run], policy: str, event: str
) -> None:
    Connection.objects.update(on_value_new=policy)
    FieldMapping.objects.filter(hub_field="stage").update(value_map={"Live": "run"})
    crm.lists["Stage"] = ["Live"]
    crm.company("A1", Stage="Live")
    sync()
    crm.lists["Stage"] = ["Live", "Partner", "Reseller"]
    sync()

    raised = [watch(), watch()]

    alert = Alert.objects.get()
    assert (raised, alert.event) == ([1, 0], event)
    assert "“Stage” of Customers has new values: Partner, Reseller" in told(alert).happened
    assert path_of(alert) == "/connections/paper/mapping/customers/"


@pytest.mark.requirement("C9")
def test_alert_of_an_earlier_release_still_has_its_words(connection: Connection) -> None:
    alert = Alert(connection=connection, event="field", at=timezone.now(), details={"count": 2})

    assert told(alert).happened.endswith("are suspended: 2.")
    assert path_of(alert) == "/connections/paper/"


@pytest.mark.requirement("C9")
def test_asking_about_moved_schemas_costs_the_same_for_one_and_for_three(
    connection: Connection, django_assert_num_queries: Callable[[int], Any]
) -> None:
    from tests.sync.fakes import connect

    for number, name in enumerate(("", "Second", "Third")):
        one = connect(name) if name else connection
        stands(one, Health.OK)
        FieldMapping.objects.filter(block__connection=one, hub_field="name").update(
            noticed_at=timezone.now(), noticed_code="value-new"
        )
        Block.objects.filter(connection=one, object="customers").update(
            required_at=timezone.now(), required_new={"A": "A"}
        )
        watch()
        if number != 1:
            with django_assert_num_queries(6):
                watch()


def stands(connection: Connection, health: str, since: timedelta = timedelta(0)) -> None:
    ConnectionState.objects.update_or_create(
        connection=connection, defaults={"health": health, "health_since": timezone.now() - since}
    )


def held(connection: Connection) -> Run:
    return Run.objects.create(connection=connection, kind="delta", state=Run.State.HELD, finished_at=timezone.now())


def started() -> Run:
    """What the schedule starts, and what is told while it is under way."""
    Connection.objects.update(next_run_at=timezone.now() - timedelta(hours=1))
    sweep()
    return Run.objects.latest("pk")


def ended(run: Run) -> Run:
    while run.is_active:
        answer(run.pk)
        run.refresh_from_db()
    return run


def scheduled(crm: PaperCrm) -> Run:
    crm.later(60)
    run = ended(started())
    sweep()
    return run


def moved(connection: Connection, crm: PaperCrm, policy: str) -> None:
    """A list of the CRM has a value more than the mapping knows."""
    Connection.objects.update(on_value_new=policy)
    FieldMapping.objects.filter(block__connection=connection, hub_field="stage").update(value_map={"Live": "run"})
    crm.company("A1", Stage="Live")
    for values in (["Live"], ["Live", "Partner"]):
        crm.lists["Stage"] = values
        scheduled(crm)


def lost_sign_in(*_: Any) -> None:
    raise NeedsSignIn("INVALID_SESSION", "expired")


def events() -> list[str]:
    return sorted(Alert.objects.values_list("event", flat=True))


def made(url: str) -> AlertChannel:
    channel = AlertChannel(name="Room", events=["sign-in"])
    channels.keep(channel, url)
    channel.save()
    return channel


def ring_all(queue: list[Any]) -> None:
    for _, *args in queue:
        delivery.deliver(*args)
