"""What a team does on the pages of a move: from the plan to the signed report, with the practice HubSpot put right on the way."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Locator, expect

from integrations.rehearsal import planted
from tests.e2e.conftest import Person

MINUTE = 60_000
MOVING_PORT = 98
"""The practice HubSpot of the move listens so many ports behind the console."""


FINISH = ("Continue to Customers", "Continue to Contacts", "Continue to Review", "Preview first", "Apply exactly this")


@dataclass
class Mover:
    person: Person
    old: str
    """Name of the old connection."""
    old_property: str

    # --- Getting about

    def go(self, path: str) -> None:
        self.person.go(f"/moves/1/{path}")

    def step(self, key: str) -> Locator:
        return self.person.page.locator(f"#{key}")

    def unfold(self, key: str, name: str) -> None:
        self.step(key).locator("summary", has_text=name).first.click()

    def press(self, key: str, name: str) -> None:
        """A button of a step, unfolded where it is folded."""
        button = self.step(key).locator("button", has_text=name).first
        button.wait_for(state="attached")
        if not button.is_visible():
            self.unfold(key, name)
        button.click()

    def sign(self, chapter: str, *keys: str) -> None:
        self.go(f"{chapter}/")
        for key in keys:
            step = self.step(key)
            step.locator("summary").last.click()
            step.get_by_role("button", name="Sign with my name").click()
            expect(self.step(key)).to_contain_text("Signed by")

    def check(self, chapter: str) -> None:
        self.go(f"{chapter}/")
        self.person.page.get_by_role("button", name="Check all again").click()
        expect(self.person.page.locator(".toasts")).to_contain_text("measured")

    def wait_for(self, chapter: str, key: str, text: str) -> None:
        """What works in the background is measured until it says so."""
        for _ in range(60):
            self.check(chapter)
            if text in self.step(key).inner_text():
                return
            self.person.page.wait_for_timeout(1000)
        raise AssertionError(f"{key} never said {text!r}: {self.step(key).inner_text()}")

    def expect_verified(self, *keys: str) -> None:
        for key in keys:
            expect(self.step(key)).to_have_class(re.compile("is-ok"))

    def expect_failed(self, *keys: str) -> None:
        for key in keys:
            expect(self.step(key)).to_have_class(re.compile("is-bad"))

    # --- The practice HubSpot, as its people work in it

    def there(self, verb: str, **body: object) -> None:
        port = (urlsplit(self.person.demo.console).port or 0) + MOVING_PORT
        answer = requests.post(f"http://127.0.0.1:{port}/_control/{verb}", json=body, timeout=30)
        assert answer.ok, answer.text

    def put_right(self) -> None:
        for number in (*planted.WITHOUT_OLD_ID, planted.TYPING_ERROR):
            self.there("edit", object="companies", id=planted.hubspot_id(number), fields=planted.old_ids(number))
        for number in planted.WRONG_STAGE:
            self.there("edit", object="companies", id=planted.hubspot_id(number), fields={"lifecyclestage": "customer"})
        twin = planted.hubspot_id(planted.TWIN_RECORD)
        self.there("merge", object="companies", id=planted.hubspot_id(planted.TWIN), losers=[twin])

    # --- Chapter 1

    def plan(self) -> None:
        page = self.person.page
        self.person.go("/integrations/hubspot/")
        page.get_by_role("button", name="Connect Practice HubSpot for the move").click()
        page.get_by_role("button", name=re.compile("Allow")).first.click()
        expect(page.locator("main h1")).to_contain_text("which companies come in")
        self.person.go("/moves/new/")
        page.get_by_label("From").select_option(label=self.old)
        page.get_by_label("HubSpot Super Admin").fill("ines.moreau@aldervale.example")
        page.get_by_role("button", name="Plan the move").click()
        self.go("connect/")
        page.get_by_label(re.compile("HubSpot, signed in")).check()
        page.get_by_label(re.compile("I know that the old connection")).check()
        page.get_by_role("button", name="Go on with it").click()

    def find_trouble(self) -> None:
        self.go("hubspot/")
        self.unfold("old-id-property", "Choose this property")
        self.person.page.get_by_label("Property of the companies").select_option(self.old_property)
        self.press("old-id-property", "Choose this property")
        self.list_companies()
        self.press("filter", "Expect this number")
        self.check("hubspot")
        self.expect_verified("old-id-property")
        self.expect_failed("old-id-filled-there", "filter", "lifecycle")

    def list_companies(self) -> None:
        self.go("hubspot/")
        self.press("old-id-filled-there", "List HubSpot’s companies")
        expect(self.step("old-id-filled-there")).to_contain_text("companies were listed", timeout=MINUTE)

    def cure_trouble(self) -> None:
        self.put_right()
        page = self.person.page
        self.person.go("/integrations/hubspot/hubspot/scope/")
        page.locator("summary", has_text=re.compile("more", re.IGNORECASE)).first.click()
        wanted = page.get_by_label("Filter synchronised customers")
        wanted.select_option(planted.IS_TO_SYNCHRONIZE)
        page.get_by_label("Values", exact=True).fill("Yes")
        page.get_by_role("button", name="Save and leave").click()
        # HubSpot's search shows late what was just written there.
        for _ in range(12):
            self.list_companies()
            self.check("hubspot")
            if "is-ok" in (self.step("old-id-filled-there").get_attribute("class") or ""):
                break
            page.wait_for_timeout(2000)
        self.expect_verified("old-id-filled-there", "filter", "lifecycle")
        self.sign("hubspot", "carrier", "it-agrees", "moved-data", "workflow")

    # --- Chapters 2 and 3

    def prepare_hub(self) -> None:
        self.go("hub/")
        self.press("old-id-field", "Make the field")
        self.press("old-id-mapped", "Add the line")
        self.press("old-id-filled", "Sync now")
        self.wait_for("hub", "old-id-filled", "by run")
        self.expect_verified("old-id-field", "old-id-mapped", "old-id-filled")
        self.press("old-id-sample", "Draw the sample")
        self.sign("hub", "old-id-sample")
        self.expect_verified("old-id-sample")

    def retire_old(self) -> None:
        self.go("old-off/")
        self.press("blocks-off", "Disable every block")
        self.unfold("old-retired", "Retire it for good")
        self.step("old-retired").get_by_label("Type the name of the connection").fill(self.old)
        self.press("old-retired", "Retire it for good")
        self.press("snapshot", "Take the snapshot")
        self.wait_for("old-off", "snapshot", "with every value")
        self.expect_verified("blocks-off", "old-retired", "snapshot")

    # --- Chapter 4

    def run_stage(self, letter: str) -> None:
        page = self.person.page
        page.get_by_role("button", name="Save and preview").click()
        button = page.get_by_role("button", name="Run exactly this")
        expect(button).to_be_visible(timeout=MINUTE)
        expect(page.locator("#standing")).to_contain_text("No value of the hub is emptied or replaced")
        button.click()
        expect(page.locator("#standing .lamp", has_text="Done")).to_be_visible(timeout=MINUTE)
        self.check("stages")
        self.expect_verified(f"{letter}-run")

    def find_customers(self) -> None:
        self.go("stage-a/")
        self.run_stage("a")
        self.press("a-namesakes", "Link them all")
        self.expect_verified(
            "a-draft", "a-ref-id", "a-scope", "a-keys", "a-input", "a-contacts", "one-owner", "a-emptied"
        )

    def keep_values(self) -> None:
        self.go("stage-b/")
        self.run_stage("b")
        self.expect_verified("b-draft", "b-keys", "b-lines", "b-emptied")
        self.sign("stages", "b-looked-at")

    def let_both_write(self) -> None:
        self.go("stage-c/")
        self.person.page.locator("main form select").first.select_option("ask")
        self.run_stage("c")
        self.expect_verified("c-lines", "c-emptied")

    # --- Chapters 5 to 7, and the report

    def connect_tools(self) -> None:
        """Stripe and Intercom as they stood before the move."""
        page = self.person.page
        for system in ("stripe", "intercom"):
            self.person.go(f"/integrations/{system}/")
            page.get_by_role("button", name=re.compile("^Connect Practice")).first.click()
            allow = page.get_by_role("button", name=re.compile("^Allow"))
            on = page.get_by_role("button", name=re.compile("^Continue to"))
            expect(allow.or_(on).first).to_be_visible(timeout=MINUTE)
            if allow.count():
                allow.first.click()
            while not page.get_by_role("button", name="Preview first").count():
                expect(on.first).to_be_visible(timeout=MINUTE)
                on.first.click()
                page.wait_for_load_state()
            page.get_by_role("button", name="Preview first").click()
            page.get_by_role("button", name="Apply exactly this").click(timeout=MINUTE)
            self.wait_for_run()

    def wait_for_run(self) -> None:
        expect(self.person.page.locator("main h1 .lamp", has_text="Done")).to_be_visible(timeout=3 * MINUTE)

    def update_tools(self) -> None:
        """The ids of HubSpot go to Intercom by its own line; another tool is updated by a person."""
        page = self.person.page
        self.check("tools")
        self.expect_verified("stripe")
        self.expect_failed("intercom-customers", "intercom-contacts", "intercom-ids", "other-tools")
        self.person.go("/integrations/intercom/intercom/move/")
        page.get_by_label(re.compile("Create these attributes")).check()
        page.get_by_role("button", name="Save and leave").click()
        self.person.go("/connections/intercom/")
        page.get_by_role("button", name="Sync now").first.click()
        self.wait_for_run()
        self.update_other_tools()
        self.expect_verified("stripe", "intercom-customers", "intercom-contacts", "intercom-ids")

    def update_other_tools(self) -> None:
        page = self.person.page
        self.go("other-tools/")
        page.locator("main input[name=name]").fill("Telephony")
        page.get_by_role("button", name="List it").click()
        page.get_by_role("button", name="Updated: sign it").click()
        self.check("tools")
        self.expect_verified("other-tools")

    def validate(self) -> None:
        self.sign("directions", "directions-read", "overwrite-read")
        self.check("directions")
        self.expect_verified("nothing-lost")
        self.check("validation")
        self.expect_verified("count", "no-duplicates", "ref-ids", "shown", "cleanup", "key-data", "complete")
        self.sign("validation", "team")

    def sign_report(self) -> None:
        page = self.person.page
        self.go("report/")
        page.get_by_role("button", name=re.compile("^Sign as")).click()
        page.get_by_role("button", name="Measure once more, and close the move").click()
        self.go("report/")
        expect(page.locator("main")).to_contain_text("Signed")
        expect(page.get_by_role("button", name=re.compile("^Sign as"))).to_have_count(0)


def connect(person: Person, system: str, name: str, old_property: str, *, view: str = "") -> Mover:
    page = person.page
    person.go(f"/integrations/{system}/")
    page.get_by_role("button", name=f"Connect Practice {name}").click()
    page.get_by_role("button", name="Allow as Inès Moreau").click()
    if view:
        page.get_by_label(view).check()
    for button in FINISH:
        page.get_by_role("button", name=button).first.click(timeout=MINUTE)
    mover = Mover(person, name, old_property)
    mover.wait_for_run()
    return mover


def move(mover: Mover) -> None:
    mover.plan()
    mover.find_trouble()
    mover.cure_trouble()
    mover.prepare_hub()
    mover.retire_old()
    mover.find_customers()
    mover.keep_values()
    mover.let_both_write()
