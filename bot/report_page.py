"""An evaluation as one HTML page to read errors in: no script, nothing from the network, every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.figures import Evaluation, Figure, KindRow, show_interval, show_value
from bot.measures import Group, judge
from bot.outcome import Cited, Outcome, Retrieved
from bot.remarks import remarks
from bot.report_plots import plot_refusals, plot_reliability
from index.records import Source

# Errors first: the page is for reading them one by one.
_SECTIONS: tuple[tuple[Group, str, str], ...] = (
    ("failed", "Broke off", "The model failed while it wrote."),
    ("wrong answer", "Wrong answers", "The answer does not hold the known one."),
    ("missed refusal", "Missed refusals", "Answered, though the archive does not hold the answer."),
    ("false refusal", "False refusals", "Refused, though the archive holds the answer."),
    ("not judged", "Not judged", "The file does not say what the answer is."),
    ("right answer", "Right answers", "The answer holds the known one; its remarks may still be worth reading."),
    ("right refusal", "Right refusals", "Refused, and the archive does not hold the answer."),
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --dim: #5c5c66; --paper: #fff; --card: #f6f6f8; --rule: #d9d9e0;
  --good: #14692f; --bad: #a3191f; --mark: #8a5a00; --link: #1f4fa3 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ec; --dim: #a2a2ad; --paper: #16161a; --card: #202026;
  --rule: #3a3a44; --good: #6fce8c; --bad: #ff8d8d; --mark: #e8b45a; --link: #9dbcff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
a { color: var(--link) } h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600 }
th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--rule); text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 11rem }
th[scope=rowgroup] { padding-top: 1rem; color: var(--dim) }
.scroll { overflow-x: auto } .dim, .note { color: var(--dim); font-size: .875rem } td .note { display: block }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem } figure { margin: 0; flex: 1 1 20rem }
svg { width: 100%; max-width: 26rem; height: auto; display: block }
article { background: var(--card); border: 1px solid var(--rule); border-radius: 6px;
  padding: .75rem 1rem; margin: 1rem 0 }
article h3 { margin: 0; font-size: 1.05rem } blockquote { margin: .25rem 0 .25rem .25rem; padding-left: .75rem;
  border-left: 3px solid var(--rule) } ol.cited, ol.found { padding-left: 1.5rem }
.answer { font-size: 1.05rem; white-space: pre-line } .remarks { color: var(--mark) }
.grave { color: var(--bad); font-weight: 600 }
.gold, .supported { color: var(--good) } .supporting { color: var(--good) } .unsupported { color: var(--bad) }
.partly { color: var(--mark) } summary { cursor: pointer } p { margin: .4rem 0 }
"""


def render_page(evaluation: Evaluation) -> str:
    """Return the page: the figures, two plots, then every question with its answer and its evidence."""
    body = [
        "<h1>Byline evaluation</h1>",
        _run(evaluation),
        _contents(evaluation.outcomes),
        _figures(evaluation.figures),
        _kinds(evaluation.kinds),
        _plots(evaluation),
        *(_section(group, title, note, _members(evaluation.outcomes, group)) for group, title, note in _SECTIONS),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Should a text ever escape its escaping, it still could run and load nothing.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Byline evaluation</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body>\n</html>\n"
    )


def _run(evaluation: Evaluation) -> str:
    told = [*evaluation.run, ("questions", str(len(evaluation.outcomes)))]
    return '<p class="dim">' + " · ".join(f"{escape(name)}: {escape(value)}" for name, value in told) + "</p>"


def _contents(outcomes: Sequence[Outcome]) -> str:
    links = ['<li><a href="#figures">Figures</a></li>', '<li><a href="#plots">Plots</a></li>']
    for group, title, _ in _SECTIONS:
        if members := _members(outcomes, group):
            links.append(f'<li><a href="#{_anchor(group)}">{title}</a> ({len(members)})</li>')
    return f'<nav aria-label="Contents"><ul>{"".join(links)}</ul></nav>'


def _figures(figures: Sequence[Figure]) -> str:
    rows = []
    for group in dict.fromkeys(figure.group for figure in figures):
        rows.append(f'<tr><th scope="rowgroup" colspan="4">{escape(group)}</th></tr>')
        rows += [_figure(figure) for figure in figures if figure.group == group and figure.n]
    return (
        '<h2 id="figures">Figures</h2>\n<div class="scroll"><table><thead><tr><th scope="col">figure</th>'
        '<th scope="col">value</th><th scope="col">95 % interval</th><th scope="col">n</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
        '<p class="note">Intervals are bootstrapped over questions (1,000 resamples, fixed seed). Where all '
        "questions fell alike the interval is a point: then 3/n bounds what was not seen. An article is gold when the "
        "file names it as the answer's own, supporting when it names it as one that holds the answer too.</p>"
    )


def _figure(figure: Figure) -> str:
    return (
        f'<tr><td>{escape(figure.name)}<span class="note">{escape(figure.definition)}</span></td>'
        f"<td>{show_value(figure, figure.value)}</td><td>{show_interval(figure)}</td><td>{figure.n}</td></tr>"
    )


def _kinds(kinds: Sequence[KindRow]) -> str:
    if len(kinds) < 2:
        return ""
    rows = "".join(
        f"<tr><td>{escape(row.kind or '(none)')}</td><td>{row.n}</td><td>{row.right}</td><td>{row.wrong}</td>"
        f"<td>{row.refused}</td><td>{row.hit1}/{row.seeking}</td><td>{row.hit5}/{row.seeking}</td></tr>"
        for row in kinds
    )
    names = ("kind", "n", "right", "wrong", "refused", "Hit@1", "Hit@5")
    heads = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        f'<h2 id="kinds">By kind of question</h2>\n<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _plots(evaluation: Evaluation) -> str:
    chosen = (evaluation.figure("false refusal").value, evaluation.figure("unanswerable refused").value)
    return (
        '<h2 id="plots">Confidence</h2>\n<div class="plots">'
        f'<figure>{plot_reliability(evaluation.bins)}<figcaption class="note">How often answers were right, by the '
        "confidence shown with them, in groups of equal size; on the diagonal it tells the truth. The figures are "
        "numbers of answers."
        "</figcaption></figure>"
        f'<figure>{plot_refusals(evaluation.curve, chosen)}<figcaption class="note">Unanswerable questions refused '
        "against answerable ones refused, as the threshold rises; the dot is what was done in this run."
        "</figcaption></figure></div>"
    )


def _section(group: Group, title: str, note: str, outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return ""
    shown = "\n".join(_outcome(outcome) for outcome in outcomes)
    return (
        f'<section><h2 id="{_anchor(group)}">{title} ({len(outcomes)})</h2>\n<p class="note">{note} '
        f'<a href="#">To the top</a></p>\n{shown}</section>'
    )


def _outcome(outcome: Outcome) -> str:
    question = outcome.question
    asked = f"asked {question.asked_on.isoformat()}" if question.asked_on else ""
    about = " · ".join(escape(part) for part in (question.id, question.kind, asked) if part)
    parts = [
        f'<h3>{escape(question.text)}</h3><p class="dim">{about}</p>',
        _note("Understood as", outcome.standalone_question if outcome.standalone_question != question.text else ""),
        _remarks(outcome),
        f'<p class="answer">{escape(outcome.text)}</p>' if outcome.text else "",
        *(_note("Beside it", version) for version in outcome.versions),
        _note("Known answer", _known(outcome)),
        _note("Reason for refusing", "" if outcome.answered else outcome.reason),
        _note("Confidence", f"{outcome.confidence:.2f}, {outcome.timings.total_ms / 1000:.1f} s"),
        _note("Why it is asked", question.why),
        _sentences(outcome),
        _citations(outcome),
        _read(outcome),
        _found(outcome),
    ]
    return f"<article>{''.join(parts)}</article>"


def _known(outcome: Outcome) -> str:
    question = outcome.question
    if question.answerable is False:
        return "none in the archive"
    groups = question.all_of or ((question.answers,) if question.answers else ())
    return "; and ".join(" or ".join(group) for group in groups)


def _note(name: str, text: str) -> str:
    return f'<p class="dim">{name}: {escape(text)}</p>' if text else ""


def _remarks(outcome: Outcome) -> str:
    found = [f"<li{' class=grave' if item.grave else ''}>{escape(item.text)}</li>" for item in remarks(outcome)]
    return f'<ul class="remarks">{"".join(found)}</ul>' if found else ""


def _sentences(outcome: Outcome) -> str:
    lines = []
    for sentence in outcome.sentences:
        numbers = "".join(f" [{number}]" for number in sentence.citations)
        missing = f", missing {', '.join(sentence.missing)}" if sentence.missing else ""
        verdict = f'<span class="{escape(sentence.support)}">{escape(sentence.support + missing)}</span>'
        lines.append(f"<li>{escape(sentence.text)}{numbers} {verdict}</li>")
    return (
        f"<details><summary>Its sentences ({len(lines)})</summary><ul>{''.join(lines)}</ul></details>" if lines else ""
    )


def _citations(outcome: Outcome) -> str:
    lines = [
        f'<li value="{item.number}"><blockquote>{escape(item.quote)}</blockquote>{_source(item.source, outcome, item)}'
        f"{'' if item.exact else ' <span class=grave>not the article’s words</span>'}</li>"
        for item in outcome.citations
    ]
    return f'<p class="dim">Cited</p><ol class="cited">{"".join(lines)}</ol>' if lines else ""


def _read(outcome: Outcome) -> str:
    lines = [
        f"<li>{_source(item.source, outcome, item)}<blockquote>{escape(item.text)}</blockquote></li>"
        for item in outcome.read
    ]
    if not lines:
        return ""
    return f'<details><summary>Read by the model</summary><ol class="found">{"".join(lines)}</ol></details>'


def _found(outcome: Outcome) -> str:
    lines = [
        f"<li>{_source(item.source, outcome, item)}<details><summary>passage, score {item.score:.3f}"
        f"{f', cosine {item.dense:.3f}' if item.dense is not None else ''}</summary>"
        f"<blockquote>{escape(item.text)}</blockquote></details></li>"
        for item in outcome.retrieved
    ]
    if not lines:
        return ""
    return f'<details><summary>Found ({len(lines)} passages)</summary><ol class="found">{"".join(lines)}</ol></details>'


def _source(source: Source, outcome: Outcome, item: Cited | Retrieved) -> str:
    title = escape(source.title or "Untitled")
    if source.url.startswith(("https://", "http://")):  # a javascript: address in an article stays text
        title = f'<a href="{escape(source.url)}" rel="noreferrer noopener">{title}</a>'
    day = source.published.isoformat() if source.published else ""
    about = ", ".join(escape(part) for part in (source.outlet, day, item.article_id) if part)
    relation = outcome.relation(item)
    known = f' <span class="{relation}">{relation}</span>' if relation != "other" else ""
    return f'{title} <span class="dim">{about}</span>{known}'


def _members(outcomes: Sequence[Outcome], group: Group) -> list[Outcome]:
    return [outcome for outcome in outcomes if judge(outcome) == group]


def _anchor(group: Group) -> str:
    return group.replace(" ", "-")
