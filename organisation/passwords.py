"""What a password must be, and the passwords that the product makes itself."""

import secrets

# Lower case and digits, none of which is taken for another: 32 signs, 5 bits each.
READABLE = "abcdefghijkmnpqrstuvwxyz23456789"


def new_initial_password() -> str:
    """A random password to be printed and typed once: 60 bits, such as ``k7mp-3xtw-9fhq``."""
    return "-".join(readable(4) for _ in range(3))


def readable(length: int) -> str:
    """Random signs that survive being read out."""
    return "".join(secrets.choice(READABLE) for _ in range(length))
