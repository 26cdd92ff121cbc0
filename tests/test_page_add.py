"""Adding articles in a real browser: over a scripted desk, and over a real archive that searches by words alone."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_material import EMBEDDER
from fake_desk import FakeDesk
from page_material import NAMELESS, WORST_CONTRAST, focused, in_view, served
from test_page_axe import misfits, violations
from web_material import HTML, Server, reaching, says

from bot.app import Desk
from bot.settings import Settings
from index.archive import Archive

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LETTER = "A letter to the editor\n\nThe new library in Saltmarsh opens on Friday, the mayor said on Monday."


@pytest.fixture(scope="module")
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="module")
def address(desk: FakeDesk) -> str:
    return served(desk)


def open_view(open_page, **options):
    page = open_page(**options)
    page.get_by_role("tab", name="Add articles").click()
    page.wait_for_selector("#files")
    return page


def upload(page, folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text(f"The harbour froze over, says {name}.")
    page.locator("#files input[type=file]").set_input_files([folder / name for name in names])


def test_files_are_added_and_every_one_is_accounted_for(open_page, desk: FakeDesk, tmp_path: Path) -> None:
    page = open_view(open_page)
    upload(page, tmp_path, "good.txt", "bad <b>.txt", "copy.txt")
    page.wait_for_selector("text=1 article added")
    report = " ".join(page.text_content("#report").split())
    assert "no article text <i>found</i>" in report
    assert "Title <i>copy</i> is the same as Council approves repair" in report
    assert focused(page) == "1 article added"
    assert "6 articles" in page.text_content("#facts")
    kept = sorted(path.name for path in (desk.archive.folder / "uploads").iterdir())
    assert [name for name in kept if "bad" not in name] == ["copy.txt", "good.txt"]
    page.locator("#report").get_by_role("button", name="Title <i>good</i>").click()
    page.wait_for_selector("#report .reading")
    assert "The repair will cost 4.2 million crowns" in page.text_content("#report .reading")
    assert focused(page) == "Back to the report"
    page.keyboard.press("Enter")
    page.wait_for_selector("#report .added")


def test_files_can_be_dropped_and_one_that_misses_its_place_changes_nothing(open_page, tmp_path: Path) -> None:
    page = open_view(open_page)
    dropped = """([selector, name]) => {
      const data = new DataTransfer();
      data.items.add(new File(['The harbour froze over.'], name, { type: 'text/plain' }));
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(selector).dispatchEvent(event);
      return event.defaultPrevented;
    }"""
    assert page.evaluate(dropped, ["#masthead", "missed.txt"])
    page.evaluate(dropped, ["#files button", "dropped.txt"])
    page.wait_for_selector("text=1 article added")
    assert page.text_content("#report .added li .file") == "dropped.txt"


def test_it_is_shown_how_far_it_is_and_stop_keeps_what_is_done(open_page, tmp_path: Path) -> None:
    page = open_view(open_page)
    upload(page, tmp_path, "many.txt")
    page.wait_for_selector("#report progress")
    page.wait_for_selector("#report .counts >> text=left")  # the estimate comes once it means something
    counts = page.text_content("#report .counts")
    assert "of 200" in counts
    assert page.get_by_role("button", name="Add the text").is_disabled()
    page.get_by_role("button", name="Stop and keep what is done").click()
    page.wait_for_selector("#report .stopped")
    assert not page.get_by_role("button", name="Stop and keep what is done").is_visible()
    assert page.get_by_role("button", name="Add the text").is_enabled()
    assert int(page.text_content("#report .added h2").split()[0]) < 200


def test_a_second_reader_sees_the_adding_under_way_and_adds_after_it(open_page, tmp_path: Path) -> None:
    first, second = open_view(open_page), open_view(open_page)
    upload(first, tmp_path, "many.txt")
    first.wait_for_selector("#report progress")
    second.get_by_label("The article’s text").fill("Mine.")
    second.get_by_role("button", name="Add the text").click()
    second.wait_for_selector("#report .failure >> text=Yours have not been taken")
    second.wait_for_selector("#report progress")
    late = open_view(open_page)
    late.wait_for_selector("#report progress")
    late.close()
    first.get_by_role("button", name="Stop and keep what is done").click()
    first.wait_for_selector("#report .stopped")
    second.wait_for_selector("text=The other adding is done")
    assert second.get_by_label("The article’s text").input_value() == "Mine."
    second.get_by_role("button", name="Add the text").click()
    second.wait_for_selector("text=1 article added")


def test_an_adding_goes_on_when_its_tab_is_closed(open_page, tmp_path: Path) -> None:
    page = open_view(open_page)
    upload(page, tmp_path, "endless.txt")
    page.wait_for_selector("#report progress")
    page.close()
    page = open_view(open_page)
    page.wait_for_selector("#report progress")
    page.get_by_role("button", name="Stop and keep what is done").click()
    page.wait_for_selector("#report .stopped")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1360, 860), (390, 800)], ids=["wide", "narrow"])
def test_the_view_fits_can_be_read_and_everything_has_a_name(
    open_page, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    page = open_view(open_page, width=width, height=height, scheme=scheme)

    def check() -> None:
        ratio, where = page.evaluate(WORST_CONTRAST)
        assert ratio >= 4.5, where
        assert page.evaluate(NAMELESS) == []
        assert violations(page) + misfits(page) == []

    check()
    page.get_by_role("button", name="Fetch the page").click()
    page.wait_for_selector("#report .failure")
    assert in_view(page, "#report .failure")
    check()
    upload(page, tmp_path, "good.txt", "bad.txt")
    page.wait_for_selector("#report .added")
    assert in_view(page, "#report .added h2")
    check()


def test_everything_is_reached_with_the_keyboard(open_page) -> None:
    page = open_view(open_page)
    page.get_by_role("tab", name="Add articles").focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
                " || document.activeElement.getAttribute('aria-label')"
            )
        )
    names = ["Choose a folder", "The article’s text", "Title, else its first line", "Outlet", "Add the text"]
    places = [next(place for place, one in enumerate(reached) if name in one) for name in names]
    assert places == sorted(places)
    assert any("Drop File" in one for one in reached)


# --- over a real archive -----------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def real(tmp_path: Path, server: Server) -> Iterator[Desk]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        desk = Desk(Settings(archive.folder, no_llm=True), archive, EMBEDDER)  # type: ignore[arg-type]
        desk.web = reaching(server)
        yield desk


def test_a_zip_with_a_bad_file_among_good_ones(open_page, real: Desk, tmp_path: Path) -> None:
    page = open_view(open_page, url=served(real))
    with zipfile.ZipFile(tmp_path / "news.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("june/letter.txt", LETTER)
        packed.writestr("june/again.txt", LETTER)
        packed.writestr("bomb.txt", b"a" * 2**22)
        packed.writestr("../../escape.txt", LETTER)
        packed.writestr("scan.doc", b"x")
    page.locator("#files input[type=file]").set_input_files(tmp_path / "news.zip")
    page.wait_for_selector("#report >> text=1 article added")
    told = " ".join(page.text_content("#report").split())
    assert "1 duplicate" in told
    assert "bomb.txt: unpacks to more than 200 times its size" in told
    assert "../../escape.txt: its path leads out of the zip" in told
    assert "scan.doc: Word of before 2007 is not read yet" in told
    page.locator("#report").get_by_role("button", name="A letter to the editor").first.click()
    page.wait_for_selector("#report .reading >> text=The new library in Saltmarsh")


def test_a_pasted_text_is_added_with_what_is_said_of_it(open_page, real: Desk) -> None:
    page = open_view(open_page, url=served(real))
    page.get_by_role("button", name="Add the text").click()
    page.wait_for_selector("#report .failure >> text=There is no text")

    def paste() -> None:
        page.get_by_label("The article’s text").fill(LETTER)
        page.get_by_role("textbox", name="Outlet", exact=True).fill('The "Courier": <b>')
        page.get_by_label("Date, if known").fill("2017-06-07")
        page.get_by_role("button", name="Add the text").click()

    paste()
    page.wait_for_selector("#report >> text=1 article added")
    (row,) = real.archive.articles()
    assert (row.source.title, row.source.outlet) == ("A letter to the editor", 'The "Courier": <b>')
    assert str(row.source.published) == "2017-06-07"
    page.wait_for_function("document.querySelector('#text textarea').value === ''")
    assert page.get_by_label("Date, if known").input_value() == ""
    paste()
    page.wait_for_selector("#report >> text=Nothing new was added")


def test_a_page_is_fetched_only_when_asked_for_and_never_from_inside(open_page, real: Desk, server: Server) -> None:
    server.answers["/bridge"] = says(HTML)
    page = open_view(open_page, url=served(real))
    field = page.get_by_label("Address of the page")
    field.fill("http://inside.example/secret")
    page.get_by_role("button", name="Fetch the page").click()
    page.wait_for_selector("#report .failure >> text=inside.example is not on the public web")
    assert field.input_value() == "http://inside.example/secret"
    field.fill("http://news.example/bridge")
    page.wait_for_timeout(300)
    assert server.asked == []
    field.press("Enter")
    page.wait_for_selector("#report >> text=1 article added")
    (row,) = real.archive.articles()
    assert (row.source.title, row.source.url) == ("Bridge shut", "http://news.example/bridge")
    assert [path for path, _ in server.asked] == ["/bridge"]
