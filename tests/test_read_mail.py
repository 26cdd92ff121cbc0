"""Newsletters, saved pages and pages of the Wayback Machine: the words as they were read, at their own address."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from news_material import CAPTURE, FIRST, NEWSLETTER, ORIGINAL, PAGE, SECOND, TOLD, WAYBACK, mbox, message, mhtml

from index.draft import Place
from index.read import read
from index.read_html import read_html
from index.records import Draft, Skipped

NESTED = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
AT_COURIER = "courier.example"


def drafts(folder: Path, name: str, content: bytes) -> list[Draft]:
    path = folder / name
    path.write_bytes(content)
    items = list(read(path))
    assert all(isinstance(item, Draft) for item in items), items
    return [item for item in items if isinstance(item, Draft)]


def reason(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    (found,) = read(folder / name)
    assert isinstance(found, Skipped)
    return found.reason


def test_each_message_of_an_mbox_is_an_article(tmp_path: Path) -> None:
    raw = mbox(
        message("Bridge shut", html=NEWSLETTER, plain="View in browser <https://x.example/t?u=9>"),
        message("=?utf-8?q?F=C3=A4hre_zur=C3=BCck?=", plain=f"{FIRST}\nFrom there it is a mile.\n"),
        message("Weiß nicht", plain="Nothing new."),
    )
    tide, ferry, third = drafts(tmp_path, "a.mbox", raw)
    assert tide.text == (
        f"View in browser\n\nThe Morning Tide\n\n{FIRST}\n\n{SECOND}\n\nSchools open on Tuesday.\n\nUnsubscribe"
    )
    furniture = [tide.text[mark.start : mark.end] for mark in tide.marks if mark.role == "furniture"]
    assert furniture == ["View in browser", "Unsubscribe"]
    source = tide.source
    assert (source.title, source.outlet, source.published) == ("Bridge shut", "The Morning Tide", date(2024, 6, 6))
    assert (ferry.source.title, ferry.where) == ("Fähre zurück", "message 2")
    assert ferry.text == f"{FIRST} From there it is a mile."
    assert third.source.title == "Weiß nicht"
    assert len({draft.key for draft in (tide, ferry, third)}) == 3
    assert drafts(tmp_path, "b.mbox.gz", gzip.compress(raw))[2].text == "Nothing new."


def test_a_person_who_writes_is_the_author_and_the_list_the_outlet(tmp_path: Path) -> None:
    raw = message("Notes", plain=FIRST, sender="Jo Poe <jo@courier.example>")
    (draft,) = drafts(tmp_path, "a.eml", raw)
    assert (draft.source.author, draft.source.outlet) == ("Jo Poe", "courier.example")
    (draft,) = drafts(tmp_path, "b.eml", b'List-Id: "Harbour Notes" <notes.courier.example>\n' + raw)
    assert (draft.source.author, draft.source.outlet) == ("Jo Poe", "Harbour Notes")


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift-jis", "utf-8"])
def test_a_message_is_read_in_the_letters_it_is_written_in(tmp_path: Path, charset: str) -> None:
    words = "橋は木曜日に閉鎖された。"
    head = f"Subject: {words}\nContent-Type: text/plain; charset={charset}\n\n".encode()
    (draft,) = drafts(tmp_path, "a.eml", head + words.encode(charset))
    assert (draft.text, draft.source.title) == (words, words)


def test_what_is_attached_to_a_message_is_no_part_of_it(tmp_path: Path) -> None:
    raw = f"""Subject: Bridge
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

{FIRST}
--x
Content-Type: text/plain
Content-Disposition: attachment; filename=b.txt

Other words.
--x
Content-Type: message/rfc822

Subject: inner
Content-Type: text/plain

Inner words.
--x--
"""
    (draft,) = drafts(tmp_path, "a.eml", raw.encode())
    assert draft.text == FIRST


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.mbox", b"Subject: x\n\nwords\n", "not an mbox file"),
        ("a.eml", b"Subject: x\nContent-Type: image/png\n\nwords\n", "the message has no text"),
        ("a.eml", b"Content-Type: multipart/encrypted; boundary=x\n\n--x--", "the message is encrypted"),
        ("a.eml", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 300, "a maze of parts"),
        ("a.eml", b"".join(NESTED % (n, n) for n in range(90)) + b"x\n" * 250_000, "a maze of parts"),
        ("a.eml", b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\n\nx", "a maze of parts"),
        ("a.mht", b"Subject: x\n\nwords\n", "no page is in it"),
    ],
    ids=["no mbox", "picture", "encrypted", "many parts", "deep parts", "long type", "no page"],
)
def test_a_message_without_words_is_skipped_with_the_reason(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    assert why in reason(tmp_path, name, content)


@pytest.mark.parametrize("name", ["a.mht", "a.mhtml"])
def test_a_page_that_a_browser_saved_is_read_at_its_address(tmp_path: Path, name: str) -> None:
    (draft,) = drafts(tmp_path, name, mhtml(PAGE.format(head="", bar="", told=TOLD)))
    source = draft.source
    assert SECOND in draft.text
    assert (source.title, source.url, source.outlet) == ("Bridge shut", ORIGINAL, AT_COURIER)
    assert source.published == date(2024, 6, 6)  # the address says so; the day it was saved counts for nothing


def test_a_page_of_the_wayback_machine_is_what_it_was() -> None:
    draft = read_html(WAYBACK, Place("a.html"))
    assert isinstance(draft, Draft)
    assert "Wayback" not in draft.text
    assert "captured" not in draft.text
    assert draft.text.count(SECOND) == 1
    source = draft.source
    assert (source.url, source.outlet, source.author) == (ORIGINAL, AT_COURIER, "Jo Poe")
    assert source.published == date(2024, 6, 6)


@pytest.mark.parametrize(
    "head",
    [
        f'<script>__wm.wombat("{ORIGINAL}","20250101120000")</script>',
        f'<link rel="canonical" href="{CAPTURE}/{ORIGINAL}"/>',
        f'<link rel="canonical" href="/web/20250101120000mp_/{ORIGINAL}"/><meta content="web.archive.org">',
        f"<!-- saved from url=(0085){CAPTURE}/{ORIGINAL} -->",
    ],
    ids=["script", "canonical", "relative", "saved from"],
)
def test_the_address_before_the_capture_is_found(head: str) -> None:
    draft = read_html(PAGE.format(head=head, bar="", told=TOLD), Place("a.html"))
    assert isinstance(draft, Draft)
    assert (draft.source.url, draft.source.published) == (ORIGINAL, date(2024, 6, 6))


def test_a_toolbar_whose_comments_are_gone_is_taken_out_too() -> None:
    bar = "<div id='wm-ipp-base'><p>This page was captured on 1 January 2025 by a crawl of many sites.</p></div>"
    draft = read_html(PAGE.format(head="", bar="", told=bar + TOLD), Place("a.html"))
    assert isinstance(draft, Draft)
    assert SECOND in draft.text
    assert "captured" not in draft.text


def test_a_saved_capture_keeps_the_original_address(tmp_path: Path) -> None:
    (draft,) = drafts(tmp_path, "a.mht", mhtml(PAGE.format(head="", bar="", told=TOLD), f"{CAPTURE}/{ORIGINAL}"))
    assert draft.source.url == ORIGINAL
