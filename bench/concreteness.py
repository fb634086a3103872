"""Prints what the concreteness check catches of labelled items, on either half, and its time."""

import statistics
import time

from issues.concreteness import check
from tests.issues.labelled import (
    HALVES,
    Score,
    items,
    score_of_copies,
    score_of_fields,
    score_of_items,
)

WHAT = {
    "vague items": score_of_items,
    "vague fields": score_of_fields,
    "copied events": score_of_copies,
}


def main() -> None:
    print("problem items labelled by hand; the rules were tuned on the first half only")
    print(f"{'':16}{'half':10}{'there':>7}{'said':>7}{'right':>7}{'precision':>11}{'recall':>9}")
    for what, measure in WHAT.items():
        for half in HALVES:
            _print(what, half, measure(half))
    print(f"one check of a whole item: {_milliseconds():.2f} ms, median")


def _print(what: str, half: str, found: Score) -> None:
    counts = f"{found.there:7}{found.found:7}{found.right:7}"
    print(f"{what:16}{half:10}{counts}{found.precision:11.3f}{found.recall:9.3f}")


def _milliseconds() -> float:
    times = []
    for item in (item for half in HALVES for item in items(half)):
        start = time.perf_counter()
        check(item.text)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
