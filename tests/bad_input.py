"""Bad input, made on the spot: each case with the articles that come out of it and the reasons for what does not.

A table and no tests: test_bad_input.py reads every case alone and all of them in one run, and fuzz.py begins with them.
"""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import news_material as made

Content = bytes | str | Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """Files to write, what must be found in each article that comes out, and the reason for each thing skipped.

    What must be found is a piece of the text, or `title=…` or `date=…`; several for one article are joined by " & ".
    """

    name: str
    files: dict[str | bytes, Content]
    articles: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    is_large: bool = False
    copies: int = 0  # of the articles, how many the archive does not keep because it has them
    clashing: int = 0  # of the articles, how many the archive refuses because their id is another's

    def make(self, folder: Path) -> None:
        """Write the files below `folder`."""
        for name, content in self.files.items():
            path = folder / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(content):
                content(path)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def news(place: str, more: str = "") -> str:
    """Return an article that no other case holds; `place` tells it from theirs."""
    return f"Bridge at {place} shut\n\nThe bridge at {place} was shut on Thursday. {more}\n"


def shut(place: str) -> str:
    """Return what must be found of `news(place)`."""
    return f"The bridge at {place} was shut on Thursday."


def page(place: str, inside: str = "", *, head: str = "", before: str = "") -> str:
    told = "".join(
        f"<p>The bridge at {place} was shut on day {n} of the long strike by the town.</p>" for n in range(6)
    )
    title = f"<title>Bridge at {place}</title>"
    return f"<html><head>{title}{head}</head><body>{before}<article>{told}{inside}</article></body></html>"


def day(place: str, n: int = 5) -> str:
    return f"The bridge at {place} was shut on day {n} of the long strike by the town."


def record(place: str, **fields: Any) -> str:
    return json.dumps({"text": shut(place), **fields})


def front(place: str, matter: str) -> str:
    return f"---\n{matter}\n---\n{news(place)}"


def one(name: str, file: str, content: Content, found: str | None = "", **more: Any) -> Case:
    """Return the case of one file that gives one article."""
    return Case(name, {file: content}, (found or shut(name),), **more)


def none(name: str, file: str | bytes, content: Content, reason: str, **more: Any) -> Case:
    """Return the case of one file that gives none."""
    return Case(name, {file: content}, (), (reason,), **more)


# --- things that are no plain file -----------------------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def listening(path: Path) -> None:
    """A socket; its path may be short only, so it is made from within its folder."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def folder(path: Path) -> None:
    path.mkdir()


def deep_folders(count: int, place: str) -> Callable[[Path], None]:
    """Folders in folders, deeper than any path may be long, and an article in the innermost."""

    def make(path: Path) -> None:
        path.mkdir()
        at = os.open(path, os.O_RDONLY)
        for _ in range(count):
            os.mkdir("d", dir_fd=at)
            inner = os.open("d", os.O_RDONLY, dir_fd=at)
            os.close(at)
            at = inner
        file = os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=at)
        os.write(file, news(place).encode())
        os.close(file)
        os.close(at)

    return make


def packed(*members: tuple[str | zipfile.ZipInfo, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def encrypted(raw: bytes) -> bytes:
    changed = bytearray(raw)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[raw.index(signature) + flags] |= 1
    return bytes(changed)


def changed(raw: bytes, signature: bytes, at: int, value: bytes) -> bytes:
    start = raw.rindex(signature) + at
    return raw[:start] + value + raw[start + len(value) :]


def zeros(size: int) -> bytes:
    """Return `size` zeros as a gzip of a thousandth of that."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packing.compress(bytes(2**20)) for _ in range(size // 2**20)) + packing.flush()


def repeated(start: bytes, piece: bytes, end: bytes, *, size: int) -> Callable[[Path], None]:
    """Write a large file without holding it."""

    def make(path: Path) -> None:
        with path.open("wb") as out:
            out.write(start)
            for _ in range(size // (len(piece) * 1000)):
                out.write(piece * 1000)
            out.write(end)

    return make


def written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


# --- the table -------------------------------------------------------------------------------------------------

ENCODINGS = (
    one("utf16-no-mark", "a.txt", news("utf16-no-mark").encode("utf-16-le")),
    one("utf16-be-no-mark", "a.txt", news("utf16-be-no-mark").encode("utf-16-be")),
    one("utf32", "a.txt", news("utf32").encode("utf-32")),
    one("utf16-cut", "a.txt", news("utf16-cut").encode("utf-16")[:-1]),
    one("utf16-csv", "a.csv", f"title,text\nT,{shut('utf16-csv')}\n".encode("utf-16")),
    one("utf16-jsonl", "a.jsonl", record("utf16-jsonl").encode("utf-16")),
    one(
        "latin1-declared-utf8",
        "a.html",
        page("latin1-declared-utf8", "<p>The café of Zürich was shut as well.</p>", head="<meta charset=utf-8>").encode(
            "latin-1"
        ),
        "The café of Zürich was shut as well.",
    ),
    one(
        "cp1252-quotes",
        "a.txt",
        news("cp1252-quotes", "“No boats” – not one, it’s said…").encode("cp1252"),
        "“No boats” – not one, it’s said…",
    ),
    one("mixed-encodings", "a.txt", "Brücke\n\n".encode() + "Die Brücke ist zu.".encode("cp1252"), "Die Brücke ist zu."),
    one("shift-jis", "a.txt", news("shift-jis").encode() + "橋は木曜日に閉鎖された。".encode("shift-jis")),
    one(
        "shift-jis-declared",
        "a.html",
        page("shift-jis-declared", "<p>橋は木曜日に閉鎖された、と町は述べた。</p>", head="<meta charset=shift_jis>").encode(
            "shift-jis"
        ),
        "橋は木曜日に閉鎖された、と町は述べた。",
    ),
    one("charset-unknown", "a.html", page("charset-unknown", head="<meta charset='klingon-1'>"), day("charset-unknown")),
    one("charset-no-text", "a.html", page("charset-no-text", "<p>é</p>", head="<meta charset=zlib>").encode("cp1252"),
        day("charset-no-text")),
    one("mark-in-the-middle", "a.txt", news("mark-in-the-middle").replace("was", "\ufeffwas")),
    one("two-marks", "a.txt", b"\xef\xbb\xbf\xef\xbb\xbf" + news("two-marks").encode()),
    one("mark-before-json", "a.json", b"\xef\xbb\xbf" + record("mark-before-json").encode()),
    one("lone-surrogates", "a.jsonl", record("lone-surrogates", title="\udc80\ud800")),
    one("surrogate-bytes", "a.txt", news("surrogate-bytes").encode() + b"\xed\xa0\x80\xed\xb0\x80"),
    one("overlong-utf8", "a.txt", news("overlong-utf8").encode() + b"\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80"),
    one("past-unicode", "a.txt", news("past-unicode").encode() + b"\xf4\x90\x80\x80\xff\xfe"),
    one("nul-bytes", "a.txt", news("nul-bytes").replace("Thursday", "Thurs\0day")),
    none("only-nul", "a.txt", bytes(4000), "not text"),
    none("only-mark", "a.txt", b"\xef\xbb\xbf", "no text"),
    none("utf16-mark-only", "a.txt", b"\xff\xfe", "no text"),
    none("blank", "a.txt", b" \n\t\r\n" * 50, "empty file"),
    none("only-unseen", "a.txt", "\u200b\u2060\ufeff\u202e" * 30, "no text"),
    one("controls", "a.txt", news("controls").replace("was", "\x1b[31mw\x07as\x9b")
        .replace("\x1b[31m", "\x1b"), shut("controls")),
    one("bidi", "a.txt", news("bidi").replace("Thursday", "\u202eThursday\u202c")),
    one("zalgo", "a.txt", news("zalgo", "e" + "\u0301\u0316" * 20_000)),
    one("old-mac-lines", "a.txt", news("old-mac-lines").replace("\n", "\r")),
)  # fmt: skip

HTML = (
    none("divs-100000", "a.html", page("divs-100000", before="<div>" * 100_000), "no article"),
    one("nested-lists", "a.html", page("nested-lists", "<ul><li>x" * 30_000), day("nested-lists")),
    none("tables-in-tables", "a.html", page("tables-in-tables", before="<table><tr><td>" * 20_000), "no article"),
    one("table-in-table", "a.html", page("table-in-table", "<table><tr><td><table><td>x</table>"), day("table-in-table")),
    one("unclosed", "a.html", page("unclosed").split("</article>")[0].replace("</p>", ""), day("unclosed")),
    one("crossed", "a.html", page("crossed", "<b><i><p>x</b></i></p></div></span>"), day("crossed")),
    one("comment-never-closed", "a.html", page("comment-never-closed") + "<!-- and", day("comment-never-closed")),
    one("cdata", "a.html", page("cdata", "<![CDATA[ ]]&gt; x ]]>"), day("cdata")),
    one("script-like-article", "a.html",
        page("script-like-article", "<script>'<p>The mayor of a script resigned on Monday, it was said.</p>'</script>"),
        day("script-like-article")),
    one("attribute-5mb", "a.html", page("attribute-5mb", f"<p title='{'x' * 5_000_000}'>x</p>"), day("attribute-5mb")),
    one("attributes-20000", "a.html", page("attributes-20000", f"<p {' '.join(f'a{n}=1' for n in range(20_000))}>x</p>"),
        day("attributes-20000")),
    one("entity-bomb", "a.html",
        "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>" + page("entity-bomb", "&b;"),
        day("entity-bomb")),
    one("external-entity", "a.xhtml",
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + page("external-entity", "&a;"),
        day("external-entity")),
    one("entity-absurd", "a.html", page("entity-absurd", head=f"<meta name=author content='&amp;#{'9' * 5000};'>"),
        day("entity-absurd")),
    none("tags-300000", "a.html", page("tags-300000", "<b>x" * 300_000), "more than 200,000 tags"),
    none("no-page", "a.html", "<!---->" * 600, "cannot be parsed"),
    one("comments-no-page", "a.txt", "<!-- a -->" * 30 + news("comments-no-page")),
    none("frames-only", "a.html", "<frameset><frame src=x></frameset>", "cannot be parsed"),
    one("ld-wrong-types", "a.html", page("ld-wrong-types", head='<script type="application/ld+json">'
        '{"@type":["NewsArticle",5,null],"headline":{"name":[[1]]},"author":[null,5],"datePublished":{"x":1},"url":["a"]}'
        "</script>"), day("ld-wrong-types")),
    one("ld-huge-number", "a.html",
        page("ld-huge-number", head=f'<script type="application/ld+json">{{"a": {"9" * 5000}}}</script>'),
        day("ld-huge-number")),
    one("page-as-txt", "a.txt", page("page-as-txt"), day("page-as-txt")),
    one("page-as-md", "a.md", "<!-- saved -->\n" + page("page-as-md"), day("page-as-md")),
    one("text-as-html", "a.html", "\n\n".join(day("text-as-html", n) for n in range(6)), day("text-as-html")),
    none("json-as-html", "a.html", '{"text": "x"}', "cannot be parsed"),
    one("html-nuls", "a.html", page("html-nuls", "<p>a\0b</p>"), day("html-nuls")),
    one("markup-never-closed", "a.jsonl", record("markup-never-closed", text="<p>" + shut("markup-never-closed") + "<a " * 50_000)),
    one("markup-quotes", "a.jsonl", record("markup-quotes", text="<p>" + shut("markup-quotes") + "<a x='" * 50_000)),
    one("markup-closers", "a.jsonl", record("markup-closers", text="<p>" + shut("markup-closers") + "</" * 50_000)),
    one("markup-questions", "a.jsonl", record("markup-questions", text="<p>" + shut("markup-questions") + "<?" * 50_000)),
    one("markup-declared", "a.jsonl", record("markup-declared", text="<p>" + shut("markup-declared") + "<![foo[z")),
    one("markup-cdata", "a.jsonl", record("markup-cdata", text="<![CDATA[<p>" + shut("markup-cdata") + "</p>]]>")),
    one("markup-entity", "a.jsonl", record("markup-entity", text=f"<p>{shut('markup-entity')}</p>&#{'9' * 5000};")),
)  # fmt: skip

MARKDOWN = (
    one("capitals", "a.txt", "X" * 150 + "\n\n" + news("capitals")),
    one("capitals-in-a-caption", "a.txt", news("capitals-in-a-caption") + "\nPhoto (" + "A" * 300 + "/" + "A" * 300 + "x\n"),
    one("services", "a.txt", news("services") + "\n" + "x  " * 90 + "!\n"),
    one("md-pictures", "a.md", news("md-pictures") + "![" * 100_000),
    one("md-comments", "a.md", news("md-comments") + "<!--" * 100_000),
    one("md-blanks-in-heading", "a.md", news("md-blanks-in-heading") + "\n# A" + " " * 20_000 + "b\n"),
    one("md-links", "a.md", news("md-links") + "[a](" * 50_000),
    one("md-emphasis", "a.md", news("md-emphasis") + "***a_b`" * 30_000),
    one("md-quotes", "a.md", "> " * 50_000 + news("md-quotes")),
    one("md-captions", "a.md", news("md-captions") + "\n![a b](p.jpg)\n\nAdvertisement\n" * 4000),
    one("yaml-laughs", "a.md", front("yaml-laughs", "a: &a [x, x]\nb: &b [*a, *a]\nauthor: [*b, *b]\ntitle: T")),
    one("yaml-in-itself", "a.md", front("yaml-in-itself", "title: &a [" + "*a," * 3000 + "]")),
    one("yaml-merges", "a.md", front("yaml-merges", "a: &a {x: 1}\nb: {<<: [*a, *a]}\ntitle: T")),
    one("yaml-python", "a.md", front("yaml-python", "title: !!python/object/apply:os.system ['false']")),
    one("yaml-timestamp", "a.md", front("yaml-timestamp", "date: !!timestamp soon")),
    one("yaml-empty-int", "a.md", front("yaml-empty-int", "id: !!int ''")),
    one("yaml-bool", "a.md", front("yaml-bool", "title: !!bool perhaps")),
    one("yaml-hex", "a.md", front("yaml-hex", f"id: 0x{'f' * 6000}")),
    one("yaml-deep", "a.md", front("yaml-deep", "title: " + "[" * 3000)),
    one("yaml-no-date", "a.md", front("yaml-no-date", "date: 2024-02-30"), shut("yaml-no-date") + " & date=None"),
    one("yaml-list", "a.md", front("yaml-list", "- a\n- b")),
    one("yaml-odd-keys", "a.md", front("yaml-odd-keys", "? [a, b]\n: c\n1: 2\ntitle: T")),
    one("yaml-never-closed", "a.md", "---\ntitle: T\n" + news("yaml-never-closed")),
    one("yaml-nothing", "a.md", front("yaml-nothing", "title: ~\nauthor: null\ndate:"),
        shut("yaml-nothing") + " & title=Bridge at yaml-nothing shut"),
)  # fmt: skip

JSON = (
    Case("json-cut", {"a.json": f"[{record('json-cut')}, {{"}, (), ("not valid JSON",)),
    Case("lines-cut", {"a.jsonl": record("lines-cut") + "\n" + record("lost")[:20]}, (shut("lines-cut"),), ("not valid JSON",)),
    Case("record-in-two-lines", {"a.jsonl": '{"text":\n"lost"}\n' + record("record-in-two-lines")},
         (shut("record-in-two-lines"),), ("not valid JSON", "not valid JSON")),
    none("json-deep", "a.json", "[" * 100_000, "nested too deeply"),
    none("json-deep-closed", "a.json", '{"text":' * 50_000 + "1" + "}" * 50_000, "nested too deeply"),
    Case("lines-deep", {"a.jsonl": record("lines-deep") + "\n" + "[" * 100_000}, (shut("lines-deep"),), ("too deeply",)),
    none("json-huge-int", "a.json", f'{{"text": {"9" * 5000}}}', "not valid JSON"),
    Case("lines-huge-int", {"a.jsonl": f'{{"id": {"9" * 5000}}}\n' + record("lines-huge-int")},
         (shut("lines-huge-int"),), ("not valid JSON",)),
    one("json-nan", "a.jsonl", record("json-nan")[:-1] + ', "date": NaN, "id": -Infinity, "title": 1e999}'),
    one("json-twice", "a.json", '{"text": "no", ' + record("json-twice")[1:]),
    Case("json-types", {"a.jsonl": "\n".join(json.dumps({"text": value}) for value in (
        5, 1.5, True, None, [], {}, {"x": 1}, [["The list of lists is read too."]], [None, 1], [{"text": "One part."}]))},
        ("5", "1.5", "The list of lists is read too.", "1", "One part."), ("no text",) * 5),
    one("json-fact-types", "a.json", record("json-fact-types", title=[{}], date={"a": [1]}, id=[[1]], url=5,
        author={"name": {"name": {"name": {"name": 1}}}}, outlet=[[[[[1]]]]], section={"x": []})),
    Case("json-no-records", {"a.jsonl": '5\n"x"\nnull\n[]\ntrue\n{}\n'}, (),
         ("a number", "a text", "null", "a list", "a truth value", "no column")),
    none("json-scalar", "a.json", "7", "not an article but a number"),
    Case("json-empty-list", {"a.json": "[]"}),
    none("json-text-empty", "a.json", '{"text": " \\u200b "}', "no text"),
    none("json-comments", "a.json", '// news\n{"text": "x"}', "not valid JSON"),
    none("json-single-quotes", "a.jsonl", "{'text': 'x'}", "not valid JSON"),
    one("json-controls", "a.jsonl", record("json-controls", title="a\u0000b\u001b[31m", id="x\ny\u202e1")),
    one("json-long-facts", "a.jsonl", record("json-long-facts", title="t " * 5000, author="a" * 100_000)),
    one("json-bad-url", "a.jsonl", record("json-bad-url", url="http://[::1/2024/02/30/x", outlet="http://[")),
    none("json-many-keys", "a.json", json.dumps({f"k{n}": n for n in range(20_000)}), "no column"),
)  # fmt: skip

DATES = (
    one("date-future", "a.jsonl", record("date-future", date="2099-12-31"), "date-future & date=2099-12-31"),
    *(
        one(f"date-{name}", "a.jsonl", record(f"date-{name}", date=value), f"date-{name} & date={day_read}")
        for name, value, day_read in (
            ("0000", "0000-01-01", None), ("9999", "9999-12-31", None), ("minus-1", "-1-01-01", None),
            ("minus-epoch", -1, None), ("32-march", "32 March 2024", None), ("month-13", "2024-13-01", None),
            ("no-leap", "2023-02-29", None), ("yesterday", "yesterday", None), ("epoch-ms", 1_718_000_000_000, "2024-06-10"),
            ("epoch-s", 1_718_000_000, "2024-06-10"), ("epoch-ns", 1_718_000_000_000_000_000, None),
            ("two-ways", "03/04/2017", None), ("text", "x" * 100_000, None), ("infinite", 1e308, None),
            ("true", True, None), ("digits", "١٢ March ٢٠٢٤", "2024-03-12"), ("zone", "2024-06-07T00:00:00+99:99", "2024-06-07"),
        )
    ),
)  # fmt: skip

TABLES = (
    Case("csv-never-closed", {"a.csv": f'title,text\nT,{shut("csv-before")}\nU,"lost\n'
        + "".join(f"T{n},{shut(f'csv-row-{n}')}\n" for n in range(3))},
        tuple(shut(f"csv-{name}") for name in ("before", "row-0", "row-1", "row-2")), ("never closed",)),
    none("csv-cut", "a.csv", 'title,text\nT,"The bridge and the town', "never closed"),
    one("csv-quote-inside", "a.csv", f'title,text\nT,5" of snow. {shut("csv-quote-inside")}\n'),
    one("csv-quote-after", "a.csv", f'title,text\n"T"x,{shut("csv-quote-after")}\n'),
    Case("csv-ragged", {"a.csv": f"title,text\nT,{shut('csv-ragged')}\nU\nV,a,b,c\n"}, (shut("csv-ragged"),),
         ("no text", "has 4 cells")),
    one("csv-10000-columns", "a.csv", ",".join(f"c{n}" for n in range(10_000)) + ",text\n" + "," * 10_000
        + shut("csv-10000-columns") + "\n"),
    none("csv-10000-cells", "a.csv", "title,text\na,b" + ",c" * 10_000 + "\n", "has 10002 cells"),
    one("csv-nul", "a.csv", f"title,text\nT,{shut('csv-nul')}\0\n"),
    one("csv-formulas", "a.csv", f'title,text\n"=HYPERLINK(""http://x"")",{shut("csv-formulas")}\n',
        shut("csv-formulas") + ' & title==HYPERLINK("http://x")'),
    none("csv-no-header", "a.csv", f"1,{shut('x')}\n2,y\n", "no column holds"),
    Case("csv-header-only", {"a.csv": "title,text\n"}),
    one("csv-same-names", "a.csv", f"text,text\nlost,{shut('csv-same-names')}\n"),
    one("csv-blank-lines", "a.csv", f"\ufefftitle,text\n\n ,\n\nT,{shut('csv-blank-lines')}\n\n"),
    one("csv-semicolons", "a.csv", f"title;text\nT;{shut('csv-semicolons')}\n"),
    one("tsv-commas", "a.tsv", f"title,text\nT,\"{shut('tsv-commas')}\"\n"),
    none("csv-long-header", "a.csv", "a," * 600_000 + "\n", "first row is too long"),
)  # fmt: skip

PACKED = (
    Case("gz-cut", {"a.txt.gz": gzip.compress(news("gz-cut").encode() * 50)[:-12]}, (), ("cannot be read",)),
    Case("gz-lines-cut", {"a.jsonl.gz": gzip.compress(b"".join(record(f"gz{n}").encode() + b"\n" for n in range(9)))[:-4]},
         tuple(f"gz{n}" for n in range(9)), ("cannot be read",)),
    none("gz-no-gzip", "a.txt.gz", b"\x1f\x8b" + b"no" * 50, "cannot be read"),
    one("gz-plain", "a.txt.gz", news("gz-plain")),
    none("gz-of-gz", "a.txt.gz", gzip.compress(gzip.compress(news("x").encode() * 50)), "not text"),
    none("gz-bomb", "a.txt.gz", lambda path: written(path, zeros(100 * 2**20)), "not text"),
    none("gz-text-bomb", "a.txt.gz", lambda path: written(path, gzip.compress(b"a " * 40 * 2**20)),
         "200 times its size", is_large=True),
    none("zip-none", "a.zip", b"PK\x03\x04 no", "not a zip"),
    Case("zip-empty", {"a.zip": b"PK\x05\x06" + bytes(18)}),
    none("zip-cut", "a.zip", packed(("a.txt", news("x")))[:-30], "not a zip"),
    Case("zip-slip", {"a.zip": packed(*((name, news(name)) for name in (
        "../up.txt", "a/../../up2.txt", "..\\up3.txt", "/etc/root.txt", "C:\\drive.txt", "\\\\host\\share.txt", "in.txt")))},
        tuple(shut(name) for name in ("/etc/root.txt", "C:\\drive.txt", "\\\\host\\share.txt", "in.txt")),
        ("leads out of the zip",) * 3),
    none("zip-link", "a.zip", packed((member("a.txt", stat.S_IFLNK | 0o777), "/etc/passwd")), "a link"),
    none("zip-device", "a.zip", packed((member("a.txt", stat.S_IFCHR | 0o666), "x")), "not a regular file"),
    none("zip-encrypted", "a.zip", encrypted(packed(("a.txt", news("x")))), "encrypted"),
    none("zip-in-zip", "a.zip", packed(("b.zip", packed(("a.txt", news("x"))))), "a zip within the zip"),
    none("zip-bomb", "a.zip", packed(("a.txt", bytes(30 * 2**20))), "200 times its size"),
    none("zip-lies-short", "a.zip", changed(packed(("a.txt", news("x") * 99)), b"PK\x01\x02", 24, struct.pack("<I", 9)), "damaged"),
    none("zip-lies-long", "a.zip", changed(packed(("a.txt", news("x") * 99)), b"PK\x01\x02", 24, struct.pack("<I", 2**30)),
         "unpacks to more than 512 MiB"),
    none("zip-wrong-sum", "a.zip", changed(packed(("a.txt", news("x"))), b"PK\x01\x02", 16, b"\0\0\0\0"), "damaged"),
    Case("zip-overlap", {"a.zip": changed(packed(("a.txt", news("x")), ("b.txt", news("y"))), b"PK\x01\x02", 42, bytes(4))},
         (), ("shares its bytes", "shares its bytes")),
    none("zip-no-name", "a.zip", packed(("a.txt", news("x"))).replace(b"a.txt", b"\0.txt"), "leads out of the zip"),
    Case("zip-hidden", {"a.zip": packed((".txt", news("x")), ("__MACOSX/a.txt", "x"))}),
    one("zip-good-and-bad", "a.zip", packed(("a.txt", news("zip-good-and-bad")), ("b.doc", "x")), None,
        skipped=("Word of before 2007 is not read yet",)),
)  # fmt: skip

FILES = (
    none("link-loop", "loop", link("loop"), "a link"),
    Case("link-up", {"a/up": link(".."), "a/a.txt": news("link-up")}, (shut("link-up"),), ("a link",)),
    none("link-to-zero", "a.txt", link("/dev/zero"), "a link"),
    none("link-to-nothing", "a.txt", link("nothing.txt"), "a link"),
    none("fifo", "a.txt", fifo, "not a regular file"),
    none("fifo-zip", "a.zip", fifo, "not a regular file"),
    none("socket", "a.txt", listening, "not a regular file"),
    Case("folder-like-a-file", {"a.txt": folder, "a.txt/b.txt": news("folder-like-a-file"), "c.zip": folder},
         (shut("folder-like-a-file"),)),
    Case("folders-1100-deep", {"d": deep_folders(1100, "folders-1100-deep")}, (shut("folders-1100-deep"),)),
    none("folders-too-deep", "d", deep_folders(2500, "lost"), "cannot be opened"),
    none("empty", "a.txt", b"", "empty file"),
    none("empty-zip", "a.zip", b"", "empty file"),
    one("name-with-newline", "a\nb.txt", news("name-with-newline")),
    one("name-with-controls", "a\x1b[31m\x07.txt", news("name-with-controls")),
    one("name-right-to-left", "a\u202etxt.md", news("name-right-to-left")),
    one("name-255-bytes", "a" * 251 + ".txt", news("name-255-bytes")),
    one("name-of-blanks", "  .txt", news("name-of-blanks")),
    one("name-like-an-option", "--rebuild.txt", news("name-like-an-option")),
    one("name-like-a-path", "C:\\a\\..\\b.txt", news("name-like-a-path")),
    none("name-no-text", b"bad\xff\xfe.txt", news("x"), "not valid text"),
    Case("names-by-case", {"A.txt": news("names-A"), "a.txt": news("names-a")}, (shut("names-A"), shut("names-a"))),
    Case("names-by-normalisation", {unicodedata.normalize(form, "é.txt"): news(f"names-{form}") for form in ("NFC", "NFD")},
         (shut("names-NFC"), shut("names-NFD"))),
    none("pdf-as-txt", "a.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 20, "not text"),
    none("jpeg-as-md", "a.md", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 20, "not text"),
    none("unknown-format", "a.xyz", news("x"), "unknown format .xyz"),
    none("zip-as-txt", "a.txt", packed(("a.txt", news("x") * 30)), "not text"),
    none("text-as-zip", "a.zip", news("x"), "not a zip"),
    one("csv-as-txt", "a.txt", f"title,text\nT,{shut('csv-as-txt')}\n"),
)  # fmt: skip

TEXTS = (
    one("one-word", "a.txt", "Bridges.", "Bridges."),
    one("one-letter", "a.txt", "x", "x"),
    one("only-emoji", "a.txt", "😀🇪🇺👨‍👩‍👧 " * 40, "😀"),
    one("only-punctuation", "a.txt", "…!?—“”().,;:" * 40, "…!?"),
    one("only-digits", "a.txt", "1234567890 " * 400, "1234567890"),
    one("no-full-stop", "a.txt", news("no-full-stop") + "word and " * 120_000),
    one("no-blank", "a.txt", news("no-blank") + "x" * 1_000_000),
    one("dots", "a.txt", news("dots") + ". " * 500_000),
    one("lines-of-one-letter", "a.txt", news("lines-of-one-letter") + "x\n" * 40_000),
    one("colons", "a.txt", news("colons") + "A: b\n" * 30_000),
    one("captions", "a.txt", news("captions") + ("x " * 700 + "Photo: / (\n") * 60),
    one("dates", "a.txt", news("dates") + "June 7, 2024 at 3 p.m. | By Jo Poe\n" * 5000),
    one("thousand-pages", "a.txt", news("thousand-pages") + "".join(
        f"On day {n} the council of ward {n % 97} met and voted on the budget of street {n}.\n\n" for n in range(30_000))),
    Case("same-id", {"a.jsonl": "\n".join([record("same-id", id="twice"), record("same-id", id="twice"),
        record("other-words", id="twice")])}, (shut("same-id"), shut("same-id"), shut("other-words")), copies=1, clashing=1),
    Case("same-text", {"a.txt": news("same-text"), "b.txt": news("same-text")}, (shut("same-text"),) * 2, copies=1),
    one("special-tokens", "a.txt", news("special-tokens", "<|im_end|><|im_start|>system [INST] </s> <eos>")),
)  # fmt: skip

NEWS = (
    Case("feed-cut", {"a.rss": f"<rss><channel><item><description>{shut('feed-cut')}</description></item><item><title>T"},
         (shut("feed-cut"),), ("breaks off",)),
    none("feed-entities", "a.rss", '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>&b;</channel></rss>', "defines entities"),
    none("feed-no-items", "a.atom", "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>", "no entries"),
    none("feed-tags", "a.rss", "<rss><channel>" + "<item>" * 250_000, "more than 200,000 tags"),
    one("feed-broken", "a.rss", f"<rss><channel><item><title>a & b</title><description>{shut('feed-broken')} <b>x & y"
        "</description></item></channel></rss>"),
    none("nitf-laughs", "a.nitf", '<!DOCTYPE nitf [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><nitf>&b;</nitf>', "entities of its own"),
    none("nitf-from-outside", "a.xml", '<!DOCTYPE nitf [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><nitf/>', "entities of its own"),
    none("nitf-deep", "a.nitf", "<nitf><body><body.content>" + "<block>" * 100_000, "not well-formed"),
    none("nitf-cut", "a.nitf", made.NITF[:-60], "not well-formed"),
    one("nitf-utf16", "a.nitf", f"<nitf><body><body.content><p>{shut('nitf-utf16')}</p></body.content></body></nitf>".encode("utf-16")),
    one("nitf-attributes", "a.nitf", "<nitf " + " ".join(f"a{n}='1'" for n in range(50_000))
        + f"><body><body.content><p>{shut('nitf-attributes')}</p></body.content></body></nitf>"),
    none("newsml-empty-items", "a.xml", "<newsMessage><itemSet><newsItem/></itemSet></newsMessage>", "without a text"),
    none("xml-other", "a.xml", "<mediawiki/>", "XML of a kind that is not read"),
    none("xml-bytes", "a.xml", bytes(range(256)) * 30, "not text"),
    Case("mbox-cut", {"a.mbox": made.mbox(made.message("T", plain=shut("mbox-cut"))) + b"From a\nSubject: U"},
         (shut("mbox-cut"),), ("has no text",)),
    none("mail-parts", "a.eml", b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300)), "maze"),
    one("mail-from-maze", "a.eml", f"From: {'<(' * 50_000}\n\n{shut('mail-from-maze')}"),
    one("mail-words-encoded", "a.eml", f"Subject: {'=?utf-8?q?a?= ' * 50_000}\n\n{shut('mail-words-encoded')}"),
    one("mail-charset-odd", "a.eml", f"Content-Type: text/plain; charset=rot13\n\n{shut('mail-charset-odd')}"),
    none("mail-base64-cut", "a.eml", b"Content-Transfer-Encoding: base64\n\n" + b"A=\n" * 1000, "no text"),
    none("mht-no-page", "a.mht", b"Content-Type: multipart/related; boundary=x\n\n--x\n", "no page"),
    none("pdf-none", "a.pdf", b"%PDF-1.7", "no PDF"),
    none("pdf-loop", "a.pdf", made.pdf(["x"]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), "no PDF"),
    one("pdf-pages-told", "a.pdf", made.pdf([shut("pdf-pages-told")]).replace(b"/Count 1", b"/Count 99999999")),
    none("pdf-deep", "a.pdf", b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF", "no PDF"),
    none("docx-bomb", "a.docx", made.packed({"word/document.xml": bytes(30 * 2**20)}), "far more than a text takes"),
    none("docx-encrypted", "a.docx", encrypted(made.packed({"word/document.xml": "x"})), "encrypted"),
    none("docx-with-password", "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "without a password"),
    one("docx-tables-in-tables", "a.docx", made.docx("<w:tbl><w:tr><w:tc>" * 80 + made.paragraph(made.run(shut("docx-tables-in-tables")))
        + "</w:tc></w:tr></w:tbl>" * 80)),
    one("docx-boxes-in-boxes", "a.docx", made.docx("<w:p><w:r><w:txbxContent>" * 60
        + made.paragraph(made.run(shut("docx-boxes-in-boxes"))) + "</w:txbxContent></w:r></w:p>" * 60)),
    none("epub-path-up", "a.epub", made.epub({"../../../a.xhtml": "x"}), "no part"),
    none("epub-spine", "a.epub", made.packed({"META-INF/container.xml": "<container><rootfile full-path='a'/></container>",
        "a": "<package><spine>" + "<itemref/>" * 500_000 + "</spine></package>"}), "far more than a text takes"),
    none("warc-none", "a.warc", b"no\r\n\r\n", "no WARC"),
    none("warc-length", "a.warc", made.warc().replace(b"Content-Length: 0", b"Content-Length: -5"), ""),
)  # fmt: skip

LARGE = (
    none("line-100mb-txt", "a.txt", repeated(b"", b"a ", b"", size=100_000_000), "larger than 64 MiB", is_large=True),
    Case("line-100mb-jsonl", {"a.jsonl": repeated(b'{"text": "', b"a ", b'"}\n' + record("after-100mb").encode(),
         size=100_000_000)}, (shut("after-100mb"),), ("larger than 64 MiB",), is_large=True),
    Case("line-100mb-csv", {"a.csv": repeated(b"title,text\nT,", b"a ", f"\nU,{shut('after-cell')}\n".encode(),
         size=100_000_000)}, (shut("after-cell"),), ("not a valid row",), is_large=True),
    none("line-100mb-html", "a.html", repeated(b"<p>", b"a ", b"", size=100_000_000), "larger than 64 MiB", is_large=True),
    one("ten-thousand-pages", "a.txt", repeated(news("ten-thousand-pages").encode(), b"The council met on a day and voted on it. " * 15 + b"\n\n",
        b"", size=25_000_000), is_large=True),
    one("paragraph-5mb", "a.txt", repeated(news("paragraph-5mb").encode(), b"word and ", b"", size=5_000_000), is_large=True),
)  # fmt: skip

CASES = (*ENCODINGS, *HTML, *MARKDOWN, *JSON, *DATES, *TABLES, *PACKED, *FILES, *TEXTS, *NEWS, *LARGE)
