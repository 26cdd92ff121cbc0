"""Measures in a real Chromium how long a reader waits: from Enter to the evidence, the first word and the answer.

    python tests/quality/page_times.py                                  the default model, over the sample articles
    python tests/quality/page_times.py --no-llm --questions 20          without a model
    python tests/quality/page_times.py --archive FOLDER --to times.json --file questions.jsonl

Each question is asked on the page first, in a conversation of its own, and then all of them once more as `byline ask`
asks them, in the same process and order: so nothing remembered makes the page look quick. A time on the page ends
when the browser has painted. Without a model no word comes before the answer. Both are asked something else before.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from threading import Event as Flag
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from page_material import launch, served
from screenshots import sample_desk

import bot  # noqa: F401 - sets the environment before the heavy imports
from bot.app import Desk
from bot.questions import read_questions
from bot.records import Answer, Event, Found, Question, Token
from bot.report import align
from bot.settings import Settings
from bot.terminal import out

QUESTIONS = Path(__file__).resolve().parent / "questions.jsonl"
WARMING = "What is this archive about?"
MOST_SECONDS = 180
# "request" is when the question has come from the browser to the desk, "found" when the desk tells what it found.
STEPS = ("request", "found", "evidence", "first word", "answer")

# Sets window.seen to the milliseconds from Enter to each step of the next question; a step counts once it is painted.
WATCH = """() => {
  const steps = {
    evidence: '#panel .hit, #panel .card, #panel .nothing:not([data-empty])',
    'first word': '#now .draft',
    answer: '#now .answer, #now .refusal, #now .failure, #now .partial',
  };
  const empty = document.querySelector('#panel .nothing');
  if (empty) empty.dataset.empty = '';
  window.seen = {};
  let asked = 0;
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || asked) return;
    asked = performance.now();
    window.asked = (performance.timeOrigin + asked) / 1000;
  }, true);
  const look = () => {
    for (const [name, selector] of Object.entries(steps)) {
      if (!asked || name in window.seen || !document.querySelector(selector)) continue;
      window.seen[name] = null;  // there, and painted after the next frame
      requestAnimationFrame(() => setTimeout(() => { window.seen[name] = performance.now() - asked; }));
    }
    if ('answer' in window.seen) observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true });
}"""


@dataclass(frozen=True, slots=True)
class Waits:
    """One question's milliseconds to each step; None for a step that did not come."""

    question: str
    evidence: float | None
    first_word: float | None
    answer: float | None
    request: float | None = None
    found: float | None = None


class Watched:
    """A desk that keeps the time of day at which it was last asked, and at which it told what it found."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self.seen: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    def ask(self, question: Question, stop: Flag | None = None) -> Iterator[Event]:
        """Yield the desk's events."""
        self.seen = {"request": time.time()}
        for event in self._desk.ask(question, stop):
            if isinstance(event, Found):
                self.seen["found"] = time.time()
            yield event


def on_the_page(desk: Any, questions: Sequence[str]) -> Iterator[Waits]:
    """Yield each question's waits in the browser; each has a browser without a past."""
    from playwright.sync_api import sync_playwright

    watched = Watched(desk)
    url = served(watched)
    gc.freeze()  # as `byline web` does, and the turns of its threads
    sys.setswitchinterval(0.0005)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for text in (WARMING, *questions):
            # A browser of its own: what it kept would bring the conversation before back.
            page = browser.new_page(viewport={"width": 1360, "height": 860}, reduced_motion="reduce")
            page.set_default_timeout(MOST_SECONDS * 1000)
            page.goto(url)
            page.wait_for_selector(".welcome")
            page.wait_for_timeout(500)  # what is still being loaded is not the question's wait
            page.get_by_label("Question").fill(text)
            page.evaluate(WATCH)
            page.keyboard.press("Enter")
            page.wait_for_function("window.seen.answer")
            if text != WARMING:
                asked = page.evaluate("window.asked")
                in_python = {step: (at - asked) * 1000 for step, at in watched.seen.items()}
                yield waits(text, {**page.evaluate("window.seen"), **in_python})
            page.close()
        browser.close()


def in_the_process(desk: Desk, questions: Sequence[str]) -> Iterator[Waits]:
    """Yield each question's waits without a page: until the events come that `byline ask` prints."""
    for text in (WARMING, *questions):
        started, seen = time.perf_counter(), {}
        for event in desk.ask(Question(text, date.today())):
            name = {Found: "evidence", Token: "first word", Answer: "answer"}.get(type(event))
            if name:
                seen.setdefault(name, (time.perf_counter() - started) * 1000)
        if text != WARMING:
            yield waits(text, seen)


def waits(question: str, seen: Mapping[str, float | None]) -> Waits:
    """Return the record of one question."""
    return Waits(question, **{step.replace(" ", "_"): seen.get(step) for step in STEPS})


def report(measured: Mapping[str, Sequence[Waits]]) -> str:
    """Return a table of medians with the slowest tenth, a row for each way to ask."""
    rows = [("asked", "until", "median ms", "9 of 10 within", "n")]
    for way, all_waits in measured.items():
        for step in STEPS:
            times = [value for one in all_waits if (value := getattr(one, step.replace(" ", "_"))) is not None]
            if times:
                slow = sorted(times)[math.ceil(0.9 * len(times)) - 1]
                rows.append((way, step, f"{statistics.median(times):.0f}", f"{slow:.0f}", str(len(times))))
    return "\n".join(align(rows))


def chosen(path: Path, number: int) -> list[str]:
    """Return the first questions of a file."""
    return [one.text for one in read_questions(path)][:number]


def open_desk(options: argparse.Namespace, stack: ExitStack) -> Desk:
    """Open the archive that is named, else a new one of the sample articles."""
    if options.archive is None:
        return stack.enter_context(sample_desk(Settings(Path(), model=options.model, no_llm=options.no_llm)))
    return stack.enter_context(Desk.open(Settings(options.archive, model=options.model, no_llm=options.no_llm)))


def main(arguments: list[str] | None = None) -> int:
    """Measure both ways, print the table and keep every time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="default: the sample articles")
    parser.add_argument("--file", type=Path, default=QUESTIONS, help="questions as JSON Lines")
    parser.add_argument("--questions", type=int, default=10, metavar="N", help="how many of them; default: 10")
    parser.add_argument("--model", default="")
    parser.add_argument("--no-llm", action="store_true")
    parser.add_argument("--to", type=Path, help="a file for every time as JSON")
    options = parser.parse_args(arguments)
    questions = chosen(options.file, options.questions)
    with ExitStack() as stack:
        desk = open_desk(options, stack)
        desk.rehearse()
        measured = {
            "on the page": list(on_the_page(desk, questions)),
            "in the process": list(in_the_process(desk, questions)),
        }
    out(report(measured))
    if options.to:
        kept: dict[str, Any] = {way: [asdict(one) for one in all_waits] for way, all_waits in measured.items()}
        options.to.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
