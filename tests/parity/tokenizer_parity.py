#!/usr/bin/env python3
"""Differential test: our tokenizer against Hugging Face `tokenizers` (and transformers' BertTokenizer).

Every difference in ids or type ids is a failure. Needs `pip install tokenizers transformers` and
  --executable  tokenize_lines, built with the tests
  --model       a folder with the tokenizer.json and vocab.txt of all-MiniLM-L6-v2 (or another uncased BERT)
  --data        a folder with stsb-<language>-test.csv files (default: $SBERT_DATA; without it that part is skipped)
"""

import argparse
import csv
import itertools
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

from tokenizers import Tokenizer, normalizers  # noqa: E402


class Report:
    def __init__(self):
        self.passed, self.failed, self.texts = 0, 0, 0

    def add(self, name, inputs, expected, actual):
        """Both are lists of (ids, type ids), or None where the tokenizer refuses the text."""
        self.texts += len(inputs)
        wrong = [i for i in range(len(inputs)) if expected[i] != actual[i]]
        if len(actual) == len(inputs) and not wrong:
            self.passed += 1
            print(f"ok      {name} ({len(inputs)} texts)", flush=True)
            return
        self.failed += 1
        print(f"FAILED  {name}: {len(wrong)} of {len(inputs)} texts differ")
        for i in wrong[:3]:
            print(f"        input    {ascii(inputs[i])[:300]}")
            print(f"        expected {str(expected[i])[:300]}\n        actual   {str(actual[i])[:300]}", flush=True)


class Ours:
    def __init__(self, executable):
        self.executable = executable

    def encode(self, folder, inputs, arguments=()):
        lines = []
        for item in inputs:
            texts = item if isinstance(item, tuple) else (item,)
            line = {}
            for key, text in zip(("text", "pair"), texts):
                if isinstance(text, bytes):
                    line[key + "_hex"] = text.hex()
                else:
                    line[key] = text
            lines.append(json.dumps(line))
        done = subprocess.run([self.executable, str(folder), *map(str, arguments)], input="\n".join(lines) + "\n",
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"        {self.executable}: {done.stderr.strip()}")
            return [("not run",)] * len(inputs)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        return [None if "error" in a else (a["ids"], a["type_ids"]) for a in answers]


def reference(tokenizer, inputs, add_special_tokens=True):
    try:
        # Not encode_batch_fast: without a post-processor it forgets the type ids.
        encodings = tokenizer.encode_batch(inputs, add_special_tokens=add_special_tokens)
        return [(e.ids, e.type_ids) for e in encodings]
    except Exception:  # one text was refused: find out which
        results = []
        for item in inputs:
            try:
                pair = item if isinstance(item, tuple) else (item, None)
                encoding = tokenizer.encode(*pair, add_special_tokens=add_special_tokens)
                results.append((encoding.ids, encoding.type_ids))
            except Exception:
                results.append(None)
        return results


def write_folder(folder, document, **small_files):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    for name, content in small_files.items():
        (folder / (name + ".json")).write_text(json.dumps(content), encoding="utf-8")
    return folder


def load_reference(folder):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def variant(document, **changes):
    return {**document, **changes}


def bert_normalizer(clean, chinese, strip, lower):
    return {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese, "strip_accents": strip,
            "lowercase": lower}


# clean_text and handle_chinese_chars work before the other two and apart from them: every pair of values of each two is
# tried always, every combination with --thorough.
ALL_BERT_OPTIONS = list(itertools.product((True, False), (True, False), (None, True, False), (True, False)))
SOME_BERT_OPTIONS = [options for i, options in enumerate(ALL_BERT_OPTIONS) if i % 6 in (i // 6, (i // 6 + 3) % 6)]

CODE_POINTS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def in_planes_with_text(c):
    """False for planes 4 to 13, which are unassigned, and for the private ones, 15 and 16."""
    return ord(c) < 0x40000 or 0xE0000 <= ord(c) < 0xE1000


def character_vocabulary():
    """A vocabulary in which each code point of the planes in use has ids of its own, so that nothing hides in [UNK]."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    planes = [*range(0, 0x40000), *range(0xE0000, 0xE0400), *range(0xF0000, 0xF0010), *range(0x10FFF0, 0x110000)]
    characters = [chr(c) for c in planes if not 0xD800 <= c < 0xE000]
    tokens += characters + ["##" + c for c in characters]
    return {token: i for i, token in enumerate(tokens)}


class RandomText:
    """Strings of all planes, biased towards what makes tokenizers disagree."""

    RANGES = [(0x20, 0x7E), (0x00, 0xFF), (0x100, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF),
              (0x700, 0x8FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1000, 0x1FFF), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
              (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20D0, 0x20FF), (0x2100, 0x2BFF), (0x3000, 0x312F),
              (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xE000, 0xF8FF),
              (0xF900, 0xFAFF), (0xFB00, 0xFFFF), (0x10000, 0x10FFF), (0x11000, 0x11FFF), (0x12000, 0x16FFF),
              (0x1D000, 0x1D1FF), (0x1D400, 0x1D7FF), (0x1E000, 0x1EFFF), (0x1F000, 0x1FFFF), (0x20000, 0x2FA1F),
              (0x30000, 0x3FFFF), (0x40000, 0xDFFFF), (0xE0000, 0xE0FFF), (0xF0000, 0x10FFFF)]
    MARKS = [c for c in range(0x20000) if not 0xD800 <= c < 0xE000 and
             normalizers.StripAccents().normalize_str("a" + chr(c)) == "a"]
    PIECES = ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[mask]", "[MA", "SK]", "hello", "World", "THE", " ", "  ",
              "\n", "\t", "\r\n", "\u00a0", "\u200b", "\u200d", "\ufeff", "\0", "\ufffd", "\u034f", "\u0345", "##ing",
              "un", "##", "don't", "U.S.A.", "$3.50", "10,000", "\U0001f469\u200d\U0001f4bb", "\u1100\u1161\u11a8",
              "\u0130", "\u03a3", "\u00df", "\u212b", "\u2126", "\u0344", "\u0958", "\ufb2c", "\uac00\u11a7",
              "x" * 101, "antidisestablishmentarianism"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def character(self):
        first, last = self.random.choice(self.RANGES)
        while True:
            c = self.random.randint(first, last)
            if not 0xD800 <= c < 0xE000:
                return chr(c)

    def text(self):
        out = []
        for _ in range(self.random.randint(0, 24)):
            kind = self.random.random()
            if kind < 0.55:
                out.append(self.character())
            elif kind < 0.7:  # a base with marks in any order
                marks = (chr(self.random.choice(self.MARKS)) for _ in range(self.random.randint(1, 5)))
                out.append(self.random.choice("aeiou\u03b1\u0430\u3042\u0915") + "".join(marks))
            elif kind < 0.85:
                out.append(self.random.choice(self.PIECES))
            else:
                out.append(" ")
        return "".join(out)

    def texts(self, n):
        return [self.text() for _ in range(n)]

    def pairs(self, n):
        return [(self.text(), self.text()) for _ in range(n)]


class Suite:
    def __init__(self, options, work):
        self.report, self.ours, self.work = Report(), Ours(options.executable), work
        self.random = RandomText(options.seed)
        self.num_random = options.random
        self.thorough = options.thorough
        self.data = options.data
        self.model = pathlib.Path(options.model)
        self.document = json.loads((self.model / "tokenizer.json").read_text(encoding="utf-8"))
        self.document["padding"] = None
        self.real = write_folder(work / "real", self.document)

    def compare(self, name, folder, inputs, tokenizer=None, arguments=(), **reference_options):
        tokenizer = tokenizer or load_reference(folder)
        expected = reference(tokenizer, inputs, **reference_options)
        self.report.add(name, inputs, expected, self.ours.encode(folder, inputs, arguments))

    def languages(self):
        if not self.data:
            print("skipped: the texts in many languages (give --data or set SBERT_DATA)")
            return
        files = sorted(pathlib.Path(self.data).glob("stsb-*-test.csv"))
        assert files, f"no stsb-*-test.csv in {self.data}"
        cased = write_folder(self.work / "cased", variant(self.document, normalizer=bert_normalizer(True, True, None, False)))
        for file in files:
            with open(file, encoding="utf-8", newline="") as stream:
                pairs = [(row[0], row[1]) for row in csv.reader(stream)]
            singles = [text for pair in pairs for text in pair]
            self.compare(file.name, self.real, singles)
            self.compare(file.name + " cased", cased, singles)
            tokenizer = load_reference(self.real)
            tokenizer.enable_truncation(21)
            self.compare(file.name + " pairs of 21", self.real, pairs, tokenizer, ["--max-length", 21])

    def code_points(self):
        rest = [c for c in CODE_POINTS if not in_planes_with_text(c)]  # many to a text there, one to a text elsewhere
        alone = [c for c in CODE_POINTS if in_planes_with_text(c)]
        chunks = [rest[i:i + 64] for i in range(0, len(rest), 64)]
        self.compare("every code point alone", self.real, alone + [" ".join(chunk) for chunk in chunks])
        self.compare("every code point between letters", self.real,
                     ["a" + c + "b" for c in alone] + [" ".join("a" + c + "b" for c in chunk) for chunk in chunks])

    def bert_options(self):
        document = variant(self.document, model={**self.document["model"], "vocab": character_vocabulary()},
                           added_tokens=[{**t, "id": i} for i, t in enumerate(self.document["added_tokens"])],
                           post_processor=None, truncation=None)
        folder = write_folder(self.work / "characters", document)
        tokenizer = load_reference(folder)
        characters = CODE_POINTS if self.thorough else [c for c in CODE_POINTS if in_planes_with_text(c)]
        chunks = [characters[i:i + 32] for i in range(0, len(characters), 32)]
        apart = [" ".join(chunk) for chunk in chunks]
        inside = [" ".join("A" + c + "b" for c in chunk) for chunk in chunks]
        marked = [" ".join("a" + c + "\u0301\u0323" for c in chunk) for chunk in chunks]
        for options in ALL_BERT_OPTIONS if self.thorough else SOME_BERT_OPTIONS:
            name = "BertNormalizer(clean=%s, chinese=%s, strip=%s, lower=%s)" % options
            document["normalizer"] = bert_normalizer(*options)
            write_folder(folder, document)
            tokenizer.normalizer = normalizers.BertNormalizer(*options)
            self.compare(name + ", code points", folder, apart + inside + marked, tokenizer)
            count = self.num_random // 8
            self.compare(name + ", random", folder, self.random.texts(count) + self.random.pairs(count // 8), tokenizer)
        for name, normalizer in {
                "Lowercase": {"type": "Lowercase"},
                "no normalizer": None,
                "Sequence": {"type": "Sequence", "normalizers": [
                    {"type": "Lowercase"}, {"type": "Sequence", "normalizers": []}, bert_normalizer(True, True, True, False)]},
        }.items():
            document["normalizer"] = normalizer
            write_folder(folder, document)
            self.compare(name, folder, apart + inside + self.random.texts(self.num_random // 8))
        shutil.rmtree(folder)

    def random_texts(self):
        self.compare("random texts", self.real, self.random.texts(self.num_random))
        self.compare("random pairs", self.real, self.random.pairs(self.num_random // 8))
        self.compare("random texts without special tokens", self.real, self.random.texts(self.num_random // 8),
                     arguments=["--no-special-tokens"], add_special_tokens=False)
        generator = random.Random(7)
        broken = []
        for text in self.random.texts(self.num_random // 16):
            data = bytearray(text.encode())
            for _ in range(generator.randint(1, 6)):
                data.insert(generator.randint(0, len(data)), generator.choice(
                    [0x80, 0xBF, 0xC0, 0xC1, 0xE0, 0xED, 0xF0, 0xF4, 0xF8, 0xFF, 0xA0, 0x9F]))
            broken.append(bytes(data))
        # With clean_text U+FFFD vanishes; without, it is seen.
        for name, folder in {
                "ill-formed UTF-8": self.real,
                "ill-formed UTF-8, not cleaned": write_folder(
                    self.work / "unclean", variant(self.document, normalizer=bert_normalizer(False, True, None, True)))
        }.items():
            expected = reference(load_reference(folder), [data.decode("utf-8", "replace") for data in broken])
            self.report.add(name, broken, expected, self.ours.encode(folder, broken))

    def truncation(self):
        words = ["a", "unbelievable", "[MASK]", "tokenization", ".", "xyzzyx", "[SEP]"]
        generator = random.Random(5)
        texts = [" ".join(generator.choices(words, k=generator.randint(0, 12))) for _ in range(120)]
        pairs = [tuple(generator.sample(texts, 2)) for _ in range(400)]
        for direction in ("right", "left"):
            stored = {"max_length": 128, "strategy": "OnlySecond", "stride": 0, "direction": direction.capitalize()}
            folder = write_folder(self.work / direction, variant(self.document, truncation=stored))
            tokenizer = load_reference(folder)
            for length in (2, 3, 4, 5, 8, 9, 12, 17, 500):
                tokenizer.enable_truncation(length, direction=direction)
                self.compare(f"truncation to {length} {direction}", folder, texts, tokenizer, ["--max-length", length])
                bare = ["--max-length", length, "--no-special-tokens"]
                self.compare(f"truncation to {length} {direction}, no special tokens", folder, texts + pairs, tokenizer,
                             bare, add_special_tokens=False)
                if length >= 3:
                    self.compare(f"pairs, truncation to {length} {direction}", folder, pairs, tokenizer,
                                 ["--max-length", length])

    def post_processors(self):
        inputs = self.random.texts(300) + self.random.pairs(300)
        special = {"[X]": {"id": "[X]", "ids": [101, 7592, 102], "tokens": ["a", "b", "c"]}}
        odd = {"type": "TemplateProcessing",
               "single": [{"Sequence": {"id": "A", "type_id": 3}}, {"SpecialToken": {"id": "[X]", "type_id": 4}},
                          {"Sequence": {"id": "A", "type_id": 1}}],
               "pair": [{"Sequence": {"id": "B", "type_id": 2}}, {"SpecialToken": {"id": "[X]", "type_id": 0}}],
               "special_tokens": special}
        for name, processor in {"BertProcessing": {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]},
                                "no post-processor": None, "an odd template": odd}.items():
            folder = write_folder(self.work / "post", variant(self.document, post_processor=processor))
            tokenizer = load_reference(folder)
            self.compare(name, folder, inputs, tokenizer)
            self.compare(name + ", no special tokens", folder, inputs, tokenizer, ["--no-special-tokens"],
                         add_special_tokens=False)
            tokenizer.enable_truncation(9)
            self.compare(name + ", truncated", folder, inputs, tokenizer, ["--max-length", 9])
        folder = write_folder(self.work / "whole", variant(self.document, pre_tokenizer=None))
        self.compare("no pre-tokenizer", folder, inputs + ["hello", "un##aff", "##ing"])

    def added_tokens(self):
        generator = random.Random(11)
        contents = ["<ent>", "Caf\u00e9", "\u4e2d\u6587", "new york", "[A]", "[A]b", "ab", "abcd", "\u00e9", "\u00df",
                    " lead", "x-y", "\U0001f600", "##ing", "the", "_", "2"]
        joints = ["", " ", "  ", "\t", "a", "_", "-", "\u00a0", "\u0301", "B", "\u4e2d", "7", "\n", "\u3000"]
        for case, flags in enumerate([*itertools.product((False, True), repeat=4), "mixed", "mixed", "mixed", "mixed"]):
            tokens = list(self.document["added_tokens"])
            for i, content in enumerate(contents):
                single, left, right, normalized = flags if flags != "mixed" else generator.choices((False, True), k=4)
                tokens.append({"id": 40000 + i, "content": content, "single_word": single, "lstrip": left, "rstrip": right,
                               "normalized": normalized, "special": generator.random() < 0.3})
            texts = []
            for _ in range(2500):
                parts = []
                for _ in range(generator.randint(1, 7)):
                    content = generator.choice(contents + ["[MASK]", "word"])
                    parts += [generator.choice((content, content, content.upper(), content.lower())), generator.choice(joints)]
                texts.append("".join(parts))
            for name, lower in (("uncased", True), ("cased", False)):
                folder = write_folder(self.work / "added", variant(
                    self.document, added_tokens=tokens, normalizer=bert_normalizer(True, True, None, lower)))
                self.compare(f"added tokens {case}, {name} (single_word, lstrip, rstrip, normalized = {flags})", folder, texts)
        doubles = [{**self.document["added_tokens"][0], "content": c, "id": 7, "single_word": s}
                   for c, s in (("[MASK]", False), ("<q>", False), ("[MASK]", True), ("<q>", False), ("", False))]
        folder = write_folder(self.work / "added", variant(self.document, added_tokens=doubles))
        self.compare("added tokens that are there twice", folder, ["a[MASK]b [MASK] <q>", "x<q>[MASK]", "[PAD]"])
        vocab = {"a": 0, "b": 5, "##b": 5, "[UNK]": 9}
        model = {**self.document["model"], "vocab": vocab}
        folder = write_folder(self.work / "added", variant(self.document, model=model, post_processor=None, added_tokens=[
            {**doubles[0], "content": c, "id": 1} for c in ("[X]", "[Y]", "a")]))
        self.compare("holes and doubles among the ids", folder, ["a b ab zz [X][Y] a[X]b", "[Z]"])

    def models(self):
        texts = self.random.texts(500) + ["a", "", " ", "\u00e9", "hello world"]
        model = self.document["model"]
        few = {token: i for i, token in enumerate(["a", "b", "##b", "##a", "hello"])}
        legacy = {key: value for key, value in model.items() if key != "type"}
        for name, changed in {
                "no unknown token": {**model, "vocab": few},
                "empty vocabulary": {**model, "vocab": {}},
                "no type": legacy,
                "short words": {**model, "max_input_chars_per_word": 3},
                "no words": {**model, "max_input_chars_per_word": 0},
                "another prefix": {**model, "continuing_subword_prefix": "\u00b7", "vocab": {
                    **few, "\u00b7b": 9, "\u00b7c": 10, "[UNK]": 11, "c": 12}},
                "empty prefix": {**model, "continuing_subword_prefix": ""},
                "another unknown token": {**model, "unk_token": "hello"},
        }.items():
            folder = write_folder(self.work / "model", variant(
                self.document, model=changed, added_tokens=[], post_processor=None, truncation=None))
            self.compare("model with " + name, folder, texts + ["abba cab abc", "aaaa bbbb"])

    def do_lower_case(self):
        """As sentence_transformers/base/modules/transformer.py puts Lowercase in front."""
        texts = self.random.texts(2000) + ["\u0130stanbul STRASSE \u00c9T\u00c9 <Ent> <ENT> <ent>"]
        token = {**self.document["added_tokens"][0], "content": "<Ent>", "id": 50000}
        for normalizer in (None, {"type": "Lowercase"}, bert_normalizer(True, True, None, False),
                           bert_normalizer(True, True, None, True),
                           {"type": "Sequence", "normalizers": [bert_normalizer(True, False, False, False)]},
                           {"type": "Sequence", "normalizers": [bert_normalizer(True, False, False, False),
                                                                {"type": "Lowercase"}]}):
            for normalized in (True, False):
                folder = write_folder(self.work / "lower", variant(
                    self.document, normalizer=normalizer, added_tokens=[{**token, "normalized": normalized}]))
                tokenizer = load_reference(folder)
                current = tokenizer.normalizer
                items = list(current) if isinstance(current, normalizers.Sequence) else [current] if current else []
                if not any(isinstance(item, normalizers.Lowercase) for item in items):
                    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), *items])
                name = normalizer["type"] if normalizer else "none"
                self.compare(f"do_lower_case before {name}", folder, texts, tokenizer, ["--do-lower-case"])

    def vocab_txt(self):
        from transformers import BertTokenizer
        small = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##x\nworld\nW\u00f6rld\n\u4e2d\na\n##b\n"
        odd = "a\r\nb \n\nc\u2028\na\n[UNK]\nhello\u3000\n\n##b\n[CLS]\n[SEP]"
        flag = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False}
        decoder = {"0": {"content": "[PAD]", "special": True, **flag},
                   "99": {"content": "<new>", **flag, "lstrip": True, "normalized": True, "special": False},
                   "8": {"content": "<new8>", **flag, "special": True}}
        real = (self.model / "vocab.txt").read_text(encoding="utf-8")
        cases = {
            "alone": (real, None, {}),
            "cased": (real, {"do_lower_case": False}, {}),
            "all options": (real, {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False}, {}),
            "accents kept": (real, {"do_lower_case": True, "strip_accents": False}, {}),
            "other special tokens": (small, {"cls_token": "<cls>", "sep_token": "hello", "bos_token": "<bos>",
                                             "additional_special_tokens": ["<a>", "<b>"], "mask_token": {
                                                 "__type": "AddedToken", "content": "<m>", **flag, "lstrip": True}}, {}),
            "added_tokens_decoder": (small, {"added_tokens_decoder": decoder, "extra_special_tokens": ["<e>"]}, {}),
            "older files": (small, {"do_lower_case": True}, {
                "special_tokens_map": {"mask_token": "<mask>", "sep_token": {"content": "</s>", **flag, "rstrip": True}},
                "added_tokens": {"<z>": 8, "<y>": 9}}),
            "another unknown token": (small, {"unk_token": "world"}, {}),
            "no unknown token": (small.replace("[UNK]", "[unk]"), {}, {}),
            "odd lines": (odd, {}, {}),
            "DistilBERT": (small, {"tokenizer_class": "DistilBertTokenizerFast"}, {}),
        }
        texts = self.random.texts(1500) + [
            "hello W\u00f6rld world <a><b> <e> <m> <mask>", "x  <new>y<new8>", "<NEW> <bos><cls> </s>  a", "ab \u4e2dab",
            "<z><Y><y>", "a b c hellox"]
        for name, (vocab, config, others) in cases.items():
            folder = self.work / "vocab_txt"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "vocab.txt").write_bytes(vocab.encode())
            for file, content in {**({} if config is None else {"tokenizer_config": config}), **others}.items():
                (folder / (file + ".json")).write_text(json.dumps(content), encoding="utf-8")
            tokenizer = BertTokenizer.from_pretrained(str(folder)).backend_tokenizer
            self.compare("vocab.txt: " + name, folder, texts + self.random.pairs(100), tokenizer)

    def run(self):
        for part in (self.vocab_txt, self.models, self.post_processors, self.truncation, self.added_tokens,
                     self.do_lower_case, self.languages, self.random_texts, self.code_points, self.bert_options):
            part()
        print(f"{self.report.texts} texts compared")
        print(f"{self.report.passed} passed, {self.report.failed} failed")
        return 1 if self.report.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executable", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", default=os.environ.get("SBERT_DATA"))
    parser.add_argument("--random", type=int, default=100_000, help="random texts per main case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--thorough", action="store_true", help="all 24 combinations of BertNormalizer's options, and all planes for each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        return Suite(options, pathlib.Path(work)).run()


if __name__ == "__main__":
    sys.exit(main())
