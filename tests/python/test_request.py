"""Requests with a token, and the answers to them."""

from __future__ import annotations

import encodings
import enum
import io
import pkgutil
import time
import uuid
from datetime import date, datetime, timezone
from decimal import Decimal
from fractions import Fraction

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


def test_each_verb_without_a_body_sends_its_method(client):
    assert client.options("/api/echo").json()["method"] == "OPTIONS"
    answer = client.head("/api/echo")
    assert (answer.status, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_any_method_can_be_sent(client):
    assert client.request("PURGE", "/api/echo").json()["method"] == "PURGE"


@pytest.mark.parametrize("method", ["get", "Post", "oPTIONS", "delete"])
def test_standard_methods_are_sent_in_capitals(client, method):
    assert client.request(method, "/api/echo").json()["method"] == method.upper()


def test_other_methods_keep_their_letters(client):
    assert client.request("Purge", "/api/echo").json()["method"] == "Purge"


def test_an_error_of_the_api_names_the_method_that_was_sent(client):
    with pytest.raises(authkeep.HTTPStatusError, match="HTTP 404 for GET /api/status/404"):
        client.request("get", "/api/status/404").raise_for_status()


def test_params_are_added_to_the_query(client):
    params = {"a": "x y&z", "n": 1, "flag": True, "many": [1, "two"], "none": None}
    seen = client.get("/api/echo?first=0", params=params).json()
    pairs = seen["query"].replace("+", "%20").split("&")
    assert pairs == ["first=0", "a=x%20y%26z", "n=1", "flag=true", "many=1", "many=two"]


def test_params_may_be_pairs(client):
    assert client.get("/api/echo", params=[("a", 1), ["a", 2]]).json()["query"] == "a=1&a=2"


class Color(enum.Enum):
    RED = "red"


class Shade(str, enum.Enum):
    DARK = "dark"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.50"),
        (Fraction(1, 2), "1%2F2"),
        (2.5, "2.5"),
        (False, "false"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 12, tzinfo=timezone.utc), "2024-02-29T12%3A00%3A00%2B00%3A00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Color.RED, "red"),
        (Shade.DARK, "dark"),
    ],
)
def test_a_param_may_be_any_scalar(client, value, text):
    assert client.get("/api/echo", params={"a": value}).json()["query"] == f"a={text}"


def test_a_param_may_have_many_values(client):
    for many in ([1, None, 2], (1, 2), range(1, 3), (n for n in (1, 2)), {1: "", 2: ""}.keys()):
        assert client.get("/api/echo", params={"a": many}).json()["query"] == "a=1&a=2"


def test_a_param_may_have_a_number_for_a_name(client):
    params = {7: "a", Decimal("1.5"): "b"}
    assert client.get("/api/echo", params=params).json()["query"] == "7=a&1.5=b"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("a=1", "params must be a mapping or pairs, not str; a query string is part of the target"),
        (b"a=1", "params must be a mapping or pairs, not bytes"),
        (5, "params must be a mapping or pairs, not int"),
        (["ab"], r"params must be .* each pair is \(name, value\)"),
        ([("a", 1, 2)], r"params must be .* each pair is \(name, value\)"),
        ({"a": b"1"}, "parameter a can't be of type bytes"),
        ({"a": {"b": 1}}, "parameter a can't be a mapping"),
        ({"a": [[1]]}, "parameter a can't be of type list"),
        ({"a": object()}, "parameter a can't be of type object"),
        ({None: 1}, "a parameter's name can't be of type NoneType"),
    ],
)
def test_other_params_are_refused_in_a_sentence(client, params, message):
    with pytest.raises(TypeError, match=message):
        client.get("/api/echo", params=params)


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


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
def test_the_callers_content_type_goes_before_that_of_json(client, name):
    for headers in ({name: "application/vnd.api+json"}, [(name, "application/vnd.api+json")]):
        seen = client.post("/api/echo", json={"a": 1}, headers=headers).json()
        assert seen["headers"]["content-type"] == "application/vnd.api+json"
        assert seen["body"] == '{"a":1}'


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
    with pytest.raises(TypeError, match="method must be str, not bytes"):
        client.request(b"GET", "/api/echo")
    with pytest.raises(TypeError, match="header X-A must be str, not int"):
        client.get("/api/echo", headers={"X-A": 1})
    with pytest.raises(TypeError, match="a header's name must be str, not int"):
        client.get("/api/echo", headers={1: "a"})
    with pytest.raises(TypeError, match="headers must be a mapping or pairs, not str"):
        client.get("/api/echo", headers="X-A: 1")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": 1}, "not dict; json takes objects; urllib.parse.urlencode makes a form"),
        (io.BytesIO(b"a"), r"not BytesIO; pass what its read\(\) returns"),
        (io.StringIO("a"), r"not StringIO; pass what its read\(\) returns"),
        ([1], "not list; json takes objects"),
    ],
)
def test_data_that_is_no_bytes_says_what_to_pass(client, data, message):
    with pytest.raises(TypeError, match=f"data must be bytes or str, {message}"):
        client.post("/api/echo", data=data)


def test_a_request_has_one_body(client):
    with pytest.raises(authkeep.InvalidArgument, match="not both"):
        client.post("/api/echo", json={}, data=b"")
