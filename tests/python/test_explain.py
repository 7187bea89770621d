"""What a client tells when it is asked, and what it forgets when it is told to."""

from __future__ import annotations

import json

import authkeep
import pytest

from server import until


def test_an_explanation_says_what_a_call_would_get(registered):
    account = registered(token_life_ms=600_000)
    with authkeep.Client(**account.keys) as client:
        before = client.explain()
        client.token()
        after = client.explain()
    assert (before["a_call_would"], before["token"]) == ("request", None)
    assert (after["a_call_would"], after["token"]["claimed_life_ms"]) == ("serve", 600_000)
    assert json.loads(json.dumps(after)) == after
    assert account.count("token_requests") == 1


def test_an_explanation_is_of_the_call_that_is_described(registered):
    with authkeep.Client(**registered(token_life_ms=600_000).keys) as client:
        client.token()
        whole = authkeep.Call(min_validity=599.999)
        until(lambda: client.explain()["token"]["age_ms"] > 1, "a token that has aged")
        assert client.explain(min_validity=60)["a_call_would"] == "serve"
        assert client.explain(min_validity=599.999)["a_call_would"] == "request"
        assert client.explain(call=whole)["a_call_would"] == "request"
        with pytest.raises(authkeep.InvalidArgument, match="not on both"):
            client.explain(min_validity=60, call=whole)


def test_the_counters_are_numbers_by_name(registered):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        assert set(client.counters.values()) == {0}
        client.token()
        client.token()
        counters = client.counters
    assert (counters["waits"], counters["hits"], counters["token_requests"]) == (1, 1, 1)


def test_what_is_forgotten_is_handed_out_no_more(registered):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        kept = client.token()
        secret = kept.access_token
        client.forget()
        assert client.explain()["token"] is None
        assert client.token().access_token != secret
    assert kept.access_token == secret
    assert account.count("token_requests") == 2
