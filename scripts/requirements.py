"""Compares docs/requirements.md with the `requirement` marks of the tests; fails when a promised one is unproved.

A line that names systems, "(SF, HS)", is proved when a test in the folder of each of them proves it.
"""

import argparse
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "requirements.md"
FOLDERS = {
    "SF": ("tests/salesforce/", "tests/system/"),
    "HS": ("tests/hubspot/",),
    "PD": ("tests/pipedrive/",),
    "ZO": ("tests/zoho/",),
    "SE": ("tests/sellsy/",),
    "ST": ("tests/stripe/",),
    "IC": ("tests/intercom/",),
}
"""System → where its own tests are; the contract's are collected there, too."""


def stated() -> dict[str, str]:
    return dict(re.findall(r"^- \*\*(R\d+)\*\* (.+)$", PAGE.read_text(), re.MULTILINE))


def promised() -> list[str]:
    [line] = re.findall(r"^promised: (.+)$", PAGE.read_text(), re.MULTILINE)
    codes: list[str] = []
    for part in line.split():
        first, _, last = part.partition("-")
        codes += [f"R{n}" for n in range(int(first[1:]), int((last or first)[1:]) + 1)]
    return codes


def proved() -> dict[str, set[str]]:
    """Code → the tests that name it, as pytest collects them."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "scripts.requirement_marks",
        "-p",
        "no:randomly",
    ]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(answer.stdout + answer.stderr)
    tests: dict[str, set[str]] = defaultdict(set)
    for code, test in re.findall(r"^requirement (\S+) (\S+)$", answer.stdout, re.MULTILINE):
        tests[code].add(test)
    return tests


def lacking(text: str, tests: set[str]) -> list[str]:
    """Of the systems that the line names, those without a test of their own; "any" where it names none and has none."""
    named = re.match(r"\(([A-Z, ]+)\)", text)
    if not named:
        return [] if tests else ["any"]
    return [system for system in named[1].split(", ") if not any(test.startswith(FOLDERS[system]) for test in tests)]


def report(*, with_tests: bool) -> int:
    texts, due, tests = stated(), promised(), proved()
    unknown = sorted(code for code in tests if code.startswith("R") and code not in texts)
    missing = {code: lack for code in due if (lack := lacking(texts[code], tests.get(code, set())))}
    for code in due:
        count = len(tests.get(code, ()))
        state = "OPEN  " if code in missing else "proved"
        print(f"{state} {code:5} {count:3} test{' ' if count == 1 else 's'}  {texts[code][:90]}")
        if with_tests:
            for test in sorted(tests.get(code, ())):
                print(f"                        {test}")
    later = [code for code in texts if code not in due]
    print(f"\n{len(due) - len(missing)} of {len(due)} promised requirements are proved by tests.")
    print(f"Stated for later: {len(later)}, of which {sum(code in tests for code in later)} are proved already.")
    others = sorted(code for code in tests if not code.startswith("R"))
    print(f"Pains, features and faults with tests: {', '.join(others) or 'none'}.")
    if unknown:
        print(f"Marks that name no requirement: {', '.join(unknown)}.")
    if missing:
        print("Nothing proves:", ", ".join(f"{code} ({', '.join(lack)})" for code, lack in missing.items()) + ".")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="name the tests")
    sys.exit(report(with_tests=parser.parse_args().tests))
