"""Likeness of Chinese texts: what counts as the same, what does not, and what finds it."""

import random
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from issues.likeness import BANDS, LEAST, bands, likeness, shingles, signature

EVENT = (
    "3月12日上午，城关镇东街村村民王桂兰来便民服务中心办理低保复核，我看材料里缺一张收入证明，"
    "没有一次性讲清楚，让她先回去。她先后跑了三趟，到3月21日才办成，前后耽误了9天。"
)
NAMES_CHANGED = (
    "4月8日下午，河西镇柳林村村民张建国来便民服务中心办理低保复核，我看材料里缺一张收入证明，"
    "没有一次性讲清楚，让他先回去。他先后跑了三趟，到4月19日才办成，前后耽误了11天。"
)
SAME_MATTER = (
    "2月26日，北关社区居民李秀英来窗口咨询低保申请，我正在整理台账，只说了一句“去社区问”，"
    "没有告诉她要带哪些材料。她在社区和窗口之间来回跑了两次，第二周才交上申请。"
)
SIGNS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
PUNCTUATION = "，。；：、！？（）「」“” \n\t…—"

chinese = st.text(st.sampled_from(SIGNS[:400]), min_size=20, max_size=200)


@given(chinese)
def test_a_text_is_wholly_like_itself(text):
    assert likeness(text, text) == 1.0


@given(chinese, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(PUNCTUATION))))
def test_punctuation_and_spaces_do_not_count(text, marks):
    marked = text
    for at, mark in marks:
        marked = marked[:at] + mark + marked[at:]
    assert likeness(text, marked) == 1.0
    assert bands(text) == bands(marked)


@given(chinese, chinese)
def test_likeness_has_no_direction_and_stays_within_bounds(a, b):
    assert likeness(a, b) == likeness(b, a)
    assert 0.0 <= likeness(a, b) <= 1.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ＡＢ12、压了九天。", "ab 12 压了九天"),
        ("3月12日办成", "11月8日办成"),
        ("2024-03-12 到窗口", "2025 到窗口"),
    ],
)
def test_width_case_and_numbers_do_not_count(a, b):
    assert likeness(a, b) == 1.0


def test_no_text_is_like_nothing():
    assert likeness("", "") == likeness("。，", EVENT) == 0.0
    assert (shingles(""), signature(""), bands("")) == (frozenset(), (), ())
    assert shingles("办") == {"办"}


def test_a_copy_with_names_and_dates_changed_is_like_and_the_same_matter_is_not():
    assert likeness(EVENT, NAMES_CHANGED) == pytest.approx(0.66, abs=0.01)
    assert likeness(EVENT, SAME_MATTER) == pytest.approx(0.05, abs=0.01)


@given(chinese)
def test_the_keys_of_a_text_fit_a_column_and_differ(text):
    assume(len(shingles(text)) >= LEAST)
    keys = bands(text)
    assert len(set(keys)) == BANDS
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_a_text_too_short_to_compare_has_no_keys():
    assert bands("压了九天") == ()


def test_the_keys_are_the_same_for_good_and_in_every_process():
    """They are stored: neither a new version nor a seed of Python's hashes may change them."""
    assert bands(EVENT)[:2] == (2138720620550913294, -102462440069032909)
    command = "import sys; from issues.likeness import bands; print(bands(sys.argv[1]))"
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", command, EVENT],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == str(bands(EVENT))


def test_of_pairs_08_like_99_percent_share_a_key():
    chance = random.Random(8)
    pairs = [_pair(chance, atleast=0.8) for _ in range(300)]
    found = sum(_share_a_key(a, b) for a, b in pairs)
    assert found >= 297


def test_unlike_texts_share_no_key():
    chance = random.Random(5)
    pairs = [(_text(chance), _text(chance)) for _ in range(500)]
    assert [pair for pair in pairs if _share_a_key(*pair)] == []


def _text(chance: random.Random) -> str:
    return "".join(chance.choices(SIGNS, k=chance.randint(40, 300)))


def _pair(chance: random.Random, *, atleast: float) -> tuple[str, str]:
    """A text and a copy changed sign by sign until it is hardly as like as that."""
    original = copy = _text(chance)
    while True:
        at = chance.randrange(len(copy))
        changed = copy[:at] + chance.choice(SIGNS) + copy[at + 1 :]
        if likeness(original, changed) < atleast:
            return original, copy
        copy = changed


def _share_a_key(a: str, b: str) -> bool:
    return any(one == other for one, other in zip(bands(a), bands(b), strict=True))
