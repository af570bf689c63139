"""The console command: keys are made once and guarded; wrong arguments are named."""

import stat
from pathlib import Path

import pytest

from tests.tlog.witnessing import LOG, WITNESS
from tlog.keys import parse_witness_key
from witness.cli import main


def said(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    captured = capsys.readouterr()
    return captured.out.splitlines(), captured.err


def test_keys_are_made_once_and_shown_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "a" / "state")
    assert main(["init", "--state", state, "--name", "witness.example", "--ml-dsa-44"]) == 0
    made, _ = said(capsys)
    assert [parse_witness_key(line).signature_type for line in made] == [4, 6]
    assert {parse_witness_key(line).name for line in made} == {"witness.example"}

    assert main(["init", "--state", state, "--name", "witness.example"]) == 2
    assert "already" in said(capsys)[1]
    assert main(["key", "--state", state]) == 0
    assert said(capsys)[0] == made

    key_file = Path(state) / "witness.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert list(key_file.parent.iterdir()) == [key_file]


def test_without_the_option_there_is_one_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--state", str(tmp_path), "--name", "witness.example"]) == 0
    assert [parse_witness_key(line).signature_type for line in said(capsys)[0]] == [4]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--log", "nowhere.txt"], "nowhere.txt"),
        (["--log", "a+b"], "not a log's verifier key"),
        (["--log", str(WITNESS.verifier_key)], "not a log's verifier key"),
        (["--log", str(LOG.verifier_key), "--listen", "7380"], "HOST:PORT"),
        (["--log", str(LOG.verifier_key), "--listen", "127.0.0.1:65536"], "HOST:PORT"),
        (["--log", str(LOG.verifier_key), "--listen", "127.0.0.1:-1"], "HOST:PORT"),
    ],
)
def test_what_cannot_be_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    main(["init", "--state", str(tmp_path), "--name", "witness.example"])
    assert main(["run", "--state", str(tmp_path), *options]) == 2
    assert says in said(capsys)[1]


@pytest.mark.parametrize("content", [None, b"", b"secret\n", b"\xff", LOG.private_text().encode()])
def test_a_state_without_a_witnesss_key_is_refused_and_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "witness.key").write_bytes(content)
    assert main(["key", "--state", str(tmp_path)]) == 2
    out, error = said(capsys)
    assert out == []
    assert "witness.key" in error
    assert "secret" not in error
    assert LOG.private_text()[-20:] not in error


def test_a_name_that_fits_no_key_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--state", str(tmp_path), "--name", "a b"]) == 2
    assert "not the name of a key" in said(capsys)[1]
    assert list(tmp_path.iterdir()) == []


def test_a_log_key_may_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--state", str(tmp_path), "--name", "witness.example"])
    file = tmp_path / "log_key.txt"
    file.write_text(f"{LOG.verifier_key}\n")
    # The address is looked at first, so that nothing is served here.
    assert main(["run", "--state", str(tmp_path), "--log", str(file), "--listen", "x"]) == 2
    assert "HOST:PORT" in said(capsys)[1]
