"""The example of the README runs as it is printed, but for the server's address."""

from __future__ import annotations

import re

from conftest import PACKAGE


def test_the_example_runs(server, registered, monkeypatch, capsys):
    account = registered(client_id="integration")
    monkeypatch.setenv("SHOP_SECRET", account.secret)
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    example = example.replace("https://shop.example", server.url)
    example = example.replace("/api/product", "/api/echo")
    exec(compile(example, "README.md", "exec"), {})
    assert "'query': 'limit=50'" in capsys.readouterr().out
