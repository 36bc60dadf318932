"""Declared verbs at work: from what a shop declares (`actions.declaration`) to the same quote, yes and write as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, create_model

from actions.backoffice import Case, Effect, Entry, OpenCase, PaymentMethod, SaveEntry, SaveOrder
from actions.context import Context
from actions.customers import own_account
from actions.declaration import Argument, Declaration, Words
from actions.filling import Chosen, Ordered, Scope, data_of, in_words, resolve, text_of
from actions.orders import OrderNumber, own_order
from actions.plans import Plan, Refusal, Terms
from actions.products import find_product
from actions.purchase import Purchase, purchase
from actions.registry import Verb
from actions.work import Confirmation, Prepare, quote, write
from bot.commerce import Order, Product
from bot.types import Outcome, Say

_ITEMS: TypeAdapter[tuple[Ordered, ...]] = TypeAdapter(tuple[Ordered, ...])
_COMMON = ("public_room", "not_verified", "needs_proof")
_WRITE = ("not_confirmed", "confirmation_stale", "busy")
_PLACE = ("no_product", "no_variant", "no_stock", "method", "balance")


def declared_verbs(declarations: Mapping[str, Declaration]) -> Mapping[str, Verb]:
    """The verbs by the names of their actions: `action_NAME`, and for one that writes `action_quote_NAME` as well."""
    verbs: dict[str, Verb] = {}
    for name, declared in declarations.items():
        verbs |= _written(name, declared) if declared.writes else {f"action_{name}": _read(name, declared)}
    return verbs


def _read(name: str, declared: Declaration) -> Verb:
    async def run(context: Context, request: BaseModel) -> Outcome:
        found = await _scope(context, declared, request)
        if isinstance(found, Outcome):
            return found
        no = found if isinstance(found, Refusal) else _checked(declared, found, context.terms())
        if no:
            return Outcome(context.call.action, ok=False, refusal=no.code, say=(no.say,))
        return Outcome(context.call.action, ok=True, say=(_said(declared.done, found, context.terms()),))  # type: ignore[arg-type]

    return Verb(_arguments(name, declared), run, ("utter_as_declared",), _refusals(declared), does=declared.does.en)


def _written(name: str, declared: Declaration) -> dict[str, Verb]:
    arguments = _arguments(name, declared)
    confirmed = create_model(f"confirmed_{name}", __base__=(arguments, Confirmation))

    async def run_quote(context: Context, request: BaseModel) -> Outcome:
        return await quote(context, _prepare(context, name, declared, request))

    async def run(context: Context, request: Confirmation) -> Outcome:
        return await write(context, request, _prepare(context, name, declared, request))

    slots = ("quote", "confirmed", "needs_review", *(("order_verified",) if declared.about == "order" else ()))
    says, refusals = ("utter_as_declared",), _refusals(declared)
    told = f"What this would come to: {declared.does.en}"
    return {
        f"action_quote_{name}": Verb(arguments, run_quote, says, refusals, slots, does=told),
        f"action_{name}": Verb(
            confirmed, run, says, (*refusals, *_WRITE), slots, f"action_quote_{name}", does=declared.does.en
        ),
    }


def _refusals(declared: Declaration) -> tuple[str, ...]:
    of_subject = ("no_product",) if declared.about == "product" else _COMMON
    placing = _PLACE if declared.place else ()
    return tuple(dict.fromkeys((*of_subject, *(check.code for check in declared.checks), *placing)))


# ---------------------------------------------------------------- arguments


def _arguments(name: str, declared: Declaration) -> type[BaseModel]:
    """The arguments as a model: of their types, those with a default optional."""
    fields: dict[str, Any] = {key: _field(argument) for key, argument in declared.arguments.items()}
    return create_model(name, __base__=OrderNumber if declared.about == "order" else BaseModel, **fields)


def _field(argument: Argument) -> tuple[Any, Any]:
    kinds: Mapping[str, Any] = {"text": str, "photo": str, "integer": int}
    kind: Any = kinds.get(argument.type)
    if argument.type == "choice":
        kind = _annotated(Chosen, lambda value: _chosen(argument, value))
    elif argument.type == "items":
        kind = _annotated(tuple[Ordered, ...], _ordered)
    return (kind | None, None) if argument.default else (kind, Field(min_length=1) if kind is str else ...)


def _annotated(kind: Any, read: Callable[[Any], Any]) -> Any:
    return Annotated[kind, BeforeValidator(read, json_schema_input_type=str)]


def _chosen(argument: Argument, value: Any) -> Chosen | None:
    """The choice that a text is, or the only one that it names. Raises ValueError where there is none, or several."""
    if value is None or isinstance(value, Chosen):
        return value
    said = str(value).strip().casefold()
    for key, words in argument.choices.items():
        if said in (key, words.zh.casefold(), words.en.casefold()):
            return Chosen(key, words.zh, words.en)
    named = [
        Chosen(key, words.zh, words.en)
        for key, words in argument.choices.items()
        if words.zh in said or words.en.casefold() in said
    ]
    if len(named) == 1:
        return named[0]
    raise ValueError(f"it names none of {', '.join(argument.choices)}, or several")


def _ordered(value: Any) -> Any:
    return _ITEMS.validate_python([{"product": value}] if isinstance(value, str) else value)


# ---------------------------------------------------------------- what it works on


async def _scope(context: Context, declared: Declaration, request: BaseModel) -> Scope | Refusal | Outcome:
    """What the verb is about, its arguments and the documents that it names, or why it may not see them."""
    found = await _subject(context, declared, request)
    if not isinstance(found, dict):
        return found
    scope: Scope = {**found, "given": {}, "entry": {}}
    for name, argument in declared.arguments.items():
        value = getattr(request, name)
        if value is None:
            value = data_of(argument.default, scope)
            value = _chosen(argument, value) if argument.type == "choice" else value
        scope["given"][name] = value
    for kind, template in declared.entries.items():
        key = text_of(template, scope)
        scope["entry"][kind] = await context.shop.entry(kind, key) or Entry(kind, key, {})
    return scope


async def _subject(context: Context, declared: Declaration, request: BaseModel) -> Scope | Refusal | Outcome:
    if declared.about == "product":
        named = str(getattr(request, "product", ""))
        product = find_product(await context.shop.products(), named)
        return {"product": product} if product else _no_product(named)
    if isinstance(request, OrderNumber):
        order = await own_order(context, request.order_number, change=declared.writes)
        if isinstance(order, Outcome):
            return order
        return {"order": order, **await _person(context, order.customer_id)}
    customer = await own_account(context)
    return customer if isinstance(customer, Outcome) else await _person(context, customer.id)


async def _person(context: Context, customer_id: str) -> Scope:
    methods = await context.shop.payment_methods(customer_id)
    card = next((method for method in methods if method.kind == "gift_card"), None)
    return {"customer": await context.shop.customer(customer_id), "card": card, "methods": tuple(methods)}


def _no_product(named: str) -> Refusal:
    return Refusal("no_product", Say("utter_refused_no_product", {"product": named}))


# ---------------------------------------------------------------- plans


def _prepare(context: Context, name: str, declared: Declaration, request: BaseModel) -> Prepare:
    async def prepare(terms: Terms) -> Plan | Refusal | Outcome:
        scope = await _scope(context, declared, request)
        if not isinstance(scope, dict):
            return scope
        products = await context.shop.products() if declared.place else []
        return plan_declared(name, declared, scope, products, terms)

    return prepare


def plan_declared(name: str, declared: Declaration, scope: Scope, products: list[Product], terms: Terms) -> Plan | Refusal:
    """Exactly what a declared verb will do, or the first check that fails. Pure.

    An order that it is about is saved with it, so that its version moves on and a quote that was counted on it goes stale.
    """
    if no := _checked(declared, scope, terms):
        return no
    placed = _placed(declared, scope, products, terms)
    if isinstance(placed, Refusal):
        return placed
    scope = {**scope, "placed": placed.order if placed else None}
    saved = tuple(_saved(kind, data, scope) for kind, data in declared.save.items())
    order: Order | None = scope.get("order")
    effects: tuple[Effect, ...] = (
        *((SaveOrder(order),) if order else ()),
        *(placed.effects if placed else ()),
        *(SaveEntry(entry) for entry in saved),
        *((_opened(declared, scope, terms),) if declared.open else ()),
    )
    assert declared.summary is not None  # noqa: S101 - a verb that writes has one
    return Plan(
        facts={
            "verb": name,
            "order": order.id if order else "",
            "customer": scope["customer"].id if scope["customer"] else "",
            "given": {key: data_of(f"{{given.{key}}}", scope) for key in declared.arguments},
            "saved": {entry.kind: dict(entry.data) for entry in saved},
            "placed": placed.facts if placed else None,
        },
        summary=_said(declared.summary, scope, terms),
        done=_said(declared.done, scope, terms),
        effects=effects,
        why=name,
    )


def _checked(declared: Declaration, scope: Scope, terms: Terms) -> Refusal | None:
    for check in declared.checks:
        value = data_of(check.value, scope)
        held = str(value) in check.among if check.among is not None else (value not in (None, "", False)) is check.known
        if not held:
            words = in_words(check.words, scope, terms)
            return Refusal(check.code, Say("utter_refused", {"reason": words}))
    return None


def _saved(kind: str, data: Mapping[str, Any], scope: Scope) -> Entry:
    """The document with what is written into it; what else it has stays."""
    entry: Entry = scope["entry"][kind]
    return replace(entry, data={**entry.data, **{key: data_of(value, scope) for key, value in data.items()}})


def _opened(declared: Declaration, scope: Scope, terms: Terms) -> OpenCase:
    assert declared.open is not None  # noqa: S101 - asked before
    order, customer = scope.get("order"), scope["customer"]
    given = {key: data_of(f"{{given.{key}}}", scope) for key in declared.arguments}
    return OpenCase(
        Case(
            terms.case_id(),
            declared.open.kind,
            terms.now,
            order.id if order else "",
            customer_id=customer.id if customer else "",
            text=text_of(declared.open.text, scope),
            data=given,
        )
    )


def _placed(declared: Declaration, scope: Scope, products: list[Product], terms: Terms) -> Purchase | Refusal | None:
    if declared.place is None:
        return None
    items: tuple[Ordered, ...] = resolve(f"given.{declared.place.items}", scope)
    methods: tuple[PaymentMethod, ...] = scope["methods"]
    way, prefix = text_of(declared.place.payment, scope), declared.place.prefix
    return purchase(scope["customer"], methods, items, products, way=way, prefix=prefix, terms=terms)


def _said(words: Words, scope: Scope, terms: Terms) -> Say:
    return Say("utter_as_declared", {"text": in_words(words, scope, terms)})
