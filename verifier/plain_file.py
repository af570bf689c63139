"""The frame of a sealed file that is written plainly, read in one pass over what is needed of it.

Plain is what certificates are drawn as (`verifier.plain_objects`), with one signature field and
attachments of one compression. Entry point: `read_plain_file`. Whatever is not plain is
`NotPlainError` here, and pyHanko opens it and says what it is (`verifier.document`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.plain_objects import Dictionary, PlainObjects, Value
from verifier.plainness import NotPlainError

PADES = b"/ETSI.CAdES.detached"
NO_CHANGES = 1
"""The permission of DocMDP that allows nothing (ISO 32000-2, table 257)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFile:
    """What was read.

    Attributes:
        byte_range: two pairs of place and length.
        contents: the signature's bytes with their padding, as the dictionary has them.
        attachments: those that were wanted, by name.
        crls: of the document security store, each as DER.
    """

    byte_range: tuple[int, int, int, int]
    contents: bytes
    attachments: Mapping[str, bytes]
    crls: tuple[bytes, ...]


def read_plain_file(pdf: bytes, wanted: frozenset[str]) -> PlainFile:
    """Read a file under one certification signature that forbids any change.

    Args:
        pdf: the file.
        wanted: the names of the attachments to read.

    Raises:
        NotPlainError: it is none, or is not written plainly.
    """
    reader = PlainObjects(pdf)
    catalog = reader.member(reader.trailer, b"/Root", dict)
    seal = _only_seal(reader, catalog)
    byte_range = reader.member(seal, b"/ByteRange", list)
    return PlainFile(
        byte_range=_four(byte_range),
        contents=bytes(reader.member(seal, b"/Contents", bytearray)),
        attachments=_attachments(reader, catalog, wanted),
        crls=_crls(reader, catalog),
    )


def _only_seal(reader: PlainObjects, catalog: Dictionary) -> Dictionary:
    """Return the dictionary of the only signature (ISO 32000-2, 12.7.5.5 and 12.8.2.2)."""
    form = reader.member(catalog, b"/AcroForm", dict)
    (field,) = (reader.value(field) for field in _few(reader.member(form, b"/Fields", list), 1))
    if not isinstance(field, dict) or field.get(b"/FT") != b"/Sig" or b"/Kids" in field:
        raise NotPlainError("the only field is no signature")
    permissions = reader.member(catalog, b"/Perms", dict)
    if not isinstance(field.get(b"/V"), tuple) or permissions.get(b"/DocMDP") != field[b"/V"]:
        raise NotPlainError("the signature certifies nothing")
    seal = reader.member(field, b"/V", dict)
    if (seal.get(b"/Type"), seal.get(b"/SubFilter")) != (b"/Sig", PADES):
        raise NotPlainError("the signature is not of PAdES")
    (reference,) = (reader.value(one) for one in _few(reader.member(seal, b"/Reference", list), 1))
    if not isinstance(reference, dict) or reference.get(b"/TransformMethod") != b"/DocMDP":
        raise NotPlainError("the signature allows what it does not say")
    if reader.member(reference, b"/TransformParams", dict).get(b"/P") != NO_CHANGES:
        raise NotPlainError("the signature allows changes")
    return seal


def _attachments(
    reader: PlainObjects, catalog: Dictionary, wanted: frozenset[str]
) -> Mapping[str, bytes]:
    names = reader.member(catalog, b"/Names", dict)
    files = reader.member(reader.member(names, b"/EmbeddedFiles", dict), b"/Names", list)
    found: dict[str, Value] = {}
    for name, file in zip(files[::2], files[1::2], strict=True):
        if not isinstance(name, str) or "\\" in name or not name.isascii():
            raise NotPlainError("an attachment's name is written in another way")
        if found.setdefault(name, file) is not file:
            raise NotPlainError("a name stands twice among the attachments")
    return {name: reader.attachment(file) for name, file in found.items() if name in wanted}


def _crls(reader: PlainObjects, catalog: Dictionary) -> tuple[bytes, ...]:
    if b"/DSS" not in catalog:
        return ()
    store = reader.member(catalog, b"/DSS", dict)
    if b"/OCSPs" in store:
        raise NotPlainError("answers of OCSP are for pyHanko")
    lists = reader.member(store, b"/CRLs", list) if b"/CRLs" in store else []
    return tuple(reader.stream(place) for place in lists)


def _four(numbers: list[Value]) -> tuple[int, int, int, int]:
    a, b, c, d = (number for number in _few(numbers, 4) if isinstance(number, int))
    return a, b, c, d


def _few(values: list[Value], count: int) -> list[Value]:
    if len(values) != count:
        raise NotPlainError(f"{len(values)} where {count} belong")
    return values
