"""Ways beside the box: delivered once, backed off when they fail, and seen to fail."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from core.choices import Addressee, ChannelKind
from core.jobs import run
from core.models import AuditEntry, Channel, Digest, Job, Notice, Reminder
from core.notices import channels, outbox, reminders
from core.notices.addresses import BadAddress, check
from core.notices.carriers import Text
from core.notices.delivery import CannotDeliver, deliver_text
from core.notices.reminders import Due, Kind
from core.notices.steps import Span
from organisation.models import User
from tests.receivers import MailServer, Robot, mail_server, robot
from tests.telling import box, tell

DAY = date(2030, 3, 18)
TEXT = Text("主题", "【遍访】正文", "k1")
ROBOTS = [kind for kind in ChannelKind if kind != ChannelKind.EMAIL]


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[Robot]:
    """A robot of an inner network, as the setting allows one."""
    settings.WEBHOOKS_INSIDE = True  # type: ignore[attr-defined]
    with robot(tmp_path) as found:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(found.certificate))
        yield found


@pytest.fixture
def mail(settings: object) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port  # type: ignore
        yield server


@pytest.fixture
def matter(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(span: Span) -> Iterator[Due]:
        yield Due(1, "张三的秘密", "/1/", DAY, lambda to: (person.pk,) * (to == Addressee.PERSON))

    def holding(rows: Sequence[Reminder]) -> list[int]:
        return [row.pk for row in rows]

    monkeypatch.setattr(reminders, "_kinds", {"matter": Kind("问题整改", find, holding)})


def channel(person: User, kind: str, address: str, secret: str = "") -> Channel:
    return channels.set_channel(person=person, kind=kind, address=address, secret=secret)


### What arrives


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_digest_goes_to_the_box_and_to_the_robot_once(
    person: User, matter: None, group: Robot, kind: str
) -> None:
    channel(person, kind, group.address())
    tell(DAY)
    tell(DAY, 16)
    assert len(group.hits) == len(box(person)) == 1
    assert Digest.objects.filter(state=Digest.State.SENT).count() == 2


@pytest.mark.parametrize("kind", ROBOTS)
def test_what_leaves_the_house_names_nobody_and_nothing(
    person: User, matter: None, group: Robot, kind: str
) -> None:
    channel(person, kind, group.address())
    tell(DAY)
    ((_, said),) = group.hits
    assert "您今天有 1 项提醒：问题整改 1 项" in str(said)
    assert "张三" not in str(said)
    assert "秘密" not in str(said)


def test_the_body_is_the_one_that_each_robot_reads(person: User, group: Robot) -> None:
    for kind in ROBOTS:
        deliver_text(channel(person, kind, group.address()), TEXT)
    (_, wecom), (_, dingtalk), (_, feishu), (path, other) = group.hits
    assert wecom == dingtalk == {"msgtype": "text", "text": {"content": TEXT.body}}
    assert feishu == {"msg_type": "text", "content": {"text": TEXT.body}}
    assert (path, other["message"]) == ("/robot/send?key=a", TEXT.body)


def test_the_signatures_are_those_that_the_robots_reckon(person: User, group: Robot) -> None:
    for kind in (ChannelKind.DINGTALK, ChannelKind.FEISHU):
        deliver_text(channel(person, kind, group.address(), secret="SECx"), TEXT)
    (path, _), (_, feishu) = group.hits
    query = dict(part.split("=", 1) for part in path.partition("?")[2].split("&"))
    from urllib.parse import unquote

    stamp, sign = query["timestamp"], unquote(query["sign"])
    assert sign == _hmac(b"SECx", f"{stamp}\nSECx".encode())
    assert len(stamp) == 13
    assert feishu["sign"] == _hmac(f"{feishu['timestamp']}\nSECx".encode(), b"")


def _hmac(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def test_a_letter_goes_to_the_address_and_names_nobody(
    person: User, matter: None, mail: MailServer
) -> None:
    channel(person, ChannelKind.EMAIL, "a@example.cn")
    tell(DAY)
    tell(DAY, 16)
    (letter,) = mail.letters
    assert letter["To"] == "a@example.cn"
    assert letter["Message-ID"].startswith(f"<digest-{Digest.objects.get(way='email').pk}@")
    assert "张三" not in letter.get_payload(decode=True).decode()  # type: ignore[union-attr]


### What does not arrive


@pytest.mark.parametrize("kind", [ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU])
@pytest.mark.parametrize(
    "answer", [b'{"errcode": 310000, "code": 19021, "errmsg": "keywords"}', b"<html>", b"[]", b""]
)
def test_a_refusal_with_status_200_is_a_failure(
    person: User, group: Robot, kind: str, answer: bytes
) -> None:
    group.answer = answer
    own = channel(person, kind, group.address())
    with pytest.raises(CannotDeliver):
        deliver_text(own, TEXT)
    own.refresh_from_db()
    assert own.failing_since
    assert own.error


@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize("status", [302, 404, 500])
def test_no_other_status_passes_and_no_redirect_is_followed(
    person: User, group: Robot, kind: str, status: int
) -> None:
    group.status, group.location = status, group.address("/elsewhere")
    own = channel(person, kind, group.address())
    with pytest.raises(CannotDeliver):
        deliver_text(own, TEXT)
    assert [path for path, _ in group.hits] == ["/robot/send?key=a"]


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_certificate_of_nobody_is_refused(
    person: User, group: Robot, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(CannotDeliver):
        deliver_text(channel(person, kind, group.address()), TEXT)
    assert group.hits == []


def test_a_failing_channel_is_tried_again_later_each_time_later_still(
    person: User, matter: None, group: Robot
) -> None:
    channel(person, ChannelKind.WECOM, group.address())
    group.status = 500
    tell(DAY)
    waits = []
    for _ in range(outbox.ATTEMPTS - 1):
        digest = Digest.objects.get(way="wecom")
        waits.append(round((digest.next_try_at - timezone.now()).total_seconds() / 60))
        tell(DAY)
        assert len(group.hits) == len(waits), "not before its time"
        Digest.objects.filter(pk=digest.pk).update(next_try_at=timezone.now())
        tell(DAY)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240]
    assert Digest.objects.get(way="wecom").state == Digest.State.FAILED
    assert len(box(person)) == 1, "the box does not wait for the robot"


def test_a_channel_that_works_again_has_nothing_to_tell(
    person: User, matter: None, group: Robot
) -> None:
    own = channel(person, ChannelKind.WECOM, group.address())
    group.status = 500
    tell(DAY)
    group.status = 200
    Digest.objects.filter(way="wecom").update(next_try_at=timezone.now())
    tell(DAY)
    own.refresh_from_db()
    assert (own.failing_since, own.error) == (None, "")
    assert own.delivered_at
    assert Digest.objects.get(way="wecom").state == Digest.State.SENT


def test_a_silent_mail_server_is_asked_once_in_a_run(
    person: User, stranger: User, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred people must not wait ten seconds each for the same dead server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore

    def find(span: Span) -> Iterator[Due]:
        both = (person.pk, stranger.pk)
        yield Due(1, "事", "/1/", DAY, lambda to: both if to == Addressee.PERSON else ())

    kind = Kind("事", find, lambda rows: [row.pk for row in rows])
    monkeypatch.setattr(reminders, "_kinds", {"matter": kind})
    for each in (person, stranger):
        channel(each, ChannelKind.EMAIL, f"{each.username}@example.cn")
    tell(DAY)
    waiting = Digest.objects.filter(way="email", state=Digest.State.WAITING)
    assert [digest.attempts for digest in waiting] == [1, 1]
    assert Channel.objects.filter(failing_since__isnull=False).count() == 1, "one was asked"


def test_a_failed_digest_is_sent_again_on_demand(person: User, matter: None, group: Robot) -> None:
    channel(person, ChannelKind.WECOM, group.address())
    tell(DAY)
    Digest.objects.filter(way="wecom").update(state=Digest.State.FAILED, attempts=12)
    assert outbox.try_again(person=person, way="wecom") == 1
    tell(DAY)
    assert len(group.hits) == 2


def test_a_dropped_channel_gets_nothing_more(person: User, matter: None, group: Robot) -> None:
    own = channel(person, ChannelKind.WECOM, group.address())
    group.status = 500
    tell(DAY)
    channels.drop_channel(channel=own, actor=person)
    Digest.objects.update(next_try_at=timezone.now())
    tell(DAY)
    assert len(group.hits) == 1
    assert Digest.objects.get(way="wecom").state == Digest.State.QUIET


### What may be entered


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.8/x",
        "https://192.168.1.20/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[::ffff:10.0.0.8]/x",
        "https://[64:ff9b::a00:8]/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "https://no-such-host.invalid/x",
        "https://user:word@example.com/x",
        "https:///x",
        "https://example.com:port/x",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "jsons://example.com/x",
        "机器人",
    ],
)
@pytest.mark.parametrize("kind", ROBOTS)
def test_no_address_without_tls_or_inside_is_taken(db: None, kind: str, address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        check(kind, address)
    assert str(refused.value).endswith("。")


def test_the_setting_allows_the_inside_but_never_plain_http(db: None, settings: object) -> None:
    settings.WEBHOOKS_INSIDE = True  # type: ignore[attr-defined]
    check(ChannelKind.OTHER, "https://127.0.0.1/x")
    with pytest.raises(BadAddress):
        check(ChannelKind.OTHER, "http://127.0.0.1/x")


def test_the_addresses_of_the_three_are_taken(db: None) -> None:
    check(ChannelKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a")
    check(ChannelKind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=a")
    check(ChannelKind.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/a")


@pytest.mark.parametrize(
    ("kind", "address", "missing"),
    [
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "key="),
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…", "key="),
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?monkey=a", "key="),
        (ChannelKind.DINGTALK, "https://oapi.dingtalk.com/robot/send", "access_token="),
        (
            ChannelKind.DINGTALK,
            "https://oapi.dingtalk.com/robot/send?access_token=",
            "access_token=",
        ),
        (ChannelKind.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/", "hook/"),
        (ChannelKind.FEISHU, "https://open.feishu.cn/", "hook/"),
    ],
)
def test_an_address_without_what_the_robot_is_known_by_is_refused(
    db: None, kind: str, address: str, missing: str
) -> None:
    said = f"缺少「{re.escape(missing)}」后面的一串。.*Webhook 地址整条复制过来。$"
    with pytest.raises(BadAddress, match=said):
        check(kind, address)


def test_a_robot_of_one_kind_is_none_of_another(db: None) -> None:
    with pytest.raises(BadAddress, match="不是该机器人"):
        check(ChannelKind.WECOM, "https://8.8.8.8/cgi-bin/webhook/send?key=a")


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_name_that_moved_inside_after_it_was_entered_reaches_nothing(
    person: User, group: Robot, settings: object, kind: str
) -> None:
    """The name was the internet's when it was entered, and stands for this machine now."""
    own = channel(person, kind, group.address())
    settings.WEBHOOKS_INSIDE = False  # type: ignore[attr-defined]
    with pytest.raises(CannotDeliver):
        deliver_text(own, TEXT)
    assert group.hits == []
    settings.WEBHOOKS_INSIDE = True  # type: ignore[attr-defined]
    deliver_text(own, TEXT)
    assert len(group.hits) == 1, "with the guard off it does reach it"


def test_the_address_is_sealed_in_the_database(person: User, group: Robot) -> None:
    own = channel(person, ChannelKind.WECOM, group.address(), secret="SECx")
    stored = Channel.objects.filter(pk=own.pk).values_list("address", "secret").get()
    assert all("localhost" not in value.stored and "SECx" not in value.stored for value in stored)
    assert "localhost" not in str(AuditEntry.objects.values_list("detail", flat=True))


### The pages


def page(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def test_a_trial_is_sent_by_the_worker_and_its_failure_is_told(person: User, group: Robot) -> None:
    channel(person, ChannelKind.WECOM, group.address())
    group.status = 404
    browser = page(person)
    assert browser.post("/inbox/channels/wecom/try/").status_code == 302
    job = Job.objects.get(kind=channels.TRIAL)
    run(str(job.pk), channels.try_channel)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert browser.get("/inbox/channels/").content.decode().count("（404）") == 1  # said once
    group.status = 200
    run(
        str(channels.request_trial(channel=Channel.objects.get(), person=person).pk),
        channels.try_channel,
    )
    assert "最近送达" in browser.get("/inbox/channels/").content.decode()


def test_a_bad_address_comes_back_with_its_reason(person: User) -> None:
    response = page(person).post("/inbox/channels/other/", {"address": "http://a.example/x"})
    assert "要以 https:// 开头" in response.content.decode()
    assert Channel.objects.count() == 0


def test_email_is_offered_only_where_a_server_is_set(person: User, settings: object) -> None:
    settings.EMAIL_HOST = ""  # type: ignore[attr-defined]
    assert page(person).get("/inbox/channels/email/").status_code == 404
    settings.EMAIL_HOST = "mail.example.cn"  # type: ignore[attr-defined]
    assert page(person).get("/inbox/channels/email/").status_code == 200


def test_an_address_is_never_shown_again(person: User, group: Robot) -> None:
    channel(person, ChannelKind.WECOM, group.address())
    browser = page(person)
    for path in ("/inbox/channels/", "/inbox/channels/wecom/"):
        assert "localhost" not in browser.get(path).content.decode()


def test_the_box_shows_each_line_and_opens_it(person: User, matter: None) -> None:
    tell(DAY)
    browser = page(person)
    assert "张三的秘密" in browser.get("/inbox/").content.decode()
    line = Reminder.objects.get()
    response = browser.post(f"/inbox/lines/{line.pk}/")
    assert response["Location"] == "/1/"
    assert Notice.objects.get().read_at


def test_nobody_opens_the_lines_of_others(person: User, stranger: User, matter: None) -> None:
    tell(DAY)
    line = Reminder.objects.get()
    assert page(stranger).post(f"/inbox/lines/{line.pk}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_box_costs_the_same_for_one_digest_and_for_three(
    person: User, matter: None, rows: int, django_assert_num_queries: object
) -> None:
    for n in range(rows):
        digest = Digest.objects.create(
            person=person, way="inbox", day=DAY + timedelta(days=n), next_try_at=timezone.now()
        )
        Notice.objects.create(event=f"d{n}", person=person, title="提醒", digest=digest)
    browser = page(person)
    browser.get("/inbox/")
    with django_assert_num_queries(9):  # type: ignore[operator]
        browser.get("/inbox/")


def test_of_a_long_digest_twenty_lines_are_read_and_the_rest_is_counted(person: User) -> None:
    digest = Digest.objects.create(person=person, way="inbox", day=DAY, next_try_at=timezone.now())
    Notice.objects.create(event="long", person=person, title="提醒", digest=digest)
    Reminder.objects.bulk_create(
        Reminder(
            event=f"e{n}", person=person, way="inbox", kind="matter", subject=n,
            addressee=Addressee.PERSON, title=f"第{n:02}件", due_on=DAY, digest=digest,
            is_quiet=n == 1,
        )
        for n in range(1, 25)
    )  # fmt: skip
    response = page(person).get("/inbox/")
    (notice,) = response.context["page"].rows
    assert [line.title for line in notice.digest.lines] == [f"第{n:02}件" for n in range(2, 22)]
    assert "共 23 项，其余请到首页" in response.content.decode()
