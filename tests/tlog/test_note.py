"""Signed notes: the published examples, rotation and witnesses, forgeries, malformed text."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from tlog.encoding import MalformedError, encode_base64
from tlog.errors import TlogError
from tlog.note import MAX_SIGNATURES, NoteSigner, SignatureError, VerifierKey, open_note, sign_note

# golang.org/x/mod, sumdb/note/example_test.go
GO_PRIVATE_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
GO_NOTE = f"{GO_TEXT}\n{GO_LINE}"

# c2sp.org/signed-note
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKu"
    "wHjG1Yu72IneyaQM=\n"
)

ALICE = NoteSigner("alice.example", Ed25519PrivateKey.from_private_bytes(b"a" * 32))
BOB = NoteSigner("bob.example", Ed25519PrivateKey.from_private_bytes(b"b" * 32))

note_texts = st.text(
    st.one_of(st.just("\n"), st.characters(exclude_categories=["Cs"], min_codepoint=32))
).map(lambda text: f"{text}\n")


def test_gos_example_is_signed_byte_for_byte() -> None:
    signer = NoteSigner.parse(GO_PRIVATE_KEY)
    assert sign_note(GO_TEXT, signer) == GO_NOTE
    assert signer.private_text() == GO_PRIVATE_KEY
    assert str(signer.verifier_key) == GO_KEY


def test_gos_example_with_two_signatures_is_signed_byte_for_byte() -> None:
    enoch = NoteSigner("EnochRoot", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    note = sign_note(GO_TEXT, NoteSigner.parse(GO_PRIVATE_KEY), enoch)
    assert note == GO_NOTE + ENOCH_LINE
    assert len(open_note(note, [enoch.verifier_key, VerifierKey.parse(GO_KEY)]).signatures) == 2


@pytest.mark.parametrize(("key", "note"), [(GO_KEY, GO_NOTE), (C2SP_KEY, C2SP_NOTE)])
def test_published_notes_open(key: str, note: str) -> None:
    verifier = VerifierKey.parse(key)
    opened = open_note(note, [verifier])
    assert opened.text == note[: note.index("\n\n") + 1]
    assert [(line.name, line.key_id) for line in opened.signatures] == [
        (verifier.name, verifier.key_id)
    ]


@given(note_texts)
@example("\n\n\n")
@example("— alice.example AAAAAAA=\n")
@example("text\n\n— alice.example AAAAAAA=\n")
def test_whatever_is_signed_opens_to_the_same_text(text: str) -> None:
    assert open_note(sign_note(text, ALICE), [ALICE.verifier_key]).text == text


@given(note_texts, st.data())
def test_a_changed_character_is_found(text: str, data: st.DataObject) -> None:
    note = sign_note(text, ALICE)
    place = data.draw(st.integers(0, len(note) - 1))
    changed = note[:place] + chr(ord(note[place]) ^ 1) + note[place + 1 :]
    # Only the last of the unused bits of the signature's base64 may differ.
    if place < len(note) - 4:
        with pytest.raises(TlogError):
            open_note(changed, [ALICE.verifier_key])


def test_signatures_of_unknown_keys_are_ignored() -> None:
    note = sign_note("text\n", BOB, ALICE)
    assert [line.name for line in open_note(note, [ALICE.verifier_key]).signatures] == [ALICE.name]


def test_a_known_name_with_another_key_is_an_unknown_key() -> None:
    successor = NoteSigner(ALICE.name, Ed25519PrivateKey.from_private_bytes(b"c" * 32))
    note = sign_note("text\n", successor, ALICE)
    assert open_note(note, [ALICE.verifier_key]).signatures[0].key_id == ALICE.key_id
    with pytest.raises(SignatureError, match="no known key"):
        open_note(sign_note("text\n", successor), [ALICE.verifier_key])


def test_an_unknown_signature_type_is_ignored() -> None:
    other_type = "— witness.example AAECAwQFBgcICQ==\n"
    note = sign_note("text\n", ALICE) + other_type
    assert open_note(note, [ALICE.verifier_key]).text == "text\n"


def test_one_false_signature_of_a_known_key_condemns_the_note() -> None:
    elsewhere = sign_note("another text\n", BOB).rpartition("\n\n")[2]
    note = sign_note("text\n", ALICE) + elsewhere
    with pytest.raises(SignatureError, match="false"):
        open_note(note, [ALICE.verifier_key, BOB.verifier_key])
    assert open_note(note, [ALICE.verifier_key]).text == "text\n"


def test_a_signature_of_the_wrong_length_is_false() -> None:
    short = encode_base64(ALICE.key_id + bytes(63))
    with pytest.raises(SignatureError, match="false"):
        open_note(f"text\n\n— {ALICE.name} {short}\n", [ALICE.verifier_key])


def test_a_note_trusted_by_nobody_is_refused() -> None:
    with pytest.raises(SignatureError):
        open_note(GO_NOTE, [])


def test_many_witnesses_may_sign() -> None:
    line = "— witness.example AAECAwQFBgcICQ==\n"
    note = sign_note("text\n", ALICE)
    assert open_note(note + line * (MAX_SIGNATURES - 1), [ALICE.verifier_key]).text == "text\n"
    with pytest.raises(MalformedError):
        open_note(note + line * MAX_SIGNATURES, [ALICE.verifier_key])


def test_unused_bits_of_a_signature_line_do_not_matter_as_in_go() -> None:
    respelt = GO_NOTE.replace("JnAM=\n", "JnAN=\n")
    assert open_note(respelt, [VerifierKey.parse(GO_KEY)]).text == GO_TEXT


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        GO_NOTE.removesuffix("\n"),
        GO_NOTE + "\n",
        GO_NOTE + "more\n",
        GO_NOTE.replace("\n", "\r\n"),
        GO_NOTE.replace("If", "I\x00f"),
        GO_NOTE.replace("If", "I\tf"),
        GO_NOTE.replace("If", "I\ud800f"),
        GO_NOTE.replace("— P", "- P"),
        GO_NOTE.replace("— P", "—  P"),
        GO_NOTE.replace("PeterNeumann", "Peter+Neumann"),
        GO_NOTE.replace("PeterNeumann", "Peter\u00a0Neumann"),
        GO_NOTE.replace("— PeterNeumann", "—"),
        GO_NOTE.replace("JnAM=", "JnAM"),
        GO_NOTE.replace("JnAM=", "JnAM=="),
        GO_NOTE.replace("/ZJk", "_ZJk"),
        GO_NOTE.replace("/ZJk", "/Z Jk"),
        f"{GO_TEXT}\n— PeterNeumann x08gow==\n",
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(MalformedError):
        open_note(note, [VerifierKey.parse(GO_KEY)])


@given(st.text())
def test_no_text_makes_the_parsers_fail_otherwise(text: str) -> None:
    for parse in (VerifierKey.parse, NoteSigner.parse, lambda text: open_note(text, [])):
        with pytest.raises(TlogError):
            parse(text)


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "a\rb\n", "\ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedError):
        sign_note(text, ALICE)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb", "\ud800"])
def test_a_key_has_a_name_that_fits_a_line(name: str) -> None:
    with pytest.raises(MalformedError):
        NoteSigner.generate(name)
    with pytest.raises(MalformedError):
        VerifierKey(name, bytes(32))


def test_a_fresh_key_survives_its_text_forms() -> None:
    signer = NoteSigner.generate("ledger.example/权籍")
    again = NoteSigner.parse(signer.private_text())
    assert again.verifier_key == signer.verifier_key
    assert VerifierKey.parse(str(signer.verifier_key)) == signer.verifier_key
    assert open_note(sign_note("text\n", again), [signer.verifier_key]).text == "text\n"


@pytest.mark.parametrize(
    "text",
    [
        GO_KEY + "=",
        GO_KEY[:-1],
        GO_KEY.replace("c74f", "C74F"),
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("PeterNeumann", "PeterNewmann"),
        GO_KEY.replace("+ARpc", "+Ahpc"),
        GO_KEY + "\n",
        GO_PRIVATE_KEY,
    ],
)
def test_a_verifier_key_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedError):
        VerifierKey.parse(text)


def test_an_ed25519_key_has_32_bytes() -> None:
    with pytest.raises(MalformedError):
        VerifierKey("alice.example", bytes(31))


@pytest.mark.parametrize(
    "text",
    [
        GO_PRIVATE_KEY + "\n",
        GO_PRIVATE_KEY.replace("c74f20a3", "c74f20a4"),
        GO_PRIVATE_KEY.replace("+AYEK", "+AoEK"),
        GO_PRIVATE_KEY[:-1],
        GO_PRIVATE_KEY.removeprefix("PRIVATE+"),
    ],
)
def test_a_malformed_private_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        NoteSigner.parse(text)
    assert "YEKFALVFGyN" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_signer_does_not_show_its_secret() -> None:
    assert "AYEK" not in f"{NoteSigner.parse(GO_PRIVATE_KEY)!r}"
