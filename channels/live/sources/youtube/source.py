"""`LiveSource` of one YouTube stream: finds its chat, reads page by page as the quota allows, and goes on where it was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.backoff import backoff
from bot.errors import ChannelUnavailable
from bot.live import Health, Inlet
from bot.ports import Clock
from channels.live.sources.bringing import Unreadable, bring
from channels.live.sources.youtube.api import Api, ChatOver, Page, QuotaSpent, Refused
from channels.live.sources.youtube.quota import Quota
from channels.live.sources.youtube.reading import ENDED, author, kind, read

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. A stream without a chat is looked for again after `no_chat`, growing to `no_chat_last`.

    Where the quota is spent, it is tried again after `asks`: the merchant may have been given more meanwhile.
    Of the history that comes with the first page, what is older than `history` is left: nobody waits for it any more.
    """

    first_wait: float = 1.0
    last_wait: float = 60.0
    no_chat: float = 15.0
    no_chat_last: float = 300.0
    asks: float = 1800.0
    history: float = 300.0
    polling: float = 1.0


@dataclass(slots=True)
class Chat:
    """What source and outlet share: the id of the chat while it is open, and our own channel, None as long as unknown."""

    id: str = ""
    own: str | None = None


class YouTube:
    """One stream. YouTube numbers nothing, but goes on from a token: what was said while we were away comes late.

    What is older than the platform's own short history is gone then, and how much that is nobody knows; so no number of
    lost ones is shown.
    """

    def __init__(self, api: Api, video: str, chat: Chat, *, quota: Quota, clock: Clock, pace: Pace | None = None) -> None:
        self.health = Health()
        self._api = api
        self._video = video
        self._chat = chat
        self._quota = quota
        self._clock = clock
        self._pace = pace or Pace()
        self._token = ""
        self._resumed = ""
        self._failures = 0
        self._missing = 0

    async def run(self, inlet: Inlet) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._listen(inlet)
            except QuotaSpent:
                self.health.broke("the day's quota is spent; it is new at midnight Pacific time")
                await asyncio.sleep(min(self._quota.until_tomorrow(), self._pace.asks))
                self._quota.doubted()
            except ChatOver as error:
                self._missing += 1
                self._away(str(error))
                await asyncio.sleep(backoff(self._missing, self._pace.no_chat, self._pace.no_chat_last))
            except ChannelUnavailable as error:
                self._failures += 1
                self._away(str(error))
                wait = backoff(self._failures, self._pace.first_wait, self._pace.last_wait)
                await asyncio.sleep(max(wait, error.retry_after or 0))

    def _away(self, error: str) -> None:
        self.health.broke(error)
        log.warning("youtube.away", error=error, failures=self._failures or self._missing)

    async def _listen(self, inlet: Inlet) -> None:
        """One chat, until it is over or does not answer. A token holds for the chat that gave it. Raises as `Api` does."""
        await self._who_tells()
        chat = await self._api.chat_of(self._video)
        if chat != self._resumed:
            self._resumed, self._token = chat, ""
        self._chat.id = chat
        try:
            while True:
                if self._quota.wait_to_read(0) is None:
                    raise QuotaSpent(0, "here", "no reading is left of what was planned")
                page = await self._page(chat)
                self._failures = self._missing = 0
                if self.health.connected_at is None:
                    self.health.connected(self._clock.now())
                await self._take(page, inlet)
                await asyncio.sleep(self._quota.wait_to_read(max(page.wait_s, self._pace.polling)) or 0)
        finally:
            self._chat.id = ""

    async def _who_tells(self) -> None:
        """Which channel is ours. Reading needs no account that tells: where that fails, the outlet asks before it tells."""
        if self._chat.own is None:
            try:
                self._chat.own = await self._api.own_channel()
            except ChannelUnavailable as error:
                log.warning("youtube.teller_unknown", error=str(error))

    async def _page(self, chat: str) -> Page:
        """Raises as `Api.messages` does; where the token is none any more, what the platform still has."""
        try:
            return await self._api.messages(chat, self._token)
        except Refused as error:
            if error.reason not in {"pageTokenInvalid", "invalidPageToken"} or not self._token:
                raise
            log.warning("youtube.token_is_old", error=str(error))
            self._token = ""
            return await self._api.messages(chat, "")

    async def _take(self, page: Page, inlet: Inlet) -> None:
        """All of a page before its token is gone on from: what is cut off comes again. Raises ChatOver."""
        since = self._clock.now() - timedelta(seconds=self._pace.history)
        over = page.over
        for item in page.items:
            over = over or kind(item) == ENDED
            if self._chat.own and author(item) == self._chat.own:
                continue  # what we told, which comes back like everybody's
            try:
                found = read(item)
            except Unreadable as error:
                self.health.failed += 1
                log.warning("youtube.unreadable", error=str(error)[:200])
                continue
            for one in found:
                if self._token or one.at >= since:
                    await bring(one, inlet)
        self._token = page.token
        if over:
            raise ChatOver("the stream is over")
