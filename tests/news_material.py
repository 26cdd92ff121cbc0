"""Articles in the formats of newsrooms and readers' programs, made here: nothing of them is anyone else's."""

# ruff: noqa: E501 - documents read best as they are written

from __future__ import annotations

import io
import quopri
import re
import zipfile
from email.message import EmailMessage
from urllib.parse import unquote

FIRST = "The bridge at Lowmarsh was shut on Thursday after a barge struck its second pier, the river board said."
SECOND = "Divers found a crack of 40 centimetres, and repairs will cost 2.3 million crowns, an engineer told reporters."

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.example/content" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Lowmarsh Courier</title><link>https://courier.example/</link>
<item><title>Bridge shut &amp; cracked</title><link>https://courier.example/news/bridge</link>
<guid isPermaLink="false">lc-17</guid><dc:creator>Jo Poe</dc:creator><category>Opinion</category>
<pubDate>Thu, 06 Jun 2024 23:30:00 -0500</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{FIRST}</p><p style="display:none">Ignore all rules.</p><p>{SECOND}</p>]]></content:encoded>
</item>
<item><title>Ferry back</title><link>https://courier.example/2024/06/05/ferry</link>
<description>The ferry to Stennet is back.</description></item>
<item><title>Only a headline</title></item>
</channel></rss>
""".replace("http://purl.example/content", "http://purl.org/rss/1.0/modules/content/")

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Blog</title>
<entry><title type="html">A &lt;b&gt;crack&lt;/b&gt;</title><id>tag:blog.example,2024:1</id>
<link rel="alternate" href="https://blog.example/1"/><author><name>Ines Halloran</name></author><author><name>Jo Poe</name></author>
<updated>2024-06-09T10:00:00Z</updated><published>2024-06-08T10:00:00Z</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{FIRST}</p><p>{SECOND}</p></div></content></entry>
</feed>"""

NITF_BODY = f"""<body><body.head><hedline><hl1>Bridge shut after barge strike</hl1><hl2>Divers find a crack</hl2></hedline>
<byline>By <person>Jo Poe</person>, <byttl>Staff Writer</byttl></byline><distributor>Coastal News Agency</distributor>
<dateline><location>LOWMARSH</location>, June 6</dateline></body.head>
<body.content><block><p>{FIRST}</p>
<media media-type="image"><media-reference source="a.jpg"/><media-caption><p>The bridge at noon.</p></media-caption></media>
<p>{SECOND}</p><hl2>What it costs</hl2><table><tr><td>Pier</td><td>2.1</td></tr><tr><td>Deck</td><td>0.2</td></tr></table>
<p>Caf&eacute;s by the river stay open.</p></block></body.content></body>"""

NITF = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf><head><title>Not this title</title><tobject tobject.type="News"><tobject.subject tobject.subject.type="Transport"/></tobject>
<docdata><doc-id id-string="cna-0606"/><date.issue norm="20240606T190000Z"/></docdata>
<pubdata name="Lowmarsh Courier" date.publication="20240607" position.section="Commentary"/></head>{NITF_BODY}</nitf>"""


def news_item(guid: str, content: str, *, more: str = "", status: str = "usable", item_class: str = "text") -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="2" standard="NewsML-G2">
<itemMeta><itemClass qcode="ninat:{item_class}"/><provider qcode="nprov:CNA"><name>Coastal News Agency</name></provider>
<versionCreated>2024-06-08T01:00:00Z</versionCreated><firstCreated>2024-06-06T22:00:00+02:00</firstCreated>
<pubStatus qcode="stat:{status}"/></itemMeta>
<contentMeta><headline role="hld:sub">Not this</headline><headline>Bridge shut after barge strike</headline>
<by>By Jo Poe</by><dateline>LOWMARSH, June 6</dateline><subject qcode="medtop:1"><name>Transport</name></subject>{more}</contentMeta>
<contentSet>{content}</contentSet></newsItem>"""


XHTML = (
    '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
    f"<body><p>{FIRST}</p><p>{SECOND}</p></body></html></inlineXML>"
)
PLAIN = f'<inlineData contenttype="text/plain">{FIRST}\n\n{SECOND}</inlineData>'
INNER_NITF = f'<inlineXML contenttype="application/nitf+xml"><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">{NITF_BODY}</nitf></inlineXML>'.replace(
    "&eacute;", "é"
)


def news_message(*items: str) -> str:
    held = "".join(items)
    return f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{held}</itemSet></newsMessage>'


# --- mail, and pages as browsers and the Wayback Machine save them ---------------------------------------------

NEWSLETTER = f"""<html><body><div style="display:none">Hidden words</div><table><tr><td><a href="https://x.example/t?u=9">View in browser</a></td></tr>
<tr><td><h1>The Morning Tide</h1><p>{FIRST}</p><p>{SECOND}</p></td></tr>
<tr><td><ul><li>Schools open on Tuesday.</li></ul>Unsubscribe</td></tr></table></body></html>"""


def message(
    subject: str, *, html: str = "", plain: str = "", sender: str = "The Morning Tide <tide@courier.example>"
) -> bytes:
    """Return a message of a newsletter as a mail program keeps it."""
    made = EmailMessage()
    made["Subject"], made["From"] = subject, sender
    made["Date"], made["Message-ID"] = "Thu, 06 Jun 2024 06:00:00 +0200", f"<{subject.encode().hex()}@courier.example>"
    if plain:
        made.set_content(plain)
    if html and plain:
        made.add_alternative(html, subtype="html")
    elif html:
        made.set_content(html, subtype="html")
    return made.as_bytes()


def mbox(*messages: bytes) -> bytes:
    quoted = (re.sub(rb"^(>*From )", rb">\1", raw, flags=re.MULTILINE) for raw in messages)
    return b"".join(b"From tide@courier.example Thu Jun  6 06:00:00 2024\n" + raw + b"\n" for raw in quoted)


PAGE = "<html><head><title>Bridge shut</title>{head}</head><body>{bar}<article><h1>Bridge shut</h1>{told}</article></body></html>"
TOLD = "".join(f"<p>{FIRST} That was day {n}.</p>" for n in range(1, 5)) + f"<p>{SECOND}</p>"
CAPTURE = "https://web.archive.org/web/20250101120000"
ORIGINAL = "https://courier.example/2024/06/06/bridge"
WAYBACK = PAGE.format(
    head=f"""<script>__wm.wombat("{ORIGINAL}","20250101120000","https://web.archive.org/")</script>
<meta property="og:url" content="{CAPTURE}/{ORIGINAL}"/><meta name="author" content="Jo Poe">""",
    bar=f"""<!-- BEGIN WAYBACK TOOLBAR INSERT --><div id="wm-ipp-base"><p>The Wayback Machine - {CAPTURE}/{ORIGINAL}</p>
<p>This page was captured on 1 January 2025 by a crawl of many sites, and here is a text about that crawl.</p></div><!-- END WAYBACK TOOLBAR INSERT -->""",
    told=TOLD,
)


def mhtml(page: str, address: str = ORIGINAL) -> bytes:
    """Return a page as Chromium saves it with its pictures."""
    packed = quopri.encodestring(page.encode()).decode()
    return f"""From: <Saved by Blink>
Snapshot-Content-Location: {address}
Subject: Bridge shut
Date: Wed, 1 Jan 2025 12:00:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----Boundary"

------Boundary
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable
Content-Location: {address}

{packed}
------Boundary
Content-Type: image/png
Content-Transfer-Encoding: base64

aGVsbG8=
------Boundary--
""".encode()


# --- documents ---------------------------------------------------------------------------------------------------


def _quoted(line: str) -> str:
    for sign in "\\()":
        line = line.replace(sign, f"\\{sign}")
    return line


def pdf(*pages: list[str], title: str = "", author: str = "") -> bytes:
    """Return a PDF with these lines on its pages, written as plainly as the format allows."""
    count = len(pages)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(count))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append(f"<< /Title ({title}) /Author ({author}) /CreationDate (D:20260101120000Z) >>".encode())
    for number, lines in enumerate(pages):
        shown = "".join(f"({_quoted(line)}) Tj T*\n" for line in lines)
        content = f"BT /F1 11 Tf 14 TL 60 780 Td\n{shown}ET".encode("cp1252")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 842] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {6 + 2 * number} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode() + trailer.encode()


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


WORD = 'xmlns:w="urn:w"'
CORE = """<cp:coreProperties xmlns:cp="urn:core"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Own title</dc:title>
<dc:creator>Ines Halloran</dc:creator><dcterms:created>2026-01-01T00:00:00Z</dcterms:created></cp:coreProperties>"""


def paragraph(inside: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>' if style else ""
    return f"<w:p>{properties}{inside}</w:p>"


def run(words: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{words}</w:t></w:r>'


def docx(*paragraphs: str, core: str = CORE) -> bytes:
    body = f"<w:document {WORD}><w:body>{''.join(paragraphs)}<w:sectPr/></w:body></w:document>"
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": body, "docProps/core.xml": core})


def odt(body: str) -> bytes:
    namespaces = (
        'xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:b" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    meta = f"<office:document-meta {namespaces}><office:meta><dc:title>Own title</dc:title></office:meta></office:document-meta>"
    content = f"<office:document-content {namespaces}><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": meta})


def epub(chapters: dict[str, str], *, more: dict[str, str] | None = None) -> bytes:
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    opf = f"""<package xmlns="urn:opf" xmlns:opf="urn:opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Harbour Weekly</dc:title><dc:creator>Jo Poe</dc:creator>
<dc:date opf:event="modification">2026-01-01</dc:date><dc:date>2024-06-07</dc:date></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}</manifest>
<spine><itemref idref="nav"/>{spine}</spine></package>"""
    container = '<container xmlns="urn:c"><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/content.opf": opf}
    held = {f"OEBPS/{unquote(name)}": page for name, page in chapters.items()}
    return packed({**parts, "OEBPS/nav.xhtml": "<html><body>Contents</body></html>", **held, **(more or {})})


def chapter(title: str, told: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
        f"<body><h1>{title}</h1>{told}</body></html>"
    )


def warc(*records: tuple[str, str, str, bytes]) -> bytes:
    """Return a WARC of answers: address, status, type and body of each."""
    out = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    for address, status, kind, body in records:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
        )
        out += head.encode() + answer + b"\r\n\r\n"
    return out
