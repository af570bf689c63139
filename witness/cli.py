"""The console command ``quanji-witness``: make keys, show them, run the witness.

Exit code: 0 done, 2 with a reason on the error stream.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from primitives.durable_files import create_durably, make_directory
from tlog.cosignature import CosignatureSigner
from tlog.encoding import MalformedError
from tlog.keys import LogKey, WitnessSigner, parse_log_key, parse_witness_signer
from tlog.mldsa import MldsaSigner
from tlog.witness import StateDamagedError, Witness
from witness.server import WitnessServer
from witness.store import DirectoryStore

KEY_FILE = "witness.key"
LOGS = "logs"
MAX_PORT = 65_535


class ArgumentError(Exception):
    """An argument or the state cannot be used; the message says which and why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands and return the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.command(arguments)
    except (ArgumentError, OSError) as error:
        sys.stderr.write(f"quanji-witness: {error}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quanji-witness",
        description="Witness a transparency log: cosign only what extends all that was cosigned "
        "before, and keep the last checkpoint.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", metavar="DIR", type=Path, required=True, help="keys, checkpoints")

    init = commands.add_parser("init", parents=[state], help="make the witness's keys")
    init.add_argument("--name", required=True, help="such as witness.bank.example")
    init.add_argument("--ml-dsa-44", action="store_true", help="add a post-quantum key")
    init.set_defaults(command=_init)

    key = commands.add_parser("key", parents=[state], help="print the verifier keys, to hand out")
    key.set_defaults(command=_key)

    run = commands.add_parser("run", parents=[state], help="answer requests until interrupted")
    run.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:7380", help="%(default)s")
    run.add_argument(
        "--log",
        metavar="VKEY",
        action="append",
        required=True,
        help="a log's verifier key, or a file of it; one more for each further log or key",
    )
    run.set_defaults(command=_run)
    return parser


def _init(arguments: argparse.Namespace) -> None:
    kinds = [CosignatureSigner, MldsaSigner] if arguments.ml_dsa_44 else [CosignatureSigner]
    try:
        texts = [kind.generate(arguments.name).private_text() for kind in kinds]
    except MalformedError as error:
        raise ArgumentError(error) from error
    make_directory(arguments.state)
    path = arguments.state / KEY_FILE
    try:
        create_durably(path, "".join(f"{text}\n" for text in texts).encode())
    except FileExistsError as error:
        raise ArgumentError(f"{path} holds keys already; they are left as they are") from error
    _key(arguments)


def _key(arguments: argparse.Namespace) -> None:
    for cosigner in _cosigners(arguments.state):
        sys.stdout.write(f"{cosigner.verifier_key}\n")


def _run(arguments: argparse.Namespace) -> None:
    host, port = _address(arguments.listen)
    witness = Witness(
        cosigners=_cosigners(arguments.state),
        logs=_logs(arguments.log),
        store=DirectoryStore(arguments.state / LOGS),
    )
    for origin in witness.logs:
        sys.stderr.write(f"{_history(witness, origin)}\n")
    with WitnessServer(host, port, witness) as server:
        sys.stderr.write(f"listening on port {server.server_port}\n")
        sys.stderr.flush()
        server.serve_forever()


def _cosigners(state: Path) -> list[WitnessSigner]:
    path = state / KEY_FILE
    try:
        cosigners = [parse_witness_signer(line) for line in path.read_text().splitlines()]
    except (MalformedError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} does not hold the keys of a witness") from error
    if not cosigners:
        raise ArgumentError(f"{path} holds no key")
    return cosigners


def _logs(given: Sequence[str]) -> dict[str, list[LogKey]]:
    logs: dict[str, list[LogKey]] = {}
    for text in given:
        key = _log_key(text)
        logs.setdefault(key.name, []).append(key)
    return logs


def _log_key(given: str) -> LogKey:
    try:
        # A verifier key has plus signs; the name of a file seldom does.
        text = given if "+" in given else Path(given).read_text().strip()
        return parse_log_key(text)
    except (MalformedError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{given} is not a log's verifier key or a file of it") from error


def _history(witness: Witness, origin: str) -> str:
    """Say where the witness stands with a log."""
    try:
        checkpoint = witness.last_cosigned(origin)
    except StateDamagedError as error:
        raise ArgumentError(f"the state is damaged: {error}") from error
    if checkpoint is None:
        return f"{origin}: nothing cosigned yet; the first checkpoint that comes is taken as it is"
    return f"{origin}: cosigned up to {checkpoint.size} entries"


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > MAX_PORT:
        raise ArgumentError(f"{text} is not HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)
