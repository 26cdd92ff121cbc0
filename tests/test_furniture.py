"""Furniture: the site's lines are marked, the story's never."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.furniture import is_furniture, mark_furniture

SHARED = Path(os.environ.get("BYLINE_SHARED", Path(__file__).parents[2] / "shared"))

FURNITURE = [
    "MRC Store",
    "Advertisement",
    "Story continues below advertisement",
    "Read more",
    "Read More:",
    "RELATED: Harbor office reopens pier after storm",
    "More:Pier stays closed as engineers argue over cracks",
    "Also read: Five soups for a cold evening",
    "You may also like: Ferry fares rise again in May",
    "Sign up for our morning newsletter",
    "Get the day’s headlines in your inbox",
    "Subscribe to The Tide, our weekly newsletter",
    "Follow Mara Quill on Twitter: @maraquill",
    "Contact Mara Quill at mquill@courier.example.",
    "Share this story: Facebook | Email | Print",
    "Facebook Twitter WhatsApp",
    "12 comments",
    "Comments are closed.",
    "© 2024 Valley Post. All rights reserved.",
    "We use cookies to improve this site.",
    "Getty Images",
    "Lev Anders/Getty Images",
    "Enlarge this image",
    "Photo: Lev Anders",
    "Support local journalism. Become a member today.",
    "Terms of service | Privacy | Contact us",
    "___",
    "Ferry strike:Crews walk out as talks over night shifts fail again",
]
STORY = [
    "More than 200 people signed the petition.",
    "“Read more books,” she told the pupils.",
    "More: that was what the union asked for, and more was what it did not get.",
    "Follow the river north and you reach the dam.",
    "The newsletter, which has 4,000 readers, will close in May.",
    "Getty Images sued the company in Delaware on Friday.",
    "He opened a shop on Net Street.",
    "Subscribers will pay 3 crowns more from June.",
    "Share prices fell 4 percent on Tuesday.",
    "The store said it would contact customers by e-mail.",
    "By Friday the advertisement had been withdrawn.",
    "Copyright law protects photographs for 70 years, the judge said.",
    "The vote: 22 to 17.",
    "Read the law, he said, and then read it again.",
    "Related: she is the mayor’s cousin.",
    "Contact with the boat was lost at 2:15 a.m.",
    "Scorers: Achterberg 9, Okafor 41.",
    "Q: Do you live near water?",
    "Watch: that is all they could do.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_a_line_of_the_site_is_marked(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize("line", STORY)
def test_a_line_of_the_story_is_not_marked(line: str) -> None:
    assert not is_furniture(line)


def test_the_stories_below_a_list_heading_are_marked_until_the_text_goes_on() -> None:
    text = (
        "The pier is shut.\n\nMost read\n\nFerry fares rise in May\n\n- Ten soups for autumn\n\nThe pier opens in June."
    )
    assert [text[mark.start : mark.end] for mark in mark_furniture(text)] == [
        "Most read",
        "Ferry fares rise in May",
        "- Ten soups for autumn",
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*FURNITURE, *STORY, "", "  ", "\t"])).map("\n".join) | st.text())
def test_marks_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for mark in mark_furniture(text):
        assert end <= mark.start < mark.end <= len(text)
        end = mark.end


def test_little_of_real_news_is_furniture() -> None:
    path = SHARED / "news" / "articles.jsonl"
    if not path.exists():
        pytest.skip(f"the news articles are not at {path}")
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(300), strict=False)]
    marked = sum(mark.end - mark.start for text in texts for mark in mark_furniture(text))
    # USA TODAY sets a link to another story after every third paragraph: 2.5 % of all 1,000 articles, read by eye.
    assert 0.005 < marked / sum(map(len, texts)) < 0.035
