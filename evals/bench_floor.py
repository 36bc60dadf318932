"""The floor of the REST door: the same contract, server and framework, and one reply to everything.

What a turn costs above this is ours; what it costs up to this is the machine's, the server's and the measuring client's.
It is also the action server of the Rasa that is compared: its actions cost next to nothing, so that the figures are Rasa's.
"""

from __future__ import annotations

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

REPLY = "你好，有什么可以帮您？ Hello, how can I help?"

app = FastAPI(openapi_url=None)


@app.get("/webhooks/rest/")
async def health() -> dict[str, str]:
    """Open as soon as it listens."""
    return {"status": "ok"}


@app.post("/webhooks/rest/webhook")
async def webhook(request: Request) -> Response:
    """Read the message, answer with the one reply."""
    body = orjson.loads(await request.body())
    return Response(orjson.dumps([{"recipient_id": body["sender"], "text": REPLY}]), media_type="application/json")


@app.post("/webhook")
async def action(request: Request) -> Response:
    """Rasa's action-server protocol: an action says the one reply, the one that runs with every message says nothing."""
    body = orjson.loads(await request.body())
    says = [] if body["next_action"] == "action_language" else [{"text": REPLY}]
    return Response(orjson.dumps({"events": [], "responses": says}), media_type="application/json")
