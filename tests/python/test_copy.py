"""Copying and pickling: what owns native objects never becomes two owners."""

from __future__ import annotations

import copy
import multiprocessing
import pickle

import authkeep
import pytest
from authkeep._handle import Handle

WAYS = [copy.copy, copy.deepcopy, pickle.dumps]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def owners(client):
    """One of each noun that owns a native object; calls have theirs after a use."""
    call = authkeep.Call()
    response = client.get("/api/echo", call=call)
    return [client, authkeep.Config(), call, client.token(), response]


def echo(keys):
    """Runs in another process, and answers what can't be sent to this one."""
    with authkeep.Client(**keys) as client:
        return client.get("/api/echo")


def use(client):
    return client.get("/api/echo").status


@pytest.mark.parametrize("way", WAYS)
def test_what_changes_is_never_copied(client, way):
    for owner in owners(client)[:3]:
        name = type(owner).__name__
        with pytest.raises(TypeError, match=f"{name} can't be copied or pickled; make one"):
            way(owner)
    assert client.get("/api/echo").ok


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_native_is_pickled(client, protocol):
    for owner in owners(client):
        with pytest.raises(TypeError, match=r"can't be copied or pickled; (make|hand over) "):
            pickle.dumps({"owner": owner}, protocol)


def test_a_copy_of_what_never_changes_is_itself(client):
    token, response = client.token(), client.get("/api/echo")
    for snapshot in (token, response):
        assert copy.copy(snapshot) is snapshot
        assert copy.deepcopy([snapshot])[0] is snapshot


def test_headers_are_plain_and_can_be_copied(client):
    headers = client.get("/api/status/200?X-Many=a&x-many=b").headers
    for copied in (copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert copied == headers
        assert copied.get_all("x-many") == ["a", "b"]


def test_an_error_is_copied_without_its_answer(client):
    with pytest.raises(authkeep.HTTPStatusError) as caught:
        client.get("/api/status/500").raise_for_status()
    assert copy.deepcopy(caught.value).http_status == 500


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("handle", Handle.__subclasses__())
def test_no_pointer_is_taken_for_a_number(handle, way):
    with pytest.raises(TypeError, match="belongs to this process"):
        way(handle())


def test_another_process_gives_a_reason_and_no_answer(registered):
    keys = registered().keys
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        with pytest.raises(multiprocessing.pool.MaybeEncodingError, match="status, json"):
            pool.apply_async(echo, (keys,)).get(60)
        with authkeep.Client(**keys) as client, pytest.raises(TypeError, match="in each process"):
            pool.apply_async(use, (client,)).get(60)
