"""What tests of the page share; its fixtures `browser` and `open_page` are in conftest.py."""

from __future__ import annotations

import shutil
import threading

from bot.web import serve

PATIENCE = 30_000  # milliseconds; two busy cores are slow, and waiting costs nothing when they are not

# The smallest contrast of any visible text with what lies behind it, and where.
WORST_CONTRAST = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const unwritten = '[type=range], [type=file], [type=checkbox], [type=radio]';
  const written = [...document.querySelectorAll(`input:not(${unwritten}), textarea`)]
    .map((e) => [e, e.value || e.placeholder || e.type]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) written.push([walker.currentNode.parentElement, walker.currentNode.data]);
  let worst = [99, ''];
  for (const [e, text] of written) {
    if (!text.trim() || !e.checkVisibility()) continue;
    if (e.closest('.hidden, .sr-only, script, style')) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, `${e.tagName}.${e.className}: ${text.slice(0, 40)}`];
  }
  return worst;
}"""
# What stands outside the window, or is wider than the box that cuts it off.
OUTSIDE = """(inside) => [...document.querySelectorAll(inside)]
  .filter((e) => e.checkVisibility() && !e.closest('.hidden, .sr-only')).map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width && r.height
    && (r.left < -0.5 || r.right > innerWidth + 0.5 || r.top < -0.5 || r.bottom > innerHeight + 0.5
      || e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).overflowX !== 'visible'
        && !e.matches('input, textarea')))
  .map(([e]) => e.outerHTML.slice(0, 120))"""
NAMELESS = """() => [...document.querySelectorAll('button, a, input:not([type=file]), textarea, select')]
  .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim()
    || [...(e.labels ?? [])].some((l) => l.textContent.trim()))).map((e) => e.outerHTML.slice(0, 120))"""


def find_chromium() -> str | None:
    """Return this machine's Chromium, as Debian, Ubuntu or Google name it."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def launch(playwright):
    """Return a Chromium with its network cut: all that does not go to this machine goes where nothing answers."""
    cut = "--proxy-server=127.0.0.1:9"
    return playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", cut])


def served(desk: object, *, password: str = "") -> str:
    """Serve `desk` from a thread that ends with the tests, and return its address."""
    address: list[str] = []
    ready = threading.Event()

    def tell(url: str) -> None:
        address.append(url)
        ready.set()

    threading.Thread(
        target=serve, args=(desk,), kwargs={"port": 0, "password": password, "on_ready": tell}, daemon=True
    ).start()
    assert ready.wait(60)
    return address[0]


def ask(page, question: str) -> None:
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def focused(page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def in_view(page, selector: str) -> bool:
    return bool(
        page.evaluate(
            """s => { const r = document.querySelector(s).getBoundingClientRect();
                      return r.top >= 0 && r.bottom <= innerHeight; }""",
            selector,
        )
    )
