"""Requests with a token, and the answers to them."""

from __future__ import annotations

import encodings
import pkgutil
import time

import authkeep
import pytest


def test_a_get_carries_the_token(client):
    seen = client.get("/api/echo").json()
    assert (seen["method"], seen["path"], seen["query"]) == ("GET", "/api/echo", None)
    assert seen["credential"] == {"header": "authorization", "scheme": "Bearer"} or (
        seen["credential"] == {"header": "Authorization", "scheme": "Bearer"}
    )
    assert seen["token_number"] is not None


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_each_verb_sends_its_method_and_body(client, verb):
    seen = getattr(client, verb)("/api/echo", json={"name": "Ständer"}).json()
    assert seen["method"] == verb.upper()
    assert seen["headers"]["content-type"] == "application/json"
    assert seen["body"] == '{"name":"St\\u00e4nder"}'


def test_any_method_can_be_sent(client):
    assert client.request("OPTIONS", "/api/echo").json()["method"] == "OPTIONS"


def test_params_are_added_to_the_query(client):
    params = {"a": "x y&z", "n": 1, "flag": True, "many": [1, "two"], "none": None}
    seen = client.get("/api/echo?first=0", params=params).json()
    pairs = seen["query"].replace("+", "%20").split("&")
    assert pairs == ["first=0", "a=x%20y%26z", "n=1", "flag=true", "many=1", "many=two"]


def test_params_may_be_pairs(client):
    assert client.get("/api/echo", params=[("a", 1), ("a", 2)]).json()["query"] == "a=1&a=2"


def test_headers_are_sent(client):
    headers = {"X-Tenant": "one", "Accept": "text/plain"}
    seen = client.get("/api/echo", headers=headers).json()["headers"]
    assert (seen["x-tenant"], seen["accept"]) == ("one", "text/plain")


def test_bytes_are_sent_as_they_are(client):
    seen = client.post("/api/echo", data=b"\x00\xff\x00").json()
    assert (seen["body_size"], seen["body_base64"]) == (3, "AP8A")
    for kind in (bytearray, memoryview):
        assert client.post("/api/echo", data=kind(b"a\0b")).json()["body"] == "a\0b"


def test_text_is_sent_in_utf_8_with_the_callers_content_type(client):
    headers = {"Content-Type": "application/xml"}
    seen = client.post("/api/echo", data="<ä/>", headers=headers).json()
    assert seen["body"] == "<ä/>"
    assert seen["headers"]["content-type"] == "application/xml"


def test_an_answer_has_status_headers_and_body(client):
    answer = client.get("/api/status/201?X-One=1&X-Many=a&x-many=b")
    assert (answer.status, answer.status_code, answer.ok) == (201, 201, True)
    assert answer.json() == {"status": 201}
    assert answer.text == answer.content.decode() == '{"status":201}'
    assert answer.headers["content-TYPE"] == "application/json"
    assert answer.headers.get_all("X-MANY") == ["a", "b"]
    assert answer.headers.get_all("x-none") == []
    assert answer.headers["x-many"] == "a"
    assert "X-ONE" in answer.headers
    assert "x-none" not in answer.headers
    assert answer.headers.get("x-none") is None
    assert len(answer.headers) == len(list(answer.headers)) == len(set(answer.headers))


def test_header_values_are_in_no_repr(client):
    answer = client.get("/api/status/200?Set-Cookie=session%3Dhidden")
    assert answer.headers["set-cookie"] == "session=hidden"
    assert "hidden" not in repr(answer.headers) + repr(answer)


def test_a_large_body_is_whole(client):
    body = client.get("/api/bytes/1000000").content
    assert len(body) == 1_000_000
    assert body[:52] == b"abcdefghijklmnopqrstuvwxyz" * 2


def test_an_answer_may_have_no_body(client):
    answer = client.get("/api/status/204")
    assert (answer.content, answer.text) == (b"", "")


def test_text_is_decoded_as_the_answer_says(registered):
    account = registered()
    # The server sends the two bytes C3 A9.
    for content_type, text in [
        ("text/plain; charset=iso-8859-1", "Ã©"),
        ('text/plain; charset="UTF-8"', "é"),
        ("text/plain; charset=no-such-thing", "é"),
        ("text/plain", "é"),
    ]:
        headers = {"Content-Type": content_type}
        failure = {"status": 200, "headers": headers, "body": "é"}
        account.switch(where="api", once=True, fail=failure)
        with authkeep.Client(**account.keys) as client:
            assert client.get("/api/echo").text == text


def test_no_character_set_that_a_server_names_is_an_error(registered):
    account = registered()
    names = [module.name for module in pkgutil.iter_modules(encodings.__path__)]
    assert {"hex_codec", "rot_13", "undefined", "idna", "punycode"} <= set(names)
    with authkeep.Client(**account.keys) as client:
        for name in [*names, "hex", "base64", "zip", "rot13", ".", "..", "\u00e4"]:
            headers = {"Content-Type": f"text/plain; charset={name}"}
            failure = {"status": 200, "headers": headers, "body": "plain é\\"}
            account.switch(where="api", once=True, fail=failure)
            assert isinstance(client.get("/api/echo").text, str), name


@pytest.mark.parametrize("name", ["hex", "base64", "zip", "rot13", "undefined", "idna"])
def test_text_of_no_character_set_is_utf_8(registered, name):
    account = registered()
    headers = {"Content-Type": f"text/plain; charset={name}"}
    account.switch(where="api", fail={"status": 200, "headers": headers, "body": "é"})
    with authkeep.Client(**account.keys) as client:
        assert client.get("/api/echo").text == "é"


def test_an_error_of_the_api_is_an_answer(client):
    answer = client.get("/api/status/404?X-Private=hidden")
    assert (answer.status, answer.ok) == (404, False)
    with pytest.raises(authkeep.HTTPStatusError) as caught:
        answer.raise_for_status()
    assert str(caught.value) == "HTTP 404 for GET /api/status/404"
    assert caught.value.response is answer
    assert caught.value.http_status == 404


def test_raise_for_status_returns_a_good_answer(client):
    answer = client.get("/api/echo")
    assert answer.raise_for_status() is answer


def test_what_is_no_json_is_a_value_error(client):
    with pytest.raises(ValueError, match="Expecting"):
        client.get("/api/bytes/10").json()


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_json_that_is_nested_too_deeply_is_a_value_error(registered, body):
    account = registered()
    account.switch(where="api", fail={"status": 200, "body": body})
    with authkeep.Client(**account.keys) as client:
        answer = client.get("/api/echo")
        with pytest.raises(ValueError, match="nested too deeply"):
            answer.json()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_passes(client, status):
    answer = client.get(f"/api/status/{status}")
    assert answer.raise_for_status() is answer
    assert (answer.status, answer.headers["location"]) == (status, "/api/echo")


def test_a_revoked_token_is_renewed_within_the_call(registered):
    account = registered()
    with authkeep.Client(**account.keys) as client:
        first = client.get("/api/echo").json()["token_number"]
        account.revoke()
        answer = client.get("/api/echo")
    assert answer.status == 200
    assert answer.json()["token_number"] > first


def test_tls_trusts_the_configured_authority_only(server, registered):
    account = registered()
    keys = {**account.keys, "base_url": server.tls_url}
    with authkeep.Client(**keys, tls={"ca_file": server.ca_file}) as client:
        assert client.get("/api/echo").ok
    with authkeep.Client(**keys) as client, pytest.raises(authkeep.TLSError):
        client.get("/api/echo")


def test_the_timeout_ends_a_request(client):
    client.token()
    begin = time.monotonic()
    with pytest.raises(TimeoutError) as caught:
        client.get("/api/slow/5000", timeout=0.1)
    assert 0.1 <= time.monotonic() - begin < 0.35
    assert isinstance(caught.value, authkeep.DeadlineExceeded)


def test_the_credential_goes_nowhere_else(client):
    with pytest.raises(authkeep.NotAllowed):
        client.get("https://elsewhere.example/api")
    with pytest.raises(authkeep.NotAllowed):
        client.get("/api/echo", headers={"AUTHORIZATION": "Bearer other"})


def test_a_nul_is_refused_and_not_cut_at(client):
    for refused in (
        lambda: client.get("/api/echo\0/hidden"),
        lambda: client.get("/api/echo", params={"a": "b\0c"}),
        lambda: client.get("/api/echo", headers={"X-A": "b\0c"}),
    ):
        with pytest.raises(authkeep.InvalidArgument, match="NUL"):
            refused()


def test_wrong_types_are_named(client):
    with pytest.raises(TypeError, match="target must be str, not int"):
        client.get(1)
    with pytest.raises(TypeError, match="data must be bytes or str, not dict"):
        client.post("/api/echo", data={"a": 1})
    with pytest.raises(TypeError, match="X-A must be str, not int"):
        client.get("/api/echo", headers={"X-A": 1})


def test_a_request_has_one_body(client):
    with pytest.raises(authkeep.InvalidArgument, match="not both"):
        client.post("/api/echo", json={}, data=b"")
