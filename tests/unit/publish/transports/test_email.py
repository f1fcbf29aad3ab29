"""Mails on their way to a real server: what stands in them, and what its answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
import pytest

from newsfeed.deliveries import delivery_id
from newsfeed.testing.deliveries import delivery_fields, destination
from newsfeed.testing.mail_servers import MailServer, mail_server
from newsfeed.tokens import Links, link_key
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Handshaking, Outcome
from services.publish.transports.email import Email
from services.publish.transports.mail import written
from services.publish.transports.smtp import TOTAL_SECONDS

ADA = destination("ada@reader.example")


def settings_for(server: MailServer, var: Path, **fields: object) -> PublishSettings:
    usual: dict[str, object] = {
        "var": var,
        "public_url": "https://news.example",
        "smtp_host": "127.0.0.1",
        "smtp_port": server.port,
        "smtp_tls": "off",
        "smtp_from": "digests@news.example",
    }
    return PublishSettings.model_validate({**usual, **fields})


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
async def email(server: MailServer, tmp_path: Path) -> AsyncIterator[Email]:
    transport = Email(settings_for(server, tmp_path))
    yield transport
    await transport.close()


def delivery(**fields: Any) -> Delivery:  # noqa: ANN401 any of its fields
    return Delivery(**delivery_fields(**fields))


async def test_a_mail_has_the_text_and_the_page_as_they_were_frozen(email: Email, server: MailServer) -> None:
    """Every reader sees the same digest, whatever the way out; also in other scripts, and in long lines."""
    bodies = {
        "json": b"{}",
        "text": "Latest\n\nقُرئ الخبر\n😀 – ]]>\n".encode(),
        "html": ("<p dir=rtl>قُرئ الخبر" + "x" * 3000 + "</p>\n").encode(),
    }
    await email.send(delivery(bodies=bodies), ADA)
    message = server.got[0].message
    assert message.get_content_type() == "multipart/alternative"
    text, page = message.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    sent = [part.get_content().replace("\r\n", "\n").encode() for part in (text, page)]
    assert sent[0].startswith(bodies["text"])
    assert sent[1].startswith(bodies["html"])
    assert max(map(len, server.got[0].data.splitlines())) <= 998


@pytest.mark.parametrize(
    ("language", "leave"),
    [
        ("ar", "إلغاء الاشتراك"),
        ("de", "Abbestellen"),
        ("en", "Unsubscribe"),
        ("es", "Cancelar la suscripción"),
        ("fr", "Se désabonner"),
        ("tlh", "Unsubscribe"),
    ],
)
async def test_a_reader_sees_how_to_leave(
    email: Email, server: MailServer, language: str, leave: str
) -> None:
    """In text and page, in the language of the digest: few mail programs show what the headers say."""
    page = f'<!DOCTYPE html>\n<html lang="{language}" dir="ltr">\n<body>\n<p>x</p>\n</body>\n</html>\n'
    named = orjson.dumps({"channel_title": "Ada & <b>"})
    await email.send(delivery(bodies={"json": named, "text": b"x\n", "html": page.encode()}), ADA)
    message = server.got[0].message
    link = str(message["List-Unsubscribe"]).strip("<>")
    text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())

    assert f"{leave}: {link}\n" in text
    assert "Ada & <b>" in text
    assert f'<a href="{link}">{leave}</a></p>\n</body>\n</html>' in html
    assert "Ada &amp; &lt;b&gt;" in html


async def test_one_link_ends_the_subscription_with_one_click(
    email: Email, server: MailServer, tmp_path: Path
) -> None:
    """RFC 8058: exactly one address, by https, and the word that a POST to it is enough."""
    await email.send(delivery(), ADA)
    message = server.got[0].message
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    (link,) = message.get_all("List-Unsubscribe", [])
    address, token = str(link).strip("<>").split("?token=")
    assert address == "https://news.example/unsubscribe"
    links = Links(link_key(tmp_path))
    assert links.subscription_id("unsubscribe", token) == "ada"
    assert links.subscription_id("confirm", token) is None


async def test_a_mail_says_that_a_program_sent_it_to_a_list(email: Email, server: MailServer) -> None:
    """So that nobody's holiday notice comes back, and rules of mailboxes can sort it."""
    await email.send(delivery(), ADA)
    message = server.got[0].message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["List-Id"] == "<latest.news.example>"
    assert message["Date"].datetime == delivery().occurred_at
    assert message["Subject"] == "latest 3: Ada opens bridge"
    assert (server.got[0].sender, server.got[0].to) == ("digests@news.example", "ada@reader.example")


async def test_the_id_and_the_bytes_are_the_same_on_every_attempt(email: Email, server: MailServer) -> None:
    """A mailbox shows a repeated mail once."""
    server.data_answer = "451 4.3.0 later"
    assert (await email.send(delivery(attempt=1), ADA)).verdict == "retry"
    server.data_answer = "250 OK"
    await email.send(delivery(attempt=2), ADA)
    await email.send(delivery(attempt=3), ADA)
    assert server.got[0] == server.got[1]
    assert server.got[0].identity == f"<{delivery_id('latest', 3, 'ada')}@news.example>"


async def test_a_correction_answers_the_mail_that_it_corrects(email: Email, server: MailServer) -> None:
    """A mail program puts it under the digest with the mistake."""
    await email.send(delivery(number=2, corrects=()), ADA)
    await email.send(delivery(number=4, corrects=(2, 3)), ADA)
    first, correction = (mail.message for mail in server.got)
    third = f"<{delivery_id('latest', 3, 'ada')}@news.example>"
    assert first["In-Reply-To"] is None
    assert correction["In-Reply-To"] == third
    assert str(correction["References"]).split() == [first["Message-ID"], third]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"recipient_answer": "451 4.7.1 greylisted"}, Outcome("retry", "deferred", 451)),
        ({"recipient_answer": "550 5.1.1 no such user"}, Outcome("refused", "bounced", 550)),
        ({"recipient_answer": "550 unknown"}, Outcome("refused", "bounced", 550)),
        ({"recipient_answer": "550 5.7.1 blocked"}, Outcome("refused", "mail_refused", 550)),
        ({"sender_answer": "452 4.3.1 full"}, Outcome("retry", "deferred", 452)),
        ({"sender_answer": "553 5.7.1 not yours"}, Outcome("refused", "mail_refused", 553)),
        ({"data_answer": "451 4.3.0 later"}, Outcome("retry", "deferred", 451)),
        ({"data_answer": "554 5.6.0 no"}, Outcome("refused", "mail_refused", 554)),
        ({"data_answer": "550 5.1.1 no such user"}, Outcome("refused", "bounced", 550)),
        ({"data_answer": "421 4.3.2 closing"}, Outcome("retry", "deferred", 421)),
        ({"manner": "cut"}, Outcome("retry", "cut")),
    ],
)
async def test_an_answer_has_a_meaning(
    email: Email, server: MailServer, answers: dict[str, str], outcome: Outcome
) -> None:
    """4xx is tried again, 5xx is not, and only an address that does not exist has bounced."""
    for name, value in answers.items():
        setattr(server, name, value)
    assert await email.send(delivery(), ADA) == outcome
    assert server.got == []
    for name in ("recipient_answer", "sender_answer", "data_answer"):
        setattr(server, name, "250 OK")
    server.manner = "take"
    assert (await email.send(delivery(), ADA)).verdict == "delivered"


async def test_a_slow_server_is_given_up(server: MailServer, tmp_path: Path) -> None:
    """An attempt ends before its lease does; the next one is tried on another connection."""
    server.manner = "hang"
    email = Email(settings_for(server, tmp_path), total_seconds=1)
    assert await email.send(delivery(), ADA) == Outcome("retry", "timeout")
    server.manner = "take"
    email._relay._total_seconds = TOTAL_SECONDS
    assert (await email.send(delivery(), ADA)).verdict == "delivered"
    await email.close()


async def test_no_server_is_no_reason_to_give_up(tmp_path: Path) -> None:
    """Nobody listens there; nothing has happened to the mail."""
    async with mail_server() as server:
        settings = settings_for(server, tmp_path)
    email = Email(settings)
    assert await email.send(delivery(), ADA) == Outcome("retry", "unreachable")
    await email.close()


async def test_without_tls_nothing_is_said_to_a_server_that_must_have_it(
    server: MailServer, tmp_path: Path
) -> None:
    """Whoever sits between could take STARTTLS out of the conversation."""
    for user in ("", "we"):
        email = Email(settings_for(server, tmp_path, smtp_tls="starttls", smtp_user=user, smtp_password=user))
        assert (await email.send(delivery(), ADA)).verdict == "retry"
        assert server.got == []
        await email.close()


async def test_connections_are_used_again_and_few(server: MailServer, tmp_path: Path) -> None:
    """A server must not be met by a connection for each of ten thousand readers."""
    email = Email(settings_for(server, tmp_path, smtp_connections=3))
    outcomes = await asyncio.gather(*(email.send(delivery(number=n), ADA) for n in range(1, 31)))
    assert {one.verdict for one in outcomes} == {"delivered"}
    assert server.connections <= 2 * 3
    await email.close()


async def test_a_connection_that_the_server_ended_meanwhile_costs_nothing(
    email: Email, server: MailServer
) -> None:
    """Servers hang up on who says nothing for a while; that is no failure of the next mail."""
    for number in (1, 2, 3):
        assert (await email.send(delivery(number=number), ADA)).verdict == "delivered"
        await server.hang_up()
    assert server.connections == 3


@pytest.mark.parametrize(
    "title",
    [
        "Bridge\r\nBcc: eve@evil.example",
        "Bridge\nX: y",
        "Bridge\rX: y",
        "Bridge\0",
        "B\u2028X: y",
        "\x85Bcc: e",
    ],
)
async def test_a_title_cannot_become_a_header(email: Email, server: MailServer, title: str) -> None:
    """Titles come from outside."""
    await email.send(delivery(), ADA)
    body = {"channel_title": title, "items": [{"title": title}]}
    bodies = {**delivery().bodies, "json": orjson.dumps(body)}
    await email.send(delivery(bodies=bodies), ADA)
    usual, hostile = (mail.message for mail in server.got)
    assert hostile.keys() == usual.keys()
    assert "Bcc" not in hostile


@pytest.mark.parametrize("value", ["x\r\nBcc: eve@evil.example", "x\nBcc: e", "x\rBcc: e", "x\0", "x\r\n"])
def test_no_field_can_begin_a_line_of_its_own(value: str) -> None:
    """Whatever lets a line break through before, the mail is not written."""
    with pytest.raises(ValueError, match="line break"):
        written([("Subject", value)], EmailMessage())


async def test_a_title_in_any_script_arrives(email: Email, server: MailServer) -> None:
    """In words of RFC 2047, none longer than 75 characters."""
    title = "Новый мост через реку открыт после трёх лет работы 😀 والجسر"
    await email.send(
        delivery(bodies={**delivery().bodies, "json": orjson.dumps({"items": [{"title": title}]})}),
        ADA,
    )
    mail = server.got[0]
    assert mail.message["Subject"] == f"latest 3: {title}"
    head = mail.data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    words = [word for line in head.split(b"\r\n") for word in line.split() if word.startswith(b"=?")]
    assert words
    assert max(map(len, words)) <= 75


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("jürgen@reader.example", "jürgen@reader.example"),
        ("अदा@reader.example", "अदा@reader.example"),
        ("ada+news@READER.example", "ada+news@reader.example"),
    ],
)
async def test_addresses_of_all_scripts_are_reached(
    email: Email, server: MailServer, address: str, reached: str
) -> None:
    """The host in ASCII, the name as it is."""
    assert email.problems(address, {}) == []
    assert (await email.send(delivery(), destination(address))).verdict == "delivered"
    assert server.got[0].to == reached
    assert f"To: {reached}".encode() in server.got[0].data


async def test_a_server_that_knows_ascii_only_refuses_other_names(tmp_path: Path) -> None:
    """That will not change by trying again."""
    async with mail_server(takes_utf8=False) as server:
        email = Email(settings_for(server, tmp_path))
        outcome = await email.send(delivery(), destination("jürgen@reader.example"))
        assert outcome == Outcome("refused", "smtputf8_unsupported")
        assert (await email.send(delivery(), ADA)).verdict == "delivered"
        await email.close()


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "@reader.example",
        "ada@",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada b@reader.example",
        "ada@reader.example\r\nRCPT TO:<eve@evil.example>",
        "ada\r\n@reader.example",
        "ada@reader.example,eve@evil.example",
        "ada@eve@reader.example",
        "<ada@reader.example>",
        "Ada <ada@reader.example>",
        '"ada b"@reader.example',
        "ada..b@reader.example",
        ".ada@reader.example",
        "ada\u202e@reader.example",
        "ada@-reader.example",
        "ada@reader..example",
        "ada@reader.example\0",
        "x" * 65 + "@reader.example",
    ],
)
async def test_what_is_no_address_is_refused(email: Email, server: MailServer, address: str) -> None:
    """By whoever is asked first, and by the transport if it was in the registry all the same."""
    assert email.problems(address, {})
    assert await email.send(delivery(), destination(address)) == Outcome("refused", "address_unusable")
    assert server.connections == 0


@pytest.mark.parametrize(
    "missing",
    [
        {"smtp_host": ""},
        {"smtp_from": ""},
        {"smtp_from": "nobody"},
        {"public_url": None},
        {"public_url": "http://x.example"},
    ],
)
async def test_what_is_not_set_up_says_so_and_waits(
    server: MailServer, tmp_path: Path, missing: dict[str, object]
) -> None:
    """A mail without a way to end it is not sent; the digests wait for the operator."""
    email = Email(settings_for(server, tmp_path, **missing))
    assert "NEWSFEED_" in email.problems("ada@reader.example", {})[0]
    assert await email.send(delivery(), ADA) == Outcome("retry", "mail_not_set_up")
    assert server.connections == 0


def test_it_asks_before_it_sends() -> None:
    """A subscription by e-mail is pending until its owner followed a link."""
    assert Email.needs == "link"
    assert isinstance(Email(PublishSettings()), Handshaking)
