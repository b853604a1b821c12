#!/usr/bin/env python3
"""`sbert save`, read by sentence-transformers: the saved folder against the folder it was made of.

  save_parity.py --sbert build/sbert --models models [--folders NAME,...]

Folders of tests/goldens/data of every kind, some made of them here (pickled and sharded weights, float16, the CLIPModel of version 2),
and all-MiniLM-L6-v2 (in --models). The reference loads the saved folder: token ids are those of the program on the source folder, vectors within the
tolerance of Checks.close, prompts, similarity function, max_seq_length and truncate_dim as the reference finds them in the source
folder. Where the reference saves the source folder itself, modules.json and the names of the files must be the same. Changed
settings must arrive. The last line is 'N passed, N failed'; the exit status is 1 if any failed.
"""
from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "goldens"))

import tiny_modules
import torch
from model_parity import Checks, Program
from safetensors.torch import load_file, save_file
from tiny_models import few_indices, nasty_texts

GOLDENS = Path(__file__).resolve().parent.parent / "goldens" / "data"
FOLDERS = ["v2-uncased-mean", "v2-cased-flags-sharded", "v2-cased-lowered-cls-dense", "v3-manhattan-truncated-config", "v3-prompts-excluded-mean-dot",
           "v5-excluded-prompt-modes", "v6-concat-dense-residual", "v6-weightedmean-layernorm", "plain-bert-gamma-beta", "plain-masked-lm",
           "vocab-txt-cased", "roberta", "t5", "clip", "siglip", "module-asym", "module-router", "module-router-mappings", "module-static",
           "module-static-model2vec", "module-word-weights", "module-cnn-lstm-dense", "module-bow", "module-weighted-layers", "module-names",
           "module-converted"]
TASKS = {"module-asym": ["query", "doc"], "module-router": ["query", "document"], "module-router-mappings": ["query", "apple", "special"]}
SETTINGS = ["similarity_fn_name", "prompts", "default_prompt_name", "truncate_dim"]


def copy(name: str, folder: Path) -> Path:
    shutil.copytree(GOLDENS / name / "model", folder)
    return folder


def pickled(folder: Path) -> Path:
    """pytorch_model.bin in every module."""
    copy("v2-cased-lowered-cls-dense", folder)
    for path in folder.rglob("model.safetensors"):
        torch.save(load_file(path), path.with_name("pytorch_model.bin"))
        path.unlink()
    return folder


def half(folder: Path) -> Path:
    copy("v6-max-relu", folder)
    weights = load_file(folder / "model.safetensors")
    save_file({k: v.half() if v.is_floating_point() else v for k, v in weights.items()}, folder / "model.safetensors", {"format": "pt"})
    return folder


def old_clip(folder: Path) -> Path:
    """As version 2: 0_CLIPModel and no configuration of its own."""
    copy("clip", folder / "0_CLIPModel")
    for name in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
        (folder / "0_CLIPModel" / name).unlink()
    entry = {"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}
    (folder / "modules.json").write_text(json.dumps([entry]))
    return folder


MADE = {"pickled": pickled, "half": half, "old-clip": old_clip}


def files(folder: Path) -> set[str]:
    """Of the modules; the reference makes tokenizer files anew in its own way."""
    ignored = {"README.md", "vocab.txt", "special_tokens_map.json", "added_tokens.json", "generation_config.json"}
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - ignored


def check_folder(checks: Checks, program: Program, name: str, source: Path, directory: Path) -> None:
    saved = directory / f"{name}-saved"
    program.run("save", str(source), str(saved))
    texts = nasty_texts()
    ours = tiny_modules.load(source)
    theirs = tiny_modules.load(saved)
    for task in TASKS.get(name, [""]):
        what = f"{name} {task}".strip()
        options = ["--task", task, "--prompt", ""] if task else []
        ids = [line["input_ids"] for line in program.json_lines("tokenize", source, texts, *options)]
        expected = tiny_modules.token_ids(theirs, texts, task)
        wrong = [i for i in range(len(texts)) if ids[i] != expected[i]]
        checks.that(not wrong, f"{what}: ids", f"{len(wrong)} of {len(texts)}")
        vectors = tiny_modules.encode(theirs, texts, task=task or None, **({"prompt": ""} if task else {}))
        worst = checks.close(program.encode(source, texts, *options), vectors, f"{what}: vectors")
        print(f"{what}: worst vector difference {worst:.2e}", flush=True)
    few = [texts[i] for i in few_indices(texts)]
    if any(theirs.prompts.values()):
        for task in ("query", "document"):
            vectors = tiny_modules.encode(theirs, few, call=f"encode_{task}")
            checks.close(program.encode(source, few, "--task", task), vectors, f"{name}: encode_{task}")
    for setting in SETTINGS:
        a, b = getattr(ours, setting), getattr(theirs, setting)
        checks.that(a == b, f"{name}: {setting}", f"{b!r}, expected {a!r}")
    a, b = tiny_modules.max_seq_length(ours), tiny_modules.max_seq_length(theirs)
    checks.that(a == b, f"{name}: max_seq_length", f"{b}, expected {a}")

    reference = directory / f"{name}-reference"
    ours.save_pretrained(str(reference), create_model_card=False)
    a, b = (json.loads((folder / "modules.json").read_text()) for folder in (reference, saved))
    checks.that(a == b, f"{name}: modules.json", f"{b}, expected {a}")
    # made of vocab.txt by the reference; written by the reference and read by nobody
    unneeded = {"1_WordWeights/model.safetensors"} | ({"tokenizer.json"} if (source / "vocab.txt").exists() else set())
    a, b = files(reference) - unneeded, files(saved) - unneeded
    checks.that(a == b, f"{name}: files", f"missing {sorted(a - b)}, more {sorted(b - a)}")
    a, b = (json.loads((folder / "config_sentence_transformers.json").read_text()) for folder in (reference, saved))
    a["__version__"] = b["__version__"] = None
    checks.that(a == b, f"{name}: config_sentence_transformers.json", f"{b}, expected {a}")
    for folder in (reference, saved):
        shutil.rmtree(folder)


def check_changed_settings(checks: Checks, program: Program, directory: Path) -> None:
    for name in ("v2-uncased-mean", "v6-max-relu", "plain-masked-lm", "module-word-weights"):
        source, saved = GOLDENS / name / "model", directory / f"{name}-changed"
        program.run("save", str(source), str(saved), "--max-seq-length", "7", "--truncate-dim", "5")
        model = tiny_modules.load(saved)
        checks.that(model.max_seq_length == 7, f"{name}: changed max_seq_length", str(model.max_seq_length))
        checks.that(model.truncate_dim == 5, f"{name}: changed truncate_dim", str(model.truncate_dim))
        texts = nasty_texts()
        vectors = program.encode(source, texts, "--max-seq-length", "7", "--truncate-dim", "5")
        checks.close(vectors, tiny_modules.encode(model, texts), f"{name}: changed settings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbert", default="build/sbert")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("SBERT_MODELS", "models")))
    parser.add_argument("--folders")
    args = parser.parse_args()
    if not Path(args.sbert).exists():
        print(f"{args.sbert} not found: build it first (make), or name it with --sbert", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        program = Program(os.path.abspath(args.sbert), directory)
        sources = {name: GOLDENS / name / "model" for name in FOLDERS}
        sources |= {name: make(directory / name) for name, make in MADE.items()}
        minilm = args.models / "all-MiniLM-L6-v2"
        if minilm.exists():
            sources["all-MiniLM-L6-v2"] = minilm
        else:
            print(f"SKIPPED all-MiniLM-L6-v2: not in {args.models}", flush=True)
        for name, source in sources.items():
            if args.folders and name not in args.folders.split(","):
                continue
            try:
                check_folder(checks, program, name, source, directory)
            except Exception as error:
                traceback.print_exc()
                checks.that(False, name, f"{type(error).__name__}: {error}")
        if not args.folders:
            check_changed_settings(checks, program, directory)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
