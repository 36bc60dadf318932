"""The port Responding: templates, grounded answers and guards, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog
from cachetools import LRUCache

from bot.errors import ModelUnavailable
from bot.ports import Encoder, LanguageModel, OrderNumbers
from bot.responding.generated import write
from bot.responding.grounded import Extract, choices, citations, extract, joined
from bot.responding.guards import guarded
from bot.responding.templates import Templates
from bot.text import traditional
from bot.types import (
    ASK_BACK,
    Audience,
    Button,
    Card,
    Citation,
    Claim,
    Findings,
    Language,
    Passage,
    Question,
    Reply,
    Say,
    State,
)
from bot.values.identifiers import NO_FORMS, OrderForms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = structlog.get_logger(__name__)

# Sentences of documents whose vectors are kept.
_SENTENCES = 8192

NO_ANSWER = "utter_no_answer"
# What is said where evidence is nearest, but not sure enough to be told as the answer.
NEAREST = "utter_nearest"
# What is said in its place to who asks what no shop knows: the intent of such questions.
OUT_OF_SCOPE, OUT_OF_SCOPE_INTENT = "utter_out_of_scope", "out_of_scope"
ORDER_EXAMPLE = "utter_order_example"
# What tells nobody anything of the shop; in a room only whoever it is said to hears it.
_ASIDES = frozenset(
    {
        "utter_greet",
        "utter_goodbye",
        "utter_thanks",
        "utter_affirm",
        "utter_deny",
        "utter_how_are_you",
        "utter_chitchat",
        "utter_praise",
        "utter_insult",
        "utter_bot_challenge",
        "utter_anything_else",
        "utter_out_of_scope",
        NO_ANSWER,
        NEAREST,
        "utter_ask_rephrase",
        "utter_empty_input",
        "utter_nothing_to_cancel",
        "utter_nothing_to_repeat",
        "utter_which_product",
        "utter_why",
        "utter_why_none",
        "utter_forgotten",
        "utter_remembered",
        "utter_clarify",
    }
)
# Evidence less sure than this is not an answer: of the questions to shops by other hands, those whose likeliest way to
# answer is less probable are answered wrongly nearly every other time (`python -m evals.weighing`).
THRESHOLD = 0.75
# From here on it is shown as what comes nearest, with a word that it may not be what was asked for.
NEAR = 0.35


class Responder:
    """`Responding` from a domain's responses and the evidence of a turn."""

    def __init__(
        self,
        domains: Sequence[Path],
        model: LanguageModel | None = None,
        threshold: float = THRESHOLD,
        *,
        timezone: str = "Asia/Shanghai",
        link: str = "/chat",
        numbers: OrderNumbers | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        """`domains` are files or folders with responses, a later one over the others. `threshold`: evidence less sure than
        this (0 to 1) is not an answer. `link` is where the private chat is.

        `numbers` has the forms of order numbers: of these an example is shown, and none is said in public. With `encoder`
        the sentences of a long passage that answer are told by their meaning, too.
        Raises BadContent for a bad domain.
        """
        self._templates = Templates(domains, timezone)
        self._link = link
        self._numbers = numbers
        self._model = model
        self._threshold = threshold
        self._encoder = encoder
        self._vectors: LRUCache[str, NDArray[np.float32]] = LRUCache(_SENTENCES)

    def say(self, say: Say, language: Language, state: State) -> Reply:
        """Utter a response of the domain. Raises BadContent for an unknown one and for a missing argument."""
        example = self._order_example(language, state)
        args = {"link": self._private_link(state), "order_example": example, **say.args}
        reply = self._templates.say(say.response, args, language, state.slots, f"{state.key}/{state.version}")
        choices = tuple(Button(self.say(choice.title, language, state).text, choice.payload) for choice in say.choices)
        return replace(reply, buttons=choices + reply.buttons, aside=say.response in _ASIDES)

    def _order_example(self, language: Language, state: State) -> str:
        """What an order number of the shop's looks like, to be put behind a word for it; empty where it is not known."""
        examples = self._forms.examples()
        if not examples:
            return ""
        args = {"example": examples}
        return self._templates.say(ORDER_EXAMPLE, args, language, state.slots, str(state.key)).text

    @property
    def _forms(self) -> OrderForms:
        return self._numbers.forms if self._numbers else NO_FORMS

    def _private_link(self, state: State) -> str:
        """Where the private chat is, with what was asked in public: the room, the product, the flow. Nothing personal."""
        about = {
            "room": state.key.room,
            "product": next(iter(state.product_ids), ""),
            "ask": next(reversed(state.finished), ""),
        }
        given = {name: value for name, value in about.items() if value}
        return f"{self._link}?{urlencode(given)}" if given and state.slots.get("audience") == "public" else self._link

    async def answer(self, question: Question, findings: Findings) -> tuple[Reply, ...]:
        """Answer from the findings, or say that they do not hold the answer and offer what is nearest."""
        if question.topic == ASK_BACK and (explained := self._explained(question)):
            return (explained,)
        if findings.missing:
            return (self._which(question, findings),)
        if findings.cards and (not findings.passages or not findings.confidence):
            return (self._shown(question, findings),)
        if findings.confidence < self._threshold or not findings.passages:
            return (await self._no_answer(question, findings),)
        reply = (
            await self._generated(self._model, question, findings)
            if self._model
            else await self._extracted(question, findings)
        )
        said = reply or await self._no_answer(question, findings)
        return (_in_script(replace(said, aside=said.aside or findings.denied)),)

    def guard(self, reply: Reply, findings: Findings, state: State) -> Reply:
        """The reply without what must not leave; where nothing is left of it, an honest word instead."""
        checked = guarded(reply, findings, self._forms)
        if checked.text or not reply.text:
            return checked
        spoken = self._templates.say(NO_ANSWER, {}, reply.language, state.slots, f"{state.key}/{state.version}")
        return replace(spoken, audience=Audience.PRIVATE, aside=True)

    def _shown(self, question: Question, findings: Findings) -> Reply:
        """Products for a wish; where nothing is as wished, with a word on what comes nearest."""
        why = {"why": findings.passages[0].text} if findings.passages else {}
        name = "utter_recommend_nearest" if why else "utter_recommend"
        reply = self._templates.say(name, why, question.language, {}, question.text)
        return _in_script(replace(reply, cards=findings.cards, claims=_claims(findings.cards)))

    def _which(self, question: Question, findings: Findings) -> Reply:
        """Ask for what the question lacks."""
        reply = self._templates.say(f"utter_which_{findings.missing}", {}, question.language, {}, question.text)
        return _in_script(replace(reply, aside=True))

    async def _no_answer(self, question: Question, findings: Findings) -> Reply:
        """What is said to who gets no answer: what comes nearest where something does, and what could be asked instead."""
        if question.topic == OUT_OF_SCOPE_INTENT:
            reply = self._templates.say(OUT_OF_SCOPE, {}, question.language, {}, question.text)
            return _in_script(replace(reply, aside=True))
        nearest = await self._nearest(question, findings)
        if nearest is None and (explained := self._explained(question)):
            return explained  # who asks in the middle of something may want to know about that
        reply = nearest or self._templates.say(NO_ANSWER, {}, question.language, {}, question.text)
        topics = tuple(Button(topic, topic) for topic in findings.topics)
        return _in_script(replace(reply, buttons=topics + reply.buttons, aside=True))

    async def _nearest(self, question: Question, findings: Findings) -> Reply | None:
        """What comes nearest to an answer, said to be no more than that; None where nothing is near."""
        if findings.confidence < NEAR or (found := await self._extracted(question, findings)) is None:
            return None
        said = self._templates.say(NEAREST, {"nearest": found.text}, question.language, {}, question.text)
        return replace(found, text=said.text, buttons=said.buttons)

    def _explained(self, question: Question) -> Reply | None:
        """Why the open question is asked; None where none is, or where that needs no word."""
        name = f"utter_explain_{question.open_slot}"
        if not self._templates.variations(name):
            return None
        return _in_script(self._templates.say(name, {}, question.language, {}, question.text))

    async def _extracted(self, question: Question, findings: Findings) -> Reply | None:
        asked = findings.about or question.text
        extracts = extract(asked, findings.passages, await self._likeness(asked, findings.passages))
        if not extracts:
            return None
        return Reply(
            joined(extracts, question.language),
            citations=_citations(extracts),
            cards=findings.cards,
            language=question.language,
            claims=_claims(extracted.passage for extracted in extracts),
        )

    async def _likeness(self, asked: str, passages: Sequence[Passage]) -> Mapping[str, float]:
        """The cosine of what is asked and each sentence of which some are to be chosen; empty without an encoder."""
        sentences = choices(passages) if self._encoder is not None else []
        if self._encoder is None or not sentences:
            return {}
        query = (await self._encoder.encode_queries([asked]))[0]
        if new := [text for text in sentences if text not in self._vectors]:
            self._vectors.update(zip(new, await self._encoder.encode_passages(new), strict=True))
        return {text: float(self._vectors[text] @ query) for text in sentences if text in self._vectors}

    async def _generated(self, model: LanguageModel, question: Question, findings: Findings) -> Reply | None:
        try:
            written = await write(model, question, findings.passages)
        except ModelUnavailable as error:
            log.warning("responding.model_unavailable", error=str(error))
            return await self._extracted(question, findings)
        if written is None:
            return await self._extracted(question, findings)
        cited = _citations([Extract(passage.text, passage) for passage in written.passages])
        claims = _claims(written.passages)
        return Reply(written.text, citations=cited, cards=findings.cards, language=question.language, claims=claims)


def _citations(extracts: Sequence[Extract]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citation for extracted in extracts for citation in citations(extracted)))


def _claims(evidence: Iterable[Passage | Card]) -> tuple[Claim, ...]:
    """What is claimed by what is said."""
    return tuple(dict.fromkeys(claim for one in evidence for claim in one.claims))


def _in_script(reply: Reply) -> Reply:
    """Traditional characters for who writes them."""
    if reply.language is not Language.ZH_HANT:
        return reply
    cited = tuple(replace(c, title=traditional(c.title), location=traditional(c.location)) for c in reply.citations)
    cards = tuple(replace(c, title=traditional(c.title), subtitle=traditional(c.subtitle)) for c in reply.cards)
    buttons = tuple(replace(button, title=traditional(button.title)) for button in reply.buttons)
    return replace(reply, text=traditional(reply.text), citations=cited, cards=cards, buttons=buttons)
