"""What a super admin does on HubSpot's own page, without a browser."""

from urllib.parse import parse_qsl, urlsplit

import requests


def answer(authorize_url: str) -> dict[str, str]:
    """The query with which HubSpot sends the browser back."""
    parts = urlsplit(authorize_url)
    page = requests.get(authorize_url, timeout=5)
    assert page.status_code == 200
    back = requests.post(
        f"{parts.scheme}://{parts.netloc}{parts.path}", data={**dict(parse_qsl(parts.query)), "answer": "allow"},
        allow_redirects=False, timeout=5,
    )  # fmt: skip
    assert back.status_code == 302
    return dict(parse_qsl(urlsplit(back.headers["Location"]).query))
