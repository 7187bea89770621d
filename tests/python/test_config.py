"""Where a credential comes from: keywords, configs, profiles, references."""

from __future__ import annotations

import json
import sys

import authkeep
import pytest


def test_a_config_is_set_key_by_key(registered):
    account = registered()
    config = authkeep.Config()
    for key, value in account.keys.items():
        assert config.set(key, value) is config
    config.set("timeouts.total_ms", "5000")
    with authkeep.Client.from_config(config) as client:
        assert client.get("/api/echo").ok


def test_a_number_is_set_as_it_is(registered):
    config = authkeep.Config(**registered().keys).set("timeouts.total_ms", 150)
    with authkeep.Client.from_config(config) as client:
        client.token(timeout=10)
        with pytest.raises(authkeep.DeadlineExceeded):
            client.get("/api/slow/5000")


def test_a_truth_is_set_as_it_is():
    keys = {"base_url": "http://api.example", "grant": "api_key", "api_key": "k"}
    config = authkeep.Config(**keys).set("danger_allow_http", True)
    authkeep.Client.from_config(config).close()
    with pytest.raises(authkeep.NotAllowed, match="is http"):
        authkeep.Client.from_config(config.set("danger_allow_http", False))


@pytest.mark.parametrize("value", [None, 1.5, ["a"], {"env": "A"}, b"a"])
def test_set_names_what_takes_other_values(value):
    with pytest.raises(TypeError, match="scope must be str, int or bool here, not"):
        authkeep.Config().set("scope", value)


def test_a_dotted_keyword_says_how_it_is_nested():
    for refused in (authkeep.Config, authkeep.Client, lambda **keys: authkeep.Config().merge(keys)):
        with pytest.raises(authkeep.InvalidConfig) as caught:
            refused(**{"timeouts.total_ms": 5})
        assert 'timeouts={"total_ms": ...}' in str(caught.value)
        assert "Config.set" in str(caught.value)
        assert caught.value.code == "config.unknown_key"


@pytest.mark.parametrize("profile", [authkeep.Config(), {"base_url": "https://api.example"}, b"a"])
def test_a_profile_is_a_name(profile):
    with pytest.raises(TypeError, match=r"use Client\.from_config for a Config"):
        authkeep.Client(profile)


def test_a_config_may_be_changed_and_used_again(registered):
    one, two = registered(), registered()
    config = authkeep.Config(**one.keys)
    first = authkeep.Client.from_config(config)
    second = authkeep.Client.from_config(config.merge(two.keys))
    with first, second:
        assert first.get("/api/echo").json()["client_id"] == one.client_id
        assert second.get("/api/echo").json()["client_id"] == two.client_id


def test_nested_keys_are_mappings(registered):
    account = registered(require_fields={"audience": "shop"}, require_headers={"X-Tenant": "t"})
    request = {"fields": {"audience": "shop"}, "headers": {"X-Tenant": "t"}}
    with authkeep.Client(**account.keys, token_request=request) as client:
        assert client.get("/api/echo").ok


def test_none_deletes_a_key(registered):
    config = authkeep.Config(**registered().keys, scope="no such scope").merge({"scope": None})
    with authkeep.Client.from_config(config) as client:
        assert client.get("/api/echo").ok


def test_merge_json_takes_a_document(registered):
    config = authkeep.Config().merge_json(json.dumps(registered().keys))
    with authkeep.Client.from_config(config) as client:
        assert client.get("/api/echo").ok


def test_a_variable_that_is_handed_over_goes_first(registered, monkeypatch):
    account = registered()
    monkeypatch.setenv("SHOP_SECRET_OF_A_TEST", "an old secret")
    keys = {**account.keys, "client_secret": authkeep.env("SHOP_SECRET_OF_A_TEST")}
    config = authkeep.Config(**keys).set_env("SHOP_SECRET_OF_A_TEST", account.secret)
    with authkeep.Client.from_config(config) as client:
        assert client.get("/api/echo").ok
    with pytest.raises(authkeep.InvalidArgument, match="can't be set in an environment"):
        config.set_env("A=B", "c")


def test_secrets_are_read_from_where_they_are(registered, monkeypatch, tmp_path):
    account = registered()
    monkeypatch.setenv("SHOP_SECRET_OF_A_TEST", account.secret)
    file = tmp_path / "secret"
    file.write_text(account.secret)
    printing = [sys.executable, "-c", f"print({account.secret!r}, end='')"]
    for reference in (
        authkeep.env("SHOP_SECRET_OF_A_TEST"),
        authkeep.file(file),
        authkeep.command(printing),
    ):
        keys = {**account.keys, "client_secret": reference}
        with authkeep.Client(**keys) as client:
            assert client.get("/api/echo").ok, reference


def test_a_command_is_a_list():
    with pytest.raises(TypeError, match="takes a list"):
        authkeep.command("print secret")


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(authkeep.InvalidConfig) as caught:
        authkeep.Config(client_secrte="hidden")
    assert caught.value.code == "config.unknown_key"
    assert 'did you mean "client_secret"?' in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_missing_key_is_told_when_the_client_is_made():
    with pytest.raises(authkeep.InvalidConfig, match="token_endpoint"):
        authkeep.Client(base_url="https://api.example", client_id="a")


def test_no_text_shows_a_secret(registered):
    account = registered()
    config = authkeep.Config(**account.keys)
    with authkeep.Client.from_config(config) as client:
        assert account.secret not in repr(config) + repr(client)


def test_values_that_json_has_not_are_refused():
    with pytest.raises(authkeep.InvalidArgument):
        authkeep.Config(lifetime={"max_s": float("nan")})
    with pytest.raises(TypeError, match="can't be of type object"):
        authkeep.Config(client_secret=object())


@pytest.fixture
def profiles(tmp_path):
    """Writes profiles, and returns the path of their file."""

    def write(**members):
        path = tmp_path / "profiles.json"
        path.write_text(json.dumps({"profiles": members}))
        return path

    return write


def test_a_profile_is_opened_by_name(registered, profiles):
    account = registered()
    path = profiles(shop=account.keys)
    with authkeep.Client("shop", path=path) as client:
        assert client.get("/api/echo").json()["client_id"] == account.client_id
        assert repr(client) == "<authkeep.Client 'shop'>"
    assert repr(client) == "<authkeep.Client 'shop', closed>"


def test_two_clients_of_one_profile_share_their_token(registered, profiles):
    account = registered()
    path = profiles(shop=account.keys)
    with authkeep.Client("shop", path=path) as one, authkeep.Client("shop", path=path) as two:
        assert one.token().access_token == two.token().access_token
    assert account.count("token_requests") == 1


def test_any_two_clients_of_one_credential_share_their_token(registered, profiles):
    account = registered()
    path = profiles(shop=account.keys)
    config = authkeep.Config(**account.keys)
    with authkeep.Client("shop", path=path) as one, authkeep.Client(**account.keys) as two:
        extended = authkeep.Client("shop", path=path, allowed_urls=["https://a.example"])
        clients = [one, two, extended, authkeep.Client.from_config(config)]
        assert len({client.token().access_token for client in clients}) == 1
    assert account.count("token_requests") == 1


def test_keywords_count_more_than_the_profile(registered, profiles):
    account = registered()
    path = profiles(shop={**account.keys, "client_secret": "wrong"})
    with authkeep.Client("shop", path=path, client_secret=account.secret) as client:
        assert client.get("/api/echo").ok


def test_references_in_a_given_file_need_permission(registered, profiles, monkeypatch):
    account = registered()
    monkeypatch.setenv("SHOP_SECRET_OF_A_TEST", account.secret)
    path = profiles(shop={**account.keys, "client_secret": {"env": "SHOP_SECRET_OF_A_TEST"}})
    with pytest.raises(authkeep.NotAllowed, match="allow_references"):
        authkeep.Client("shop", path=path)
    with authkeep.Client("shop", path=path, allow_references=True) as client:
        assert client.get("/api/echo").ok


def test_a_path_needs_the_name_of_a_profile(tmp_path):
    with pytest.raises(authkeep.InvalidArgument, match="name the profile"):
        authkeep.Client(path=tmp_path / "profiles.json")
