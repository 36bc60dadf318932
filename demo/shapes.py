"""What the demo's products look like, as parts in any proportion: `demo.glb.fitted` stretches them to their real size.

Each is drawn about as large as it is, in centimetres, x to the right, y up, z to the viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from demo.glb import Part
from demo.solids import laid, moved, prism, rounded_box, tube, turned, type_point

type_parts = list[Part]


def arch(left: type_point, right: type_point, height: float, points: int = 17) -> list[type_point]:
    """Half an ellipse from one point to another, `height` over their middle."""
    turns = np.linspace(0, np.pi, points)
    a, b = np.array(left, float), np.array(right, float)
    return [tuple((a + b) / 2 - (b - a) / 2 * np.cos(t) + np.array([0, height * np.sin(t), 0])) for t in turns]


def _backpack() -> type_parts:
    straps = [tube([(x, 42, -6), (x, 40, -8), (x * 1.15, 25, -8.6), (x, 8, -7.5)], 0.9) for x in (-7, 7)]
    return [
        Part("body", rounded_box((30, 44, 12), 5, (0, 22, 0))),
        Part("trim", rounded_box((22, 18, 4), 2, (0, 13, 6.5))),
        Part("trim", tube(arch((-4, 43, -2), (4, 43, -2), 3.2), 0.6)),
        Part("dark", tube(arch((-12, 30, 5.5), (12, 30, 5.5), 9), 0.35)),
        *(Part("dark", strap) for strap in straps),
    ]


def _trekking_pack() -> type_parts:
    return [
        Part("body", rounded_box((30, 50, 20), 7, (0, 25, 0))),
        Part("trim", rounded_box((28, 11, 20), 4.5, (0, 56, 1))),
        Part("trim", rounded_box((20, 26, 5), 2, (0, 20, 10.5))),
        *(Part("dark", rounded_box((1.6, 40, 1), 0.4, (x, 34, 12.4), steps=2)) for x in (-7, 7)),
        *(Part("trim", rounded_box((4, 16, 12), 2, (x, 12, 0))) for x in (-15, 15)),
        Part("dark", tube(arch((-4, 61, -6), (4, 61, -6), 3), 0.6)),
    ]


def _handbag(width: float, height: float, depth: float, handle: float, made_of: str = "trim") -> type_parts:
    reach = width * 0.28
    handles = [
        tube(arch((-reach, height, z), (reach, height, z), handle), depth * 0.045) for z in (-depth * 0.3, depth * 0.3)
    ]
    return [
        Part("body", rounded_box((width, height, depth), depth * 0.22, (0, height / 2, 0))),
        Part(
            "trim",
            rounded_box((width * 0.98, height * 0.06, depth * 0.98), (depth * 0.2, 0.4, depth * 0.2), (0, height * 0.95, 0)),
        ),
        *(Part(made_of, one) for one in handles),
    ]


def _shoulder_bag() -> type_parts:
    return [
        Part("body", rounded_box((25, 9, 6), 2, (0, 4.5, 0))),
        Part("trim", rounded_box((24.4, 5, 1.2), 0.6, (0, 6.2, 2.9))),
        Part("steel", rounded_box((2.4, 1.2, 0.6), 0.3, (0, 4.4, 3.3))),
        Part("trim", tube(arch((-11.5, 8, 0), (11.5, 8, 0), 5), 0.5)),
    ]


def _crossbody() -> type_parts:
    return [
        Part("body", rounded_box((30, 18, 9), 2.2, (0, 9, 0))),
        Part("trim", rounded_box((29.4, 11, 1.4), 0.7, (0, 12, 4.4))),
        Part("trim", tube(arch((-14, 16, 0), (14, 16, 0), 6), 0.7)),
        Part("steel", rounded_box((2, 2, 0.6), 0.3, (0, 7.4, 5))),
    ]


def _suitcase() -> type_parts:
    ribs = [rounded_box((1.2, 41, 22.8), 0.5, (x, 28, 0), steps=2) for x in (-12, -6, 0, 6, 12)]
    wheels = [
        moved(laid(turned([(0, -1), (2.4, -1), (2.4, 1), (0, 1)], 16)), (x, 2.4, z)) for x in (-14, 14) for z in (-8, 8)
    ]
    return [
        Part("gloss", rounded_box((37, 48, 22), 4, (0, 28, 0))),
        *(Part("gloss", rib) for rib in ribs),
        *(Part("dark", wheel) for wheel in wheels),
        Part("dark", tube(arch((-6, 51.5, 0), (6, 51.5, 0), 3), 0.8)),
        Part("dark", rounded_box((37.2, 0.6, 22.2), (4, 0.2, 4), (0, 28, 0))),
    ]


def _thermos() -> type_parts:
    body = [(0, 0), (3.3, 0), (3.5, 0.4), (3.5, 17), (3.1, 18.4), (2.9, 18.6)]
    lid = [(2.9, 18.6), (3.2, 18.7), (3.2, 21.5), (2.9, 22), (0, 22)]
    return [Part("gloss", turned(body)), Part("steel", turned([(3.52, 0.5), (3.52, 1.6)])), Part("steel", turned(lid))]


def _blender() -> type_parts:
    jug = [(5.6, 14), (6.6, 15), (7.6, 31), (7.4, 31), (0, 31)]
    return [
        Part("body", rounded_box((17, 13, 17), 3, (0, 6.5, 0))),
        Part("steel", turned([(6, 12.6), (6, 14), (0, 14)])),
        Part("glass", turned(jug)),
        Part("dark", turned([(7.8, 31), (7.8, 33), (3, 33.4), (3, 35), (0, 35)])),
        Part("trim", tube([(7, 29, 0), (10.5, 28, 0), (10.5, 19, 0), (6.6, 17, 0)], 0.9)),
        Part("steel", rounded_box((4, 4, 1), 0.5, (0, 6.5, 8.4))),
    ]


def _candle() -> type_parts:
    return [
        Part("body", turned([(0, 0), (3.9, 0), (4, 0.3), (4, 8.4), (3.8, 8.5), (3.7, 7.2), (0, 7.2)])),
        Part("paper", turned([(4.02, 2.2), (4.02, 6)])),
        Part("dark", tube([(0, 7.2, 0), (0, 8.2, 0), (0.15, 9, 0)], 0.1, 6)),
    ]


def _lunch_box() -> type_parts:
    clips = [rounded_box((4, 1.8, 0.7), 0.3, (0, 4.6, z)) for z in (-7.6, 7.6)]
    return [
        Part("glass", rounded_box((21, 5, 15), 1.6, (0, 2.5, 0))),
        Part("body", rounded_box((21.5, 1.4, 15.5), 0.6, (0, 5.6, 0))),
        *(Part("dark", clip) for clip in clips),
    ]


def _pillow() -> type_parts:
    return [
        Part("body", rounded_box((60, 12, 22), 6, (0, 6, 9))),
        Part("body", rounded_box((60, 10, 24), 5, (0, 5, -8))),
    ]


def _tent() -> type_parts:
    door = [(-30, 0), (30, 0), (0, 78)]
    return [
        Part("body", prism([(-105, 0), (105, 0), (18, 113), (-18, 113)], 128)),
        Part("trim", moved(prism(door, 1), (0, 0, 64.6))),
        Part("trim", moved(prism(door, 1), (0, 0, -64.6))),
        *(Part("dark", tube(arch((-105, 0, z), (105, 0, z), 115), 0.9)) for z in (-72, 72)),
    ]


def _lantern() -> type_parts:
    return [
        Part("body", turned([(0, 0), (4.4, 0), (4.5, 0.5), (4.5, 3.6), (3.6, 4.4)])),
        Part("light", turned([(3.6, 4.4), (3.8, 5), (3.8, 10.4), (3.6, 11)])),
        Part("body", turned([(3.6, 11), (4.3, 11.6), (4.3, 12.8), (2.4, 13.8), (0, 13.8)])),
        Part("dark", tube(arch((-3.4, 12.8, 0), (3.4, 12.8, 0), 4), 0.22)),
    ]


def _headphones() -> type_parts:
    cups = [laid(turned([(0, -1.9), (3.6, -1.9), (4, -1.2), (4, 1.2), (3.6, 1.9), (0, 1.9)], 24)) for _ in range(2)]
    return [
        Part("body", tube(arch((-7.2, 6, 0), (7.2, 6, 0), 13), 0.7)),
        Part("trim", tube(arch((-5, 14.2, 0), (5, 14.2, 0), 3.6), 1.1)),
        *(Part("body", moved(cup, (x, 4, 0))) for cup, x in zip(cups, (-6.8, 6.8), strict=True)),
        *(
            Part("dark", moved(laid(turned([(2, -0.8), (3.4, -0.8), (3.4, 0.8), (2, 0.8)], 24)), (x, 4, 0)))
            for x in (-4.4, 4.4)
        ),
    ]


def _earbuds() -> type_parts:
    return [
        Part("gloss", rounded_box((6, 4.8, 2.8), 1.4, (0, 2.4, 0))),
        Part("trim", rounded_box((6.04, 0.06, 2.84), (1.4, 0.03, 1.4), (0, 3.2, 0))),
        Part("light", rounded_box((0.5, 0.18, 0.1), 0.05, (0, 2.6, 1.38))),
    ]


def _speaker() -> type_parts:
    ends = [moved(laid(turned([(0, -0.4), (2.9, -0.4), (2.9, 0.4), (0, 0.4)])), (x, 3.5, 0)) for x in (-9.1, 9.1)]
    return [
        Part("body", moved(laid(turned([(0, -9), (3, -9), (3.5, -8), (3.5, 8), (3, 9), (0, 9)])), (0, 3.5, 0))),
        *(Part("dark", end) for end in ends),
        Part("trim", rounded_box((9, 0.4, 1.8), 0.2, (0, 6.9, 0))),
    ]


def _power_bank() -> type_parts:
    return [
        Part("body", rounded_box((7.2, 15.5, 2.7), 1, (0, 7.75, 0))),
        Part("dark", rounded_box((2.6, 3.2, 0.2), 0.1, (1.6, 12.4, 1.3))),
        *(Part("dark", rounded_box((1, 0.2, 0.5), 0.1, (x, 15.44, 0))) for x in (-1.6, 0, 1.6)),
    ]


def _lamp() -> type_parts:
    return [
        Part("body", turned([(0, 0), (8.8, 0), (9, 0.4), (9, 1.4), (8.6, 1.8), (0, 1.8)])),
        Part("body", tube([(0, 1.6, -5), (0, 20, -5.6), (0, 38, -5), (0, 41, -3), (0, 41.4, 0)], 0.7)),
        Part("body", rounded_box((5.5, 1.6, 15), 0.7, (0, 41, 1.4))),
        Part("light", rounded_box((4.4, 0.4, 13), 0.2, (0, 40.2, 1.4))),
        Part("trim", moved(turned([(1.2, 1.8), (1.2, 2.1), (0, 2.1)], 16), (0, 0, 4))),
    ]


def _robot() -> type_parts:
    return [
        Part("body", turned([(0, 0), (16.6, 0), (17.5, 1), (17.5, 6.6), (16.8, 7.6), (0, 7.6)], 40)),
        Part("trim", turned([(0, 7.6), (4, 7.6), (4, 9.4), (3.7, 9.7), (0, 9.7)])),
        Part("dark", moved(turned([(1.2, 7.6), (1.2, 7.9), (0, 7.9)], 16), (0, 0, 11))),
        Part("dark", turned([(17.52, 2.2), (17.52, 3)], 40)),
    ]


def _gift_box() -> type_parts:
    return [
        Part("body", rounded_box((21.6, 5.2, 15.6), 0.3, (0, 2.6, 0))),
        Part("gloss", rounded_box((22, 2.6, 16), 0.3, (0, 5.7, 0))),
        Part("paper", rounded_box((8, 0.1, 5), 0.05, (0, 7, 0))),
        Part("trim", rounded_box((22.1, 7.04, 1.6), 0.1, (0, 3.5, 5.4))),
    ]


def _tea_cake() -> type_parts:
    return [
        Part("paper", turned([(0, 0), (8, 0), (9.5, 1.2), (9.5, 2.4), (8.2, 3.6), (0, 4)], 36)),
        Part("leaf", turned([(2.6, 3.92), (0, 4.05)], 24)),
        Part("body", turned([(7, 3.71), (5.6, 3.78)], 36)),
    ]


def _coffee_box() -> type_parts:
    return [
        Part("body", rounded_box((20, 12, 9), 0.4, (0, 6, 0))),
        Part("paper", rounded_box((13, 6, 0.2), 0.1, (0, 6.4, 4.45))),
        Part("trim", rounded_box((20.1, 1.2, 9.1), 0.3, (0, 11.2, 0))),
    ]


def _lipstick() -> type_parts:
    return [
        Part("dark", turned([(0, 0), (1, 0), (1, 3.4), (0, 3.4)], 24)),
        Part("steel", turned([(0.86, 3.4), (0.86, 4.8), (0, 4.8)], 24)),
        Part("gloss", turned([(0.62, 4.8), (0.62, 6.6), (0.4, 7.4), (0, 7.6)], 24)),
    ]


def _cream_tube() -> type_parts:
    return [
        Part("paper", prism([(-1.9, 2.2), (1.9, 2.2), (2.25, 13), (-2.25, 13)], 2.2)),
        Part("steel", turned([(0, 0), (1.25, 0), (1.25, 2.2), (0, 2.2)], 24)),
        Part("gloss", moved(prism([(-1.9, 5), (1.9, 5), (2.02, 9), (-2.02, 9)], 0.1), (0, 0, 1.1))),
    ]


SHAPES: Mapping[str, Callable[[], type_parts]] = {
    "backpack": _backpack, "trekking_pack": _trekking_pack, "tote": lambda: _handbag(38, 20, 13, 10),
    "shoulder_bag": _shoulder_bag, "crossbody": _crossbody, "suitcase": _suitcase, "thermos": _thermos, "blender": _blender,
    "candle": _candle, "lunch_box": _lunch_box, "pillow": _pillow, "tent": _tent, "lantern": _lantern, "headphones": _headphones,
    "earbuds": _earbuds, "speaker": _speaker, "power_bank": _power_bank, "lamp": _lamp, "robot": _robot, "gift_box": _gift_box,
    "tea_cake": _tea_cake, "coffee_box": _coffee_box, "lipstick": _lipstick, "cream_tube": _cream_tube,
}  # fmt: skip
