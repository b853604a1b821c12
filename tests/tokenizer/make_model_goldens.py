#!/usr/bin/env python3
"""Writes model_goldens.json beside this file: small random tokenizer models and post-processors, many of them odd, and
what Hugging Face `tokenizers` makes of them. The same seed and version give the same bytes.

    python3 tests/tokenizer/make_model_goldens.py [--models N] [--processors N] [--seed N] [--out FILE]

`models`: {"model": block of tokenizer.json, "texts": [...], "ids": [[...] or null where it gives an error]}, or
{"model": ..., "refused": true} where it does not load. `processors`: {"processor": block, "results": [...]}: for a
single text and a pair, each with and without special tokens, [ids, type ids], or null for an error; the first text is
the token 0, the second 1 1.
"""

import argparse
import importlib.metadata
import json
import random
from pathlib import Path

from tokenizers import Tokenizer

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def load(model, post_processor=None, pre_tokenizer=None):
    return Tokenizer.from_str(
        json.dumps({
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": pre_tokenizer, "post_processor": post_processor, "decoder": None, "model": model,
        }))


def attempt(run):
    """None where tokenizers gives an error or panics (a panic is no Exception)."""
    try:
        return run()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


class Generator:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def flag(self, probability=0.5):
        return self.rng.random() < probability

    def some_bytes(self, alphabet):
        """Byte tokens for most of the bytes that the texts have."""
        return [BYTES[byte] for byte in sorted(set((alphabet + "z\u00fc#@$<u>/w").encode())) if self.flag(0.95)]

    def bpe(self):
        rng = self.rng
        alphabet = rng.choice(["ab", "abc", "a\u00e9\u4e2d", "abcdef", "ab\u2581"])
        prefix = rng.choice([None, None, "", "#", "@@", "\u00e9"])
        suffix = rng.choice([None, None, "", "$", "</w>"])
        strings = {"<u>"} if self.flag(0.8) else set()
        for character in alphabet:
            for before in sorted({"", prefix or ""}):
                strings |= {before + character + behind for behind in sorted({"", suffix or ""}) if self.flag(0.9)}
        if self.flag(0.3):
            strings |= set(self.some_bytes(alphabet))
        if self.flag(0.2):
            strings |= {prefix or "", suffix or "", "<0x-1>", "<0xZZ>", "<0x0a>"}
        tokens, merges = sorted(strings), []
        for _ in range(rng.randrange(25)):
            left, right = rng.choice(tokens), rng.choice(tokens)
            try:
                merged = left + right.encode()[len((prefix or "").encode()):].decode()
            except UnicodeDecodeError:
                continue
            if merged not in tokens and self.flag(0.97):
                tokens.append(merged)
            merges.append([left, right])
        ids = list(range(len(tokens)))
        rng.shuffle(ids)
        if self.flag(0.3):
            ids = [rng.randrange(len(tokens)) for _ in tokens]
        if self.flag(0.3):
            ids = [id * 1000 for id in ids]
        if self.flag(0.3) and all(" " not in left + right for left, right in merges):
            merges = ["#version: 0.2"] * self.flag(0.5) + [" ".join(merge) for merge in merges]
        model = {
            "type": "BPE", "dropout": None, "unk_token": rng.choice([None, "<u>", "<u>", "a", "nope"]),
            "continuing_subword_prefix": prefix, "end_of_word_suffix": suffix, "fuse_unk": self.flag(),
            "byte_fallback": self.flag(), "ignore_merges": self.flag(0.3), "vocab": dict(zip(tokens, ids)),
            "merges": merges,
        }
        return model, alphabet + "z\u00fc" + rng.choice(["", "#$"]), tokens

    def unigram(self):
        rng = self.rng
        alphabet = rng.choice(["ab", "abc", "a\u00e9\u4e2d", "abcdef"])
        pieces = ["<u>"] + [character for character in alphabet if self.flag(0.8)]
        for _ in range(rng.randrange(40)):
            pieces.append("".join(rng.choice(alphabet + "z") for _ in range(rng.randrange(5))))
        if self.flag(0.3):
            pieces += self.some_bytes(alphabet)
        rng.shuffle(pieces)
        score = rng.choice([
            lambda: -rng.random() * 10, lambda: -float(rng.randrange(4)), lambda: rng.randrange(-30, 30) / 10,
            lambda: rng.random() * 20, lambda: -rng.randrange(4),
            lambda: rng.choice([-1e308, 1e308, 1e-310, 0.0, -0.0])
        ])
        unk_id = rng.choice([None] + [pieces.index("<u>")] * 6 + [rng.randrange(len(pieces) + 1)] * 2)
        model = {
            "type": "Unigram", "unk_id": unk_id, "byte_fallback": self.flag(),
            "vocab": [[piece, score()] for piece in pieces],
        }
        return model, alphabet + "zz\u00fc", pieces

    def word_level(self):
        words = ["a", "b", "ab", "\u00e9", "<u>"]
        model = {"type": "WordLevel", "vocab": {word: id for id, word in enumerate(words)},
                 "unk_token": self.rng.choice(["<u>", "nope", "b"])}
        return model, "ab\u00e9", words

    def model_case(self):
        model, alphabet, tokens = self.rng.choice([self.bpe] * 6 + [self.unigram] * 5 + [self.word_level])()
        tokenizer = attempt(lambda: load(model))
        if tokenizer is None:
            return {"model": model, "refused": True}
        parts = list(alphabet) * 3 + ["<u>"]
        lengths = [1, 2, 3, 5, 8, 13, 20, 60]
        texts = ["".join(self.rng.choices(parts, k=length)) for length in lengths]
        texts += [token for token in self.rng.sample(tokens, min(4, len(tokens))) if token]
        return {"model": model, "texts": texts, "ids": [attempt(lambda: tokenizer.encode(text).ids) for text in texts]}

    def template(self, names):
        pieces = []
        for _ in range(self.rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])):
            kind, id = self.rng.choice([("SpecialToken", self.rng.choice(["[S]", "[T]"])),
                                        ("Sequence", self.rng.choice(names))])
            pieces.append({kind: {"id": id, "type_id": self.rng.randrange(9)}})
        return pieces

    def processor(self, depth=0):
        kind = self.rng.choice(["bert", "roberta", "bytes", "template", "template", "sequence", "sequence"])
        sep_and_cls = {"sep": ["x", self.rng.randrange(5, 9)], "cls": ["y", self.rng.randrange(5, 9)]}
        offsets = {"add_prefix_space": self.flag(), "trim_offsets": self.flag()}
        if kind == "bert":
            return {"type": "BertProcessing", **sep_and_cls}
        if kind == "roberta":
            return {"type": "RobertaProcessing", **sep_and_cls, **offsets}
        if kind == "bytes":
            return {"type": "ByteLevel", **offsets, "use_regex": True}
        if kind == "sequence" and depth < 3:
            return {"type": "Sequence", "processors": [self.processor(depth + 1) for _ in range(self.rng.randrange(4))]}
        special_tokens = {"[S]": {"id": "[S]", "ids": [2], "tokens": ["[S]"]},
                          "[T]": {"id": "[T]", "ids": [3, 4], "tokens": ["[T]", "[U]"]}}
        return {"type": "TemplateProcessing", "single": self.template("AAAAB" if depth else "A"),
                "pair": self.template("AB"), "special_tokens": special_tokens}

    def processor_case(self):
        processor = self.processor()
        model = {"type": "WordLevel", "vocab": {"a": 0, "b": 1}, "unk_token": "a"}
        tokenizer = load(model, processor, {"type": "WhitespaceSplit"})

        def encode(texts, special):
            encoding = tokenizer.encode(*texts, add_special_tokens=special)
            return [encoding.ids, encoding.type_ids]

        return {"processor": processor,
                "results": [attempt(lambda: encode(texts, special))
                            for texts in (["a"], ["a", "b b"]) for special in (True, False)]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=120)
    parser.add_argument("--processors", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("model_goldens.json"))
    arguments = parser.parse_args()
    generator = Generator(arguments.seed)
    goldens = {
        "versions": {"tokenizers": importlib.metadata.version("tokenizers")}, "seed": arguments.seed,
        "models": [generator.model_case() for _ in range(arguments.models)],
        "processors": [generator.processor_case() for _ in range(arguments.processors)],
    }
    lines = ["{", f'"versions": {json.dumps(goldens["versions"])}, "seed": {goldens["seed"]},']
    for key, comma in (("models", ","), ("processors", "")):
        cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in goldens[key])
        lines.append(f'"{key}": [\n{cases}\n]{comma}')
    arguments.out.write_text("\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
