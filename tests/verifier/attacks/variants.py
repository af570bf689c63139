"""At least sixty hostile variants of one genuine certificate, in classes.

Entry point: `VARIANTS`. Each makes a file from a genuine one and says which reason must be found of
it when no proof lies beside it. With the genuine file's proof every one is disowned by its bytes.
"""

import asyncio
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pikepdf
from asn1crypto import cms, keys, pem
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import (
    PdfSignatureMetadata,
    PdfSigner,
    PdfTimeStamper,
    SimpleSigner,
)
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.development_pki import DevelopmentPki
from certificates.signing import PadesSealer
from certificates.suites import key_file_suite
from tests.verifier.attacks.editing import (
    append_revision,
    byte_range_of,
    contents_of,
    numbers_of,
    saved_anew,
    source_of,
    stream,
    unsealed,
    with_byte_range,
    with_member,
)
from tests.verifier.attacks.signatures import (
    own_certificate,
    signed_data_of,
    signer_info,
    with_other_cms,
)
from tests.verifier.example import (
    SEALED_AT,
    Issued,
    Office,
    drawn_page,
    prepared_page,
)
from verifier.verdict import Reason

CANARY = "http://127.0.0.1:9/canary"
LIE = b"BT /F1 40 Tf 72 400 Td (OWNER: SOMEBODY ELSE) Tj ET"


@dataclass(frozen=True)
class Scene:
    """What an attacker has to work with.

    Attributes:
        office: the true registrar; its key is used only where the attack presumes that it leaked.
        issued, other: two genuine certificates.
        impostor: another authority with the same names.
    """

    office: Office
    issued: Issued
    other: Issued
    impostor: Office

    @property
    def pdf(self) -> bytes:
        return self.issued.pdf

    @property
    def registration_proof(self) -> str:
        return self.office.log.prove(self.issued.statement.ledger.entry_index).format()


def make_scene(office: Office, impostor: Office) -> Scene:
    other = office.issue(number="SJ3702026110002")
    # The last, for the openings that the office keeps are those of its last registration.
    return Scene(office, office.issue(), other, impostor)


@dataclass(frozen=True)
class Variant:
    """One attack.

    Attributes:
        family: its class.
        make: builds the file.
        alone: what is found of the file without a proof beside it; any one of these.
        extends: whether the genuine file's bytes begin it.
    """

    name: str
    family: str
    make: Callable[[Scene], bytes]
    alone: frozenset[Reason]
    extends: bool


VARIANTS: list[Variant] = []


def attack(
    family: str, *alone: Reason, extends: bool = False
) -> Callable[[Callable[[Scene], bytes]], Callable[[Scene], bytes]]:
    def keep(make: Callable[[Scene], bytes]) -> Callable[[Scene], bytes]:
        name = make.__name__.replace("_", " ")
        VARIANTS.append(Variant(name, family, make, frozenset(alone), extends))
        return make

    return keep


# ByteRange and Contents.


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_range_starts_at_one(scene: Scene) -> bytes:
    _, first, second, rest = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, 1, first - 1, second, rest)


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_range_leaves_the_end_out(scene: Scene) -> bytes:
    a, first, second, rest = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, a, first, second, rest - 100)


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_range_with_a_wider_gap(scene: Scene) -> bytes:
    a, first, second, rest = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, a, first, second + 100, rest - 100)


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_range_with_an_earlier_gap(scene: Scene) -> bytes:
    a, first, second, rest = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, a, first - 100, second, rest)


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_range_without_a_gap(scene: Scene) -> bytes:
    _, first, _, _ = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, 0, first, first, len(scene.pdf) - first)


@attack("byte range", Reason.NOT_WHOLLY_COVERED)
def byte_ranges_that_overlap(scene: Scene) -> bytes:
    _, first, _, _ = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, 0, first, 0, len(scene.pdf))


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def byte_range_of_zeroes(scene: Scene) -> bytes:
    return with_byte_range(scene.pdf, 0, 0, 0, 0)


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def byte_range_below_zero(scene: Scene) -> bytes:
    return with_byte_range(scene.pdf, 0, -5, 7, 9)


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def byte_range_beyond_the_file(scene: Scene) -> bytes:
    a, first, second, rest = byte_range_of(scene.pdf)
    return with_byte_range(scene.pdf, a, first, second, int("9" * len(str(rest))))


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def byte_range_of_two_numbers(scene: Scene) -> bytes:
    return with_byte_range(scene.pdf, 0, len(scene.pdf))


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def byte_range_of_names(scene: Scene) -> bytes:
    return with_byte_range(scene.pdf, b"/A", b"/B", b"/C", b"/D")


@attack("byte range", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def no_byte_range(scene: Scene) -> bytes:
    return scene.pdf.replace(b"/ByteRange", b"/BiteRange")


@attack("contents", Reason.SEAL_BROKEN, Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def contents_of_zeroes(scene: Scene) -> bytes:
    start, end = contents_of(scene.pdf)
    return scene.pdf[:start] + b"0" * (end - start) + scene.pdf[end:]


@attack("contents", Reason.SEAL_BROKEN)
def contents_of_another_certificate(scene: Scene) -> bytes:
    start, end = contents_of(scene.pdf)
    begin, finish = contents_of(scene.other.pdf)
    digits = scene.other.pdf[begin:finish][: end - start].ljust(end - start, b"0")
    return scene.pdf[:start] + digits + scene.pdf[end:]


@attack("contents", Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def contents_with_something_beside_them(scene: Scene) -> bytes:
    start, end = contents_of(scene.pdf)
    hidden = b"> /Hidden <" + scene.pdf[start + 11 : end]
    return scene.pdf[:start] + hidden + scene.pdf[end:]


@attack("contents", Reason.SEAL_BROKEN, Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE)
def contents_cut_short(scene: Scene) -> bytes:
    start, end = contents_of(scene.pdf)
    return scene.pdf[: start + 200] + b"0" * (end - start - 200) + scene.pdf[end:]


@attack("contents", Reason.SEAL_BROKEN, Reason.UNREADABLE)
def a_time_that_is_none(scene: Scene) -> bytes:
    found = re.search(rb"/M ?\(D(?::|\\072)", scene.pdf)
    assert found
    return scene.pdf[: found.end()] + b"XX" + scene.pdf[found.end() + 2 :]


# Incremental updates.


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def another_page_content(scene: Scene) -> bytes:
    return append_revision(scene.pdf, {numbers_of(scene.pdf).contents: stream(LIE)})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def another_statement_attached(scene: Scene) -> bytes:
    return append_revision(scene.pdf, {numbers_of(scene.pdf).statement: stream(b"{}")})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def an_annotation_over_the_page(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    note = b"<</Type /Annot /Subtype /FreeText /Rect [72 400 500 500] /Contents (MINE) /F 4>>"
    page = with_member(source_of(scene.pdf, found.page), b"/Annots [%d 0 R]" % found.size)
    return append_revision(scene.pdf, {found.page: page, found.size: note})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def an_action_when_it_is_opened(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    action = b"/OpenAction <</S /URI /URI (%s)>>" % CANARY.encode()
    catalog = with_member(source_of(scene.pdf, found.catalog), action)
    return append_revision(scene.pdf, {found.catalog: catalog})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def a_script_when_it_is_opened(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    script = b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>"
    catalog = with_member(source_of(scene.pdf, found.catalog), script)
    return append_revision(scene.pdf, {found.catalog: catalog})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def the_certification_taken_away(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    catalog = source_of(scene.pdf, found.catalog).replace(b"/Perms", b"/Permz")
    return append_revision(scene.pdf, {found.catalog: catalog})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def an_object_that_nothing_names(scene: Scene) -> bytes:
    return append_revision(scene.pdf, {numbers_of(scene.pdf).size: stream(LIE)})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, Reason.UNREADABLE, extends=True)
def an_empty_revision(scene: Scene) -> bytes:
    return append_revision(scene.pdf, {})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, Reason.NOT_SEALED, extends=True)
def the_seal_field_emptied(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    field = b"<</FT /Sig /T (RegistrarSeal)>>"
    return append_revision(scene.pdf, {found.field: field})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def revocation_data_added(scene: Scene) -> bytes:
    found = numbers_of(scene.pdf)
    sealed = re.sub(rb"/DSS \d+ 0 R", b"", source_of(scene.pdf, found.catalog))
    catalog = with_member(sealed, b"/DSS <</Certs []>>")
    return append_revision(scene.pdf, {found.catalog: catalog})


@attack("incremental update", Reason.MORE_THAN_ONE_REVISION, extends=True)
def two_revisions(scene: Scene) -> bytes:
    return append_revision(another_page_content(scene), {numbers_of(scene.pdf).size: b"null"})


# Shadows: what is shown is another content than what was sealed.


@attack("shadow", Reason.MORE_THAN_ONE_REVISION, extends=True)
def shadow_replace(scene: Scene) -> bytes:
    """The page's resources are replaced, so that the same content draws other signs."""
    found = numbers_of(scene.pdf)
    font = b"<</Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats>>"
    page = source_of(scene.pdf, found.page)
    changed = with_member(page, b"/Resources <</Font <</F1 %d 0 R>>>>" % found.size)
    return append_revision(scene.pdf, {found.page: changed, found.size: font})


@attack("shadow", Reason.MORE_THAN_ONE_REVISION, extends=True)
def shadow_hide(scene: Scene) -> bytes:
    """The content is drawn outside of what the page shows."""
    found = numbers_of(scene.pdf)
    page = with_member(source_of(scene.pdf, found.page), b"/CropBox [0 0 1 1]")
    return append_revision(scene.pdf, {found.page: page})


@attack("shadow", Reason.MORE_THAN_ONE_REVISION, extends=True)
def shadow_hide_and_replace(scene: Scene) -> bytes:
    """The catalog leads to another tree of pages."""
    found = numbers_of(scene.pdf)
    first = found.size
    catalog = source_of(scene.pdf, found.catalog)
    with pikepdf.open(io.BytesIO(scene.pdf)) as file:
        pages = b"/Pages %d 0 R" % file.Root.Pages.objgen[0]
    assert pages in catalog
    return append_revision(
        scene.pdf,
        {
            found.catalog: catalog.replace(pages, b"/Pages %d 0 R" % first),
            first: b"<</Type /Pages /Count 1 /Kids [%d 0 R]>>" % (first + 1),
            first + 1: b"<</Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R>>"
            % (first, first + 2),
            first + 2: stream(LIE),
        },
    )


# More signatures.


@attack("more signatures", Reason.MORE_THAN_ONE_SIGNATURE, extends=True)
def a_second_signature_by_another(scene: Scene) -> bytes:
    return signed_too(scene.pdf, scene.impostor.pki)


@attack("more signatures", Reason.MORE_THAN_ONE_SIGNATURE, extends=True)
def a_second_signature_with_the_leaked_key(scene: Scene) -> bytes:
    return signed_too(scene.pdf, scene.office.pki)


@attack("more signatures", Reason.MORE_THAN_ONE_SIGNATURE, extends=True)
def a_time_stamp_by_a_third_party(scene: Scene) -> bytes:
    certificate, key = certificate_and_key(scene.impostor.pki)
    stamper = PdfTimeStamper(DummyTimeStamper(certificate, key))
    writer = IncrementalPdfFileWriter(io.BytesIO(scene.pdf))
    stamped = asyncio.run(stamper.async_timestamp_pdf(writer, "sha256"))
    return bytes(stamped.getbuffer())


# Something behind or before.


def behind(tail: bytes) -> Callable[[Scene], bytes]:
    return lambda scene: scene.pdf + tail


def _archive(scene: Scene) -> bytes:
    whole = io.BytesIO(scene.pdf)
    whole.seek(0, io.SEEK_END)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("certificate.txt", "another certificate")
    return whole.getvalue()


_archive.__name__ = "an_archive_behind"
attack("behind the end", Reason.NOT_WHOLLY_COVERED, extends=True)(_archive)

for _name, _tail in (
    ("a line feed behind", b"\n"),
    ("a space behind", b" "),
    ("a zero byte behind", b"\0"),
    ("a comment behind", b"%% forged\n"),
    ("another end mark behind", b"\n%%EOF\n"),
    ("a page of another language behind", b"\n<html><script>alert(1)</script></html>\n"),
    ("a mebibyte of zeroes behind", bytes(1 << 20)),
):
    VARIANTS.append(
        Variant(
            _name,
            "behind the end",
            behind(_tail),
            frozenset(
                {Reason.NOT_WHOLLY_COVERED, Reason.UNREADABLE, Reason.MORE_THAN_ONE_REVISION}
            ),
            extends=True,
        )
    )


@attack(
    "behind the end",
    Reason.NOT_WHOLLY_COVERED,
    Reason.UNREADABLE,
    Reason.NOT_SEALED,
    Reason.MORE_THAN_ONE_REVISION,
    extends=True,
)
def another_whole_file_behind(scene: Scene) -> bytes:
    return scene.pdf + drawn_page()


@attack("before the head", Reason.NOT_A_PDF)
def a_line_feed_before(scene: Scene) -> bytes:
    return b"\n" + scene.pdf


@attack("before the head", Reason.NOT_A_PDF)
def a_script_before(scene: Scene) -> bytes:
    return b"#!/bin/sh\nexit 0\n" + scene.pdf


@attack("before the head", Reason.NOT_A_PDF)
def a_byte_order_mark_before(scene: Scene) -> bytes:
    return b"\xef\xbb\xbf" + scene.pdf


@attack("before the head", Reason.SEAL_BROKEN)
def another_version_in_the_head(scene: Scene) -> bytes:
    return scene.pdf[:5] + b"1.3" + scene.pdf[8:]


# Written anew by another program.


def anew(**options: object) -> Callable[[Scene], bytes]:
    return lambda scene: saved_anew(scene.pdf, **options)


for _name, _options in (
    ("saved anew", {}),
    ("linearised", {"linearize": True}),
    ("packed into object streams", {"object_stream_mode": pikepdf.ObjectStreamMode.generate}),
    ("unpacked", {"stream_decode_level": pikepdf.StreamDecodeLevel.all, "compress_streams": False}),
    ("encrypted with an empty password", {"encryption": pikepdf.Encryption(owner="o", user="")}),
):
    VARIANTS.append(
        Variant(
            _name,
            "written anew",
            anew(**_options),
            frozenset(
                {
                    Reason.NOT_WHOLLY_COVERED,
                    Reason.UNREADABLE,
                    Reason.SEAL_BROKEN,
                    Reason.MORE_THAN_ONE_REVISION,
                }
            ),
            extends=False,
        )
    )


@attack("written anew", Reason.NOT_SEALED)
def the_seal_taken_out(scene: Scene) -> bytes:
    return unsealed(scene.pdf)


@attack("written anew", Reason.UNREADABLE, Reason.NOT_SEALED)
def cut_in_the_middle(scene: Scene) -> bytes:
    return scene.pdf[: len(scene.pdf) // 2]


@attack("spliced", Reason.SEAL_BROKEN, Reason.UNREADABLE, Reason.NOT_WHOLLY_COVERED)
def the_end_of_another_certificate(scene: Scene) -> bytes:
    middle = contents_of(scene.pdf)[1]
    return scene.pdf[:middle] + scene.other.pdf[contents_of(scene.other.pdf)[1] :]


@attack("spliced", Reason.SEAL_BROKEN)
def one_bit_of_the_page(scene: Scene) -> bytes:
    place = scene.pdf.index(b"stream\n") + 20
    return scene.pdf[:place] + bytes([scene.pdf[place] ^ 1]) + scene.pdf[place + 1 :]


# Other keys, and the right key used wrongly.


@attack("wrong trust", Reason.ISSUER_NOT_TRUSTED)
def the_same_look_under_another_authority(scene: Scene) -> bytes:
    proof = scene.registration_proof
    return scene.impostor.seal_files(
        scene.issued.statement.to_bytes(),
        proof.encode(),
        openings=scene.office.openings_file(),
    )


def sealed_by(scene: Scene, pki: DevelopmentPki) -> bytes:
    """Return the statement under the seal of a pair of key and certificate of one's own."""
    suite = key_file_suite(pki.seal_key_pem, pki.seal_chain_pem)
    office = replace(scene.office, pki=pki, sealer=PadesSealer(suite))
    return office.seal(scene.issued.statement, scene.registration_proof)


@attack("wrong trust", Reason.ISSUER_NOT_TRUSTED)
def a_seal_that_certified_itself_under_the_true_names(scene: Scene) -> bytes:
    return sealed_by(scene, own_certificate(scene.office.pki))


@attack("wrong trust", Reason.SEAL_OUT_OF_TERM)
def a_seal_whose_certificate_had_ended(scene: Scene) -> bytes:
    ended = SEALED_AT - timedelta(days=1)
    return sealed_by(scene, own_certificate(scene.office.pki, until=ended))


@attack("wrong trust", Reason.ISSUER_NOT_TRUSTED)
def a_certificate_whose_addresses_point_inward(scene: Scene) -> bytes:
    return sealed_by(scene, own_certificate(scene.office.pki, address=CANARY))


# Other CMS around the true signature, where no digest of the file reaches.


@attack("signature rewritten", Reason.SEAL_PROFILE)
def nothing_signed_but_the_digest(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        signer_info(signed)["signed_attrs"] = cms.CMSAttributes([])

    return with_other_cms(scene.pdf, change)


@attack("signature rewritten", Reason.SEAL_PROFILE)
def the_signing_certificate_not_named(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        attributes = [
            attribute
            for attribute in signer_info(signed)["signed_attrs"]
            if attribute["type"].native != "signing_certificate_v2"
        ]
        signer_info(signed)["signed_attrs"] = cms.CMSAttributes(attributes)

    return with_other_cms(scene.pdf, change)


@attack("signature rewritten", Reason.UNREADABLE)
def two_signers_in_one_signature(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        twice = [signer_info(signed).copy(), signer_info(signed).copy()]
        signed["signer_infos"] = cms.SignerInfos(twice)

    return with_other_cms(scene.pdf, change)


@attack("signature rewritten", Reason.SEAL_PROFILE)
def a_weaker_digest_declared(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        signer_info(signed)["digest_algorithm"] = {"algorithm": "sha1"}

    return with_other_cms(scene.pdf, change)


@attack("time-stamp", Reason.TIMESTAMP_FALSE)
def the_time_stamp_of_another_certificate(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        other = signer_info(signed_data_of(scene.other.pdf))["unsigned_attrs"]
        signer_info(signed)["unsigned_attrs"] = other.copy()

    return with_other_cms(scene.pdf, change)


@attack("time-stamp", Reason.TIMESTAMP_NOT_TRUSTED)
def a_time_stamp_by_a_stranger(scene: Scene) -> bytes:
    signature = signer_info(signed_data_of(scene.pdf))["signature"].native
    token = scene.impostor.stamp(signature)

    def change(signed: cms.SignedData) -> None:
        signer_info(signed)["unsigned_attrs"] = cms.CMSAttributes(
            [{"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}]
        )

    return with_other_cms(scene.pdf, change)


@attack("time-stamp", Reason.TIMESTAMP_FALSE)
def two_time_stamps(scene: Scene) -> bytes:
    def change(signed: cms.SignedData) -> None:
        (stamp,) = signer_info(signed)["unsigned_attrs"]
        twice = [stamp["values"][0].copy(), stamp["values"][0].copy()]
        signer_info(signed)["unsigned_attrs"] = cms.CMSAttributes(
            [{"type": "signature_time_stamp_token", "values": twice}]
        )

    return with_other_cms(scene.pdf, change)


@attack("time-stamp", Reason.PROOF_MISSING)
def the_time_stamp_taken_out(scene: Scene) -> bytes:
    """What no signature can show: only the bytes that the ledger lists do."""

    def change(signed: cms.SignedData) -> None:
        del signer_info(signed)["unsigned_attrs"]

    return with_other_cms(scene.pdf, change)


@attack("byte range", Reason.UNREADABLE)
def wrapped_around_what_was_signed(scene: Scene) -> bytes:
    """The signed end moves back, and other content comes between it and the seal."""
    a, first, second, rest = byte_range_of(scene.pdf)
    forged = b"\n" + stream(LIE) + b"\n"
    moved = with_byte_range(scene.pdf, a, first, second + len(forged), rest)
    return moved[:second] + forged + moved[second:]


def misused(
    subfilter: SigSeedSubFilter, level: MDPPerm | None, *, digest: str = "sha256"
) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        writer = copy_into_new_writer(PdfFileReader(io.BytesIO(unsealed(scene.pdf))))
        metadata = PdfSignatureMetadata(
            field_name="RegistrarSeal",
            md_algorithm=digest,
            certify=level is not None,
            docmdp_permissions=level or MDPPerm.NO_CHANGES,
            subfilter=subfilter,
        )
        signed = asyncio.run(
            PdfSigner(metadata, signer_of(scene.office.pki)).async_sign_pdf(writer)
        )
        return bytes(signed.getbuffer())

    return make


for _name, _make in (
    ("no certification", misused(SigSeedSubFilter.PADES, None)),
    ("forms may be filled", misused(SigSeedSubFilter.PADES, MDPPerm.FILL_FORMS)),
    ("notes may be made", misused(SigSeedSubFilter.PADES, MDPPerm.ANNOTATE)),
    ("no PAdES", misused(SigSeedSubFilter.ADOBE_PKCS7_DETACHED, MDPPerm.NO_CHANGES)),
):
    VARIANTS.append(
        Variant(_name, "leaked key", _make, frozenset({Reason.SEAL_PROFILE}), extends=False)
    )


@attack("leaked key", Reason.STATEMENT_MISSING)
def a_seal_on_a_page_without_a_statement(scene: Scene) -> bytes:
    at = scene.issued.statement.issued_at
    return scene.office.sealer.seal(prepared_page(signed_at=at), at=at)


@attack("leaked key", Reason.STATEMENT_UNREADABLE)
def a_statement_of_a_later_form(scene: Scene) -> bytes:
    return scene.office.seal_files(b'{"schema":"quanji.statement/9"}', b"c2sp.org/tlog-proof@v1\n")


@attack("leaked key", Reason.REGISTRATION_CONTRADICTS)
def a_statement_that_differs_from_the_registration(scene: Scene) -> bytes:
    statement = scene.issued.statement
    longer = [
        replace(right, valid_to=right.valid_to + timedelta(days=3650)) for right in statement.rights
    ]
    forged = replace(statement, rights=longer)
    return scene.office.seal(forged, scene.registration_proof)


@attack("leaked key", Reason.PROOF_MALFORMED)
def a_statement_without_a_proof_of_registration(scene: Scene) -> bytes:
    return scene.office.seal_files(scene.issued.statement.to_bytes(), b"nothing")


@attack("leaked key", Reason.PROOF_MISSING)
def well_sealed_and_not_in_the_ledger(scene: Scene) -> bytes:
    """Everything is right but that the ledger never heard of these bytes."""
    statement = scene.issued.statement
    sealed = scene.office.seal(statement, scene.registration_proof)
    assert hashlib.sha256(sealed).digest() != hashlib.sha256(scene.pdf).digest()
    return sealed


@attack("leaked key", Reason.PROOF_MISSING)
def a_number_that_is_taken(scene: Scene) -> bytes:
    statement = replace(scene.issued.statement, number=scene.other.statement.number)
    return scene.office.seal(statement, scene.registration_proof)


def signed_too(pdf: bytes, pki: DevelopmentPki) -> bytes:
    """Return the file with one more signature in a revision of its own, whatever DocMDP says."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    embedding = PdfCMSEmbedder(SigFieldSpec("Second")).write_cms("Second", writer)
    next(embedding)
    placeholder = SignatureObject(
        timestamp=SEALED_AT, subfilter=SigSeedSubFilter.PADES, bytes_reserved=12_288
    )
    embedding.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = embedding.send(SigIOSetup(md_algorithm="sha256"))
    signer = signer_of(pki)
    embedding.send(
        asyncio.run(signer.async_sign(prepared.document_digest, "sha256", use_pades=True))
    )
    signed: bytes = output.getvalue()
    return signed


def signer_of(pki: DevelopmentPki) -> SimpleSigner:
    certificate, key = certificate_and_key(pki)
    return SimpleSigner(
        signing_cert=certificate,
        signing_key=key,
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call] # pyHanko's
    )


@cache
def certificate_and_key(pki: DevelopmentPki) -> tuple[object, keys.PrivateKeyInfo]:
    certificate, *_ = load_certs_from_pemder_data(pki.seal_chain_pem)
    _, _, der = pem.unarmor(pki.seal_key_pem)
    return certificate, keys.PrivateKeyInfo.load(der)
