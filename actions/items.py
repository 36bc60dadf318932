"""Which pieces of an order are meant, and which variants in their place. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from actions.plans import Dossier, Refusal
from bot.commerce import OrderLine, Product, Text, Variant
from bot.text import number_of, simplified, singular, words
from bot.types import Say

ALL = frozenset({"all", "all of them", "everything", "全部", "都", "所有", "整单", "全都", "the whole order"})
EVERY: Literal["all"] = "all"
# So many pieces of one line, or all of them.
Quantity = int | Literal["all"]
# Sizes that are none.
ONE_SIZE = frozenset({"标准", "均码", "one size", "std"})
KEEP = frozenset({"", "same", "一样", "不变", "原来的"})
_BETWEEN = re.compile(r"[,，、;；&\n]|\band\b|和|还有|以及")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ORDINAL = re.compile(rf"(?:only\s+)?(?:the\s+)?({'|'.join(_ORDINALS)})(?:\s+(?:one|item|piece|pair))?", re.IGNORECASE)
_POSITION = re.compile(
    r"第([\d一二三四五六七八九十]+)\s*(?:件|个|样|号|双|条|款|只|套|顶|瓶|盒|台)?"
    r"|(?:no\.?\s*|#|item\s*)?([\d一二三四五六七八九十]+)\s*(?:件|个|样|号)?",
    re.IGNORECASE,
)
# What stands around an answer: "no, the trousers", "就要第二双吧".
_AROUND = re.compile(
    r"^(?:\W|那|这|就|要|是|退|换|我要|我是说|不|不是|不对|(?:no|sorry|actually|oh|wait|"
    r"i mean|i meant|it'?s|just|only|please)\b)+"
    r"|(?:\W|吧|的|啊|呀|哈|\b(?:please|thanks|one|ones|pair|instead)\b)+$",
    re.IGNORECASE,
)
# A size that is said by how far it is from the one ordered.
_STEPS = re.compile(
    r"[换要拿改买想]\D{0,6}?(大|小)(一|1|两|2)?个?(?:码|号|尺码|点|一点|些)"
    r"|\b(one|a|1|two|2) sizes? (up|down|larger|bigger|smaller)\b|\b(bigger|larger|smaller) (?:size|one|pair)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """`quantity` pieces of a line."""

    line: OrderLine
    quantity: int


def pick(
    dossier: Dossier, items: str | Sequence[str] | None, quantity: Quantity | None, language: str
) -> tuple[Piece, ...] | Refusal:
    """The pieces that are meant, among what the customer still has of each line.

    `items` in a text: names, positions ("2", "第二件") or all; whole lines, or `quantity` of one. As a list each entry is
    one piece: a SKU, a position or a name, as often as there are pieces. None means all where only one line is left.
    """
    left = {line.number: dossier.pieces_left(line) for line in dossier.order.lines}
    lines = [line for line in dossier.order.lines if left[line.number] > 0]
    if not lines:
        return Refusal("nothing_left", Say("utter_refused_nothing_left", {"order_number": dossier.order.id}))
    if items is None:
        named: list[OrderLine] | None = lines if len(lines) == 1 else None
    elif isinstance(items, str):  # of a lone line no words are needed: the summary says which it is
        named = _named_lines(dossier, items, lines) or (lines if len(lines) == 1 else None)
    else:
        return _single_pieces(dossier, items, lines, left, language)
    if not named:
        return _which(dossier, lines, language)
    pieces = tuple(Piece(line, left[line.number]) for line in named)
    if quantity is None or quantity == EVERY:
        return pieces
    if len(pieces) != 1 or not 1 <= quantity <= pieces[0].quantity:
        most = str(max(piece.quantity for piece in pieces))
        return Refusal("quantity", Say("utter_refused_quantity", {"most": most}))
    return (Piece(pieces[0].line, quantity),)


def how_many(
    pieces: Sequence[Piece], items: str | Sequence[str] | None, quantity: Quantity | None, language: str
) -> Refusal | None:
    """The question how many are meant, where one item was named of which there are several; None where that is clear."""
    if quantity is not None or len(pieces) != 1 or pieces[0].quantity == 1:
        return None
    if items is not None and (not isinstance(items, str) or folded(items) in ALL):
        return None
    args = {"product": pieces[0].line.name.in_(language), "most": str(pieces[0].quantity)}
    return Refusal("how_many", Say("utter_how_many", args))


def replacement(
    product: Product, ordered: Variant | None, size: str | None, color: str | None, sku: str | None
) -> Variant | None:
    """The variant of a product that is wanted: by SKU, or by what shall be another; None when there is none like that."""
    if sku:
        return next((variant for variant in product.variants if variant.sku == sku), None)
    wanted_size = ordered.size if ordered and folded(size) in KEEP else size or ""
    in_size = [variant for variant in product.variants if folded(variant.size) == folded(wanted_size)]
    if folded(color) in KEEP:
        fitting = [variant for variant in in_size if ordered is None or variant.color == ordered.color]
    else:
        fitting = in_color(in_size, color or "")
    return fitting[0] if len(fitting) == 1 else None


def named_in(product: Product, text: str) -> tuple[str | None, str | None]:
    """The size and the colour of a product that a text names, whichever it does; None for one that it does not."""
    said = folded(text)
    sizes = {variant.size for variant in product.variants if variant.size}
    colors = {name for variant in product.variants for name in _names_of(variant.color)}
    size = next((size for size in sorted(sizes, key=len, reverse=True) if _has_word(said, folded(size))), None)
    color = next((name for name in sorted(colors, key=len, reverse=True) if _has_word(said, name)), None)
    return size, color


def instead_in(product: Product, ordered: Variant | None, wish: str) -> tuple[str | None, str | None] | None:
    """The size and the colour that a wish names besides those ordered: "38 instead of 37", "the next size up".

    None where it names none, or more than one of them.
    """
    sizes = list(dict.fromkeys(variant.size for variant in product.variants if variant.size))
    named = [size for size in sizes if _stands_in(wish, size) and (ordered is None or size != ordered.size)]
    said = folded(wish)
    every = dict.fromkeys(variant.color for variant in product.variants)
    shades = {color: [len(name) for name in _names_of(color) if _has_word(said, name)] for color in every}
    longest = max((length for lengths in shades.values() for length in lengths), default=0)
    colors = [c for c, lengths in shades.items() if longest in lengths and (ordered is None or c != ordered.color)]
    if not named and ordered is not None and (size := _by_steps(sizes, ordered.size, wish)):
        named = [size]
    if len(named) > 1 or len(colors) > 1 or not (named or colors):
        return None
    return (named[0] if named else None, _names_of(colors[0])[0] if colors else None)


def _stands_in(text: str, size: str) -> bool:
    """Whether a text names a size: one letter only as a capital or beside the word for it, "I'm" has none."""
    if len(size) == 1 and size.isascii() and size.isalpha():
        letter = rf"(?<![A-Za-z0-9'’.]){size.upper()}(?![A-Za-z0-9'’])"
        beside = rf"\bsize\s+{size}\b|(?<![A-Za-z0-9]){size}\s*码"
        return bool(re.search(letter, text) or re.search(beside, text, re.IGNORECASE))
    return _has_word(folded(text), folded(size))


def _by_steps(sizes: Sequence[str], ordered: str, wish: str) -> str | None:
    """The size that is so many steps larger or smaller than the one ordered, in the order in which the shop lists them."""
    match = _STEPS.search(simplified(wish))
    if match is None or ordered not in sizes:
        return None
    said = [group.lower() for group in match.groups() if group]
    steps = 2 if any(group in ("两", "2", "two") for group in said) else 1
    up = any(group in ("大", "up", "larger", "bigger") for group in said)
    place = sizes.index(ordered) + (steps if up else -steps)
    return sizes[place] if 0 <= place < len(sizes) else None


def _names_of(color: Text) -> list[str]:
    """How people call a colour: in both languages, in Chinese with and without 色."""
    zh, en = folded(color.zh), folded(color.en)
    return [name for name in (zh, zh.removesuffix("色"), en) if name]


def _has_word(text: str, word: str) -> bool:
    """Whether a text has a word; a Latin one is not a part of another."""
    return (
        re.search(rf"(?<![a-z0-9.]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word), text) is not None
    )


def in_color(variants: Sequence[Variant], color: str) -> list[Variant]:
    """The variants of exactly this colour; where there is none, those whose colour has it in its name or is a part of it."""
    said = folded(color).removesuffix("色")
    shades = [{folded(v.color.zh).removesuffix("色"), folded(v.color.en)} - {""} for v in variants]
    exact = [variant for variant, names in zip(variants, shades, strict=True) if said in names]
    partly = [
        variant
        for variant, names in zip(variants, shades, strict=True)
        if _says_something(said) and any(said in name or name in said for name in names)
    ]
    return exact or partly


def variant_text(name: Text, variant: Variant | None, language: str) -> str:
    """A product and which one of it, in a few words."""
    inner = variant_details(variant, language) if variant else ""
    if not inner:
        return name.in_(language)
    return f"{name.in_(language)} ({inner})" if language == "en" else f"{name.in_(language)}（{inner}）"


def variant_details(variant: Variant, language: str) -> str:
    """Colour and size of a variant, as far as it has them."""
    size = "" if folded(variant.size) in ONE_SIZE else variant.size
    return " ".join(detail for detail in (variant.color.in_(language), size) if detail)


def pieces_text(dossier: Dossier, pieces: Sequence[Piece], language: str) -> str:
    """Pieces of an order as a list for people."""
    texts = [
        f"{variant_text(piece.line.name, dossier.variant(piece.line.sku), language)} × {piece.quantity}" for piece in pieces
    ]
    return (", " if language == "en" else "、").join(texts)


def _named_lines(dossier: Dossier, text: str, lines: Sequence[OrderLine]) -> list[OrderLine] | None:
    """The lines that a text names, or None when a part of it names none or several."""
    if folded(text) in ALL:
        return list(lines)
    found: list[OrderLine] = []
    text = _AROUND.sub("", text) or text
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        line = _line_of(dossier, part, lines)
        if line is None:
            return None
        if line not in found:
            found.append(line)
    return found


def _single_pieces(
    dossier: Dossier, items: Sequence[str], lines: Sequence[OrderLine], left: Mapping[int, int], language: str
) -> tuple[Piece, ...] | Refusal:
    """One piece an entry, in the order of the entries; the same SKU on two lines is taken from the first with one left."""
    rest = dict(left)
    pieces: list[Piece] = []
    for item in items:
        line = _line_of(dossier, item, [line for line in lines if rest[line.number] > 0])
        if line is None:
            return _which(dossier, lines, language)
        rest[line.number] -= 1
        pieces.append(Piece(line, 1))
    return tuple(pieces) if pieces else _which(dossier, lines, language)


def _line_of(dossier: Dossier, text: str, lines: Sequence[OrderLine]) -> OrderLine | None:
    by_sku = [line for line in lines if line.sku.casefold() == text.strip().casefold()]
    if by_sku:
        return by_sku[0]
    text = _AROUND.sub("", text) or text
    number = _position(text)
    if number is not None:
        return next((line for line in lines if line.number == number), None)
    by_name = _named(dossier, folded(text), lines)
    if not by_name:  # "那件裙子": not the name, but a word of it
        by_name = _most([(line, _words_shared(dossier, text, line)) for line in lines])
    if len(by_name) != 1:  # "40码那双", "the black one"
        by_name = _most([(line, _details_shared(dossier, text, line)) for line in by_name or lines])
    return by_name[0] if len(by_name) == 1 else None


def _most(counted: Sequence[tuple[OrderLine, int]]) -> list[OrderLine]:
    """The lines that have most, where any has something."""
    most = max((count for _, count in counted), default=0)
    return [line for line, count in counted if count == most] if most else []


def _words_shared(dossier: Dossier, text: str, line: OrderLine) -> int:
    product = dossier.product(line)
    names = [line.name.zh, line.name.en, *(product.aliases if product else ())]
    known = {singular(word) for name in names for word in words(name) if _says_something(word) and len(word) > 1}
    return len({singular(word) for word in words(text)} & known)


def _details_shared(dossier: Dossier, text: str, line: OrderLine) -> int:
    """How many of a text's size and colour a line has."""
    product, ordered = dossier.product(line), dossier.variant(line.sku)
    if product is None or ordered is None:
        return 0
    size, color = named_in(product, text)
    return sum((size is not None and size == ordered.size, color in _names_of(ordered.color)))


def _position(text: str) -> int | None:
    """Which place in the order a text names, if it does nothing else: "2", "第二件", "the second one"."""
    if place := _ORDINAL.fullmatch(text.strip()):
        return _ORDINALS.index(place.group(1).lower()) + 1
    position = _POSITION.fullmatch(text.strip())
    return number_of(position.group(1) or position.group(2)) if position else None


def _named(dossier: Dossier, text: str, lines: Sequence[OrderLine]) -> list[OrderLine]:
    """The lines whose products a text names. A name inside of another one is not said: "jeans" in "fleece jeans"."""
    said = {line.number: _name_said(dossier, text, line) for line in lines}
    inner = {name for name in said.values() if any(name in other and name != other for other in said.values())}
    return [line for line in lines if said[line.number] and said[line.number] not in inner]


def _name_said(dossier: Dossier, text: str, line: OrderLine) -> str:
    """The longest name of a line's product that stands in a text, or the text where it is a part of a name; else nothing."""
    product = dossier.product(line)
    names = [folded(name) for name in (line.name.zh, line.name.en, *(product.aliases if product else ())) if name]
    inside = [name for name in (*names, line.product_id.casefold()) if name in text]
    part = text if _says_something(text) and any(text in name for name in names) else ""
    return max((*inside, part), key=len)


def _says_something(text: str) -> bool:
    """Whether a part of a name is long enough to tell it: one Chinese character is, one letter is not."""
    return len(text) > 1 or not text.isascii()


def _which(dossier: Dossier, lines: Sequence[OrderLine], language: str) -> Refusal:
    named = tuple(Piece(line, line.quantity) for line in lines)
    return Refusal("which_items", Say("utter_which_items", {"items": pieces_text(dossier, named, language)}))


def folded(text: str | None) -> str:
    """A text as it is compared: simplified, without case."""
    return simplified(text or "").strip().casefold()
