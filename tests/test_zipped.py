"""Zips: every file in them read or named with its reason, and no bomb costs memory, time or disk."""

from __future__ import annotations

import gzip
import stat
import struct
import tempfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archive_material import EMBEDDER, MAX_TOKENS
from hypothesis import given
from hypothesis import strategies as st

from index import zipped
from index.archive import Archive
from index.build import build
from index.read import read
from index.records import BuildReport, Draft, Skipped

ARTICLE = b"Bridge shut\n\nThe harbour bridge was shut on Thursday, the town said, and stays shut for weeks.\n"
LINES = b'{"id": "x1", "text": "Boats left at dawn."}\n{"id": "x2", "text": "Boats came back."}\nbroken\n'


def pack(path: Path, **contents: bytes) -> Path:
    """Make a zip; a keyword cannot hold a dot, so `a_txt` is a.txt."""
    return pack_named(path, {name.replace("_", "."): content for name, content in contents.items()})


def pack_named(path: Path, contents: dict[str, bytes], **options: int) -> Path:
    with zipfile.ZipFile(path, "w", options.get("packing", zipfile.ZIP_DEFLATED)) as packed:
        for name, content in contents.items():
            packed.writestr(name, content)
    return path


def wheres(path: Path) -> list[str]:
    return [found.where for found in read(path) if isinstance(found, Draft)]


def reasons(path: Path) -> dict[str, str]:
    return {found.where: found.reason for found in read(path) if isinstance(found, Skipped)}


# --- what is read ----------------------------------------------------------------------------------------------


def test_the_files_of_a_zip_are_read_in_order_as_if_they_lay_in_a_folder(tmp_path: Path) -> None:
    contents = {"news/b.txt": ARTICLE, "news/a.jsonl": LINES, "c.txt.gz": gzip.compress(ARTICLE), "news/": b""}
    path = pack_named(tmp_path / "a.zip", contents)
    found = list(read(path))
    assert {item.source.path if isinstance(item, Draft) else item.path for item in found} == {str(path)}
    assert wheres(path) == ["c.txt.gz", "news/a.jsonl, line 1", "news/a.jsonl, line 2", "news/b.txt"]
    assert set(reasons(path)) == {"news/a.jsonl, line 3"}
    drafts = {item.where: item for item in found if isinstance(item, Draft)}
    assert drafts["c.txt.gz"].text == drafts["news/b.txt"].text
    assert drafts["news/b.txt"].source.title == "Bridge shut"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", create=True) as archive:
        yield archive


def index(archive: Archive, *paths: Path) -> BuildReport:
    return build(archive, paths, embedder=EMBEDDER, max_tokens=MAX_TOKENS)


def test_ids_come_from_the_path_in_the_zip_and_a_changed_zip_changes_only_what_changed(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "news.zip"
    other = ARTICLE.replace(b"bridge", b"ferry")
    pack(path, one_txt=ARTICLE, two_txt=other, three_txt=other.replace(b"weeks", b"days"))
    assert index(archive, path).added == 3
    ids = {row.id for row in archive.articles()}
    assert index(archive, path).unchanged == 3
    pack(path, two_txt=other, one_txt=ARTICLE.replace(b"Thursday", b"Friday"))
    report = index(archive, path)
    assert (report.added, report.updated, report.unchanged, report.removed) == (0, 1, 1, 1)
    assert {row.id for row in archive.articles()} < ids


def test_a_zip_that_cannot_be_read_for_the_moment_takes_nothing_away(archive: Archive, tmp_path: Path) -> None:
    path = pack(tmp_path / "news.zip", one_txt=ARTICLE)
    index(archive, path)
    path.write_bytes(path.read_bytes()[:40])
    report = index(archive, path)
    assert (report.removed, len(report.skipped)) == (0, 1)
    assert archive.status().articles == 1


# --- what is not -----------------------------------------------------------------------------------------------


def test_bad_files_among_good_ones_are_named_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("good.txt", ARTICLE)
        packed.writestr("report.doc", b"x")
        packed.writestr("inner.zip", b"PK")
        packed.writestr("nothing.txt", b"")
        packed.writestr("binary.txt", bytes(range(32)) * 9)
        packed.writestr("../../escape.txt", ARTICLE)
        packed.writestr("__MACOSX/._good.txt", b"\x00\x05\x16\x07")
        packed.writestr(".hidden/notes.txt", ARTICLE)
        for name, mode in (("link.txt", stat.S_IFLNK | 0o777), ("pipe.txt", stat.S_IFIFO | 0o644)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            packed.writestr(info, "/etc/passwd")
        packed.writestr("slow.txt", ARTICLE, zipfile.ZIP_LZMA)
    assert wheres(path) == ["good.txt"]
    assert reasons(path) == {
        "report.doc": "Word of before 2007 is not read yet",
        "inner.zip": "a zip within the zip; unpack it first",
        "nothing.txt": "empty file",
        "binary.txt": "not text, whatever its name says",
        "../../escape.txt": "its path leads out of the zip",
        "link.txt": "a link; pack its target itself",
        "pipe.txt": "not a regular file",
        "slow.txt": "packed in a way that is not read (14)",
    }
    assert [item.name for item in tmp_path.iterdir()] == ["a.zip"]


def test_an_encrypted_file_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", a_txt=ARTICLE, b_txt=ARTICLE)
    raw = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + flags] |= 1
    path.write_bytes(raw)
    assert wheres(path) == ["b.txt"]
    assert "encrypted" in reasons(path)["a.txt"]


@pytest.mark.parametrize(
    ("written", "flag", "meant"),
    [
        pytest.param("Zürich/Straße.txt".encode(), 0, "Zürich/Straße.txt", id="UTF-8 without its flag"),
        pytest.param("Zürich.txt".encode(), 0x800, "Zürich.txt", id="UTF-8 with its flag"),
        pytest.param("Zürich.txt".encode("cp437"), 0, "Zürich.txt", id="as DOS wrote it"),
        pytest.param(b"C:\\news\\june\\a.txt", 0, "news/june/a.txt", id="a path of Windows"),
        pytest.param(b"/srv/press/./a.txt", 0, "srv/press/a.txt", id="a path from the root"),
        pytest.param("朝日.txt".encode("shift-jis"), 0, "Æ⌐ô·.txt", id="unknown letters still read"),
        pytest.param(b"a\nb.txt", 0, "a\nb.txt", id="a line break"),
    ],
)
def test_names_are_read_as_they_were_meant(tmp_path: Path, written: bytes, flag: int, meant: str) -> None:
    place = "x" * len(written)
    raw = pack_named(tmp_path / "a.zip", {place: ARTICLE}).read_bytes().replace(place.encode(), written)
    raw = set_flag(raw, flag)
    (tmp_path / "a.zip").write_bytes(raw)
    assert wheres(tmp_path / "a.zip") == [meant]


def set_flag(raw: bytes, flag: int) -> bytes:
    changed = bytearray(raw)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.index(signature) + at
        changed[start : start + 2] = struct.pack("<H", flag)
    return bytes(changed)


def test_a_name_that_is_no_text_costs_a_reason_and_no_error(tmp_path: Path) -> None:
    raw = pack_named(tmp_path / "a.zip", {"xx.txt": ARTICLE}).read_bytes().replace(b"xx.txt", b"\xff\xfe.txt")
    (tmp_path / "a.zip").write_bytes(set_flag(raw, 0x800))
    assert reasons(tmp_path / "a.zip") == {"": "a name in it is not valid text; pack it again"}


def test_of_two_files_of_one_name_the_later_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.txt", ARTICLE)
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("a.txt", ARTICLE.replace(b"bridge", b"ferry"))
    (draft,) = (item for item in read(tmp_path / "a.zip") if isinstance(item, Draft))
    assert "ferry" in draft.text
    assert reasons(tmp_path / "a.zip") == {"a.txt": "the zip holds a later file of the same name"}


@pytest.mark.parametrize("damage", ["content", "checksum", "size"])
def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path: Path, damage: str) -> None:
    path = pack(tmp_path / "a.zip", a_txt=ARTICLE, b_txt=ARTICLE)
    raw = bytearray(path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    if damage == "content":
        raw[40:60] = b"\xff" * 20
    elif damage == "checksum":
        raw[central + 16] ^= 1
    else:
        raw[central + 24 : central + 28] = struct.pack("<I", 40)  # says that it is shorter than it is
    path.write_bytes(raw)
    assert wheres(path) == ["b.txt"]
    assert list(reasons(path)) == ["a.txt"]


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x05\x06", ARTICLE, b"PK\x03\x04" + bytes(400)], ids=["0", "end", "text", "no"]
)
def test_what_only_calls_itself_a_zip_is_named(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(raw)
    assert reasons(tmp_path / "a.zip") == {"": "not a zip, or a damaged one"}


@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damaged_zip_reads_or_is_skipped(changes: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = pack(Path(folder) / "a.zip", a_txt=ARTICLE, b_jsonl=LINES)
        raw = bytearray(path.read_bytes())
        for place, value in changes:
            raw[place % len(raw)] = value
        path.write_bytes(raw)
        for found in read(path):
            assert isinstance(found, Draft | Skipped)


# --- bombs -----------------------------------------------------------------------------------------------------


def zeros(size: int) -> bytes:
    """Return `size` zeros packed with Deflate: one packed piece again and again, and an empty last one."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packing.compress(bytes(2**20)) + packing.flush(zlib.Z_FULL_FLUSH)
    return piece * (size // 2**20) + b"\x03\x00"


def bomb(content: bytes, size: int, *, told: int | None = None, count: int = 1, apart: bool = True) -> bytes:
    """Return a zip of `count` entries over one packed content, that unpacks to `size` and says `told`."""
    told = size if told is None else told
    crc = 0
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(content), told, 7, 0)
    body = b"".join(head + b"%03d.txt" % n + content for n in range(count if apart else 1))
    entries = b""
    for n in range(count):
        place = n * (len(head) + 7 + len(content)) if apart else 0
        entries += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc, len(content), told, 7, 0, 0, 0, 0, 0, place
        ) + (b"%03d.txt" % n)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), len(body), 0)
    return body + entries + end


@pytest.fixture(scope="module")
def gigabyte() -> bytes:
    return zeros(2**30)


@pytest.fixture
def cheap() -> Iterator[Callable[[], None]]:
    """Check that hardly any memory was used from the start of the test to the call."""
    tracemalloc.start()

    def check() -> None:
        assert tracemalloc.get_traced_memory()[1] < 40 * 2**20

    yield check
    tracemalloc.stop()


def test_a_gigabyte_in_a_megabyte_is_not_unpacked(tmp_path: Path, gigabyte: bytes, cheap: Callable[[], None]) -> None:
    assert len(gigabyte) < 2 * 2**20
    (tmp_path / "a.zip").write_bytes(bomb(gigabyte, 2**30))
    assert reasons(tmp_path / "a.zip") == {"000.txt": "unpacks to more than 512 MiB"}
    cheap()


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says(
    tmp_path: Path, gigabyte: bytes, cheap: Callable[[], None]
) -> None:
    (tmp_path / "a.zip").write_bytes(bomb(gigabyte, 2**30, told=2000))
    (reason,) = reasons(tmp_path / "a.zip").values()
    assert reason.startswith("damaged") or "text" in reason or reason == "empty file"
    cheap()


def test_a_smaller_bomb_is_known_by_its_ratio(tmp_path: Path, cheap: Callable[[], None]) -> None:
    (tmp_path / "a.zip").write_bytes(bomb(zeros(100 * 2**20), 100 * 2**20))
    assert reasons(tmp_path / "a.zip") == {"000.txt": "unpacks to more than 200 times its size"}
    cheap()


def test_entries_that_share_their_bytes_are_none_of_them_read(tmp_path: Path, cheap: Callable[[], None]) -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packing.compress(ARTICLE) + packing.flush()
    (tmp_path / "a.zip").write_bytes(bomb(content, len(ARTICLE), count=500, apart=False))
    assert len(reasons(tmp_path / "a.zip")) == 500
    assert all("zip bomb" in reason for reason in reasons(tmp_path / "a.zip").values())
    cheap()


def test_an_entry_within_another_is_found(tmp_path: Path) -> None:
    inner = pack(tmp_path / "inner", a_txt=ARTICLE).read_bytes()
    path = pack_named(tmp_path / "a.zip", {"outer.txt": inner, "c.txt": ARTICLE}, packing=zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    last = raw.rindex(b"PK\x01\x02")
    raw[last + 42 : last + 46] = struct.pack("<I", raw.index(b"PK\x03\x04", 10))  # c.txt now begins inside outer.txt
    path.write_bytes(raw)
    assert set(reasons(path)) == {"outer.txt", "c.txt"}


def test_a_gzip_bomb_within_a_zip_is_given_up(tmp_path: Path, cheap: Callable[[], None]) -> None:
    packed = gzip.compress(b"a" * 2**20) * 200
    pack_named(tmp_path / "a.zip", {"a.txt.gz": packed, "b.txt": ARTICLE}, packing=zipfile.ZIP_STORED)
    assert wheres(tmp_path / "a.zip") == ["b.txt"]
    assert "200 times" in reasons(tmp_path / "a.zip")["a.txt.gz"]


def test_what_is_over_the_whole_zips_limit_is_named_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped, "LARGEST_TOTAL", 250)
    path = pack(tmp_path / "a.zip", a_txt=ARTICLE, b_txt=ARTICLE, c_txt=ARTICLE, d_txt=b"It snowed all night.")
    assert wheres(path) == ["a.txt", "b.txt", "d.txt"]
    assert list(reasons(path)) == ["c.txt"]


def test_only_so_many_files_of_a_zip_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MOST_ENTRIES", 2)
    path = pack(tmp_path / "a.zip", a_txt=ARTICLE, b_txt=ARTICLE, c_txt=ARTICLE)
    assert wheres(path) == ["a.txt", "b.txt"]
    assert reasons(path) == {"": "it holds 3 files; only the first 2 are read"}


def test_a_list_of_millions_of_files_is_not_read_into_memory(tmp_path: Path, cheap: Callable[[], None]) -> None:
    size = zipped.LARGEST_DIRECTORY + 1
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 9, 9, size, 0, 0))
    assert reasons(tmp_path / "a.zip") == {"": "its list of files is larger than 32 MiB"}
    cheap()


def test_thousands_of_files_are_read(tmp_path: Path) -> None:
    path = pack_named(tmp_path / "a.zip", {f"{n:05}.txt": b"It snowed on day %d." % n for n in range(1000)})
    assert len(wheres(path)) == 1000
