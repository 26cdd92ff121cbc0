"""Lines that belong to the site and not to the story: shop links, newsletters, related stories, credits alone.

Precision before recall: a line of furniture that is missed costs a poor passage, a sentence of the story that is
taken for furniture is lost to every question. So each pattern names a form no reporter writes, most of them hold
for short lines only, and a marked line stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.records import Mark

_LONGEST = 400  # characters of a line of furniture; measured on 5,000 articles, longer ones are stories that mention it
_NAME = r"(?:[A-Z]\.|[A-Z][\w’'-]+)(?:\s(?:[A-Z]\.|[\w’'-]+)){0,3}"

# The whole line, in any case.
_WHOLE = re.compile(
    r"""(?:
      advertisement|advertising|sponsored(?:\scontent)?|article\scontinues\s(?:below|after).{0,40}|story\scontinues\sbelow.*
    | (?:read|see|show|load|view|watch|find\sout)\s(?:more|all|less|next)[:.…]*(?:\sstories|\scomments)?
    | (?:more|related|also|see\salso|read\salso|recommended|trending|popular|most\s(?:read|popular))
      (?:\s(?:stories|articles|coverage|news|topics|content|posts|on\sthis|for\syou))?\s?[:…]*(?<!^more)
    | (?:share|tweet|print|e-?mail|save|bookmark|comment|like|reply|copy\slink|listen|follow\sus|subscribe|sign\s(?:up|in)|log\sin)
      (?:\s(?:this|the|on|via|with|now|to|by|article|story|page|here|us|link|facebook|twitter|x|whatsapp|linkedin|e-?mail)){0,5}[:!»>]*
    | (?:(?:facebook|twitter|whatsapp|linkedin|instagram|pinterest|reddit|e-?mail|print|share|tweet|x)\s?[|·•,/\s]?\s?){2,}
    | (?:\d[\d,.]*|no|view|leave\sa|post\sa|add\sa)\s(?:comments?|shares?|likes?)
    | comments?\s?\(?\d+\)?
    | (?:enlarge|expand|zoom|toggle|hide|show)\s(?:this\s|the\s)?(?:image|photo|caption|picture)s?(?:\stoggle\scaption)?
    | just\swatched\b.*\breplay\smore\svideos\b.*
    | (?:back\sto\stop|skip\s(?:to\scontent|advertisement)|close|menu|tags?:.{0,120}|topics?:.{0,120}|filed\sunder:?.{0,120})
    | \d+\s(?:min(?:ute)?s?)\s(?:read|to\sread)
    | [-–—_*=~•♦.\s]{3,}|♦
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# How a line begins; it is furniture however it goes on, up to _LONGEST.
_BEGINS = re.compile(
    r"""(?:
      (?:sign\sup|subscribe|click\shere|tap\shere)\s(?:here\b|now\b|today\b|to\s(?:our|the|get|receive|read)\b|for\s(?:our|the|your|free|CNN|a\sfree|text)\b)
    | get\s(?:our|the\slatest|more\snews|breaking\snews|[\w’'\s]{2,30}(?:weekly|daily|free)?\s?newsletter)\b(?=.*(?:newsletter|inbox|sign\sup|delivered|app\b))
    | (?:this\s(?:site|website)\suses|we\s(?:and\sour\spartners\s)?use|by\scontinuing\sto\s(?:use|browse)).{0,80}cookies
    | accept\s(?:all\s)?cookies|cookie\s(?:policy|settings|preferences)
    | (?:copyright\s)?(?:©|\(c\)\s?(?:19|20)\d\d|copyright\s(?:19|20)\d\d)
    | all\srights\sreserved
    | like\sus\son\s(?:facebook|instagram)|join\s(?:us\son|the\sconversation)\b
    | (?:thank\syou\sfor|support|please\ssupport|to\ssupport)\s(?:supporting\s)?(?:our|local|independent|quality|this)\s(?:newsroom|journalism|work)
    | need\sa\s(?:news\s)?break\?
    | already\sa\s(?:subscriber|member)\?|to\scontinue\sreading\b|create\s(?:a\sfree|your)\saccount\b|enter\syour\se-?mail
    | do\syou\shave\sa\s(?:story|tip|comment|question).{0,60}(?:e-?mail|contact|@|get\sin\stouch)
    | download\s(?:the|our)\s[\w\s]{0,30}\bapp\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# Case tells a name from a verb: "Follow Jane Doe on Twitter", "Contact Jane Doe at …".
_CASED = re.compile(
    rf"""(?:
      Follow\s(?:(?:[A-Z@][\w.’'-]*|him|her|them|us|me|the|reporter|writer|editor|columnist|senior|technology|consumer|and)\s){{1,8}}on\s(?:Twitter|Facebook|Instagram|X|Threads|Mastodon|Bluesky)\b.*
    | (?:Contact|Reach|E-?mail|Reach\sout\sto)\s(?:(?:[A-Z@][\w.’'-]*|the|reporter|writer|editor|columnist|breaking|news|of|and|him|her|at|or|by)[\s:,]+){{1,10}}.{{0,60}}(?:@|\(\d{{3}}\)|\d{{3}}[-.]\d{{3,4}}).*
    | (?:Twitter|Facebook|Instagram|E-?mail|X):\s?@?\S+
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | @\w{{2,20}}
    | (?:{_NAME}(?:/|\svia\s|\sfor\s|,\s)){{0,4}}(?:Getty\sImages|Shutterstock|Alamy|AP\sPhoto|REUTERS)
    | (?:[A-Z]{{2,5}}\s)?(?:Online\s)?(?:Store|Shop)|Shop\s(?:now|here)
    | (?:Photo|Image|Picture|Photograph)s?(?:\s(?:credit|by|courtesy|illustration))*\s?[:;]\s?[A-Z][\w.’'-]*(?:[\s/,&]+[A-Z][\w.’'-]*){{0,6}}\.?
    | (?:Photo|Image|Photograph|Illustration)s?\s(?:credit|by|courtesy\sof)\s[A-Z][\w.’'-]*(?:[\s/,&]+[A-Z][\w.’'-]*){{0,6}}
    | AP\sPhoto/[A-Z][\w.’'\s-]{{1,40}}
    )""",
    re.VERBOSE,
)

# A link to another story: a label, then that story's headline, which has no full stop.
_LINK = re.compile(
    r"""(?:read|read\smore|more|also|read\salso|also\sread|see\salso|related|related\s(?:stories|story|articles?|content|coverage|video)
      |more\s(?:from|on|coverage)(?:\s[\w’']+){1,4}|further\sreading|recommended|watch|listen|listen\snow|opinion|must\sread
      |don['’]t\smiss|in\scase\syou\smissed\sit|fact\scheck|newsletter|sports\snewsletter)
      \s?(?::|»|►|>>|\|)\s?(?:["“‘'(]?[A-Z0-9].{0,220}[^.:;,]|https?://\S+)?""",
    re.IGNORECASE | re.VERBOSE,
)

# "Vegetable recall:Green Giant veggies recalled": the label of a link run into its headline, as pages lose the markup
# between them. A reporter's colon has a space after it; a list's line is shorter or ends as a sentence does.
_RUN_IN_LINK = re.compile(r"[^.:]{2,60}[\w?!’'”\")]:[\"'“‘]?[A-Z0-9](?=(?:\S*\s+){4})[^\n]{15,200}[^.,;:”\"]")

_PROMPT = re.compile(
    r"""
      \bsign\sup\s(?:here|now|today|for\s(?:our|the|CNN|USA))\b.*\b(?:newsletter|inbox|e-?mail|alerts)\b
    | \bnewsletter\b.*\bsign\sup\s(?:here|now|today)\b
    | \b(?:delivered|straight)\s(?:daily\s)?to\syour\s(?:inbox|phone)\b
    | \bsubscribe\s(?:here|now|today)\b\W*$
    | \bis\sa\sUSA\sTODAY\scontent\spartner\b | \bits\scontent\sis\sproduced\sindependently\b
    | \bwe\smay\searn\sa\s(?:commission|fee)\b | \bmay\searn\sus\sa\scommission\b
    | \bbecome\sa\s(?:member|subscriber|supporter)\b.*\b(?:today|now|here)\b\W*$
    | \ball\srights\sreserved\b\W*$ | \bcheck\syour\slocal\sforecast\shere\b
    | \bmay\snot\sbe\spublished,\sbroadcast,\srewritten\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def mark_furniture(text: str) -> tuple[Mark, ...]:
    """Return the lines of `text` that are the site's and not the story's, in order."""
    return tuple(Mark(start, start + len(line), "furniture") for start, line in each_line(text) if is_furniture(line))


def is_furniture(line: str) -> bool:
    """Return whether one line is the site's own."""
    line = line.strip().lstrip("►•▶>»*- ").strip() or line.strip()
    if not line or len(line) > _LONGEST:
        return False
    if _WHOLE.fullmatch(line) or _CASED.fullmatch(line) or _LINK.fullmatch(line) or _RUN_IN_LINK.fullmatch(line):
        return True
    return bool(_BEGINS.match(line) or _PROMPT.search(line))


def each_line(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank, stripped, with the place where it starts."""
    start = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            yield start + line.index(stripped[0]), stripped
        start += len(line) + 1
