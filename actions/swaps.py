"""Other variants of the same product in place of pieces of an order: which, and what difference that makes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from actions.backoffice import MoveStock
from actions.items import Piece, instead_in, named_in, replacement, variant_details, variant_text
from actions.plans import Dossier, Refusal, Terms, is_gift_card, paid_for, refusal
from actions.policy import ItemsRule
from bot.commerce import Money, Order, OrderLine, Product, Variant
from bot.types import Say

# Of so many variants it is said that they are in stock.
_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be another: SKUs by position, or a size, a colour, or both, for all pieces; `said` in a person's words.

    Without any of these the `wish` may say it, the words with which the person began.
    """

    skus: tuple[str, ...] = ()
    size: str | None = None
    color: str | None = None
    said: str | None = None
    wish: str | None = None

    def of(self, product: Product, ordered: Variant | None) -> tuple[str | None, str | None] | None:
        """Size and colour that a product shall have; None where nothing says it.

        What the words do not name stays; where they were an answer and name nothing, no variant fits.
        """
        if self.size or self.color:
            return self.size, self.color
        if self.said is None:
            return instead_in(product, ordered, self.wish or "")
        size, color = named_in(product, self.said)
        return (size, color) if size or color else instead_in(product, ordered, self.said) or (self.said, self.said)


@dataclass(frozen=True, slots=True)
class Swap:
    """`quantity` pieces of a line become another variant.

    `paid` is what was paid for the pieces, `discount` their share of the line's, `costs` what the new ones cost after it:
    a discount never makes a piece cheaper than nothing.
    """

    line: OrderLine
    quantity: int
    variant: Variant
    paid: Money
    discount: Money
    costs: Money

    @property
    def difference(self) -> Money:
        """What the customer owes (positive) or gets back."""
        return self.costs - self.paid


def swaps(
    dossier: Dossier, pieces: Sequence[Piece], wanted: Wanted, terms: Terms, rule: ItemsRule, *, same_variant: bool
) -> tuple[Swap, ...] | Refusal:
    """Each of the pieces with the variant in its place, or why that cannot be.

    The variant has to be of the same product and in stock, and another one unless `same_variant`. By an `even` rule it
    has the price of what it replaces.
    """
    if wanted.skus and len(wanted.skus) != len(pieces):
        return Refusal("which_variant", Say("utter_which_variant"))
    chosen: Counter[tuple[int, str]] = Counter()
    for number, piece in enumerate(pieces):
        product = dossier.product(piece.line)
        sku = wanted.skus[number] if wanted.skus else None
        ordered = dossier.variant(piece.line.sku)
        named = wanted.of(product, ordered) if product else None
        if product and named is None and not sku:
            args = {"product": product.name.in_(terms.language), "choices": _choices(product, terms)}
            return Refusal("what_instead", Say("utter_what_instead", args))
        variant = replacement(product, ordered, *(named or ("", "")), sku) if product else None
        if variant is None:
            return Refusal("no_variant", Say("utter_refused_no_variant", {"choices": _choices(product, terms)}))
        if variant.sku == piece.line.sku and not same_variant:
            return refusal(terms, rule, "same_item")
        chosen[piece.line.number, variant.sku] += piece.quantity
    return _in_stock(dossier, tuple(_swaps(dossier, chosen, even=rule.even)), terms)


def _choices(product: Product | None, terms: Terms) -> str:
    """What of a product is in stock, as a list."""
    others = product.variants if product else ()
    return terms.listed([variant_details(other, terms.language) for other in others if other.stock][:_CHOICES])


def swapped_lines(order: Order, done: Sequence[Swap]) -> Order:
    """The order with the new variants: whole lines change, of the others a part becomes a line of its own."""
    lines = {line.number: line for line in order.lines}
    items = discounts = 0
    for swap in done:
        line = lines[swap.line.number]
        sku, price, discount = swap.variant.sku, swap.variant.price, swap.discount
        items += (price.minor - line.unit_price.minor) * swap.quantity
        new_discount = price * swap.quantity - swap.costs
        discounts += new_discount.minor - discount.minor
        fresh = replace(line, sku=sku, quantity=swap.quantity, unit_price=price, discount=new_discount)
        if swap.quantity == line.quantity:
            lines[line.number] = fresh
        else:
            rest = line.quantity - swap.quantity
            lines[line.number] = replace(line, quantity=rest, discount=line.discount - discount)
            number = max(lines) + 1
            lines[number] = replace(fresh, number=number)
    currency = order.total.currency
    return replace(
        order,
        lines=tuple(lines.values()),
        items_total=order.items_total + Money(items, currency),
        discount=order.discount + Money(discounts, currency),
        total=order.total + Money(items - discounts, currency),
    )


def total_difference(done: Sequence[Swap], currency: str) -> Money:
    """What the customer owes (positive) or gets back for all of them."""
    return sum((swap.difference for swap in done), Money(0, currency))


def stock_moves(dossier: Dossier, skus: Counter[str]) -> tuple[MoveStock, ...]:
    """Pieces into stock (negative: out of it) by SKU; of what has left the catalogue nothing is counted any more."""
    return tuple(MoveStock(sku, pieces) for sku, pieces in sorted(skus.items()) if pieces and dossier.variant(sku))


def new_texts(done: Sequence[Swap], terms: Terms) -> str:
    """The new variants for people."""
    return terms.listed(f"{variant_text(s.line.name, s.variant, terms.language)} × {s.quantity}" for s in done)


def covers(dossier: Dossier, method: str, due: Money) -> Refusal | None:
    """The refusal when a gift card does not hold what is due."""
    card = dossier.method(method)
    if due.minor <= 0 or card is None or not is_gift_card(dossier, method):
        return None
    if card.balance is not None and card.balance >= due:
        return None
    args = {"balance": str(card.balance or Money(0, due.currency)), "amount": str(due)}
    return Refusal("balance", Say("utter_refused_balance", args))


def _swaps(dossier: Dossier, chosen: Counter[tuple[int, str]], *, even: bool) -> Iterator[Swap]:
    lines = {line.number: line for line in dossier.order.lines}
    taken: Counter[int] = Counter()
    for (number, sku), quantity in chosen.items():
        line, variant = lines[number], dossier.variant(sku)
        assert variant is not None  # noqa: S101 - it was found in the same products
        variant = replace(variant, price=line.unit_price) if even else variant
        paid, discount = paid_for(dossier, line, quantity, taken[number])
        taken[number] += quantity
        gross = variant.price * quantity
        yield Swap(line, quantity, variant, paid, discount, max(gross - discount, Money(0, gross.currency)))


def _in_stock(dossier: Dossier, done: tuple[Swap, ...], terms: Terms) -> tuple[Swap, ...] | Refusal:
    needed: Counter[str] = Counter()
    for swap in done:
        needed[swap.variant.sku] += swap.quantity
    for swap in done:
        if swap.variant.stock < needed[swap.variant.sku]:
            named = variant_text(swap.line.name, swap.variant, terms.language)
            return Refusal("no_stock", Say("utter_refused_no_stock", {"replacement": named}))
    return done
