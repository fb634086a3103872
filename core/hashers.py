"""The hash of passwords that the product itself has made, thousands at a time.

Why it may be quick: ``docs/decisions/011-quick-hash-of-initial-passwords.md``.
"""

import secrets

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher


class InitialPasswordHasher(PBKDF2PasswordHasher):
    """For random passwords of 80 bits and more, never for one that a person has thought of.

    It stands second in ``PASSWORD_HASHERS``: the first sign-in replaces it by the first.
    """

    algorithm = "initial_pbkdf2_sha256"
    iterations = 1_000

    def verify(self, password: str, encoded: str) -> bool:
        """A wrong password takes as long as it does for everybody else's account, so that
        the time does not tell which accounts are still on their first password."""
        is_right = super().verify(password, encoded)
        if not is_right:
            preferred = get_hasher("default")
            preferred.encode(password, preferred.salt())
        return is_right


def hash_of_initial(password: str) -> str:
    """The hash to store for a password of ``new_slip_password``."""
    return InitialPasswordHasher().encode(password, secrets.token_urlsafe(16))
