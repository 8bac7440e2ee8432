"""The network's stand-in: scripted answers behind a `requests` adapter, and a clock that only sleeping moves."""

import io
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from integrations.salesforce.client import host_policy, open_session
from integrations.wire.session import Session

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ORG = "https://aldervale.my.salesforce.com"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, (bytes, str)):
            return self.body.encode() if isinstance(self.body, str) else self.body
        return json.dumps(self.body).encode()


class Border(BaseAdapter):
    """Answers in order, the last one for ever; remembers what left."""

    def __init__(self, *answers: Answer | Exception, serve: Callable[..., Answer] | None = None) -> None:
        super().__init__()
        self.answers = list(answers)
        self.serve = serve
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.sent.append(request)
        answer = self.serve(request) if self.serve else self._next()
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.raw = HTTPResponse(
            io.BytesIO(answer.content), headers=answer.headers, status=answer.status, preload_content=False
        )
        return response

    def close(self) -> None:
        self.answers.clear()

    def _next(self) -> Answer | Exception:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Clock:
    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def salesforce(border: BaseAdapter, clock: Clock | None = None, **options: Any) -> Session:
    clock = clock or Clock()
    given = {"clock": clock, "sleep": clock.sleep, "random": random.Random(7), "adapter": border}
    return open_session(host_policy(), **{**given, **options})


def recorded(name: str) -> Any:
    """A recorded answer of a real organisation, or of the vendor's documentation."""
    root = Path(os.environ.get("SPECS_DIR") or Path(settings.BASE_DIR).parent / "shared" / "specs")
    path = root / "salesforce" / "recorded" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"The recording {name} is not here; set SPECS_DIR to the folder of recordings.")
    return json.loads(path.read_text())


def answer_of(recording: dict[str, Any]) -> Answer:
    response = recording["response"]
    return Answer(response["status"], response["body"], response.get("headers", {}))
