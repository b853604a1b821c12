"""Part of tokenizer_parity.py: tokenizers of every kind. Random combinations of normalizer, pre-tokenizer, model,
post-processor and added tokens are trained on a few lines and compared as tokenizer.json; a seed gives the same ones."""

import base64
import json
import random

from tokenizer_folders import corpus, train_sentencepiece
from tokenizer_harness import Ours, RandomText, load_reference, reference, write_folder
from tokenizers import Tokenizer, pre_tokenizers, trainers

REGEXES = {
    "gpt2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
             r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
             r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "words": r"\w+|[^\w\s]+", "spaces": r"\s+", "digits": r"\d{2}", "deepseek": r"[\r\n]",
    "han": r"\s?[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
}  # fmt: skip
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
METASPACE = "\u2581"


class Generator:
    def __init__(self, seed, charsmap):
        self.random = random.Random(seed)
        self.charsmap = base64.b64encode(charsmap).decode()

    def flag(self):
        return self.random.random() < 0.5

    def pattern(self):
        if self.flag():
            return {"Regex": self.random.choice(list(REGEXES.values()))}
        return {"String": self.random.choice([" ", "a", "th", "\u00e9", ".", "''", METASPACE, "  "])}

    def normalizer(self, depth=0):
        r = self.random
        kind = r.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace", "Prepend", "Nmt",
                         "BertNormalizer", "Precompiled", "ByteLevel", "Sequence", "Sequence", "none"])
        if kind == "none" or (kind == "Sequence" and depth > 1):
            return None if depth == 0 else {"type": "NFC"}
        fields = {
            "Strip": lambda: {"strip_left": self.flag(), "strip_right": self.flag()},
            "Replace": lambda: {"pattern": self.pattern(), "content": r.choice(["", " ", METASPACE, "\"", "xy"])},
            "Prepend": lambda: {"prepend": r.choice([METASPACE, "x", " "])},
            "BertNormalizer": lambda: {"clean_text": self.flag(), "handle_chinese_chars": self.flag(),
                                       "strip_accents": r.choice([None, True, False]), "lowercase": self.flag()},
            "Precompiled": lambda: {"precompiled_charsmap": self.charsmap},
            "Sequence": lambda: {"normalizers": [self.normalizer(depth + 1) for _ in range(r.randint(0, 4))]},
        }  # fmt: skip
        return {"type": kind, **fields.get(kind, dict)()}

    def pre_tokenizer(self, depth=0):
        r = self.random
        kind = r.choice(["BertPreTokenizer", "Whitespace", "WhitespaceSplit", "ByteLevel", "ByteLevel", "Metaspace", "Metaspace",
                         "Punctuation", "Digits", "Split", "Split", "Split", "CharDelimiterSplit", "UnicodeScripts",
                         "FixedLength", "Sequence", "Sequence", "none"])
        if kind == "none" or (kind == "Sequence" and depth > 1):
            return None if depth == 0 else {"type": "WhitespaceSplit"}
        fields = {
            "ByteLevel": lambda: {"add_prefix_space": self.flag(), "trim_offsets": True, "use_regex": self.flag()},
            "Metaspace": lambda: {"replacement": r.choice([METASPACE, "_"]), "split": self.flag(),
                                  "prepend_scheme": r.choice(["always", "never", "first"])},
            "Punctuation": lambda: {"behavior": r.choice(BEHAVIORS)},
            "Digits": lambda: {"individual_digits": self.flag()},
            "FixedLength": lambda: {"length": r.choice([1, 3, 5])},
            "Split": lambda: {"pattern": self.pattern(), "behavior": r.choice(BEHAVIORS), "invert": self.flag()},
            "CharDelimiterSplit": lambda: {"delimiter": r.choice([" ", "-", "\u3002"])},
            "Sequence": lambda: {"pretokenizers": [self.pre_tokenizer(depth + 1) for _ in range(r.randint(0, 3))]},
        }  # fmt: skip
        return {"type": kind, **fields.get(kind, dict)()}

    def model(self):
        r = self.random
        kind = r.choice(["BPE", "BPE", "BPE", "Unigram", "Unigram", "WordPiece", "WordLevel"])
        unk = "<unk>"
        if kind == "BPE":
            return {"type": "BPE", "dropout": None, "unk_token": r.choice([None, unk, unk]),
                    "continuing_subword_prefix": r.choice([None, None, "", "##"]),
                    "end_of_word_suffix": r.choice([None, None, "", "</w>"]), "fuse_unk": self.flag(),
                    "byte_fallback": self.flag(), "ignore_merges": self.flag(), "vocab": {}, "merges": []}
        if kind == "Unigram":
            return {"type": "Unigram", "unk_id": 0, "vocab": [[unk, 0.0]], "byte_fallback": self.flag()}
        if kind == "WordPiece":
            return {"type": "WordPiece", "unk_token": unk, "continuing_subword_prefix": r.choice(["##", "##", "@", ""]),
                    "max_input_chars_per_word": r.choice([100, 7]), "vocab": {unk: 0}}
        return {"type": "WordLevel", "unk_token": unk, "vocab": {unk: 0}}

    def trainer(self, model):
        size, special = self.random.choice([120, 400, 900]), ["<unk>", "<s>", "</s>"]
        if model.get("byte_fallback") and self.flag():
            special = special + [f"<0x{byte:02X}>" for byte in range(256)]
            size += 256
        common = {"vocab_size": size, "special_tokens": special, "show_progress": False}
        if model["type"] == "BPE":
            alphabet = pre_tokenizers.ByteLevel.alphabet() if self.flag() else []
            return trainers.BpeTrainer(initial_alphabet=alphabet, end_of_word_suffix=model["end_of_word_suffix"] or "",
                                       continuing_subword_prefix=model["continuing_subword_prefix"] or "", **common)
        if model["type"] == "Unigram":
            return trainers.UnigramTrainer(unk_token="<unk>", **common)
        if model["type"] == "WordPiece":
            return trainers.WordPieceTrainer(continuing_subword_prefix=model["continuing_subword_prefix"], **common)
        return trainers.WordLevelTrainer(**common)

    def post_processor(self, ids, depth=0):
        r = self.random
        pair = [["</s>", ids["</s>"]], ["<s>", ids["<s>"]]]
        kind = r.choice(["none", "BertProcessing", "RobertaProcessing", "TemplateProcessing", "ByteLevel", "Sequence"])
        if kind == "none" or (kind == "Sequence" and depth):
            return None if depth == 0 else {"type": "BertProcessing", "sep": pair[0], "cls": pair[1]}
        special = {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in ("<s>", "</s>")}
        token = lambda: {"SpecialToken": {"id": r.choice(list(special)), "type_id": r.randint(0, 2)}}
        text = lambda name: {"Sequence": {"id": name, "type_id": r.randint(0, 2)}}
        some = lambda: [token() for _ in range(r.randint(0, 2))]
        byte_level = {"add_prefix_space": self.flag(), "trim_offsets": self.flag(), "use_regex": True}
        fields = {
            "BertProcessing": lambda: {"sep": pair[0], "cls": pair[1]},
            "RobertaProcessing": lambda: {"sep": pair[0], "cls": pair[1], "trim_offsets": self.flag(),
                                          "add_prefix_space": self.flag()},
            "ByteLevel": lambda: byte_level,
            "TemplateProcessing": lambda: {
                "single": some() + [text("A")] + some(), "special_tokens": special,
                "pair": some() + [text("A")] + some() + [text("B")] + some()},
            "Sequence": lambda: {"processors": [{"type": "ByteLevel", **byte_level}] + [
                self.post_processor(ids, 1) for _ in range(r.randint(0, 1))]},
        }  # fmt: skip
        return {"type": kind, **fields[kind]()}

    def added_tokens(self, document, normalizer):
        """Behind those of the trainer. Left out is a token that normalizing empties (ours refuses it, and the library
        finds it between any two bytes) or makes equal to another one (the library then takes any of them)."""
        tokens = document["added_tokens"]
        next_id = len(document["model"]["vocab"])
        seen = set()
        contents = ["<ent>", "New York", "\u4e2d\u6587", "\u00e9t\u00e9", "  ", "the"]
        for content in self.random.sample(contents, self.random.randint(0, 3)):
            token = {"id": next_id, "content": content, "single_word": self.flag(), "lstrip": self.flag(),
                     "rstrip": self.flag(), "normalized": self.flag(), "special": self.flag()}
            if token["normalized"] and normalizer:
                normal = normalizer.normalize_str(content)
                if not normal or normal in seen:
                    continue
                seen.add(normal)
            tokens.append(token)
            next_id += 1
        return tokens

    def document(self, lines):
        document = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "post_processor": None,
                    "decoder": None, "normalizer": self.normalizer(), "pre_tokenizer": self.pre_tokenizer(),
                    "model": self.model()}
        tokenizer = Tokenizer.from_str(json.dumps(document))
        tokenizer.train_from_iterator(self.random.sample(lines, 150), self.trainer(document["model"]))
        trained = json.loads(tokenizer.to_str())
        # Training drops some options of the model.
        trained["model"] = {**document["model"], **{k: trained["model"][k] for k in ("vocab", "merges", "unk_id")
                                                    if k in trained["model"]}}
        ids = {t["content"]: t["id"] for t in trained["added_tokens"]}
        trained["post_processor"] = self.post_processor(ids)
        trained["added_tokens"] = self.added_tokens(trained, tokenizer.normalizer)
        return trained


def describe(document):
    def name(block):
        if not block:
            return "-"
        inner = block.get("normalizers") or block.get("pretokenizers") or block.get("processors")
        return block["type"] if not inner else "[" + " ".join(map(name, inner)) + "]"
    return " | ".join(name(document[k]) for k in ("normalizer", "pre_tokenizer", "model", "post_processor"))


def run(options, work, report):
    lines = [line for line in corpus(options) if line.strip()]
    # A model file's table of nmt_nfkc, as T5 and XLM-R have it.
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto.FromString(train_sentencepiece(lines[:300], vocab_size=300, model_type="unigram"))
    charsmap = proto.normalizer_spec.precompiled_charsmap
    ours = Ours(options.executable)
    maker = RandomText(options.seed)
    count, texts_each = (1500, 400) if options.thorough else (150, 120)
    trained = refused = 0
    for number in range(count):
        generator = Generator(options.seed * 100_003 + number, charsmap)
        try:
            document = generator.document(lines)
            tokenizer = Tokenizer.from_str(json.dumps(document))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # nothing to train on, or the library panics: no reference
            refused += 1
            continue
        trained += 1
        folder = write_folder(work / "kind", document)
        tokenizer = load_reference(folder)
        texts = generator.random.sample(lines, texts_each // 2) + maker.texts(texts_each // 2)
        texts += ["", " ", "<ent>x New York\u4e2d\u6587 the  \u00e9t\u00e9", " <s> </s>", "aa'll  b\n\n c\t12345\u0661"]
        texts += list(zip(texts[:20], reversed(texts)))
        expected = reference(tokenizer, texts)
        report.add(f"kind {options.seed}/{number}: {describe(document)}", texts, expected, ours.encode(folder, texts))
    print(f"        {trained} tokenizers of random kinds; {refused} combinations that the library itself refuses")
