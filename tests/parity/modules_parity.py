"""The part `modules` of model_parity.py: the program against sentence-transformers on tiny folders of every module.

Each kind of tests/goldens/tiny_modules.py is built --modules times with sizes and options drawn at random. Token ids must be equal,
vectors within the tolerance of Checks.close, for each task of a Router; a task that the reference refuses must be refused.
"""
from __future__ import annotations

import random
import string
import traceback
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import tiny_modules
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, WordEmbeddings
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer
from tiny_models import few_indices, nasty_texts, text_pairs

# nltk's rules and Python's str.lower, on whatever they look at
PIECES = ["'", "''", "``", '"', "'s", "'S", "n't", "N'T", "'re", "'LL", "can", "not", "cannot", "gonna", "gimme", "more'n", "d'ye", " 'tis", "'twas",
          "wanna ", "...", "..", ".", ". ", ".)", '."', ",", ", ", ":", ":5", ",x", ";", "--", "---", "(", ")", "[", "]", "<", ">", "{", "?", "!", "*", "$", "%",
          " ", "  ", "\n", "\t", "\u00a0", "\x1c", "\u2028", "\u00ab", "\u00bb", "\u201c", "\u201d", "\u2018", "\u2019", "\u201e", "\u2013", "\u2014", "5",
          "\u0663", "the", "The", "NEW_YORK", "new_york", "New", "York", "City", "red", "planet", "\u039f\u0394\u039f\u03a3", "\u03a3", "A\u03a3", "A\u03a3.", "\u03a3\u0301",
          "\u0130", "\u0130s", "i\u0307", "\u017f", "can\u017f", "'i\u017f", "e\u0301", "\u4eca", "a", "b", "x", "50", "\ufb01", "_", "s", "t", "m", "\u00ad"]


def odd_texts(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 14))) for _ in range(count)]


def check_kind(checks, program, kind: str, seed: int, directory: Path) -> float:
    folder = directory / f"{kind}-{seed}"
    tiny_modules.build(kind, folder, seed)
    model = tiny_modules.load(folder)
    texts = nasty_texts() + odd_texts(seed, 200)
    few = [texts[i] for i in few_indices(texts)]
    worst = 0.0
    for task in tiny_modules.TASKS.get(kind, [""]):
        name = f"{kind} {seed}" + (f" task {task}" if task else "")
        # as `task` of encode: --prompt '' keeps the prompts of encode_query away
        options = ["--task", task, "--prompt", ""] if task else []
        if tiny_modules.fails(model, task):
            done = program.run("encode", str(folder), *options, "--", "the", check=False)
            checks.that(done.returncode == 1 and b"route" in done.stderr, f"{name}: no route", f"exit {done.returncode}")
            continue
        ours = [line["input_ids"] for line in program.json_lines("tokenize", folder, texts, *options)]
        expected = tiny_modules.token_ids(model, texts, task)
        wrong = [i for i, ids in enumerate(expected) if ids != ours[i]]
        checks.that(not wrong, f"{name}: ids", "" if not wrong else
                    f"{len(wrong)} of {len(texts)}, first {texts[wrong[0]]!r:.120}: {ours[wrong[0]]}, expected {expected[wrong[0]]}"[:600])
        vectors = tiny_modules.encode(model, texts, task=task or None, prompt="")
        worst = max(worst, checks.close(program.encode(folder, texts, *options), vectors, f"{name}: texts"))
    if any(model.prompts.values()):
        for call in ("query", "document"):
            vectors = tiny_modules.encode(model, few, call=f"encode_{call}")
            worst = max(worst, checks.close(program.encode(folder, few, "--task", call), vectors, f"{kind} {seed}: {call}"))
    if tiny_modules.takes_pairs(model) and not tiny_modules.fails(model, ""):
        pairs = text_pairs()
        worst = max(worst, checks.close(program.encode(folder, pairs), tiny_modules.encode(model, pairs), f"{kind} {seed}: pairs"))
    return worst


def check_every_character(checks, program, directory: Path) -> None:
    """str.lower, str.split and str.strip at every character of the first planes: alone, and around a capital sigma, whose lower
    case depends on it. What Python makes of them is the vocabulary, so anything else has no id."""
    characters = [chr(c) for c in [*range(1, 0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200)]]
    characters = [c for c in characters if unicodedata.category(c) != "Cn"]  # newer than this Python
    texts = [f"{c} A{c}\u03a3 A\u03a3{c}a .{c}x." for c in characters]
    tokenizer = WhitespaceTokenizer([], [], do_lower_case=True)
    vocabulary = dict.fromkeys(word for text in texts for form in [text.lower().split()] for word in [*form, *(w.strip(string.punctuation) for w in form)])
    tokenizer.set_vocab(list(vocabulary))
    folder = directory / "characters"
    SentenceTransformer(modules=[WordEmbeddings(tokenizer, torch.zeros(len(vocabulary), 1)), Pooling(1)], device="cpu").save_pretrained(
        str(folder), create_model_card=False)
    ours = [line["input_ids"] for line in program.json_lines("tokenize", folder, texts)]
    wrong = [i for i, text in enumerate(texts) if ours[i] != tokenizer.tokenize(text)]
    checks.that(not wrong, "every character", "" if not wrong else f"{len(wrong)}: " + ", ".join(f"U+{ord(characters[i]):04X}" for i in wrong[:20]))
    print(f"every character: {len(characters)} characters, {len(wrong)} wrong", flush=True)


def modules(checks, program, args, directory: Path) -> None:
    check_every_character(checks, program, directory)
    for kind in tiny_modules.KINDS:
        if kind == "phrases" and find_spec("nltk") is None:
            print("SKIPPED phrases: the Python package nltk is not installed", flush=True)
            continue
        worst = 0.0
        for index in range(args.modules):
            seed = args.seed + index
            try:
                worst = max(worst, check_kind(checks, program, kind, seed, directory))
            except Exception as error:
                traceback.print_exc()
                checks.that(False, f"{kind} {seed}", f"{type(error).__name__}: {error}")
        print(f"{kind}: {args.modules} random folders (seed {args.seed}), worst vector difference {worst:.2e}", flush=True)
