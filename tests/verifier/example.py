"""An example registrar with real parts: a log, a seal, certificates issued as in production."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import Certificate, load_pem_x509_certificates
from reportlab.pdfgen.canvas import Canvas

from certificates.development_pki import DevelopmentPki
from certificates.development_tsa import DevelopmentTimestampAuthority
from certificates.renewal import extend
from certificates.revocation import evidence_at
from certificates.signing import PadesSealer
from certificates.statement import (
    Holder,
    LedgerPosition,
    Registrar,
    StatedAsset,
    StatedRight,
    StatedSource,
    Statement,
)
from certificates.suites import key_file_suite
from certificates.timestamping import TimestampServices
from drawing.archival import NO_EVIDENCE, Attachment, ValidationEvidence
from drawing.canvas import PageCanvas, SignatureField
from drawing.structure import Box
from primitives.canonical_json import JsonObject, canonical_json, instant_text
from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.commitments import withhold
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
ENDED_TERM = (datetime(2024, 6, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
IN_TERM = datetime(2027, 6, 1, tzinfo=UTC)
LOG_NAME = "quanji.example/log"
COMMITTED = (
    "/remarks",
    *(f"/derivations/{number}/{name}" for number in (0, 1) for name in ("method", "basis")),
)
"""What the example's registration holds as commitments."""


def log_signer(seed: bytes) -> NoteSigner:
    return NoteSigner(LOG_NAME, Ed25519PrivateKey.from_private_bytes(seed * 32))


@dataclass
class Log:
    """A log that keeps its entries and signs any tree it is asked for."""

    signer: NoteSigner = field(default_factory=lambda: log_signer(b"l"))
    entries: list[bytes] = field(default_factory=list)
    openings: list[str] = field(default_factory=list)
    """Those of the registration appended last, as far as a certificate states them."""

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
    def tsa_trust(self) -> Sequence[Certificate]:
        return load_pem_x509_certificates(self.pki.tsa_trust_pem.encode())

    @property
    def log_key(self) -> str:
        return str(self.log.signer.verifier_key)

    def register(self, payload: JsonObject | None = None) -> int:
        registered = payload or example_payload()
        present = [pointer for pointer in COMMITTED if pointer.split("/")[1] in registered]
        withheld, openings = withhold(registered, present)
        self.log.openings[:] = openings.values()
        return self.log.append("registration.initial/3", withheld, recorded_at=REGISTERED_AT)

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

    def seal_files(
        self, statement: bytes, registration_proof: bytes, *, openings: bytes | None = None
    ) -> bytes:
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
            Attachment(
                name="openings.json",
                media_type="application/json",
                content=openings or self.openings_file(),
                description="Openings",
            ),
        ]
        page = prepared_page(
            *attachments, signed_at=SEALED_AT, evidence=self.sealer.evidence(SEALED_AT)
        )
        return self.sealer.seal(page, at=SEALED_AT)

    def openings_file(self) -> bytes:
        return canonical_json({"schema": "quanji.openings/1", "openings": self.log.openings})

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

    def stamp(self, signature: bytes) -> bytes:
        return services_of(self.pki).stamp(signature, at=SEALED_AT)

    def verify(self, pdf: bytes, proof: str | None, *, at: datetime = IN_TERM) -> Verdict:
        return verify(
            pdf,
            proof=proof,
            trust=self.trust,
            log_key=self.log_key,
            at=at,
            tsa_trust=self.tsa_trust,
        )


def services_of(pki: DevelopmentPki) -> TimestampServices:
    """Return the example time-stamp authority of a folder of keys."""
    stamping = key_file_suite(pki.tsa_key_pem, pki.tsa_chain_pem)
    roots = load_pem_x509_certificates(pki.tsa_trust_pem.encode())
    authority = DevelopmentTimestampAuthority(stamping)
    return TimestampServices([authority], roots, timedelta(minutes=1))


def make_office(pki: DevelopmentPki) -> Office:
    return Office(example_sealer(pki), pki, Log())


def example_sealer(pki: DevelopmentPki) -> PadesSealer:
    """Return a sealer of level B-LT under the example authorities."""
    return sealer_with(pki, services_of(pki))


def sealer_with(pki: DevelopmentPki, services: TimestampServices | None) -> PadesSealer:
    """Return the example sealer, stamped by other services, or by nobody (level B-B)."""
    suite = key_file_suite(pki.seal_key_pem, pki.seal_chain_pem)
    pem = pki.tsa_chain_pem + (pki.trust_pem + pki.tsa_trust_pem).encode()
    known = [*suite.chain, *load_pem_x509_certificates(pem)]
    return PadesSealer(
        suite, services=services, evidence=lambda at: evidence_at(known, pki.crls, at)
    )


def renewed(pdf: bytes, pki: DevelopmentPki, *, at: datetime = ISSUED_AT) -> bytes:
    """Return a file under a further time-stamp over all of it."""
    evidence = example_sealer(pki).evidence(at)
    return extend(pdf, services_of(pki), evidence, field_name="ArchivalTimestamp1", at=at)


def prepared_page(
    *attachments: Attachment,
    signed_at: datetime,
    hex_digits: int = 24 * 1024,
    evidence: ValidationEvidence = NO_EVIDENCE,
) -> bytes:
    """Return a page with the place for a seal."""
    canvas = PageCanvas(title="Certificate", author="示例", created_at=signed_at)
    canvas.embed_evidence(evidence)
    for file in attachments:
        canvas.attach(file)
    canvas.beginForm("seal", -10, -10, 10, 10)
    canvas.circle(0, 0, 8)
    canvas.end_isolated_form()
    canvas.add_signature(
        SignatureField(
            name="RegistrarSeal",
            spoken="Seal",
            form="seal",
            box=Box(100, 100, 120, 120),
            signer="示例数据产权登记中心",
            reason="Registration 登记",
            location="CN",
            signed_at=signed_at,
            hex_digits=hex_digits,
        )
    )
    canvas.showPage()
    return canvas.to_bytes()


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
        rights=_RIGHTS,
        provenance=_SOURCES,
        remarks=["示例登记"],
        ledger=position,
    )


def example_payload() -> JsonObject:
    """What `example_statement` states, as it stands in the entry of its registration."""
    return {
        "filing": FILING,
        "remarks": "示例登记",
        "asset": {
            "number": ASSET,
            "name": "示例港口吞吐量数据集",
            "summary": "按日统计的集装箱吞吐量",
            "kind": "RESOURCE",
            "industry_section": "G",
            "industry_division": "55",
            "source_kind": "DERIVED",
            "situation": "DERIVED",
            "grade": "GENERAL",
            "personal_information": "NONE",
            "personal_basis": "",
            "public_data": "NONE",
            "public_data_code": "",
            "region_scope": "CITY",
            "region": "青岛市",
            "period_from": "2025-01-01",
            "period_to": None,
            "update_frequency": "DAILY",
            "record_count": 365,
            "form": "TABLE",
            "structure": "STRUCTURED",
            "limit_users": "港口企业",
            "limit_qualification": "",
            "limit_environment": "",
            "limit_territory": "境内",
            "resale_allowed": False,
            "export_allowed": False,
        },
        "responsibilities": {stage: ["P-A"] for stage in ("COLLECT", "MANAGE", "HOLD", "USE")},
        "version": {"number": 1, "sha256": "01" * 32, "sm3": "02" * 32, "size_bytes": 4096},
        "external_sources": [],
        "derivations": [
            _derivation("DA-000000002@1", "清洗", is_proven=True),
            _derivation("DA-000000003@1", "汇总", is_proven=False),
        ],
        "instruments": [],
        "interests": [
            _interest("I-1", "HOLD", TERM, {"P-A": "2/3", "P-B": "1/3"}),
            _interest("I-2", "USE", ENDED_TERM, {"P-A": "1/1"}),
        ],
    }


def _derivation(source: str, method: str, *, is_proven: bool) -> JsonObject:
    return {
        "source_version": source,
        "external_source": None,
        "activity": "DERIVE",
        "method": method,
        "code_sha256": "",
        "ended_at": "2026-11-01T00:00:00Z",
        "responsible": "P-A",
        "basis": "数据使用协议",
        "basis_interest": "",
        "basis_instrument": None,
        "is_proven": is_proven,
    }


def _interest(
    reference: str, kind: str, term: tuple[datetime, datetime], shares: dict[str, str]
) -> JsonObject:
    return {
        "reference": reference,
        "asset": ASSET,
        "kind": kind,
        "valid_from": instant_text(term[0]),
        "valid_to": instant_text(term[1]),
        "limits": "仅限自用",
        "shares": shares,
    }


def _right(reference: str, kind: str, term: tuple[datetime, datetime], *shares: str) -> StatedRight:
    return StatedRight(
        reference=reference,
        kind=kind,
        valid_from=term[0],
        valid_to=term[1],
        limits="仅限自用",
        holders=[
            Holder(
                name=f"示例数据有限公司{number}",
                identifier_scheme="USCC",
                identifier=f"91370200MA3EXAMPL{number}",
                share=Fraction(share),
            )
            for number, share in enumerate(shares)
        ],
    )


def _source(activity: str, *, is_proven: bool, depth: int) -> StatedSource:
    return StatedSource(
        title="示例来源",
        publisher="",
        activity=activity,
        responsible="示例数据有限公司0",
        basis="数据使用协议",
        is_proven=is_proven,
        depth=depth,
    )


_RIGHTS = [
    _right("I-1", "HOLD", TERM, "1/3", "2/3"),
    _right("I-2", "USE", ENDED_TERM, "1"),
]
_SOURCES = [
    _source("清洗", is_proven=True, depth=1),
    _source("汇总", is_proven=False, depth=1),
    _source("采集", is_proven=False, depth=2),
]
_ASSET = StatedAsset(
    number=ASSET,
    name="示例港口吞吐量数据集",
    summary="按日统计的集装箱吞吐量",
    kind="RESOURCE",
    industry="G55",
    source_kind="DERIVED",
    region_scope="CITY",
    region="青岛市",
    period_from=date(2025, 1, 1),
    period_to=None,
    update_frequency="DAILY",
    record_count=365,
    size_bytes=4096,
    form="TABLE",
    structure="STRUCTURED",
    limits="港口企业；境内；不允许再次转售；不允许数据出境",
    version=1,
    sha256="01" * 32,
    sm3="02" * 32,
)
