"""What went wrong, as RFC 9457 problem bodies: every error of the tree has one status and one shape at the HTTP doors."""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import BadInput, BadPhoto, ChannelUnavailable, NotVerified, StreamdeskError, Unavailable

log = structlog.get_logger(__name__)

# Seconds after which a client may try again when a part of ours does not answer.
RETRY_AFTER_S = 2
# Longest piece of a refused value that is repeated back, in characters.
SHOWN = 60


# Problems and their statuses, as the OpenAPI page shows them.
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "key": {"type": "string"},
        "value": {},
        "remedy": {"type": "string"},
    },
}

_MEANINGS = {
    400: "The body is no JSON object in UTF-8.",
    401: "An API key is needed.",
    403: "Not allowed.",
    404: "No such thing.",
    409: "It contradicts what was taken before.",
    413: "Too large.",
    422: "A field is missing, unknown or wrong.",
    429: "Too much; try again after `Retry-After` seconds.",
    503: "A part of the service does not answer; try again after `Retry-After` seconds.",
}


class BadRequest(BadInput):
    """A request that cannot be taken. `key` names the part, `value` repeats it shortened, `status` is the HTTP status."""

    def __init__(self, what: str, *, key: str, remedy: str, value: Any = None, status: int = 422) -> None:
        self.key = key
        self.value = shown(value)
        self.status = status
        super().__init__(what, where=key, remedy=remedy)


class TooMany(BadRequest):
    """More than a door takes. `retry_after` are whole seconds, `text` says it in the reader's language."""

    def __init__(self, bound: str, retry_after: int, locale: str | None = None) -> None:
        self.retry_after = retry_after
        english = (locale or "").lower().startswith("en")
        self.text = _TOO_MANY["en" if english else "zh"].format(seconds=retry_after)
        remedy = f"Wait {retry_after} s and send it again."
        super().__init__("too many at once.", key=bound, remedy=remedy, status=429)


_TOO_MANY = {
    "zh": "发得太快了，请等 {seconds} 秒再试。",
    "en": "That was a bit fast. Please try again in {seconds} s.",
}


def shown(value: Any) -> Any:
    """`value` as it may be repeated in an answer: short, and plain JSON."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def problem_of(error: StreamdeskError) -> dict[str, Any]:
    """The problem body of an error: type, title, status, detail, and for bad input key, value and remedy."""
    match error:
        case TooMany():
            body = _body("too-many", "Too much at once", error.status, str(error))
            more = {"retry_after": error.retry_after, "text": error.text}
            return {**body, "key": error.key, "remedy": error.remedy, **more}
        case BadRequest():
            body = _body("bad-request", "The request cannot be taken", error.status, str(error))
            return {**body, "key": error.key, "value": error.value, "remedy": error.remedy}
        case BadPhoto():
            return {**_body("bad-photo", "This is no photo", 422, str(error)), "key": error.where, "remedy": error.remedy}
        case BadInput():
            body = _body("bad-input", "Something given is wrong", 422, str(error))
            return {**body, "key": error.where, "remedy": error.remedy}
        case NotVerified():
            return _body("not-verified", "Not verified", 403, str(error))
        case Unavailable():
            detail = "A part of the service does not answer at the moment. Nothing was lost; send the same request again."
            return _body("unavailable", "Try again in a moment", 503, detail)
        case _:
            return _body("internal", "Something went wrong on our side", 500, "The error is in the service's log.")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems (RFC 9457)."""
    content = {"application/problem+json": {"schema": _PROBLEM}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


def install_problems(app: FastAPI) -> None:
    """Answer every error of `app` with a problem body; no stack trace leaves the process."""
    app.add_exception_handler(StreamdeskError, _on_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(Exception, _on_fault)


def problem_response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """The response that carries a problem body."""
    status: int = body["status"]
    return Response(orjson.dumps(body), status, headers, "application/problem+json")


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StreamdeskError)  # noqa: S101 - registered for this type only
    body = problem_of(error)
    if body["status"] >= 500:
        log.warning("web.request_failed", path=request.url.path, error=str(error))
    return problem_response(body, _headers(error))


def _headers(error: StreamdeskError) -> dict[str, str]:
    """When to come again, and by what one would be let in (RFC 9110, 11.6.1)."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, BadRequest) and error.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="streamdesk", Basic realm="streamdesk"'}
    if not isinstance(error, Unavailable):
        return {}
    asked = error.retry_after if isinstance(error, ChannelUnavailable) else None
    return {"Retry-After": str(int(asked or RETRY_AFTER_S))}


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    detail = f"{request.method} {request.url.path}: {error.detail}"
    return problem_response(_body("http", str(error.detail), error.status_code, detail), dict(error.headers or {}))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    body = _body("bad-request", "The request cannot be taken", 422, f"{key}: {first['msg']}.")
    remedy = "See /docs for the shape that is expected."
    return problem_response({**body, "key": key, "value": shown(first.get("input")), "remedy": remedy})


async def _on_fault(request: Request, error: Exception) -> Response:
    log.error("web.fault", path=request.url.path, exc_info=error)
    return problem_response(problem_of(StreamdeskError()))


def _body(kind: str, title: str, status: int, detail: str) -> dict[str, Any]:
    return {"type": f"urn:streamdesk:problem:{kind}", "title": title, "status": status, "detail": detail}
