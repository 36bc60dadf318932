"""The desk: what agents must know goes into threads, what they say there goes to the customer.

Out: every message carries the name of its delivery. Before the first attempt at a delivery that attempt is noted in our
database, and a later one first looks in Slack for what has arrived already. So a process that dies between Slack's answer
and our note of it posts nothing twice.

In: an event is acknowledged once the message is kept here, under Slack's own id, so that what Slack repeats is known. What
was said while nobody listened, or could not be kept, is read from the threads after every connection.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.desk import Alarm
from bot.errors import BadInput, BadSettings, ChannelUnavailable, StreamdeskError, Unavailable, Undeliverable
from bot.ports import Bindings, Clock, Photos, Receiver
from bot.types import Author, ConversationKey, Delivery, Message, ToDesk
from channels.slack.client import DELIVERY, Agent, SlackApi
from channels.slack.reading import Changed, Said, Thread, mentioned, read_event, read_message, read_press, with_names
from channels.slack.rendering import Part, Picture, render, render_alarm
from channels.slack.wording import Words, words_for

log = structlog.get_logger(__name__)

# Bindings: threads of conversations, and deliveries that were attempted.
THREADS, ATTEMPTS = "slack", "slack-attempt"
# How many of the channel's latest messages are searched for one that may have arrived, and looked at for missed replies.
SEARCHED = 1_000
CAUGHT_UP = 200
# How old a reply may be that nobody has passed on yet, and the pause after a failed look, in seconds.
MISSED_S = 24 * 3600.0
RETRY_S = 5.0


class SlackDesk:
    """`Sender` of the desk, and the loop that brings the agents' words in."""

    def __init__(
        self, api: SlackApi, receiver: Receiver, clock: Clock, *, channel: str, bindings: Bindings, photos: Photos
    ) -> None:
        """`channel` is the id of the channel for hand-offs. Raises BadSettings where it is empty."""
        if not channel:
            remedy = "Give the id of the channel for hand-offs, such as C0123456789."
            raise BadSettings("channels.slack.channel is empty.", remedy=remedy)
        self._api = api
        self._channel = channel
        self._receiver = receiver
        self._bindings = bindings
        self._photos = photos
        self._clock = clock
        self._agents: dict[str, Agent] = {}
        self._in_order = asyncio.Lock()
        self._missed = asyncio.Event()
        self._latest: dict[str, str] = {}

    async def check(self) -> None:
        """Look at tokens, scopes and channel. Raises BadSettings, or ChannelUnavailable when Slack does not answer."""
        await self._api.check(self._channel)

    # ------------------------------------------------------------ out

    async def send(self, delivery: Delivery) -> None:
        """Deliver. Raises ChannelUnavailable (with `retry_after` where Slack asks to wait) or Undeliverable."""
        if not isinstance(delivery.body, ToDesk):
            raise Undeliverable("the desk is told about conversations only")
        key, name = delivery.key, hashlib.sha256(delivery.id.encode()).hexdigest()[:24]
        thread = None if delivery.body.handoff else await self._thread(key)
        arrived = await self._arrived(name, thread) if await self._attempted(name, key) else {}
        for number, part in enumerate(render(delivery.body, key)):
            place = arrived.get(f"{name}-{number}") or await self._put(part, thread, f"{name}-{number}")
            if place != thread:
                await self._bindings.bind(THREADS, str(place), key)
                self._missed.set()  # an agent may have replied before we knew whose thread it is
            thread = place

    async def _thread(self, key: ConversationKey) -> Thread | None:
        external = await self._bindings.external(THREADS, key)
        return Thread(*external.split(":")) if external else None

    async def _attempted(self, name: str, key: ConversationKey) -> bool:
        """Whether this delivery was attempted before; from now on it was."""
        before = await self._bindings.conversation(ATTEMPTS, name) is not None
        if not before:
            await self._bindings.bind(ATTEMPTS, name, key)
        return before

    async def _arrived(self, name: str, thread: Thread | None) -> dict[str, Thread]:
        """Where in Slack the parts of a delivery are, by their names. A hand-off's own thread is found by its first part."""
        found = _places(self._channel, await self._api.recent(self._channel, SEARCHED))
        thread = thread or found.get(f"{name}-0")
        if thread is not None:
            found |= _places(thread.channel, await self._api.replies(thread))
        return {part: place for part, place in found.items() if part.startswith(name)}

    async def remind(self, alarm: Alarm, zone: ZoneInfo, address: str) -> None:
        """Say once in the channel what is late at another desk. Raises ChannelUnavailable, to be told again."""
        name = hashlib.sha256(alarm.id.encode()).hexdigest()[:24]
        if await self._attempted(name, alarm.ticket.key) and await self._arrived(name, None):
            return
        try:
            await self._api.post(self._channel, None, render_alarm(alarm, zone, address), f"{name}-0")
        except Undeliverable as error:
            log.error("slack.alarm_refused", ticket=alarm.ticket.id, reason=str(error))

    async def _put(self, part: Part, thread: Thread | None, name: str) -> Thread:
        if not isinstance(part, Picture):
            return await self._api.post(self._channel, thread, part, name)
        if thread is None:
            raise Undeliverable("a picture has no thread to go to")
        try:
            data = await self._photos.read(part.photo)
        except BadInput as error:
            log.error("slack.picture_lost", photo=part.photo.digest, reason=str(error))
        else:
            await self._api.upload(thread, f"{name}.{part.photo.media_type.rpartition('/')[2]}", data)
        return thread

    # ------------------------------------------------------------ in

    async def run(self) -> None:
        """Take in what agents say until cancelled."""
        await self._api.listen(self._on_message, self._on_press, self._missed.set)
        while True:
            await self._missed.wait()
            self._missed.clear()
            try:
                await self._catch_up()
            except StreamdeskError as error:
                wait = (error.retry_after if isinstance(error, ChannelUnavailable) else None) or RETRY_S
                log.warning("slack.catching_up_failed", error=str(error), retry_s=wait)
                await asyncio.sleep(wait)
                self._missed.set()

    async def _on_message(self, event: Mapping[str, Any]) -> None:
        found = read_event(event)
        if isinstance(found, Said):
            await self._take_or_tell(found)
        elif isinstance(found, Changed) and await self._bindings.conversation(THREADS, str(found.thread)):
            words = await self._words_for(found.user)
            await self._whisper(found.thread, found.user, words.deleted if found.deleted else words.edited)

    async def _on_press(self, body: Mapping[str, Any]) -> None:
        await self._take_or_tell(read_press(body))

    async def _take_or_tell(self, said: Said) -> None:
        """Bring one message in, or tell its agent what did not go through. Raises Unavailable when it must come again."""
        try:
            taken = await self._take(said)
        except Unavailable:
            self._missed.set()
            raise
        except Exception:
            await self._failed(said)
        else:
            if taken and said.has_files:
                await self._whisper(said.thread, said.user, (await self._words_for(said.user)).files)

    async def _failed(self, said: Said) -> None:
        """A fault of ours with one message must not stop the others; its agent is told."""
        log.exception("slack.message_failed", message=said.id)
        await self._whisper(said.thread, said.user, (await self._words_for(said.user)).failed)

    async def _take(self, said: Said) -> bool:
        """Bring one message in. False when it is not for a customer. Raises Unavailable."""
        async with self._in_order:
            key = await self._bindings.conversation(THREADS, str(said.thread))
            if key is None or said.is_note:
                return False
            if said.text or said.hands_back:
                await self._receiver.accept(await self._message(key, said))
            return True

    async def _message(self, key: ConversationKey, said: Said) -> Message:
        names = {user: (await self._agent(user)).name for user in (said.user, *mentioned(said.text))}
        return Message(
            id=said.id,
            key=key,
            text=with_names(said.text, names),
            sent_at=said.sent_at,
            author=Author.AGENT,
            author_name=names[said.user],
            hand_back=said.hands_back,
        )

    async def _catch_up(self) -> None:
        """Take the replies that were missed: what was taken before is known by its id."""
        since = self._clock.now().timestamp() - MISSED_S
        threads = await self._api.recent(self._channel, CAUGHT_UP)
        self._latest = {str(first["ts"]): self._latest.get(str(first["ts"]), "") for first in threads}
        for first in threads:
            ts, reply = str(first["ts"]), str(first.get("latest_reply", ""))
            if not reply or float(reply) < since:
                continue
            thread = Thread(self._channel, ts)
            if self._latest[ts] != reply and await self._bindings.conversation(THREADS, str(thread)):
                await self._catch_up_with(thread, since)
                self._latest[ts] = reply

    async def _catch_up_with(self, thread: Thread, since: float) -> None:
        for reply in await self._api.replies(thread, since):
            said = read_message(thread.channel, reply)
            if said is None or said.sent_at.timestamp() < since:
                continue
            try:
                await self._take(said)
            except Unavailable:
                raise
            except Exception:
                await self._failed(said)

    # ------------------------------------------------------------ agents

    async def _agent(self, user: str) -> Agent:
        """Who an agent is. Raises ChannelUnavailable."""
        if user not in self._agents:
            try:
                agent = await self._api.agent(user)
            except Undeliverable as error:
                log.warning("slack.unknown_agent", user=user, reason=str(error))
                agent = Agent("", "")
            self._agents[user] = Agent(agent.name or words_for(agent.locale).colleague, agent.locale)
        return self._agents[user]

    async def _words_for(self, user: str) -> Words:
        try:
            return words_for((await self._agent(user)).locale)
        except ChannelUnavailable:
            return words_for("")

    async def _whisper(self, thread: Thread, user: str, text: str) -> None:
        """Give an agent a hint. It is an ornament: what it is about has happened already."""
        try:
            await self._api.whisper(thread, user, text)
        except (ChannelUnavailable, Undeliverable) as error:
            log.info("slack.not_whispered", reason=str(error))


def _places(channel: str, messages: Iterable[Mapping[str, Any]]) -> dict[str, Thread]:
    """Which thread each named thing is in, or begins: messages by their metadata, files by their names."""
    placed = ((message, Thread(channel, message.get("thread_ts") or message["ts"])) for message in messages)
    return {name: thread for message, thread in placed for name in _names(message)}


def _names(message: Mapping[str, Any]) -> list[str]:
    metadata = message.get("metadata") or {}
    named = metadata.get("event_payload", {}).get("name") if metadata.get("event_type") == DELIVERY else None
    files = [PurePosixPath(str(file.get("name", ""))).stem for file in message.get("files") or ()]
    return [*([str(named)] if named else []), *files]
