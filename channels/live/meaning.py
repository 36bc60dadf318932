"""What a comment asks the shop, whatever its words: read as the engine reads it, so that two who ask the same are joined."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import Senses, Understanding
from bot.types import AskKnowledge, Audience, Context, ConversationKey, Message, Question, State
from channels.live.triage import Comment


@dataclass(frozen=True, slots=True)
class Meanings:
    """Reads comments of a room. `channel` is the name of the door."""

    understanding: Understanding
    senses: Senses
    channel: str

    async def of(self, comment: Comment, room: str) -> tuple[str, str]:
        """Sense and topic of a comment that is one question for tables and documents; empty for anything else.

        Raises Unavailable where the encoder or the shop does not answer.
        """
        if comment.personal:
            return "", ""
        key = ConversationKey(self.channel, room, comment.viewer)
        context = Context(audience=Audience.PUBLIC, on_screen=comment.on_screen)
        parse = await self.understanding.parse(
            Message(comment.id, key, comment.text, comment.at, context=context), State(key)
        )
        match parse.commands:
            case (AskKnowledge(text, topic, product_ids),):
                question = Question(
                    text=text,
                    language=parse.language,
                    topic=topic,
                    product_ids=product_ids,
                    on_screen=comment.on_screen,
                    room=room,
                    asked_at=comment.at,
                    entities=parse.entities,
                )
                return await self.senses.sense(question), topic
            case _:
                return "", ""
