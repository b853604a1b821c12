#!/usr/bin/env python3
"""Differential test: our tokenizer against Hugging Face `tokenizers` (and transformers' classes).

Every difference in ids or type ids is a failure. Needs `pip install tokenizers transformers sentencepiece protobuf` and
  --executable  tokenize_lines, built with the tests
  --model       a folder with the tokenizer.json and vocab.txt of all-MiniLM-L6-v2 (or another uncased BERT)
  --data        a folder with stsb-<language>-test.csv files (default: $SBERT_DATA; without it those parts are skipped)
  --published   a folder of published tokenizers, one folder each (scripts/get_tokenizers)
Parts: bert (this file), kinds, folders and published (tokenizer_<part>.py); --only runs some of them.
"""

import argparse
import csv
import itertools
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile

from tokenizer_harness import Ours, RandomText, Report, as_given_to_the_model, load_reference, reference, write_folder
from tokenizers import normalizers

import tokenizer_folders
import tokenizer_kinds
import tokenizer_published


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
    """False for what is unassigned from plane 3 to 13, and for the private planes, 15 and 16."""
    return ord(c) < 0x33500 or 0xE0000 <= ord(c) < 0xE1000


def character_vocabulary():
    """A vocabulary in which each code point of the planes in use has ids of its own, so that nothing hides in [UNK]."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    planes = [*range(0, 0x40000), *range(0xE0000, 0xE0400), *range(0xF0000, 0xF0010), *range(0x10FFF0, 0x110000)]
    characters = [chr(c) for c in planes if not 0xD800 <= c < 0xE000]
    tokens += characters + ["##" + c for c in characters]
    return {token: i for i, token in enumerate(tokens)}


class Suite:
    def __init__(self, options, work, report):
        self.report, self.ours, self.work = report, Ours(options.executable), work
        self.random = RandomText(options.seed)
        self.num_random = options.random
        self.thorough = options.thorough
        self.data = options.data
        self.model = pathlib.Path(options.model)
        self.document = json.loads((self.model / "tokenizer.json").read_text(encoding="utf-8"))
        self.document["padding"] = None
        self.real = write_folder(work / "real", self.document)

    def compare(self, name, folder, inputs, tokenizer=None, arguments=(), of_class=None, **reference_options):
        tokenizer = tokenizer or load_reference(folder)
        expected = reference(tokenizer, inputs, **reference_options)
        if of_class is not None:
            expected = as_given_to_the_model(expected, of_class)
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
        for number, options in enumerate(ALL_BERT_OPTIONS if self.thorough else SOME_BERT_OPTIONS):
            around = inside + marked if self.thorough else (inside, marked)[number % 2]
            name = "BertNormalizer(clean=%s, chinese=%s, strip=%s, lower=%s)" % options
            document["normalizer"] = bert_normalizer(*options)
            write_folder(folder, document)
            tokenizer.normalizer = normalizers.BertNormalizer(*options)
            self.compare(name + ", code points", folder, apart + around, tokenizer)
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
        from transformers import BertTokenizer, DistilBertTokenizer
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
            of_class = DistilBertTokenizer if name == "DistilBERT" else BertTokenizer
            self.compare("vocab.txt: " + name, folder, texts + self.random.pairs(100), tokenizer, of_class=of_class)

    def run(self):
        for part in (self.vocab_txt, self.models, self.post_processors, self.truncation, self.added_tokens,
                     self.do_lower_case, self.languages, self.random_texts, self.code_points, self.bert_options):
            part()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--executable", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", default=os.environ.get("SBERT_DATA"))
    parser.add_argument("--published", default=os.environ.get("SBERT_MODELS", "models") + "/tokenizers")
    parser.add_argument("--random", type=int, default=10_000, help="random texts per main case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--thorough", action="store_true", help="100,000 random texts, and every combination of options")
    parser.add_argument("--only", nargs="+", choices=["bert", "kinds", "folders", "published"])
    options = parser.parse_args()
    if options.thorough:
        options.random = max(options.random, 100_000)
    parts = {
        "kinds": tokenizer_kinds.run, "folders": tokenizer_folders.run, "published": tokenizer_published.run,
        "bert": lambda options, work, report: Suite(options, work, report).run(),
    }
    report = Report()
    for name, run in parts.items():
        if not options.only or name in options.only:
            with tempfile.TemporaryDirectory() as work:
                run(options, pathlib.Path(work), report)
    print(f"{report.texts} texts compared")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
