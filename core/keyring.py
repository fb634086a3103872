"""The file of the keys that encrypt personal data: read, made once, changed as a whole.

It stands outside the database, so that a stolen database or backup opens nothing. A key
is known by its id, which stands in front of every text encrypted with it.
``python -m core.keyring PATH`` makes a file for several machines to share.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

KEY_BYTES = 32
FIELD, INDEX = "field", "index"  # what a key is for
_KEY_ID = re.compile(r"[0-9a-f]{8}")


class KeyringError(Exception):
    """The key file cannot serve; the text says what to do, in Chinese."""


@dataclass(frozen=True)
class KeySet:
    """The keys of one purpose: new values take the current one, old ones can still be read.

    ``replaced`` holds for each former key the time (seconds since 1970) it was replaced;
    ``is_rotating`` that values under former keys are still being rewritten.
    """

    current: str
    keys: Mapping[str, bytes]
    replaced: Mapping[str, int]
    is_rotating: bool = False

    @classmethod
    def fresh(cls) -> KeySet:
        name = new_key_id()
        return cls(name, {name: secrets.token_bytes(KEY_BYTES)}, {})

    def with_new_key(self, at: int) -> KeySet:
        """A new current key beside the present ones."""
        name = new_key_id()
        keys = {**self.keys, name: secrets.token_bytes(KEY_BYTES)}
        return KeySet(name, keys, {**self.replaced, self.current: at}, is_rotating=True)

    def settled(self) -> KeySet:
        """Every value stands under the current key."""
        return replace(self, is_rotating=False)

    def without(self, names: set[str]) -> KeySet:
        keys = {name: key for name, key in self.keys.items() if name not in names}
        replaced = {name: at for name, at in self.replaced.items() if name not in names}
        return replace(self, keys=keys, replaced=replaced)


@dataclass(frozen=True)
class Keyring:
    """Everything the file holds: the keys for the columns, and those for their indexes."""

    field: KeySet
    index: KeySet

    @classmethod
    def fresh(cls) -> Keyring:
        return cls(KeySet.fresh(), KeySet.fresh())

    def of(self, purpose: str) -> KeySet:
        return self.field if purpose == FIELD else self.index

    def put(self, purpose: str, keys: KeySet) -> Keyring:
        return replace(self, field=keys) if purpose == FIELD else replace(self, index=keys)


def new_key_id() -> str:
    return secrets.token_hex(4)


def ensure(path: Path) -> None:
    """Make the file with fresh keys unless it exists; of two processes at once one wins."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _written_beside(path, Keyring.fresh())
    try:
        os.link(written, path)  # refused when somebody else was faster
    except FileExistsError:
        pass
    finally:
        written.unlink()
    _sync_folder(path)


def read(path: Path) -> Keyring:
    """The keys of the file. Raises KeyringError."""
    try:
        content = json.loads(path.read_text())
        return Keyring(_key_set(content[FIELD]), _key_set(content[INDEX]))
    except OSError as error:
        raise KeyringError(
            f"读不了密钥文件「{path}」（{error.strerror}）。请从备份中恢复它，并检查权限"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyringError(f"密钥文件「{path}」已损坏。请从备份中恢复它") from error


def write(path: Path, keyring: Keyring) -> None:
    """Replace the file as a whole: a reader sees the old or the new one, never a part."""
    written = _written_beside(path, keyring)
    os.replace(written, path)
    _sync_folder(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One change of the keys at a time on this machine. Raises KeyringError when taken."""
    lock = path.with_name(f"{path.name}.lock")
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KeyringError("另一个密钥轮换正在进行，请等它结束") from error
        yield


def _key_set(content: dict[str, object]) -> KeySet:
    """Checked as far as a slip of the hand can spoil it. Raises ValueError, KeyError…"""
    raw, replaced = content["keys"], content["replaced"]
    if not isinstance(raw, dict) or not isinstance(replaced, dict):
        raise TypeError
    keys = {name: base64.b64decode(text, validate=True) for name, text in raw.items()}
    current = str(content["current"])
    sound = all(_KEY_ID.fullmatch(name) and len(key) == KEY_BYTES for name, key in keys.items())
    if not sound or current not in keys:
        raise ValueError
    return KeySet(current, keys, replaced, bool(content["is_rotating"]))


def _written_beside(path: Path, keyring: Keyring) -> Path:
    """A complete file next to ``path``, on the disk, readable by its owner only."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({FIELD: _as_json(keyring.field), INDEX: _as_json(keyring.index)}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _as_json(keys: KeySet) -> dict[str, object]:
    return {
        "current": keys.current,
        "is_rotating": keys.is_rotating,
        "keys": {
            name: binascii.b2a_base64(key, newline=False).decode()
            for name, key in keys.keys.items()
        },
        "replaced": dict(keys.replaced),
    }


def _sync_folder(path: Path) -> None:
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("用法：python -m core.keyring 文件路径")
    ensure(Path(sys.argv[1]))
