"""`LanguageModel` on langchain's chat models: OpenAI and every server that speaks its protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter
from pydantic import SecretStr

from bot.errors import BadSettings, ModelUnavailable
from bot.ports import LanguageModel
from bot.types import Chunk, Exchange, Prompt

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

TOKENS = Counter("streamdesk_llm_tokens", "Tokens sent to and received from the language model", ["direction"])
COST = Counter("streamdesk_llm_cost", "What the language model cost, in the currency of its prices")

# Prices are given per this many tokens.
PRICED_TOKENS = 1_000_000


class OpenAIModel:
    """A chat model behind the OpenAI protocol.

    `timeout_s` bounds a whole answer, `retries` is for connections that fail before the first piece. Prices are per
    million tokens. Raises BadSettings when the extra `llm` is not installed.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: str,
        base_url: str = "",
        timeout_s: float = 20.0,
        retries: int = 2,
        prompt_price: float = 0.0,
        completion_price: float = 0.0,
    ) -> None:
        self._timeout_s = timeout_s
        self._prices = prompt_price / PRICED_TOKENS, completion_price / PRICED_TOKENS
        self._model = _chat_model(model, api_key, base_url, timeout_s, retries)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        """The answer in pieces; the last one carries tokens and cost. Raises ModelUnavailable."""
        from openai import OpenAIError  # with langchain_openai, loaded when the model was made

        messages = [("system", prompt.system), ("human", prompt.user)]
        try:
            async with asyncio.timeout(self._timeout_s):
                async for piece in self._model.astream(messages, **_options(prompt)):
                    if text := piece.text:
                        yield Chunk(str(text))
                    if usage := piece.usage_metadata:
                        yield self._usage(usage["input_tokens"], usage["output_tokens"])
        except TimeoutError as error:
            raise ModelUnavailable(f"the language model took longer than {self._timeout_s:g} s") from error
        except OpenAIError as error:
            raise ModelUnavailable(f"the language model does not answer: {error}") from error
        except ValueError as error:  # no JSON, or JSON of another form
            raise ModelUnavailable(f"the language model answered nonsense: {error}") from error

    async def close(self) -> None:
        """Let the connections go."""
        await self._model.root_async_client.close()

    def _usage(self, prompt_tokens: int, completion_tokens: int) -> Chunk:
        cost = prompt_tokens * self._prices[0] + completion_tokens * self._prices[1]
        TOKENS.labels("prompt").inc(prompt_tokens)
        TOKENS.labels("completion").inc(completion_tokens)
        COST.inc(cost)
        return Chunk(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, cost=cost)


async def complete(model: LanguageModel, prompt: Prompt, timeout_s: float | None = None) -> str:
    """The whole answer as one text. Raises ModelUnavailable, also where it takes longer than `timeout_s`."""
    try:
        async with asyncio.timeout(timeout_s):
            return "".join([chunk.text async for chunk in model.stream(prompt)])
    except TimeoutError as error:
        raise ModelUnavailable(f"the language model took longer than {timeout_s} s") from error


def transcript(recent: Sequence[Exchange]) -> str:
    """What was said, a line each, as a prompt shows it."""
    return "\n".join(f"Customer: {exchange.asked}\nShop: {exchange.answered}" for exchange in recent)


def _options(prompt: Prompt) -> dict[str, Any]:
    options: dict[str, Any] = {"max_tokens": prompt.max_tokens, "temperature": prompt.temperature}
    if prompt.schema is not None:
        schema = {"name": "answer", "schema": dict(prompt.schema), "strict": True}
        options["response_format"] = {"type": "json_schema", "json_schema": schema}
    return options


def _chat_model(model: str, api_key: str, base_url: str, timeout_s: float, retries: int) -> ChatOpenAI:
    try:
        from langchain_openai import ChatOpenAI  # 1.7 s to import: only where a model is configured
        from openai import DefaultAsyncHttpxClient
    except ImportError as error:
        raise BadSettings("llm.model is set, but langchain-openai is missing.", remedy="Install streamdesk[llm].") from error
    return ChatOpenAI(
        model=model,
        api_key=SecretStr(api_key or "none"),  # local servers want none, the client insists on one
        base_url=base_url or None,
        timeout=timeout_s,
        max_retries=retries,
        # a client of our own: langchain shares one by address, and closing that would close it for others, too
        http_async_client=DefaultAsyncHttpxClient(timeout=timeout_s),
        stream_usage=True,
        use_responses_api=False,
    )
