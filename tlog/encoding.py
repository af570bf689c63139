"""The text forms that every C2SP format shares, each in one spelling: base64 and decimals."""

import base64
import re

from tlog.errors import TlogError

BASE64_FORM = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
"""Of text whose length is a multiple of four."""
DECIMAL_FORM = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
MAX_NUMBER = 2**63 - 1


class MalformedError(TlogError):
    """Text or bytes are not in the format they claim."""


def encode_base64(content: bytes) -> str:
    """Return the standard base64 of RFC 4648 section 4, padded."""
    return base64.b64encode(content).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Decode what `encode_base64` wrote.

    Raises:
        MalformedError: anything else, also unused bits that are not zero (RFC 4648 section 3.5).
    """
    content = decode_loose_base64(text)
    if encode_base64(content) != text:
        raise MalformedError(f"{text!r} is not the canonical base64 of its content")
    return content


def decode_loose_base64(text: str) -> bytes:
    """Decode padded base64 without looking at unused bits, as Go does for signature lines.

    Raises:
        MalformedError: the text is not padded base64.
    """
    if len(text) % 4 or not BASE64_FORM.fullmatch(text):
        raise MalformedError(f"{text!r} is not base64")
    return base64.b64decode(text)


def parse_decimal(text: str) -> int:
    """Parse a number from 0 to 2**63 - 1 in ASCII digits without leading zeroes.

    Raises:
        MalformedError: anything else.
    """
    if not DECIMAL_FORM.fullmatch(text) or int(text) > MAX_NUMBER:
        raise MalformedError(f"{text!r} is not a number as logs write them")
    return int(text)
