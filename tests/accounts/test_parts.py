from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone

from accounts.paging import KeysetPage
from accounts.vocabulary import STATES


def drawn(source: str, address: str = "/", **values: object) -> str:
    context = RequestContext(RequestFactory().get(address), values)
    return Template("{% load console %}" + source).render(context)


@pytest.mark.parametrize("state", STATES)
def test_lamp_has_class_icon_and_word(state: str) -> None:
    light = drawn("{% lamp state %}", state=state)

    assert f'class="lamp {STATES[state].css}"' in light
    assert f"#{STATES[state].icon}" in light
    assert str(STATES[state].word) in light


def test_lamp_says_the_lag_and_another_word() -> None:
    light = drawn('{% lamp "ok" "3 min behind" word="Workers alive" boxed=True %}')

    assert 'class="lamp is-ok boxed"' in light
    assert 'Workers alive <span class="lag">3 min behind</span>' in light


def test_lamp_turns_only_while_running() -> None:
    assert 'class="i spin"' in drawn('{% lamp "run" %}')
    assert "spin" not in drawn('{% lamp "ok" %}')


def test_diff_speaks_before_and_after() -> None:
    shown = drawn("{% diff before after %}", before="Tom", after="Lena")

    assert 'class="diff"' in shown
    assert "before: </span>Tom</del>" in shown
    assert "after: </span>Lena</ins>" in shown


@pytest.mark.parametrize("after", ["", None, []])
def test_diff_of_an_erasure_keeps_the_old_value(after: object) -> None:
    shown = drawn("{% diff before after %}", before="Legacy contract", after=after)

    assert 'class="diff erase"' in shown
    assert "erases: </span>Legacy contract</del>" in shown
    assert "empty</ins>" in shown


@pytest.mark.parametrize("blank", [0, False, Decimal(0)])
def test_diff_to_zero_or_no_is_no_erasure(blank: object) -> None:
    assert "erase" not in drawn("{% diff before after %}", before="1", after=blank)


def test_diff_shows_hostile_text_as_text() -> None:
    assert "<img" not in drawn("{% diff before after %}", before="<img src=x>", after="<img src=y>")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        ("", "empty"),
        (True, "yes"),
        (False, "no"),
        (date(2026, 1, 31), "31 Jan 2026"),
        (["a", "b"], "a, b"),
        ("Run", "Run"),
    ],
)
def test_said_reads_like_a_person(value: object, text: str) -> None:
    assert drawn("{{ value|said }}", value=value) == text


def test_count_groups_digits() -> None:
    assert drawn("{{ n|count }}", n=1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=4), "4 s ago"),
        (timedelta(minutes=3), "3\xa0minutes ago"),
        (timedelta(hours=5), "5\xa0hours ago"),
    ],
)
def test_ago_is_relative_up_to_a_day(before: timedelta, text: str) -> None:
    assert f">{text}</time>" in drawn("{{ at|ago }}", at=timezone.now() - before)


def test_ago_is_a_date_after_a_day_and_keeps_the_exact_time() -> None:
    moment = datetime(2026, 1, 31, 8, 5, 9, tzinfo=timezone.get_current_timezone())

    shown = drawn("{{ at|ago }}", at=moment)

    assert ">31 Jan 2026, 08:05</time>" in shown
    assert 'datetime="2026-01-31T08:05:09+00:00"' in shown
    assert 'title="31 Jan 2026, 08:05:09"' in shown


def test_ago_never_happened() -> None:
    assert drawn("{{ at|ago }}", at=None) == "never"


def test_sort_header_turns_around_and_keeps_the_filters() -> None:
    head = drawn('{% sort_header "name" "Name" %}', "/?q=a%26b&sort=name&page=3")

    assert 'aria-sort="ascending"' in head
    assert 'href="?q=a%26b&amp;sort=-name"' in head


def test_sort_header_of_another_column_has_no_order() -> None:
    head = drawn('{% sort_header "role" "Role" %}', "/?sort=-name")

    assert "aria-sort" not in head
    assert 'href="?sort=role"' in head


def test_sort_header_knows_the_default() -> None:
    assert 'aria-sort="descending"' in drawn('{% sort_header "at" "Time" %}', default_sort="-at")


def test_pager_by_key_keeps_the_filters() -> None:
    shown = drawn("{% pager page %}", "/?q=x&before=9", page=KeysetPage(rows=[1], older="3", newer="7"))

    assert 'href="?q=x&amp;before=3"' in shown
    assert 'href="?q=x&amp;after=7"' in shown


def test_pager_by_number_says_which_rows() -> None:
    shown = drawn("{% pager page %}", "/?q=x", page=Paginator(range(1230), 50).page(2))

    assert "Rows 51 to 100 of 1,230" in shown
    assert '<a href="?q=x&amp;page=2" aria-current="page" class="strong">2</a>' in shown


def test_pager_of_a_single_page_is_silent() -> None:
    assert drawn("{% pager page %}", page=KeysetPage(rows=[], older=None, newer=None)).strip() == ""


def test_stat_names_the_state() -> None:
    cell = drawn('{% stat "Errors" "14" "3 causes" "bad" %}')

    assert '<div class="is-bad"><dt>' in cell
    assert "<dd>14</dd><dd>3 causes</dd>" in cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("north.marlowe-logistics.example", "north.<wbr>marlowe-logistics.<wbr>example"),
        ("ada@marlowe-logistics.example", "ada@<wbr>marlowe-logistics.<wbr>example"),
        ("https://a.example/<b>/customers", "https://<wbr>a.<wbr>example/&lt;b&gt;/<wbr>customers"),
        ("short.example", "short.example"),
        (Decimal("12345678901234567.5"), "12,345,678,901,234,567.5"),
        (None, "empty"),
    ],
)
def test_long_address_breaks_where_a_reader_would(value: object, shown: str) -> None:
    assert drawn("{{ value|said }}", value=value) == shown


class ManyFilters(forms.Form):
    q = forms.CharField(required=False)
    stage = forms.ChoiceField(required=False, choices=[("", "Any"), ("run", "Run")])
    day = forms.DateField(required=False)


@pytest.mark.parametrize(("asked", "said"), [({"q": "x"}, "Filters</button>"), ({"stage": "run"}, "Filters: 1 set</b")])
def test_filters_that_fold_say_how_many_are_set(asked: dict[str, str], said: str) -> None:
    form = drawn('{% include "parts/filters.html" %}', form=ManyFilters(asked), label="Find")

    assert said in form
    assert form.count('<div class="other">') == 2
    assert "unfolded" not in form


def test_filter_that_is_not_understood_is_never_folded() -> None:
    form = drawn('{% include "parts/filters.html" %}', form=ManyFilters({"day": "soon"}), label="Find")

    assert 'class="filters unfolded"' in form


def test_two_filters_do_not_fold() -> None:
    class Two(forms.Form):
        q = forms.CharField(required=False)
        role = forms.CharField(required=False)

    assert "data-unfold" not in drawn('{% include "parts/filters.html" %}', form=Two(), label="Find")
