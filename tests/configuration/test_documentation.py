"""The example of the documentation is read as it stands there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from integrations.hub.fields import BUILT_IN
from integrations.sync.configuration import apply_yaml, draft_differences, read_yaml


@pytest.fixture
def page() -> str:
    return (Path(settings.BASE_DIR) / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_documentation_example_is_understood(page: str, db: None) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)

    draft = read_yaml(example)

    assert (draft.slug, draft.system, draft.credentials) == ("salesforce", "salesforce", {"client_secret": "SF_SECRET"})
    assert len(draft.said["blocks"]["customers"]["lines"]) == 9


def test_documentation_example_is_taken_as_it_stands(page: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_SECRET", "only-for-this-test")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)

    made = apply_yaml(read_yaml(example), None)

    assert (made.slug, made.state, made.version) == ("salesforce", "draft", 1)
    assert draft_differences(read_yaml(example)) == [
        "Credential “client_secret” is taken from the environment variable SF_SECRET"
    ]


def test_documentation_names_every_hub_field(page: str) -> None:
    for fields in BUILT_IN.values():
        assert all(f"`{field.name}`" in page for field in fields)


def test_documentation_names_every_transform(page: str) -> None:
    from integrations.engine.transforms import TRANSFORMS

    assert all(f"`{name}`" in page for name in TRANSFORMS if name != "none")
