"""Steps 4 and 5, the ledger: the registration that is stated, and the bytes that were issued.

A proof file carries its entry; the entry is believed because its hash leads, by the proof, to the
root of a checkpoint that the log's key signed.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from primitives.canonical_json import JsonObject, instant_from_text, instant_text
from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.commitments import COMMITMENTS, disclose
from tlog.encoding import MalformedError, decode_loose_base64
from tlog.errors import TlogError
from tlog.keys import LogKey
from tlog.merkle import ProofError, leaf_hash
from tlog.named_key import KEY_ID_BYTES
from tlog.note import SignatureError, VerifierKey
from tlog.proof import TlogProof, verify_proof
from verifier.canonical import member, read_object
from verifier.log_keys import LogKeys
from verifier.registration import differing_member, is_stated
from verifier.statement import EmbeddedDocument, EmbeddedStatement
from verifier.verdict import Reason, StepError

ENTRY_SCHEMA = "quanji.entry/1"
REGISTRATION_OF_OLD = "registration.initial/1"
REGISTRATIONS = frozenset({REGISTRATION_OF_OLD, "registration.initial/2", "registration.initial/3"})
"""Every shape of a registration, which a certificate states alike; the first committed nothing."""
ISSUANCE = "certificate.issued/1"
DOCUMENT_ISSUANCE = "document.issued/1"
RENEWAL = "file.renewed/1"
ISSUANCES = frozenset({ISSUANCE, DOCUMENT_ISSUANCE, RENEWAL})
STATE_COMMITMENT = "state.committed/1"
# An entry holds at most 65,535 bytes; a signed checkpoint with all its cosignatures some 20,000.
MAX_PROOF_CHARACTERS = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEntry:
    """An entry that is in the log, as of ``checkpoint``."""

    kind: str
    recorded_at: datetime
    payload: JsonObject
    index: int
    leaf_hash: bytes
    checkpoint: Checkpoint

    def position(self) -> dict[str, str | int]:
        """Return where it stands, as the facts of a step."""
        return {
            "index": self.index,
            "size": self.checkpoint.size,
            "origin": self.checkpoint.origin,
        }


def prove_entry(proof_text: str, *, kinds: Collection[str] | None, log_key: LogKeys) -> ProvenEntry:
    """Return the entry that a proof file carries and proves; ``kinds`` None takes any kind.

    Raises:
        StepError: PROOF_MALFORMED, LOG_KEY_UNKNOWN, LOG_SIGNATURE_FALSE, PROOF_FALSE, or
            PROOF_OF_ANOTHER_ACT if the entry is of another kind.
    """
    proof, content = _parse(proof_text)
    checkpoint = _verify(proof, content, log_key)
    try:
        entry = read_object(content)
        kind = member(entry, "kind", of=str)
        is_wanted = kinds is None or kind in kinds
        if member(entry, "schema", of=str) != ENTRY_SCHEMA or not is_wanted:
            raise StepError(Reason.PROOF_OF_ANOTHER_ACT, kind=kind)
        return ProvenEntry(
            kind=kind,
            recorded_at=instant_from_text(member(entry, "recorded_at", of=str)),
            payload=member(entry, "payload", of=dict),
            index=proof.index,
            leaf_hash=leaf_hash(content),
            checkpoint=checkpoint,
        )
    except ValueError as error:
        raise StepError(Reason.PROOF_OF_ANOTHER_ACT, kind="?") from error


def check_registration(
    statement: EmbeddedStatement,
    registration: ProvenEntry,
    openings: Iterable[str],
    heads: Iterable[Checkpoint],
) -> None:
    """Check that the statement says what was registered, member by member.

    Args:
        statement: what the file says.
        registration: what its embedded proof proves.
        openings: what the file carries to open the registration's commitments.
        heads: further checkpoints of the log that were seen.

    Raises:
        StepError: OPENING_FALSE, OPENING_MISSING, REGISTRATION_CONTRADICTS or
            LOG_CONTRADICTS_ITSELF.
    """
    registration = replace(registration, payload=_opened(registration, openings))
    if differing := _difference(statement, registration):
        raise StepError(Reason.REGISTRATION_CONTRADICTS, member=differing)
    stated = Checkpoint(
        origin=registration.checkpoint.origin,
        size=statement.tree_size,
        root=bytes.fromhex(statement.root_hash),
    )
    require_one_tree([stated, registration.checkpoint, *heads])


def require_one_tree(heads: Iterable[Checkpoint]) -> None:
    """Check that no two checkpoints of one size have different roots.

    Raises:
        StepError: LOG_CONTRADICTS_ITSELF.
    """
    roots: dict[int, bytes] = {}
    for head in heads:
        if roots.setdefault(head.size, head.root) != head.root:
            raise StepError(Reason.LOG_CONTRADICTS_ITSELF, size=head.size)


def require_issued_bytes(pdf: bytes, issuance: ProvenEntry) -> None:
    """Check that these are the bytes whose digest the ledger holds.

    Raises:
        StepError: ALTERED_AFTER_ISSUE if they begin with the issued file, otherwise
            NOT_THE_REGISTERED_BYTES.
    """
    size_bytes = _size(issuance)
    sha256 = _text(issuance, "sha256")
    number = number_of(issuance)
    if hashlib.sha256(pdf).hexdigest() == sha256 and len(pdf) == size_bytes:
        return
    if 0 < size_bytes < len(pdf) and hashlib.sha256(pdf[:size_bytes]).hexdigest() == sha256:
        raise StepError(
            Reason.ALTERED_AFTER_ISSUE,
            number=number,
            issued=size_bytes,
            added=len(pdf) - size_bytes,
        )
    raise StepError(Reason.NOT_THE_REGISTERED_BYTES, number=number)


def check_register(
    document: EmbeddedDocument, note: str, heads: Iterable[Checkpoint], *, log_key: LogKeys
) -> Checkpoint:
    """Check that the log signed the tree that a document says it speaks for, and return it.

    Args:
        document: what the file says.
        note: the signed checkpoint that it carries.
        heads: further checkpoints of the log that were seen.
        log_key: the log's keys.

    Raises:
        StepError: PROOF_MALFORMED, LOG_KEY_UNKNOWN, LOG_SIGNATURE_FALSE, REGISTRATION_CONTRADICTS
            or LOG_CONTRADICTS_ITSELF.
    """
    if len(note) > MAX_PROOF_CHARACTERS:
        raise StepError(Reason.PROOF_MALFORMED)
    key = log_key.of(note)
    try:
        head = open_checkpoint(note, key, *log_key.others)
    except MalformedError as error:
        raise StepError(Reason.PROOF_MALFORMED) from error
    except SignatureError as error:
        raise _unsigned(note, key, log_key) from error
    if (head.size, head.root.hex()) != (document.tree_size, document.root_hash):
        raise StepError(Reason.REGISTRATION_CONTRADICTS, member="as_of")
    require_one_tree([head, *heads])
    return head


def issued_part(pdf: bytes, entry: ProvenEntry) -> tuple[bytes, ProvenEntry]:
    """Return the file as it was issued, and the entry as if it spoke of that file alone.

    What follows the issued bytes of an archival file is a further time-stamp; these very bytes are
    in the ledger as the continuation, so that nobody else can have added them.

    Raises:
        StepError: NOT_THE_REGISTERED_BYTES if the first bytes are not those that were issued.
    """
    if entry.kind != RENEWAL:
        return pdf, entry
    issuance = replace(
        entry,
        kind=_text(entry, "kind"),
        payload=_issued(entry),
        recorded_at=instant_from_text(_text(entry, "issued_at")),
    )
    issued = pdf[: _size(issuance)]
    require_issued_bytes(issued, issuance)
    return issued, issuance


def check_document_issuance(document: EmbeddedDocument, issuance: ProvenEntry) -> None:
    """Check that the ledger issued this document under this number, after the tree it speaks for.

    Raises:
        StepError: ISSUANCE_CONTRADICTS.
    """
    stated = (document.number, hashlib.sha256(document.content).hexdigest())
    issued = (number_of(issuance), _text(issuance, "statement_sha256"))
    if (
        stated != issued
        or issuance.kind != DOCUMENT_ISSUANCE
        or issuance.index < document.tree_size
    ):
        raise StepError(Reason.ISSUANCE_CONTRADICTS)


def number_of(issuance: ProvenEntry) -> str:
    """Return the number under which a file was issued."""
    if issuance.kind == RENEWAL:
        issued = replace(issuance, kind=_text(issuance, "kind"), payload=_issued(issuance))
        return number_of(issued)
    name = "document" if issuance.kind == DOCUMENT_ISSUANCE else "certificate"
    return _text(issuance, name)


def _issued(renewal: ProvenEntry) -> JsonObject:
    return member(renewal.payload, "issued", of=dict)


def check_issuance(statement: EmbeddedStatement, issuance: ProvenEntry) -> None:
    """Check that the ledger issued this statement, under this number, after its registration.

    Raises:
        StepError: ISSUANCE_CONTRADICTS.
    """
    if issuance.kind != ISSUANCE:
        raise StepError(Reason.ISSUANCE_CONTRADICTS)
    stated = (statement.number, statement.asset, hashlib.sha256(statement.content).hexdigest())
    issued = (
        _text(issuance, "certificate"),
        _text(issuance, "asset"),
        _text(issuance, "statement_sha256"),
    )
    if stated != issued or issuance.index <= statement.entry_index:
        raise StepError(Reason.ISSUANCE_CONTRADICTS)


def opened_payload(entry: ProvenEntry, openings: Iterable[str]) -> JsonObject:
    """Return a proven entry's payload with what the openings show in its place.

    Raises:
        StepError: OPENING_FALSE if one of them opens nothing in it.
    """
    try:
        return disclose(entry.payload, openings)
    except TlogError as error:
        raise StepError(Reason.OPENING_FALSE) from error


def _opened(registration: ProvenEntry, openings: Iterable[str]) -> JsonObject:
    """Return the registration in clear, as far as a certificate states it."""
    if registration.kind == REGISTRATION_OF_OLD:
        return registration.payload
    payload = opened_payload(registration, openings)
    closed = [path for path in member(payload, COMMITMENTS, of=dict) if is_stated(path)]
    if closed:
        raise StepError(Reason.OPENING_MISSING, member=min(closed))
    return payload


def _difference(statement: EmbeddedStatement, registration: ProvenEntry) -> str | None:
    """Return the member in which the two differ, "?" if one of them lacks its shape."""
    position = {
        "entry_index": registration.index,
        "leaf_hash": registration.leaf_hash.hex(),
        "deposited_at": instant_text(registration.recorded_at),
    }
    try:
        for name, proven in position.items():
            if member(statement.json, "ledger", name, of=type(proven)) != proven:
                return f"ledger.{name}"
        return differing_member(statement.json, registration.payload)
    except ValueError:
        return "?"


def _parse(proof_text: str) -> tuple[TlogProof, bytes]:
    if len(proof_text) > MAX_PROOF_CHARACTERS:
        raise StepError(Reason.PROOF_MALFORMED)
    try:
        proof = TlogProof.parse(proof_text)
    except MalformedError as error:
        raise StepError(Reason.PROOF_MALFORMED) from error
    if proof.extra is None:
        raise StepError(Reason.PROOF_MALFORMED)
    return proof, proof.extra


def _verify(proof: TlogProof, content: bytes, keys: LogKeys) -> Checkpoint:
    log_key = keys.of(proof.checkpoint)
    try:
        return verify_proof(proof, entry=content, log_key=log_key, others=keys.others)
    except MalformedError as error:
        raise StepError(Reason.PROOF_MALFORMED) from error
    except ProofError as error:
        raise StepError(Reason.PROOF_FALSE, index=proof.index) from error
    except SignatureError as error:
        raise _unsigned(proof.checkpoint, log_key, keys) from error


def _unsigned(note: str, log_key: VerifierKey, keys: LogKeys) -> StepError:
    known = any(_bears_signature_of(key, note) for key in (log_key, *keys.others))
    reason = Reason.LOG_SIGNATURE_FALSE if known else Reason.LOG_KEY_UNKNOWN
    return StepError(reason, origin=log_key.name)


def _bears_signature_of(key: LogKey, note: str) -> bool:
    """Say whether a signature line of a well-formed note claims to be this key's."""
    lines = note.rpartition("\n\n")[2].splitlines()
    return any(
        line.startswith(f"— {key.name} ")
        and decode_loose_base64(line.rpartition(" ")[2])[:KEY_ID_BYTES] == key.key_id
        for line in lines
    )


def _text(entry: ProvenEntry, *path: str) -> str:
    return member(entry.payload, *path, of=str)


def _size(entry: ProvenEntry) -> int:
    return member(entry.payload, "size_bytes", of=int)
