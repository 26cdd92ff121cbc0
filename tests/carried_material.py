"""One report of our own, printed by several outlets with the small edits that outlets make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from index.records import Article, Source

REPORT = (
    "HAVENBROOK — Train drivers in Vellmark have accepted a raise of 5.2 percent over two years. The strike had stopped"
    " most of the region’s trains for three days in November.\n\n"
    "Union leader Ines Halloran said on Tuesday that 81 percent of the members had voted for the deal. “Nobody got all"
    " that was asked for,” she told reporters in the hall of the old customs house.\n\n"
    "The railway will pay 14 million crowns more a year. It wants to save as much by closing ticket counters in nine"
    " smaller stations, a plan that the mayors of three towns have called a breach of promise.\n\n"
    "Passengers welcomed the end of the dispute, which had threatened to last beyond the holidays and into the new"
    " year."
)
OTHER_MONEY = REPORT.replace("14 million", "40 million")
FIRST_DAY = date(2024, 12, 3)


def reprint(number: int, text: str = REPORT, *, days: int | None = None, title: str = "") -> Article:
    """Return the print of outlet `number`, on that many days after the first; by default as many as its number."""
    published = FIRST_DAY + timedelta(number if days is None else days)
    source = Source(title or f"Headline {number}", f"Outlet {number}", published=published, path=f"{number}.txt")
    return Article(f"print{number}", source, text)


PRINTS = (
    reprint(0),
    reprint(1, REPORT.replace("HAVENBROOK —", "HAVENBROOK (Wire) —")),
    reprint(2, REPORT.replace("said on Tuesday that", "said Tuesday").replace("percent", "%")),
    reprint(3, REPORT.replace("’", "'").replace("“", '"').replace("”", '"')),
    reprint(4, REPORT.replace("nine", "9").replace("\n\n", "\n")),
)


def as_records(articles: tuple[Article, ...]) -> Iterator[Mapping[str, str]]:
    """Yield the articles as records of a JSONL file."""
    for article in articles:
        source = article.source
        day = source.published.isoformat() if source.published else ""
        yield {"id": article.id, "title": source.title, "outlet": source.outlet, "published": day, "text": article.text}
