"""Tiny folders of every module beside Transformer and Pooling, made by the real library, for goldens and for the parity test.

`build(kind, folder, seed)` writes the model folder of one of `KINDS`; seed 0 is the golden one, any other draws sizes and options
at random. `load(kind, folder)` is the reference's model, in float32. `encode`, `encode_tokens` and `token_ids` are what the
reference makes of texts one by one.
"""
from __future__ import annotations

import json
import math
import random
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Router, Transformer
from sentence_transformers.sentence_transformer.modules import (
    CNN,
    LSTM,
    BoW,
    Dropout,
    LayerNorm,
    Pooling,
    StaticEmbedding,
    WeightedLayerPooling,
    WordEmbeddings,
    WordWeights,
)
from sentence_transformers.sentence_transformer.modules.tokenizer import PhraseTokenizer, WhitespaceTokenizer
from tiny_models import (
    WORDS,
    Spec,
    _randomise,
    _save_tokenizer,
    _save_transformer,
    _write_json,
    build_folder,
    load_reference,
    make_vocab,
)
from tokenizers import Tokenizer

ACTIVATIONS = ["ELU", "CELU", "SELU", "LeakyReLU", "RReLU", "ReLU6", "Hardtanh", "Hardsigmoid", "Hardswish", "Hardshrink",
               "Softshrink", "Tanhshrink", "Softplus", "Softsign", "LogSigmoid", "Mish", "PReLU", "Softmax", "Softmin", "LogSoftmax",
               "GELU", "ReLU", "SiLU", "Sigmoid", "Tanh", "Identity"]

# Words as texts have them: with capitals, punctuation, accents, a final sigma, and a few that only match after lower() or strip().
MORE_WORDS = ["weather", "Today", "it's", "don't", "stadium.", "c++", "new_york", "New_York_City", "planet,", "red_planet", "the_red_planet",
              "\u03bf\u03b4\u03cc\u03c2", "\u03bf\u03b4\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "i\u0307stanbul", "\u4eca\u5929\u5929\u6c14\u5f88\u597d\uff0c\u6211\u4eec\u53bb\u516c\u56ed\u3002",
              "fran\u00e7ois", "\u043f\u0440\u0438\u0432\u0435\u0442", "\u0434\u0435\u043b\u0430", "ca", "n't", "'s", "``", "''", "--", "(", ")", "...", "50", "%", "$", "3.14159", "e-5", "x", "y", "a", "b",
              "gon", "na", "can", "not", "[MASK]", "mask", "quotes", "\u201cquotes\u201d", "\ufb01", "stra\u00dfe", "#", "@home", "@", "home"]


def words(rng: random.Random, count: int) -> list[str]:
    pool = list(dict.fromkeys(WORDS + MORE_WORDS))
    rng.shuffle(pool)
    return ["PADDING_TOKEN"] + pool[:count]


class Maker:
    """Draws what a folder is made of. Seed 0 takes the first of each choice."""

    def __init__(self, kind: str, seed: int, scratch: Path):
        self.rng = random.Random(f"{kind}/{seed}")
        self.generator = torch.Generator().manual_seed(self.rng.randrange(2**31))
        self.fixed = seed == 0
        self.scratch = scratch
        torch.manual_seed(seed)

    def pick(self, *choices):
        return choices[0] if self.fixed else self.rng.choice(choices)

    def random(self, module: torch.nn.Module) -> torch.nn.Module:
        _randomise(module, self.generator)
        return module.eval()

    def dense(self, inputs: int, outputs: int, activation: str = "Tanh", **options) -> Dense:
        return self.random(Dense(inputs, outputs, activation_function=getattr(torch.nn, activation)(), **options))

    def tokenizer(self, truncation: int | None, size: int = 300) -> Tokenizer:
        spec = Spec("static", self.rng.randrange(2**31), vocab_size=size, lowercase=self.pick(True, False),
                    stored_truncation=truncation, added_tokens=self.pick(False, True))
        folder = self.scratch / "tokenizer"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _save_tokenizer(spec, make_vocab(random.Random(spec.seed), spec.lowercase, size, "first"), folder)
        return Tokenizer.from_file(str(folder / "tokenizer.json"))

    def static(self, dimension: int) -> StaticEmbedding:
        tokenizer = self.tokenizer(self.pick(24, None, 5))
        weights = torch.empty(tokenizer.get_vocab_size(), dimension).normal_(0, 0.7, generator=self.generator)
        return StaticEmbedding(tokenizer, embedding_weights=weights.to(self.pick(torch.float32, torch.float16)))

    def transformer(self, **config) -> Transformer:
        spec = Spec("inner", self.rng.randrange(2**31), layout="plain", hidden=16, heads=2, intermediate=24, vocab_size=300,
                    layers=config.pop("layers", 1), max_positions=40, model_max_length=self.pick(512, 20, None))
        folder = self.scratch / f"transformer{self.rng.randrange(10**6)}"
        build_folder(spec, folder)
        if config:
            path = folder / "config.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | config))
        return Transformer(str(folder), model_kwargs={"dtype": torch.float32})

    def word_embeddings(self, dimension: int, tokenizer=None, spread: float = 0.7) -> WordEmbeddings:
        tokenizer = tokenizer or self.whitespace_tokenizer()
        weights = torch.empty(len(tokenizer.get_vocab()), dimension).normal_(0, spread, generator=self.generator)
        return WordEmbeddings(tokenizer, weights, max_seq_length=self.pick(1000000, 7))

    def whitespace_tokenizer(self) -> WhitespaceTokenizer:
        stop_words = self.pick(["the", "of", "is"], [], ["The", "", "weather"])
        return WhitespaceTokenizer(words(self.rng, self.pick(110, 60, 160)), stop_words, self.pick(False, True))

    def save(self, folder: Path, modules: list, **options) -> None:
        SentenceTransformer(modules=modules, device="cpu", **options).save_pretrained(str(folder), create_model_card=False)


# ---------------------------------------------------------------------------------------------------------------- kinds
def static(m: Maker, folder: Path) -> None:
    dimension = m.pick(16, 7, 33)
    m.save(folder, [m.static(dimension)] + m.pick([Normalize()], [], [m.dense(dimension, 5), Normalize()]),
           prompts={"query": "query: ", "document": ""})


def static_model2vec(m: Maker, folder: Path) -> None:
    """As model2vec saves it, without the modules.json of its newer versions."""
    static = m.static(m.pick(12, 9))
    folder.mkdir(parents=True)
    static.tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embeddings": static.embedding.weight.detach().contiguous()}, folder / "model.safetensors")
    _write_json(folder / "config.json", {"model_type": "model2vec", "architectures": ["StaticModel"], "normalize": m.pick(True, False)})


def bow(m: Maker, folder: Path) -> None:
    vocab = words(m.rng, m.pick(60, 100)) + ["the", "the"]
    weights = {w: m.rng.uniform(0.1, 3) for w in vocab if m.rng.random() < 0.6} | {"today": 2.5, "not there": 1.0}
    module = BoW(vocab, weights, m.pick(0.5, 1, 0), m.pick(True, False))
    dimension = module.get_embedding_dimension()
    m.save(folder, [module] + m.pick([m.dense(dimension, 14, "ELU")], [], [Normalize()]))


def word_weights(m: Maker, folder: Path) -> None:
    embeddings = m.word_embeddings(10, spread=0.1)  # a weightedmean of weighted words grows with the text
    vocab = embeddings.tokenizer.get_vocab()
    weights = {w.lower(): m.rng.uniform(0.1, 3) for w in vocab if m.rng.random() < 0.6}
    pooling = Pooling(10, m.pick(("mean", "mean_sqrt_len_tokens", "weightedmean"), "mean", ("weightedmean", "mean")))
    m.save(folder, [embeddings, WordWeights(vocab, weights, m.pick(0.7, 1)), pooling])
    to_old_layout(folder)


def phrases(m: Maker, folder: Path) -> None:
    tokenizer = PhraseTokenizer(words(m.rng, m.pick(400, 120)), m.pick(["the", "of"], []), ngram_separator=m.pick("_", None),
                                max_ngram_length=m.pick(5, 2))
    m.save(folder, [m.word_embeddings(8, tokenizer), Pooling(8, m.pick("mean", "weightedmean"))])


def cnn(m: Maker, folder: Path) -> None:
    channels, sizes = m.pick(6, 3, 11), m.pick([1, 3, 5], [7], [3, 3])
    module = m.random(CNN(10, channels, sizes))
    m.save(folder, [m.word_embeddings(10), module, Pooling(module.get_embedding_dimension(), m.pick("mean", "mean_sqrt_len_tokens"))])


def lstm(m: Maker, folder: Path) -> None:
    module = m.random(LSTM(10, m.pick(7, 16, 5), m.pick(2, 1, 3), 0.1, m.pick(True, False)))
    m.save(folder, [m.word_embeddings(10), module, Pooling(module.get_embedding_dimension(), m.pick("mean", "weightedmean"))])


def cnn_lstm_dense(m: Maker, folder: Path) -> None:
    convolution = m.random(CNN(8, 6, [1, 3]))
    recurrent = m.random(LSTM(12, 5, 1, 0, m.pick(False, True)))
    width = recurrent.get_embedding_dimension()
    m.save(folder, [m.word_embeddings(8), convolution, recurrent, m.dense(width, 9, m.pick("Mish", "Softplus"), module_input_name="token_embeddings"),
                    Pooling(9), m.random(LayerNorm(9)), Dropout(0.3), m.dense(9, 6, m.pick("PReLU", "Softmax", "LogSoftmax"))])
    to_old_layout(folder)


def weighted_layers(m: Maker, folder: Path) -> None:
    layers = m.pick(3, 2)
    transformer = m.transformer(layers=layers, output_hidden_states=m.pick(True, True, False))
    module = m.random(WeightedLayerPooling(16, layers, m.pick(1, 0, 2)))
    m.save(folder, [transformer, module, Pooling(16, "mean")])


def router(m: Maker, folder: Path) -> None:
    """A cheap model for queries, a better one for documents."""
    query = [m.static(16)] + m.pick([], [Normalize()])
    document = [m.transformer(), Pooling(16, m.pick("mean", "cls"))]
    module = Router.for_query_document(query, document, default_route=m.pick("document", None), allow_empty_key=m.pick(True, False, True))
    m.save(folder, [module, Normalize()], prompts={"query": "query: ", "document": ""})


def router_mappings(m: Maker, folder: Path) -> None:
    """Routes by task and modality, one of them a Router itself."""
    inner = Router({"query": [m.static(6)], "passage": [m.static(6)]}, route_mappings={("special", "text"): "passage"})
    routes = {"zebra": [m.static(6)], "apple": [m.word_embeddings(6), Pooling(6)], "nested": [inner, Normalize()]}
    mappings = m.pick(
        {("query", "text"): "apple", ("special", None): "nested", (None, ("image", "text")): "apple"},
        {(None, "text"): "apple", ("query", None): "nested"},
        {(None, None): "zebra", ("query", "text"): "nested"},
    )
    m.save(folder, [Router(routes, route_mappings=mappings, default_route=m.pick(None, "nested"))])


def asym(m: Maker, folder: Path) -> None:
    """The Asym of version 2: a head of its own for queries and documents, behind one encoder."""
    heads = {"query": [m.dense(16, 8, "LeakyReLU")], "doc": [m.dense(16, 12, "Tanh"), m.dense(12, 8, "Identity", bias=False)]}
    m.save(folder, [m.transformer(), Pooling(16), Router(heads, allow_empty_key=m.pick(False, True))])
    to_old_layout(folder)
    path = folder / "2_Router"
    config = json.loads((path / "router_config.json").read_text())
    config["parameters"] = {"allow_empty_key": config["parameters"]["allow_empty_key"]}
    (path / "router_config.json").unlink()
    _write_json(path / "config.json", config)
    path.rename(folder / "2_Asym")
    text = (folder / "modules.json").read_text()
    (folder / "modules.json").write_text(text.replace("2_Router", "2_Asym").replace("models.Router", "models.Asym"))


def names(m: Maker, folder: Path) -> None:
    """Modules that read and write features under other names."""
    m.save(folder, [m.transformer(), m.dense(16, 10, m.pick("GELU", *ACTIVATIONS[:17]), module_input_name="token_embeddings"),
                    Normalize(module_input_name="token_embeddings"), Pooling(10, m.pick(("mean", "max"), ("cls", "lasttoken"))),
                    m.dense(20, 9, m.pick("Hardswish", *ACTIVATIONS), module_output_name="projected"),
                    Normalize("projected", "unit"), m.dense(9, 7, "Identity", module_input_name="unit", module_output_name="sentence_embedding")])


def dense_activations(m: Maker, folder: Path) -> None:
    m.save(folder, [m.static(9), m.dense(9, 12, m.pick(*["SELU"] + ACTIVATIONS)), m.dense(12, 12, m.pick("GLU", "Softmin"), use_residual=False)])


def converted(m: Maker, folder: Path) -> None:
    """A cross-encoder's folder, read as a SentenceTransformer: nothing of it counts but the encoder."""
    m.save(folder, [m.transformer(), Pooling(16, "cls")], prompts={"query": "never used: "}, default_prompt_name="query")
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_type": m.pick("CrossEncoder", "SparseEncoder")}))


def plain_causal(m: Maker, folder: Path) -> None:
    """No modules.json and an architecture that continues texts: the last token's vector."""
    architecture = {"architectures": ["BertForCausalLM"]} | m.pick({}, {"is_causal": False}, {"is_causal": True})
    m.transformer(**architecture).save(str(folder_of(folder)))
    (folder / "sentence_bert_config.json").unlink()
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | architecture))


def folder_of(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def to_old_layout(folder: Path) -> None:
    """modules.json and the names of fields as version 2 wrote them."""
    path = folder / "modules.json"
    entries = json.loads(path.read_text())
    for entry in entries:
        entry["type"] = "sentence_transformers.models." + entry["type"].split(".")[-1]
    path.write_text(json.dumps(entries, indent=2))
    for config in folder.glob("*_*/*config.json"):
        text = config.read_text().replace('"embedding_dimension"', '"word_embedding_dimension"')
        config.write_text(text.replace('"in_embedding_dimension"', '"in_word_embedding_dimension"'))
    for config in folder.glob("wordembedding_config.json"):
        text = config.read_text().replace("sentence_transformer.modules.tokenizer.whitespace", "models.tokenizer.WhitespaceTokenizer")
        config.write_text(text)


KINDS = {
    "static": static,
    "static-model2vec": static_model2vec,
    "bow": bow,
    "word-weights": word_weights,
    "phrases": phrases,
    "cnn": cnn,
    "lstm": lstm,
    "cnn-lstm-dense": cnn_lstm_dense,
    "weighted-layers": weighted_layers,
    "router": router,
    "router-mappings": router_mappings,
    "asym": asym,
    "names": names,
    "dense-activations": dense_activations,
    "converted": converted,
    "plain-causal": plain_causal,
}
TASKS = {
    "router": ["", "query", "document"],
    "router-mappings": ["", "query", "special", "zebra", "apple", "nested", "passage"],
    "asym": ["", "query", "doc"],
}


def build(kind: str, folder: Path, seed: int = 0) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    scratch = folder.with_name(folder.name + ".scratch")
    KINDS[kind](Maker(kind, seed, scratch), folder)
    shutil.rmtree(scratch, ignore_errors=True)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o644)


# ------------------------------------------------------------------------------------------------------------ reference
def load(folder: Path) -> SentenceTransformer:
    config = folder / "config.json"
    if not (folder / "modules.json").exists() and json.loads(config.read_text()).get("model_type") == "model2vec":
        normalize = json.loads(config.read_text())["normalize"]
        return SentenceTransformer(modules=[StaticEmbedding.load(str(folder))] + [Normalize()] * normalize, device="cpu").float()
    return load_reference(folder).float()


def encode(model: SentenceTransformer, inputs: list, **options) -> np.ndarray:
    """One by one. Where the reference fails on a text without a known word (its modules take no empty tensor), what it makes of
    the text beside another one: there the text is all padding."""
    call = getattr(model, options.pop("call", "encode"))
    rows = []
    for item in inputs:
        try:
            rows.append(call([item], show_progress_bar=False, **options)[0])
        except (RuntimeError, IndexError):
            rows.append(call([item, " ".join(WORDS)], show_progress_bar=False, **options)[0])
    return np.asarray(rows, np.float32)


def fails(model: SentenceTransformer, task: str) -> bool:
    """The reference has no route for the task."""
    try:
        model.encode([" ".join(WORDS)], task=task or None, show_progress_bar=False)
    except ValueError:
        return True
    return False


def token_ids(model: SentenceTransformer, inputs: list, task: str = "") -> list[list[int]]:
    """The ids that the first module receives."""
    ids = []
    for item in inputs:
        module = model[0]
        while isinstance(module, Router):
            module = module.sub_modules[module._resolve_route(task or None, "text")][0]
        if isinstance(module, (WordEmbeddings, BoW)):
            ids.append(module.tokenizer.tokenize(item))
        elif isinstance(module, StaticEmbedding):
            ids.append(module.tokenizer.encode(item, add_special_tokens=False).ids)
        else:
            ids.append(model.preprocess([item], task=task or None)["input_ids"][0].tolist())
    return ids


def max_seq_length(model: SentenceTransformer) -> int | None:
    length = model.max_seq_length
    return None if length is None or length == math.inf else int(length)


def class_names(folder: Path, model: SentenceTransformer) -> list[str]:
    """Of the modules, as modules.json names them: an Asym is a Router by now."""
    path = folder / "modules.json"
    if not path.exists() or "Asym" not in path.read_text():
        return [type(module).__name__ for module in model]
    return [entry["type"].split(".")[-1] for entry in json.loads(path.read_text())]


def takes_pairs(model: SentenceTransformer) -> bool:
    return isinstance(model[0], (Transformer, StaticEmbedding))
