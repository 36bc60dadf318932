"""The page of the API: what /openapi.json says, for people. A plain page of our own, which loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from channels.common.keys import Keys
from channels.common.pages import SECURITY

_CODE = orjson.OPT_INDENT_2


def reference_router(app: FastAPI, keys: Keys) -> APIRouter:
    """Routes /openapi.json and /docs, for who has the scope `docs`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def description(request: Request) -> Response:
        keys.admit(request, "docs")
        return Response(orjson.dumps(app.openapi()), media_type="application/json")

    @router.get("/docs")
    async def page(request: Request) -> Response:
        keys.admit(request, "docs")
        return HTMLResponse(reference(app.openapi()), headers=SECURITY)

    return router


def reference(api: Mapping[str, Any]) -> str:
    """An OpenAPI description as a page. Everything in it is escaped."""
    info = api["info"]
    operations = "\n".join(_operations(api["paths"]))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(info["title"])}: API</title>
<link rel="stylesheet" href="/static/base.css">
<link rel="stylesheet" href="/static/source.css">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<main class="source">
<h1>{escape(info["title"])} {escape(info["version"])}: API</h1>
<p>{escape(info.get("description", ""))}</p>
<p lang="zh">机器可读的完整说明在 <a href="/openapi.json">/openapi.json</a>，可导入任何 OpenAPI 工具。</p>
<p>The whole description for machines is <a href="/openapi.json">/openapi.json</a>; any OpenAPI tool reads it.</p>
{operations}
</main>
</html>
"""


def _operations(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield _operation(f"{method.upper()} {path}", operation)


def _operation(name: str, operation: Mapping[str, Any]) -> str:
    answers = "".join(
        f"<li><code>{escape(status)}</code> {escape(answer.get('description', ''))}</li>"
        for status, answer in operation.get("responses", {}).items()
    )
    bodies = operation.get("requestBody", {}).get("content", {})
    asked = "".join(f"<p>{escape(kind)}</p>{_shown(body)}" for kind, body in bodies.items())
    return (
        f"<section><h2><code>{escape(name)}</code></h2><p>{escape(operation.get('summary', ''))}</p>"
        f"<p>{escape(operation.get('description', ''))}</p>{asked}<ul>{answers}</ul></section>"
    )


def _shown(body: Mapping[str, Any]) -> str:
    """The examples of a body, or its schema where it has none."""
    examples = [example.get("value") for example in body.get("examples", {}).values()] or [body.get("schema", {})]
    return "".join(f"<pre><code>{escape(orjson.dumps(example, option=_CODE).decode())}</code></pre>" for example in examples)
