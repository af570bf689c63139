"""Salted commitments: an entry holds a value's digest, and who has the opening can show the value.

The form is that of an SD-JWT disclosure (RFC 9901 section 4.2): the opening is the base64url of the
JSON array ``[salt, path, value]``, the commitment is the SHA-256 of the opening's ASCII characters.
The opening is kept as it is, so that nobody must ever serialise a value again to check it. The
salt hides the value: once every copy of the opening is erased, the commitment says nothing.
"""

import base64
import hashlib
import json
import secrets

from primitives.canonical_json import Json, canonical_json
from tlog.encoding import MalformedError
from tlog.errors import TlogError

SALT_BYTES = 32


class CommitmentError(TlogError):
    """An opening does not belong to a commitment."""


def commit(path: str, value: Json) -> tuple[str, str]:
    """Commit to the value at a JSON pointer such as ``/holder/name``.

    Returns:
        The commitment, 64 hexadecimal characters for the entry, and the secret opening.

    Raises:
        NotCanonicalError: the value has no exact JSON form.
    """
    salt = secrets.token_urlsafe(SALT_BYTES)
    disclosure = base64.urlsafe_b64encode(canonical_json([salt, path, value]))
    opening = disclosure.decode("ascii").rstrip("=")
    return _digest(opening), opening


def check_opening(commitment: str, opening: str) -> tuple[str, Json]:
    """Return the path and the value that the commitment stands for.

    Raises:
        CommitmentError: the opening is another commitment's.
        MalformedError: the committed text is not an opening.
    """
    if not opening.isascii() or _digest(opening) != commitment:
        raise CommitmentError("the opening does not belong to the commitment")
    match _disclosure(opening):
        case [str(), str(path), value]:
            return path, value
    raise MalformedError("an opening is the base64url of [salt, path, value]")


def _disclosure(opening: str) -> Json:
    padding = "=" * (-len(opening) % 4)
    try:
        disclosure: Json = json.loads(base64.urlsafe_b64decode(opening + padding))
    except (ValueError, RecursionError) as error:
        raise MalformedError("an opening is the base64url of a JSON array") from error
    return disclosure


def _digest(opening: str) -> str:
    return hashlib.sha256(opening.encode("ascii")).hexdigest()
