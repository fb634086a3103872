"""What is looked for stands sealed in the address of a list."""

from django.http import QueryDict

from core import crypto
from core.sought import LABEL, LONGEST, opened, to_list
from tests.searching import sealed


def parameters(address: str) -> QueryDict:
    return QueryDict(address.partition("?")[2])


def test_the_list_gets_back_what_was_typed() -> None:
    address = to_list("issues:issue-list", {"words": " 张三 ", "state": "draft"}, "words").url
    assert "张三" not in address
    assert address.startswith("/issues/?words=")
    assert opened(parameters(address), "words").dict() == {"words": "张三", "state": "draft"}


def test_the_same_words_never_look_the_same() -> None:
    first, second = (to_list("issues:issue-list", {"words": "张三"}, "words").url for _ in "ab")
    assert first != second


def test_empty_boxes_leave_the_address_bare() -> None:
    assert to_list("issues:issue-list", {"words": "  ", "state": ""}, "words").url == "/issues/"


def test_a_search_has_an_end() -> None:
    address = to_list("issues:issue-list", {"words": "字" * 10_000}, "words").url
    assert opened(parameters(address), "words")["words"] == "字" * LONGEST
    assert len(address) < 500


def test_what_does_not_open_is_as_if_not_given() -> None:
    foreign = crypto.seal("张三", "visits.Target.name")
    cut = sealed("?words=张三")[:-3]
    for address in ("?words=张三", f"?words={foreign}", cut, "?words=", "?words=aes.00000000.AAAA"):
        assert opened(parameters(address + "&state=draft"), "words").dict() == {"state": "draft"}


def test_of_several_the_last_counts() -> None:
    query = parameters(sealed("?words=张三"))
    assert query["words"] != "张三"
    assert LABEL not in query["words"]
    assert opened(parameters(f"?words=x&{query.urlencode()}"), "words").getlist("words") == ["张三"]
