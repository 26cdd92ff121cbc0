"""Articles in the formats of newsrooms and readers' programs, made here: nothing of them is anyone else's."""

# ruff: noqa: E501 - documents read best as they are written

from __future__ import annotations

import quopri
import re
from email.message import EmailMessage

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
