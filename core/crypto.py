"""Encryption of single values, and the blind index that finds them again.

A stored text is ``scheme.key id.base64``: nonce, ciphertext and tag of AES-256-GCM, or of
SM4-GCM where the national suite is asked for. Both can always be read; new values take the
suite of ``settings.CRYPTO_SUITE``. The column's label is authenticated with the value, so
that a text moved to another column does not open (one moved to another row does).
"""

import base64
import os
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core import keyring
from core.keyring import FIELD, INDEX, Keyring, KeyringError

NONCE_BYTES, TAG_BYTES, INDEX_BYTES = 12, 16, 16
INTERNATIONAL, NATIONAL = "international", "sm"
_CIPHERS = {INTERNATIONAL: "aes", NATIONAL: "sm4"}
_HASHES = {INTERNATIONAL: "sha", NATIONAL: "sm3"}
_Algorithm = type[algorithms.AES] | type[algorithms.SM4]
_Digest = type[hashes.HashAlgorithm]
_ALGORITHMS: dict[str, tuple[_Algorithm, int, _Digest]] = {
    "aes": (algorithms.AES, 32, hashes.SHA256),
    "sm4": (algorithms.SM4, 16, hashes.SM3),
}
_DIGESTS: dict[str, _Digest] = {"sha": hashes.SHA256, "sm3": hashes.SM3}


class CannotDecrypt(Exception):
    """A stored text does not open; the message says why and what to do, in Chinese."""


def seal(plain: str, label: str) -> str:
    """Encrypt a value of the column ``label``, such as "visits.Target.phone"."""
    scheme, name = current_prefix(FIELD).split(".")
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = Cipher(_cipher_key(scheme, _key(FIELD, name, label)), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(_bound(scheme, name, label))
    sealed = nonce + cipher.update(plain.encode()) + cipher.finalize() + cipher.tag
    return f"{scheme}.{name}.{base64.urlsafe_b64encode(sealed).decode()}"


def sealer(label: str) -> Callable[[str], str]:
    """``seal`` for very many values of one column, empty ones left empty.

    It holds the key of the moment: ask for a new one with each batch, so that a rotation
    is noticed.
    """
    scheme, name = current_prefix(FIELD).split(".")
    cipher, bound = _cipher_key(scheme, _key(FIELD, name, label)), _bound(scheme, name, label)
    gcm = AESGCM(cipher.key) if isinstance(cipher, algorithms.AES) else None

    def sealed(plain: str) -> str:
        if not plain:
            return ""
        if gcm is None:
            return seal(plain, label)
        nonce = secrets.token_bytes(NONCE_BYTES)
        text = base64.urlsafe_b64encode(nonce + gcm.encrypt(nonce, plain.encode(), bound))
        return f"{scheme}.{name}.{text.decode()}"

    return sealed


def indexer(label: str) -> Callable[[str], str]:
    """``blind_index`` for very many values of one column, under the key of the moment."""
    prefix = current_prefix(INDEX)
    digest, name = prefix.split(".")
    begun = hmac.HMAC(_key(INDEX, name, label), _DIGESTS[digest]())
    begun.update(f"{label}\0".encode())

    def index(value: str) -> str:
        text = value if value.isascii() and value.isdecimal() else normalised(value)
        if not text:
            return ""
        mac = begun.copy()
        mac.update(text.encode())
        return f"{prefix}.{mac.finalize()[:INDEX_BYTES].hex()}"

    return index


def unseal(stored: str, label: str) -> str:
    """The plain value. Raises CannotDecrypt."""
    scheme, name, sealed = _parts(stored, label)
    nonce, tag = sealed[:NONCE_BYTES], sealed[-TAG_BYTES:]
    key = _cipher_key(scheme, _key(FIELD, name, label))
    cipher = Cipher(key, modes.GCM(nonce, tag)).decryptor()
    cipher.authenticate_additional_data(_bound(scheme, name, label))
    try:
        return (cipher.update(sealed[NONCE_BYTES:-TAG_BYTES]) + cipher.finalize()).decode()
    except InvalidTag as error:
        raise CannotDecrypt(
            f"{label} 的密文与密钥对不上：内容被改动过，或是从别的列移来的，或者密钥文件"
            f"「{_path()}」不是原来那一份。请停止写入，从备份中核对数据库和密钥文件"
        ) from error


def is_sealed(stored: str) -> bool:
    """Whether the text has the form that ``seal`` gives."""
    scheme, _, rest = stored.partition(".")
    return scheme in _ALGORITHMS and rest[8:9] == "."


def normalised(value: str) -> str:
    """What two writings of the same value have in common: letters and digits."""
    return "".join(letter for letter in normalize("NFKC", value).casefold() if letter.isalnum())


def blind_index(value: str, label: str) -> str:
    """The index under which a value of the column is found; empty for an empty value."""
    return _index(current_prefix(INDEX), value, label)


def blind_indexes(value: str, label: str) -> list[str]:
    """Every index the value may stand under: during a rotation some rows have the former."""
    prefixes = [f"{digest}.{name}" for digest in _DIGESTS for name in present().index.keys]
    return [found for prefix in prefixes if (found := _index(prefix, value, label))]


def current_prefix(purpose: str) -> str:
    """How every text begins that is written now."""
    schemes = _CIPHERS if purpose == FIELD else _HASHES
    return f"{schemes[settings.CRYPTO_SUITE]}.{present().of(purpose).current}"


def present() -> Keyring:
    """The keys as the file holds them now; read again only when it has been replaced."""
    path = str(settings.FIELD_KEYS_FILE)
    try:
        found = os.stat(path)
    except OSError as error:
        raise KeyringError(
            f"找不到密钥文件「{path}」（{error.strerror}）。请从备份中恢复它"
        ) from error
    return _read(path, found.st_mtime_ns, found.st_ino)


def _path() -> Path:
    return Path(settings.FIELD_KEYS_FILE)


@lru_cache(maxsize=8)
def _read(path: str, changed_at: int, inode: int) -> Keyring:
    return keyring.read(Path(path))


def _parts(stored: str, label: str) -> tuple[str, str, bytes]:
    try:
        scheme, name, text = stored.split(".")
        sealed = base64.urlsafe_b64decode(text)
    except ValueError:
        scheme, name, sealed = "", "", b""
    if scheme not in _ALGORITHMS or len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise CannotDecrypt(f"{label} 里的内容不是密文。请从备份中核对数据库")
    return scheme, name, sealed


def _key(purpose: str, name: str, label: str) -> bytes:
    try:
        return present().of(purpose).keys[name]
    except KeyError as error:
        raise CannotDecrypt(
            f"{label} 的密文要用密钥 {name} 打开，密钥文件「{_path()}」里没有它。"
            "请恢复与这份数据库一起备份的密钥文件，再重新启动"
        ) from error


def _cipher_key(scheme: str, key: bytes) -> algorithms.AES | algorithms.SM4:
    algorithm, length, digest = _ALGORITHMS[scheme]
    return algorithm(_derived(key, scheme, length, digest))


@lru_cache(maxsize=64)
def _derived(key: bytes, scheme: str, length: int, digest: _Digest) -> bytes:
    """A key of its own for each scheme, so that none serves two algorithms."""
    return HKDF(algorithm=digest(), length=length, salt=None, info=scheme.encode()).derive(key)


def _bound(scheme: str, name: str, label: str) -> bytes:
    return f"{scheme}.{name}.{label}".encode()


def _index(prefix: str, value: str, label: str) -> str:
    digest, name = prefix.split(".")
    text = normalised(value)
    if not text:
        return ""
    mac = hmac.HMAC(_key(INDEX, name, label), _DIGESTS[digest]())
    mac.update(f"{label}\0{text}".encode())
    return f"{prefix}.{mac.finalize()[:INDEX_BYTES].hex()}"
