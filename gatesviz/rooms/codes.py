"""Codes to read aloud, keys that cannot be guessed, and the ids of people in a room."""

import base64
import hashlib
import hmac
import secrets
from string import ascii_uppercase

LETTERS = "BCDFHJKLMNPRSTWXZ"
"""Capital letters that are not mistaken for another one or for a digit. No vowels, so no words."""
LENGTH = 5
COLOURS = (
    *("amber", "azure", "black", "blue", "bronze", "coral", "crimson", "golden"),
    *("green", "grey", "indigo", "ivory", "jade", "lilac", "orange", "pink"),
    *("purple", "red", "silver", "teal", "turquoise", "violet", "white", "yellow"),
)
ANIMALS = (
    *("badger", "bat", "bear", "beaver", "bison", "camel", "cat", "crane", "deer", "dolphin"),
    *("eagle", "falcon", "finch", "fox", "frog", "gecko", "goat", "goose", "hare", "hedgehog"),
    *("heron", "horse", "ibis", "koala", "lark", "lemur", "lion", "lynx", "magpie", "marmot"),
    *("mole", "moose", "newt", "otter", "owl", "panda", "pelican", "penguin", "puffin", "rabbit"),
    *("raven", "robin", "salmon", "seal", "sparrow", "squirrel", "stork", "swan", "tiger", "toad"),
    *("turtle", "walrus", "whale", "wolf", "wombat", "wren", "yak", "zebra"),
)


def new_code() -> str:
    """Return a random code of `LENGTH` letters."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def clean_code(text: str) -> str:
    """Return the code that ``text`` says: in any case, with spaces or dashes.

    Raises:
        ValueError: if it cannot be a code.
    """
    short = text[:40].upper().replace(" ", "").replace("-", "")
    if len(text) <= 40 and len(short) == LENGTH and set(short) <= set(LETTERS):
        return short
    never = sorted(set(short) & set(ascii_uppercase) - set(LETTERS))
    names = " and ".join(filter(None, [", ".join(never[:-1]), *never[-1:]]))
    hint = f". {names} {'is' if len(never) == 1 else 'are'} never in a code" if never else ""
    raise ValueError(
        f"{text[:20]!r} isn't a room code. A room code has {LENGTH} letters, such as"
        f" {LETTERS[:LENGTH]}{hint}"
    )


def teacher_key(salt: str, browser: str) -> str:
    """Return the key of the teacher's link: 32 characters that can't be guessed.

    The same browser can compute it again, so the link is still there after a reload. Without the
    browser's cookie, it can't be computed from the database.

    Args:
        salt: a random text of the room, which is deleted with it.
        browser: the cookie of the browser that opens the room.
    """
    made = hmac.new(salt.encode(), f"key of the teacher {browser}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made.digest()[:24]).decode()


def hashed(key: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def matches(key: str, stored: str) -> bool:
    """Return whether ``key`` is the one of which ``stored`` is kept."""
    return hmac.compare_digest(hashed(key), stored)


def person_id(salt: str, browser: str) -> str:
    """Return the id of a browser in one room. Its cookie cannot be computed from it.

    Args:
        salt: a random text of the room, which is deleted with it.
        browser: the browser's cookie.
    """
    return hmac.new(salt.encode(), browser.encode(), hashlib.sha256).hexdigest()[:32]


def nickname(person: str) -> str:
    """Return a colour and an animal for a person's id, such as "blue heron"."""
    number = int(hashed(person)[:12], 16)
    return f"{COLOURS[number % len(COLOURS)]} {ANIMALS[number // len(COLOURS) % len(ANIMALS)]}"
