"""The rows that real CRMs have and demos leave out: each one is here because some sync once got it wrong."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from .world import LIFELIKE, Company, Person

# One stamp for many rows: a delta that pages by the stamp alone loses some of them.
CHANGED = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
LONG_TEXT = ("Minutes of the steering committee. " * 1200)[:40_000]


def _company(number: int, name: str, relation: str = "customer", **more: Any) -> Company:
    given = {"stage": "Growth", "manager": 2, "country": "France", "city": "Lyon", "changed": CHANGED, **more}
    return Company(number, name, relation, **given)


_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    # Twins: one customer number, one name, one domain.
    ("Ardenne Coffee", {"customer_number": "AV-20001", "website": "ardenne-coffee.example"}),
    ("Ardenne Coffee Roasters", {"customer_number": "AV-20001", "website": "www.ardenne-roasters.example"}),
    ("Bluefin Works", {"customer_number": "AV-20002", "website": "bluefin.example"}),
    ("Bluefin Works", {"customer_number": "AV-20003", "website": "bluefin-works.example"}),
    ("Corvid Media", {"customer_number": "AV-20004", "website": "https://corvid.example/en"}),
    ("Corvid Media Nordics", {"customer_number": "AV-20005", "website": "WWW.CORVID.EXAMPLE"}),
    ("Case and spaces", {"customer_number": "av-20006 "}),
    ("Case and Spaces Ltd", {"customer_number": "AV-20006"}),
    # Domains that everybody shares, and our own.
    ("Delphine Fleurs", {"website": "gmail.com", "customer_number": "AV-20007"}),
    ("Atelier Roussel", {"website": "https://www.orange.fr", "customer_number": "AV-20008"}),
    ("Gruber Holzbau", {"website": "outlook.com", "customer_number": "AV-20009"}),
    ("Aldervale test account", {"website": "www.aldervale.example", "customer_number": "AV-20010"}),
    # Web addresses in every form.
    ("Bücherei Nord", {"website": "bücherei-nord.example", "customer_number": "AV-20011"}),
    ("Punycode Press", {"website": "http://xn--bcherei-nord-dlb.example", "customer_number": "AV-20012"}),
    ("Path and Query", {"website": "HTTP://Shop.Path-Query.example:8080/a/b?x=1#top", "customer_number": "AV-20013"}),
    ("No such site", {"website": "n/a", "customer_number": "AV-20014"}),
    ("Blank site", {"website": None, "customer_number": "AV-20015"}),
    ("Trailing dot", {"website": "trailing-dot.example.", "customer_number": "AV-20016"}),
    # Groups: four levels, a loop of two, its own parent, and a parent outside every view of customers.
    ("Meridian Holding", {"customer_number": "AV-20017", "website": "meridian.example"}),
    ("Meridian Europe", {"parent": 19, "customer_number": "AV-20018", "website": "eu.meridian.example"}),
    ("Meridian France", {"parent": 20, "customer_number": "AV-20019", "website": "fr.meridian.example"}),
    ("Meridian Lyon", {"parent": 21, "customer_number": "AV-20020", "website": "lyon.meridian.example"}),
    ("Ouroboros East", {"parent": 24, "customer_number": "AV-20021"}),
    ("Ouroboros West", {"parent": 23, "customer_number": "AV-20022"}),
    ("Narcissus Mirrors", {"parent": 25, "customer_number": "AV-20023"}),
    ("Sundial Group (prospect)", {"relation": "prospect", "stage": None, "manager": None}),
    ("Sundial Benelux", {"parent": 26, "customer_number": "AV-20024"}),
    # Characters.
    ("Étoile & Fils «Traiteur» 🥐", {"customer_number": "AV-20025", "website": "etoile-fils.example"}),
    ("شركة النخيل للتجارة", {"customer_number": "AV-20026", "website": "nakheel.example"}),
    ("株式会社ひまわり", {"customer_number": "AV-20027", "website": "himawari.example"}),
    ("Café Composé", {"customer_number": "AV-20028", "website": "cafe-compose.example"}),
    ("Cafe\u0301 Compose\u0301", {"customer_number": "AV-20029", "website": "cafe-combining.example"}),
    ("O'Malley \"Quotes\" \\ Backslash", {"customer_number": "AV-20030", "website": "omalley.example"}),
    ("<script>alert('hello')</script>", {"customer_number": "AV-20031", "website": "javascript:alert(1)"}),
    ("{{ 7*7 }} ${name} %s", {"customer_number": "AV-20032"}),
    ("Control\u0001 and \u0000 nul", {"customer_number": "AV-20033"}),
    ("Right \u202eto left override", {"customer_number": "AV-20034"}),
    ("=SUM(A1:A9)", {"customer_number": "AV-20035"}),
    ("W" * 255, {"customer_number": "AV-20036"}),
    ("Line\r\nbreak", {"customer_number": "AV-20037", "notes": "First line\r\nSecond line\rThird line"}),
    # Values that the other side does not know.
    ("Legacy Stage Ltd", {"stage": "Legacy (do not use)", "customer_number": "AV-20038"}),
    ("Pause Button", {"stage": "Paused", "customer_number": "AV-20039"}),
    ("No stage at all", {"stage": None, "customer_number": "AV-20040"}),
    ("Left behind", {"manager": 6, "owner": 10, "customer_number": "AV-20041"}),
    ("Nobody's customer", {"manager": None, "customer_number": "AV-20042"}),
    ("No number", {"customer_number": None, "website": "no-number.example"}),
    ("Long story", {"notes": LONG_TEXT, "customer_number": "AV-20043"}),
    ("Leap day", {"renewal": date(2028, 2, 29), "customer_number": "AV-20044"}),
    ("Far future", {"renewal": date(9999, 12, 31), "customer_number": "AV-20045", "spend": Decimal(0)}),
    ("Negative spend", {"spend": Decimal("-1250.55"), "customer_number": "AV-20046"}),
)  # fmt: skip


def _rows() -> tuple[Company, ...]:
    found = []
    for place, (name, more) in enumerate(_ROWS, 1):
        parent = more.get("parent")
        below = {"parent": LIFELIKE + parent} if parent else {}
        found.append(_company(LIFELIKE + place, name, **{**more, **below}))
    return tuple(found)


COMPANIES = _rows()
_PEOPLE_FROM = 9_000
# Place in the list above (None: no company), first name, last name, e-mail, role.
_PEOPLE: tuple[tuple[int | None, str | None, str, str | None, str | None], ...] = (
    (1, "Noor", "Ardenne", "noor@ardenne-coffee.example", "Sponsor"),
    (2, "Noor", "Ardenne", "noor@ardenne-coffee.example", "Key user"),
    (1, "Ivo", "Without", None, "Ambassador"),
    (2, None, "Reception", None, None),
    (None, "Free", "Agent", "free.agent@nowhere.example", "End user"),
    (None, "Private", "Person", None, None),
    (9, "Delphine", "Marchand", "delphine.fleurs@gmail.com", "Sponsor"),
    (11, "Jörg", "Gruber", "JOERG.GRUBER@OUTLOOK.COM", "Sponsor"),
    (28, "Zoë", "D'Étoile 🥐", "zoe@etoile-fils.example", "Ambassador"),
    (29, "ليلى", "النخيل", "layla@nakheel.example", "Key user"),
    (33, "Sinéad", "O'Malley", "sinead.o'malley@omalley.example", "Sponsor"),
    (34, "<b>Bold</b>", "<img src=x onerror=alert(1)>", "bold@script.example", "End user"),
    (19, "Max", "Meridian", "max@meridian.example", "Ambassador"),
    (22, "Lou", "Meridian", "lou@lyon.meridian.example", "Key user"),
    (26, "Pia", "Prospect", "pia@sundial.example", "Sponsor"),
    (41, "Vera", "Legacy", "vera@legacy-stage.example", "Retired role"),
)  # fmt: skip
PEOPLE = tuple(
    Person(
        _PEOPLE_FROM + n, LIFELIKE + place if place else None, first, last, email, "Contact", None, role, f"P-{_PEOPLE_FROM + n}",
        1, CHANGED,
    )
    for n, (place, first, last, email, role) in enumerate(_PEOPLE, 1)
)  # fmt: skip
