"""The second suite: SM2 with SM3, detached over the file as it was issued (GB/T 32918, 32905).

Pure. Entry points: `sm2_suite`, `sign_file`. Raw signatures are made by the ``openssl`` command,
because no library that we depend on knows SM2; it gets the key as the path of its file. What comes
back is checked by `verifier.sm2`, which shares no code with it. Why the form is RFC 5652 with the
identifiers of GM/T 0006 and the default identity: docs/adr/0022.
"""

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509

from certificates.cms import sign
from certificates.suites import DigestAlgorithm, SealingError, SignatureSuite, read_chain
from primitives.digests import sm3
from verifier.sm2 import IDENTITY
from verifier.sm2_signature import SM2_WITH_SM3, SM3, check_sm2_signature

SECONDS = 10
SM3_DIGEST = DigestAlgorithm(SM3, sm3)


def sm2_suite(key: Path, chain_pem: bytes) -> SignatureSuite:
    """Return the suite of an unprotected SM2 key in a file, which is read when it is to sign.

    Args:
        key: the file, PEM.
        chain_pem: the signer's certificate, then its issuers up to the root, which stays out of
            signatures.

    Raises:
        SealingError: the chain cannot be read.
    """
    carried = [one for one in read_chain(chain_pem) if one.subject != one.issuer]
    return SignatureSuite(
        tuple(carried), SM2_WITH_SM3, lambda data: sign_raw(key, data), SM3_DIGEST
    )


def sm2_issuers(chain_pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return whom signatures lead to: everybody in the chain but the signer.

    Raises:
        SealingError: the chain cannot be read, or there is nobody.
    """
    issuers = read_chain(chain_pem)[1:]
    if not issuers:
        raise SealingError("the SM2 chain holds no issuer of the signer's certificate")
    return issuers


def sign_file(
    suite: SignatureSuite, content: bytes, *, issuers: Sequence[x509.Certificate], at: datetime
) -> bytes:
    """Return the ``.p7s`` over a file, as DER: what stands in it is when, by whom and over what.

    Raises:
        SealingError: openssl cannot sign, or what it signs does not hold, as when the key is not
            that of the certificate.
    """
    digest = sm3(content)
    signature = sign(suite, digest, signed_at=at)
    found = check_sm2_signature(signature, digest, trust=issuers)
    if found.reason:
        raise SealingError(f"the SM2 signature does not hold: {found.reason.value}")
    return signature


def sign_raw(key: Path, data: bytes) -> bytes:
    """Return the signature over ``data`` under the default identity, r and s as DER.

    Raises:
        SealingError: openssl cannot sign.
    """
    identity = f"distid:{IDENTITY.decode('ascii')}"
    how = ("-rawin", "-digest", "sm3", "-pkeyopt", identity)
    return openssl("pkeyutl", "-sign", *how, "-inkey", key.resolve(), content=data)


def openssl(*arguments: str | Path, content: bytes = b"") -> bytes:
    """Run the ``openssl`` command on ``content`` and return what it writes.

    Raises:
        SealingError: it is not installed, refuses, or takes too long.
    """
    program = shutil.which("openssl")
    if program is None:
        raise SealingError("the openssl command is not installed")
    try:
        return subprocess.run(  # noqa: S603 # the arguments are ours
            [program, *arguments],
            input=content,
            capture_output=True,
            # No secret of ours reaches it, and without a terminal it asks for no passphrase.
            env={},
            start_new_session=True,
            timeout=SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        # Its own words may name what it read.
        raise SealingError(f"openssl {arguments[0]} failed: {type(error).__name__}") from error
