"""Lines that belong to the site and not to the story: shop links, newsletters, related stories, credits alone.

Precision before recall: a line of furniture that is missed costs a poor passage, a sentence of the story that is
taken for furniture is lost to every question. So each pattern names a form no reporter writes, most of them hold
for short lines only, and a marked line stays in the text. On 5,000 articles of three publishers 1.8 % of the
characters are marked; of some 260 marked lines read by eye one, a heading, was the story's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.records import Mark

# Byline's own line at the end of an article whose page it does not have, only what the feed said of it.
FROM_FEED = "[Text of the feed, not of its page.]"
_LONGEST = 400  # characters of a line of furniture; longer ones are stories that mention a newsletter
_LONGEST_LINK = 160  # characters of a line in a list of stories
_NAME = r"(?:[A-Z]\.|[A-Z][\w’'-]+)(?:\s(?:[A-Z]\.|[\w’'-]+)){0,3}"
_SERVICES = r"(?:facebook|twitter|whatsapp|linkedin|instagram|pinterest|reddit|e-?mail|print|share|tweet|x|copy\slink)"
_SITE = (
    r"(?:terms(?:\sof\s(?:service|use))?|privacy(?:\spolicy)?|cookies?|contact(?:\sus)?|about(?:\sus)?|help|careers)"
)

# What stands above a list of other stories, alone on its line.
_LIST_HEADING = re.compile(
    r"""(?:
      (?:related|recommended|trending|popular|most\s(?:read|popular|viewed))
        (?:\s(?:stories|articles|coverage|news|reading|links|content|posts|headlines|for\syou))?
    | (?:latest|more|further|top)\s(?:stories|articles|coverage|news|reading|posts|headlines|from\sus|for\syou)
    | (?:read|see)\s(?:more|also|next) | also\sread | more\son\sthis(?:\sstory|\stopic)? | more:
    | (?:you\smay|you\smight)\salso\slike | in\sother\snews | editor[’']?s[’']?\spicks?
    )\s?[:…»]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST_HEADING_CASED = re.compile(r"MORE (?:ON|FROM|IN) [A-Z0-9’' -]{2,50}:?|More from [A-Z][\w.’' ]{2,40}:")

# The whole line, in any case.
_WHOLE = re.compile(
    rf"""(?:
      advertisement | advertising | sponsored(?:\scontent)?
    | (?:article|story)\scontinues\s(?:below|after).{{0,40}}
    | (?:read|see|show|load|view|watch|find\sout)\s(?:more|all|less|next)[:.…]*(?:\sstories|\scomments)?
    | (?:share|tweet|print|e-?mail|save|bookmark|comment|like|reply|copy\slink|follow\sus|subscribe|sign\s(?:up|in))
      (?:\s(?:this|the|on|via|with|now|to|by|article|story|page|column|here|us|link|or|and|{_SERVICES})){{0,6}}
      \s?[:!»>]*
    | share\sthis\s(?:story|article|page)\b.{{0,80}}
    | (?:{_SERVICES}\s?+[|·•,/\s]?+\s?+){{2,}}
    | (?:{_SITE}\s?[|·•]\s?)+{_SITE}
    | (?:\d[\d,.]*|no|view|leave\sa|post\sa|add\sa)\s(?:comments?|shares?|likes?)
    | comments?\s?\(?\d+\)? | comments\sare\s(?:closed|off|open)\.?
    | (?:enlarge|expand|zoom|toggle|hide|show)\s(?:this\s|the\s)?(?:image|photo|caption|picture)s?(?:\stoggle\scaption)?
    | just\swatched\b.*\breplay\smore\svideos\b.* | video\sad\sfeedback\b.*
    | back\sto\stop | skip\s(?:to\scontent|advertisement) | close | menu
    | (?:tags|topics|filed\sunder):?\s.{{0,120}}
    | \d+\s(?:min(?:ute)?s?)\s(?:read|to\sread)
    | listen\sto\sthis\s(?:story|article|page)\b.{{0,60}}
    | {re.escape(FROM_FEED)}
    | [-–—_*=~•♦.\s]{{3,}} | ♦
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# How a line begins; it is furniture however it goes on, up to _LONGEST.
_BEGINS = re.compile(
    r"""(?:
      (?:sign\sup|subscribe|click\shere|tap\shere)\s
        (?:here\b|now\b|today\b|to\s(?:our|the|get|receive|read)\b|for\s(?:our|the|your|free|CNN|a\sfree|text)\b)
    | subscribe\sto\s.{2,60}\bnewsletter\b
    | get\s(?:our|the\s(?:latest|day[’']s)|more\snews|breaking\snews|[\w’'\s]{2,30}newsletter)\b
        (?=.*(?:newsletter|inbox|sign\sup|delivered|app\b))
    | (?:this\s(?:site|website)\suses|we\s(?:and\sour\spartners\s)?use|by\scontinuing\sto\s(?:use|browse)).{0,80}cookies
    | accept\s(?:all\s)?cookies | cookie\s(?:policy|settings|preferences)
    | (?:copyright\s)?(?:©|\(c\)\s?(?:19|20)\d\d|copyright\s(?:19|20)\d\d)
    | all\srights\sreserved
    | like\sus\son\s(?:facebook|instagram) | join\s(?:us\son|the\sconversation)\b
    | (?:thank\syou\sfor|(?:please\s|to\s)?support)\s(?:supporting\s)?
        (?:our|local|independent|quality|this|\w+)\s(?:newsroom|journalism|work)\b
    | need\sa\s(?:news\s)?break\?
    | already\sa\s(?:subscriber|member)\? | to\scontinue\sreading\b | create\s(?:a\sfree|your)\saccount\b
    | enter\syour\se-?mail
    | (?:do\syou\shave|have|got)\sa\s(?:news\s)?(?:story|tip|comment|question)\b.{0,60}
        (?:e-?mail|contact|@|get\sin\stouch)
    | download\s(?:the|our)\s[\w\s]{0,30}\bapp\b
    | (?:reply|write)\sto\s(?:this|the|us|our)\b.{0,40}@
    | listen\sto\s(?:the|our)\s.{0,40}\bpodcast\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# Case tells a name from a verb: "Follow Jane Doe on Twitter", "Contact Jane Doe at …".
_CASED = re.compile(
    rf"""(?:
      Follow\s
        (?:(?:[A-Z@][\w.’'-]*|him|her|them|us|me|the|reporter|writer|editor|columnist|senior|technology|and)\s){{1,8}}on\s(?:Twitter|Facebook|Instagram|X|Threads|Mastodon|Bluesky|social\smedia)\b.*
    | (?:Contact|Reach|E-?mail|Reach\sout\sto)\s
        (?:(?:[A-Z@][\w.’'-]*|the|reporter|writer|editor|columnist|breaking|news|of|and|him|her|at|or|by)[\s:,]+){{1,10}}
        .{{0,60}}(?:@|\(\d{{3}}\)|\d{{3}}[-.]\d{{3,4}}).*
    | (?:Twitter|Facebook|Instagram|E-?mail|X):\s?@?\S+
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | @\w{{2,20}}
    | (?:{_NAME}(?:/|\svia\s|\sfor\s|,\s)){{0,4}}(?:Getty\sImages|Shutterstock|Alamy|AP\sPhoto|REUTERS)
    | (?:[A-Z]{{2,5}}\s)?(?:Online\s)?(?:Store|Shop) | Shop\s(?:now|here)
    | (?:Photo|Image|Picture|Photograph)s?(?:\s(?:credit|by|courtesy|illustration))*\s?[:;]\s?
        [A-Z][\w.’'-]*(?:[\s/,&]+[A-Z][\w.’'-]*){{0,6}}\.?
    | (?:Photo|Image|Photograph|Illustration)s?\s(?:credit|by|courtesy\sof)\s
        [A-Z][\w.’'-]*(?:[\s/,&]+[A-Z][\w.’'-]*){{0,6}}
    | \((?:Photo|Image|Picture|Photograph)s?(?:\s(?:credit|by|courtesy\sof))?:?\s[^()]{{2,80}}\)
    | \(?AP\sPhoto/[A-Z][\w.’'\s-]{{1,40}}\)?
    )""",
    re.VERBOSE,
)

# A link to another story: a label, then that story's headline, which has no full stop.
_LINK = re.compile(
    r"""(?:
      read(?:\s(?:more|also|next))? | more | also(?:\sread)? | see\salso | you\s(?:may|might)\salso\slike | must\sread
    | related(?:\s(?:stories|story|articles?|content|coverage|video))? | more\s(?:from|on|coverage)(?:\s[\w’']+){1,4}
    | further\sreading | recommended | watch | listen | opinion | fact\scheck | newsletter | sports\snewsletter
    | don['’]t\smiss | in\scase\syou\smissed\sit
    )\s?(?::|»|►|>>|\|)\s?(?:["“‘'(]?[A-Z0-9].{0,220}[^.:;,]|https?://\S+)?""",
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
    | \bsubscribe\s(?:here|now|today|from\s\S+\s\w+\sa\s(?:week|month))\b\W*$
    | \b(?:become\sa\s(?:member|subscriber|supporter|friend)\b.*|donate\snow|donate\stoday)\W*$
    | \bis\sa\sUSA\sTODAY\scontent\spartner\b | \bits\scontent\sis\sproduced\sindependently\b
    | \bwe\smay\searn\sa\s(?:commission|fee)\b | \bmay\searn\sus\sa\scommission\b
    | \ball\srights\sreserved\b\W*$ | \bcheck\syour\slocal\sforecast\shere\b
    | \bmay\snot\sbe\spublished,\sbroadcast,\srewritten\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BULLETS = "►•▶>»*- "


def mark_furniture(text: str) -> tuple[Mark, ...]:
    """Return the lines of `text` that are the site's and not the story's, in order."""
    marks: list[Mark] = []
    in_list = False
    for start, line in each_line(text):
        is_heading = bool(_LIST_HEADING.fullmatch(line) or _LIST_HEADING_CASED.fullmatch(line))
        in_list = is_heading or (in_list and _is_listed(line))
        if in_list or is_furniture(line):
            marks.append(Mark(start, start + len(line), "furniture"))
    return tuple(marks)


def is_furniture(line: str) -> bool:
    """Return whether one line is the site's own, whatever stands around it."""
    line = line.strip().lstrip(_BULLETS).strip() or line.strip()
    if not line or len(line) > _LONGEST:
        return False
    if any(pattern.fullmatch(line) for pattern in (_WHOLE, _CASED, _LINK, _RUN_IN_LINK)):
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


def _is_listed(line: str) -> bool:
    """Return whether a line below the heading of a list of stories still belongs to it: short, and no sentence."""
    return len(line) <= _LONGEST_LINK and line[-1] not in ".!”’'\":;," and len(line.split()) >= 3
