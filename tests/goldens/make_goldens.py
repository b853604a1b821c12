#!/usr/bin/env python3
"""Writes tests/goldens/data: tiny model folders and the numbers that the real library computes from them.

  make_goldens.py [--out tests/goldens/data] [--minilm DIR] [--only NAME ...]

--minilm is a folder of all-MiniLM-L6-v2; only its numbers are written, not the model. Without it that folder of
goldens is left as it is. See README.md beside this file for the format.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import architectures
import numpy as np
import tiny_modules
import torch
from sentence_transformers import quantize_embeddings
from tiny_models import (
    Spec,
    build_folder,
    check_file_tokenizer,
    encode_one_by_one,
    few_indices,
    load_reference,
    nasty_texts,
    text_pairs,
    token_ids,
    versions,
)

TOLERANCE = 1e-5
QUERY_PROMPTS = {"query": "query: ", "document": "passage: ", "instruction": "Represent this sentence for search: "}
NORMALIZE = {"kind": "normalize"}

SPECS = [
    Spec("v2-uncased-mean", 101, position_ids=True, specials_at="bert", after=(NORMALIZE,), stored_truncation=24),
    Spec("v2-cased-lowered-cls-dense", 102, lowercase=False, do_lower_case=True, act="relu", pooling=("cls",),
         tokenizer_files="both", after=({"kind": "dense", "out": 20, "act": "tanh"},), dtype="float16",
         transformer_path="0_Transformer", max_seq_length=40),
    Spec("v2-cased-flags-sharded", 103, lowercase=False, pooling=("cls", "max", "mean", "mean_sqrt_len_tokens"),
         shard_bytes=40_000, act="gelu_pytorch_tanh", heads=2, hidden=24, intermediate=50, max_seq_length=None,
         model_max_length=10**30, max_positions=48),
    Spec("v3-prompts-excluded-mean-dot", 104, layout="v3", act="gelu_new", prompts=QUERY_PROMPTS,
         default_prompt_name="instruction", include_prompt=False, similarity="dot", dtype="bfloat16", strip_accents=False),
    Spec("v3-manhattan-truncated-config", 105, layout="v3", pooling=("mean_sqrt_len_tokens",), similarity="manhattan",
         truncate_dim=12, prompts={"query": "Q ", "passage": "P "}, act="silu", heads=1, layers=3, hidden=36,
         intermediate=37, dtype="float16", model_max_length=32, max_seq_length=None),
    Spec("v5-excluded-prompt-modes", 106, layout="v5", pooling=("cls", "max", "weightedmean", "lasttoken"), hidden=24, heads=3,
         include_prompt=False, prompts={"query": "query: ", "document": ""}, default_prompt_name="query",
         similarity="euclidean", chinese_chars=False, dtype="bfloat16", specials_at="last"),
    Spec("v6-weightedmean-layernorm", 107, layout="v6", pooling=("weightedmean",), after=({"kind": "layernorm"}, NORMALIZE),
         similarity="cosine", act="silu", dtype="bfloat16", prompts=QUERY_PROMPTS, lowercase=False),
    Spec("v6-concat-dense-residual", 108, layout="v6", pooling=("lasttoken", "cls", "mean"), similarity="euclidean",
         after=({"kind": "dense", "out": 72, "act": "identity", "residual": True}, {"kind": "dropout"},
                {"kind": "dense", "out": 30, "act": "gelu", "residual": True},
                {"kind": "dense", "out": 17, "act": "identity", "bias": False}),
         hidden=24, heads=4, type_vocab_size=3, dtype="float16", max_seq_length=30),
    Spec("v6-lasttoken-added-tokens", 109, layout="v6", pooling=("lasttoken",), added_tokens=True, similarity="dot",
         truncate_dim=20, lowercase=False, strip_accents=True, dtype="float16", layer_norm_eps=1e-5),
    Spec("v6-max-relu", 110, layout="v6", pooling=("max",), act="relu", after=(NORMALIZE,), similarity="manhattan",
         dtype="bfloat16", layers=3, hidden=32, heads=8, max_seq_length=64),
    Spec("vocab-txt-cased", 111, lowercase=False, tokenizer_files="vocab", pooling=("mean_sqrt_len_tokens",), pooler=False,
         dtype="float16", specials_at="bert", max_seq_length=33),
    Spec("plain-bert-gamma-beta", 112, layout="plain", gamma_beta=True, dtype="float16", tokenizer_files="vocab",
         model_max_length=None, hidden=48, heads=6),
    Spec("plain-masked-lm", 113, layout="mlm", dtype="bfloat16", lowercase=False, gamma_beta=True, stored_truncation=16,
         max_positions=40, added_tokens=True),
]


class Folder:
    """Collects the cases of one golden folder and writes each result beside golden.json."""

    def __init__(self, path: Path, inputs: dict):
        self.path, self.inputs = path, inputs
        self.cases, self.tokenization, self.similarity, self.quantize = [], [], [], []

    def save(self, name: str, array: np.ndarray) -> dict:
        array = np.ascontiguousarray(array)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{self.path.name}/{name}: not finite")
        np.save(self.path / f"{name}.npy", array)
        return {"output": f"{name}.npy", "dtype": str(array.dtype), "shape": list(array.shape)}

    def encode(self, model, name: str, inputs: str, call: str = "encode", **options) -> np.ndarray:
        length = options.get("max_seq_length")
        before = model.max_seq_length
        if length is not None:
            model.max_seq_length = length
        passed = {k: v for k, v in options.items() if k != "max_seq_length"}
        if options.get("output_value") == "token_embeddings":
            rows = [encode_token_embeddings(model, t, **passed) for t in self.inputs[inputs]]
            result, extra = np.concatenate(rows), {"lengths": [len(r) for r in rows]}
        elif options.get("precision", "float32") != "float32":  # one call: int8 takes its ranges from all texts
            result, extra = model.encode(self.inputs[inputs], batch_size=1, **passed), {}
        else:
            result, extra = encode_one_by_one(model, self.inputs[inputs], call=call, **passed), {}
        model.max_seq_length = before
        self.cases.append({"name": name, "call": call, "inputs": inputs, "options": options, **self.save(name, result), **extra})
        return result

    def tokens(self, model, name: str, inputs: str, prompt: str | None = None, max_seq_length: int | None = None) -> None:
        before = model.max_seq_length
        if max_seq_length is not None:
            model.max_seq_length = max_seq_length
        ids, types, cut = token_ids(model, self.inputs[inputs], prompt)
        model.max_seq_length = before
        strings = {"tokens": [model.tokenizer.convert_ids_to_tokens(i) for i in ids]} if inputs == "few" else {}
        self.tokenization.append({"name": name, "inputs": inputs, "prompt": prompt, "max_seq_length": max_seq_length,
                                  "input_ids": ids, "token_type_ids": types, "truncated": cut, **strings})

    def similarities(self, model, inputs: str, vectors: np.ndarray, functions: list[str]) -> None:
        own = model.similarity_fn_name
        for function in functions:
            model.similarity_fn_name = function
            matrix = model.similarity(vectors, vectors).numpy()
            pairwise = model.similarity_pairwise(vectors, vectors[::-1].copy()).numpy()
            self.similarity.append({
                "function": function, "inputs": inputs, "matrix": self.save(f"similarity-{function}", matrix),
                "pairwise_with_reversed": self.save(f"similarity-pairwise-{function}", pairwise)})
        model.similarity_fn_name = own

    def quantized(self, source: str, vectors: np.ndarray, ranges: np.ndarray) -> None:
        for precision in ("int8", "uint8", "binary", "ubinary"):
            out = quantize_embeddings(vectors, precision)
            self.quantize.append({"precision": precision, "input": source, "ranges": None,
                                  **self.save(f"quantize-{precision}", out)})
        given = self.save("quantize-ranges", ranges)["output"]
        for precision in ("int8", "uint8"):
            out = quantize_embeddings(vectors, precision, ranges=ranges)
            self.quantize.append({"precision": precision, "input": source, "ranges": given,
                                  **self.save(f"quantize-{precision}-with-ranges", out)})

    def write(self, model, extra: dict) -> None:
        pooling = next((m for m in model if type(m).__name__ == "Pooling"), None)
        pooled = {} if pooling is None else {
            "pooling_mode": [pooling.pooling_mode] if isinstance(pooling.pooling_mode, str) else list(pooling.pooling_mode),
            "include_prompt": pooling.include_prompt,
        }
        golden = {
            "made_by": "tests/goldens/make_goldens.py",
            "versions": versions(),
            **extra,
            "tolerance": TOLERANCE,
            "expected": {
                "embedding_dimension": model.get_embedding_dimension(),
                "max_seq_length": tiny_modules.max_seq_length(model),
                "similarity_fn_name": model.similarity_fn_name,
                "prompts": model.prompts,
                "default_prompt_name": model.default_prompt_name,
                "truncate_dim": model.truncate_dim,
                "modules": tiny_modules.class_names(self.path / "model", model),
                **pooled,
                "parameters": sum(p.numel() for p in model.parameters()),
            },
            "tokenization": self.tokenization,
            "cases": self.cases,
            "similarity": self.similarity,
            "quantize": self.quantize,
        }
        text = json.dumps(golden, indent=1, ensure_ascii=True)
        (self.path / "golden.json").write_text(compact_numbers(text) + "\n")


def compact_numbers(text: str) -> str:
    """Puts lists of numbers on one line: token ids would otherwise take a line each."""
    import re

    return re.sub(r"\[\s+((?:-?[\d.e+-]+,\s+)*-?[\d.e+-]+)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)


def encode_token_embeddings(model, text, **options) -> np.ndarray:
    options = {"output_value": "token_embeddings", "show_progress_bar": False, **options}
    return model.encode([text], **options)[0].numpy()


def make_tiny(spec: Spec, out: Path, inputs: dict) -> None:
    path = out / spec.name
    shutil.rmtree(path, ignore_errors=True)
    build_folder(spec, path / "model")
    model = load_reference(path / "model")
    check_file_tokenizer(spec, path / "model", model, inputs["texts"])
    folder = Folder(path, inputs)

    folder.tokens(model, "texts", "texts")
    folder.tokens(model, "few", "few")
    folder.tokens(model, "pairs", "pairs")
    folder.tokens(model, "pairs-short", "pairs", max_seq_length=10)
    folder.tokens(model, "few-prompt", "few", prompt="Represent this: ")

    texts = folder.encode(model, "texts", "texts", prompt="")
    folder.encode(model, "pairs", "pairs", prompt="")
    few = folder.encode(model, "few", "few")  # with the default prompt where the folder has one
    folder.encode(model, "few-token-embeddings", "few", output_value="token_embeddings", prompt="")
    folder.encode(model, "few-truncated-normalized", "few", truncate_dim=7, normalize_embeddings=True, prompt="")
    folder.encode(model, "few-short", "few", max_seq_length=12, prompt="")
    folder.encode(model, "few-prompt", "few", prompt="Represent this: ")
    if any(model.prompts.values()):
        folder.encode(model, "few-query", "few", call="encode_query")
        folder.encode(model, "few-document", "few", call="encode_document")
        for name in model.prompts:
            folder.encode(model, f"few-prompt-name-{name}", "few", prompt_name=name)
    functions = ["cosine", "dot", "euclidean", "manhattan"] if spec.layout == "v2" else [model.similarity_fn_name]
    folder.similarities(model, "few", few, functions)
    if spec.name in ("v2-uncased-mean", "v6-concat-dense-residual"):
        low, high = np.quantile(texts, [0.1, 0.9], axis=0).astype(np.float32)
        folder.quantized("texts.npy", texts, np.stack([low, high]))
        for precision in ("int8", "ubinary"):
            folder.encode(model, f"texts-{precision}", "texts", precision=precision, prompt="")
    folder.write(model, {"model": "model", "spec": {k: v for k, v in vars(spec).items()}})


def make_family(name: str, out: Path, inputs: dict) -> None:
    """The folder of an architecture: less of everything, since what is new in it is the encoder."""
    path = out / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    what = architectures.build(name, path / "model")
    model = load_reference(path / "model")
    folder = Folder(path, inputs)
    folder.tokens(model, "few", "few")
    few = folder.encode(model, "few", "few")
    if len(model) > 1:  # a text tower is one module: it takes no pairs and has no token embeddings
        folder.tokens(model, "some_pairs", "some_pairs")
        folder.encode(model, "some_pairs", "some_pairs")
        folder.encode(model, "two-token-embeddings", "two", output_value="token_embeddings")
    folder.similarities(model, "few", few, [model.similarity_fn_name])
    folder.write(model, {"model": "model", "family": name, "what": what})


def make_module(kind: str, out: Path, inputs: dict) -> None:
    """The folder of modules other than Transformer and Pooling; where a Router picks them by task, each task."""
    path = out / f"module-{kind}"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    tiny_modules.build(kind, path / "model")
    model = tiny_modules.load(path / "model")
    folder = Folder(path, inputs)
    for task in tiny_modules.TASKS.get(kind, [""]):
        if tiny_modules.fails(model, task):
            continue
        which = "few" if kind in tiny_modules.TASKS else "texts"
        ids = tiny_modules.token_ids(model, inputs["few"], task)
        folder.tokenization.append({"name": f"few {task}", "inputs": "few", "prompt": None, "task": task, "input_ids": ids,
                                    "token_type_ids": [[0] * len(row) for row in ids]})
        vectors = tiny_modules.encode(model, inputs[which], task=task or None, prompt="")
        folder.cases.append({"name": f"{which} {task}", "call": "encode", "inputs": which, "options": {"task": task, "prompt": ""},
                             **folder.save("-".join(filter(None, (which, task))), vectors)})
    folder.write(model, {"model": "model", "kind": kind, "what": tiny_modules.KINDS[kind].__doc__})


MINILM_TEXTS = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
    "The new movie is awesome",
    "The cat sits outside",
    "A man is playing guitar",
    "The dog plays in the garden",
    "The new movie is so great",
    "A woman watches TV",
    "Which planet is known as the Red Planet?",
    "Venus is often called Earth's twin because of its similar size and proximity.",
    "Mars, known for its reddish appearance, is often referred to as the Red Planet.",
    "Jupiter, the largest planet in our solar system, has a prominent red spot.",
    "Saturn, famous for its rings, is sometimes mistaken for the Red Planet.",
    "",
    "a",
    "[MASK]",
    "Stra\u00dfe na\u00efve \u00e9cole \u0141\u00f3d\u017a",
    "\u4eca\u5929\u5929\u6c14\u5f88\u597d",
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \U0001f600",
    "the quick brown fox jumps over the lazy dog " * 40,
]


def make_minilm(source: Path, out: Path) -> None:
    path = out / "all-MiniLM-L6-v2"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    model = load_reference(source)
    inputs = {
        "texts": MINILM_TEXTS,
        "few": MINILM_TEXTS[:3],
        "weather": MINILM_TEXTS[:3],
        "sts_page_left": MINILM_TEXTS[3:6],
        "sts_page_right": MINILM_TEXTS[6:9],
        "pairs": [list(p) for p in text_pairs()[:6]],
    }
    folder = Folder(path, inputs)
    folder.tokens(model, "texts", "texts")
    folder.tokens(model, "few", "few")
    folder.tokens(model, "pairs", "pairs")
    folder.encode(model, "texts", "texts")
    folder.encode(model, "pairs", "pairs")
    folder.encode(model, "weather-truncated-normalized", "weather", truncate_dim=64, normalize_embeddings=True)
    folder.encode(model, "weather-token-embeddings", "weather", output_value="token_embeddings")
    weather = folder.encode(model, "weather", "weather")
    left = folder.encode(model, "sts_page_left", "sts_page_left")
    right = folder.encode(model, "sts_page_right", "sts_page_right")
    folder.similarities(model, "weather", weather, ["cosine", "dot", "euclidean", "manhattan"])
    model.similarity_fn_name = "cosine"
    sha256 = hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest()
    # the numbers printed in the reference's documentation, to the digits it prints
    anchors = {
        "cosine_weather": [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]],
        "cosine_sts_page": [[0.0543, 0.8939, -0.0502], [0.2838, -0.0029, 0.1310], [0.2277, -0.0136, -0.0327]],
        "manhattan_weather": [[0, -12.6269, -20.2167], [-12.6269, 0, -20.1288], [-20.2167, -20.1288, 0]],
    }
    for name, got in (("cosine_weather", model.similarity(weather, weather)), ("cosine_sts_page", model.similarity(left, right))):
        if np.abs(got.numpy() - anchors[name]).max() > 6e-5:
            raise ValueError(f"{name}: {got} is not what the documentation prints; is this all-MiniLM-L6-v2?")
    folder.write(model, {"model": None, "model_name": "sentence-transformers/all-MiniLM-L6-v2",
                         "model_safetensors_sha256": sha256, "inputs": inputs, "anchors": anchors})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data")
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--only", nargs="*")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    texts = nasty_texts()
    pairs = [list(p) for p in text_pairs()]
    inputs = {
        "texts": texts,
        "few": [texts[i] for i in few_indices(texts)],
        "pairs": pairs,
        # one longer than the models of architectures/ take, one that spells special tokens out: a [PAD] inside a text
        "two": [texts[10], next(t for t in texts if "[PAD]" in t)],
        "some_pairs": [pairs[0], pairs[1], pairs[6], pairs[9]],
    }
    (args.out / "texts.json").write_text(json.dumps(inputs, indent=1) + "\n")
    for spec in SPECS:
        if args.only is None or spec.name in args.only:
            make_tiny(spec, args.out, inputs)
            size = sum(f.stat().st_size for f in (args.out / spec.name).rglob("*") if f.is_file())
            print(f"{spec.name}: {size // 1024} KiB", flush=True)
    for name in architectures.FAMILIES:
        if args.only is None or name in args.only:
            make_family(name, args.out, inputs)
            size = sum(f.stat().st_size for f in (args.out / name).rglob("*") if f.is_file())
            print(f"{name}: {size // 1024} KiB", flush=True)
    for kind in tiny_modules.KINDS:
        if kind == "phrases" and find_spec("nltk") is None:
            print("module-phrases: left as it is, for the Python package nltk is not installed")
        elif args.only is None or f"module-{kind}" in args.only:
            make_module(kind, args.out, inputs)
            size = sum(f.stat().st_size for f in (args.out / f"module-{kind}").rglob("*") if f.is_file())
            print(f"module-{kind}: {size // 1024} KiB", flush=True)
    if args.minilm and (args.only is None or "all-MiniLM-L6-v2" in args.only):
        make_minilm(args.minilm, args.out)
    total = sum(f.stat().st_size for f in args.out.rglob("*") if f.is_file())
    print(f"{args.out}: {total / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
