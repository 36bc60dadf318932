"""The port Understanding: rules, the linear classifier, it together with the sentence encoder, a language model at last."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import structlog
from cachetools import LRUCache
from numpy.typing import NDArray

from bot.asking import asks
from bot.domain import Domain
from bot.errors import Unavailable
from bot.ports import Catalogue, Encoder, LanguageModel, OrderNumbers
from bot.text import MAX_READ, clean, language_of, printable
from bot.types import (
    ASK_BACK,
    WISH,
    CancelFlow,
    CannotHandle,
    Command,
    Entity,
    Feedback,
    Language,
    Message,
    Parse,
    ReadPhoto,
    Recommend,
    SetSlot,
    StartFlow,
    State,
    Verdict,
)
from bot.understanding import mind, reasons, rules
from bot.understanding.answers import YES_SLOT
from bot.understanding.assent import Assent
from bot.understanding.commands import (
    OF_GOODS,
    Meaning,
    Reading,
    Situation,
    Vocabulary,
    another_wish,
    besides,
    commands_for,
    photos_alone,
    summary_answer,
    under_way,
    wish_instead,
)
from bot.understanding.decisions import Decision
from bot.understanding.entities import find_entities
from bot.understanding.generation import IntentGenerator
from bot.understanding.model import Classifiers
from bot.understanding.names import NameReader, NamesIn
from bot.understanding.parts import NAMED, parts_of, without_names, without_values
from bot.understanding.rasa import RasaServer
from bot.understanding.training_data import TrainingData
from bot.understanding.volunteered import RECEIVER, clauses_of, not_beside, wish_in
from bot.values.identifiers import KIND as ORDER_NUMBER

log = structlog.get_logger(__name__)

# Texts whose meaning is kept.
CACHE_SIZE = 4096
_RANKED = 8
# So sure are the classifiers of what is business with an order, whatever else is said.
_SURELY = 0.995
# What is said of what the bot has said; nobody begins with it.
_OF_REPLIES = ("correct", "repeat", "skip", "refer", ASK_BACK)
# What is asked of all orders of a person: who names one asks of that one.
_OF_ALL_ORDERS = ("list_orders",)
# So much must be left to the other intents for them to be as probable as they are without these.
_LEFT = 0.25
# The decision on replies to a summary, and the one on replies to any other question that is open.
_ASSENT, _REPLY = "assent", "reply"
# The decision on why something goes back, which is also the slot for it, and the slot for its kind.
_REASON, _REASON_KIND = "reason", "reason_kind"
# The slots that say why.
_WHYS = (_REASON, "problem")
# What begins a part that says what is not meant.
_EXCLUDES = re.compile(
    r"(?:but |and |just |only )?(?:not|nothing|without|except|anything but|other than)\s+(?!this|that|it\b|yet|now|sure)\w"
    r"|(?:但是?|只是|就是)?(?:不要|别要|除了|不含|不带)(?!了)\S",
    re.IGNORECASE,
)
# What a number is called that is a link's and nothing else.
_LINK = re.compile(r"[链鏈]|[连連]接|宝贝|寶貝|商品|\blink", re.IGNORECASE)
# Questions that are answered in the customer's own words, by a proof or by a yes: "算了，太贵了" answers none of them.
_IN_WORDS = ("reason", "problem", "complaint_text", "confirmed", "code", "phone_last4", "order_number")


@dataclass(frozen=True, slots=True)
class Trained:
    """What understanding was trained on, and what came of it."""

    data: TrainingData
    classifiers: Classifiers
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    names: Mapping[str, NameReader] = field(default_factory=dict)


class Cascade:
    """`Understanding` in stages."""

    def __init__(
        self,
        trained: Trained,
        domain: Domain,
        triggers: Mapping[str, str],
        encoder: Encoder,
        catalogue: Catalogue,
        *,
        numbers: OrderNumbers,
        timezone: str,
        rasa: RasaServer | None = None,
        model: LanguageModel | None = None,
    ) -> None:
        """`triggers` names the flow that an intent starts; days are those of the shop's `timezone`.

        With `rasa` it says the intents, and our own stages where it does not. With `model` it is asked where they are not
        sure.
        """
        self._classifiers = trained.classifiers
        self._decisions = trained.decisions
        self._names = trained.names
        self._exact = rules.Exact(trained.data.examples)
        self._colors = trained.data.colors
        self._vocabulary = Vocabulary(domain, triggers, trained.classifiers.combination.thresholds)
        self._encoder = encoder
        self._catalogue = catalogue
        self._numbers = numbers
        self._zone = ZoneInfo(timezone)
        self._rasa = rasa
        sure = self._vocabulary.thresholds.flow
        self._generator = IntentGenerator(model, trained.data.examples, sure) if model else None
        self._meanings: LRUCache[str, Meaning] = LRUCache(CACHE_SIZE)

    async def parse(self, message: Message, state: State) -> Parse:
        """What a message means, in the light of what was said before it."""
        text = clean(message.text)
        language = language_of(text[:MAX_READ], _default_language(message, state))
        photos = tuple(ReadPhoto(photo) for photo in message.photos)
        situation = Situation(state, message.context.on_screen, self._vocabulary)
        if (refused := _refusal(text)) is not None and summary_answer(text, state) is not Assent.YES:
            commands = photos_alone(photos, situation) if photos else (refused,)
            return Parse(language, commands, stage="rules")
        pressed = rules.payload(message.text)
        if pressed is not None and pressed[0] in set(Verdict):
            word = Feedback(Verdict(pressed[0]), str(pressed[1].get("product", "")))
            return Parse(_default_language(message, state), (word,), pressed[0], 1.0, stage="rules")
        if await self._criticises(message.text, state):
            return Parse(language, (Recommend(message.text),), "search_product", 1.0, "rules")
        if pressed is not None and pressed[0] in self._vocabulary.domain.intents:
            return _pressed(situation, _default_language(message, state), *pressed)
        reading = await self._reading(text, message, state, photos)
        commands = await self._other_mind(text, message, situation) or commands_for(reading, situation)
        if any(isinstance(command, StartFlow) for command in commands):
            commands = (*commands, SetSlot(WISH, wish_in(text, reading.entities)))
        commands = await self._with_reason(text, commands, reading.entities, state)
        best = max((meaning for _, meaning in reading.parts), key=lambda meaning: meaning.confidence)
        return Parse(language, commands, best.intent, best.confidence, best.stage, reading.entities, best.ranking)

    async def _criticises(self, text: str, state: State) -> bool:
        """Whether a text finds fault with products that were just suggested, while nothing else is under way."""
        suggested = bool(state.search.said) and any(reply.cards for reply in state.last_replies)
        return suggested and not state.stack and await self._catalogue.criticises(text, state.shown)

    async def _reading(self, text: str, message: Message, state: State, photos: tuple[ReadPhoto, ...] = ()) -> Reading:
        """A cleaned text of a message, as far as it can be read without the conversation but for the open question."""
        entities = await self._entities(text, message, state.open_slot)
        last = _asked_of_last(state)
        begins = not state.stack and not state.last_replies
        names_order = any(entity.kind == ORDER_NUMBER for entity in entities)
        not_meant = (*(_OF_REPLIES if begins else ()), *(_OF_ALL_ORDERS if names_order else ()))
        read = [(part, await self._weighed(part, entities, last)) for part in await self._whole(parts_of(text))]
        parts = [(part, _without(meaning, not_meant)) for part, meaning in read]
        said = printable(message.text) if text == clean(message.text) else text
        return Reading(
            text, entities, tuple(parts), photos, said, await self._replies(text, state), self._names_in(said, entities)
        )

    def _names_in(self, said: str, entities: Sequence[Entity]) -> NamesIn:
        """The names in a text. Who gets a parcel stands beside the place that it goes to, and not in it."""
        place = next((entity.text for entity in entities if entity.kind == "address" and entity.text), "")
        start = said.find(place) if place else -1
        return NamesIn(said, self._names, {RECEIVER: not_beside(said, start, start + len(place))} if start >= 0 else {})

    async def _whole(self, parts: Sequence[str]) -> list[str]:
        """Parts that belong together: one only names what the next asks about ("the red one, small. price?"), or the next
        only says what is not meant ("a rod below 200? not for the sea though")."""
        whole: list[str] = []
        for part in parts:
            if whole and (_only_excludes(part) or await self._catalogue.completes(part, whole[-1])):
                whole[-1] = f"{whole[-1]}, {part}"
            else:
                whole.append(part)
        return whole

    async def _replies(self, text: str, state: State) -> dict[str, float]:
        """What a text probably is to the question that is open; nothing where none is, or nothing can be said of it."""
        if state.open_slot is None or not text:
            return {}
        return await self._decided(_ASSENT if state.open_slot == YES_SLOT else _REPLY, text)

    async def _with_reason(
        self, text: str, commands: tuple[Command, ...], entities: Sequence[Entity], state: State
    ) -> tuple[Command, ...]:
        """The commands with the kind of reason that the text gives for them.

        Words that only look like a reason, said on the way to something else, are none.
        """
        begins = any(isinstance(one, StartFlow) for one in commands)
        told = any(isinstance(one, SetSlot) and one.name == _REASON for one in commands)
        if not begins and not told:
            return commands
        answers = state.open_slot in _WHYS
        # an English sentence needs something in the place of a name, a Chinese one does without
        latin = [entity for entity in entities if entity.text.isascii()]
        said = text if answers else wish_in(without_names(text, latin), entities)
        sure = reasons.SURE if answers else reasons.UNASKED
        kind = await self._kind_of_reason(said, clauses_of(said) if begins or answers else (), sure)
        # what may be a fault is asked after, where anything was told as a reason: "it's wrong, I don't want it"
        known = kind and (answers or told or kind != reasons.UNCLEAR)
        if not known and not begins and not answers:
            return tuple(one for one in commands if not (isinstance(one, SetSlot) and one.name in _WHYS))
        return (*commands, SetSlot(_REASON_KIND, kind)) if known else commands

    async def _kind_of_reason(self, text: str, clauses: Sequence[str], sure: float) -> str:
        """The kind of reason that a text gives for sending something back; empty where it gives none for sure.

        Where the whole says it not for sure, one of its `clauses` may: "waited for days, opened it, it's ripped, take it
        back". Of clauses that say different things the goods' fault counts.
        """
        kind = reasons.kind_of(await self._decided(_REASON, text), sure)
        if kind not in ("", reasons.UNCLEAR):
            return kind
        told = [reasons.kind_of(await self._decided(_REASON, clause), sure) for clause in clauses]
        known = [one for one in told if one not in ("", reasons.UNCLEAR)]
        return next((one for one in known if one in reasons.SELLERS), next(iter(known), kind))

    async def _decided(self, name: str, text: str) -> dict[str, float]:
        """How probable each label of a decision is for a text; empty where it was not trained or the encoder is away."""
        if name not in self._decisions:
            return {}
        try:
            return await self._decisions[name].probabilities(text)
        except Unavailable as error:
            log.warning("understanding.unavailable", error=str(error))
            return {}

    async def _weighed(self, part: str, entities: Sequence[Entity], last: tuple[str, ...]) -> Meaning:
        """The meaning of a part, by the classifiers and by what it refers to.

        What asks for a product's price or pieces is no business with an order, unless it names one or is sure to be. What
        only changes the question that was just asked of the products `last` is neither that nor small talk: "换左手款呢".
        """
        meaning = await self.meaning(without_names(without_values(part, entities), entities))
        flow = self._vocabulary.triggers.get(meaning.intent, OF_GOODS)
        business = flow != OF_GOODS and meaning.confidence < _SURELY
        of_order = any(entity.kind == "order_number" for entity in entities)
        if business and not of_order and await self._catalogue.asks(part):
            return Meaning("", 0.0, "tables", meaning.ranking)
        guessed = last and not of_order and meaning.stage != "rules" and meaning.confidence < _SURELY
        if guessed and await self._catalogue.asks(part, last):
            return Meaning("", 0.0, "tables", meaning.ranking)
        return meaning

    async def _other_mind(self, text: str, message: Message, situation: Situation) -> tuple[Command, ...]:
        """The commands of a message that gives up what is under way; none of one that does not.

        A question of which only a few answers are possible is answered where nothing else is wanted: "算了，就黑色吧".
        """
        flows = under_way(situation.state)
        if not flows:
            return ()
        if mind.all_done(text):
            return (CancelFlow(everything=True),)
        if situation.state.open_slot == YES_SLOT and (denied := mind.denied(text)):
            return await self._wanted_instead(denied, message, situation)
        rest = mind.given_up(text, flows)
        last = clauses_of(text)[-1:]
        at_last = situation.state.open_slot == YES_SLOT and rest is None and last and mind.given_up(last[0], flows) == ""
        if rest == "" or at_last:
            return (CancelFlow(),)
        reading = await self._reading(rest or text, message, situation.state)
        if rest is None and not mind.rather(text):
            return (CancelFlow(), *excluded) if (excluded := wish_instead(reading, situation)) else ()
        if wish := another_wish(reading, situation):
            return (CancelFlow(), *wish)
        if rest is None or situation.state.open_slot not in _IN_WORDS:
            return ()
        return (CancelFlow(), *besides(reading, situation))

    async def _wanted_instead(self, denied: str, message: Message, situation: Situation) -> tuple[Command, ...]:
        """What is wanted by who says that a summary is wrong: other business; nothing where it is a value that is wrong."""
        wish = another_wish(await self._reading(denied, message, situation.state), situation)
        return (CancelFlow(), *wish) if wish else ()

    async def meaning(self, text: str) -> Meaning:
        """The intent of one cleaned text by the first confident stage. Identical texts are looked up once.

        What is said in the place of a part that does not answer is not kept.
        """
        known = self._meanings.get(text)
        if known is not None:
            return known
        try:
            meaning = await self._ask(text)
        except Unavailable as error:
            log.warning("understanding.unavailable", error=str(error))
            return await self._instead(text)
        self._meanings[text] = meaning
        return meaning

    async def _ask(self, text: str) -> Meaning:
        """By whoever is to say it. Raises Unavailable where one that is needed does not answer."""
        if self._rasa is not None:
            return await self._rasa.meaning(text)
        meaning = await self._classify(text)
        sure = meaning.stage == "rules" or meaning.confidence >= self._vocabulary.thresholds.answer
        if self._generator is None or sure:
            return meaning
        return await self._generator.meaning(text, meaning)

    async def _classify(self, text: str) -> Meaning:
        """By our own stages. Raises Unavailable where the encoder is needed and does not answer."""
        intent = self._exact.intent(text)
        if intent is not None:
            return Meaning(intent, 1.0, "rules", ((intent, 1.0),))
        if rules.is_number(text):
            return Meaning("", 0.0, "rules", ())
        return self._best(*await self._classifiers.probabilities(text, self._encoder))

    async def _instead(self, text: str) -> Meaning:
        """What can still be said of a text: by our own classifiers, or by the words alone."""
        with contextlib.suppress(Unavailable):
            return await self._classify(text)
        linear = self._classifiers.linear.probabilities(text)
        return self._best(self._classifiers.combination.alone(linear), "linear")

    def _best(self, probabilities: NDArray[np.float32], stage: str) -> Meaning:
        order = np.argsort(-probabilities)[:_RANKED]
        ranking = tuple((self._classifiers.intents[n], round(float(probabilities[n]), 4)) for n in order)
        return Meaning(*ranking[0], stage, ranking)

    async def _entities(self, text: str, message: Message, asked: str | None) -> tuple[Entity, ...]:
        """Values of the text; products by name, and the products that link numbers meant when the message was sent.

        `asked` is the slot that it may answer for. An order number of no known form may be of one that is new.
        """
        today = message.sent_at.astimezone(self._zone).date()
        found = list(find_entities(text, self._colors, today, await self._numbers.refreshed(), asked))
        if asked == ORDER_NUMBER and all(entity.kind != ORDER_NUMBER for entity in found):
            found = list(find_entities(text, self._colors, today, await self._numbers.refreshed(unknown=True), asked))
        mentions = await self._catalogue.mentions(text)
        found = [entity for entity in found if not await self._is_a_value(entity, mentions)]
        for entity in [entity for entity in found if entity.kind == "link_number"]:
            product = await self._catalogue.link(message.key.room, int(entity.value), message.sent_at)
            if product is not None:
                found.append(replace(entity, kind="product", value=product))
        return tuple(sorted([*found, *mentions], key=lambda entity: (entity.start, entity.end)))

    async def _is_a_value(self, entity: Entity, mentions: Sequence[Entity]) -> bool:
        """Whether a number that may be a link's tells variants of a product apart that is named beside it: "hooks no. 3"."""
        if entity.kind != "link_number" or _LINK.search(entity.text):
            return False
        beside = [m.value for m in mentions if m.confidence > NAMED and (m.end <= entity.start or entity.end <= m.start)]
        return bool(beside) and await self._catalogue.has_value(str(entity.value), [str(product) for product in beside])


def _only_excludes(part: str) -> bool:
    """Whether a part begins by excluding something, and asks nothing of its own."""
    return _EXCLUDES.match(part) is not None and not asks(part)


def _without(meaning: Meaning, not_meant: Sequence[str]) -> Meaning:
    """The meaning of a part of which some intents cannot be meant, by where it stands or what it names.

    The others share what these had, as far as they had something to say themselves: where nearly nothing is left, none
    of them is sure.
    """
    guessed = meaning.stage in ("linear", "semantic")
    if not guessed or not any(intent in not_meant for intent, _ in meaning.ranking):
        return meaning
    taken = sum(probability for intent, probability in meaning.ranking if intent in not_meant)
    share = max(1 - taken, _LEFT)
    ranking = tuple((i, round(probability / share, 4)) for i, probability in meaning.ranking if i not in not_meant)
    return Meaning(*ranking[0], meaning.stage, ranking) if ranking else meaning


def _asked_of_last(state: State) -> tuple[str, ...]:
    """The products that the last message asked about; none where something else is under way."""
    last = state.recent[-1] if state.recent and not state.stack else None
    return last.product_ids if last is not None and last.about else ()


def _pressed(situation: Situation, language: Language, intent: str, slots: Mapping[str, object]) -> Parse:
    """A button was pressed: it says what it means, and has no language of its own."""
    meaning = Meaning(intent, 1.0, "rules", ((intent, 1.0),))
    given = tuple(Entity(name, value, "", 0, 0) for name, value in slots.items())
    commands = commands_for(Reading("", given, (("", meaning),), ()), situation)
    return Parse(language, commands, intent, 1.0, "rules", given, meaning.ranking)


def _default_language(message: Message, state: State) -> Language:
    """For texts without letters: the conversation's language, at its beginning the platform's."""
    if state.version or not message.locale:
        return state.language
    tag = message.locale.lower()
    if tag.startswith("zh"):
        return Language.ZH_HANT if any(part in tag for part in ("hant", "tw", "hk", "mo")) else Language.ZH
    return Language.EN


def _refusal(text: str) -> CannotHandle | None:
    """Why a text is not even looked at."""
    if not text:
        return CannotHandle("empty")
    if len(text) > MAX_READ:
        return CannotHandle("too_long")
    if not any(char.isalnum() for char in text) and not set(text) & set("?？!！"):
        return CannotHandle("unclear")
    return None
