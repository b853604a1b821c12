#!/usr/bin/env python3
"""The program against sentence-transformers, on models and texts that no test has seen before.

  model_parity.py --sbert build/sbert --models models [--data DIR] [--seed N] [--folders 25] [--architectures 1]
                  [--families NAME,...] [--parts folders,architectures,shapes,modules,real,determinism]

folders      random tiny BERT folders in all layouts: token ids exact; vectors, pairs, prompts, similarity within 1e-5 (see Checks.close)
architectures  --architectures random tiny folders of each family of tests/goldens/architectures (--families: of these only):
             token ids exact; vectors, pairs and token embeddings within 1e-5
shapes       published pairings of tokenizer and architecture, tiny: shapes_parity.py
modules      --modules random tiny folders of each kind of tests/goldens/tiny_modules.py: modules_parity.py
real         all-MiniLM-L6-v2 and all-mpnet-base-v2, as far as they are in --models: STS sentences and nasty texts within
             1e-5, STS Spearman, Cranfield nDCG@10
determinism  the same bits alone, in batches, reversed, and for each thread count, at each CPU level of this machine

--data (or SBERT_DATA) holds stsb-en-test.csv, cran.all.1400.xml, cran.qry.xml and cranqrel.trec.txt; what needs it is
skipped with a line when it is not given. The last line is 'N passed, N failed'; the exit status is 1 if any failed.
"""
from __future__ import annotations

import argparse
import csv
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "goldens"))

import architectures as tiny_architectures
import modules_parity
import shapes_parity
import numpy as np
import torch
from tiny_models import (
    Spec,
    build_folder,
    check_file_tokenizer,
    encode_one_by_one,
    few_indices,
    load_reference,
    nasty_texts,
    random_spec,
    text_pairs,
    token_ids,
    vocabulary,
)

TOLERANCE = 1e-5
# Of the reference, sentence-transformers 6.0.1 in float32, to as many digits as are given. Cranfield documents are the
# <text> elements alone; with <title> before them MiniLM would have 0.399814.
REAL_MODELS = {
    "all-MiniLM-L6-v2": {"STS-B test Spearman": "0.820325", "Cranfield nDCG@10": "0.395321"},
    "all-mpnet-base-v2": {"STS-B test Spearman": "0.8342", "STS-B dev Spearman": "0.8811"},
}
QUIET = ["--quiet", "--truncation", "silent"]


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, ok: bool, what: str, detail: str = "") -> bool:
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}" + (f": {detail}" if detail else ""), flush=True)
        return ok

    def close(self, ours: np.ndarray, reference: np.ndarray, what: str, tolerance: float = TOLERANCE) -> float:
        """Checks |ours - reference| <= tolerance * max(1, |reference| / 8) and returns the worst absolute difference. Past 8 the
        tolerance grows with the number: mean_sqrt_len_tokens gives numbers like 32, where neighbours in float32 are 3.8e-6
        apart and the reference itself is off by as much. NaN on either side counts as infinitely far."""
        if ours.shape != reference.shape:
            self.that(False, what, f"shape {ours.shape}, expected {reference.shape}")
            return float("inf")
        if not ours.size:
            self.that(True, what)
            return 0.0
        difference = np.abs(ours.astype(np.float64) - reference.astype(np.float64))
        difference[~np.isfinite(difference)] = np.inf
        allowed = tolerance * np.maximum(1.0, np.nan_to_num(np.abs(reference.astype(np.float64))) / 8)
        worst = np.unravel_index(np.argmax(difference / allowed), difference.shape)
        self.that(difference[worst] <= allowed[worst], what,
                  f"off by {difference[worst]:.3g} at {tuple(int(i) for i in worst)}: "
                  f"{ours[worst]!r}, expected {reference[worst]!r}")
        return float(difference.max())


class Program:
    """Calls of the command line; inputs travel as .jsonl files, vectors come back as .npy."""

    def __init__(self, path: str, directory: Path):
        self.path, self.directory = path, directory

    def run(self, *arguments: str, level: str | None = None, check: bool = True) -> subprocess.CompletedProcess:
        environment = dict(os.environ)
        environment.pop("SBERT_FORCE_CPU", None)
        if level:
            environment["SBERT_FORCE_CPU"] = level
        done = subprocess.run([self.path, *arguments], capture_output=True, env=environment, timeout=600)
        if check and done.returncode:
            message = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"exit {done.returncode} of {' '.join(arguments)[:200]}: {message[:500]}")
        return done

    def input_file(self, inputs: list) -> str:
        path = self.directory / "input.jsonl"
        path.write_text("".join(json.dumps(i) + "\n" for i in inputs))
        return str(path)

    def encode(self, folder: Path, inputs: list, *options: str, level: str | None = None) -> np.ndarray:
        output = self.directory / "output.npy"
        output.unlink(missing_ok=True)
        self.run("encode", str(folder), "--input", self.input_file(inputs), "--output", str(output), *QUIET, *options, level=level)
        return np.load(output)

    def json_lines(self, command: str, folder: Path, inputs: list, *options: str) -> list:
        done = self.run(command, str(folder), "--input", self.input_file(inputs), *QUIET, *options)
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    def similarity(self, folder: Path, texts: list[str], *options: str) -> np.ndarray:
        """The matrix of texts given as arguments: one JSON row a line, or one JSON matrix."""
        done = self.run("similarity", str(folder), *QUIET, *options, "--", *texts)
        rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
        return np.asarray(rows[0] if len(rows) == 1 and rows[0] and isinstance(rows[0][0], list) else rows, np.float32)


class Pipe:
    """A running `encode --input -`: each text is answered before the next one is sent, so it is alone in its batch."""

    def __init__(self, program: Program, folder: Path, threads: int, level: str | None):
        environment = dict(os.environ)
        environment.pop("SBERT_FORCE_CPU", None)
        if level:
            environment["SBERT_FORCE_CPU"] = level
        self.process = subprocess.Popen(
            [program.path, "encode", str(folder), "--input", "-", "--format", "jsonl", "--threads", str(threads), *QUIET],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.buffer = b""

    def ask(self, text: str) -> np.ndarray:
        self.process.stdin.write(json.dumps(text).encode() + b"\n")
        self.process.stdin.flush()
        while b"\n" not in self.buffer:
            if not select.select([self.process.stdout], [], [], 120)[0]:
                raise RuntimeError(f"no answer to {text[:80]!r} within 120 s")
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                raise RuntimeError(f"the program ended instead of answering {text[:80]!r}")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return np.asarray(json.loads(line), np.float64).astype(np.float32)

    def close(self) -> int:
        self.process.stdin.close()
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype == np.float32 and np.array_equal(a.view(np.uint32), b.view(np.uint32))


# ------------------------------------------------------------------------------------------------------------- folders
def check_ids(checks: Checks, program: Program, model, folder: Path, name: str, inputs: list, options: list[str],
              prompt: str | None = None) -> tuple[list[dict], list[list[int]]]:
    """Returns what the program says to each input, and the ids of the reference."""
    ids, types, cut = token_ids(model, inputs, prompt)
    ours = program.json_lines("tokenize", folder, inputs, *options)
    if not checks.that(len(ours) == len(inputs), name, f"{len(ours)} answers to {len(inputs)} texts"):
        return [], []
    for what, key, expected in (("ids", "input_ids", ids), ("type ids", "token_type_ids", types), ("truncated", "truncated", cut)):
        wrong = [i for i, o in enumerate(ours) if o[key] != expected[i]]
        detail = "" if not wrong else f"{len(wrong)} of {len(ids)}, first {inputs[wrong[0]]!r:.90}: {ours[wrong[0]][key]}, expected {expected[wrong[0]]}"
        checks.that(not wrong, f"{name}: {what}", detail[:700])
    return ours, ids


def check_tokens(checks: Checks, program: Program, folder: Path, model, strings: dict[int, str], name: str, inputs: list,
                 options: list[str], prompt: str | None = None) -> None:
    ours, ids = check_ids(checks, program, model, folder, name, inputs, options, prompt)
    raw = [[strings[i] for i in row] for row in ids]
    wrong = [i for i, o in enumerate(ours) if o["tokens"] != raw[i]]
    checks.that(not wrong, f"{name}: tokens", "" if not wrong else f"{ours[wrong[0]]['tokens']}, expected {raw[wrong[0]]}"[:500])


def check_folder(checks: Checks, program: Program, spec, directory: Path) -> float:
    folder = directory / spec.name
    build_folder(spec, folder)
    model = load_reference(folder)
    texts, pairs = nasty_texts(), text_pairs()
    check_file_tokenizer(spec, folder, model, texts)
    few = [texts[i] for i in few_indices(texts)]
    prompt = "Represent this: "
    name = f"{spec.name} ({spec.layout}, {'+'.join(spec.pooling)})"
    prompted = any(model.prompts.values())
    strings = vocabulary(spec, folder, model)
    worst = 0.0

    def vectors(what: str, inputs: list, options: list[str], **reference_options) -> np.ndarray:
        nonlocal worst
        expected = encode_one_by_one(model, inputs, **reference_options)
        worst = max(worst, checks.close(program.encode(folder, inputs, *options), expected, f"{name}: {what}"))
        return expected

    check_tokens(checks, program, folder, model, strings, f"{name}: texts", texts, [])
    check_tokens(checks, program, folder, model, strings, f"{name}: pairs", pairs, ["--pairs"])
    check_tokens(checks, program, folder, model, strings, f"{name}: prompt", few, ["--prompt", prompt], prompt)
    vectors("texts without prompt", texts, ["--prompt", ""], prompt="")
    vectors("pairs", pairs, ["--prompt", ""], prompt="")
    expected = vectors("texts with the default prompt", few, [])
    vectors("prompt", few, ["--prompt", prompt], prompt=prompt)
    vectors("truncate and normalize", few, ["--truncate-dim", "3", "--normalize"], truncate_dim=3, normalize_embeddings=True)
    if prompted:
        vectors("query", few, ["--task", "query"], call="encode_query")
        vectors("document", few, ["--task", "document"], call="encode_document")
        last = list(model.prompts)[-1]
        vectors("prompt name", few, ["--prompt-name", last], prompt_name=last)
    before = model.max_seq_length
    model.max_seq_length = 9
    vectors("max-seq-length 9", few, ["--max-seq-length", "9"])
    model.max_seq_length = before

    tokens = model.encode(few, batch_size=1, output_value="token_embeddings", show_progress_bar=False)
    ours = program.json_lines("encode", folder, few, "--output-value", "token_embeddings")
    if checks.that(len(ours) == len(few), f"{name}: token embeddings", f"{len(ours)} answers"):
        for i, (o, t) in enumerate(zip(ours, tokens)):
            checks.close(np.asarray(o, np.float32), t.numpy(), f"{name}: token embeddings of text {i}")

    # similarity of far-off vectors is as inexact as its own size in float32
    matrix = model.similarity(expected, expected).numpy()
    checks.close(program.similarity(folder, few), matrix, f"{name}: {model.similarity_fn_name} similarity",
                 TOLERANCE * max(1.0, float(np.abs(matrix).max())))
    pairwise = model.similarity_pairwise(expected, expected[::-1].copy()).numpy()
    ours = program.json_lines("similarity", folder, [list(p) for p in zip(few, few[::-1])], "--pairwise")
    checks.close(np.asarray(ours, np.float32), pairwise, f"{name}: pairwise similarity",
                 TOLERANCE * max(1.0, float(np.abs(pairwise).max())))
    return worst


def folders(checks: Checks, program: Program, args, directory: Path) -> None:
    worst = 0.0
    for index in range(args.folders):
        spec = random_spec(args.seed, index)
        try:
            worst = max(worst, check_folder(checks, program, spec, directory))
        except Exception as error:
            traceback.print_exc()
            checks.that(False, spec.name, f"{type(error).__name__}: {error}; {spec}")
    print(f"folders: {args.folders} random folders (seed {args.seed}), worst vector difference {worst:.2e}", flush=True)


# ------------------------------------------------------------------------------------------------------- architectures
def check_architecture(checks: Checks, program: Program, family: str, seed: int, directory: Path) -> float:
    folder = directory / f"{family}-{seed}"
    name = f"{family} {seed} ({tiny_architectures.build(family, folder, seed)})"
    model = load_reference(folder)
    texts, pairs = nasty_texts(), text_pairs()
    few = [texts[i] for i in few_indices(texts)] + ["[CLS] [SEP] [PAD] [UNK] x[MASK]y"]
    check_ids(checks, program, model, folder, f"{name}: texts", texts, [])
    worst = checks.close(program.encode(folder, texts), encode_one_by_one(model, texts), f"{name}: texts")
    if len(model) == 1:  # a text tower: no pairs and no token embeddings
        return worst
    check_ids(checks, program, model, folder, f"{name}: pairs", pairs, ["--pairs"])
    worst = max(worst, checks.close(program.encode(folder, pairs), encode_one_by_one(model, pairs), f"{name}: pairs"))
    tokens = model.encode(few, batch_size=1, output_value="token_embeddings", show_progress_bar=False)
    ours = program.json_lines("encode", folder, few, "--output-value", "token_embeddings")
    if checks.that(len(ours) == len(few), f"{name}: token embeddings", f"{len(ours)} answers"):
        ours = np.concatenate([np.asarray(o, np.float32) for o in ours])
        worst = max(worst, checks.close(ours, np.concatenate([t.numpy() for t in tokens]), f"{name}: token embeddings"))
    return worst


def architectures(checks: Checks, program: Program, args, directory: Path) -> None:
    chosen = args.families.split(",") if args.families else list(tiny_architectures.FAMILIES)
    for family in chosen:
        worst = 0.0
        for index in range(args.architectures):
            seed = args.seed + index
            try:
                worst = max(worst, check_architecture(checks, program, family, seed, directory))
            except Exception as error:
                traceback.print_exc()
                checks.that(False, f"{family} {seed}", f"{type(error).__name__}: {error}")
        print(f"{family}: {args.architectures} random folders (seed {args.seed}), worst vector difference {worst:.2e}", flush=True)


# ---------------------------------------------------------------------------------------------------------- real model
def sts_rows(data: Path, split: str = "test") -> list[tuple[str, str, float]]:
    with open(data / f"stsb-en-{split}.csv", encoding="utf-8", newline="") as file:
        return [(a, b, float(score)) for a, b, score in csv.reader(file)]


def model_folder(args, name: str) -> Path | None:
    folder = Path(args.models) / name if args.models else None
    return folder if folder and (folder / "modules.json").exists() else None


def element(tag: str, text: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S)
    return " ".join(found[1].split()) if found else ""


def cranfield(data: Path) -> tuple[dict, dict, dict]:
    """queries, corpus, relevant documents: the n-th query of the file is topic n of the judgements."""
    documents = re.findall(r"<doc>(.*?)</doc>", (data / "cran.all.1400.xml").read_text(encoding="utf-8"), re.S)
    corpus = {element("docno", d): element("text", d) for d in documents}
    topics = re.findall(r"<top>.*?</top>", (data / "cran.qry.xml").read_text(encoding="utf-8"), re.S)
    queries = {str(n): element("title", t) for n, t in enumerate(topics, start=1)}
    relevant: dict[str, set[str]] = {}
    for line in (data / "cranqrel.trec.txt").read_text().splitlines():
        topic, _, document, grade = line.split()
        if int(grade) > 0:
            relevant.setdefault(topic, set()).add(document)
    return queries, corpus, relevant


def cranfield_ndcg(program: Program, folder: Path, data: Path) -> float:
    """nDCG@10 as the reference's evaluator computes it, on the vectors of the program."""
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
    from sentence_transformers.util import cos_sim

    class OurVectors(InformationRetrievalEvaluator):
        def embed_inputs(self, model, sentences, encode_fn_name=None, **kwargs):
            return torch.from_numpy(program.encode(folder, list(sentences), "--task", encode_fn_name))

    queries, corpus, relevant = cranfield(data)
    evaluator = OurVectors(queries, corpus, relevant, score_functions={"cosine": cos_sim}, write_csv=False)
    return evaluator.compute_all_metrics(model=None)["cosine"]["ndcg@k"][10]


def sts_spearman(program: Program, folder: Path, data: Path, split: str) -> float:
    from scipy.stats import spearmanr

    rows = sts_rows(data, split)
    left, right = (program.encode(folder, [row[side] for row in rows]).astype(np.float64) for side in (0, 1))
    cosine = (left * right).sum(1) / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))
    return float(spearmanr(cosine, [row[2] for row in rows])[0])


def check_real(checks: Checks, program: Program, folder: Path, name: str, data: Path | None) -> None:
    model = load_reference(folder)
    strings = vocabulary(Spec(name, 0), folder, model)
    texts, pairs = nasty_texts(), text_pairs()
    check_tokens(checks, program, folder, model, strings, f"{name}: nasty texts", texts, [])
    check_tokens(checks, program, folder, model, strings, f"{name}: pairs", pairs, ["--pairs"])
    worst = checks.close(program.encode(folder, texts), encode_one_by_one(model, texts), f"{name}: nasty texts")
    worst = max(worst, checks.close(program.encode(folder, pairs), encode_one_by_one(model, pairs), f"{name}: pairs"))
    if data is None:
        print("SKIPPED STS and Cranfield: neither --data nor SBERT_DATA is set", flush=True)
        return
    sentences = list(dict.fromkeys(s for a, b, _ in sts_rows(data) for s in (a, b)))
    sentences = sentences[:: len(sentences) // 500][:500]
    expected = model.encode(sentences, batch_size=32, show_progress_bar=False)
    worst = max(worst, checks.close(program.encode(folder, sentences), expected, f"{name}: 500 STS sentences"))
    print(f"{name}: worst vector difference {worst:.2e}", flush=True)
    metrics = {
        "STS-B test Spearman": lambda: sts_spearman(program, folder, data, "test"),
        "STS-B dev Spearman": lambda: sts_spearman(program, folder, data, "dev"),
        "Cranfield nDCG@10": lambda: cranfield_ndcg(program, folder, data),
    }
    for metric, reference in REAL_MODELS[name].items():
        ours = metrics[metric]()
        print(f"{name}: {metric}: ours {ours:.6f}, reference {reference}", flush=True)
        digits = len(reference) - len("0.")
        checks.that(abs(ours - float(reference)) <= 0.5 * 10**-digits, f"{name}: {metric}", f"{ours:.6f}, expected {reference}")


def real(checks: Checks, program: Program, args, directory: Path) -> None:
    for name in REAL_MODELS:
        folder = model_folder(args, name)
        if folder is None:
            print(f"SKIPPED {name}: not in --models {args.models}; scripts/get_model {name} puts it into models/", flush=True)
        else:
            check_real(checks, program, folder, name, args.data)


# --------------------------------------------------------------------------------------------------------- determinism
def alone(program: Program, folder: Path, texts: list[str], threads: int, level: str) -> np.ndarray:
    pipe = Pipe(program, folder, threads, level)
    try:
        rows = np.stack([pipe.ask(t) for t in texts])
        if pipe.close():
            raise RuntimeError(f"exit {pipe.process.returncode} after the last text")
        return rows
    finally:
        pipe.kill()


def check_bits(checks: Checks, program: Program, folder: Path, name: str, texts: list[str], level: str, threads: list[int]) -> np.ndarray:
    """The first result is all texts in one call; every other way of asking must give its bits."""
    first = program.encode(folder, texts, level=level)

    def agree(what: str, rows: np.ndarray, expected: np.ndarray) -> None:
        wrong = ""
        if not same_bits(rows, expected):
            if rows.shape != expected.shape:
                wrong = f"shape {rows.shape}, expected {expected.shape}"
            else:
                bad = np.flatnonzero((rows.view(np.uint32) != expected.view(np.uint32)).any(1))
                off = np.abs(rows - expected).max()
                wrong = f"{len(bad)} of {len(rows)} texts differ, first {texts[bad[0]]!r:.60}, by up to {off:.3g}"
        checks.that(not wrong, f"{name} at {level}: {what}", wrong)

    for count in threads:
        agree(f"{count} threads", program.encode(folder, texts, "--threads", str(count), level=level), first)
        agree(f"{count} threads, each text alone", alone(program, folder, texts, count, level), first)
    for size in (7, 64):
        agree(f"--batch-size {size}", program.encode(folder, texts, "--batch-size", str(size), level=level), first)
        parts = range(0, min(len(texts), 10 * size), size)
        rows = np.concatenate([program.encode(folder, texts[p : p + size], level=level) for p in parts])
        agree(f"calls of {size} texts", rows, first[: len(rows)])
    agree("in reverse order", program.encode(folder, texts[::-1], level=level)[::-1].copy(), first)
    agree("every text twice", program.encode(folder, [t for t in texts for _ in (0, 1)], level=level)[1::2].copy(), first)
    given = [t for t in texts if "\0" not in t][:4]
    rows = np.concatenate([read_rows(program.run("encode", str(folder), *QUIET, "--", t, level=level)) for t in given])
    agree("whole processes", rows, first[[texts.index(t) for t in given]])
    return first


def read_rows(done: subprocess.CompletedProcess) -> np.ndarray:
    return np.asarray([json.loads(line) for line in done.stdout.decode().splitlines()], np.float64).astype(np.float32)


def available(checks: Checks, program: Program, folder: Path, level: str) -> bool:
    done = program.run("encode", str(folder), *QUIET, "hello", level=level, check=False)
    message = done.stderr.decode(errors="replace").strip()
    if done.returncode == 2 and "reference" in message:
        print(f"SKIPPED level {level}: {message}", flush=True)
        return False
    return checks.that(done.returncode == 0, f"level {level}", f"exit {done.returncode}: {message}")


def determinism(checks: Checks, program: Program, args, directory: Path) -> None:
    spec = Spec("determinism", args.seed % 2**31, layout="v6", hidden=64, intermediate=150, pooling=("mean", "max", "weightedmean"),
                after=({"kind": "dense", "out": 40},))
    tiny = directory / spec.name
    build_folder(spec, tiny)
    texts = nasty_texts()
    if args.data is not None:
        texts += list(dict.fromkeys(s for row in sts_rows(args.data) for s in row[:2]))[: 300 - len(texts)]
    else:
        texts += [" ".join(nasty_texts()[i % 40].split()[: 3 + i % 9]) + f" {i}" for i in range(300 - len(texts))]
    minilm = model_folder(args, "all-MiniLM-L6-v2")
    for level in args.levels.split(","):
        started = time.time()
        try:
            if not available(checks, program, tiny, level):
                continue
            slow = level == "reference"  # the plain loops: minutes for what the others do in a second
            checked = texts[:80] if slow else texts
            rows = check_bits(checks, program, tiny, "tiny", checked, level, [1, 2, 3])
            checks.close(rows, encode_one_by_one(load_reference(tiny), checked), f"tiny at {level}: against the reference")
            if minilm is not None:
                few = [t for t in texts if len(t) < 60]
                checked = few[:: len(few) // 4][:4] if slow else texts
                check_bits(checks, program, minilm, "MiniLM", checked, level, [1, 2] if slow else [1, 2, 3])
        except Exception as error:
            traceback.print_exc()
            checks.that(False, f"determinism at {level}", f"{type(error).__name__}: {error}")
        print(f"determinism at {level}: {time.time() - started:.0f} s", flush=True)
    if minilm is None:
        print(f"SKIPPED determinism of MiniLM: no all-MiniLM-L6-v2 in --models {args.models}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbert", default="build/sbert")
    parser.add_argument("--models", default=os.environ.get("SBERT_MODELS", "models"))
    parser.add_argument("--data", type=Path, default=os.environ.get("SBERT_DATA"))
    parser.add_argument("--seed", type=int, default=20240607)
    parser.add_argument("--folders", type=int, default=25)
    parser.add_argument("--levels", default="reference,avx2,avx512")
    parser.add_argument("--architectures", type=int, default=1)
    parser.add_argument("--families")
    parser.add_argument("--modules", type=int, default=2)
    parser.add_argument("--parts", default="folders,architectures,shapes,modules,real,determinism")
    args = parser.parse_args()
    if not Path(args.sbert).exists():
        print(f"{args.sbert} not found: build it first (make), or name it with --sbert", file=sys.stderr)
        return 2
    if args.data is not None:
        args.data = Path(args.data)
    parts = {"folders": folders, "architectures": architectures, "shapes": shapes_parity.shapes, "modules": modules_parity.modules,
             "real": real, "determinism": determinism}  # fmt: skip
    if args.families and (unknown := set(args.families.split(",")) - set(tiny_architectures.FAMILIES)):
        parser.error(f"unknown --families {', '.join(sorted(unknown))}: {', '.join(tiny_architectures.FAMILIES)} are known")
    if unknown := set(args.parts.split(",")) - set(parts):
        parser.error(f"unknown --parts {', '.join(sorted(unknown))}: {', '.join(parts)} are known")
    checks = Checks()
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as temporary:
        program = Program(os.path.abspath(args.sbert), Path(temporary))
        for part in args.parts.split(","):
            started = time.time()
            torch.set_num_threads(threads if part == "real" else 1)  # more only slow the tiny models down
            try:
                parts[part](checks, program, args, Path(temporary))
            except Exception as error:
                traceback.print_exc()
                checks.that(False, part, f"{type(error).__name__}: {error}")
            print(f"{part}: {time.time() - started:.0f} s", flush=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
