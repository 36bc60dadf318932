"""Signed tokens: only what the shop's site signed counts, and only until its end."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.identity import MAX_SHORT, customer_of, jwt_for, short_for
from bot.errors import BadInput

SECRET = "not a real secret, but long enough for HMAC-SHA256"
NOW = datetime(2026, 6, 18, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("sign", [jwt_for, short_for])
def test_a_token_names_its_customer_until_its_end(sign) -> None:  # type: ignore[no-untyped-def]
    token = sign("C0001", SECRET, NOW + HOUR)
    assert customer_of(token, SECRET, NOW) == "C0001"
    assert customer_of(token, SECRET, NOW + HOUR) is None
    assert customer_of(token, "another secret, as long as the other one is", NOW) is None
    assert customer_of(token, "", NOW) is None


@pytest.mark.parametrize("sign", [jwt_for, short_for])
def test_a_changed_token_names_nobody(sign) -> None:  # type: ignore[no-untyped-def]
    token = sign("C0001", SECRET, NOW + HOUR)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        # the last character of base64 may hold bits that nobody reads: then it is the same token
        assert customer_of(changed, SECRET, NOW) in (None, "C0001"), place
    forged = sign("C0002", "another secret, as long as the other one is", NOW + HOUR)
    cut = len(token) // 2
    assert customer_of(forged[:cut] + token[cut:], SECRET, NOW) is None
    assert customer_of(forged, SECRET, NOW) is None


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 64, "é" * 30, "=" * 40, "-", "C0001", "1.2", "." * 50])
def test_nonsense_names_nobody(token: str) -> None:
    assert customer_of(token, SECRET, NOW) is None


@pytest.mark.parametrize(
    "claims", [{"sub": "C1"}, {"exp": 4_000_000_000}, {"sub": "C1", "exp": "later"}, {"sub": None, "exp": 4_000_000_000}]
)
def test_a_jwt_needs_a_customer_and_an_end(claims: dict[str, object]) -> None:
    assert customer_of(jwt.encode(claims, SECRET, "HS256"), SECRET, NOW) is None


def test_a_jwt_is_signed_by_the_one_algorithm() -> None:
    claims = {"sub": "C1", "exp": int((NOW + HOUR).timestamp())}
    assert customer_of(jwt.encode(claims, None, "none"), SECRET, NOW) is None
    assert customer_of(jwt.encode(claims, SECRET * 2, "HS512"), SECRET * 2, NOW) is None
    assert customer_of(jwt.encode({**claims, "aud": "shop", "iat": 0}, SECRET, "HS256"), SECRET, NOW) == "C1"


@pytest.mark.parametrize(
    ("claims", "whose"),
    [
        ({"iat": 30}, "C1"),  # the site's clock is ahead of ours
        ({"nbf": 30}, "C1"),
        ({"nbf": 3600}, None),
        ({"nbf": "later"}, None),
        ({"exp": True}, None),
    ],
)
def test_times_are_those_of_the_call(claims: dict[str, object], whose: str | None) -> None:
    now = datetime.now(UTC)
    times = {name: int(now.timestamp()) + n if type(n) is int else n for name, n in claims.items()}
    token = jwt.encode({"sub": "C1", "exp": int((now + HOUR).timestamp()), **times}, SECRET, "HS256")
    assert customer_of(token, SECRET, now) == whose


def test_nobody_has_no_name() -> None:
    end = int((NOW + HOUR).timestamp())
    assert customer_of(jwt.encode({"sub": "", "exp": end}, SECRET, "HS256"), SECRET, NOW) is None
    assert customer_of(short_for("", SECRET, NOW + HOUR), SECRET, NOW) is None


@given(token=st.one_of(st.text(max_size=80), st.from_regex(r"[\w-]{1,80}(\.[\w-]{0,80}){0,3}", fullmatch=True)))
def test_whatever_somebody_makes_up_names_nobody(token: str) -> None:
    assert customer_of(token, SECRET, NOW) is None


def test_a_short_token_fits_a_start_link() -> None:
    token = short_for("C" * 20, SECRET, NOW + HOUR)
    assert len(token) <= MAX_SHORT and token.replace("-", "").replace("_", "").isalnum()
    with pytest.raises(BadInput, match="too long for a start link"):
        short_for("C" * 30, SECRET, NOW + HOUR)


def test_what_the_documentation_says_to_write_on_the_shops_side_works() -> None:
    """The Python of docs/verification.md, run as it stands there."""
    snippets = re.findall(r"```python\n(.*?)```", Path("docs/verification.md").read_text("utf-8"), re.DOTALL)
    written: dict[str, Any] = {}
    for snippet in snippets:
        exec(snippet, written)
    now = datetime.now(UTC)
    for sign in (written["customer_token"], written["start_token"]):
        token = sign("C0001", SECRET)
        assert customer_of(token, SECRET, now) == "C0001"
        assert customer_of(token, SECRET, now + HOUR + timedelta(seconds=1)) is None


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
@pytest.mark.parametrize("number", [0, 1])
def test_the_javascript_of_the_documentation_works(number: int, tmp_path: Path) -> None:
    snippet = re.findall(r"```js\n(.*?)```", Path("docs/verification.md").read_text("utf-8"), re.DOTALL)[number]
    name = ("customerToken", "startToken")[number]
    script = tmp_path / "site.mjs"
    script.write_text(f"{snippet}\nprocess.stdout.write({name}('客户-1', process.argv[2]))", "utf-8")
    token = subprocess.run(["node", script, SECRET], capture_output=True, check=True, timeout=60).stdout.decode()
    now = datetime.now(UTC)
    assert customer_of(token, SECRET, now) == "客户-1"
    assert customer_of(token, SECRET, now + HOUR + timedelta(seconds=1)) is None
