"""Readers of request bodies, each with a limit: strict JSON (I-JSON, RFC 7493), and files."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from api.problems import ContentTooLargeError, MalformedContentError
from primitives.canonical_json import Json

MAX_JSON_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
MAX_INTEGER_DIGITS = len(str(MAX_INTEGER))
# What stands around the files in multipart/form-data: boundaries, headers, the proof.
MAX_FRAMING_BYTES = 1024 * 1024


class StrictJSONParser(BaseParser):
    """JSON that every reader understands alike (RFC 7493), at most 1 MiB and 32 levels deep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        _media_type: str | None = None,
        _parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 # a JSON text may be any value; the serializer demands an object
        """Return the value of the body.

        Raises:
            ContentTooLargeError: it has more than 1 MiB.
            MalformedContentError: it is not JSON, or of a kind that readers understand differently.
        """
        return parse_json(_read(stream, MAX_JSON_BYTES))


class PDFParser(BaseParser):
    """A body that is a PDF: it becomes the member ``file``."""

    media_type = "application/pdf"

    def parse(
        self,
        stream: IO[bytes],
        _media_type: str | None = None,
        _parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, SimpleUploadedFile]:
        """Return the body as an uploaded file.

        Raises:
            ContentTooLargeError: it is larger than a certificate may be.
        """
        content = _read(stream, settings.MAX_VERIFY_BYTES)
        return {"file": SimpleUploadedFile("certificate.pdf", content, self.media_type)}


class LimitedMultiPartParser(MultiPartParser):
    """multipart/form-data whose announced length has a limit; no more than that is ever read."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, MultiValueDict[str, Any]]":
        """Return the parts.

        Raises:
            ContentTooLargeError: the body is larger than a certificate with its proof may be.
            ParseError: it is not multipart/form-data.
        """
        length = int((parser_context or {})["request"].META["CONTENT_LENGTH"])
        if length > settings.MAX_VERIFY_BYTES + MAX_FRAMING_BYTES:
            raise ContentTooLargeError(settings.MAX_VERIFY_BYTES)
        return super().parse(stream, media_type, parser_context)


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were written, so that a duplicate is still seen."""


def parse_json(content: bytes) -> Json:
    """Return the value of a JSON text under the rules of I-JSON.

    Raises:
        MalformedContentError: it is not JSON in UTF-8, or holds a duplicate name, a number that is
            not finite or beyond 2**53 - 1, a lone surrogate, or more than 32 levels.
    """
    try:
        written = json.loads(content.decode(), object_pairs_hook=_Members, parse_int=_parse_integer)
    except UnicodeDecodeError as error:
        raise MalformedContentError(_("The text is not UTF-8.")) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        message = _("This is not JSON: line %(line)s, column %(column)s.") % place
        raise MalformedContentError(message) from error
    except RecursionError as error:
        raise _too_deep("") from error
    return _value(written, "", 0)


def _parse_integer(digits: str) -> int | float:
    """Return the integer; one of absurd length counts as infinite and is refused as such."""
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS + 1 else math.inf


def _value(written: Any, pointer: str, depth: int) -> Json:  # noqa: ANN401 # what json.loads made
    """Return what was written if it obeys the rules; ``depth`` counts the containers around it."""
    if isinstance(written, list) and depth == MAX_DEPTH:
        raise _too_deep(pointer)
    match written:
        case _Members():
            return dict(_members(written, pointer, depth))
        case list():
            return [
                _value(element, f"{pointer}/{index}", depth + 1)
                for index, element in enumerate(written)
            ]
        case str():
            return _text(written, pointer)
        case int() | float() if not abs(written) <= MAX_INTEGER:
            raise _refusal(_("A number must be finite and at most 2^53 - 1."), pointer)
        case _:
            return written  # type: ignore[no-any-return] # a number, a boolean or null


def _members(written: _Members, pointer: str, depth: int) -> Iterator[tuple[str, Json]]:
    seen = set()
    for name, value in written:
        _text(name, pointer)
        path = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in seen:
            raise _refusal(_("A name stands twice in one object."), path)
        seen.add(name)
        yield name, _value(value, path, depth + 1)


def _text(text: str, pointer: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _refusal(_("A text holds half of a surrogate pair."), pointer) from error
    return text


def _too_deep(pointer: str) -> MalformedContentError:
    return _refusal(_("At most %(depth)s levels are accepted.") % {"depth": MAX_DEPTH}, pointer)


def _refusal(detail: str, pointer: str) -> MalformedContentError:
    return MalformedContentError(detail, pointer="#" + quote(pointer))


def _read(stream: IO[bytes], limit: int) -> bytes:
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise ContentTooLargeError(limit)
    return content
