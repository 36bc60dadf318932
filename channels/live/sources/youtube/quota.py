"""How a day's quota of the Data API is made to last for a day's shows. Pure, but for the clock.

What a call costs, in units: `liveChatMessages.list` 5, `liveChatMessages.insert` 20, `videos.list` and `channels.list` 1; a
project has 10,000 a day unless Google gave it more, and a new day begins at midnight Pacific time.
Source: developers.google.com/youtube/v3/determine_quota_cost and the page of each method ("Quota impact").

Reading every `pollingIntervalMillis` (often 5 s or less) spends 10,000 units in under 3 hours, with nothing left to tell.
So the part for reading is spread over the hours that shows take and a tenth more: 10,000 units, 3 hours, three tenths kept
for answers are 7,000 / 5 = 1,400 readings in 3.3 hours, one in 8.5 s, and 3,000 / 20 = 150 answers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.ports import Clock

LIST_COST: Final = 5
INSERT_COST: Final = 20
LOOK_COST: Final = 1
# The day of a quota is one of this zone.
_ZONE: Final = ZoneInfo("America/Los_Angeles")
# A show may take longer by this part of its hours; what is left then is spread over that part again and again, and thins.
_OVERTIME: Final = 0.1
# This part of what is for answers may be spent at once.
_AT_ONCE: Final = 0.1


class Quota:
    """One project's units of the day. Only our own calls are counted, since the service was started.

    The count is not kept over a restart, and other programs may spend from the same project: where Google says that nothing
    is left, that holds (`exhausted`) until the day is over or it is doubted.
    """

    def __init__(self, clock: Clock, units_a_day: int, hours: float, answers_share: float) -> None:
        self._clock = clock
        self._for_answers = units_a_day * answers_share
        self._for_reading = units_a_day - self._for_answers
        self._seconds = hours * 3600
        self._day: date | None = None
        self._began: datetime | None = None
        self._read = 0
        self._answered = 0
        self._exhausted = False

    def read(self, cost: int) -> None:
        """A call for reading was made. The day's show begins with the first that lists messages."""
        self._turn_page()
        self._read += cost
        if cost >= LIST_COST and self._began is None:
            self._began = self._clock.now()

    def answered(self) -> None:
        """A line was sent, whether or not it was taken: Google counts refused calls as well."""
        self._turn_page()
        self._answered += INSERT_COST

    def exhausted(self) -> None:
        """Google says that the day's quota is spent."""
        self._turn_page()
        self._exhausted = True

    def doubted(self) -> None:
        """Google may be asked again: it may have given more. What we planned ourselves stands."""
        self._exhausted = False

    def wait_to_read(self, polling_s: float) -> float | None:
        """Seconds until the next reading: what the platform asks for, longer where the units would not last.

        None where not one reading is left today.
        """
        self._turn_page()
        left = self._for_reading - self._read
        if self._exhausted or left < LIST_COST:
            return None
        remaining = max(self._seconds * (1 + _OVERTIME) - self._elapsed(), self._seconds * _OVERTIME)
        return max(polling_s, LIST_COST * remaining / left)

    def wait_to_answer(self) -> float | None:
        """Seconds until a line may be told, 0 now. None where none may any more today. A tenth of all may go at once."""
        self._turn_page()
        if self._exhausted or self._answered + INSERT_COST > self._for_answers:
            return None
        due = (self._answered + INSERT_COST) / self._for_answers - _AT_ONCE  # the part of the show at which it is earned
        return max(0.0, round(due * self._seconds - self._elapsed(), 3))

    def until_tomorrow(self) -> float:
        """Seconds until the quota is new."""
        here = self._clock.now().astimezone(_ZONE)
        midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), _ZONE)
        return max(1.0, midnight.timestamp() - here.timestamp())  # not `midnight - here`: that leaves out summer time

    def _elapsed(self) -> float:
        return (self._clock.now() - self._began).total_seconds() if self._began is not None else 0.0

    def _turn_page(self) -> None:
        today = self._clock.now().astimezone(_ZONE).date()
        if today != self._day:
            self._day, self._read, self._answered, self._exhausted = today, 0, 0, False
            # a show that goes on past midnight begins anew; one that has not begun yet has no beginning
            self._began = self._clock.now() if self._began is not None else None
