"""A live room: its viewers, what they said and were answered, and what is on screen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.audit import Audit, AuditEntry
from bot.commerce import Shop
from bot.errors import ShopUnavailable
from bot.live import PublicLine, RoomEvent
from bot.ports import Clock
from bot.stage import PublicAnswer, Stage, Stages
from bot.types import Audience, Delivery, Reply
from channels.common.rendering import reply_body
from channels.common.sockets import Connection, frame
from channels.live.answers import OPEN, SPEAKS, Answers, Draft, Rules, Standing
from channels.live.console import console
from channels.live.corrections import Corrections
from channels.live.frames import askers, digest, name_in, said, shelf_body
from channels.live.known import Known, bound
from channels.live.links import Link
from channels.live.notes import Hidden, Notes, Unanswered
from channels.live.outgoing import Told
from channels.live.record import Record
from channels.live.shelf import Shelf, read_shelf
from channels.live.tally import Tally
from channels.live.thanks import Thanks
from channels.live.triage import Comment, Question, Triage
from channels.live.viewers import Shown, Viewers, as_frame

log = structlog.get_logger(__name__)

# How often a room looks at the shop's tables for changes made elsewhere, in seconds.
REFRESH_S = 3.0
# How often at most the number of viewers is told, in seconds.
PRESENCE_S = 1.0
# Told answers that may wait for the audit until the stage says them.
UNSAID = 20


class Room:
    """One room. Everything it tells is queued for each viewer; nobody waits for anybody."""

    def __init__(
        self,
        name: str,
        shop: Shop,
        clock: Clock,
        *,
        window_s: float,
        history: int,
        rules: Rules | None = None,
        audit: Audit | None = None,
        correct_s: float = 300,
        thanks: Thanks | None = None,
        stages: Stages | None = None,
        viewers: Viewers | None = None,
    ) -> None:
        self.name = name
        self.viewers = viewers or Viewers()
        self.hub = self.viewers.hub
        self.triage = Triage(window_s)
        self.shelf = Shelf()
        self.answers = Answers(rules or Rules())
        self.notes = Notes()
        self.tally = Tally()
        self.corrections = Corrections(correct_s)
        self.touched = False  # since it was kept
        self._written = Record(name, audit)
        self._stages = stages or Stages()
        self._unsaid: deque[PublicAnswer] = deque(maxlen=UNSAID)
        self._shop = shop
        self._clock = clock
        self._shown: dict[str, Any] = {}
        self.history: deque[dict[str, Any]] = deque(maxlen=history)
        self.known = Known()
        self.links: list[Link] = []
        self.unsent: dict[str, list[PublicLine]] = {}  # of before a restart, by the name of their link
        self.thanks = thanks or Thanks()
        self._answered: dict[str, tuple[Question, ...]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._counting: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ viewers

    def join(self, token: str, connection: Connection, welcome: dict[str, Any]) -> None:
        """A viewer comes in: gets `welcome` with the shelf and what was said before, and is counted."""
        self.viewers.join(token, connection)
        connection.push(frame("welcome", room=self.name, **self.state(), **welcome))
        self.counted()

    def leave(self, token: str, connection: Connection) -> None:
        """A viewer is gone. An empty room stops looking at the shop."""
        self.viewers.leave(token, connection)
        self.counted()

    def counted(self) -> None:
        """There are more viewers, or fewer: they are told how many, and the shop is looked at while there are any."""
        self._tell_presence()
        if self._watching is None and not self.viewers.nobody:
            self._watching = asyncio.create_task(self._watch())
        elif self._watching is not None and self.viewers.nobody:
            self._watching.cancel()
            self._watching = None

    def retire(self) -> None:
        """Another process has the room from now on."""
        self.viewers.relay = None
        for going_on in (self._watching, self._counting):
            if going_on is not None:
                going_on.cancel()

    def state(self) -> dict[str, Any]:
        """What whoever comes in sees: what was said before, how many watch, the shelf."""
        return {"history": list(self.history), "viewers": self.viewers.count(), **shelf_body(self.shelf)}

    @property
    def empty(self) -> bool:
        """Whether nobody is here."""
        return self.viewers.nobody

    @property
    def busy(self) -> bool:
        """Whether an answer is open, a host is here, or a platform is joined to it."""
        return bool(self.answers.open()) or self._has_hosts or bool(self.links)

    def link(self, link: Link) -> None:
        """Join a platform to the room. What waited for it before a restart goes out first."""
        self.links.append(link)
        if link.outgoing is not None:
            link.outgoing.restore(self.unsent.pop(link.name, []))

    def is_linked(self, source: str) -> bool:
        """Whether a platform is joined to the room under this name."""
        return any(link.name == source for link in self.links)

    def name_of(self, tag: str) -> str:
        """The name under which the viewer of this tag spoke last, as far as the room remembers; empty where it does not."""
        return name_in(self.history, tag)

    def join_host(self, connection: Connection) -> None:
        """A host's console is open."""
        self.viewers.hosts.add(connection)
        connection.push(as_frame(self._console()))

    def leave_host(self, connection: Connection) -> None:
        """It is gone."""
        self.viewers.hosts.discard(connection)

    @property
    def _has_hosts(self) -> bool:
        return bool(self.viewers.hosts or self.viewers.hosts_elsewhere)

    def show_hosts(self, *, anew: bool = False) -> None:
        """Tell the consoles what has changed, if anything, or everything `anew`."""
        if self._has_hosts and ((shown := self._console()) != self._shown or anew):
            self._shown = shown
            self.viewers.show(Shown(shown, hosts=True, droppable=True))

    def _console(self) -> dict[str, Any]:
        view = self.stage.view() if self.stage else None
        now = self._clock.now()
        return {"type": "console", **console(self.answers, self.notes, self.shelf, now, links=self.links, stage=view)}

    # ------------------------------------------------------------ what is said

    def say(self, comment: Comment, token: str, text: str) -> None:
        """Show a comment to everybody; to whoever wrote it, of this token, in their own words."""
        self._count_comment(comment.at)
        self._show(comment, token, text)

    def _count_comment(self, at: datetime) -> None:
        now = self._clock.now()
        self.notes.said(now)
        self.tally.said(self.viewers.count(), min(at, now))

    def _show(self, comment: Comment, token: str, text: str) -> None:
        shown = said(comment)
        self.touched = True
        self.history.append(shown)
        self.viewers.show(Shown(shown, token, {**shown, "text": text}))

    def hide(self, comment: Comment, token: str, text: str, why: str) -> None:
        """Show an improper comment to whoever wrote it, with the reason, and to the host; to nobody else, ever."""
        log.info("live.hidden", room=self.name, comment=comment.id, viewer=comment.viewer, why=why)
        self._count_comment(comment.at)
        self._written.note(AuditEntry(self._clock.now(), "hidden", comment.id, "room", why))
        self.notes.hide(Hidden(comment, token, text, why))
        self.touched = True
        self.viewers.show(Shown(None, token, {**said(comment), "text": text, "hidden": why}))

    def show_hidden(self, comment_id: str) -> None:
        """Show everybody a comment that was hidden. Raises KeyError for one that the room does not know."""
        hidden = self.notes.hidden.pop(comment_id)
        log.info("live.shown", room=self.name, comment=comment_id, viewer=hidden.comment.viewer, why=hidden.why)
        self._written.note(AuditEntry(self._clock.now(), "shown", comment_id, "host", hidden.why))
        self._show(hidden.comment, hidden.token, hidden.text)

    def cannot_answer(self, comment_id: str, text: str) -> None:
        """The shop has no answer to this comment: for the host to know."""
        question = self.triage.question(comment_id)
        self.touched = True
        self.notes.cannot_answer(Unanswered(comment_id, text, self._clock.now(), question))

    def offer(self, delivery: Delivery, comment_id: str, reply: Reply, asked: Question | None = None) -> Standing:
        """A public reply is ready: where it stands then. One that is open is told later, or never.

        `asked` is what it answers, where the room has forgotten that.
        """
        now = self._clock.now()
        question = self.triage.question(comment_id) or asked
        draft = Draft(digest(delivery.id), delivery, comment_id, reply, question, now, Standing.WAITING)
        draft = self.answers.offer(draft, now)
        self.tell_due()
        draft.kept = draft.standing in OPEN
        return draft.standing

    async def write_down(self) -> None:
        """Put what was done into the audit, then have it said. Raises StorageUnavailable; then it is done the next time."""
        if counted := self.tally.due(self._clock.now()):
            self.tally = Tally()
            self._written.note(*counted)
        self._written.note(*self.answers.done())
        await self._written.write()
        while self._unsaid and (told := self._unsaid.popleft()):
            if self.stage is not None:
                self.stage.answer(told)

    @property
    def stage(self) -> Stage | None:
        """The stage on which the room's virtual host is, where it has one."""
        return self._stages.of(self.name)

    def host_said(self, text: str) -> None:
        """The host has the virtual host say this: for the audit."""
        self._written.note(AuditEntry(self._clock.now(), "said", "", "host", text))

    def take_back(self, replies: Sequence[str]) -> None:
        """What was told by these is not true any more: it is not to be said aloud."""
        self._unsaid = deque((told for told in self._unsaid if told.id not in replies), UNSAID)
        if self.stage is not None:
            self.stage.take_back(replies)

    def tell_due(self) -> None:
        """Tell every answer whose time has come."""
        for draft in self.answers.due(self._clock.now()):
            self._answer(draft)
            self.known.spoke_to(draft.delivery.key.user, self._clock.now())
        self._thank(self._clock.now())

    def happened(self, event: RoomEvent, name: str, source: str) -> None:
        """Something was done on a platform, by somebody of this name: it is counted, and perhaps thanked for."""
        self.touched = True
        self.notes.happened(event)
        self.tally.hear(event, self._clock.now())
        self.thanks.add(event.kind, name, source)

    def _thank(self, now: datetime) -> None:
        """Say thanks where they are due: they are nobody's answer, and go where those are who are thanked."""
        thanked = self.thanks.due(now)
        if thanked is None or self.answers.rules.mode not in SPEAKS:
            return
        name = digest(f"{self.name} {now.isoformat()} {thanked.text}")
        self._written.note(AuditEntry(now, "thanked", name, "room", thanked.text))
        nobody: dict[str, Any] = {"answers": [], "asked": 0, "names": [], "question": ""}
        reply = Reply(thanked.text, language=thanked.language, audience=Audience.PUBLIC)
        self._record({"type": "reply", "id": name, "at": now.isoformat(), **nobody, **reply_body(reply)})
        for link in self.links:
            if link.outgoing is not None and link.name in thanked.sources:
                link.outgoing.put(PublicLine(name, thanked.text, thanked.language, now))

    def _answer(self, draft: Draft) -> None:
        """Show a public reply with the comments that it answers. The same reply again is shown once."""
        if any(told["type"] == "reply" and told["id"] == draft.id for told in self.history):
            return
        now = self._clock.now()
        questions = self._answers_to(draft, now)
        nobody: dict[str, Any] = {"answers": [draft.comment_id], "asked": 1, "names": [], "question": ""}
        asked = askers(*questions) if questions else nobody
        asked |= {"corrects": list(draft.corrects)} if draft.corrects else {}
        for told in self.history:
            if told["type"] == "reply" and told["id"] in draft.corrects:
                told["void"] = True
        self._answered[draft.id] = questions
        bound(self._answered)
        self._record({"type": "reply", "id": draft.id, "at": now.isoformat(), **asked, **reply_body(draft.reply)})
        comments = [comment for question in questions for comment in question.comments]
        self._send_out(draft.id, reply_body(draft.reply), comments, now)
        shown = (next(iter(asked["names"]), ""), asked["asked"], asked["question"])
        self._unsaid.append(PublicAnswer(draft.id, draft.reply, now, *shown, corrects=draft.corrects))

    def _send_out(self, reply_id: str, body: Mapping[str, Any], comments: Sequence[Comment], now: datetime) -> None:
        """Offer what was told to the platforms that are joined."""
        for link in self.links:
            if link.outgoing is not None:
                link.outgoing.offer(Told(reply_id, body["text"], body["language"], bool(body.get("agent")), now), comments)

    def _answers_to(self, draft: Draft, now: datetime) -> tuple[Question, ...]:
        """The questions that a reply is told to: later askers of these are credited to it, and to none that it corrects."""
        if draft.corrects and (correction := self.corrections.corrected(draft.id, draft.reply, now)):
            for corrected in correction.questions:
                corrected.replies, corrected.answered_at = [draft.id], now
                self.triage.restore(corrected)
            return correction.questions
        question = draft.question
        if question is None:
            return ()
        question.answered(draft.id, now)
        self.corrections.note(question, draft.delivery.key, draft.id, draft.reply, now)
        return (question,)

    def credit(self, question: Question, comment: Comment) -> None:
        """A later asker of a question: its replies, where it has some, count one more."""
        self.touched = True
        self.tally.join(question.first.id, self._clock.now())
        if not question.replies:
            return
        counts = askers(*self._answered.get(question.replies[-1], (question,)))
        for told in self.history:
            if told["type"] == "reply" and told["id"] in question.replies:
                told.update(counts)
                self._send_out(told["id"], told, [comment], self._clock.now())  # where only others have heard it
        self.viewers.show(Shown({"type": "credit", "replies": question.replies, "comment": comment.id, **counts}))

    def _record(self, told: dict[str, Any]) -> None:
        self.touched = True
        self.history.append(told)
        self.viewers.show(Shown(told))

    # ------------------------------------------------------------ what is shown

    async def on_screen(self, at: datetime) -> str | None:
        """The product that was on screen at `at`."""
        return await self._shop.on_screen(self.name, at)

    async def refresh(self) -> None:
        """Read the shelf and tell what changed. Raises ShopUnavailable."""
        before, self.shelf = self.shelf, await read_shelf(self._shop, self.name, self._clock.now())
        if before != self.shelf:
            self.viewers.show(Shown({"type": "shelf", **shelf_body(self.shelf)}))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self.refresh()
            except ShopUnavailable as error:
                log.warning("live.shop_unavailable", room=self.name, error=str(error))

    def _tell_presence(self) -> None:
        if self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(PRESENCE_S, self._count)

    def _count(self) -> None:
        self._counting = None
        self.viewers.show(Shown({"type": "presence", "viewers": self.viewers.count()}, droppable=True))
