"""The months in English, as they are shown and said. (`calendar.month_name` speaks the machine's locale.)"""

from __future__ import annotations

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
