"""The rules of provenance, each under its number."""

from primitives.rules import broken
from registry.provenance import (
    SOURCE_RULES,
    SourceFacts,
    cites_earlier_version,
    is_not_its_own_source,
)


def facts(
    *, source_sha256: str = "b" * 64, is_registered: bool = True, is_external: bool = False
) -> SourceFacts:
    return SourceFacts(
        derived_sha256="a" * 64,
        source_sha256=source_sha256,
        source_is_registered=is_registered,
        is_external=is_external,
    )


def test_prv_1_a_source_is_registered_before_what_is_derived_from_it() -> None:
    assert broken(SOURCE_RULES, facts()) == ()
    assert broken(SOURCE_RULES, facts(is_registered=False)) == (cites_earlier_version,)


def test_prv_1_a_source_outside_the_register_need_not_be_registered() -> None:
    assert broken(SOURCE_RULES, facts(is_registered=False, is_external=True)) == ()


def test_prv_2_data_is_not_its_own_source() -> None:
    assert broken(SOURCE_RULES, facts(source_sha256="a" * 64)) == (is_not_its_own_source,)
