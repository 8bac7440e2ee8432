import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.compare import compared, domain_key, fold, is_generic
from integrations.engine.generic_domains import GENERIC_DOMAINS
from integrations.engine.mapping import Compare

DOMAINS = [
    ("acme.example", "acme.example"),
    ("https://www.acme.example/about?x=1#top", "acme.example"),
    ("HTTP://User:pw@WWW.Acme.Example:8080/", "acme.example"),
    ("//acme.example/path", "acme.example"),
    ("acme.example.", "acme.example"),
    ("  acme.example \n", "acme.example"),
    ("acme.example:443", "acme.example"),
    ("https://acme.example/a/b@c/d", "acme.example"),
    ("https://ann@firm@acme.example/", "acme.example"),
    ("www.acme.example", "acme.example"),
    ("www.www.acme.example", "acme.example"),
    ("www.example", ""),
    ("shop.acme.example", "shop.acme.example"),
    ("http:\\\\acme.example\\x", "acme.example"),
    ("mailto:ann@acme.example", "acme.example"),
    ("ann@acme.example", "acme.example"),
    ("https://bücher.example/", "xn--bcher-kva.example"),
    ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    ("straße.example", "xn--strae-oqa.example"),
    ("strasse.example", "strasse.example"),
    ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ("ａｃｍｅ．example", "acme.example"),
    ("ac\u200bme.example", "acme.example"),
    ("acme\x00.example", "acme.example"),
    ("my_firm.pages.example", "my_firm.pages.example"),
    ("", ""),
    ("n/a", ""),
    ("none", ""),
    ("localhost", ""),
    ("192.168.0.1", ""),
    ("[::1]", ""),
    ("acme.example, acme.test", ""),
    ("acme .example", ""),
    ("acme..example", ""),
    ("-acme.example", ""),
    ("acme-.example", ""),
    ("http://", ""),
    ("a" * 64 + ".example", ""),
    ("💥.example", ""),
    ("\ud800.example", ""),
]
EMAILS = [
    ("Ann@Acme.example", "ann@acme.example"),
    (" ann@acme.example\t", "ann@acme.example"),
    ("ann+crm@acme.example", "ann+crm@acme.example"),
    ("o'neil@acme.example", "o'neil@acme.example"),
    ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ("ann", ""),
    ("@acme.example", ""),
    ("ann@", ""),
    ("ann@acme", ""),
    ("ann@b@acme.example", ""),
    ("ann lee@acme.example", ""),
    ("ann@acme.example; bob@acme.example", ""),
    ("Ann <ann@acme.example>", ""),
    ("mailto:ann@acme.example", ""),
]
TEXTS = [
    ("  Acme\u00a0  GmbH \n", "acme gmbh"),
    ("ACME", "acme"),
    ("Straße", "strasse"),
    ("Ａcme", "acme"),
    ("e\u0301clair", "\u00e9clair"),
    ("ﬁrm", "firm"),
    ("a\u200db\u202ec\x00d\ud800", "abcd"),
    ("İstanbul", "i̇stanbul"),
    ("   ", ""),
]


def strange_texts() -> list[str]:
    """Two hundred texts as CRMs really hold them: scripts, emoji, direction marks, controls, mixed Unicode forms."""
    words = [
        "Müller & Söhne", "株式会社テスト", "شركة الاختبار", "חברת בדיקה", "Компания", "Εταιρεία", "บริษัท", "कंपनी",
        "👩‍👩‍👧 Family", "🇫🇷 SARL", "Zalgo Z̸͑a̷l̵g̶o̸", "𝔄𝔠𝔪𝔢", "ﷺ", "ǅungla", "ſhort", "½ Inc", "™ Ltd", "Ⅷ Group", "a\u00adb", "",
    ]  # fmt: skip
    dress = [
        "{}", " {} ", "{}\x00", "\u202e{}\u202c", "{}\r\n{}", "\ufeff{}", "{}\ud83d", "\u2068{}\u2069", "{}\t\x0b\x1f", "{}\u200b\u3000",
    ]  # fmt: skip
    return [pattern.replace("{}", word) for word in words for pattern in dress]


@pytest.mark.requirement("R23", "C23")
@pytest.mark.parametrize(("typed", "expected"), DOMAINS)
def test_domain_compares_by_its_host(typed, expected):
    assert compared(Compare.DOMAIN, typed) == expected


@pytest.mark.parametrize(("typed", "expected"), EMAILS)
def test_email_compares_without_case(typed, expected):
    assert compared(Compare.EMAIL, typed) == expected


@pytest.mark.parametrize(("typed", "expected"), TEXTS)
def test_text_compares_folded(typed, expected):
    assert compared(Compare.TEXT, typed) == unicodedata.normalize("NFKC", expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" 001A ", "001A"),
        ("001a", "001a"),
        (501, "501"),
        (Decimal("501.0"), "501"),
        (Decimal(501), "501"),
        ("501", "501"),
        (Decimal("1E+400"), "1E+400"),
        (Decimal("1E+40"), "1" + "0" * 40),
        (Decimal("1E+41"), "1E+41"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("\x00", ""),
        ("  ", ""),
    ],
)
def test_id_compares_exactly(value, expected):
    assert compared(Compare.ID, value) == expected


@pytest.mark.requirement("F32")
@pytest.mark.parametrize("compare", list(Compare))
@pytest.mark.parametrize("blank", [None, "", (), " ", "\u200b", "\x00"])
def test_blank_never_compares(compare, blank):
    assert compared(compare, blank) == ""


@pytest.mark.requirement("F29")
def test_strange_texts_fold_to_what_every_database_stores():
    corpus = strange_texts()

    folded = [fold(text) for text in corpus]

    assert len(corpus) == 200
    assert [fold(text) for text in folded] == folded
    assert all(text == text.strip() and text.isprintable() for text in folded)
    assert all(text.encode() is not None for text in folded)


@given(st.sampled_from(list(Compare)), st.text())
def test_compared_form_compares_to_itself(compare, text):
    once = compared(compare, text)

    assert compared(compare, once) == once
    assert "\x00" not in once
    assert once.encode() is not None


@given(st.text(alphabet="aÄßſİıﬁΣς .-é"), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_text_compares_equal_in_every_unicode_form(text, form):
    assert fold(unicodedata.normalize(form, text)) == fold(text)


@pytest.mark.requirement("C23")
@pytest.mark.parametrize("site", ["https://gmail.com", "ann@GMAIL.com", "www.facebook.com/acme", "yahoo.co.uk"])
def test_domain_key_of_a_generic_domain_is_empty(site):
    assert compared(Compare.DOMAIN, site) != ""
    assert domain_key(site) == ""


@pytest.mark.parametrize(
    ("site", "expected"),
    [("aldervale.example", ""), ("mail.aldervale.example", ""), ("notaldervale.example", "notaldervale.example")],
)
def test_domain_key_of_an_own_domain_is_empty(site, expected):
    assert domain_key(site, frozenset({"aldervale.example"})) == expected


def test_generic_domains_are_written_as_they_compare():
    assert {compared(Compare.DOMAIN, domain) for domain in GENERIC_DOMAINS} == GENERIC_DOMAINS
    assert len(GENERIC_DOMAINS) > 100
    assert not is_generic("acme.example")


@pytest.mark.requirement("R141")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("003dM00001vWOXJ", "003dM00001vWOXJQA4"),
        ("003dM00001vWOXJQA4", "003dM00001vWOXJQA4"),
        (" 003dM00001vWOXJ ", "003dM00001vWOXJQA4"),
        ("001000000000000", "001000000000000AAA"),
        ("123456789012345", "123456789012345"),
        ("00short", "00short"),
    ],
)
def test_a_salesforce_id_of_15_characters_is_that_of_18(value: str, expected: str) -> None:
    assert compared(Compare.ID, value) == expected
