"""Logs visits through HTTP with many clients at once and looks afterwards what was kept.

Started by bench/run.py in an environment of its own. It starts the web server as `make run`
does, on the loopback only; each client is a team's member with a session of its own and posts
the form of one target after another, some of them a second time under the same token. At the
end it counts: an answer without its row is a lost visit, two rows of one token a doubled one.
"""

import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import django

from bench.city import filled
from core.management.supervisor import die_with_parent

CLIENTS = 32
REPEATED = 10  # every tenth visit is sent once more
STARTING = 60
STOPPING = 20
LOCAL = "127.0.0.1"
LOCKED = ("database is locked", "database table is locked")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Client:
    """One person's browser; ``seconds`` of each answer, ``sent`` the tokens that were accepted."""

    port: int
    session: str
    targets: list[int]
    seconds: list[float] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def go(self, barrier: Barrier, until: float, day: str) -> None:
        self.connection = http.client.HTTPConnection(LOCAL, self.port, timeout=60)
        self.cookies = f"sessionid={self.session}"
        self.token = self._form(self.targets[0])
        barrier.wait()
        begin = time.monotonic()
        for number, target in enumerate(self.targets):
            if time.monotonic() - begin > until:
                break
            token = str(uuid.uuid4())
            self._post(target, token, day)
            if number % REPEATED == 0:
                self._post(target, token, day)
        self.connection.close()

    def _form(self, target: int) -> str:
        self.connection.request("GET", _address(target), headers={"Cookie": self.cookies})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        found = _TOKEN.search(text)
        assert answer.status == 200, f"{answer.status}: {text[:300]}"
        assert found, "the page has no form"
        for name, value in answer.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken="):
                self.cookies += "; " + value.split(";")[0]
        return found[1]

    def _post(self, target: int, token: str, day: str) -> None:
        given = {
            "csrfmiddlewaretoken": self.token,
            "token": token,
            "visited_on": day,
            "way": "home",
            "outcome": "effective",
            "heard": "都好",
        }
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        begin = time.perf_counter()
        self.connection.request("POST", _address(target), urlencode(given), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        self.seconds.append(time.perf_counter() - begin)
        self.answers[str(answer.status)] += 1
        if any(words in text for words in LOCKED):
            self.answers["locked"] += 1
        if answer.status == 302:
            self.sent.append(token)


def main(households: int, visits: int, seconds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    filled(households)
    clients = _clients(visits)
    last = _last_visit()
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = probe.getsockname()[1]
    from django.conf import settings
    from django.db import connections
    from django.utils import timezone

    day = timezone.localdate().isoformat()
    connections.close_all()
    with _served(port):
        for client in clients:
            client.port = port
        begin, barrier = time.monotonic(), Barrier(len(clients))
        with ThreadPoolExecutor(len(clients)) as threads:
            for done in [threads.submit(c.go, barrier, seconds, day) for c in clients]:
                done.result()
        took = time.monotonic() - begin
    print(json.dumps(_figures(clients, last, took, Path(settings.VAR_DIR) / "logs")))


def _last_visit() -> int:
    """Of those that the city has already."""
    from visits.models import Visit

    return Visit.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _address(target: int) -> str:
    return f"/visits/targets/{target}/visit/"


def _clients(visits: int) -> list[Client]:
    """Members of one team over the whole city, each with targets of their own."""
    from django.utils import timezone

    from campaign.models import Campaign
    from organisation.choices import Role
    from organisation.models import Area, Grant, User
    from visits.choices import TeamSource
    from visits.models import Target, Team
    from visits.services import create_team

    visitors = User.objects.filter(username__startswith="v", grants=None).order_by("pk")
    people = list(visitors[:CLIENTS])
    today = timezone.localdate()
    for person in people:
        Grant.objects.create(user=person, role=Role.CADRE, since=today, unit=person.unit)
    create_team(
        campaign=Campaign.objects.get(),
        name=f"民情书记服务队{Team.objects.count() + 1}",
        areas=[Area.objects.get(parent=None)],
        members={TeamSource.DEPARTMENT: people},
    )
    left = Target.objects.filter(kind="household", state="pending").order_by("pk")
    keys = list(left.values_list("pk", flat=True)[:visits])
    share = len(keys) // CLIENTS
    if not share:
        sys.exit(f"{len(keys)} households are too few for {CLIENTS} clients")
    return [
        Client(0, _session_of(person), keys[n * share : (n + 1) * share])
        for n, person in enumerate(people)
    ]


def _session_of(person: Any) -> str:
    """A sign-in, without the password that a real one takes half a second to check."""
    from django.test import Client as Browser

    browser = Browser(HTTP_HOST=LOCAL)
    browser.force_login(person)
    return str(browser.cookies["sessionid"].value)


class _served:  # noqa: N801 -- used like a function
    """The web server as `make run` starts it, until the block is left."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __enter__(self) -> None:
        command = [sys.executable, "manage.py", "serve", "--only", "web", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 -- there is one thread here
        )
        signal.alarm(STARTING)
        for line in self.process.stdout or []:
            if "Ctrl-C" in line:
                signal.alarm(0)
                return
        sys.exit("serve ended before it was running")

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _figures(clients: list[Client], last: int, took: float, logs: Path) -> dict[str, float]:
    from campaign.models import Campaign
    from visits.models import Visit
    from visits.services import recount_coverage

    accepted = {token for client in clients for token in client.sent}
    made = Visit.objects.filter(pk__gt=last)
    kept = Counter(str(token) for token in made.values_list("token", flat=True))
    seconds = sorted(each for client in clients for each in client.seconds)
    answers = sum((client.answers for client in clients), Counter())
    logged = (logs / "web.log").read_text(errors="replace") if logs.exists() else ""
    return {
        "clients": len(clients),
        "visits kept": len(kept),
        "visits/s": len(kept) / took,
        "answer, median ms": statistics.median(seconds) * 1000,
        "answer, p99 ms": seconds[int(len(seconds) * 0.99)] * 1000,
        "accepted, but lost": len(accepted - kept.keys()),
        "doubled": sum(number - 1 for number in kept.values()),
        "targets with more than one": _visited_twice(made),
        "database is locked": answers["locked"] + sum(logged.count(words) for words in LOCKED),
        "other answers": sum(n for status, n in answers.items() if status not in {"302", "locked"}),
        "counters that a recount mends": recount_coverage(campaign=Campaign.objects.get()),
    }


def _visited_twice(made: Any) -> int:
    """Each target was posted under one token, so that one row of it is right."""
    from django.db.models import Count

    rows = made.order_by().values("target").annotate(n=Count("pk"))
    return int(rows.filter(n__gt=1).count())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
