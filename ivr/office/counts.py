"""The pages of team leaders on who is helped and who is failed. What is passed on from them is rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template

from ivr.content.places import places
from ivr.office.access import may
from ivr.office.charts import bar, stacked, swatch
from ivr.office.counts_shown import Share, ShownCounts
from ivr.office.dates import Dates, language_name
from ivr.office.words import interface, t, words
from ivr.records.counted import Counts
from ivr.records.counts import (
    EMERGENCY,
    FAILED,
    HAPPENINGS,
    KEPT_MONTHS,
    NONE,
    RINGING_SECONDS,
    Figures,
    Period,
    first_kept,
)
from ivr.records.counts_csv import as_csv
from ivr.records.faults import RecordsFault
from ivr.records.rounding import NotKept, NotOver, is_complete, published


class Line(Protocol):
    """What the pages must know of the line whose calls are counted."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the office."""

    @property
    def languages(self) -> Mapping[str, tuple[str, str]]:
        """Offered language -> its own name and its direction."""

    @property
    def open_hours(self) -> frozenset[tuple[int, int]]:
        """Weekday (Monday is 0) and hour in which the phone is usually open, wholly or for a part."""


def counts_pages(counts: Counts, line: Line, now: Callable[[], datetime]) -> Blueprint:
    """The pages as a blueprint; `now`: the time."""
    pages = Blueprint("counts", __name__)
    view = _CountsViews(counts, line, now)

    @pages.get("/counts")
    @may("leader")
    def latest() -> Any:
        """The month that is not over, or the last one with calls."""
        return view.page(view.latest())

    @pages.get("/counts/<period>")
    @may("leader")
    def one(period: str) -> Any:
        """A month or a year, in exact numbers."""
        return view.page(view.period(period))

    @pages.get("/counts/<period>/print")
    @may("leader")
    def to_print(period: str) -> Any:
        """The page to print and pass on."""
        return view.to_print(view.period(period))

    @pages.get("/counts/<period>.csv")
    @may("leader")
    def table(period: str) -> Any:
        """The same numbers for a spreadsheet."""
        return view.table(view.period(period))

    return pages


class _CountsViews:
    def __init__(self, counts: Counts, line: Line, now: Callable[[], datetime]) -> None:
        self._counts, self._line, self._now = counts, line, now

    def latest(self) -> Period:
        this = self._today().replace(day=1)
        months = [month for month in self._counts.months() if month <= this]
        return Period(months[-1] if months else this)

    def period(self, written: str) -> Period:
        """404 if it is none, or has not begun."""
        period = Period.read(written)
        if period is None or period.first > self._today():
            abort(404)
        return period

    def page(self, period: Period) -> str:
        months, today = self._counts.months(), self._today()
        # What may be passed on of a year begins with its first month that was counted.
        first = Period(next((month for month in months if period.first <= month < period.end), period.first))
        return self._render(
            "counts.html",
            self._counts.figures(period),
            is_over=period.end <= today,
            may_be_shown=is_complete(first, self._here()),
            is_kept=self._is_kept(period),
            since=self._dates().bare(first.end + timedelta(days=1)),
            around=(around := _around(period, months)),
            compared=ShownCounts(self._counts.figures(around[0])) if around[0] else None,
            months=[Period(month) for month in reversed(months)],
            years=[Period(date(year, 1, 1), 12) for year in sorted({month.year for month in months}, reverse=True)],
        )

    def to_print(self, period: Period) -> Any:
        figures = self._published(period)
        if isinstance(figures, str):
            return figures, 404
        return self._render("counts_print.html", figures, up_to=self._up_to(period))

    def table(self, period: Period) -> Any:
        figures = self._published(period)
        if isinstance(figures, str):
            return figures, 404
        response = Response(as_csv(figures), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="counts-{period}.csv"'
        return response

    def _published(self, period: Period) -> Figures | str:
        """What may be passed on of a period; else a page that says why there is nothing."""
        since, is_kept = "", True
        try:
            return published(self._counts, period, self._here())
        except NotOver as error:
            since = self._dates().bare(error.since.date())
        except NotKept:
            is_kept = False
        except RecordsFault:
            self._counts.months()  # the fault again, where the records cannot be reached; else nothing was counted
        title = _title(period, self._dates())
        return render_template(
            "counts_not_shown.html", title=title, since=since, is_kept=is_kept, kept_months=KEPT_MONTHS, period=period
        )

    def _render(self, template: str, figures: Figures, **more: Any) -> str:
        dates, own_names = self._dates(), self._line.languages

        def language(code: str) -> str:
            own = own_names[code][0] if code in own_names else code
            return t("no_language") if code == NONE else language_name(code) or own

        return render_template(
            template,
            shown=ShownCounts(figures),
            period=figures.period,
            title=_title(figures.period, dates),
            title_of=lambda period: _title(period, dates),
            month_name=dates.month_name,
            weekday=dates.weekday,
            weekday_name=dates.weekday_name,
            language=language,
            place=_place,
            matter=_matter,
            all_calls=lambda _: t("column_all"),
            share=_share,
            rounded_to=_rounded_to,
            bar=bar,
            stacked=stacked,
            swatch=swatch,
            failed_ends=FAILED,
            happenings=HAPPENINGS,
            bounds=RINGING_SECONDS,
            open_hours=self._line.open_hours,
            kept_months=KEPT_MONTHS,
            **more,
        )

    def _is_kept(self, period: Period) -> bool:
        """Whether nothing of it is deleted by now."""
        return period.first >= first_kept(self._today())

    def _up_to(self, period: Period) -> Period | None:
        """The last month that is shown of a year that is not over."""
        if period.months == 1 or is_complete(period, self._here()):
            return None
        months = [Period(date(period.first.year, month, 1)) for month in range(1, 13)]
        return [month for month in months if is_complete(month, self._here())][-1]

    def _today(self) -> date:
        return self._here().date()

    def _here(self) -> datetime:
        return self._now().astimezone(self._line.zone)

    def _dates(self) -> Dates:
        return Dates(self._now(), self._line.zone)


def _around(period: Period, months: tuple[date, ...]) -> tuple[Period | None, Period | None]:
    """The periods of the same length before and after, that have counts."""
    firsts = sorted({month if period.months == 1 else date(month.year, 1, 1) for month in months})
    earlier = [first for first in firsts if first < period.first]
    later = [first for first in firsts if first >= period.end]
    return (Period(earlier[-1], period.months) if earlier else None, Period(later[0], period.months) if later else None)


def _title(period: Period, dates: Dates) -> str:
    return dates.month(period.first) if period.months == 1 else t("year_heading", year=period.first.year)


def _share(part: Share) -> str:
    """How many of how many: as a percentage only of calls enough for one."""
    return t("percent", percent=part.percent) if part.is_share else t("some_of", part=part.part, whole=part.whole)


def _place(node: str) -> str:
    """Where in a call a node is, in words; a node that only this site has is shown by its own name."""
    if node in (EMERGENCY, ""):
        return t("place_emergency" if node else "place_gone")
    return places(interface()).get(node) or node


def _matter(name: str) -> str:
    return t(f"matter_{name}") if f"matter_{name}" in words(interface()) else name


def _rounded_to(nearest: int) -> str:
    """To what every number is rounded: to five, or to more where five would tell too much."""
    known = f"nearest_{nearest}" in words(interface())
    return t("rounded_to", nearest_words=t(f"nearest_{nearest}") if known else nearest)
