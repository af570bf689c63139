from registry.kinds import PartyKind
from registry.masking import masked_identifier, masked_name
from registry.models import Party


def person(**fields: str) -> Party:
    return Party(kind=PartyKind.NATURAL, **fields)


def test_of_a_natural_person_the_first_character_of_the_name_is_shown() -> None:
    assert [masked_name(person(name=name)) for name in ("张三", "欧阳某某", "𠮷田", "A")] == [
        "张**",
        "欧**",
        "𠮷**",
        "A**",
    ]


def test_of_a_resident_number_the_ends_are_shown_and_of_a_passport_one_character() -> None:
    assert masked_identifier(person(identifier="370102199001011234")) == "3701**********1234"
    assert masked_identifier(person(identifier="E12345678")) == "E*******8"


def test_organisations_are_shown_in_full() -> None:
    company = Party(kind=PartyKind.LEGAL, name="示例公司", identifier="91370100MA00000017")

    assert masked_name(company) == company.name
    assert masked_identifier(company) == company.identifier
