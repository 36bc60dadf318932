"""From what a message says to what its writer wants, in the light of the conversation. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.asking import asks, asks_yes_or_no, ends_as_question, has_question_words
from bot.choices import is_payload, offered
from bot.domain import Domain
from bot.text import without_particles
from bot.types import (
    ASK_BACK,
    OF_ORDERS,
    AskKnowledge,
    CancelFlow,
    CannotHandle,
    Chat,
    Clarify,
    Command,
    Entity,
    LogOut,
    ReadPhoto,
    Recommend,
    RepeatReplies,
    RequestHuman,
    SetSlot,
    SkipStep,
    StartFlow,
    State,
)
from bot.understanding import orders, rules
from bot.understanding.answers import PHOTO_SLOT, YES_SLOT, answer_for, has_shape, wants_another_code
from bot.understanding.assent import AGREED, Assent, assent, indifferent, leans_to_yes
from bot.understanding.combination import Thresholds
from bot.understanding.corrections import corrected
from bot.understanding.parts import NAMED, joined, names_only, nothing_but_values
from bot.understanding.pointing import listed_at, pointed_at, points_at_item
from bot.understanding.volunteered import (
    EVERY,
    RECEIVER,
    TITLE,
    address_answered,
    gives_reason,
    quantity_answer,
    title_answered,
    volunteered,
)

# Meant only where a question is open: there is nothing to skip elsewhere.
_SKIP = "skip"
# Intents that steer the conversation itself.
_STEERING: Mapping[str, Command] = {
    "cancel": CancelFlow(),
    _SKIP: SkipStep(),
    "repeat": RepeatReplies(),
    "log_out": LogOut(),
}
# From this part on a flow is meant, where an order is named and nothing else is under way. A guess costs little: nothing
# happens without a proof, and nothing is changed without a yes.
LIKELY = 0.4
# From this part on all business together is likelier than anything else.
_BUSINESS = 0.5
# Less than this speaks for no flow: what is said of the order asks how it is.
_HARDLY = 0.2
# Longer than this a part says something, in characters.
_NOISE = 12
# So long is a word that is only brought up, with its particle: "那物流呢", beside what is asked of it.
_NAME = 6
# Of what is no flow, a flow must be so likely at least, where an order is named: a coupon may be asked about with its order.
_BESIDE = 0.4
_BY_ORDER_NUMBER = "order_status"
# Business with a product that nobody has bought yet, by its intent and its flow: who names an order means another, and who
# wants to hear of its stock has asked for no pieces.
OF_GOODS = "back_in_stock"
# The likeliest of two flows is at most so many times as likely as the other, where the customer is asked which.
_CLOSE = 3
# Business that changes nothing: to look is the answer to a question in general, too.
_LOOKED_UP = ("order_status", "track_shipment", "refund_status")
# How likely other business is, at least, in the middle of something.
_AMID = 0.8
# How likely it is, at least, that an order which was spoken of is to be looked after; and where that is only brought up.
_LOOKS, _BROUGHT_UP = 0.3, 0.05
# So sure is what asks something to be small talk all the same.
_SMALL_TALK = 0.9
# From here on a reply is of its kind, of those that do not answer what is asked: by the replies that were kept back, 9 of 10
# such are. What gives all up has to be surer.
_REPLIES: Mapping[str, float] = {"cannot": 0.5, "indifferent": 0.55, "why": 0.6, "stop": 0.55}
_NEVER = 2.0
# From here on a reply to a summary is a no, and from here on a reply may give something up.
_REFUSES, _MAY_REFUSE = 0.5, 0.3
# Questions that are answered by telling something, and what a telling may be taken for: who tells that a lamp cannot
# be switched on has answered.
_TOLD_FREELY, _TELLS = ("reason", "problem", "complaint_text"), ("answer", "cannot", "chat")
# What so few would say who answer is no answer.
_HARDLY = 0.2
# What is named of an order.
_OF_ITEMS = frozenset({"items", "product"})
# What somebody has; who asks for it says "you", or ends as a question does.
_OWNS = re.compile(
    r"(?:i|we)?\s*(?:['’]ve|have)?\s*(?:got|have|own)\s+(?:an?|my|the|two|some)\b|(?:我|我家|家里)(?:已经)?有", re.IGNORECASE
)
# Of two orders one is not meant.
_EXCEPT = re.compile(r"\bnot\b|不是|而不|别")
_OPENERS = ("greet", "thank", "goodbye")
_SAYS_NOTHING = ("affirm", "thank")
_SHORT = ("deny", "greet")
# Intents that say nothing of what a question is about.
_NO_TOPICS = ("affirm", "deny", "out_of_scope", "refer", ASK_BACK)
# What only names or changes what is spoken of.
_REFERS = "refer"
# How something comes back, which is one of a few ways.
_WAY = "return_way"
# Values that answer a question in one's own words.
_TELLING = ("size", "color", "product", "address", "email")
# So likely other business is, at least, that what is said of it may answer a question about the likeliest, too.
_PERHAPS = 0.1
# So sure is business of which a message says nothing more while it asks something of goods.
_SURE_BESIDE = 0.9
# What is told of an order belongs to a complaint that it stands beside.
_COMPLAINT, _WHAT_HAPPENED = "complaint", "complaint_text"
_REPORTS = frozenset({"missing_item", "wrong_item", "damaged_item", "delivered_not_received", "late_delivery"})
# What takes the place of what, for the same pieces of an order.
_INSTEAD: Mapping[str, str] = {"return_items": "change_variant", "change_variant": "return_items"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The intent of a text, how sure, and by which stage; `ranking` has the best few."""

    intent: str
    confidence: float
    stage: str
    ranking: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as read: its values, its parts with their meanings, and its photos. `said` is its text as it was written.

    `replies` says how probably it is each kind of reply to the question that is open, by what was learned of many: to a
    summary those of `assent.yml`, to any other those of `reply.yml`; `names` are those that were read in it, by what they
    would answer.
    """

    text: str
    entities: tuple[Entity, ...]
    parts: tuple[tuple[str, Meaning], ...]
    photos: tuple[ReadPhoto, ...]
    said: str = ""
    replies: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What intents lead to (the flow that one triggers, or the action of its rule), and from which confidence on."""

    domain: Domain
    triggers: Mapping[str, str]
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Situation:
    """What a message is read in the light of: the conversation, and the product on screen when it was sent."""

    state: State
    on_screen: str | None
    vocabulary: Vocabulary


def commands_for(reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """The commands of a message: answers to the open question first, then what each part asks for."""
    slots = _first_of_each([SetSlot(e.kind, e.value) for e in reading.entities if e.kind in ("order_number", "phone_last4")])
    if corrections := corrected(reading.text, slots, situation.state.slots):
        return corrections
    to_summary = summary_answer(reading.text, situation.state, reading.replies.get("yes", 0.0))
    open_answer = _photo_asked_for(reading.photos, situation) or _answer(reading, situation, to_summary)
    of_reply = _other_reply(reading, slots, situation) if open_answer is None else ()
    if replied := _no_plain_yes(to_summary, reading, situation) or of_reply:
        return replied
    if open_answer is not None:
        # a text that answers as a whole may hold other values, like the phone in an address: they are part of the answer
        others = [] if open_answer.value == reading.said else slots
        slots = [open_answer, *(slot for slot in others if slot.name != open_answer.name)]
    asked = [] if nothing_but_values(reading.text, reading.entities) else reading.parts
    told = _without_guesses(
        [(part, m, _command(part, m, reading, situation)) for part, m in _telling(asked, reading)], reading, situation
    )
    wanted = _without_giving_up([command for _, command in told], reading, situation)
    if open_answer is not None or (slots and _only_answers(reading, slots, wanted)):
        # an answer to the open question is not also a question for the documents
        chosen_way = open_answer is not None and open_answer.name == _WAY  # "no pick-up, I'll post it" gives nothing up
        kept: list[type[Command]] = [RequestHuman, LogOut] if chosen_way else [StartFlow, RequestHuman, LogOut]
        answered = to_summary is Assent.YES or (open_answer is not None and _is_reason(open_answer.name, reading.text))
        if not answered and any(meaning.intent == "cancel" for _, meaning in asked):  # a "no" may be a part of the answer
            kept.append(CancelFlow)
        # a yes says nothing else: what does is none
        wanted = [c for c in wanted if isinstance(c, tuple(kept)) and to_summary is not Assent.YES]
    photos = () if open_answer is not None and open_answer.name == PHOTO_SLOT else reading.photos
    if photos:
        # what the photo shows is the answer to "do you have this one?"
        wanted = [command for command in wanted if isinstance(command, StartFlow | RequestHuman)]
    wanted = _with_reasons(_without_openers(_without_noise(list(dict.fromkeys(wanted)))), told, reading)
    if any(slot.name == "order_number" for slot in slots) and all(_unsure(command) for command in wanted):
        wanted = []  # it is about the order, whatever else it says
    if slots and open_answer is None and not wanted and not photos:
        wanted = _for_values_alone(slots, situation)
    if situation.state.stack or any(isinstance(command, StartFlow) for command in wanted):
        given = {slot.name for slot in slots}
        begins = any(isinstance(command, StartFlow) for command in wanted)
        said = volunteered(reading.text, reading.entities, begins=begins, names=reading.names)
        # "carry on" names no bag: what is confirmed was named before
        known = given | _OF_ITEMS if to_summary is Assent.YES else given
        more = [slot for slot in said if slot.name not in known]
        if more and all(_unsure(command) for command in wanted):
            wanted = []  # it says more of the business under way
        slots += more
    if StartFlow(_COMPLAINT) in wanted and (happened := _happened(told, slots)):
        wanted = [command for command in wanted if not _reports(command)]
        slots.append(SetSlot(_WHAT_HAPPENED, " ".join(happened)))
    if to_summary is Assent.OTHER:
        wanted = _told_again(wanted, slots, refuses=reading.replies.get("no", 1.0) >= _MAY_REFUSE)
    of_order = situation.state.stack or any(slot.name == "order_number" for slot in slots)
    wanted = _without_a_photo(reading, wanted, situation)
    in_its_words = [] if of_order else _asked_besides(told, wanted, reading, situation)
    chosen = [*slots, *photos, *in_its_words, *_in_order(wanted, told, reading), *_offers(asked, reading, situation)]
    return tuple(chosen) or (CannotHandle("unclear"),)


def summary_answer(text: str, state: State, agrees: float = 0.0) -> Assent | None:
    """What a text is to the summary that waits for a yes; None where none does, or a button answers.

    `agrees`: how probably it is a yes by what was learned; that alone makes none of what has not the form of one.
    """
    if not text or state.open_slot != YES_SLOT:
        return None
    flow = state.stack[-1].flow
    return Assent.YES if agrees >= AGREED and leans_to_yes(text, flow) else assent(text, flow)


def under_way(state: State) -> tuple[str, ...]:
    """The flow on top of the stack and those that called it."""
    flows: list[str] = []
    for frame in reversed(state.stack):
        flows.append(frame.flow)
        if not frame.data.get("called"):
            break
    return tuple(flows)


def another_wish(reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """What is wanted in the place of what is under way: another flow with its values, or a person. Empty for anything else.

    Who has just given something up wants something done: what is likely is enough.
    """
    aside = replace(situation, state=replace(situation.state, stack=()))
    commands = commands_for(reading, aside)
    if not any(isinstance(command, StartFlow | RequestHuman) for command in commands):
        flows = [flow for _, meaning in reading.parts if (flow := _likely_flow(meaning, situation.vocabulary))]
        commands = (
            *(SetSlot(s.name, s.value) for s in volunteered(reading.text, reading.entities, names=reading.names)),
            *map(StartFlow, flows),
        )
    started = {command.flow for command in commands if isinstance(command, StartFlow)}
    wishes = any(isinstance(command, StartFlow | RequestHuman) for command in commands)
    return commands if wishes and not started & set(under_way(situation.state)) else ()


def besides(reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """What else is said where something is given up: a question that can be answered, small talk."""
    commands = commands_for(reading, replace(situation, state=replace(situation.state, stack=())))
    return tuple(c for c in commands if not isinstance(c, SetSlot | CancelFlow) and not _says_little(c))


def wish_instead(reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """What a plain wish for an exchange in the middle of a return means, or the other way round: nobody wants both."""
    state = situation.state
    instead = {_INSTEAD.get(flow) for flow in under_way(state)} - {None}
    if not instead or reading.photos or asks(reading.text):
        return ()
    commands = commands_for(reading, replace(situation, state=replace(state, stack=())))
    others = any(isinstance(command, SetSlot) and command.name == "order_number" for command in commands)
    started = {command.flow for command in commands if isinstance(command, StartFlow)}
    return commands if started and started <= instead and not others else ()


def _likely_flow(meaning: Meaning, vocabulary: Vocabulary) -> str | None:
    """The likeliest flow by all the intents that start it, where it is likely enough."""
    likely: dict[str, float] = {}
    for intent, probability in meaning.ranking:
        if intent in vocabulary.triggers:
            flow = vocabulary.triggers[intent]
            likely[flow] = likely.get(flow, 0.0) + probability
    best = max(likely, key=lambda flow: likely[flow], default=None)
    return best if best is not None and likely[best] >= LIKELY else None


def photos_alone(photos: tuple[ReadPhoto, ...], situation: Situation) -> tuple[Command, ...]:
    """The commands of photos without a word."""
    asked_for = _photo_asked_for(photos, situation)
    return (asked_for,) if asked_for else photos


def _first_of_each(slots: Sequence[SetSlot]) -> list[SetSlot]:
    """Of several orders in one message the first is served first."""
    return list({slot.name: slot for slot in reversed(slots)}.values())[::-1]


def _in_order(wanted: Sequence[Command], told: Sequence[tuple[str, Command]], reading: Reading) -> list[Command]:
    """What is wanted, in order: one business now and the others later, each with the order that is named in its part.

    Where a single wish names several orders, it is wanted of each.
    """
    now = next((command for command in wanted if isinstance(command, StartFlow)), None)
    if now is None:
        return list(wanted)
    numbers = list(dict.fromkeys(str(e.value) for e in reading.entities if e.kind == "order_number"))
    others = [(part, command) for part, command in told if isinstance(command, StartFlow) and command in wanted]
    owned = _orders_of([part for part, _ in others], reading)
    later = [StartFlow(c.flow, True, owned.get(part, ())) for part, c in dict(reversed(others)).items() if c != now]
    if len(told) == 1 and not _EXCEPT.search(reading.text.lower()):
        later += [StartFlow(now.flow, True, (("order_number", number),)) for number in numbers[1:]]
    kept = (command for command in wanted if command == now or not isinstance(command, StartFlow))
    return [*kept, *dict.fromkeys(later)]


def _asked_besides(
    told: Sequence[tuple[str, Command]], wanted: Sequence[Command], reading: Reading, situation: Situation
) -> list[Command]:
    """What of the shop's rules is to be told with a business that a message begins.

    A wish that is put as a question asks for them ("two weeks old, can I still return it"), and who reports that something
    went wrong wants to know what happens now.
    """
    flows = {flow for intent, flow in situation.vocabulary.triggers.items() if intent not in _LOOKED_UP}
    begun = [(part, c) for part, c in told if isinstance(c, StartFlow) and c in wanted and c.flow in flows]
    asking = [part for part, command in begun if _is_asked(part, reading) or _reports(command)]
    return [_of_business(part, dict(reading.parts)[part], reading, situation) for part in asking[:1]]


def _of_business(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> AskKnowledge:
    """A question about a business with orders, which may also be one about other business that is likely."""
    likely = [intent for intent, probability in meaning.ranking if probability >= _PERHAPS]
    return AskKnowledge(part, OF_ORDERS, _products(part, reading, situation), besides=True, intents=tuple(likely))


def _orders_of(parts: Sequence[str], reading: Reading) -> dict[str, tuple[tuple[str, str], ...]]:
    """The order that is named in a part or behind it, by part, where it is not the one that is served first."""
    places = [(reading.text.find(part), part) for part in parts]
    first, owned = None, dict[str, tuple[tuple[str, str], ...]]()
    for entity in sorted((e for e in reading.entities if e.kind == "order_number"), key=lambda entity: entity.start):
        first = first or entity.value
        behind = [(place, part) for place, part in places if 0 <= place < entity.end]
        if behind and entity.value != first:
            owned.setdefault(max(behind)[1], (("order_number", str(entity.value)),))
    return owned


def _yes_and(reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """A yes that another wish is joined to, of another order: "yes, and where is SD...?". Empty for anything else."""
    state = situation.state
    yes, rest = joined(reading.text)
    numbers = [str(e.value) for e in reading.entities if e.kind == "order_number" and e.text in rest]
    if (
        not rest
        or assent(yes, state.stack[-1].flow) is not Assent.YES
        or state.slots.get("order_number") in (None, *numbers)
    ):
        return ()
    flows = (
        [orders.asked(rest)]
        if orders.asked(rest)
        else [_likely_flow(meaning, situation.vocabulary) for _, meaning in reading.parts]
    )
    flow = next((flow for flow in flows if flow), None)
    if flow is None or len(numbers) != 1:
        return ()
    return (SetSlot(YES_SLOT, True), StartFlow(flow, True, (("order_number", numbers[0]),)))


def _offers(parts: Sequence[tuple[str, Meaning]], reading: Reading, situation: Situation) -> list[Command]:
    """A button for each business that was only asked about."""
    asked = (meaning.intent for part, meaning in parts if _only_asked(part, meaning, reading, situation))
    return [Clarify((intent,)) for intent in dict.fromkeys(asked)]


def _only_asked(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> bool:
    """Whether a part asks how a business goes in general: the documents say it, and nobody is asked for an order.

    Who asks something of a product, and is not sure to want that business, is told first as well.
    """
    started = meaning.intent in situation.vocabulary.triggers and meaning.intent not in _LOOKED_UP
    sure = meaning.confidence >= situation.vocabulary.thresholds.flow
    if not started or not sure or _names_order(reading) or situation.state.stack:
        return False
    of_goods = meaning.confidence < _SURE_BESIDE and any(
        e.kind == "product" and e.confidence > NAMED for e in reading.entities
    )
    known = situation.state.slots.get("order_number")
    return orders.general(part) or (of_goods and not known and _is_asked(part, reading))


def _telling(parts: Sequence[tuple[str, Meaning]], reading: Reading) -> list[tuple[str, Meaning]]:
    """The parts that may want something: not those that hold a number or say why, where another part is left."""
    telling = [(part, meaning) for part, meaning in parts if not names_only(part, reading.entities)]
    wishes = [(part, meaning) for part, meaning in telling if not gives_reason(part) or orders.done(part) or asks(part)]
    return wishes or telling or list(parts)


def _photo_asked_for(photos: Sequence[ReadPhoto], situation: Situation) -> SetSlot | None:
    """The photo that a flow has asked for: its digest."""
    if photos and situation.state.open_slot == PHOTO_SLOT:
        return SetSlot(PHOTO_SLOT, photos[0].photo.digest)
    return None


def _without_guesses(
    told: Sequence[tuple[str, Meaning, Command]], reading: Reading, situation: Situation
) -> list[tuple[str, Command]]:
    """The parts with their commands, without the business that is only guessed beside what is likelier.

    A part that names an order wants something of it; where another part has said what, it only tells which. Beside a
    question about goods, what is not sure to be business belongs to that: "it's carp this weekend, so which hook?".
    """
    triggers = situation.vocabulary.triggers

    def guessed(part: str, meaning: Meaning, command: Command, needed: float) -> bool:
        if not isinstance(command, StartFlow) or orders.asked(part):
            return False
        return sum(likely for intent, likely in meaning.ranking if triggers.get(intent) == command.flow) < needed

    known = any(isinstance(command, StartFlow) and not guessed(part, m, command, LIKELY) for part, m, command in told)
    if _asks_of_goods(told, reading, situation):
        sure = [one for one in told if not isinstance(one[2], Clarify)]  # of two that it may be, neither is sure
        left = [(part, command) for part, m, command in sure if not guessed(part, m, command, _SURE_BESIDE)]
        return left if len(left) == len(told) else [(part, _of_the_whole(command, reading)) for part, command in left]
    return [(part, command) for part, m, command in told if not (known and guessed(part, m, command, LIKELY))]


def _asks_of_goods(told: Sequence[tuple[str, Meaning, Command]], reading: Reading, situation: Situation) -> bool:
    """Whether a message asks something of goods, and neither it nor what was said before speaks of an order."""
    of_order = _names_order(reading) or situation.state.stack or situation.state.slots.get("order_number")
    if of_order or any(orders.done(part) for part, _, _ in told):
        return False
    return any(isinstance(c, AskKnowledge) and c.product_ids and not c.unsure for _, _, c in told)


def _of_the_whole(command: Command, reading: Reading) -> Command:
    """A question with all of its message, of which the rest says what it is about."""
    return replace(command, text=reading.text) if isinstance(command, AskKnowledge) else command


def _with_reasons(wanted: list[Command], told: Sequence[tuple[str, Command]], reading: Reading) -> list[Command]:
    """What is wanted; a question that is all of it with what its message tells beside: "I wore it once. can it go back"."""
    asked = {part for part, _ in told}
    context = [part for part, _ in reading.parts if part not in asked and not names_only(part, reading.entities)]
    told_beside = [command for command in wanted if _only_tells(command, reading)]
    questions = [command for command in wanted if command not in told_beside]
    alone = len(questions) == 1 and isinstance(questions[0], AskKnowledge) and not questions[0].unsure
    return [_of_the_whole(questions[0], reading)] if alone and (context or told_beside) else wanted


def _only_tells(command: Command, reading: Reading) -> bool:
    """Whether a part that was taken for a question has not the form of one, and is not understood and of no product, or
    tells what somebody has."""
    if not isinstance(command, AskKnowledge) or _is_asked(command.text, reading):
        return False
    return (command.unsure and not command.product_ids) or _OWNS.match(command.text) is not None


def _reports(command: Command) -> bool:
    """Whether a part tells what happened to an order."""
    return isinstance(command, StartFlow) and command.flow in _REPORTS


def _unsure(command: Command) -> bool:
    return isinstance(command, AskKnowledge) and command.unsure


def _no_plain_yes(to_summary: Assent | None, reading: Reading, situation: Situation) -> tuple[Command, ...]:
    """The commands of a reply to a summary that is read as a whole: doubt, a yes with another wish, another item."""
    if to_summary is Assent.PUZZLED:
        return (RepeatReplies(),)
    if to_summary is not Assent.OTHER:
        return ()
    if besides_yes := _yes_and(reading, situation):
        return besides_yes
    return (SetSlot("items", reading.said),) if points_at_item(reading.text) else ()


def _told_again(wanted: Sequence[Command], slots: Sequence[SetSlot], *, refuses: bool) -> list[Command]:
    """What is neither a yes nor anything else that can be served asks for the summary again.

    Who says how it comes back wants no other business: "I'll post it, don't come". What hardly anybody says who `refuses`
    gives nothing up: "right, hurry up".
    """
    other_way = any(slot.name == _WAY for slot in slots)
    served = [c for c in wanted if not (_says_little(c) or (other_way and isinstance(c, StartFlow)))]
    served = [c for c in served if refuses or not isinstance(c, CancelFlow)]
    return served or ([] if slots else [RepeatReplies()])


def _says_little(command: Command) -> bool:
    """Whether a command does not help somebody on who was asked for a yes."""
    match command:
        case Chat():
            return command.intent in ("affirm", "correct")
        case AskKnowledge():
            return command.unsure and not command.product_ids and not ends_as_question(command.text)
        case CannotHandle():
            return True
    return False


def _for_values_alone(slots: Sequence[SetSlot], situation: Situation) -> list[Command]:
    """What somebody wants who sends an order number and nothing else: to know about the order.

    While a flow has a question open, the value may be meant for it, as a correction.
    """
    if situation.state.stack:
        return []
    flow = _offered(situation) or situation.vocabulary.triggers.get(_BY_ORDER_NUMBER)
    if flow is None or all(slot.name != "order_number" for slot in slots):
        return [CannotHandle("unclear")]
    return [StartFlow(flow)]


def _offered(situation: Situation) -> str | None:
    """The first of the flows that the last reply offered: who gives an order number then wants one of them."""
    flows = (situation.vocabulary.triggers.get(b.payload.removeprefix("/")) for b in offered(situation.state))
    return next((flow for flow in flows if flow), None)


def _answer(reading: Reading, situation: Situation, to_summary: Assent | None) -> SetSlot | None:
    """The answer to the question that a flow has open, unless the person clearly wants something else."""
    slot = situation.vocabulary.domain.slots.get(situation.state.open_slot or "")
    if slot is None:
        return None
    meaning = reading.parts[0][1]
    sure = meaning.confidence >= situation.vocabulary.thresholds.answer
    if to_summary is not None:
        kind, likely = _likeliest(reading)
        refused = kind == "no" and likely >= _REFUSES
        value = _yes_or_no_to(to_summary, reading, no=refused or (sure and meaning.intent == "deny"))
        return None if value is None else SetSlot(slot.name, value)
    if slot.name == "code" and wants_another_code(reading.text):
        return SetSlot(slot.name, "resend")  # the words are those of "say it again"
    in_words = any(char.isalpha() for char in reading.text)
    why = _is_reason(slot.name, reading.text)
    person = meaning.intent == rules.REQUEST_HUMAN and meaning.confidence >= _AMID
    if in_words and sure and not why and (person or meaning.intent in _STEERING or indifferent(reading.text)):
        return None
    if slot.name == "new_address" and (
        address := address_answered(reading.text, reading.entities, reading.names.get(RECEIVER, ""))
    ):
        return SetSlot(slot.name, address)
    value = answer_for(slot, reading.text, reading.entities, meaning.intent if sure else "")
    if value is None:
        return None
    if value == reading.text and not has_shape(slot) and not is_payload(reading.said, situation.state):
        told = why or _tells(slot.name, reading)
        no_answer = _kind_of_reply(reading) or reading.replies.get("answer", 1.0) < _HARDLY
        return None if no_answer and not told else _in_own_words(slot.name, reading, meaning, situation)
    return SetSlot(slot.name, value)


def _other_reply(reading: Reading, slots: Sequence[SetSlot], situation: Situation) -> tuple[Command, ...]:
    """The commands of a reply that answers a question without what was asked for: it is not there, it is left to the shop,
    it is asked why, or the whole business is given up. Empty for any other, and where a message says more than that.

    What is meant depends on the question that is open, and not on what the same words begin elsewhere.
    """
    opened, kind = situation.state.open_slot, _kind_of_reply(reading)
    if opened is None or opened == YES_SLOT or slots or reading.photos or is_payload(reading.said, situation.state):
        return ()
    named = any(entity.kind == "product" for entity in reading.entities)
    if not kind or len(reading.parts) > 1 or (kind == "why" and named) or (kind == "cannot" and opened in _TOLD_FREELY):
        return ()
    if kind == "why" or asks(reading.text) or (kind == "cannot" and opened != PHOTO_SLOT):
        return (AskKnowledge(reading.text, ASK_BACK, ()),)
    return (CancelFlow(),) if kind == "stop" else (SkipStep(),)


def _without_giving_up(wanted: list[Command], reading: Reading, situation: Situation) -> list[Command]:
    """What is wanted; of a reply that hardly gives anything up, nothing that does: "the lamp, keep the rest"."""
    may = situation.state.open_slot in (None, YES_SLOT) or reading.replies.get("stop", 1.0) >= _MAY_REFUSE
    return [command for command in wanted if may or not isinstance(command, CancelFlow)]


def _kind_of_reply(reading: Reading) -> str:
    """What a reply is instead of an answer to the question that is open, where that is sure; empty where it is not."""
    kind, sure = _likeliest(reading)
    return kind if sure >= _REPLIES.get(kind, _NEVER) else ""


def _tells(name: str, reading: Reading) -> bool:
    """Whether a reply tells what it was asked to tell, whatever else it may ask: "it's soaked, now what"."""
    return name in _TOLD_FREELY and _likeliest(reading)[0] in _TELLS


def _likeliest(reading: Reading) -> tuple[str, float]:
    """The likeliest kind of reply, and how likely it is."""
    return max(reading.replies.items(), key=lambda pair: pair[1], default=("", 0.0))


def _happened(told: Sequence[tuple[str, Command]], slots: Sequence[SetSlot]) -> list[str]:
    """The parts that report what a complaint is about, where nothing has been told to that question."""
    answered = any(slot.name == _WHAT_HAPPENED for slot in slots)
    return [] if answered else [part for part, command in told if _reports(command)]


def _without_a_photo(reading: Reading, wanted: list[Command], situation: Situation) -> list[Command]:
    """What is wanted; of a text to the question for a photo that asks and wants nothing else, that there is none."""
    refused = situation.state.open_slot == PHOTO_SLOT and not reading.photos and not asks(reading.text)
    return [SkipStep()] if refused and all(isinstance(c, AskKnowledge | Recommend) for c in wanted) else wanted


def _is_reason(name: str, text: str) -> bool:
    """Whether a text says why, where that was asked: "changed my mind" gives nothing up then."""
    return name == "reason" and gives_reason(text)


def _yes_or_no_to(to_summary: Assent, reading: Reading, *, no: bool) -> bool | None:
    """The answer to a summary: a no that names another value is a change, and a question is neither."""
    if to_summary is Assent.YES:
        return True
    changes = any(volunteered(reading.text, reading.entities, begins=False))
    return False if no and not changes and not ends_as_question(reading.text) else None


def _in_own_words(name: str, reading: Reading, meaning: Meaning, situation: Situation) -> SetSlot | None:
    """The answer to a question that may have any words for an answer; None for what is none."""
    if name == "items" and quantity_answer(reading.text) == EVERY:
        return SetSlot(name, reading.said)  # "all" is a short word, which may be taken for an "okay"
    sure = meaning.confidence >= situation.vocabulary.thresholds.answer
    tells = any(entity.kind in _TELLING for entity in reading.entities)
    if (_says_nothing(meaning, sure=sure) and not tells) or ends_as_question(reading.text):
        return None
    if sure and not _tells(name, reading) and (meaning.intent == ASK_BACK or _asks(reading.text, meaning.intent, situation)):
        return None
    if name == _WAY:
        return next((said for said in volunteered(reading.text, ()) if said.name == name), None)
    return SetSlot(
        name, title_answered(reading.said, reading.names.get(TITLE, "")) if name == "invoice_title" else reading.said
    )


def _says_nothing(meaning: Meaning, *, sure: bool) -> bool:
    """Whether a text is an "okay", a "thanks" or a plain "no": no reason, no address. "I don't like it" is one.

    What is short and rare, like a name, may be taken for a greeting or a no: these count only word for word.
    """
    return sure and (meaning.intent in _SAYS_NOTHING or (meaning.intent in _SHORT and meaning.stage == "rules"))


def _only_answers(reading: Reading, slots: list[SetSlot], wanted: Sequence[Command]) -> bool:
    """Whether a message is nothing but values: most of its characters belong to them."""
    covered = sum(len(e.text) for e in reading.entities if e.kind in {slot.name for slot in slots})
    return covered * 2 >= len(reading.text) and not any(isinstance(command, StartFlow) for command in wanted)


def _command(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> Command:
    intent = meaning.intent if meaning.confidence >= situation.vocabulary.thresholds.answer else ""
    if flow := _of_an_order(part, meaning, reading, situation):
        return StartFlow(flow)
    if _is_a_name(part, reading):
        return AskKnowledge(part, "", _products(part, reading, situation))
    if options := _between(part, meaning, reading, situation):
        return Clarify(options)
    if steering := _steering(part, intent, situation):
        return steering
    if intent in ("affirm", "deny"):
        return _yes_or_no(intent, situation.state)
    if intent == _REFERS or (intent == ASK_BACK and not situation.state.stack):
        intent = ""  # a question is the last one, of something else; nothing was asked that could be asked back
    if intent in situation.vocabulary.triggers:
        if (business := _business(part, meaning, reading, situation)) is not None:
            return business
        intent = ""
    if intent == "out_of_scope":
        return _outside(part, meaning, reading, situation)
    return _by_rule(part, intent or _perhaps_asked(meaning, situation), meaning, reading, situation)


def _steering(part: str, intent: str, situation: Situation) -> Command | None:
    """What steers the conversation itself; to leave an open question to others is to skip it."""
    if situation.state.open_slot and indifferent(part):
        return SkipStep()
    return _STEERING.get(intent) if intent != _SKIP or situation.state.stack else None


def _outside(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> Command:
    """What no shop is asked. Where that is not certain, the documents may know it: it is a rule of some shop."""
    products = _products(part, reading, situation)
    if meaning.stage == "rules" and not products:
        return CannotHandle("out_of_scope")
    sure = meaning.confidence >= situation.vocabulary.thresholds.out_of_scope
    return AskKnowledge(part, "out_of_scope" if sure else "", products)


def _of_an_order(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> str | None:
    """The flow that a part wants for an order: to answer what is asked of it, or to do something with it."""
    names_order = _names_order(reading)
    asked = orders.asked(part) if meaning.stage != "rules" else None
    if asked and (names_order or _of_own(asked, meaning, situation)):
        sure = meaning.intent in _LOOKED_UP and meaning.confidence >= situation.vocabulary.thresholds.flow
        return situation.vocabulary.triggers.get(meaning.intent, asked) if sure else asked
    if names_order:
        return _about_the_order(part, meaning, situation)
    names_product = any(entity.kind == "product" for entity in reading.entities)
    return None if names_product else _looked_after(meaning, situation)


def _business(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> Command | None:
    """The flow that the intent of a part starts, where that is sure; the documents, where it is only asked about."""
    needed = situation.vocabulary.thresholds.flow
    if meaning.confidence < (max(needed, _AMID) if situation.state.stack else needed):
        return None
    if meaning.intent == OF_GOODS and _names_order(reading):
        return None
    if _only_asked(part, meaning, reading, situation):
        # the business is offered, too: where the documents say nothing of it, that is all there is to say
        return _of_business(part, meaning, reading, situation)
    return StartFlow(situation.vocabulary.triggers[meaning.intent])


def _looked_after(meaning: Meaning, situation: Situation) -> str | None:
    """The flow that looks something up of an order which was spoken of before, where that may be meant: it costs nothing.

    Of what only brings something up ("and the refund?") it is the likeliest that can be looked up.
    """
    if situation.state.stack or not situation.state.slots.get("order_number"):
        return None
    likely = [(i, p) for i, p in meaning.ranking if i in _LOOKED_UP and i in situation.vocabulary.triggers]
    if not likely:
        return None
    (intent, probability), refers = likely[0], meaning.intent == _REFERS
    meant = probability >= (_BROUGHT_UP if refers else _LOOKS) and meaning.intent in (intent, _REFERS)
    return situation.vocabulary.triggers[intent] if meant else None


def _between(part: str, meaning: Meaning, reading: Reading, situation: Situation) -> tuple[str, ...]:
    """The two flows of which one is meant for sure, by the confidence that one alone would need; none in any other case.

    What is asked as a question is none: the documents may answer it. In the middle of a flow nothing else is offered.
    """
    triggers, needed = situation.vocabulary.triggers, situation.vocabulary.thresholds.flow
    if situation.state.stack or len(meaning.ranking) < 2:
        return ()
    if (both := orders.either(part)) and set(both) <= triggers.keys() and not orders.general(part):
        return both
    if meaning.confidence >= needed:
        return ()
    (first, likely), (second, less) = meaning.ranking[:2]
    close = less * _CLOSE >= likely and likely + less >= needed
    if not close or not {first, second} <= triggers.keys() or triggers[first] == triggers[second]:
        return ()
    return () if _is_asked(part, reading) else (first, second)


def _perhaps_asked(meaning: Meaning, situation: Situation) -> str:
    """The likeliest intent, where it is a question or a wish for products: what is not quite what was meant does no harm.

    What is likelier business than all that, though none is sure, is of orders.
    """
    if sum(probability for intent, probability in meaning.ranking if intent in situation.vocabulary.triggers) >= _BUSINESS:
        return OF_ORDERS
    rule = situation.vocabulary.domain.rules.get(meaning.intent, "action_recommend")
    told = rule == "action_recommend" and meaning.intent not in (*situation.vocabulary.triggers, *_STEERING, *_NO_TOPICS)
    return meaning.intent if told and meaning.confidence >= LIKELY else ""


def _of_own(flow: str, meaning: Meaning, situation: Situation) -> bool:
    """Whether a question is about an order of the person's: nobody else asks it, or one was spoken of, or it is said."""
    if flow == "order_paid":
        return True
    business = sum(likely for intent, likely in meaning.ranking if intent in situation.vocabulary.triggers)
    return bool(situation.state.slots.get("order_number")) or business >= _BUSINESS


def _names_order(reading: Reading) -> bool:
    return any(entity.kind == "order_number" for entity in reading.entities)


def _about_the_order(part: str, meaning: Meaning, situation: Situation) -> str | None:
    """The flow that is meant, given that something is: who names an order wants something done with it."""
    triggers = situation.vocabulary.triggers
    sure = meaning.intent in triggers and meaning.confidence >= situation.vocabulary.thresholds.flow
    if (named := orders.done(part)) in triggers and not situation.state.stack and not sure:
        return triggers[named or ""]
    of_flows = [(i, probability) for i, probability in meaning.ranking if i in triggers and i != OF_GOODS]
    total = sum(probability for _, probability in of_flows)
    if total < _HARDLY and not situation.state.stack:
        return triggers.get(_BY_ORDER_NUMBER)
    likeliest = of_flows[0][1] if of_flows else 0.0
    if situation.state.stack and likeliest < situation.vocabulary.thresholds.flow:
        return None
    if not total or likeliest / total < LIKELY or _is_beside(likeliest, meaning):
        return None
    looked_up = [intent for intent, probability in of_flows if intent in _LOOKED_UP and probability >= _BROUGHT_UP]
    unsure = meaning.confidence < situation.vocabulary.thresholds.flow
    asked = unsure and has_question_words(part) and not asks_yes_or_no(part)
    return triggers[looked_up[0] if asked and looked_up else of_flows[0][0]]


def _is_beside(likely: float, meaning: Meaning) -> bool:
    """Whether a flow is so much less likely than what the documents answer that this is meant."""
    return meaning.intent not in _STEERING and likely < meaning.confidence * _BESIDE


def _by_rule(part: str, intent: str, meaning: Meaning, reading: Reading, situation: Situation) -> Command:
    """The single-turn part: what the rule of the intent says, a question for the documents where there is none."""
    rule = situation.vocabulary.domain.rules.get(intent, "")
    if rule == "action_hand_off" and not (situation.state.stack and meaning.confidence < _AMID):
        return RequestHuman(part)
    if rule.startswith("utter_") and not (meaning.confidence < _SMALL_TALK and has_question_words(part)):
        return Chat(intent)
    topic = "" if rule.startswith("utter_") else intent
    return AskKnowledge(part, topic, _products(part, reading, situation))


def _is_a_name(part: str, reading: Reading) -> bool:
    """Whether a part is a product's name and nothing else: whatever it is taken for, the last question is asked of that."""
    rest = part
    for entity in reading.entities:
        if entity.kind == "product" and entity.text and entity.confidence > NAMED:
            rest = rest.replace(entity.text, " ")
    return rest != part and not any(char.isalnum() for char in without_particles(rest.lower()))


def _yes_or_no(intent: str, state: State) -> Command:
    """A yes takes the one thing that the last reply offered; a no to an open question gives the business up."""
    if intent == "deny":
        return CancelFlow() if state.stack else Chat(intent)
    offers = [button.payload for button in offered(state) if button.payload.startswith("/")]
    if len(offers) == 1 and offers[0] == f"/{rules.REQUEST_HUMAN}":
        return RequestHuman("accepted the offer of a person")
    return Chat(intent)


def _products(part: str, reading: Reading, situation: Situation) -> tuple[str, ...]:
    """The products that a part of a message is about: named in it or in the message, or pointed at."""
    named = [entity for entity in reading.entities if entity.kind == "product" and entity.confidence > NAMED]
    here = [entity for entity in named if entity.text and entity.text in part] or named
    if here:
        return tuple(dict.fromkeys(str(entity.value) for entity in here))
    # "the second one, how much is it": what was pointed at in one part is what the next asks about
    return pointed_at(part, situation.state, situation.on_screen) or listed_at(reading.text, situation.state)


def _without_openers(commands: list[Command]) -> list[Command]:
    """A greeting before a question is not answered by itself."""
    rest = [command for command in commands if not (isinstance(command, Chat) and command.intent in _OPENERS)]
    return rest or commands


def _without_noise(commands: list[Command]) -> list[Command]:
    """Beside a question that is understood, what says nothing and asks nothing is no question: "急急急！"."""
    understood = [c for c in commands if not _unsure(c) or (isinstance(c, AskKnowledge) and c.product_ids)]
    return [command for command in commands if not (understood and _is_noise(command))]


def _is_noise(command: Command) -> bool:
    """Whether a part says one thing over and over, or is short, not understood, of no product and no question."""
    if not isinstance(command, AskKnowledge):
        return False
    if command.unsure and len({char for char in command.text if char.isalnum()}) < 2:
        return True
    if command.product_ids:
        return False
    names_only = len(command.text) <= _NAME and command.text.rstrip("?？").endswith("呢")
    return command.unsure and len(command.text) <= _NOISE and (names_only or not has_question_words(command.text))


def _asks(text: str, intent: str, situation: Situation) -> bool:
    """Whether a text asks something, in its words as well as in its intent."""
    vocabulary = situation.vocabulary
    for_documents = intent not in vocabulary.triggers and not vocabulary.domain.rules.get(intent, "").startswith("utter_")
    return for_documents and has_question_words(text)


def _is_asked(part: str, reading: Reading) -> bool:
    """Whether a part of a message asks: by its words, or by the mark that ended it in the message."""
    start = reading.text.find(part)
    if start < 0:  # pieces of the message with other signs between them: the last of them ends it
        return asks(part) or (part == reading.parts[-1][0] and ends_as_question(reading.text))
    return asks(part) or ends_as_question(reading.text[start + len(part) :][:1])
