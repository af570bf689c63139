"""Plain code reads from a file what PDFium reads, or nothing."""

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates import proofreading
from certificates.plain_text import read_plain_text, reading_order
from certificates.proofreading import MisprintError, proofread
from certificates.rendering import render_certificate
from certificates.statement import Statement
from drawing.errors import RenderingError
from drawing.fonts import Typeface, glyphs
from tests.certificates.test_proofreading import RARE, with_holder
from tests.certificates.test_rendering import LONG, STATEMENT
from verifier.plain_objects import PlainObjects
from verifier.plainness import NotPlainError

COMMON = st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, categories=["L", "N", "P"])


def is_drawn(char: str) -> bool:
    try:
        return bool(glyphs(char, Typeface.KAI))
    except RenderingError:
        return False


def unspaced(read: dict[tuple[int, int], str]) -> dict[tuple[int, int], str]:
    return {place: proofreading._unspaced(text) for place, text in read.items() if text.strip()}  # noqa: SLF001 # as it compares


def by_pdfium(pdf: bytes) -> dict[tuple[int, int], str]:
    return proofreading._extract(pdf)  # noqa: SLF001 # the other reader


@pytest.mark.parametrize(
    "statement", [STATEMENT, LONG, with_holder(RARE)], ids=["short", "long", "rare"]
)
def test_it_reads_what_pdfium_reads_sequence_by_sequence(statement: Statement) -> None:
    pdf = render_certificate(statement)

    assert unspaced(read_plain_text(PlainObjects(pdf))) == unspaced(by_pdfium(pdf))


@settings(max_examples=20, deadline=None)
@given(remark=st.text(COMMON.filter(is_drawn), min_size=1, max_size=60))
def test_whatever_a_remark_says_both_read_the_same(remark: str) -> None:
    pdf = render_certificate(replace(STATEMENT, remarks=[remark]))

    # PDFium calls a hyphen that ends a line by another name.
    theirs = {place: text.replace("\x02", "-") for place, text in by_pdfium(pdf).items()}
    assert unspaced(read_plain_text(PlainObjects(pdf))) == unspaced(theirs)


def test_it_reads_in_the_order_in_which_qpdf_finds_the_parts_of_the_file() -> None:
    pdf = render_certificate(LONG)
    file = PlainObjects(pdf)
    printed = read_plain_text(file)

    theirs = proofreading._in_reading_order(pdf, printed)  # noqa: SLF001 # the other reader
    assert [printed.get(place, "") for place in reading_order(file)] == list(theirs)


def test_the_words_of_the_english_title_are_apart() -> None:
    printed = read_plain_text(PlainObjects(render_certificate(STATEMENT))).values()

    assert "CERTIFICATE OF DATA PROPERTY RIGHTS REGISTRATION" in printed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b" ET\n", b" ET BT\n"),
        (b" rg /", b" rg 3 Tr /"),
        (b"EMC\n", b"\n"),
        (b"/Artifact BMC", b"/Artifact <</Type/Layout>> BDC"),
    ],
    ids=["a text in another form", "text that is not seen", "one mark in another", "other marks"],
)
def test_content_of_another_form_is_not_read(old: bytes, new: bytes) -> None:
    pdf = rewritten(render_certificate(STATEMENT), lambda content: content.replace(old, new, 1))

    with pytest.raises(NotPlainError):
        read_plain_text(PlainObjects(pdf))


def test_what_plain_code_does_not_read_is_read_by_pdfium() -> None:
    drawn = render_certificate(STATEMENT)
    other = rewritten(drawn, lambda content: content.replace(b" rg /", b" rg  /"))

    proofread(other, STATEMENT)
    with pytest.raises(MisprintError, match="另有约定"):
        proofread(other, replace(STATEMENT, remarks=["另有约定"]))


def test_a_character_that_its_font_does_not_know_is_no_text() -> None:
    pdf = rewritten(
        render_certificate(STATEMENT), lambda content: content.replace(b"> Tj", b"9f98> Tj")
    )

    with pytest.raises(NotPlainError):
        read_plain_text(PlainObjects(pdf))


def rewritten(pdf: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return the file with the content of its first page changed, in the same plain form."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        content = document.pages[0].Contents
        changed = change(content.read_bytes())
        assert changed != content.read_bytes()
        content.write(changed)
        document.save(
            written,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            fix_metadata_version=False,
        )
    return written.getvalue()
