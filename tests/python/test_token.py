"""`Client.token` and the token that it gives."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import authkeep
import pytest


def test_a_token_says_what_the_server_granted(registered):
    account = registered(scope="read write", token_life_ms=600_000)
    with authkeep.Client(**account.keys, scope="read") as client:
        token = client.token()
    assert len(token.access_token) == 128
    assert token.type.lower() == "bearer"
    assert token.scope == "read"
    assert 590 < token.expires_in <= 600
    assert token.expires_at.tzinfo is timezone.utc
    assert abs(token.expires_at.timestamp() - time.time() - 600) < 10
    assert token.expires_at.utcoffset() == timedelta(0)
    assert token.min_validity_met


def test_the_secret_is_in_no_text_of_a_token(client):
    token = client.token()
    secret = token.access_token
    for text in (repr(token), str(token), f"{token}", "%s" % token):  # noqa: UP031
        assert secret not in text
        assert "Bearer" in text


def test_a_token_outlives_its_client(client):
    token = client.token()
    secret = token.access_token
    client.close()
    assert token.access_token == secret


def test_the_second_call_is_served_from_the_cache(registered):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        first, second = client.token(), client.token()
    assert first.access_token == second.access_token
    assert account.count("token_requests") == 1


def test_threads_share_one_token_request(registered):
    account = registered()
    account.switch(delay_ms=100, times=1)
    with authkeep.Client(**account.keys) as client, ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda _: client.token().access_token, range(64)))
    assert len(set(tokens)) == 1
    assert account.count("token_requests") == 1


def test_a_min_validity_that_no_token_has_is_told(registered):
    account = registered(token_life_ms=600_000)
    with authkeep.Client(**account.keys) as client:
        assert client.token(min_validity=60).min_validity_met
        assert not client.token(min_validity=900).min_validity_met


def test_a_static_key_never_expires(server, registered):
    registered(api_key="the-key-1")
    with authkeep.Client(grant="api_key", base_url=server.url, api_key="the-key-1") as client:
        token = client.token()
        assert client.get("/api/echo").ok
    assert token.access_token == "the-key-1"
    assert token.expires_at is None
    assert token.expires_in is None
    assert "the-key-1" not in repr(token)


def test_the_timeout_ends_the_wait_for_a_token(registered):
    account = registered()
    account.switch(hang=True)
    with authkeep.Client(**account.keys) as client:
        begin = time.monotonic()
        with pytest.raises(authkeep.DeadlineExceeded):
            client.token(timeout=0.1)
        assert 0.1 <= time.monotonic() - begin < 0.35
