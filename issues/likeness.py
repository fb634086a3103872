"""How like two Chinese texts are, and keys by which like ones are found. Pure: no Django.

Texts are compared as sets of pairs of neighbouring signs. Single signs say little, and longer
runs break at every changed name (docs/decisions/017).
"""

import hashlib
import re
import struct
import unicodedata

RUN = 2  # signs in a row
BANDS, ROWS = 12, 4  # of two texts 0.8 like 99.8 % share a key, of two 0.1 like 0.1 %
LEAST = 12  # runs below which likeness is chance

_NUMBERS = struct.Struct(f"<{BANDS * ROWS}I")
_BAND = struct.Struct(f"<{ROWS + 1}I")


def shingles(text: str) -> frozenset[str]:
    """Its runs of signs without punctuation, spaces, case and width; all numbers are alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = re.sub(r"\d+", "0", re.sub(r"[\W_]+", "", folded))
    if len(bare) < RUN:
        return frozenset({bare} - {""})
    return frozenset(bare[at : at + RUN] for at in range(len(bare) - RUN + 1))


def likeness(a: str, b: str) -> float:
    """Share of runs that both have, of all that either has: 0 to 1; 0 for two empty texts."""
    return overlap(shingles(a), shingles(b))


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """``likeness`` of texts that are split already."""
    common = len(a & b)
    return common / (len(a) + len(b) - common) if common else 0.0


def signature(text: str) -> tuple[int, ...]:
    """MinHash: two texts agree in each place with the probability of their likeness.

    The same on every machine, for good: stored keys are made of it. Empty for no text.
    """
    rows = (_NUMBERS.unpack(_digest(run)) for run in shingles(text))
    return tuple(map(min, zip(*rows, strict=True)))


def bands(text: str) -> tuple[int, ...]:
    """BANDS keys (signed, 64 bits); like texts share at least one in its place.

    Empty for a text too short to compare.
    """
    if len(shingles(text)) < LEAST:
        return ()
    numbers = signature(text)
    return tuple(_key(at, numbers[at * ROWS : (at + 1) * ROWS]) for at in range(BANDS))


def _digest(run: str) -> bytes:
    """One independent number for each place of the signature."""
    return hashlib.shake_128(run.encode(errors="surrogatepass")).digest(_NUMBERS.size)


def _key(place: int, numbers: tuple[int, ...]) -> int:
    digest = hashlib.blake2b(_BAND.pack(place, *numbers), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
