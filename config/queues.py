"""The queues, and which of them each task goes through.

Only these exist: a message for any other is refused when it is sent, so that a slip of the
pen is no queue without a worker. Each has an exchange and a key of its own name; without
the key all of them would share one.
"""

from kombu import Exchange, Queue

NAMES = ("default", "notices", "exports", "imports")
QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in NAMES]

# The first pattern that fits decides; a task without one fails a test.
ROUTES = {
    "*.export_*": {"queue": "exports"},
    "evaluations.print_codes": {"queue": "exports"},
    "*.check_*": {"queue": "imports"},
    "*.apply_*": {"queue": "imports"},
    "core.tell": {"queue": "notices"},
    "core.try_channel": {"queue": "notices"},
    "core.*": {"queue": "default"},
    "organisation.*": {"queue": "default"},
    "campaign.*": {"queue": "default"},
    "issues.*": {"queue": "default"},
    "visits.*": {"queue": "default"},
}
