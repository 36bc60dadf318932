"""A server of Rasa's actions, as rasa-sdk defines them: a Rasa server keeps the conversation, and these are its actions.

    POST /webhook   {next_action, tracker, ...}  ->  {events, responses}
    GET  /actions   the names that it knows      GET /health

Errors are rasa-sdk's: 404 for a name that is no action, 400 for a call that cannot be run, both with `error` and
`action_name`. Proofs of ownership travel in the slot `verified`, which a message cannot fill; so who reaches this server
decides what is proven, and it listens on this machine only unless it has a token.

A rule of Rasa's has one turn. So an action asks for what it lacks, and proves an order by the slots `order_number` and
`phone_last4` before it works on it.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from actions.protocol import MAX_BODY, ActionCall, Tracker, answer, read_call
from actions.registry import VERBS, Verb
from actions.verify import LOCKED, NEEDS_PROOF
from bot.errors import BadInput, Unavailable
from bot.ports import Actions, Clock, Responding
from bot.types import Audience, Call, Findings, Message, Outcome, Reply, Say, State

log = structlog.get_logger(__name__)

# Sets the slot `language` by the last message; the domain has Rasa run it before anything is answered.
LANGUAGE = "action_language"
VERIFY = "action_verify_order"
# What is said where a proof is refused without a word, because a flow would go on to ask.
_INSTEAD = {NEEDS_PROOF: (Say("utter_ask_phone_last4"),), LOCKED: (Say("utter_verification_locked"),)}

# What the engine does itself, such as answering from documents: the message, the conversation, and the intent's name.
Own = Callable[[Message, State, str], Awaitable[Sequence[Reply]]]


class NoSuchAction(BadInput):
    """A name that is no action here."""


class ActionServer:
    """Runs the actions of a Rasa server: the shop's verbs, and those of the engine's own that it is given."""

    def __init__(
        self,
        actions: Actions,
        responding: Responding,
        clock: Clock,
        own: Mapping[str, Own],
        verbs: Mapping[str, Verb] = VERBS,
    ) -> None:
        """`verbs` are those of `actions`, with their arguments."""
        self._actions = actions
        self._verbs = verbs
        self._responding = responding
        self._clock = clock
        self._own = own

    def names(self) -> list[str]:
        """Every action, in the order of its kinds."""
        return [*self._actions.names(), *self._own, LANGUAGE]

    async def run(self, name: str, tracker: Tracker) -> dict[str, Any]:
        """Run one action. Returns the answer's body. Raises NoSuchAction, and BadInput for a tracker that it cannot run on.

        What does not answer is said to the customer, as the engine does it: Rasa itself would stay silent.
        """
        if name not in self.names():
            raise NoSuchAction(f"No registered action found for name '{name}'.")
        state = State(
            tracker.key,
            language=tracker.language,
            slots={**tracker.slots, "language": tracker.language.value},
            verified=tracker.verified,
        )
        if name == LANGUAGE:
            return answer({"language": tracker.language.value}, ())
        try:
            if name in self._own:
                return answer({}, await self._own_replies(name, tracker, state))
            outcomes = await self._outcomes(name, tracker, state)
        except Unavailable as error:
            log.warning("actions.unavailable", action=name, conversation=str(tracker.key), error=str(error))
            outcomes = [Outcome(name, ok=False, retryable=True, say=(Say("utter_internal_error"),))]
        slots = {slot: value for outcome in outcomes for slot, value in _slots(outcome).items()}
        grants = [grant for outcome in outcomes for grant in outcome.grants]
        if grants:
            slots["verified"] = list(dict.fromkeys([*tracker.verified, *grants]))
            slots["phone_last4"] = None  # they are not tried on the next order
        return answer(slots, tuple(reply for outcome in outcomes for reply in self._replies(outcome, state)))

    async def _own_replies(self, name: str, tracker: Tracker, state: State) -> tuple[Reply, ...]:
        latest = tracker.latest_message
        text = (latest.text if latest else None) or ""
        message = Message(_message_id(tracker), tracker.key, text, self._clock.now())
        return tuple(await self._own[name](message, state, (latest.intent.name if latest else None) or ""))

    async def _outcomes(self, name: str, tracker: Tracker, state: State) -> list[Outcome]:
        """What the verb came to, after the proof of the order that it may need first."""
        fields = self._verbs[name].arguments.model_fields
        outcomes: list[Outcome] = []
        verified = tracker.verified
        if name != VERIFY and "order_number" in fields and _unproven(tracker):
            proof = await self._actions.run(self._call(VERIFY, tracker, state, verified))
            if not proof.ok:
                return [replace(proof, say=proof.say + _INSTEAD.get(proof.refusal, ()))]
            outcomes.append(proof)
            verified = (*verified, *proof.grants)
        lacking = next((f for f, info in fields.items() if info.is_required() and state.slots.get(f) is None), None)
        if lacking is not None:
            return [*outcomes, Outcome(name, ok=False, refusal="incomplete", say=(Say(f"utter_ask_{lacking}"),))]
        return [*outcomes, await self._actions.run(self._call(name, tracker, state, verified))]

    def _call(self, name: str, tracker: Tracker, state: State, verified: tuple[str, ...]) -> Call:
        return Call(
            action=name,
            arguments={slot: value for slot, value in state.slots.items() if value is not None},
            key=tracker.key,
            language=state.language,
            audience=tracker.audience,
            idempotency_key=f"{tracker.key}/{_message_id(tracker)}/{name}",
            at=self._clock.now(),
            verified=verified,
        )

    def _replies(self, outcome: Outcome, state: State) -> list[Reply]:
        """What an outcome says; its cards come with the last of it, as in the engine."""
        replies = [self._responding.say(say, state.language, state) for say in outcome.say]
        if replies:
            replies[-1] = replace(replies[-1], cards=replies[-1].cards + outcome.cards)
        return [self._responding.guard(reply, Findings(cards=outcome.cards), state) for reply in replies]


def action_app(server: ActionServer, token: str = "") -> FastAPI:
    """The protocol's three routes. With a `token`, calls carry it as Rasa sends the `token` of its endpoints.yml."""
    app = FastAPI(title="Streamdesk's actions", openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/actions")
    async def actions() -> list[dict[str, str]]:
        return [{"name": name} for name in server.names()]

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        if token and not hmac.compare_digest(request.query_params.get("token", "").encode(), token.encode()):
            return _json(401, {"error": "The token is missing or wrong: set `token` of action_endpoint in endpoints.yml."})
        call: ActionCall | None = None
        try:
            call = read_call(await _body(request), request.headers.get("Content-Encoding", ""))
            # rasa-sdk answers a call without an action with null, too
            return _json(200, await server.run(call.next_action, call.tracker) if call.next_action else None)
        except BadInput as error:
            status = 404 if isinstance(error, NoSuchAction) else 400
            return _json(status, {"error": str(error), "action_name": (call.next_action if call else None) or ""})

    return app


async def _body(request: Request) -> bytes:
    """The body, read no further than is allowed. Raises BadInput."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BadInput("is too long.", where="body", remedy=f"Send at most {MAX_BODY:,} bytes.")
    return bytes(body)


def _unproven(tracker: Tracker) -> bool:
    """Whether the order that is named must be proven first; in public nothing is proven, and the verb refuses by itself."""
    number = tracker.slots.get("order_number")
    return bool(number) and tracker.audience is Audience.PRIVATE and f"order:{number}" not in tracker.verified


def _message_id(tracker: Tracker) -> str:
    """The id of the message that an action answers; a repeat of the call has the same. Raises BadInput."""
    latest = tracker.latest_message
    if latest is None or not latest.message_id:
        remedy = "Rasa sends it with every message of a customer; without it a repeated call would act twice."
        raise BadInput("is missing.", where="tracker.latest_message.message_id", remedy=remedy)
    return latest.message_id


def _slots(outcome: Outcome) -> dict[str, Any]:
    """The slots that an outcome sets, `outcome` among them as in the flows."""
    return {**outcome.slots, "outcome": "done" if outcome.ok else outcome.refusal or "failed"}


def _json(status: int, content: Any) -> Response:
    return Response(orjson.dumps(content, default=str), status, media_type="application/json")
