"""What stands before the text of an e-mail is not read, however badly it ends."""

import pytest

from integrations.engine.plain_text import of_html


@pytest.mark.parametrize(
    "text",
    [
        "<html><head><title>x</title></head><body><p>Hello</p></body></html>",
        "<html><head><title>x</title><body><p>Hello",
        "<head><style>p {}</style><div>Hello</div>",
        "<STYLE>p {} <body>Hello",
        "<p>Hello</p><script>run()",
        "<style>p {}</style><p>Hello</p><style>p {}",
    ],
)
def test_head_style_or_script_that_never_ends_hides_no_text(text: str) -> None:
    assert of_html(text) == "Hello"
