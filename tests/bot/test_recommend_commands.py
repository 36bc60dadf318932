"""`streamdesk recommend`: what it takes for a person."""

from __future__ import annotations

import pytest

from bot.errors import BadInput
from bot.recommend_commands import need_of
from bot.types import Language


def test_a_person_is_a_customer_or_a_sender_at_a_channel() -> None:
    assert need_of("C0001", "", Language.EN).person == "customer:C0001"
    sender = need_of("web:a:b", "a lamp", Language.EN)
    assert (sender.person, sender.customer_id, sender.text) == ("sender:web:a:b", None, "a lamp")


@pytest.mark.parametrize("user", ["", ":abc", "web:"])
def test_nobody_is_no_person(user: str) -> None:
    with pytest.raises(BadInput, match="--user"):
        need_of(user, "", Language.EN)
