"""The systems that the library knows by name."""

from __future__ import annotations

import dataclasses

import authkeep
import pytest


def test_every_provider_says_what_it_needs_and_where_that_is_found():
    names = [provider.name for provider in authkeep.providers()]
    assert names == ["aprimo-dm", "cloudblue-connect", "ingram-micro", "inventorypro", "shopware"]
    for provider in authkeep.providers():
        assert provider.title
        assert provider.needs
        assert all(need.key and need.place for need in provider.needs)


def test_a_need_of_one_grant_says_which():
    shopware = authkeep.providers()[-1]
    grants = {need.key: need.grant for need in shopware.needs}
    assert grants["base_url"] is None
    assert grants["username"] == "password"


def test_a_provider_is_a_value_that_can_not_be_changed():
    provider = authkeep.providers()[0]
    assert provider == authkeep.providers()[0]
    assert len({*authkeep.providers(), *authkeep.providers()}) == 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        provider.name = "another"


def test_a_client_is_made_of_a_name_and_what_the_provider_needs(server):
    shop = server.emulate("shopware")
    keys = {name: shop.settings[name] for name in ("client_id", "client_secret")}
    with authkeep.Client(provider="shopware", base_url=shop.url, **keys) as client:
        assert client.get("/api/product", params={"limit": 2}).json()["total"] == 25
        assert client.post("/api/product", json={"name": "Chair"}).status == 204
    assert shop.stats()["refusals"] == 0


@pytest.mark.parametrize("client_auth", ["body", "basic_raw"])
def test_a_secret_that_changes_in_the_environment_is_taken_up(server, monkeypatch, client_auth):
    host = server.emulate("inventorypro", client_secret="the first")
    monkeypatch.setenv("AUTHKEEP_TEST_HOST", "the first")
    with authkeep.Client(
        provider="inventorypro",
        base_url=host.url,
        client_id=host.settings["client_id"],
        client_secret=authkeep.env("AUTHKEEP_TEST_HOST"),
        client_auth=client_auth,
    ) as client:
        assert client.get("/api/v1/Products").status == 200
        host.change(client_secret="the second", expire_tokens=True)
        monkeypatch.setenv("AUTHKEEP_TEST_HOST", "the second")
        assert client.get("/api/v1/Products").status == 200
    assert host.stats()["token_statuses"] == {"200": 2}
    assert host.stats()["api_statuses"] == {"200": 2, "401": 1}


def test_a_missing_key_is_named_with_its_place():
    with pytest.raises(authkeep.InvalidConfig) as caught:
        authkeep.Client(provider="inventorypro", base_url="https://host.example", client_id="i")
    assert str(caught.value) == (
        '"client_secret" is missing; Inventory Pro needs it '
        "(see your administrator, who provides a client ID and secret)"
    )
