"""The signed QR code of a paper: what it says, and the key that signs it.

The paper key is not the seal's: it signs short texts that anyone may read from paper, and each year
has its own, named after it (``kid``). Private keys lie in ``settings.PKI_DIR``; what stands there
for a year that is over may be the public key alone.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

from certificates.development_pki import PAPER_KEY_FILE, ensure_paper_key
from certificates.models import Certificate, Document
from drawing.moments import LEAST
from primitives.canonical_json import Json, JsonObject, instant_from_text
from primitives.clock import CHINA
from primitives.identifiers import is_uscc
from registry.kinds import PartyKind
from registry.masking import masked_name
from registry.models import Party
from registry.parties import PERSONAL_SCHEMES
from verifier.canonical import member
from verifier.paper import (
    PaperKey,
    PaperKeys,
    PaperVerdict,
    paper_address,
    sign_paper,
    verify_paper,
)
from verifier.printed import LEAF_BYTES, AnyPrinted, Printed, PrintedDocument, shortened

KEY_NAME = re.compile(r"paper_key_(20\d{2}(?:-\d)?)\.pem", re.ASCII)
"""The name of a key file: a year, and a number for those that came after the year's first."""

ASSET_NUMBER = re.compile(r"DA-[0-9]{9,}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}")

logger = logging.getLogger(__name__)


class PaperKeyError(Exception):
    """There is no key to sign QR codes with, or a key file cannot be read."""


def paper_text(printed: AnyPrinted) -> str:
    """Return what the paper's QR code holds, signed with the key of the year of issue.

    Raises:
        PaperKeyError: there is none; nothing is issued then.
    """
    kid, key = _signing_key(printed.issued_day.year)
    return paper_address(settings.PUBLIC_BASE_URL, sign_paper(printed, kid=kid, key=key))


def printed_on(issued: Certificate | Document) -> AnyPrinted:
    """Return what stands in the QR code of what was issued."""
    content = bytes(issued.statement)
    if isinstance(issued, Document):
        return printed_of_document(content)
    return printed_of(json.loads(content))


def printed_of(statement: JsonObject) -> Printed:
    """Return what stands in the QR code of the certificate that states this.

    A natural person's name is masked: the code is an address, and addresses are kept in histories.

    Args:
        statement: ``quanji.statement/1``, which our own code wrote.
    """
    holders = list(_holders(statement))
    ends = [
        instant_from_text(member(right, "valid_to", of=str))
        for right in member(statement, "rights", of=list)
    ]
    return Printed(
        number=member(statement, "number", of=str),
        check_code=member(statement, "check_code", of=str),
        holder=shortened(_shown(holders[0])),
        holders=len({_identity(holder) for holder in holders}),
        asset=member(statement, "asset", "number", of=str),
        asset_name=shortened(member(statement, "asset", "name", of=str)),
        sha256=member(statement, "asset", "sha256", of=str),
        entry_index=member(statement, "ledger", "entry_index", of=int),
        leaf_hash=member(statement, "ledger", "leaf_hash", of=str)[: 2 * LEAF_BYTES],
        issued_day=_day(instant_from_text(member(statement, "issued_at", of=str))),
        last_day=_day(max(ends) - LEAST),
    )


def printed_of_document(content: bytes) -> AnyPrinted:
    """Return what stands in the QR code of the document that states this.

    Of a certificate after a change it is what stands in that of any certificate.

    Args:
        content: ``quanji.document/1``, which our own code wrote.
    """
    statement: JsonObject = json.loads(content)
    number, check_code = (member(statement, name, of=str) for name in ("number", "check_code"))
    issued_day = _day(instant_from_text(member(statement, "issued_at", of=str)))
    facts = member(statement, "facts", of=dict)
    # Documents that were issued before their codes were signed have no such member.
    paper = facts.get("paper", {"subject": "", "party": ""})
    if "holder" in paper:
        return Printed(
            number=number,
            check_code=check_code,
            holder=member(paper, "holder", of=str),
            holders=member(paper, "holders", of=int),
            asset=member(statement, "facts", "asset", of=str),
            asset_name=member(paper, "asset_name", of=str),
            sha256=member(paper, "sha256", of=str),
            entry_index=member(paper, "entry_index", of=int),
            leaf_hash=member(paper, "leaf_hash", of=str)[: 2 * LEAF_BYTES],
            issued_day=issued_day,
            last_day=_day(instant_from_text(member(paper, "until", of=str)) - LEAST),
        )
    return PrintedDocument(
        kind=member(statement, "kind", of=str),
        number=number,
        check_code=check_code,
        subject=member(paper, "subject", of=str),
        party=member(paper, "party", of=str),
        as_of=instant_from_text(member(statement, "as_of", "at", of=str)),
        tree_size=member(statement, "as_of", "tree_size", of=int),
        root_hash=member(statement, "as_of", "root_hash", of=str)[: 2 * LEAF_BYTES],
        statement_sha256=hashlib.sha256(content).hexdigest(),
        issued_day=issued_day,
    )


def paper_facts(document: Document) -> JsonObject:
    """Return what a document states of its subject for its QR code."""
    asset, party = document.asset, document.party
    return {
        "subject": shortened(asset.number if asset else _searched(document.query)),
        "party": shortened(masked_name(party)) if party else "",
    }


def paper_keys() -> PaperKeys:
    """Return the public keys of all years, as they are published.

    A file that holds no such key is logged and left out: the others must verify all the same.
    """
    return PaperKeys(tuple(_published()))


def check_paper(text: str, *, at: datetime) -> PaperVerdict:
    """Return the verdict, under our own keys, on what a scanner read."""
    return verify_paper(text, keys=paper_keys(), at=at)


def has_signing_key(year: int) -> bool:
    """Say whether certificates that are issued in a year can get their QR codes."""
    try:
        _last_key(year)
    except PaperKeyError:
        return False
    return True


def _published() -> Iterator[PaperKey]:
    for kid, path in _key_files():
        year = int(kid[:4])
        try:
            public_key = _public_key(path)
        except PaperKeyError:
            logger.exception("%s holds no key on P-256 and is not published", path.name)
        else:
            yield PaperKey(
                kid=kid,
                public_key=public_key,
                first_day=date(year, 1, 1),
                last_day=date(year, 12, 31),
            )


def _signing_key(year: int) -> tuple[str, EllipticCurvePrivateKey]:
    """Return the key of a year; for development it is made where there is none."""
    if not settings.PRODUCTION:
        ensure_paper_key(Path(settings.PKI_DIR), year)
    return _last_key(year)


def _last_key(year: int) -> tuple[str, EllipticCurvePrivateKey]:
    files = [file for file in _key_files() if file[0].startswith(str(year))]
    if not files:
        missing = PAPER_KEY_FILE.format(kid=year)
        raise PaperKeyError(f"{settings.PKI_DIR} holds no {missing}")
    kid, path = files[-1]
    return kid, _private_key(path)


def _key_files() -> list[tuple[str, Path]]:
    """Return each key's name and file, the oldest first."""
    found = [
        (name[1], path)
        for path in Path(settings.PKI_DIR).glob(PAPER_KEY_FILE.format(kid="*"))
        if (name := KEY_NAME.fullmatch(path.name))
    ]
    return sorted(found)


def _private_key(path: Path) -> EllipticCurvePrivateKey:
    try:
        key = _loaded(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise PaperKeyError(f"{path.name} holds no unencrypted private key in PEM") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise PaperKeyError(f"{path.name} holds no key on P-256")
    return key


@lru_cache(maxsize=8)
def _loaded(pem: bytes) -> PrivateKeyTypes:
    return load_pem_private_key(pem, password=None)


def _public_key(path: Path) -> EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        return _private_key(path).public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise PaperKeyError(f"{path.name} holds no key on P-256")
    return key


def _searched(query: str) -> str:
    """Return what was searched for; of what may name a person the first character alone."""
    is_public = ASSET_NUMBER.fullmatch(query.upper()) or DIGEST.fullmatch(query.lower())
    return query if is_public or is_uscc(query.upper()) or not query else f"{query[0]}**"


def _holders(statement: JsonObject) -> Iterator[Json]:
    for right in member(statement, "rights", of=list):
        yield from member(right, "holders", of=list)


def _identity(holder: Json) -> tuple[str, str]:
    return member(holder, "identifier_scheme", of=str), member(holder, "identifier", of=str)


def _shown(holder: Json) -> str:
    is_natural = member(holder, "identifier_scheme", of=str) in PERSONAL_SCHEMES
    kind = PartyKind.NATURAL if is_natural else PartyKind.LEGAL
    return masked_name(Party(kind=kind, name=member(holder, "name", of=str)))


def _day(instant: datetime) -> date:
    return instant.astimezone(CHINA).date()
