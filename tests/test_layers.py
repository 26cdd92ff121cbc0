"""What may import what, read from the source: the file list is the pipeline, and the rim imports the core."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from index.archive import Archive

ROOT = Path(__file__).parents[1]
OURS = ("index", "bot")
SOURCES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))
NAMES = [path.relative_to(ROOT).as_posix() for path in SOURCES]

# The page's views, which are nothing without Gradio.
VIEWS = tuple(name for name in NAMES if name == "bot/ui.py" or name.startswith("bot/ui_"))

# One module a dependency: it is the only one that knows it, and turns its errors into ours.
OWNERS = {
    "chromadb": ("index/graph.py",),
    "sentence_transformers": ("index/embed.py",),
    "transformers": ("index/embed.py",),
    "tokenizers": ("index/tokens.py",),
    "safetensors": ("index/embed.py", "index/bert_graph.py"),  # an error of the reference's, and the weights themselves
    "onnxruntime": ("index/embed_onnx.py",),
    "openvino": ("index/embed_openvino.py",),
    "torch": ("index/embed.py",),
    "trafilatura": ("index/read_html.py",),
    "lxml": ("index/xml_tree.py",),
    "feedparser": ("index/feed_entries.py",),
    "pypdf": ("index/pdf_child.py",),
    "warcio": ("index/read_warc.py",),
    "yaml": ("index/read_text.py",),
    "protego": ("bot/robots.py",),
    "datasketch": ("index/copies.py",),
    "llama_cpp": ("bot/engine.py",),
    "jinja2": ("bot/rendering.py",),
    "huggingface_hub": ("bot/hub.py",),
    "snowballstemmer": ("bot/stems.py", "index/stemming.py"),  # an answer's words in English, articles' in the others
    "py3langid": ("index/languages.py",),
    "dateparser": ("bot/date_words.py",),
    "tqdm": ("bot/draw.py",),
    "gradio": VIEWS,  # the page, and what happens on it
    # gradio is served by these, and brings them; what it does not offer is set on them.
    "fastapi": ("bot/api.py", "bot/api_openai.py", "bot/api_stream.py", "bot/ui.py", "bot/web.py"),
    "starlette": ("bot/intake.py",),
    "uvicorn": ("bot/listening.py",),
    "pydantic": ("bot/api_mcp.py", "bot/api_requests.py"),  # what other programs may ask
    "mcp": ("bot/api_mcp.py",),
    # What pydantic reads of JSON's shapes.
    "typing_extensions": ("bot/api_errors.py", "bot/api_openai.py", "bot/json_shapes.py"),
    "filelock": ("index/lock.py", "bot/fetch.py"),  # the archive's one writer, and a model's one download
    "platformdirs": ("bot/settings.py", "bot/models.py"),  # the data folder, and the cache
}
NUMERIC = {"numpy"}
# Heavy at import: only inside the functions that need them, except in the page, which is nothing without gradio.
HEAVY = {"torch", "gradio", "chromadb", "llama_cpp", "trafilatura", "sentence_transformers", "transformers"}
HEAVY |= {"onnxruntime", "openvino", "lxml", "feedparser", "pypdf", "warcio", "py3langid"}
LAZY = HEAVY | {"datasketch", "huggingface_hub", "safetensors", "tokenizers", "jinja2", "dateparser", "protego"}
EAGER_ALLOWED = {(name, "gradio") for name in VIEWS}
TERMINAL = tuple(
    f"bot/{name}.py"
    for name in """__main__ arguments asking cli cli_feeds commands draw evaluating feeding keeping moving options
    removing serving terminal upkeep watching""".split()
)
PAGE = (*VIEWS, "bot/web.py")
# Run as processes of their own, and say on stdout how far they are and what they found.
SPEAK_TO_THEIR_PARENT = ("bot/hub.py", "index/pdf_child.py")
API = ("bot/api.py", "bot/library.py")
DOOR = "bot/__init__.py"  # hands out the library to whoever asks for it
MOST_LINES = 330
LONGER: dict[str, str] = {}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def imports(name: str, *, inside_functions: bool = True) -> Iterator[str]:
    """Yield the full names that a file imports; `from a import b` is both a and a.b.

    Without `inside_functions` only what is imported when the module is, so nothing that only types need.
    """

    def visit(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not inside_functions:
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not inside_functions:
            return
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            assert isinstance(node.args[0], ast.Constant), f"{name} imports by a computed name"
            yield str(node.args[0].value)
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    yield from visit(tree(name))


def packages(name: str, *, inside_functions: bool = True) -> set[str]:
    return {module.split(".")[0] for module in imports(name, inside_functions=inside_functions)}


def module_of(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(name): name for name in NAMES}


def test_there_is_something_to_read() -> None:
    assert {"index/records.py", "bot/answer.py"} <= set(NAMES)
    assert "sentence_transformers" in packages("index/embed.py")
    assert "sentence_transformers" not in packages("index/embed.py", inside_functions=False)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("index/")])
def test_the_index_never_imports_the_bot(name: str) -> None:
    assert "bot" not in packages(name)


@pytest.mark.parametrize("dependency", OWNERS)
def test_a_dependency_is_known_to_one_module(dependency: str) -> None:
    assert {name for name in NAMES if dependency in packages(name)} == set(OWNERS[dependency])


def test_every_dependency_outside_the_standard_library_has_its_owner() -> None:
    known = {*OWNERS, *NUMERIC, *OURS, *sys.stdlib_module_names}
    strangers = {name: packages(name) - known for name in NAMES if packages(name) - known}
    assert strangers == {}


@pytest.mark.parametrize("name", NAMES)
def test_heavy_imports_stand_inside_the_functions_that_need_them(name: str) -> None:
    eager = {(name, package) for package in packages(name, inside_functions=False) & LAZY}
    assert eager <= EAGER_ALLOWED


def test_our_modules_import_each_other_without_a_cycle() -> None:
    graph = {
        module: {found for found in imports(name, inside_functions=False) if found in MODULES} - {module}
        for module, name in MODULES.items()
    }
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
    assert len(order) == len(MODULES)


def test_nothing_of_the_core_imports_a_face() -> None:
    rim = {module_of(name) for name in (*TERMINAL, *PAGE, *API)}
    core = [name for module, name in MODULES.items() if module not in rim and name != DOOR]
    assert {name: found for name in core if (found := rim & set(imports(name)))} == {}


PROBE = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sorted(sys.modules))"


@pytest.mark.parametrize(
    "module", ["bot.cli", "bot.app", "bot.answer", "bot.show", "bot.library", "index.archive", "index.build"]
)
def test_importing_pulls_in_nothing_heavy(module: str) -> None:
    found = subprocess.run([sys.executable, "-c", PROBE, module], cwd=ROOT, capture_output=True, text=True, check=True)
    assert module in found.stdout.split()
    assert HEAVY & set(found.stdout.split()) == set()


RUN = (
    "import sys; from bot.cli import run\ntry: run(sys.argv[1:])\nfinally: print(*sorted(sys.modules), file=sys.stderr)"
)
READS_TABLES = HEAVY | {"dateparser", "datasketch", "trafilatura", "yaml", "tokenizers", "onnxruntime", "openvino"}


def loaded_by(*arguments: str) -> set[str]:
    """Return what running `byline` so has imported when it ends."""
    ended = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=ROOT, capture_output=True, text=True)
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("ask", "--help")], ids=" ".join)
def test_help_is_told_without_numbers_or_models(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert "bot.cli" in loaded
    assert loaded & (READS_TABLES | NUMERIC | {"sqlite3"}) == set()


@pytest.mark.parametrize("command", ["status", "list"])
def test_what_reads_the_archive_only_loads_no_model(command: str, tmp_path: Path) -> None:
    Archive.open(tmp_path, create=True).close()
    loaded = loaded_by(command, "--archive", str(tmp_path))
    assert "index.archive" in loaded
    assert loaded & READS_TABLES == set()
    assert loaded & {"bot.answer", "bot.app", "index.build"} == set()


def calls(name: str) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree(name)) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (*TERMINAL, *SPEAK_TO_THEIR_PARENT)])
def test_only_faces_print(name: str) -> None:
    assert not calls(name) & {"print", "sys.stdout.write", "sys.stderr.write"}


@pytest.mark.parametrize("name", NAMES)
def test_no_error_is_swallowed_blindly(name: str) -> None:
    handlers = [node for node in ast.walk(tree(name)) if isinstance(node, ast.ExceptHandler)]
    for handler in handlers:
        caught = ast.unparse(handler.type) if handler.type else "everything"
        passed_on = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
        assert passed_on or caught not in ("everything", "Exception", "BaseException"), f"line {handler.lineno}"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_can_be_read_in_one_sitting(name: str) -> None:
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES or name in LONGER


def test_no_exception_to_a_rule_outlives_its_reason() -> None:
    assert {name for name in LONGER if len((ROOT / name).read_text().splitlines()) <= MOST_LINES} == set()
    assert {name for name, package in EAGER_ALLOWED if package not in packages(name, inside_functions=False)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_module_opens_with_its_contract(name: str) -> None:
    assert ast.get_docstring(tree(name))


HOLLOW = ("Manager", "Helper", "Pipeline", "Handler", "Service", "Factory", "Component")


@pytest.mark.parametrize("name", NAMES)
def test_names_say_something(name: str) -> None:
    classes = [node.name for node in ast.walk(tree(name)) if isinstance(node, ast.ClassDef)]
    assert not [each for each in classes if each.endswith(HOLLOW)]
    assert Path(name).stem not in ("utils", "helpers", "misc", "common")


@pytest.mark.parametrize("name", NAMES)
def test_no_function_is_longer_than_a_page(name: str) -> None:
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [each.name for each in functions if (each.end_lineno or 0) - each.lineno >= 60] == []
