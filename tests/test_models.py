"""Models on this machine: read from models.txt, found, and never handed out unverified."""

import hashlib
import os
import struct
from pathlib import Path

import pytest

from bot.models import (
    Model,
    default_model,
    find_model,
    mark_verified,
    models_folder,
    named_model,
    parse_models,
    place_of,
    state,
    unchanged,
    verify,
)
from index.errors import ModelCorrupt, ModelMissing, ModelsFileError

SHA = "0" * 64
COMMIT = "a" * 40
GENERATOR = f"""generator alpha default licence=MIT context=512 prompt=in-file measured=no  # a comment
    file=alpha.gguf:10:{SHA}
    from=hub:someone/alpha@{COMMIT}
"""
EMBEDDER = (
    f"embedder beta default licence=MIT context=256 prompt=none measured=yes file=b:1:{SHA} from=wheels:b==1:b/*\n"
)


def wrote(folder: Path, **contents: bytes) -> Model:
    """A model with these files, lying in the models folder."""
    files = " ".join(f"file={name}:{len(data)}:{hashlib.sha256(data).hexdigest()}" for name, data in contents.items())
    line = f"generator alpha default licence=MIT context=9 prompt=in-file measured=no {files} from=wheels:a==1:a/\n"
    model = parse_models(line + EMBEDDER)[0]
    for file in model.files:
        path = model.path_of(file, folder / model.place)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(contents[file.path])
    return model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    return tmp_path


# --- models.txt ---


def test_a_model_goes_on_over_indented_lines_and_comments_are_left_out():
    alpha, beta = parse_models("# heading\n\n" + GENERATOR + "  # between\n" + EMBEDDER)
    assert (alpha.name, alpha.files[0].path, alpha.origins[0].repository) == ("alpha", "alpha.gguf", "someone/alpha")
    assert (beta.role, beta.default, beta.measured) == ("embedder", True, True)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        pytest.param("generator alpha", "writer alpha", "'writer' is not a role", id="role"),
        pytest.param("generator alpha default", "generator licence=MIT", "not followed by a name", id="name"),
        pytest.param("licence=", "license=", "'license=MIT' is not understood", id="key"),
        pytest.param("licence=MIT", "", "alpha has 0 licence=", id="missing"),
        pytest.param("context=512", "context=512 context=9", "alpha has 2 context=", id="twice"),
        pytest.param("context=512", "context=many", "not a number of tokens", id="context"),
        pytest.param("measured=no", "measured=maybe", "measured=maybe", id="measured"),
        pytest.param(SHA, SHA[1:], "file=alpha.gguf", id="short-hash"),
        pytest.param("alpha.gguf:", "../alpha.gguf:", "leads out", id="path-upwards"),
        pytest.param("alpha.gguf:", "/alpha.gguf:", "leads out", id="path-absolute"),
        pytest.param(COMMIT, "main", "from=hub:someone/alpha@main", id="branch"),
        pytest.param(f"    from=hub:someone/alpha@{COMMIT}", "", "alpha has no from=", id="no-source"),
        pytest.param(f"hub:someone/alpha@{COMMIT}", "wheels:a{3..1}==1:*", "range", id="range-backwards"),
        pytest.param(f"hub:someone/alpha@{COMMIT}", "wheels:a{1..2}==1:a/", "asked of 2 wheels", id="folder-of-two"),
    ],
)
def test_a_wrong_line_is_named_with_what_would_be_right(right, wrong, said):
    assert right in GENERATOR
    with pytest.raises(ModelsFileError) as caught:
        parse_models(EMBEDDER + GENERATOR.replace(right, wrong))
    assert said in caught.value.wrong
    assert "models.txt line 2:" in caught.value.wrong
    assert caught.value.mend.startswith("write ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(GENERATOR, "0 default embedders", id="no-default"),
        pytest.param(GENERATOR + GENERATOR.replace("alpha", "gamma") + EMBEDDER, "alpha, gamma", id="two-defaults"),
        pytest.param(GENERATOR + GENERATOR + EMBEDDER, "'alpha' is there 2 times", id="same-name"),
        pytest.param("   licence=MIT\n" + GENERATOR, "line 1", id="begins-indented"),
        pytest.param("", "default", id="empty"),
    ],
)
def test_the_lines_must_go_together(text, said):
    with pytest.raises(ModelsFileError, match=said):
        parse_models(text)


# --- finding and verifying ---


def test_the_models_folder_is_the_one_named_else_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("BYLINE_MODELS", str(tmp_path))
    assert models_folder() == tmp_path
    monkeypatch.delenv("BYLINE_MODELS")
    assert models_folder().parts[-2:] == ("byline", "models")


def test_a_model_is_unverified_then_ready_then_unverified_again_once_touched(folder):
    model = wrote(folder, alpha=b"weights")
    states = [state(model)]
    verify(model)
    states.append(state(model))
    os.utime(place_of(model), ns=(1, 1))
    assert [*states, state(model)] == ["unverified", "ready", "unverified"]


def test_a_model_that_was_never_brought_is_missing_and_the_mend_pulls_it(folder):
    model = wrote(folder, alpha=b"weights")
    place_of(model).unlink()
    assert state(model) == "missing"
    with pytest.raises(ModelMissing, match="byline models pull alpha"):
        verify(model)


@pytest.mark.parametrize(("change", "said"), [(b"", "0 of 7 bytes"), (b"weightz", "the SHA-256 of")])
def test_changed_bytes_are_never_verified(folder, change, said):
    model = wrote(folder, alpha=b"weights")
    verify(model)
    place_of(model).write_bytes(change)
    with pytest.raises(ModelCorrupt, match=said):
        verify(model)
    assert state(model) != "ready"


def test_a_file_that_took_the_verified_ones_place_is_noticed_though_its_time_was_set_back(folder):
    model = wrote(folder, alpha=b"weights")
    place = verify(model)
    before = place.stat()
    place.write_bytes(b"WEIGHTS")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert state(model) == "unverified"


def test_a_file_that_changes_while_it_is_verified_or_loaded_is_refused(folder):
    model = wrote(folder, alpha=b"weights")
    place = place_of(model)
    with pytest.raises(ModelCorrupt, match="while it was verified"):
        verify(model, lambda progress: os.utime(place, ns=(1, progress.done_bytes)))
    assert state(model) == "unverified"
    with pytest.raises(ModelCorrupt, match="while it was loaded"), unchanged(place):
        place.write_bytes(b"WEIGHTS")
    with unchanged(place):
        pass


def test_verify_reads_in_full_whatever_the_stamp_says(folder):
    model = wrote(folder, alpha=b"weights")
    place_of(model).write_bytes(b"WEIGHTS")
    mark_verified(model)
    assert state(model) == "ready"
    with pytest.raises(ModelCorrupt):
        verify(model)
    assert state(model) == "unverified"


def test_a_stamp_holds_for_the_hash_of_models_txt_only(folder):
    model = wrote(folder, alpha=b"weights")
    verify(model)
    assert state(wrote(folder, alpha=b"another")) == "unverified"


def test_a_folder_that_lacks_one_file_is_damaged(folder):
    model = wrote(folder, one=b"1", two=b"22")
    assert verify(model) == folder / "alpha"
    (folder / "alpha" / "two").unlink()
    assert state(model) == "damaged"
    with pytest.raises(ModelCorrupt, match="two is not there"):
        verify(model)


def test_progress_ends_at_the_whole_model(folder):
    events = []
    verify(wrote(folder, one=b"1", two=b"22"), events.append)
    assert (events[-1].done_bytes, events[-1].total_bytes, events[-1].note) == (3, 3, "verifying")


def test_a_listed_model_that_is_cut_off_is_not_handed_out(folder):
    model = default_model("generator")
    place_of(model).write_bytes(b"GGUF")
    with pytest.raises(ModelCorrupt, match="byline models pull qwen"):
        find_model(None, "generator")


def test_a_listed_model_of_the_right_size_but_other_bytes_is_not_handed_out(folder):
    model = named_model("SMOLLM2-135M")
    with place_of(model).open("wb") as stream:
        stream.truncate(model.size)
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        find_model("smollm2-135m", "generator")


def test_an_unknown_name_is_answered_with_the_names_there_are(folder):
    with pytest.raises(ModelMissing, match=r"no generator is named 'gpt'; .*smollm2-135m"):
        find_model("gpt", "generator")
    with pytest.raises(ModelMissing, match="no generator is named 'all-MiniLM-L6-v2'"):
        find_model("all-MiniLM-L6-v2", "generator")


# --- the reader's own GGUF ---


def gguf(tensor_bytes: int) -> bytes:
    """A whole GGUF with one tensor of that many bytes, made of 4-byte numbers."""
    text = struct.pack("<Q", 4) + b"name"
    pairs = text + struct.pack("<IIQ", 9, 8, 2) + 2 * (struct.pack("<Q", 2) + b"ab")
    tensor = struct.pack("<Q", 1) + b"t" + struct.pack("<IQIQ", 1, tensor_bytes // 4, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + pairs + tensor
    return header + bytes(-len(header) % 32) + bytes(tensor_bytes)


def test_any_whole_gguf_is_handed_out_unverified(tmp_path):
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf(64))
    assert find_model(path, "generator") == path


@pytest.mark.parametrize("length", [5, 30, 70, len(gguf(64)) - 64, len(gguf(64)) - 1])
def test_a_cut_gguf_is_named_as_cut(tmp_path, length):
    path = tmp_path / "cut.gguf"
    path.write_bytes(gguf(64)[:length])
    with pytest.raises(ModelCorrupt, match="is cut off"):
        find_model(str(path), "generator")


@pytest.mark.parametrize(
    ("start", "said"),
    [
        pytest.param(b"\n<!DOCTYPE html><html>", "is a web page", id="page"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer", id="lfs"),
        pytest.param(b"PK\x03\x04rest", "compressed", id="zip"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\x00\x01\x02", "is not a GGUF", id="other"),
    ],
)
def test_a_file_that_is_no_gguf_is_named_for_what_it_is(tmp_path, start, said):
    path = tmp_path / "wrong.gguf"
    path.write_bytes(start)
    with pytest.raises(ModelCorrupt, match=said):
        find_model(path, "generator")


def test_a_path_without_a_file_is_missing(tmp_path):
    with pytest.raises(ModelMissing, match="there is no model at"):
        find_model(tmp_path / "none.gguf", "generator")
    with pytest.raises(ModelMissing, match="there is no model folder at"):
        find_model(tmp_path / "none", "embedder")


def test_a_folder_is_an_embedder_when_it_says_its_modules(tmp_path):
    with pytest.raises(ModelCorrupt, match=r"modules\.json"):
        find_model(tmp_path, "embedder")
    (tmp_path / "modules.json").write_text("[]")
    assert find_model(tmp_path, "embedder") == tmp_path
