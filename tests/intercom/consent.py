"""What a person does on Intercom's own page, without a browser."""

from urllib.parse import parse_qsl, urlsplit

import requests


def answer(authorize_url: str, said: str = "allow") -> dict[str, str]:
    """The query with which Intercom sends the browser back."""
    parts = urlsplit(authorize_url)
    asked = dict(parse_qsl(parts.query))
    page = requests.get(authorize_url, timeout=5)
    assert page.status_code == 200
    assert "Allow as" in page.text
    back = requests.post(
        f"{parts.scheme}://{parts.netloc}{parts.path}", data={**asked, "answer": said}, allow_redirects=False, timeout=5
    )
    assert back.status_code == 302
    return dict(parse_qsl(urlsplit(back.headers["Location"]).query))
