"""What the parts of the tokenizer's differential test share: running both sides, counting, texts."""

import csv
import json
import os
import pathlib
import random
import subprocess

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
os.environ.setdefault("RUST_BACKTRACE", "0")

from tokenizers import Tokenizer, normalizers  # noqa: E402


class Report:
    def __init__(self):
        self.passed, self.failed, self.texts = 0, 0, 0

    def add(self, name, inputs, expected, actual):
        """Both are lists of (ids, type ids), or None where the tokenizer refuses the text."""
        self.texts += len(inputs)
        wrong = [i for i in range(len(inputs)) if expected[i] is not ANYTHING and expected[i] != actual[i]]
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


ANYTHING = object()  # where the library panics: there is no right answer


def reference(tokenizer, inputs, add_special_tokens=True):
    try:
        # Not encode_batch_fast: without a post-processor it forgets the type ids.
        encodings = tokenizer.encode_batch(inputs, add_special_tokens=add_special_tokens)
        return [(e.ids, e.type_ids) for e in encodings]
    except BaseException as error:  # one text was refused: find out which. A panic is no Exception.
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        results = []
        for item in inputs:
            try:
                pair = item if isinstance(item, tuple) else (item, None)
                encoding = tokenizer.encode(*pair, add_special_tokens=add_special_tokens)
                results.append((encoding.ids, encoding.type_ids))
            except Exception:
                results.append(None)
            except BaseException as panic:
                if isinstance(panic, (KeyboardInterrupt, SystemExit)):
                    raise
                results.append(ANYTHING)
        return results


def as_given_to_the_model(expected, transformers_tokenizer):
    """transformers hands on token type ids only where the class lists them; the model then takes zeros."""
    if "token_type_ids" in transformers_tokenizer.model_input_names:
        return expected
    return [(e[0], [0] * len(e[0])) if isinstance(e, tuple) else e for e in expected]


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


def sts_texts(data, limit=None):
    """Language -> the sentences of its STS-B test file; all files, or nothing without `data`."""
    texts = {}
    for file in sorted(pathlib.Path(data).glob("stsb-*-test.csv")) if data else []:
        with open(file, encoding="utf-8", newline="") as stream:
            sentences = [text for row in csv.reader(stream) for text in row[:2]]
        texts[file.name.split("-")[1]] = sentences[:limit]
    return texts
