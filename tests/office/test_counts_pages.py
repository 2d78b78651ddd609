"""Who is helped and who is failed, as team leaders read it: exact on their page, rounded where it is passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from html.parser import HTMLParser
from typing import TypeVar

import pytest

from ivr.core.content import Content
from ivr.office.app import create_office
from ivr.office.charts import bar, stacked
from ivr.office.counts import counts_pages
from ivr.office.counts_shown import ShownCounts
from ivr.office.words import words
from ivr.records.counts import Figures, Period, Row
from ivr.records.counts_csv import as_csv
from ivr.records.faults import RecordsFault
from ivr.records.people import People
from ivr.records.rounding import published
from ivr.settings.office import OfficeSettings
from tests.office.conftest import ANNA, BEA, START, Clock, Office
from tests.office.counted import LANGUAGES, Counted, TheLine, full_month, one_month

NOVEMBER, OCTOBER, MARCH = date(2026, 11, 1), date(2026, 10, 1), date(2025, 3, 1)
Value = TypeVar("Value")
MARKUP = "<b onclick=x>'\"&{{7*7}}"
FAILED_BY_LANGUAGE, WAITS, HOURS, PLACES = "languages_caption", "waits_caption", "hours_caption", "hang_ups_caption"
AUTUMN = one_month(
    OCTOBER,
    {
        "fi": {"reached": 31, "informed": 5, "unanswered": 3, "hung_up_ringing": 1, "met_closed": 7},
        "so": {"reached": 6, "unanswered": 4, "hung_up_early": 2, "pressed_nothing": 3, "pressed_nothing_reached": 2},
        "sw": {"reached": 1, "unanswered": 3, "urgent_by_waiting": 4, "urgent_unanswered": 3, "emergency": 1},
        "none": {"hung_up_early": 9},
    },
    {"guidance": {"reached": 38, "unanswered": 10, "hung_up_ringing": 1}, "none": {"informed": 5, "hung_up_early": 11}},
    {(0, 9): {"reached": 20, "unanswered": 8}, (4, 9): {"reached": 3, "hung_up_early": 2}, (6, 23): {"informed": 5}},
    {"main_open": 8, "own_branch": 3, "emergency": 2, "": 1},
    {"fi": (5, 20, 10, 0, 0), "so": (0, 1, 5, 4, 2), "sw": (0, 0, 0, 1, 3)},
)


@dataclass
class Tables(HTMLParser):
    """The tables of a page: caption -> rows of texts, as a screen reader has them."""

    page: str
    found: dict[str, list[list[str]]] = field(default_factory=dict)
    _rows: list[list[str]] = field(default_factory=list)
    _in: str = ""
    _caption: str = ""
    _hidden: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden or dict(attrs).get("aria-hidden") == "true":
            self._hidden += tag not in ("rect",)
        elif tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td", "caption"):
            self._in = tag
            if tag != "caption":
                self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= tag not in ("rect",)
        elif tag == "table":
            self.found[self._caption] = self._rows
        elif tag == self._in:
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._in == "caption":
            self._caption += data
        elif self._in:
            self._rows[-1][-1] += data.strip()


def table(page: str, caption: str, **slots: object) -> list[list[str]]:
    """The rows of a table below its head; `caption`: the key of its words."""
    return Tables(page).found[words("fi")[caption].format(**slots)][1:]


def main_of(page: str) -> str:
    """What is read on a page, without its frame."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


@pytest.fixture
def anna(office: Office, counted: Counted) -> Office:
    """An office whose line has counted an October."""
    counted.by_month[OCTOBER] = AUTUMN
    return office


def page_of(office: Office, path: str, status: int = 200) -> str:
    answer = office.browser_of(ANNA).get(path)
    assert answer.status_code == status
    return answer.text


# --- the exact page ---------------------------------------------------------------------------------------------------


def test_the_headline_says_how_many_were_helped_and_how_many_failed(anna: Office) -> None:
    page = main_of(page_of(anna, "/counts/2026-10"))
    assert "65 puhelusta 38 tavoitti ihmisen, 5 sai tiedon, jota kysyi, ja 22 jäi ilman apua." in page
    assert words("fi")["until_now_month"] not in page
    assert table(page_of(anna, "/counts/2026-10"), "ways_caption", failed=22) == [
        ["Puhelin soi, eikä kukaan vastannut", "10", ""],
        ["Lopetti ennen kuin puhelin soi", "11", ""],
        ["Lopetti puhelimen soidessa", "1", ""],
    ]


def test_who_is_failed_stands_first_and_fewer_than_ten_calls_have_no_percentage(anna: Office) -> None:
    page = page_of(anna, "/counts/2026-10")
    assert table(page, FAILED_BY_LANGUAGE) == [
        ["suahili", "4", "3", "3 / 4", ""],
        ["somali", "12", "6", "50 %", ""],
        ["suomi", "40", "4", "10 %", ""],
        ["Kieltä ei valittu", "9", "9", "9 / 9", ""],
    ], "none was chosen stands last: it is no language"
    assert page.index(words("fi")["section_failed"]) < page.index(words("fi")["section_hours"])


def test_the_longest_wait_stands_first(anna: Office) -> None:
    rows = [row for row in table(page_of(anna, "/counts/2026-10"), WAITS) if row]
    assert rows == [
        ["suahili", "0", "0", "0", "1", "3", "4 / 4"],
        ["somali", "0", "1", "5", "4", "2", "50 %"],
        ["suomi", "5", "20", "10", "0", "0", "0 %"],
    ]


def test_each_hour_with_calls_is_told_in_words_and_shaded_by_how_many_were_failed(anna: Office) -> None:
    page = page_of(anna, "/counts/2026-10")
    assert table(page, HOURS) == [
        ["9–10", "8 / 28, puhelinpalvelu auki", "", "", "", "2 / 5, puhelinpalvelu auki", "", ""],
        ["23–24", "", "", "", "", "", "", "0 / 5"],
    ]
    assert re.findall(r'class="shade-(\d)(?: open)?"><span', page) == ["4", "1", "0"]


def test_places_have_the_words_of_the_line_and_others_their_own_name(anna: Office) -> None:
    assert table(page_of(anna, "/counts/2026-10"), PLACES) == [
        ["Päävalikko, kun puhelin on auki", "8", ""],
        ["own_branch", "3", ""],
        ["Hätätiedotteen aikana", "2", ""],
        ["Kohta, jota puhelinlinjassa ei enää ole", "1", ""],
    ]


def test_every_outcome_stands_by_matter_and_by_language(anna: Office) -> None:
    page = page_of(anna, "/counts/2026-10")
    matters, languages = table(page, "matters_caption"), table(page, "by_language_caption")
    assert matters[0] == ["Kaikki puhelut", "49", "16"]
    assert languages[0] == ["Kaikki puhelut", "40", "12", "9", "4"]
    assert ["Päivystys ei vastannut, vaikka joku ehkä vastasi myöhemmin", "0", "0", "0", "3"] in languages
    assert len(languages) == len(matters) == 13
    also = dict(row for row in table(page, "also_caption"))
    assert (also["Ei painanut mitään"], also["Päivystys ei vastannut, vaikka joku ehkä vastasi myöhemmin"]) == (
        "3",
        "3",
    )


def test_a_year_has_its_months(anna: Office, counted: Counted) -> None:
    counted.by_month[NOVEMBER] = one_month(NOVEMBER, {"fi": {"reached": 1, "unanswered": 1}})
    page = page_of(anna, "/counts/2026")
    assert table(page, "months_caption") == [
        ["lokakuu", "65", "38", "5", "22", ""],
        ["marraskuu", "2", "1", "0", "1", ""],
    ]
    assert words("fi")["until_now_year"] in page
    assert 'href="/counts/2026-10"' in page


def test_it_begins_with_the_month_that_is_not_over_else_the_last_one_with_calls(anna: Office, counted: Counted) -> None:
    assert "<h1>Ketä autettiin: lokakuu 2026</h1>" in page_of(anna, "/counts")
    counted.by_month[NOVEMBER] = one_month(NOVEMBER, {"fi": {"reached": 1}})
    page = page_of(anna, "/counts")
    assert "<h1>Ketä autettiin: marraskuu 2026</h1>" in page
    assert words("fi")["until_now_month"] in page
    assert words("fi")["nobody_failed"] in page
    assert "Of 1 call, 1 reached" in page_of(anna, "/counts?ui=en")


def test_no_calls_are_said_with_what_could_be_the_reason(office: Office) -> None:
    page = page_of(office, "/counts")
    assert words("fi")["no_calls"] in page
    assert "IVR_COUNTS" in page
    assert "IVR_DATABASE_URL" in page
    assert "/print" not in page


@pytest.mark.parametrize("period", ["2026-12", "2027", "2026-13", "2026-1", "26", "1999", "2026-10-01", "x", MARKUP])
def test_what_is_no_period_or_has_not_begun_is_not_there(anna: Office, period: str) -> None:
    for path in (f"/counts/{period}", f"/counts/{period}/print", f"/counts/{period}.csv"):
        assert words("fi")["error_404"] in page_of(anna, path, 404)


def test_only_leaders_are_led_there(anna: Office) -> None:
    assert 'href="/counts"' in page_of(anna, "/me")
    assert "/counts" not in anna.browser_of(BEA).get("/me").text


def test_names_are_shown_and_never_done(office: Office, counted: Counted) -> None:
    counted.by_month[OCTOBER] = one_month(
        OCTOBER,
        {MARKUP: {"hung_up_early": 60}, "tl": {"reached": 12}},
        {MARKUP: {"hung_up_early": 60, "reached": 12}},
        hang_ups={MARKUP: 60},
        ringing={MARKUP: (0, 0, 0, 0, 12)},
    )
    exact, rounded = page_of(office, "/counts/2026-10"), page_of(office, "/counts/2026-10/print")
    for page in (exact, rounded):
        assert "<b onclick" not in page
        assert page.count("&lt;b onclick=x&gt;") >= 4
    assert "Tagalog" in exact, "a language that the pages do not know has its own name"


def test_where_the_records_cannot_be_reached_that_is_told(
    people: People, settings: OfficeSettings, clock: Clock
) -> None:
    class Down(Counted):
        def months(self) -> tuple[date, ...]:
            raise RecordsFault("they are down", "wait")

    office = Office(create_office(people, settings, clock, [counts_pages(Down(), TheLine(), clock)]), people, clock)
    for path in ("/counts", "/counts/2026-10/print", "/counts/2026-10.csv"):
        assert words("fi")["error_records"] in page_of(office, path, 503)


# --- what is passed on ------------------------------------------------------------------------------------------------


def test_the_page_to_pass_on_has_rounded_numbers_only(office: Office, counted: Counted, content: Content) -> None:
    exact = full_month(OCTOBER, list(content.flow.nodes))
    counted.by_month[OCTOBER] = exact
    page = page_of(office, "/counts/2026-10/print")
    shown = published(counted, Period(OCTOBER), START)
    assert words("fi")["nearest_5"] in main_of(page)
    assert "<nav" not in page
    assert "lokakuu 2026 · Kemin neuvontapuhelin</title>" in page
    tables = Tables(page).found
    numbers = [int(cell) for rows in tables.values() for row in rows for cell in row[1:] if cell.isdigit()]
    assert len(numbers) > 300
    assert {number % shown.nearest for number in numbers} == {0}
    hours = [re.findall(r"\d+", cell) for row in table(page, HOURS) for cell in row[1:]]
    assert {int(number) % shown.nearest for cell in hours for number in cell} == {0}
    assert {count % shown.nearest for row in exact.by_language.values() for count in row.values()} != {0}
    assert f" {ShownCounts(shown).failed} jäi ilman apua" in main_of(page)


def test_the_table_to_pass_on_is_the_rounded_one(anna: Office, counted: Counted) -> None:
    answer = anna.browser_of(ANNA).get("/counts/2026-10.csv")
    assert answer.text == as_csv(published(counted, Period(OCTOBER), START))
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv",
        'attachment; filename="counts-2026-10.csv"',
    )


@pytest.mark.parametrize("end", ["/print", ".csv"])
def test_a_month_is_passed_on_from_a_day_after_its_end(office: Office, counted: Counted, end: str) -> None:
    counted.by_month[NOVEMBER] = one_month(NOVEMBER, {"fi": {"reached": 41}})
    for moment in (START, datetime(2026, 12, 1, 23, 59, tzinfo=START.tzinfo)):
        office.clock.time = moment
        page = page_of(office, f"/counts/2026-11{end}", 404)
        assert words("fi")["passed_on_from"].format(since="2.12.2026") in page
        assert "41" not in main_of(page)
        assert f"/counts/2026-11{end}" not in page_of(office, "/counts/2026-11")
    office.clock.time = datetime(2026, 12, 2, tzinfo=START.tzinfo)
    assert "40" in page_of(office, f"/counts/2026-11{end}")
    assert f'href="/counts/2026-11{end}"' in page_of(office, "/counts/2026-11")


def test_of_a_year_that_is_not_over_the_months_that_are_stand_on_the_page(office: Office, counted: Counted) -> None:
    counted.by_month = {month: one_month(month, {"fi": {"reached": 41}}) for month in (OCTOBER, NOVEMBER)}
    page = page_of(office, "/counts/2026/print")
    assert table(page, "months_caption") == [["lokakuu", "40", "40", "0", "0", ""]]
    assert words("fi")["up_to"].format(month="lokakuu 2026") in page
    assert words("fi")["section_hours"] not in page


@pytest.mark.parametrize("end", ["/print", ".csv"])
def test_of_the_year_in_which_counting_began_the_first_month_is_waited_for(
    office: Office, counted: Counted, end: str
) -> None:
    counted.by_month[NOVEMBER] = one_month(NOVEMBER, {"fi": {"reached": 41}})
    told = words("fi")["passed_on_from"].format(since="2.12.2026")
    assert told in page_of(office, f"/counts/2026{end}", 404)
    exact = page_of(office, "/counts/2026")
    assert told in exact
    assert f"/counts/2026{end}" not in exact


@pytest.mark.parametrize("end", ["/print", ".csv"])
def test_what_was_never_counted_is_not_passed_on(anna: Office, end: str) -> None:
    assert words("fi")["no_calls"] in page_of(anna, f"/counts/2025-03{end}", 404)


@pytest.mark.parametrize("deleted", [True, False])
def test_what_is_partly_deleted_is_told_and_not_passed_on(office: Office, counted: Counted, deleted: bool) -> None:
    """A year that loses a month each month would tell each of them, and be read as a whole one."""
    office.clock.time = datetime(2028, 5, 3, tzinfo=START.tzinfo)
    kept = [5, 6] if deleted else [3, 5, 6]
    counted.by_month = {date(2026, each, 1): one_month(date(2026, each, 1), {"fi": {"reached": 41}}) for each in kept}
    gone = words("fi")["no_calls_gone"].format(months=24)
    for end in ("/print", ".csv"):
        for period in ("2026", "2026-03"):
            page = main_of(page_of(office, f"/counts/{period}{end}", 404))
            assert gone in page
            assert words("fi")["no_calls"] not in page
        assert "40" in page_of(office, f"/counts/2026-05{end}")
    year = page_of(office, "/counts/2026")
    assert gone in main_of(year)
    assert "/print" not in year
    assert gone not in main_of(page_of(office, "/counts/2026-05"))


def test_what_is_rounded_to_nothing_is_not_told_as_nobody(office: Office, counted: Counted) -> None:
    counted.by_month[OCTOBER] = one_month(
        OCTOBER, {"fi": {"informed": 41, "unanswered": 2}}, hang_ups={"main_open": 2}, ringing={"fi": (2, 0, 0, 0, 0)}
    )
    page, says = main_of(page_of(office, "/counts/2026-10/print")), words("fi")
    assert says["hang_ups_few"] in page
    assert says["waits_few"] in page
    assert says["hang_ups_none"] not in page
    assert says["waits_none"] not in page


def test_of_rounded_numbers_a_percentage_takes_more_calls(office: Office, counted: Counted) -> None:
    """Of 10 calls, each number of which is off by up to 2, 0 % could be 40."""
    counted.by_month[OCTOBER] = one_month(
        OCTOBER,
        {"fi": {"reached": 60, "unanswered": 20}, "so": {"reached": 38, "unanswered": 1, "hung_up_early": 2}},
        ringing={"so": (0, 0, 30, 0, 2), "fi": (60, 0, 0, 0, 20)},
    )
    page = page_of(office, "/counts/2026-10/print")
    assert [row[:4] for row in table(page, "languages_caption_rounded")] == [
        ["suomi", "80", "20", "25 %"],
        ["somali", "40", "5", "5 / 40"],
    ]
    assert {len(row) for row in table(page, "waits_caption_rounded") if row} == {7}, "no share of rounded parts"
    assert words("fi")["few_rounded"].format(few=50) in main_of(page)
    assert words("fi")["hours_how"] not in page
    assert "7 %" in page_of(office, "/counts/2026-10")


def test_sums_are_rounded_by_themselves(office: Office, counted: Counted) -> None:
    """2 + 2 + 2 callers without help are 6, and shown as 5 though each of the three is shown as 0."""
    few: Row = {"unanswered": 2, "hung_up_early": 2, "hung_up_ringing": 2}
    counted.by_month[OCTOBER] = one_month(OCTOBER, {"fi": {"reached": 41, **few}})
    page = main_of(page_of(office, "/counts/2026-10/print"))
    assert "45 puhelusta 40 tavoitti ihmisen, 0 sai tiedon, jota kysyi, ja 5 jäi ilman apua." in page
    assert words("fi")["rounded_alone"] in page
    so_far = main_of(page_of(office, "/counts/2026/print"))
    assert words("fi")["rounded_year"] in so_far


def test_hardly_any_calls_are_no_numbers(office: Office, counted: Counted) -> None:
    counted.by_month[OCTOBER] = one_month(OCTOBER, {"fi": {"reached": 1, "unanswered": 1}})
    page = page_of(office, "/counts/2026-10/print")
    assert words("fi")["hardly_any_calls"] in page
    assert not Tables(page).found


# --- charts -----------------------------------------------------------------------------------------------------------


def test_the_parts_of_a_chart_make_up_the_whole() -> None:
    drawn = stacked({"reached": 5, "informed": 0, "failed": 15})
    assert re.findall(r'class="part (\w+)" x="([\d.]+)%" width="([\d.]+)%"', drawn) == [
        ("reached", "0.00", "25.00"),
        ("failed", "25.00", "75.00"),
    ]
    assert drawn.count("url(#hatch)") == 1
    assert "style" not in drawn
    assert 'aria-hidden="true"' in drawn
    assert 'width="30.00%"' in bar(3, 10, "some")
    assert (stacked({"reached": 0}), bar(0, 0, "failed")) == ("", "")


def test_the_order_does_not_depend_on_how_rows_were_read() -> None:
    def backwards(rows: Mapping[str, Value]) -> dict[str, Value]:
        return dict(reversed(list(rows.items())))

    def turned(figures: Figures) -> Figures:
        return one_month(
            OCTOBER,
            backwards(figures.by_language),
            backwards(figures.by_matter),
            hang_ups=backwards(figures.hang_ups),
            ringing=backwards(figures.ringing),
        )

    figures = full_month(OCTOBER, [*"edcba"])
    one, other = ShownCounts(figures), ShownCounts(turned(figures))
    assert one.languages == other.languages
    assert one.waits == other.waits
    assert one.hang_ups == other.hang_ups
    assert one.by_language == other.by_language
    assert set(one.by_language.columns) == set(LANGUAGES)
