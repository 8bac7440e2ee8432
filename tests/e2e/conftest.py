"""The demo itself, on free ports and in a folder of its own, driven by a headless Chromium as a person would."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OFFSETS = (0, *range(90, 99), *range(491, 499))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


@dataclass
class Demo:
    console: str
    practice: str
    people: list[dict[str, str]]

    def sign_in_of(self, role: str) -> tuple[str, str]:
        [person] = [person for person in self.people if person["role"] == role]
        return person["email"], person["password"]


def _free_port() -> int:
    """Each worker looks in a stretch of its own, so that two demos never take the same ones at once."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 18000 + worker * 600
    for port in range(first, first + 84, 9):
        try:
            for offset in OFFSETS:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    pytest.fail("No free ports for the demo.")


def _start(folder: Path) -> tuple[subprocess.Popen[str], Demo]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--json", "--port", str(_free_port())],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(folder), "SYNC_CANARY_SECONDS": "2", "SYNC_SWEEP_SECONDS": "2"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return process, Demo(**json.loads(line))
    pytest.fail(f"The demo ended before it was ready (code {process.wait()}).")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    process, found = _start(tmp_path_factory.mktemp("demo"))
    yield found
    process.terminate()
    process.wait(timeout=30)
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("No Chromium: install it, or name it in CHROMIUM.")
        pytest.skip("No Chromium here: install it, or name it in CHROMIUM.")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@dataclass
class Person:
    """A page, with every click counted and every complaint of the browser kept."""

    page: Page
    demo: Demo
    clicks: int = 0
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.demo.console}{path}")

    def click(self, role: str, name: str, *, exact: bool = False) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]

    def key_to(self, role: str, name: str) -> None:
        """Tabs to a link or a button, as somebody without a mouse does, and presses Enter."""
        self._tab_to(self.page.get_by_role(role, name=name).first)  # type: ignore[arg-type]
        self.clicks += 1
        self.page.keyboard.press("Enter")

    def _tab_to(self, wanted: Locator) -> None:
        expect(wanted).to_be_visible()
        handle = wanted.element_handle()
        for _ in range(250):
            if self.page.evaluate("wanted => document.activeElement === wanted", handle):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {wanted} on {self.page.url}.")

    def sign_in(self, role: str = "Admin") -> None:
        """A click into each field too, though the first has the focus already."""
        for wanted, text in self._door(role):
            self.clicks += 1
            wanted.click()
            wanted.fill(text)
        self.click("button", "Sign in", exact=True)
        expect(self.page.locator("nav.rail")).to_be_attached()

    def key_in(self, role: str = "Admin") -> None:
        """The same without a mouse."""
        for wanted, text in self._door(role):
            self._tab_to(wanted)
            self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("nav.rail")).to_be_attached()

    def _door(self, role: str) -> tuple[tuple[Locator, str], tuple[Locator, str]]:
        email, password = self.demo.sign_in_of(role)
        self.go("/")
        return (self.page.get_by_label("E-mail"), email), (self.page.locator("input[type=password]"), password)


def listen(person: Person) -> None:
    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            person.complaints.append(f"{person.page.url}: {message.text}")

    person.page.on("console", hear)
    person.page.on("pageerror", lambda error: person.complaints.append(f"{person.page.url}: {error}"))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", color_scheme="light")
    yield made
    made.close()


@pytest.fixture
def person(context: BrowserContext, demo: Demo) -> Iterator[Person]:
    visitor = Person(context.new_page(), demo)
    listen(visitor)
    yield visitor
    assert visitor.complaints == []
