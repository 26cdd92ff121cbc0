from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from fake_desk import ARTICLES, BY_ID, CITATIONS, HITS, HOSTILE, NEAREST, SENTENCES, answer_of, cite
from hypothesis import given
from hypothesis import strategies as st

from bot import markup, markup_answer, markup_article, markup_exchange, markup_sources
from bot.exchange import Exchange, advance, turns
from bot.records import Answer, Found, Implied, Question, Sentence, Stage, Token, Version
from bot.used import Highlight, quotes_of
from index.records import Article, Carrier, Filters, Mark, Source

QUESTION = Question("What does the repair cost?", date(2026, 1, 2))
HOSTILE_TEXTS = (
    HOSTILE,
    '"><script>window.hacked=1</script>',
    "' onmouseover='window.hacked=1",
    "<details ontoggle=window.hacked=1 open><summary>x</summary></details>",
    "</mark></blockquote></section><iframe src=//evil.example>",
    "<form action=//evil.example><input name=a></form><base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example><video autoplay src=//evil.example>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} `",
    "a\x00b \ud800 \u202egnp.exe",
)
OURS = frozenset(
    "article section h2 h3 p q bdi span small time button ol ul li a blockquote mark details summary div progress "
    "strong label input textarea".split()
)


class Tags(HTMLParser):
    """Every element with its attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[str] = []
        self.text = ""
        self._in_mark = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_mark = tag == "mark"
        self.marks += [""] if tag == "mark" else []

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marks[-1] += data


def hostile_pages(text: str) -> list[str]:
    source = Source(text, text, text, None, text, text)
    article = Article("x", source, f"One.\n\n{text}\n\nTwo.", kind="opinion")
    start = article.text.index(text)
    citation = replace(cite(1, "bridge", "Work is"), quote=text, start=start, end=start + len(text), source=source)
    carriers = (Carrier(text, source),)
    citation = replace(citation, carried_by=carriers)
    hit = replace(HITS[0], passage=replace(HITS[0].passage, source=source, text=text), carried_by=carriers)
    answer = answer_of(
        Question(text, date(2026, 1, 2)),
        standalone_question=text + "?",
        text=text,
        model=text,
        reason=text,
        sentences=(Sentence(text, "partly", (1,), (text,)), Sentence(text, "unsupported", (), (text,))),
        citations=(citation,),
        retrieved=(hit,),
        applied=Filters(outlets=(text,), authors=(text,)),
    )
    found = Found(text + "?", answer.applied, (hit,), 5)
    shown = Exchange(1, answer.question, found=replace(found, implied=Implied(text, None, None, False)), draft=text)
    light = Highlight(start, start + len(text), 1)
    exchanges = [
        shown,
        replace(shown, answer=answer),
        replace(shown, answer=replace(answer, answered=False)),
        replace(shown, answer=replace(answer, stopped=True, sentences=())),
        replace(shown, wrong=text, mend=text),
    ]
    pages = [markup_exchange.exchange(one) for one in exchanges]
    pages += [markup_sources.panel(one, lambda _: article, chosen=1, focus=2) for one in exchanges]
    uses = replace(light, uses=(text, text))
    pages += [
        markup_article.open_article(article, [light], light, exchange=1, focus=3),
        markup_article.open_article(article, [uses, uses], uses, exchange=1, focus=3, use=1),
        markup_exchange.exchange(replace(exchanges[1], follow_ups=(text,))),
        markup_sources.progress(text, 1, 2),
        markup_sources.failure(text, text),
        markup_sources.welcome([text]),
    ]
    return pages


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:24])
def test_hostile_text_makes_no_element_attribute_or_link(text: str) -> None:
    for page in hostile_pages(text):
        page.encode("utf-8")
        for tag, attributes in Tags(page).found:
            assert tag in OURS
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
            assert (attributes.get("href") or "#").startswith("#")


def test_how_a_follow_up_was_understood_is_shown_and_can_be_put_right_once_it_is_over() -> None:
    found = Found('What does "it" cost?', Filters(), HITS, 90)
    answer = answer_of(QUESTION, standalone_question=found.standalone_question)
    under_way = markup_exchange.exchange(Exchange(2, QUESTION, found=found))
    over = markup_exchange.exchange(Exchange(2, QUESTION, found=found, answer=answer))
    [waiting] = [attributes for _, attributes in Tags(under_way).found if attributes.get("id") == "u2"]
    [field] = [attributes for _, attributes in Tags(over).found if attributes.get("id") == "u2"]
    assert ("readonly" in waiting, "readonly" in field) == (True, False)
    [button] = [attributes for _, attributes in Tags(over).found if attributes.get("data-event") == "revise"]
    assert field["value"] == 'What does "it" cost?'
    assert button["data-from"] == field["id"] == "u2"


def test_a_question_understood_as_asked_is_not_said_twice() -> None:
    found = Found(QUESTION.text, Filters(), HITS, 90)
    assert "Understood as" not in markup_exchange.exchange(
        Exchange(1, QUESTION, found=found, answer=answer_of(QUESTION))
    )


def test_hostile_text_is_shown_as_it_is() -> None:
    page = markup_exchange.exchange(Exchange(1, QUESTION, draft=HOSTILE))
    assert HOSTILE in Tags(page).text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://courier.example/a?b=1&c=2", True),
        ("http://courier.example/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,<script>", False),
        ("file:///etc/passwd", False),
        ("smb://host/share", False),
        ("//evil.example", False),
        ("http://", False),
        ("http://[", False),
        ("https://courier.example@evil.example/", False),
        ("https://evil.example/\u202egnp.exe", False),
        ("https://courier.example\u200b.evil.example/", False),
        ("https://courier.example/a b", False),
        ("https:\\\\evil.example/", False),
        ("https://courier.example/Zürich", True),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, shown: bool) -> None:
    assert bool(markup.web_address(url)) is shown


def test_a_link_to_the_original_opens_apart_and_tells_nothing() -> None:
    page = markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), BY_ID.get)
    links = [attributes for tag, attributes in Tags(page).found if tag == "a" and attributes.get("target")]
    assert links
    assert all(link["rel"] == "noopener noreferrer" and link["target"] == "_blank" for link in links)


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (date(2017, 3, 1), date(2017, 3, 31), "1–31 March 2017"),
        (date(2017, 3, 7), date(2017, 3, 7), "7 March 2017"),
        (date(2017, 3, 7), date(2017, 5, 1), "7 March – 1 May 2017"),
        (date(2016, 3, 7), date(2017, 5, 1), "7 March 2016 – 1 May 2017"),
        (date(2017, 3, 7), None, "7 March 2017 onwards"),
        (None, date(2017, 3, 7), "7 March 2017 or earlier"),
        (None, None, ""),
    ],
)
def test_a_range_of_dates_reads_as_in_a_newspaper(since: date | None, until: date | None, words: str) -> None:
    assert markup.span_in_words(since, until) == words


def test_limits_from_the_question_are_told_apart_from_the_readers_own() -> None:
    march = Filters(since=date(2017, 3, 1), until=date(2017, 3, 31))
    post = Filters(outlets=("Northern Post",))
    assert "1–31 March 2017 — asked by your question" in markup_exchange.limits(march, Filters())
    assert "— your limits<" in markup_exchange.limits(march, march)
    assert "your limits and your question together" in markup_exchange.limits(
        replace(march, outlets=post.outlets), post
    )
    assert markup_exchange.limits(Filters(), Filters()) == ""


MARCH = Implied("in <i>march", date(2017, 3, 1), date(2017, 3, 31), is_limit=True)


@pytest.mark.parametrize(
    ("implied", "words"),
    [
        (MARCH, "Because of in <i>march in your question."),
        (replace(MARCH, is_limit=False), "Articles from 1–31 March 2017 come first, because of in <i>march in your"),
        (Implied("the latest", None, None, is_limit=False), "The newest articles come first, because of the latest"),
    ],
    ids=["a limit", "a preference", "the newest"],
)
def test_what_the_question_implied_can_be_taken_away_once_it_is_answered(implied: Implied, words: str) -> None:
    found = Found("", Filters(), HITS, 90, implied)
    asked = Exchange(4, QUESTION, found=found)
    answered = replace(asked, answer=answer_of(QUESTION))
    pages = [Tags(markup_exchange.exchange(one)) for one in (asked, answered)]
    chips = [[attributes for _, attributes in page.found if attributes.get("class") == "chip"] for page in pages]
    assert all(words in page.text for page in pages)
    assert chips[0] == []
    assert [(chip["data-event"], chip["data-exchange"]) for chip in chips[1]] == [("anydate", "4")]
    assert chips[1][0]["aria-label"] == "Ask again, for articles of any date"


def test_a_question_asked_again_for_any_date_says_so() -> None:
    again = Exchange(4, replace(QUESTION, any_date=True), found=Found("", Filters(), HITS, 90))
    assert "Asked again, for articles of any date" in markup_exchange.exchange(again)


def test_the_days_that_a_quotes_words_mean_stand_under_it() -> None:
    page = markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), BY_ID.get)
    assert '<q>Wednesday</q>: <time datetime="2017-06-21">21 June 2017</time>' in page


def test_every_marker_says_what_it_cites() -> None:
    page = markup_exchange.exchange(Exchange(3, QUESTION, answer=answer_of(QUESTION)))
    markers = [attributes for tag, attributes in Tags(page).found if attributes.get("class") == "marker"]
    assert [marker["id"] for marker in markers] == ["c3-1", "c3-2", "c3-3", "c3-4"]
    assert "Northern Post, 21 June 2017" in str(markers[1]["aria-label"])


def test_a_sentence_without_full_support_says_what_is_missing() -> None:
    page = markup_exchange.exchange(Exchange(1, QUESTION, answer=answer_of(QUESTION)))
    assert "the quoted words lack twelve" in Tags(page).text
    assert "no article carries this" in Tags(page).text
    assert "2 of 4 sentences" in Tags(page).text


def refusal_of(**changes: object) -> Answer:
    refused = answer_of(QUESTION, answered=False, text="The articles do not say.", sentences=(), citations=())
    return replace(replace(refused, nearest=NEAREST), **changes)  # type: ignore[arg-type]


def test_what_is_nearest_to_a_refusal_opens_as_a_citation_does() -> None:
    found = Tags(markup_exchange.exchange(Exchange(3, QUESTION, answer=refusal_of()))).found
    buttons = [attributes for _, attributes in found if attributes.get("data-event") == "quote"]
    assert [(one["data-exchange"], one["data-number"]) for one in buttons] == [("3", "1"), ("3", "2")]


def test_a_refusal_of_which_nothing_is_near_quotes_nothing() -> None:
    text = Tags(markup_exchange.exchange(Exchange(1, QUESTION, answer=refusal_of(nearest=())))).text
    assert "What the nearest articles do say" not in text


def test_a_model_that_broke_off_is_told_and_answered_for() -> None:
    answer = answer_of(QUESTION, fallback="the file is <damaged>")
    text = Tags(markup_exchange.exchange(Exchange(1, QUESTION, answer=answer))).text
    assert "The model broke off, so the articles’ own sentences answer. The file is <damaged>." in text
    assert SENTENCES[0].text in text


def test_a_refusal_gives_the_reason_and_the_nearest_articles_words() -> None:
    answer = refusal_of(reason="Nothing on <colour>.")
    text = Tags(markup_exchange.exchange(Exchange(1, QUESTION, answer=answer))).text
    assert "Nothing on <colour>." in text
    assert all(citation.quote in text for citation in NEAREST)
    assert "carried" not in text


def test_a_reason_reads_as_a_sentence() -> None:
    assert markup.as_sentence("nothing was found") == "Nothing was found."
    assert markup.as_sentence("Was it?") == "Was it?"


def test_a_long_wait_is_counted_and_a_short_one_is_not() -> None:
    waiting = Exchange(1, QUESTION, stage="reading", seconds=12)
    assert "12 s" in markup_exchange.exchange(waiting)
    assert "2 s" not in markup_exchange.exchange(replace(waiting, seconds=2))


def test_what_was_stopped_is_shown_as_unchecked() -> None:
    answer = answer_of(QUESTION, stopped=True, sentences=(), citations=(), text="The council fir")
    text = Tags(markup_exchange.exchange(Exchange(1, QUESTION, answer=answer))).text
    assert "The council fir" in text
    assert "Not checked" in text


def test_paragraphs_of_an_answer_stay_apart() -> None:
    text = f"{SENTENCES[0].text}\n\n{SENTENCES[1].text} {SENTENCES[2].text}"
    page = markup_answer.answered(1, answer_of(QUESTION, text=text, sentences=SENTENCES[:3]))
    assert page.count("</p><p>") == 1


def test_a_citation_stands_in_its_surroundings_with_exactly_its_words_marked() -> None:
    page = Tags(markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), BY_ID.get))
    assert page.marks == [citation.quote for citation in CITATIONS]
    assert "Nine members voted" in page.text


def test_a_citation_whose_article_is_gone_is_still_shown() -> None:
    page = Tags(markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), lambda _: None))
    assert page.marks == [citation.quote for citation in CITATIONS]


def test_what_was_only_found_is_folded_and_does_not_repeat_what_is_cited() -> None:
    page = markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), BY_ID.get)
    assert re.search(r"<details><summary>Also found, not cited <span>2</span>", page)


def test_under_a_quote_stands_who_else_carries_it_each_to_be_opened() -> None:
    page = Tags(markup_sources.panel(Exchange(1, QUESTION, answer=answer_of(QUESTION)), BY_ID.get))
    buttons = [attributes for _, attributes in page.found if attributes.get("data-event") == "carrier"]
    assert [(each["data-exchange"], each["data-article"]) for each in buttons] == [("1", "opinion")]
    assert page.text.count("Also carried by") == 1


def test_a_carrier_without_outlet_and_date_is_named_by_its_headline() -> None:
    undated = replace(HITS[0], carried_by=(Carrier("x", Source("A headline")),))
    found = Found("q", Filters(), (undated,), 5)
    assert (
        "Also carried by A headline (undated)"
        in Tags(markup_sources.panel(Exchange(1, QUESTION, found=found), BY_ID.get)).text
    )


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 300)), max_size=6))
def test_an_open_article_is_whole_whatever_is_marked_in_it(ranges: list[tuple[int, int]]) -> None:
    article = ARTICLES[0]
    lights = [Highlight(start, min(start + size, len(article.text)), n) for n, (start, size) in enumerate(ranges, 1)]
    chosen = lights[0] if lights else Highlight(0, 0)
    page = markup_article.open_article(article, lights, chosen, exchange=1, focus=9)
    shown = Tags(page).text
    position = 0
    for paragraph in filter(str.strip, article.text.split("\n")):
        position = shown.index(paragraph, position)
    marked = "".join(Tags(page).marks)
    covered = {i for light in lights for i in range(light.start, light.end)}
    wanted = "".join(article.text[i] for i in sorted(covered) if article.text[i] != "\n")
    assert marked == wanted
    assert page.count("data-focus") <= 1


def test_the_chosen_quote_takes_the_focus_and_other_quotes_are_marked_too() -> None:
    lights = [Highlight(one.start, one.end, one.number) for one in CITATIONS if one.article_id == "bridge"]
    page = markup_article.open_article(ARTICLES[0], lights, lights[1], exchange=1, focus=4)
    marks = [attributes for tag, attributes in Tags(page).found if tag == "mark"]
    assert [mark["data-numbers"] for mark in marks] == ["1", "4"]
    assert [mark.get("data-focus") for mark in marks] == [None, "4"]
    assert Tags(page).marks == [CITATIONS[0].quote, CITATIONS[3].quote]


TWICE = answer_of(
    QUESTION,
    sentences=(replace(SENTENCES[0], citations=(1,)), replace(SENTENCES[1], citations=(2,)), SENTENCES[0]),
)


def test_from_a_quote_a_way_leads_back_to_every_sentence_that_rests_on_it() -> None:
    this = Exchange(7, QUESTION, answer=TWICE)
    lights = quotes_of(this, ARTICLES[0])
    assert lights[0].uses == (SENTENCES[0].text, SENTENCES[0].text)
    ways = [
        attributes
        for tag, attributes in Tags(
            markup_article.open_article(ARTICLES[0], lights, lights[0], exchange=7, focus=1)
        ).found
        if tag == "a" and attributes.get("class") == "home"
    ]
    markers = {attributes.get("id") for _, attributes in Tags(markup_exchange.exchange(this)).found}
    assert [way["href"] for way in ways] == ["#c7-1", "#c7-1-2", "#c7-4"]
    assert {"c7-1", "c7-1-2"} <= markers
    assert SENTENCES[0].text in str(ways[0]["aria-label"])


def test_the_way_back_leads_to_the_sentence_that_the_article_was_opened_from() -> None:
    [first, *_] = quotes_of(Exchange(7, QUESTION, answer=TWICE), ARTICLES[0])
    page = markup_article.open_article(ARTICLES[0], [first], first, exchange=7, focus=1, use=1)
    assert '<a href="#c7-1-2">Back to the answer</a>' in page
    assert 'data-home="c7-1-2"' in page


def test_no_two_elements_of_a_page_have_the_same_id() -> None:
    page = markup_exchange.conversation((Exchange(1, QUESTION, answer=TWICE), Exchange(2, QUESTION, answer=TWICE)))
    ids = [attributes["id"] for _, attributes in Tags(page).found if "id" in attributes]
    assert len(ids) == len(set(ids)) > 10


def test_an_exchange_keeps_its_parts_in_their_places_from_first_to_last() -> None:
    asked = Exchange(1, QUESTION)
    found = replace(asked, found=Found("q", Filters(), HITS, 3), draft="The council")
    over = [
        replace(found, answer=answer_of(QUESTION)),
        replace(found, answer=refusal_of()),
        replace(found, wrong="No."),
    ]
    shapes = {
        tuple(re.findall(r'(?:<h2 class="(question)|<div class="(search|body|after)"|<p class="(stage))', page))
        for page in map(markup_exchange.exchange, [asked, found, *over])
    }
    assert len(shapes) == 1


def test_only_the_latest_exchange_is_announced_asked_again_and_followed_up() -> None:
    this = Exchange(1, QUESTION, answer=answer_of(QUESTION), follow_ups=("What happened in May 2017?",))
    latest, earlier = markup_exchange.exchange(this), markup_exchange.conversation((this,), after=1)
    for part in ('role="status"', 'data-event="again"', "What happened in May 2017?"):
        assert (part in latest, part in earlier) == (True, False)


@pytest.mark.parametrize(
    ("after", "words"), [(0, ""), (1, "The question after it goes too"), (3, "The 3 questions after it go too")]
)
def test_an_edited_question_says_what_goes_with_it(after: int, words: str) -> None:
    this = Exchange(4, QUESTION, answer=answer_of(QUESTION))
    page = markup_exchange.conversation((this,), after=after)
    assert words in page
    assert ("after it go" in page) is bool(words)
    [button] = [attributes for _, attributes in Tags(page).found if attributes.get("data-event") == "edit"]
    assert (button["data-exchange"], button["data-from"]) == ("4", "e4")


def test_a_reader_who_stopped_is_told_before_the_model_has_ended() -> None:
    assert "Stopping" in markup_exchange.exchange(Exchange(1, QUESTION, stage="reading", is_stopping=True))


def test_captions_and_kinds_are_named_in_an_open_article() -> None:
    nothing = Highlight(0, 0)
    assert '<p class="caption"' in markup_article.open_article(ARTICLES[0], [], nothing, exchange=1, focus=0)
    assert ">Opinion<" in markup_article.open_article(ARTICLES[2], [], nothing, exchange=1, focus=0)


def test_a_headline_in_the_text_is_not_repeated() -> None:
    article = Article("a", Source("Dam opens", "Post"), "Dam opens\n\nIt did.", (Mark(0, 9, "headline"),))
    page = markup_article.open_article(article, [], Highlight(0, 0), exchange=1, focus=0)
    assert Tags(page).text.count("Dam opens") == 1


def test_long_surroundings_are_cut_at_words() -> None:
    text = "word " * 200 + "QUOTE" + " word" * 200
    before, after = markup_sources.surroundings(text, text.index("QUOTE"), text.index("QUOTE") + 5)
    assert before.startswith("… word")
    assert after.endswith("word …")
    assert len(before) + len(after) < 600


def test_an_exchange_grows_with_its_events() -> None:
    exchange = Exchange(1, QUESTION)
    answer = answer_of(QUESTION)
    for event in (Stage("writing"), Found("q", Filters(), HITS, 3), Token("a "), Token("b"), answer):
        exchange = advance(exchange, event)
    assert (exchange.stage, exchange.draft, exchange.answer) == ("writing", "a b", answer)
    assert exchange.is_over


def test_what_was_stopped_is_not_part_of_the_conversation() -> None:
    said, stopped = answer_of(QUESTION), answer_of(QUESTION, stopped=True)
    exchanges = (Exchange(1, QUESTION, answer=said), Exchange(2, QUESTION, answer=stopped), Exchange(3, QUESTION))
    assert [turn.answer for turn in turns(exchanges)] == [said.text]


# --- versions and opinion ---------------------------------------------------------------------------------------

OTHER = Version("5.1 million crowns", "4.2 million crowns", "later", replace(CITATIONS[1], number=5))


def test_a_later_figure_is_shown_before_the_answer_with_its_day() -> None:
    page = markup_answer.answered(1, answer_of(QUESTION, versions=(OTHER,)))
    text = Tags(page).text
    assert text.startswith("A later article gives 5.1 million crowns (21 June 2017), not 4.2 million crowns [5]")
    assert f"A later article says otherwise: Northern Post · Peter Aske · 21 June 2017: {OTHER.citation.quote}5" in text


def test_a_source_that_differs_follows_the_answer() -> None:
    page = markup_answer.answered(1, answer_of(QUESTION, versions=(replace(OTHER, relation="differs"),)))
    assert Tags(page).text.startswith(SENTENCES[0].text)
    assert "Another source says otherwise: Northern Post" in Tags(page).text
    assert "versions" not in markup_answer.answered(1, answer_of(QUESTION))


def test_the_source_of_a_version_has_a_card() -> None:
    this = advance(Exchange(1, QUESTION), answer_of(QUESTION, versions=(OTHER,)))
    page = markup_sources.panel(this, BY_ID.get)
    assert 'id="s1-5"' in page
    assert Tags(page).marks[-1] == OTHER.citation.quote


def test_what_a_version_says_is_only_text() -> None:
    citation = replace(OTHER.citation, quote=HOSTILE, source=Source(HOSTILE, HOSTILE, HOSTILE))
    page = markup_answer.answered(1, answer_of(QUESTION, versions=(Version(HOSTILE, HOSTILE, "later", citation),)))
    assert {tag for tag, _ in Tags(page).found} <= OURS


def test_an_opinion_piece_is_marked_in_the_answer_and_its_card() -> None:
    opinion = replace(cite(1, "opinion", "The town owes Mara Lind an honest hearing"), kind="opinion")
    sentence = Sentence("The town owes Mara Lind an honest hearing.", "supported", (1,))
    answer = answer_of(QUESTION, sentences=(sentence,), citations=(opinion,))
    assert '<span class="kind">in an opinion piece</span>' in markup_answer.answered(1, answer)
    assert "opinion piece" not in markup_answer.answered(1, answer_of(QUESTION))
    this = advance(Exchange(1, QUESTION), answer)
    assert '<span class="kind">Opinion</span>' in markup_sources.panel(this, BY_ID.get)
