"""The clock of the running product: it speaks, a worker hears it, /healthz says so."""

import json
import time
import urllib.request

from tests.stack import Stack

FIRST_BEAT = 60  # a clock waits one round before its first word


def healthz(stack: Stack) -> dict[str, object]:
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=5) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_clock_and_worker_go_on_by_themselves(stack: Stack) -> None:
    deadline = time.monotonic() + FIRST_BEAT
    while (said := healthz(stack))["status"] != "ok" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert said["status"] == "ok", stack.logs()
    assert list(said["queues"]) == ["default", "notices", "exports", "imports"]  # type: ignore[call-overload]
