"""The examples of the README run as they are printed, but for the server's address."""

from __future__ import annotations

import json
import logging
import re

import authkeep
import pytest
from authkeep import _errors

from conftest import PACKAGE

README = (PACKAGE / "README.md").read_text(encoding="utf-8")
FIRST, CREDENTIALS, REQUESTS, INSIDE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(example, server):
    example = example.replace("https://shop.example", server.url)
    example = re.sub(r'"/api/(product|order|media/7|stock)"', '"/api/echo"', example)
    exec(compile(example, "README.md", "exec"), {})


@pytest.fixture
def profile(registered, monkeypatch, tmp_path):
    """The account of the profile "shop"."""
    account = registered()
    profiles = tmp_path / "authkeep" / "profiles.json"
    profiles.parent.mkdir()
    profiles.write_text(json.dumps({"profiles": {"shop": account.keys}}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return account


def test_the_first_example_runs(server, monkeypatch, capsys):
    shop = server.emulate("shopware", client_id="SWIACLIENTID", client_secret="of the shop")
    monkeypatch.setenv("SHOP_SECRET", "of the shop")
    exec(compile(FIRST.replace("https://shop.example", shop.url), "README.md", "exec"), {})
    assert "'total': 25" in capsys.readouterr().out
    assert shop.stats()["refusals"] == 0


def test_the_example_of_other_credentials_runs(server, registered, monkeypatch, capsys):
    registered(
        client_id="administration",
        client_secret=None,
        username="robot",
        password="a password",
        refresh_seed="a refresh token",
    )
    registered(client_id="key", client_secret=None, api_key="a-key", credential_header="X-Api-Key")
    monkeypatch.setenv("SHOP_PASSWORD", "a password")
    monkeypatch.setenv("SHOP_REFRESH_TOKEN", "a refresh token")
    monkeypatch.setenv("SHOP_KEY", "a-key")
    run(CREDENTIALS, server)
    seen = capsys.readouterr().out.splitlines()
    assert len(seen) == 3
    for line, client_id in zip(seen, ["administration", "administration", "key"]):
        assert f"'client_id': '{client_id}'" in line


def test_the_example_of_requests_runs(server, profile, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chair.png").write_bytes(b"\x89PNG")
    run(REQUESTS, server)
    printed = capsys.readouterr().out
    assert printed.startswith("200 application/json {")
    assert "'body': 'sku=A-1&amount=2'" in printed
    assert profile.count("api_requests") == 4


def test_the_example_of_what_happens_inside_runs(server, profile, monkeypatch, capsys, caplog):
    # As in a program that has set up no logging; the level ends with the test.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    caplog.set_level(logging.DEBUG, "authkeep")
    run(INSIDE, server)
    printed = capsys.readouterr()
    first, second = (line.split() for line in printed.out.splitlines())
    assert (first[0], first[2]) == ("serve", "0")
    assert int(first[1]) > 0
    assert second == ["request", "1"]
    assert "DEBUG:authkeep:shop: GET " in printed.err
    assert printed.err.endswith("(forget)\n")
    assert profile.secret not in printed.err


@pytest.mark.parametrize("cls", [*_errors.CLASSES.values(), authkeep.HTTPStatusError])
def test_the_table_says_what_to_do_about_each_error(cls):
    (row,) = re.findall(rf"(?m)^\| `{cls.__name__}`(.*) \| .+ \|$", README)
    parents = [parent.__name__ for parent in cls.__bases__ if parent is not authkeep.Error]
    assert [name for name in parents if f"`{name}`" not in row] == []


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((.*?)\)", README)
    assert len(links) > 2
    assert [link for link in links if not (PACKAGE / link).is_file()] == []
