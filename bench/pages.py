"""Times the pages of one installation against the floor and prints the medians as JSON.

Started by bench/run.py for each size, in an environment of its own. The rounds of all
pages are interleaved, so that a busy machine slows every page alike.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

PAGES = {"home, cadre": ("/", "ganbu"), "home, office": ("/", "zuofengban")} | {
    "progress, leader": ("/progress/", "lingdao")
}
WARM_UP = 5
NAME_OF_FLOOR = "floor"


def main(rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(measure(PAGES, rounds)))


def measure(pages: dict[str, tuple[str, str]], rounds: int) -> dict[str, dict[str, float]]:
    """Medians, queries and size of the pages (address, who asks) and of the floor."""
    from django.test.utils import override_settings

    with override_settings(ROOT_URLCONF="bench.floor", ALLOWED_HOSTS=["testserver"]):
        gets = _pages(pages)
        queries = {name: _count_queries(get) for name, get in gets.items()}
        kilobytes = {name: len(get().content) / 1024 for name, get in gets.items()}
        times: dict[str, list[float]] = {name: [] for name in gets}
        for number in range(WARM_UP + rounds):
            for name, get in gets.items():
                seconds = _time(get)
                if number >= WARM_UP:
                    times[name].append(seconds)
    medians = {name: statistics.median(values) * 1000 for name, values in times.items()}
    return {"milliseconds": medians, "queries": queries, "kilobytes": kilobytes}


def _pages(pages: dict[str, tuple[str, str]]) -> dict[str, Callable[[], Any]]:
    """What fetches each page, for a person who is signed in."""
    from django.test import Client

    from bench.floor import FLOOR
    from organisation.models import User

    gets: dict[str, Callable[[], Any]] = {NAME_OF_FLOOR: _getter(Client(), FLOOR)}
    for name, (address, username) in pages.items():
        client = Client()
        client.force_login(User.objects.get(username=username))
        gets[name] = _getter(client, address)
    return gets


def _getter(client: Any, address: str) -> Callable[[], Any]:
    def get() -> Any:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return answer

    return get


def _time(get: Callable[[], object]) -> float:
    start = time.perf_counter()
    get()
    return time.perf_counter() - start


def _count_queries(get: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get()
    return len(captured)


if __name__ == "__main__":
    main(int(sys.argv[1]))
