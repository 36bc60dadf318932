"""YouTube's side: pages of a live chat in the form of the Data API v3, and a server that breaks, refuses and ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.local_server import serving

CHAT = "Cg0KC2FiY2RlZmdoaWpr"
AT = "2026-03-01T09:00:00.123456+00:00"


def message(name: str, kind: str = "textMessageEvent", author: str = "UC-viewer-1", **details: Any) -> dict[str, Any]:
    """A liveChatMessage resource, as `part=id,snippet,authorDetails` gives it."""
    snippet = {
        "type": kind,
        "liveChatId": CHAT,
        "authorChannelId": author,
        "publishedAt": details.pop("at", AT),
        "hasDisplayContent": True,
        "displayMessage": "",
        **details,
    }
    person = {
        "channelId": author,
        "channelUrl": f"http://www.youtube.com/channel/{author}",
        "displayName": "小雨",
        "profileImageUrl": "https://yt3.example/photo.jpg",
        "isVerified": False,
        "isChatOwner": False,
        "isChatSponsor": False,
        "isChatModerator": False,
    }
    return {"kind": "youtube#liveChatMessage", "etag": "e", "id": name, "snippet": snippet, "authorDetails": person}


def said(name: str, text: str, **more: Any) -> dict[str, Any]:
    return message(name, textMessageDetails={"messageText": text}, **more)


def page(*items: dict[str, Any], following: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#liveChatMessageListResponse",
        "etag": "e",
        "pollingIntervalMillis": 1,
        "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
        "nextPageToken": following,
        "items": list(items),
        **more,
    }


def refusal(status: int, reason: str) -> tuple[int, dict[str, Any]]:
    detail = {"message": "no", "domain": "youtube.liveChat", "reason": reason}
    return status, {"error": {"code": status, "message": "no", "errors": [detail]}}


@dataclass
class Google:
    """Answers from `pages` by page token, first what stands in `first`, one at a time: a refusal, or None to break off."""

    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: list[tuple[int, dict[str, Any]] | None] = field(default_factory=list)
    inserts: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    chat: str | None = CHAT
    no_tokens: int = 0
    asked: list[str] = field(default_factory=list)
    looked: int = 0
    renewed: list[Mapping[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    bearers: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    async def videos(self, request: web.Request) -> web.Response:
        self.looked += 1
        self.keys.add(request.headers["X-Goog-Api-Key"])
        assert "key" not in request.query
        details = {"actualStartTime": AT, **({"activeLiveChatId": self.chat} if self.chat else {})}
        return web.json_response({"items": [{"id": request.query["id"], "liveStreamingDetails": details}]})

    async def messages(self, request: web.Request) -> web.Response:
        assert request.query["part"] == "id,snippet,authorDetails"
        token = request.query.get("pageToken", "")
        if request.query["liveChatId"] != self.chat and not self.first:
            self.first.append(refusal(404, "liveChatNotFound"))
        self.asked.append(token)
        if self.first:
            answer = self.first.pop(0)
            if answer is None:
                assert request.transport is not None
                request.transport.abort()
                raise web.HTTPInternalServerError
            return web.json_response(answer[1], status=answer[0])
        return web.json_response(self.pages.get(token) or page(following=token))

    async def insert(self, request: web.Request) -> web.Response:
        self.bearers.append(request.headers["Authorization"])
        body = json.loads(await request.read())
        if self.inserts:
            status, answer = self.inserts.pop(0)
            return web.json_response(answer, status=status)
        self.told.append(body)
        return web.json_response({"kind": "youtube#liveChatMessage", "id": "told", **body})

    async def channels(self, request: web.Request) -> web.Response:
        assert request.query["mine"] == "true" and request.headers["Authorization"].startswith("Bearer ")
        return web.json_response({"items": [{"kind": "youtube#channel", "id": "UC-own"}]})

    async def token(self, request: web.Request) -> web.Response:
        if self.no_tokens:
            self.no_tokens -= 1
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.renewed.append(dict(await request.post()))
        return web.json_response({"access_token": f"token-{len(self.renewed)}", "expires_in": 3599, "token_type": "Bearer"})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/videos", self.videos)
        app.router.add_get("/liveChat/messages", self.messages)
        app.router.add_post("/liveChat/messages", self.insert)
        app.router.add_get("/channels", self.channels)
        app.router.add_post("/token", self.token)
        async with serving(app) as address:
            yield f"http://{address}"
