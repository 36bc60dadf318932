"""How a request shows who makes it: the session's cookie, from our own pages only."""

from __future__ import annotations

from starlette.requests import Request

from bot.desk import Staff
from channels.common.origin import is_same_origin
from channels.common.problems import BadRequest
from channels.desk.accounts import Doorkeeper

COOKIE = "streamdesk_desk"


def refuse_others(request: Request) -> None:
    """Refuse what another site's page sends with our cookie. Raises BadRequest."""
    if not is_same_origin(request.headers):
        raise BadRequest("is another site.", key="origin", remedy="Use the desk's own page.", status=403)


async def member_of(request: Request, doorkeeper: Doorkeeper) -> Staff:
    """Who makes a request. Raises BadRequest (401) for nobody, and (403) for another site's page."""
    refuse_others(request)
    found = await doorkeeper.who(request.cookies.get(COOKIE, ""))
    if found is None:
        raise BadRequest("there is no session, or it is over.", key="session", remedy="Log in.", status=401)
    return found
