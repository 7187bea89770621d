"""The examples of the README run as they are printed, but for the server's address."""

from __future__ import annotations

import json
import re

import authkeep
import pytest
from authkeep import _errors

from conftest import PACKAGE

README = (PACKAGE / "README.md").read_text(encoding="utf-8")
FIRST, CREDENTIALS, REQUESTS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(example, server):
    example = example.replace("https://shop.example", server.url)
    example = re.sub(r'"/api/(product|order|media/7|stock)"', '"/api/echo"', example)
    exec(compile(example, "README.md", "exec"), {})


def test_the_first_example_runs(server, registered, monkeypatch, capsys):
    account = registered(client_id="integration")
    monkeypatch.setenv("SHOP_SECRET", account.secret)
    run(FIRST, server)
    assert "'query': 'limit=50'" in capsys.readouterr().out


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


def test_the_example_of_requests_runs(server, registered, monkeypatch, capsys, tmp_path):
    account = registered()
    profiles = tmp_path / "authkeep" / "profiles.json"
    profiles.parent.mkdir()
    profiles.write_text(json.dumps({"profiles": {"shop": account.keys}}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chair.png").write_bytes(b"\x89PNG")
    run(REQUESTS, server)
    printed = capsys.readouterr().out
    assert printed.startswith("200 application/json {")
    assert "'body': 'sku=A-1&amount=2'" in printed
    assert account.count("api_requests") == 4


@pytest.mark.parametrize("cls", [*_errors.CLASSES.values(), authkeep.HTTPStatusError])
def test_the_table_says_what_to_do_about_each_error(cls):
    (row,) = re.findall(rf"(?m)^\| `{cls.__name__}`(.*) \| .+ \|$", README)
    parents = [parent.__name__ for parent in cls.__bases__ if parent is not authkeep.Error]
    assert [name for name in parents if f"`{name}`" not in row] == []


def test_the_link_to_the_configuration_keys_leads_somewhere():
    (link,) = re.findall(r"\[configuration keys\]\((.*?)\)", README)
    assert (PACKAGE / link).read_text(encoding="utf-8").count("### `") > 20
