"""An example registrar with real parts: a log, a seal, certificates issued as in production."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import Certificate, load_pem_x509_certificates
from reportlab.pdfgen.canvas import Canvas

from certificates.development_pki import DevelopmentPki
from certificates.signing import (
    Attachment,
    DevelopmentSealer,
    PadesSealer,
    SealWords,
    UnprotectedKeyWarning,
)
from certificates.statement import (
    Holder,
    LedgerPosition,
    Registrar,
    StatedAsset,
    StatedRight,
    Statement,
)
from primitives.canonical_json import JsonObject, canonical_json, instant_text
from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.merkle import inclusion_ranges, leaf_hash, tree_hash
from tlog.note import NoteSigner
from tlog.proof import TlogProof
from verifier.verdict import Verdict
from verifier.verification import verify

NUMBER = "SJ3702026110001"
ASSET = "DA-000000001"
FILING = "F-2026-000001"
REGISTERED_AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
SEALED_AT = datetime(2026, 11, 25, 2, 31, tzinfo=UTC)
ISSUED_AT = datetime(2026, 11, 25, 2, 32, tzinfo=UTC)
TERM = (datetime(2026, 12, 1, tzinfo=UTC), datetime(2029, 12, 1, tzinfo=UTC))
IN_TERM = datetime(2027, 6, 1, tzinfo=UTC)
LOG_NAME = "quanji.example/log"


def log_signer(seed: bytes) -> NoteSigner:
    return NoteSigner(LOG_NAME, Ed25519PrivateKey.from_private_bytes(seed * 32))


@dataclass
class Log:
    """A log that keeps its entries and signs any tree it is asked for."""

    signer: NoteSigner = field(default_factory=lambda: log_signer(b"l"))
    entries: list[bytes] = field(default_factory=list)

    def append(self, kind: str, payload: JsonObject, *, recorded_at: datetime) -> int:
        entry: JsonObject = {
            "schema": "quanji.entry/1",
            "kind": kind,
            "keys": {},
            "recorded_at": instant_text(recorded_at),
            "actor": "U-1",
            "officer": "U-2",
            "nonce": hashlib.sha256(str(len(self.entries)).encode()).hexdigest(),
            "payload": payload,
        }
        self.entries.append(canonical_json(entry))
        return len(self.entries) - 1

    def head(self) -> Checkpoint:
        hashes = [leaf_hash(entry) for entry in self.entries]
        return Checkpoint(origin=LOG_NAME, size=len(hashes), root=tree_hash(hashes))

    def prove(self, index: int) -> TlogProof:
        hashes = [leaf_hash(entry) for entry in self.entries]
        return TlogProof(
            index=index,
            hashes=tuple(tree_hash(hashes[a:b]) for a, b in inclusion_ranges(index, len(hashes))),
            checkpoint=sign_checkpoint(self.head(), self.signer),
            extra=self.entries[index],
        )


@dataclass(frozen=True)
class Issued:
    """A certificate as its holder keeps it: the file and the proof beside it."""

    pdf: bytes
    proof: str
    statement: Statement


@dataclass(frozen=True)
class Office:
    """A registrar: its seal, what verifiers trust, its log."""

    sealer: PadesSealer
    pki: DevelopmentPki
    log: Log

    @property
    def trust(self) -> Sequence[Certificate]:
        return load_pem_x509_certificates(self.pki.trust_pem.encode())

    @property
    def log_key(self) -> str:
        return str(self.log.signer.verifier_key)

    def register(self, *, asset: str = ASSET, filing: str = FILING) -> int:
        payload: JsonObject = {"asset": {"number": asset}, "filing": filing}
        return self.log.append("registration.initial/1", payload, recorded_at=REGISTERED_AT)

    def state(self, index: int, *, number: str = NUMBER) -> Statement:
        head = self.log.head()
        return example_statement(
            number,
            LedgerPosition(
                entry_index=index,
                leaf_hash=leaf_hash(self.log.entries[index]).hex(),
                deposited_at=REGISTERED_AT,
                tree_size=head.size,
                root_hash=head.root.hex(),
            ),
        )

    def seal(self, statement: Statement, registration_proof: str) -> bytes:
        return self.seal_files(statement.to_bytes(), registration_proof.encode())

    def seal_files(self, statement: bytes, registration_proof: bytes) -> bytes:
        attachments = [
            Attachment(
                name="statement.json",
                media_type="application/json",
                content=statement,
                description="Statement",
            ),
            Attachment(
                name="registration.tlog-proof",
                media_type="text/plain",
                content=registration_proof,
                description="Proof of registration",
            ),
        ]
        return self.sealer.seal(drawn_page(), attachments=attachments, signed_at=SEALED_AT)

    def enter(self, pdf: bytes, statement: Statement, **changes: str | int) -> TlogProof:
        payload: JsonObject = {
            "certificate": statement.number,
            "asset": statement.asset.number,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "sm3": "",
            "size_bytes": len(pdf),
            "statement_sha256": hashlib.sha256(statement.to_bytes()).hexdigest(),
            **changes,
        }
        index = self.log.append("certificate.issued/1", payload, recorded_at=ISSUED_AT)
        return self.log.prove(index)

    def issue(self, *, number: str = NUMBER) -> Issued:
        registration = self.register()
        statement = self.state(registration, number=number)
        pdf = self.seal(statement, self.log.prove(registration).format())
        return Issued(pdf, self.enter(pdf, statement).format(), statement)

    def verify(self, pdf: bytes, proof: str | None, *, at: datetime = IN_TERM) -> Verdict:
        return verify(pdf, proof=proof, trust=self.trust, log_key=self.log_key, at=at)


def make_office(pki: DevelopmentPki) -> Office:
    words = SealWords(name="示例数据产权登记中心", reason="Registration 登记", location="CN")
    with pytest.warns(UnprotectedKeyWarning):
        sealer = DevelopmentSealer(pki.seal_key_pem, pki.seal_chain_pem, words=words)
    return Office(sealer, pki, Log())


def drawn_page() -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=True)
    canvas.drawString(72, 720, "Certificate of registration of data property rights")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def example_statement(number: str, position: LedgerPosition) -> Statement:
    return Statement(
        number=number,
        check_code="4T7Q-0XKD-9M2V-HB1S",
        verify_url=f"https://registry.example/v/{number}",
        registrar=Registrar(
            name_zh="示例数据产权登记中心",
            name_en="Example Data Rights Registry",
            code="370",
            is_example=True,
        ),
        issued_at=SEALED_AT,
        filing=FILING,
        asset=_ASSET,
        rights=[_RIGHT],
        provenance=[],
        remarks=[],
        ledger=position,
    )


def with_terms(statement: Statement, *terms: tuple[datetime, datetime]) -> Statement:
    rights = [replace(_RIGHT, valid_from=start, valid_to=end) for start, end in terms]
    return replace(statement, rights=rights)


_RIGHT = StatedRight(
    reference="I-1",
    kind="HOLD",
    valid_from=TERM[0],
    valid_to=TERM[1],
    limits="",
    holders=[
        Holder(
            name="青岛示例数据有限公司",
            identifier_scheme="USCC",
            identifier="91370200MA3EXAMPLE",
            share=Fraction(1),
        )
    ],
)
_ASSET = StatedAsset(
    number=ASSET,
    name="示例港口吞吐量数据集",
    summary="",
    kind="DATASET",
    industry="G",
    source_kind="OWN",
    region_scope="CITY",
    region="370200",
    period_from=None,
    period_to=None,
    update_frequency="DAILY",
    record_count=None,
    size_bytes=1,
    form="TABLE",
    structure="",
    limits="",
    version=1,
    sha256="00" * 32,
    sm3="00" * 32,
)
