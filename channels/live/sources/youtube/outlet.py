"""`LiveOutlet` of one YouTube stream: a line is a message of the account that tells, within its share of the quota."""

from __future__ import annotations

from typing import Final

import httpx

from bot.errors import ChannelUnavailable, Undeliverable
from bot.live import PublicLine
from channels.live.sources.youtube.api import Api, ChatOver, QuotaSpent, Refused
from channels.live.sources.youtube.quota import Quota
from channels.live.sources.youtube.source import Chat

# The longest message of a live chat, in characters.
LONGEST: Final = 200


class YouTubeOutlet:
    """YouTube knows no id of ours: where an answer to us is lost on its way, a line may stand there twice."""

    def __init__(self, api: Api, chat: Chat, quota: Quota) -> None:
        self._api = api
        self._chat = chat
        self._quota = quota

    async def tell(self, line: PublicLine) -> None:
        """Say it. Raises ChannelUnavailable, where its turn in the quota has not come as well, or Undeliverable.

        Nothing is told before it is known whose words are ours: we would answer ourselves.
        """
        if not self._chat.id:
            raise ChannelUnavailable("there is no open chat")
        wait = self._quota.wait_to_answer()
        if wait is None:
            raise Undeliverable("the day's quota for answers is spent")
        if wait > 0:
            raise ChannelUnavailable("the quota for answers is spread over the show", retry_after=wait)
        if self._chat.own is None:
            self._chat.own = await self._api.own_channel()
        try:
            await self._api.insert(self._chat.id, line.text[:LONGEST])
        except ChatOver as error:
            raise Undeliverable(str(error)) from error
        except QuotaSpent as error:
            raise Undeliverable("the day's quota is spent") from error
        except Refused as error:
            # 401 may heal with the next token, and so may a server of theirs; a text they do not take never will
            if error.retry_after is None and error.status not in _AGAIN and not httpx.codes.is_server_error(error.status):
                raise Undeliverable(str(error)) from error
            raise


_AGAIN: Final = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.REQUEST_TIMEOUT})
