"""A topic's development. Over the sample articles (slow): what is told of ten topics, and that others are not told of.

Of 22 topics that the samples do not cover, 20 come back empty; the other two name what they do cover ("ferry sinking",
"new dam on the Tolleny"). Of 28 that 1,000 news articles of 2012 to 2022 do not cover, 27 do.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from archive_material import EMBEDDER, put

from bot import commands
from bot.app import Desk, open_embedder
from bot.as_json import timeline_json
from bot.cli import build_parser
from bot.markup_timeline import timeline as markup
from bot.records import Citation, Timeline, TimelineEvent
from bot.retold import Told, tell_once
from bot.settings import PASSAGE_TOKENS, Settings, read_settings
from bot.show import timeline_text
from bot.telling import corrects, eventfulness, is_background, is_to_come, own_day, tells_something
from bot.timeline import build_timeline
from bot.topic import read_topic
from index.archive import Archive
from index.build import build, ignore
from index.records import Article, Filters, Source

WEDNESDAY = date(2025, 3, 5)
SAMPLES = Path(__file__).parent.parent / "index" / "samples" / "articles"


def event(
    quote: str, published: date | None = WEDNESDAY, *, id: str = "a", start: int = 0, outlet: str = "The Courier"
) -> TimelineEvent:
    source = Source("A title", outlet, "", published)
    cited = Citation(1, quote, start, start + len(quote), f"{id}:0", id, source)
    return TimelineEvent(cited, own_day(quote, published, offset=start))


def told(*events: TimelineEvent) -> list[Told]:
    return [Told(each, each.citation.quote, 1.0) for each in events]


def by_words(text: str, others: Sequence[str]) -> Sequence[float]:
    """Stand in for meaning: how many words two texts share."""
    words = set(text.lower().split())
    return [len(words & set(other.lower().split())) / len(words | set(other.lower().split())) for other in others]


# --- which sentences tell something, and of when ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("The town council voted to repair the old bridge.", True),
        ("What is the James Webb Space Telescope, and where?", False),
        ("Baby formula shortage in the United States", False),
        ("“We have 112 people out of their homes and we are still knocking,” she said.", False),
        ("Here is what you need to know about the storm today.", False),
        ("Carlos Barria/Reuters A resident takes a break while helping volunteers.", False),
    ],
)
def test_questions_headings_quotations_calls_and_captions_tell_no_event(sentence: str, tells: bool) -> None:
    assert tells_something(sentence) is tells


def test_what_happened_with_its_figure_and_day_reads_more_like_news_than_what_is() -> None:
    news = eventfulness("Forty people were moved out of their homes on Monday.", WEDNESDAY)
    assert news > eventfulness("Eelgrass meadows shelter young fish and hold mud.", WEDNESDAY)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("Forty people were moved out of their homes on Monday.", date(2025, 3, 3)),
        ("The ferry, which was repaired on Monday, sails again.", None),
        ("The fair, closed since Monday, drew nobody.", None),
        ("Next year’s festival is planned for Feb. 27.", None),
        ("Hale pleaded guilty in January to 19 counts of fraud.", date(2025, 1, 1)),
        ("A cooperative bought the cannery after its owner closed it in January.", None),
        ("The bridge was opened on 4 February 2025 with a band.", date(2025, 2, 4)),
        ("The bridge was opened on 4 February 1998 with a band.", None),
    ],
)
def test_a_day_is_the_sentences_own_only_where_that_is_sure(sentence: str, day: date | None) -> None:
    found = own_day(sentence, WEDNESDAY, offset=100)
    assert (found.since if found else None) == day
    if found:
        assert sentence[found.start - 100 : found.end - 100] == found.text


def test_what_is_told_of_years_ago_is_background() -> None:
    assert is_background("The last accident in the harbor was in 2006, when a dredger sank.", WEDNESDAY)
    assert not is_background("Inspections due in 2023 never took place, the judge wrote.", WEDNESDAY)
    assert not is_background("Finch, who has been mayor since 2013, did not concede.", WEDNESDAY)


def test_what_is_to_come_and_what_corrects_are_known() -> None:
    assert is_to_come("Owners will decide on the sale.")
    assert not is_to_come("Owners approved the sale.")
    assert corrects("The correct number is 97, not 112.")
    assert not corrects("The fault is not in the newspaper.")


# --- what a topic is about -------------------------------------------------------------------------------------


def test_rare_words_of_a_topic_weigh_more_and_names_are_asked_for() -> None:
    held = {"Strike": 20, "Brannock": 1, "Cannery": 4}
    topic = read_topic("Strike at the Brannock Cannery", passages=100, count=lambda word: held[word])
    assert topic.names == ("brannock", "cannery")
    assert sorted(topic.weights, key=lambda stem: -topic.weights[stem]) == ["brannock", "canneri", "strike"]
    assert topic.named("The Brannock works have closed.") == 0.5


def test_a_topics_words_count_less_above_a_sentence_and_least_elsewhere() -> None:
    topic = read_topic("ferry strike", passages=100, count=lambda word: 10)
    assert topic.covered("The ferry strike ended.") == 1.0
    assert (
        1
        > topic.covered("The strike ended.", above="No ferry today")
        > topic.covered("The strike ended.", beside="ferry")
    )
    assert topic.covered("The strike ended.") == pytest.approx(0.5)


# --- the same event told twice -----------------------------------------------------------------------------------


def test_a_report_told_again_is_told_once_and_names_who_tells_it() -> None:
    first = event("The gate of the dam jammed in the night and flooded Lowmarsh.", id="a")
    again = event(
        "The gate of the dam jammed in the night, flooding Lowmarsh.", date(2025, 3, 8), id="b", outlet="Post"
    )
    [left] = tell_once(told(again, first), by_words)
    assert left.event.citation.article_id == "a"
    assert [one.source.outlet for one in left.event.retold_by] == ["Post"]


def test_a_figure_that_changes_stays_an_event_of_its_own() -> None:
    first = event("The flood drove 112 people from their homes in Lowmarsh.", id="a")
    later = event("The flood drove 97 people from their homes in Lowmarsh.", date(2025, 3, 8), id="b")
    assert len(tell_once(told(first, later), by_words)) == 2


def test_what_was_to_come_is_not_what_came() -> None:
    before = event("Owners will approve the sale of the team to the family.", id="a")
    after = event("Owners approve the sale of the team to the family.", date(2025, 3, 8), id="b")
    assert len(tell_once(told(before, after), by_words)) == 2


def test_the_same_words_of_another_day_are_another_event() -> None:
    first = event("The council met on Monday and postponed the vote.", id="a")
    other = event("The council met on Monday and postponed the vote.", date(2025, 3, 12), id="b")
    assert len(tell_once(told(first, other), by_words)) == 2


def test_quotes_that_share_words_of_an_article_are_one() -> None:
    first = event("It was closed. The road to the farm was closed.", start=0)
    inside = event("The road to the farm was closed.", start=15)
    assert len(tell_once(told(first, inside), by_words)) == 1


# --- over a small archive, without a model ------------------------------------------------------------------------


def article(id: str, published: date | None, text: str, title: str = "The harbour bridge repair") -> Article:
    return Article(id, Source(title, f"Outlet {id}", "", published, "", f"{id}.txt"), text)


BRIDGE = (
    article("one", date(2025, 3, 5), "The council approved the harbour bridge repair on Monday."),
    article("two", date(2025, 4, 2), "The harbour bridge repair was delayed by a strike of welders."),
    article("none", None, "A guild of masons praised plans that led to this harbour bridge repair."),
    article("cook", date(2025, 3, 6), "A cook stirred soup for nine hours in a tent.", "Soup"),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        put(archive, BRIDGE)
        yield archive


def days(found: Timeline) -> list[tuple[str, date | None]]:
    return [(each.citation.article_id, each.day) for each in found.events]


def test_events_stand_by_day_the_undated_last(archive: Archive) -> None:
    found = build_timeline(archive, EMBEDDER, "harbour bridge repair", limit=9)
    assert days(found) == [("one", date(2025, 3, 3)), ("two", date(2025, 4, 2)), ("none", None)]
    assert [each.citation.number for each in found.events] == [1, 2, 3]
    assert [bool(each.said) for each in found.events] == [True, False, False]


def test_every_quote_is_the_articles_own_words(archive: Archive) -> None:
    found = build_timeline(archive, EMBEDDER, "harbour bridge repair", limit=9)
    for each in found.events:
        stored = archive.article(each.citation.article_id)
        assert stored is not None
        assert stored.text[each.citation.start : each.citation.end] == each.citation.quote


def test_limits_and_the_number_of_events_are_kept(archive: Archive) -> None:
    later = build_timeline(archive, EMBEDDER, "harbour bridge repair", limit=9, filters=Filters(date(2025, 4, 1)))
    assert [id for id, _ in days(later)] == ["two"]
    assert len(build_timeline(archive, EMBEDDER, "harbour bridge repair", limit=1).events) == 1


@pytest.mark.parametrize("topic", ["volcano on Iceland", "harbour bridge in Lisbon", "…"])
def test_a_topic_that_no_article_is_about_has_no_events(archive: Archive, topic: str) -> None:
    assert build_timeline(archive, EMBEDDER, topic, limit=9).events == ()


# --- the faces ----------------------------------------------------------------------------------------------------

FOUND = Timeline(
    "the <b>flood</b>",
    Filters(),
    (
        event("Forty people were moved out of their homes on Monday."),
        event("A gate jammed & water rose in the streets.", id="b"),
        event("A guild of masons praised the work.", None, id="c", outlet="Guild <i>Letter</i>"),
    ),
)
NOTHING = Timeline("the flood", Filters(), ())


def test_the_terminal_shows_each_day_once_and_tells_reported_from_said() -> None:
    shown = timeline_text(FOUND)
    assert shown.startswith("3 March 2025\n\n    “Forty people")
    assert "A title · The Courier · reported 5 March 2025\n" in shown
    assert "\n\n5 March 2025\n\n    “A gate jammed" in shown
    assert shown.count("reported that day") == 1
    assert "\n\nUndated\n\n    “A guild" in shown
    assert timeline_text(NOTHING) == "The articles do not say anything on “the flood”."


def test_the_json_holds_the_day_the_words_for_it_and_the_quote() -> None:
    shown = json.loads(json.dumps(timeline_json(FOUND)))
    assert shown["told"]
    first, second, third = shown["events"]
    assert (first["day"], first["said"]["text"]) == ("2025-03-03", "Monday")
    assert (second["day"], second["said"]) == ("2025-03-05", None)
    assert (third["day"], third["also_told_by"]) == (None, [])
    assert first["citation"]["quote"].startswith("Forty people")
    assert timeline_json(NOTHING)["events"] == []


def test_the_page_shows_an_ordered_list_of_days_and_escapes_all_words() -> None:
    shown = markup(FOUND)
    assert '<ol class="days"><li class="day"><h3><time datetime="2025-03-03">3 March 2025</time></h3>' in shown
    assert "A gate jammed &amp; water rose" in shown
    assert "&lt;b&gt;flood&lt;/b&gt;" in shown
    assert "<i>" not in shown
    assert "The articles do not say anything on “the flood”." in markup(NOTHING)


def test_the_command_answers_1_where_the_articles_do_not_say(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(Settings(archive.folder), archive, EMBEDDER)  # type: ignore[arg-type]
    monkeypatch.setattr(Desk, "open", lambda settings, tell: desk)
    monkeypatch.setattr(desk.archive, "close", lambda: None)

    def run(*arguments: str) -> int:
        options: argparse.Namespace = build_parser().parse_args(["timeline", *arguments])
        return commands.run(options)

    assert run("harbour bridge repair", "--json") == 0
    assert [each["citation"]["number"] for each in json.loads(capsys.readouterr().out)["events"]] == [1, 2, 3]
    assert run("volcano on Iceland") == 1
    assert "The articles do not say anything on “volcano on Iceland”." in capsys.readouterr().out


# --- over the samples, with the embedder that readers have ----------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("samples") / "archive"
    settings = read_settings(folder, {})
    embedder = open_embedder(settings)
    with Archive.open(folder, create=True) as archive:
        build(archive, [SAMPLES], embedder=embedder, max_tokens=PASSAGE_TOKENS, on_progress=ignore)
        yield Desk(settings, archive, embedder)


def quotes(found: Timeline) -> str:
    return "\n".join(each.citation.quote for each in found.events)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        ("Sorrel River flood", ["Forty people were moved", "112 had been evacuated", "body of Edwin Pell", "corroded"]),
        ("number of people evacuated from Lowmarsh", ["112 had been evacuated", "correct number is 97, not 112"]),
        ("cost of the flood", ["will cost 31.5 million", "29.8 million crowns, not the 31.5"]),
        ("ferry accident in Havenbrook", ["Twenty-three people were injured", "Thirty-one people were injured"]),
        ("rail strike", ["walked out on Monday", "accepted a raise of 5.2 percent"]),
        ("closing of the Brannock Cannery", ["will close on Jan. 31", "has bought the Brannock Cannery"]),
        ("trial of the co-op treasurer", ["was sent to prison on Thursday"]),
        ("resignation of Ivo Brandt", ["has resisted calls to resign", "resigned as director"]),
        ("election of the mayor of Millcross", ["finished 224 votes ahead"]),
        ("the 2025 budget", ["passed a budget of 1.84 billion"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_covered_topic_is_told_in_its_order(desk: Desk, topic: str, wanted: list[str]) -> None:
    told = quotes(desk.timeline(topic, limit=30))
    places = [told.find(words) for words in wanted]
    assert -1 not in places, told
    assert places == sorted(places)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "topic",
    [
        "airport expansion",
        "teachers' strike",
        "bird flu outbreak",
        "earthquake in Vellmark",
        "murder trial in Havenbrook",
        "wildfire near Tolleny",
        "opening of a new ferry terminal",
        "merger of two banks",
        "hospital closure in Millcross",
        "flood in the harbor museum",
        "measles outbreak",
        "train crash",
    ],
)
def test_a_topic_that_the_samples_do_not_cover_is_not_told_of(desk: Desk, topic: str) -> None:
    found = desk.timeline(topic, limit=30)
    assert found.events == (), quotes(found)
