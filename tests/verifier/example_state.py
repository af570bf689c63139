"""An example log that commits to the state of three assets, truly or not."""

from collections.abc import Sequence

from primitives.canonical_json import JsonObject
from tests.verifier.example import REGISTERED_AT, Log
from tlog.merkle import leaf_hash
from tlog.state_map import StateCommitment, StateItem, StateMap
from tlog.state_proof import StateProof
from verifier.state import StateVerdict, verify_state

FIRST, SECOND, THIRD = (f"asset:DA-00000000{number}" for number in (2, 4, 6))
BETWEEN, BEFORE, AFTER = "asset:DA-000000003", "asset:DA-000000001", "party:P-0123456789ABC"
PRESENT, ABSENT = [FIRST, SECOND, THIRD], [BEFORE, BETWEEN, AFTER]


class StateLog(Log):
    """A log with three assets that commits to whatever map it is told to."""

    def commit(
        self, items: Sequence[StateItem] | None = None, *, payload: JsonObject | None = None
    ) -> int:
        built = StateMap(items if items is not None else self.items())
        head = self.head()
        commitment = StateCommitment(
            tree_size=head.size, root=head.root, map_size=built.size, map_root=built.root
        )
        return self.append(
            "state.committed/1",
            {**commitment.payload(), **(payload or {})},
            recorded_at=REGISTERED_AT,
        )

    def items(self) -> list[StateItem]:
        return [
            StateItem(
                key=key, version=index + 1, index=index, leaf_hash=leaf_hash(self.entries[index])
            )
            for index, key in enumerate(PRESENT)
        ]

    def state_proof(self, key: str, commitment: int) -> str:
        found, items = StateMap(self.items()).prove(key)
        return StateProof(
            key=key,
            is_present=found is not None,
            items=items,
            commitment=self.prove(commitment).format(),
        ).format()

    def verify(self, text: str) -> StateVerdict:
        return verify_state(text, log_key=str(self.signer.verifier_key))
