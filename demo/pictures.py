"""A picture of each product: a flat drawing of its kind in its first colour, the same on every machine."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from demo.catalogue import load_products

SIZE = 400
# Drawn at twice the size and made smaller, which smooths the edges.
SCALE = 2
COLOURS = {
    "Black": "#2b2d33", "White": "#f4f4f1", "Clear": "#cfe8ee", "Mist Blue": "#9db8cc", "Mustard": "#d9a441", "Khaki": "#b9a27c",
    "Olive": "#6b7048", "Navy": "#2c3e5e", "Off-White": "#efe9dc", "Burgundy": "#7d2b3a", "Cream": "#f1e6cf", "Caramel": "#b5743d",
    "Light Grey": "#c3c6ca", "Neon Green": "#a8d94a", "Camel": "#c19a6b", "Pink White": "#f0cfd2", "Light Blue": "#a9cfe8",
    "Lemon": "#f3df6b", "Blue Floral": "#6f93c4", "Champagne": "#e6cfa9", "Oat": "#d9cbb3", "Silver": "#c8ccd2",
    "Black Gold": "#3a342a", "Dark Blue": "#34496b", "Orange": "#ee8240", "Nude": "#e2bfa5", "Brown": "#7a5640", "Grey": "#9a9da1",
    "Dark Grey": "#55585e", "Dark Green": "#2f5747", "Tomato Red": "#d2402f", "Ivory": "#f3ead7", "Wood": "#c49a63",
    "Gift Box": "#47734d", "Original": "#c9b184", "Mixed": "#b98a56", "Medium Roast": "#8a5a3b", "White Pink": "#f6d8dc",
}  # fmt: skip
BACKGROUNDS = ("#f6efe7", "#e9f0f2", "#eef1e6", "#f3ebf1", "#eceef5")

type_points = list[tuple[float, float]]
# Outlines on a 100 x 100 grid by kind of thing; the first is filled with the colour, the others with a shade of it.
SHAPES: dict[str, list[type_points]] = {
    "jacket": [
        [
            (32, 20),
            (44, 15),
            (56, 15),
            (68, 20),
            (84, 52),
            (75, 60),
            (69, 48),
            (69, 86),
            (31, 86),
            (31, 48),
            (25, 60),
            (16, 52),
        ],
        [(49, 16), (51, 16), (51, 86), (49, 86)],
        [(36, 64), (46, 64), (46, 67), (36, 67)],
        [(54, 64), (64, 64), (64, 67), (54, 67)],
    ],
    "dress": [
        [(40, 14), (45, 24), (55, 24), (60, 14), (64, 40), (80, 88), (20, 88), (36, 40)],
        [(36, 40), (64, 40), (65, 44), (35, 44)],
    ],
    "trousers": [
        [(34, 12), (66, 12), (72, 90), (56, 90), (50, 38), (44, 90), (28, 90)],
        [(34, 12), (66, 12), (66, 18), (34, 18)],
    ],
    "top": [
        [
            (34, 22),
            (44, 17),
            (56, 17),
            (66, 22),
            (84, 40),
            (75, 50),
            (68, 44),
            (68, 84),
            (32, 84),
            (32, 44),
            (25, 50),
            (16, 40),
        ]
    ],
    "shoe": [
        [(14, 42), (34, 40), (52, 58), (78, 62), (88, 72), (88, 78), (14, 78)],
        [(12, 76), (89, 76), (89, 83), (12, 83)],
    ],
    "bag": [[(24, 38), (76, 38), (82, 88), (18, 88)], [(24, 52), (76, 52), (77, 56), (23, 56)]],
    "bottle": [
        [(40, 14), (60, 14), (60, 26), (66, 34), (66, 88), (34, 88), (34, 34), (40, 26)],
        [(36, 50), (64, 50), (64, 72), (36, 72)],
    ],
    "box": [
        [(22, 34), (78, 34), (78, 84), (22, 84)],
        [(22, 34), (78, 34), (78, 44), (22, 44)],
        [(46, 34), (54, 34), (54, 84), (46, 84)],
    ],
    "tent": [[(50, 20), (90, 82), (10, 82)], [(50, 36), (62, 82), (38, 82)]],
    "pan": [[(14, 46), (66, 46), (60, 74), (20, 74)], [(64, 48), (94, 42), (94, 48), (65, 54)]],
    "pillow": [
        [(14, 36), (50, 30), (86, 36), (90, 54), (86, 72), (50, 78), (14, 72), (10, 54)],
        [(20, 54), (80, 54), (80, 55), (20, 55)],
    ],
    "device": [
        [(26, 26), (74, 26), (80, 32), (80, 74), (74, 80), (26, 80), (20, 74), (20, 32)],
        [(32, 38), (68, 38), (68, 66), (32, 66)],
    ],
}
KINDS = (
    ("apparel/jackets", "jacket"), ("apparel/sun", "jacket"), ("apparel/dresses", "dress"), ("apparel/jeans", "trousers"),
    ("apparel", "top"), ("shoes", "shoe"), ("bags", "bag"), ("beauty", "bottle"), ("home/kitchen", "pan"), ("home", "pillow"),
    ("outdoor", "tent"), ("electronics", "device"), ("food", "box"),
)  # fmt: skip


def write_pictures(folder: Path) -> None:
    """Draw pictures/P….png for every product."""
    (folder / "pictures").mkdir(exist_ok=True)
    for number, product in enumerate(load_products()[0]):
        kind = next(kind for prefix, kind in KINDS if product["category"].startswith(prefix))
        colour = COLOURS[product["colors"][0].split("/")[1]]
        _draw(kind, colour, BACKGROUNDS[number % len(BACKGROUNDS)]).save(
            folder / "pictures" / f"{product['id']}.png", optimize=True
        )


def _draw(kind: str, colour: str, background: str) -> Image.Image:
    side = SIZE * SCALE
    image = Image.new("RGB", (side, side), background)
    draw = ImageDraw.Draw(image)
    draw.ellipse((side * 0.14, side * 0.86, side * 0.86, side * 0.94), fill=_shade(background, 0.93))
    for number, outline in enumerate(SHAPES[kind]):
        points = [(x * side / 100, y * side / 100) for x, y in outline]
        draw.polygon(points, fill=colour if number == 0 else _shade(colour, 0.82), outline=_shade(colour, 0.6), width=4)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).quantize(48)


def _shade(colour: str, factor: float) -> str:
    channels = (int(int(colour[n : n + 2], 16) * factor) for n in (1, 3, 5))
    return "#" + "".join(f"{channel:02x}" for channel in channels)
