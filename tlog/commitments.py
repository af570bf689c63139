"""Salted commitments: an entry holds a value's digest, and who has the opening can show the value.

The form is that of an SD-JWT disclosure (RFC 9901 section 4.2): the opening is the base64url of the
JSON array ``[salt, path, value]``, the commitment is the SHA-256 of the opening's ASCII characters.
The opening is kept as it is, so that nobody must ever serialise a value again to check it. The
salt hides the value: once every copy of the opening is erased, the commitment says nothing.

A payload whose members are committed lacks them; under ``commitments`` it maps the JSON pointer
(RFC 6901) of each to its commitment. `withhold` makes such a payload, `disclose` puts back what
its openings show. Pointers lead to members of objects, never to elements of lists.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from typing import Any, TypeAlias

from primitives.canonical_json import Json, JsonObject, canonical_json
from tlog.encoding import MalformedError
from tlog.errors import TlogError

SALT_BYTES = 32
COMMITMENTS = "commitments"
"""The member of a payload that maps JSON pointers to commitments."""

Container: TypeAlias = Any
"""An object or a list on the way of a pointer; each step looks which."""


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
    return opening_digest(opening), opening


def opening_digest(opening: str) -> str:
    """Return the commitment that ``opening`` opens; of text that opens nothing, one of nothing."""
    return hashlib.sha256(opening.encode("utf-8", "surrogatepass")).hexdigest()


def withhold(payload: JsonObject, pointers: Iterable[str]) -> tuple[JsonObject, dict[str, str]]:
    """Return ``payload`` with the members at ``pointers`` committed, and the openings by pointer.

    Raises:
        MalformedError: the payload has no member at a pointer.
        NotCanonicalError: the payload has no exact JSON form.
    """
    withheld: JsonObject = json.loads(canonical_json(payload))
    commitments: dict[str, str] = {}
    openings: dict[str, str] = {}
    for pointer in sorted(pointers):
        parent, name = _parent(withheld, pointer)
        if name not in parent:
            raise MalformedError(f"there is no member at {pointer}")
        commitments[pointer], openings[pointer] = commit(pointer, parent.pop(name))
    return {**withheld, COMMITMENTS: commitments}, openings


def disclose(payload: JsonObject, openings: Iterable[str]) -> JsonObject:
    """Return ``payload`` with every opened member in its place; the others stay commitments.

    Raises:
        CommitmentError: an opening belongs to none of the payload's commitments.
        MalformedError: the payload holds no commitments, or one whose member cannot be there.
    """
    disclosed: JsonObject = json.loads(canonical_json(payload))
    match disclosed.get(COMMITMENTS):
        case dict() as commitments:
            pointers = {str(commitment): pointer for pointer, commitment in commitments.items()}
        case _:
            raise MalformedError("the payload holds no commitments")
    for opening in openings:
        pointer = pointers.pop(opening_digest(opening), None)
        if pointer is None:
            raise CommitmentError("the opening belongs to none of the commitments")
        stated, value = check_opening(commitments[pointer], opening)
        parent, name = _parent(disclosed, pointer)
        if stated != pointer or name in parent:
            raise CommitmentError(f"the opening does not open {pointer}")
        parent[name] = value
        del commitments[pointer]
    return disclosed


def check_opening(commitment: str, opening: str) -> tuple[str, Json]:
    """Return the path and the value that the commitment stands for.

    Raises:
        CommitmentError: the opening is another commitment's.
        MalformedError: the committed text is not an opening.
    """
    if opening_digest(opening) != commitment:
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


def _parent(document: JsonObject, pointer: str) -> tuple[dict[str, Json], str]:
    """Return the object that a JSON pointer's last name is a member of, and that name."""
    if not pointer.startswith("/"):
        raise MalformedError(f"{pointer!r} is not a JSON pointer to a member")
    *way, name = map(_unescaped, pointer[1:].split("/"))
    found: Container = document
    for token in way:
        match found:
            case dict() if token in found:
                found = found[token]
            case list() if token.isdecimal() and int(token[:9]) < len(found):
                found = found[int(token)]
            case _:
                raise MalformedError(f"{pointer} leads nowhere")
    if not isinstance(found, dict):
        raise MalformedError(f"{pointer} leads to no member of an object")
    return found, name


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
