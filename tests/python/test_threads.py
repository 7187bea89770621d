"""Sixteen threads on one client: all that may be done at once, until it is closed."""

from __future__ import annotations

import threading
from collections import Counter

import authkeep

THREADS, ROUNDS = 16, 6


def test_threads_get_cancel_and_close_one_client_while_its_tokens_expire(registered):
    account = registered(token_life_ms=1000)
    client = authkeep.Client(**account.keys)
    shared = authkeep.Call(timeout=20)
    outcomes = Counter()
    together = threading.Barrier(THREADS)
    rounds_done = threading.Barrier(THREADS)

    def attempt(work, *arguments, **options):
        try:
            work(*arguments, **options)
            return "ok"
        except (authkeep.Cancelled, authkeep.Closed) as error:
            return type(error).__name__

    def use(number):
        seen = []
        together.wait()
        for round_number in range(ROUNDS):
            own = authkeep.Call()
            canceller = threading.Thread(target=own.cancel)
            seen.append(attempt(client.token, call=shared))
            seen.append(attempt(client.get, "/api/echo", call=shared))
            canceller.start()
            seen.append(attempt(client.get, "/api/slow/2000", call=own))
            canceller.join()
            if number == round_number:
                client.reset()
        rounds_done.wait()
        while "Closed" not in seen:
            seen.append(attempt(client.token))
            if number == 0:
                client.close()
        outcomes.update(seen)

    threads = [threading.Thread(target=use, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(outcomes) == {"ok", "Cancelled", "Closed"}
    assert outcomes["Cancelled"] == outcomes["Closed"] * ROUNDS == THREADS * ROUNDS
    assert account.count("api_401") == 0
