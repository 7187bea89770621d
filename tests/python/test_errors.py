"""What goes wrong: classes, facts, and the library that isn't there."""

from __future__ import annotations

import pickle

import authkeep
import pytest
from authkeep import _errors, _native
from authkeep._handle import ErrorHandle


def test_there_is_a_class_for_each_status():
    assert sorted(_errors.CLASSES) == list(range(1, 16))
    for status, cls in _errors.CLASSES.items():
        assert cls("text").status == status
        assert getattr(authkeep, cls.__name__) is cls


def test_errors_are_the_builtin_ones_too():
    assert issubclass(authkeep.InvalidArgument, ValueError)
    assert issubclass(authkeep.Unavailable, ConnectionError)
    assert issubclass(authkeep.DeadlineExceeded, TimeoutError)


def test_an_unknown_status_is_a_plain_error():
    error = _native._exception(99, ErrorHandle())
    assert type(error) is authkeep.Error
    assert error.status == 99


def test_a_refused_secret_has_its_facts(registered):
    account = registered()
    keys = {**account.keys, "client_secret": "a-wrong-secret"}
    with authkeep.Client(**keys) as client:
        with pytest.raises(authkeep.InvalidCredentials) as caught:
            client.get("/api/echo")
        error = caught.value
        assert error.status == 4
        assert error.code
        assert error.oauth_error == "invalid_client"
        assert error.http_status == 401
        assert str(error) == error.message
        assert "a-wrong-secret" not in error.message
        assert "\n" not in error.message

        with pytest.raises(authkeep.InvalidCredentials) as again:
            client.get("/api/echo")
        assert again.value.retry_after > 0
        assert account.count("token_requests") == 1

        account.change(client_secret="a-wrong-secret")
        client.reset()
        assert client.get("/api/echo").ok


def test_an_unavailable_server_says_when_to_come_again(registered):
    account = registered()
    account.switch(fail={"status": 503, "headers": {"Retry-After": "7"}})
    with authkeep.Client(**account.keys) as client, pytest.raises(ConnectionError) as caught:
        client.token()
    assert isinstance(caught.value, authkeep.Unavailable)
    assert caught.value.http_status == 503
    assert 5 < caught.value.retry_after < 9


def test_an_error_can_be_pickled(registered):
    keys = {**registered().keys, "client_secret": "a-wrong-secret"}
    with pytest.raises(authkeep.InvalidCredentials) as caught, authkeep.Client(**keys) as client:
        client.token()
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is authkeep.InvalidCredentials
    assert copy.__dict__ == caught.value.__dict__


@pytest.mark.parametrize("cls", [*_errors.CLASSES.values(), authkeep.Error])
def test_an_error_of_each_class_can_be_pickled(cls):
    error = cls("text", code="a.code", http_status=503, retry_after=1.5)
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is cls
    assert copied.__dict__ == error.__dict__
    assert (str(copied), copied.args) == ("text", ("text",))


def test_an_http_status_error_is_pickled_without_its_response(client):
    with pytest.raises(authkeep.HTTPStatusError) as caught:
        client.get("/api/status/500").raise_for_status()
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.response is None
    assert (copy.http_status, str(copy)) == (500, str(caught.value))
