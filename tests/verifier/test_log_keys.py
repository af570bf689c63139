"""The keys that a verifier trusts: of the log, post-quantum beside it, and of its predecessors."""

import pytest

from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.cosignature import CosignatureSigner
from tlog.encoding import MalformedError
from tlog.mldsa import MldsaSigner
from tlog.note import NoteSigner, SignatureError
from verifier.log_keys import LogKeys

LOG = NoteSigner.generate("log.example/2")
POST_QUANTUM = MldsaSigner.generate("log.example/2")
PREDECESSOR = NoteSigner.generate("log.example/1")
TEXT = "".join(f"{signer.verifier_key}\n" for signer in (LOG, POST_QUANTUM, PREDECESSOR))


def checkpoint(signer: NoteSigner, *others: MldsaSigner) -> str:
    body = Checkpoint(origin=signer.name, size=3, root=bytes(32))
    return sign_checkpoint(body, signer, *(other.at(1_700_000_000) for other in others))


def opened(note: str) -> Checkpoint:
    keys = LogKeys.parse(TEXT)
    return open_checkpoint(note, keys.of(note), *keys.others)


def test_each_checkpoint_is_held_against_the_key_of_its_origin() -> None:
    for signer in (LOG, PREDECESSOR):
        assert opened(checkpoint(signer)).origin == signer.name


def test_a_post_quantum_line_counts_when_its_key_is_known() -> None:
    note = checkpoint(LOG, POST_QUANTUM)
    assert opened(note).size == 3

    other = checkpoint(LOG, MldsaSigner.generate(LOG.name))
    assert opened(other).size == 3  # a key that nobody knows is ignored

    line = note.splitlines()[-1]
    broken = note.replace(line, line[:-8] + ("A" * 8 if line[-8:] != "A" * 8 else "B" * 8))
    with pytest.raises(SignatureError, match="false"):
        opened(broken)


def test_the_post_quantum_key_alone_does_not_sign_for_the_log() -> None:
    body = Checkpoint(origin=LOG.name, size=3, root=bytes(32))
    note = sign_checkpoint(body, POST_QUANTUM.at(1_700_000_000))

    with pytest.raises(SignatureError, match="did not sign"):
        opened(note)


def test_a_log_that_nobody_named_is_refused() -> None:
    with pytest.raises(SignatureError):
        opened(checkpoint(NoteSigner.generate("other.example/log")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        f"{LOG.verifier_key}\nnonsense\n",
        f"{POST_QUANTUM.verifier_key}\n",
        f"{CosignatureSigner.generate('w').verifier_key}\n",
    ],
    ids=["empty", "nonsense", "a line of nonsense", "no Ed25519", "a cosigner"],
)
def test_text_without_a_key_of_a_log_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        LogKeys.parse(text)
