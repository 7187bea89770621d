"""A client that is shared with another language, as an address."""

from __future__ import annotations

import authkeep
import pytest


def test_a_client_from_an_address_shares_the_token(client):
    token = client.token().access_token
    with authkeep.Client.from_native(client.to_native()) as other:
        client.close()
        assert other.token().access_token == token


def test_each_address_is_a_handle_of_its_own(client):
    addresses = [client.to_native() for _ in range(3)]
    assert len(set(addresses)) == 3
    for address in addresses:
        with authkeep.Client.from_native(address) as other:
            assert other.get("/api/echo").status == 200


def test_an_address_outlives_the_client_that_gave_it(registered):
    account = registered()
    address = authkeep.Client(**account.keys).to_native()
    assert authkeep.Client.from_native(address).get("/api/echo").status == 200


def test_a_closed_client_gives_no_address(client):
    client.close()
    with pytest.raises(authkeep.Closed):
        client.to_native()


def test_null_is_no_client():
    with pytest.raises(authkeep.InvalidArgument, match="not NULL"):
        authkeep.Client.from_native(0)
