"""Sentences of news: what breaks them, what does not, and what always holds of their offsets."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Span
from index.sentences import MAX_CHARACTERS, split_sentences

# Each case is the list of its sentences; joined with a space they must come apart again at the same places.
CASES = {
    "two plain sentences": ["The ferry sank at dawn.", "Nobody was hurt."],
    "title before a surname": ["Mr. Aldous met Mrs. Vane on Monday.", "They did not speak."],
    "doctor": ["The clinic hired Dr. Ines Okafor.", "She starts in May."],
    "senator": ["Critics of Sen. Maud Pell cheered.", "Sen. Pell did not."],
    "lieutenant governor": ["Lt. Gov. Ray Stokes signed it.", "Gov. Hale was away."],
    "military ranks": ["Sgt. 1st Class Ana Ruiz and Col. B. Hart left.", "Capt. Low stayed."],
    "titles inside brackets": ["The bill (backed by Rep. Tom Iles) failed.", "It may return."],
    "former official with a hyphen": ["He praised then-Sen. Clara Moss.", "She thanked him."],
    "party and state": ["Rep. Lou Fenn, R-Fla., voted no.", "Rep. Ada Wynn (D-Calif.) voted yes."],
    "country goes on": ["The U.S. Senate voted on Friday.", "The U.N. Security Council did not."],
    "country ends the sentence": ["He has never left the U.S.", "He hopes to see the U.K.", "The visa is the problem."],
    "country with a hyphen": ["The U.S.-led group met.", "It agreed on little."],
    "country before a quotation": ["The plant moved to the U.S.", "“It was cheaper,” said Ms. Dorn."],
    "country before a quoted name": ["The U.S. “Clean Harbor” programme ends in June."],
    "district ends the sentence": ["She lives in Washington, D.C.", "Her brother stayed in L.A.", "They rarely meet."],
    "district court": ["A D.C. Circuit judge agreed.", "The others did not."],
    "company goes on": ["Harrow Inc. Chief Executive Joan Pike resigned.", "Shares fell."],
    "company ends the sentence": ["The buyer was Harrow Inc.", "It paid in cash."],
    "company with a comma": ["Pell & Co., a bank, and Orin Corp. lost money.", "Both blamed rates."],
    "junior goes on": ["Schools close on Lionel Moss Jr. Day in June.", "Offices do not."],
    "junior ends the sentence": ["The winner was Lionel Moss Jr.", "He wept."],
    "time with a zone": ["The train left at 4:40 a.m. EDT on June 7.", "It came back at 6 p.m. London time."],
    "time with a weekday": ["Polls close at 8 p.m. Tuesday.", "Counting starts at 8:15 p.m. Eastern."],
    "time ends the sentence": ["The fire began at 3 a.m.", "Firefighters came within minutes."],
    "time before a name": ["The vote ended at 11 p.m.", "Moss called her mother."],
    "time before a date": ["Doors open at 7 p.m. Oct. 3 and 9 a.m. Oct. 4.", "Entry is free."],
    "months": ["The law took effect on Jan. 6 and lapsed on Sept. 30, 2021.", "Nobody noticed."],
    "month ends the sentence": ["Work will end in Feb.", "Rail service resumes then."],
    "weekday that is also a verb": ["The dog sat.", "Neighbours heard it."],
    "state goes on": ["Police in Dune, Calif. Highway Patrol said, found it.", "It was empty."],
    "state ends the sentence": ["The fire reached Dune, Calif.", "There were no injuries."],
    "initials": ["J. K. Marsh and George W. Tull wrote it.", "L.M. Orr drew it."],
    "initial before a opener-like initial": ["Robert J. A. Smith spoke.", "Few listened."],
    "letter that ends a sentence": ["They chose plan B.", "It worked."],
    "roman numeral": ["Records go back to World War I.", "German towns kept better ones."],
    "king": ["It was built under George VI.", "Elizabeth opened it."],
    "court case": ["The court overturned Pell v. Dane.", "Dane v. Pell stands."],
    "versus": ["It was Hull vs. Leeds.", "Leeds won."],
    "number sign": ["The No. 2 seed lost to No. 14.", "Nobody had guessed."],
    "no as an answer": ["Will rents fall?", "No.", "Banks expect more."],
    "decimals and money": ["Rates rose 3.5 percent to $1.2 million.", "That is up .7 points."],
    "sentence begins with a digit": ["The count went on.", "14 people waited."],
    "sentence begins with money": ["It was not cheap.", "$4 million was spent."],
    "sentence ends with a year": ["She left in 2016.", "Trade stopped."],
    "domain names": ["Shoppers left Harrow.com for Orin.co.uk.", "Prices fell."],
    "lower-case brand": ["Sales rose.", "iPhone cases did best."],
    "e.g. and i.e.": ["Some, e.g. Moss, i.e. the mayor, agreed.", "Others, etc., did not."],
    "approximately": ["It covers approx. 40 acres.", "Cows graze there."],
    "saint": ["The St. Alban ferry runs again.", "Tickets cost $3."],
    "street ends the sentence": ["A pipe burst on Mill St.", "The road is closed."],
    "curly quote closes": ["“We will not go.”", "He left."],
    "straight quote closes": ['"We will not go."', "He left."],
    "quoted question goes on": ["“Really?” he asked.", "Nobody answered."],
    "quoted question with a name": ["“Is it safe?” Moss asked reporters.", "It was."],
    "quoted exclamation with a full name": ["“Stop!” Joan Pike quickly said.", "They did."],
    "quoted question then a sentence": ["“Is it safe?”", "The mayor did not say."],
    "quote with a comma": ['"I saw it," he said.', '"We all did."'],
    "quote of two sentences": ["“I saw it.", "I ran,” she said.", "Police came."],
    "quote within a quote": ["“He told me, ‘Leave now.’”", "So she left."],
    "quote ends on an abbreviation": ["“This is the U.S.”", "Moss nodded."],
    "sentence in brackets": ["(It was raining.)", "The match went on."],
    "brackets within": ["The mayor (who is ill) stayed.", "He rests [sic]."],
    "remark mark": ["He paid $9 (!) for tea.", "She paid $2 (?) for it."],
    "footnote": ["The lake shrank.[1]", "It may vanish.[12]", "Farmers left."],
    "several marks": ["You did what?!", "I said no!!", "Fine."],
    "ellipsis goes on": ["It was … Brenda who called.", "She hung up."],
    "ellipsis ends": ["We waited...", "The bus never came."],
    "ellipsis and a dot": ["We waited. ...", "Brenda slept."],
    "dateline of an agency": ["WASHINGTON (AP) — The president spoke.", "He was brief."],
    "dateline with a state": ["DUNE, Calif. (AP) — A fire spread.", "Rain helped."],
    "dateline with a district": ["WASHINGTON, D.C. — The House voted.", "The Senate slept."],
    "attribution after a dash": ["“All is well.” — Joan Pike"],
    "name with its own mark": ["Yahoo! Finance reported it.", "Others followed."],
    "show with a mark": ["“Guess Again!” (ABC) won.", "“Stay In!” lost."],
    "colon and semicolon": ["He had one wish: Leave; she had none.", "They stayed."],
    "degree": ["Ana Ruiz, Ph.D. and M.D., led it.", "She is 40."],
    "inline bullets": ["Rents rose.", "• Wages fell."],
    "numbered start": ["1. The winner takes all.", "It is a rule."],
    "accented capital": ["The vote was close.", "Émile Roux won."],
}  # fmt: skip


def pieces(text: str, start: int = 0, end: int | None = None) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, start, end)]


@pytest.mark.parametrize("sentences", CASES.values(), ids=CASES.keys())
def test_news_comes_apart_at_its_sentences(sentences: list[str]) -> None:
    assert pieces(" ".join(sentences)) == sentences


LAYOUTS = {
    "paragraphs": ("A title without a dot\n\nThe ferry sank.\n\n\nNobody cried.", 3),
    "windows line ends": ("A title without a dot\r\n\r\nThe ferry sank. It was old.", 3),
    "blank line of spaces": ("Ferry sinks\n \t \nThe ferry sank", 2),
    "line-like lines": ("Ferry sinks off Dune\nBy Joan Pike | June 7, 2017\nThe ferry sank at dawn.", 3),
    "bullets": ("What we know:\n• The ferry sank\n• the crew swam\n- nobody drowned", 4),
    "numbered list": ("1. Dune\n2. Hull\n3. Leeds", 3),
    "lower-case list": ("eggs\nflour\nmilk", 3),
    "two wrapped lines": ("The ferry that sank off the coast of Dune on Monday was old and\nits pumps had failed.", 1),
    "wrapped after a comma": ("The ferry, which had sunk twice in two years, according to Harrow,\nSank again.", 1),
    "wrapped after a title": ("The ferry was on its way to the island when it sank, said Mr.\nMoss, a sailor.", 1),
}


@pytest.mark.parametrize(("text", "count"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_lines_and_paragraphs_end_sentences_only_where_they_should(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


WRAPPED = """The harbour of Dune has been dredged every spring since the war, at a
cost that the council never published, and in each of those years the
Ministry of Transport paid half. This year it will not. The reason, a
spokesman for the ministry said, is that nobody has asked. Councillor
Moss said that he would ask on Monday."""


def test_a_hard_wrapped_paragraph_keeps_its_sentences_whole() -> None:
    found = [" ".join(piece.split()) for piece in pieces(WRAPPED)]
    assert len(found) == 4
    assert found[1] == "This year it will not."
    assert found[3] == "Councillor Moss said that he would ask on Monday."


def test_a_short_paragraph_is_wrapped_at_the_width_of_the_others() -> None:
    short = "Nothing was said about the dredging at the meeting of the council on\nFriday or since."
    assert len(split_sentences(short)) == 1
    alone = "Council Says Nothing About Dredging At Meeting Held In Dune This Week\nFriday was quiet."
    assert len(split_sentences(alone)) == 2
    assert len(split_sentences(f"{WRAPPED}\n\n{alone}")) == 5


GLUED = {
    "lost space": ("It closed on Friday.The owner left.", ["It closed on Friday.", "The owner left."]),
    "lost space after a quote": ("“We closed.”The owner left.", ["“We closed.”", "The owner left."]),
    "domain": ("He reads Harrow.Com and Dune.The daily.", ["He reads Harrow.Com and Dune.", "The daily."]),
    "zero-width space": ("It closed.\u200b The owner left.", ["It closed.\u200b", "The owner left."]),
    "no-break space": ("It closed.\u00a0The owner left.", ["It closed.", "The owner left."]),
}


@pytest.mark.parametrize(("text", "expected"), GLUED.values(), ids=GLUED.keys())
def test_what_web_pages_do_to_spaces_is_mended(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_range_is_split_as_if_it_were_alone() -> None:
    text = "Not this. The ferry sank. It was old. Nor this."
    assert split_sentences(text, 10, 37) == [Span(10, 25), Span(26, 37)]


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\r\n", "\u2028\u00a0"], ids=["empty", "space", "lines", "unicode"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


def test_a_run_on_is_cut_after_a_semicolon() -> None:
    text = "word " * 200 + "last; then " + "more " * 100
    first, second = pieces(text)
    assert first.endswith("last;")
    assert second.startswith("then")


@pytest.mark.parametrize("junk", ["a", ".", "a.", '." ', "U.S. “", "? ”", "a\n", "([", "\n", "Mr. X. ", "1. ", "a; "])
def test_junk_takes_linear_time_and_stays_bounded(junk: str) -> None:
    text = junk * (300_000 // len(junk))
    began = time.perf_counter()
    spans = split_sentences(text)
    assert time.perf_counter() - began < 10  # 0.1 to 1 s; a quadratic rule takes many minutes
    assert max((span.end - span.start for span in spans), default=0) <= MAX_CHARACTERS


WORDS = ["The", "mayor", "of", "Dune", "U.S.", "Sen.", "Moss", "“We", "go.”", "said", "No.", "4", "p.m.", "(AP)", "—",
         "it", "Really?", "J.", "...", "…", "He", "3.5", "•", "[1]", "iPhone",
         "\n", "\n\n", "\r\n", "\u200b", "“", '"']  # fmt: skip
news_like = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
any_text = st.one_of(news_like, st.text(max_size=300), st.text(alphabet=".!?…\"”' \nAa1", max_size=200))


@given(any_text, st.integers(0, 40), st.integers(0, 40))
def test_spans_are_exact_in_order_and_cover_every_mark(text: str, before: int, after: int) -> None:
    start, end = min(before, len(text)), max(min(before, len(text)), len(text) - after)
    last = start
    for span in split_sentences(text, start, end):
        piece = text[span.start : span.end]
        assert last <= span.start < span.end <= end
        assert piece == piece.strip()
        assert not text[last : span.start].strip()
        last = span.end
    assert not text[last:end].strip()


@given(any_text)
def test_splitting_twice_gives_the_same(text: str) -> None:
    assert split_sentences(text) == split_sentences(text)


@given(st.integers(1, 4000), st.sampled_from(["a", "a ", "a; ", ".", "a. b ", "é"]))
def test_no_sentence_is_unbounded(times: int, unit: str) -> None:
    assert all(span.end - span.start <= MAX_CHARACTERS for span in split_sentences(unit * times))


@settings(max_examples=200)
@given(st.lists(st.sampled_from([one for case in CASES.values() for one in case]), min_size=1, max_size=8))
def test_a_sentence_alone_is_one_sentence(chosen: list[str]) -> None:
    text = "\n\n".join(chosen)
    for piece in pieces(text):
        assert pieces(piece) == [piece]


# --- other languages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Am 3. Mai beginnt der Bau.| Er kostet 4,2 Mio. Euro, d. h. rund 1,1 Mrd. Yen.| Die Stadt zahlt."),
        ("de", "Betroffen sind z. B. Brücken und z.B. Tunnel der Nr. 5.| Die Ärztin Dr. Anna Weiß kam.| Sie blieb."),
        ("de", "Er wurde 23.| Die Familie trauert, ebenso Papst Pius XII. Pacelli.| Im Jahr 2017.| Brücken fehlen."),
        ("de", "Es kamen Ärzte, Lehrer usw.| Der Saal war voll."),
        ("es", "El Sr. Pérez viajó a EE. UU. Mañana vuelve la Dra. Ruiz.| Vive en la Avda. Mayor núm. 5.| Fin."),
        ("es", "Habló con EE. UU.| El alcalde calló."),
        ("fr", "M. Macron et Mme. Le Brun, p. ex. Jeanne, sont venus.| Voir art. 5.| Fin."),
        ("it", "Il Dott. Rossi e la Prof.ssa Bianchi.| La FIAT S.p.A. Torino chiude.| Fine."),
        ("pt", "O Sr. Silva mora na Av. Paulista.| A Dra. Costa também."),
        ("nl", "Hier was dhr. Jansen en mevr. De Vries, bijv. Anna, kwamen.| Het was laat."),
    ],
)
def test_abbreviations_and_ordinals_of_a_language_end_no_sentence(language: str, text: str) -> None:
    whole = text.replace("|", "")
    spans = split_sentences(whole, language=language)
    assert [whole[span.start : span.end] for span in spans] == [piece.strip() for piece in text.split("|")]


def test_english_is_cut_as_without_a_language() -> None:
    text = "It cost 5 Mio. Then Art. 3 came. He was No. 23. The end, e.g. Nr. 5. See p. 4."
    assert split_sentences(text, language="en") == split_sentences(text) == split_sentences(text, language="xx")
