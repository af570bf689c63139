import pytest

from primitives.citations import cited


@pytest.mark.parametrize(
    ("source", "chinese"),
    [
        ("NDA35 art. 21(4)", "《数据产权登记工作指引（试行）》第21条第（4）项"),
        ("NDA35 art. 20, 21(5)", "《数据产权登记工作指引（试行）》第20条、第21条第（5）项"),
        ("NDA35 art. 18-21", "《数据产权登记工作指引（试行）》第18至21条"),
        ("NDA35 art. 16, Annex 1", "《数据产权登记工作指引（试行）》第16条附件1"),
        (
            "NDA35 art. 20; PIPL art. 13",
            "《数据产权登记工作指引（试行）》第20条；《个人信息保护法》第13条",
        ),
        (
            "DSL art. 30; NETREG art. 31, 33",
            "《数据安全法》第30条；《网络数据安全管理条例》第31条、第33条",
        ),
        ("BJ20", "北京市《关于更好发挥数据要素作用进一步加快发展数字经济的实施意见》"),
        ("GB 32100", "GB 32100"),
        ("invariant W4", "设计约束 W4"),
    ],
)
def test_a_source_is_spelled_out_in_chinese_and_kept_in_english(source: str, chinese: str) -> None:
    assert cited(source, "zh-hans") == chinese
    assert cited(source, "en") == source
