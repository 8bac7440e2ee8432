"""A pytest plugin that prints which test names which requirement."""

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    print()
    for item in session.items:
        for mark in item.iter_markers("requirement"):
            for code in mark.args:
                print(f"requirement {code} {item.nodeid.replace(' ', '_')}")
