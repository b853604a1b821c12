#!/usr/bin/env python3
"""Makes tests/goldens/tokenizers: one small tokenizer of each published shape, and what the real library gives for the
nasty texts and pairs of tests/goldens/data/texts.json.

    python3 tests/goldens/make_tokenizer_goldens.py --data FOLDER     (stsb-<language>-test.csv: texts to train on)

Needs tokenizers, transformers, sentencepiece and protobuf. Of the texts nothing but vocabularies is stored. A folder
holds tokenizer.json, or the files that a class of transformers reads without one, and expected.json: ids and type ids
of `texts` and `pairs` by their index; type ids that are all 0 are left out. The same texts and versions give the same
bytes.
"""

import argparse
import base64
import importlib.metadata
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["TOKENIZERS_PARALLELISM"] = "false"
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

from tokenizer_folders import sts_texts, train_sentencepiece  # noqa: E402
from tokenizer_kinds import REGEXES  # noqa: E402
from tokenizers import Tokenizer, pre_tokenizers, trainers  # noqa: E402

SPACE = "\u2581"
MAX_CHARACTERS = 700  # longer texts are left out: their ids would fill the repository
LLAMA3 = REGEXES["cl100k"]
TEKKEN = REGEXES["o200k"].replace(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")


# ------------------------------------------------------------------------------------------------------ JSON blocks
def added(contents, first=0, **flags):
    base = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return [{"id": first + i, "content": c, **base, **flags} for i, c in enumerate(contents)]


def template(vocab, single, pair):
    """'<s> A </s>' and '<s> A </s> B:1 </s>:1'."""
    def pieces(text):
        out = []
        for word in text.split(" "):
            name, _, type_id = word.partition(":")
            kind = "Sequence" if name in ("A", "B") else "SpecialToken"
            out.append({kind: {"id": name, "type_id": int(type_id or 0)}})
        return out
    names = {p["SpecialToken"]["id"] for p in pieces(single) + pieces(pair) if "SpecialToken" in p}
    return {"type": "TemplateProcessing", "single": pieces(single), "pair": pieces(pair),
            "special_tokens": {n: {"id": n, "ids": [vocab[n]], "tokens": [n]} for n in sorted(names)}}


def roberta(vocab, cls="<s>", sep="</s>"):
    return {"type": "RobertaProcessing", "sep": [sep, vocab[sep]], "cls": [cls, vocab[cls]], "trim_offsets": True,
            "add_prefix_space": False}


def sequence(name, *items):
    return {"type": "Sequence", name: list(items)}


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def byte_level(use_regex=True):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def replace(pattern, content):
    return {"type": "Replace", "pattern": pattern, "content": content}


def metaspace(scheme="always", **options):
    return {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": scheme, **options}


def document(model, **blocks):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, **blocks, "model": model}


# ---------------------------------------------------------------------------------------------------------- training
def train(blocks, trainer, lines):
    tokenizer = Tokenizer.from_str(json.dumps(blocks))
    tokenizer.train_from_iterator(lines, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {**blocks["model"], **{key: model[key] for key in ("vocab", "merges") if key in model}}


def bpe(lines, special, vocab_size=700, byte_level=True, **blocks):
    """A BPE model, byte-level or of the characters that occur. The trainers' own suffix and prefix are not used: what
    they number first differs from run to run."""
    empty = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "fuse_unk": False,
             "end_of_word_suffix": None, "byte_fallback": False, "ignore_merges": False, "vocab": {}, "merges": []}
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet()) if byte_level else []
    return train(document(empty, **blocks), trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=special, show_progress=False, initial_alphabet=alphabet), lines)


def with_suffix(model, special, suffix="</w>"):
    """Every token and merge once more as the end of a word."""
    tokens = special + [t for t in sorted(model["vocab"], key=model["vocab"].get) if t not in special]
    merges = [pair for a, b in model["merges"] for pair in ([a, b], [a, b + suffix])]
    vocab = special + [end for t in tokens[len(special):] for end in (t, t + suffix)]
    return {**model, "end_of_word_suffix": suffix, "merges": merges, "vocab": {t: i for i, t in enumerate(vocab)}}


def word_piece(lines, special, unk):
    model = bpe(lines, [], vocab_size=800, byte_level=False, normalizer=BERT, pre_tokenizer={"type": "BertPreTokenizer"})
    pieces = sorted(model["vocab"], key=model["vocab"].get)
    vocab = special + [entry for piece in pieces for entry in (piece, "##" + piece)][:1100]
    return {"type": "WordPiece", "unk_token": unk, "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {token: i for i, token in enumerate(vocab)}}


BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}


def rules():
    """A small table of normalization rules for sentencepiece, as its file of tab-separated code points: parts of NFKC."""
    import unicodedata
    ranges = [(0x00A0, 0x0100), (0x2000, 0x2070), (0x2100, 0x2130), (0x2160, 0x2170), (0x3000, 0x3001), (0xFB00, 0xFB07),
              (0xFF00, 0xFFA0), (0x3300, 0x3310)]
    lines = []
    for first, last in ranges:
        for c in range(first, last):
            to = unicodedata.normalize("NFKC", chr(c))
            if to != chr(c):
                lines.append(f"{c:X}\t{' '.join(f'{ord(x):X}' for x in to)}")
    lines += ["41 30A\tC5", "65 301\tE9", "6F 302 323\t1ED9", "9\t20", "A\t20", "D\t20", "200B\t20", "7F\t", "AD\t"]
    return "\n".join(lines) + "\n"


def proto_of(data):
    from sentencepiece import sentencepiece_model_pb2
    return sentencepiece_model_pb2.ModelProto.FromString(data)


def pieces_of(data):
    return [[p.piece, p.score] for p in proto_of(data).pieces]


def charsmap(data):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(proto_of(data).normalizer_spec.precompiled_charsmap).decode()}


def byte_bpe(data, unk="<unk>"):
    """The BPE model of a sentencepiece file, as transformers makes it."""
    pieces = [p.piece for p in proto_of(data).pieces]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    merges = [[p[:i], p[i:]] for p in pieces for i in range(1, len(p)) if p[:i] in vocab and p[i:] in vocab]
    return {"type": "BPE", "dropout": None, "unk_token": unk, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": True, "byte_fallback": True, "ignore_merges": False, "vocab": vocab, "merges": merges}


def without_paths(data):
    """The rules' file has another name in each run."""
    proto = proto_of(data)
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    return proto.SerializeToString(deterministic=True)


def sentencepiece_files(lines, work):
    (work / "rules.tsv").write_text(rules())
    unigram = dict(model_type="unigram", vocab_size=700, normalization_rule_tsv=str(work / "rules.tsv"))
    llama = dict(model_type="bpe", vocab_size=1150, byte_fallback=True, split_digits=True, character_coverage=0.99,
                 normalization_rule_name="identity", remove_extra_whitespaces=False)
    files = {
        "fairseq": train_sentencepiece(lines, **unigram, unk_id=0, bos_id=1, eos_id=2, pad_id=-1),
        "t5": train_sentencepiece(lines, **unigram, pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
        "deberta": train_sentencepiece(lines, **unigram, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]",
                                       bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]"),
        "llama": train_sentencepiece(lines, **llama, unk_id=0, bos_id=1, eos_id=2, pad_id=-1),
        "gemma": train_sentencepiece(lines, **llama, pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>",
                                     eos_piece="<eos>", bos_piece="<bos>", user_defined_symbols=["<mask>", "\n", "\n\n", "\t"]),
    }  # fmt: skip
    return {name: without_paths(data) for name, data in files.items()}


# ------------------------------------------------------------------------------------------------------------ shapes
def shapes(lines, work):
    """Name -> files of the folder; values that are no strings or bytes become JSON."""
    spm = sentencepiece_files(lines, work)
    bert_tokens, angles = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], ["<s>", "<pad>", "</s>", "<unk>"]
    bert_words = {"pre_tokenizer": {"type": "BertPreTokenizer"}, "normalizer": BERT}
    words = sequence("pretokenizers", {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": SPACE, "add_prefix_space": True})
    left_mask = lambda place: added(["<mask>"], place, lstrip=True)

    def llama3(regex, tail=""):
        special = ["<|begin_of_text|>", "<|end_of_text|>"]
        blocks = {"pre_tokenizer": sequence("pretokenizers", split({"Regex": regex}), byte_level(False))}
        model = bpe(lines, special, **blocks)
        model["ignore_merges"] = True
        both = template(model["vocab"], "<|begin_of_text|> A" + tail, f"<|begin_of_text|> A{tail} <|begin_of_text|>:1 B:1" + (tail and tail + ":1"))
        return document(model, added_tokens=added(special), post_processor=sequence("processors", byte_level(), both), **blocks)

    def llama2(model, **blocks):
        post = template(model["vocab"], "<s> A", "<s> A <s>:1 B:1")
        return document(model, added_tokens=added(["<unk>", "<s>", "</s>"]), post_processor=post, **blocks)

    out = {}
    model = word_piece(lines, bert_tokens, "[UNK]")
    out["bert"] = document(model, **bert_words, added_tokens=added(bert_tokens), post_processor=template(
        model["vocab"], "[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1"))
    model = word_piece(lines, angles[:3] + ["[UNK]"], "[UNK]")
    model["vocab"]["<mask>"] = place = len(model["vocab"])
    out["mpnet"] = document(model, **bert_words, added_tokens=added(angles[:3] + ["[UNK]"]) + left_mask(place),
                            post_processor=roberta(model["vocab"]))
    model = bpe(lines, angles, pre_tokenizer=byte_level())
    model["vocab"]["<mask>"] = place = len(model["vocab"])
    out["roberta"] = document(model, pre_tokenizer=byte_level(), added_tokens=added(angles, normalized=True) + left_mask(place),
                              post_processor=roberta(model["vocab"]))

    pieces = [[t, 0.0] for t in angles] + pieces_of(spm["fairseq"])[3:] + [["<mask>", 0.0]]
    vocab = {piece: i for i, (piece, _) in enumerate(pieces)}
    out["xlm-roberta"] = document(
        {"type": "Unigram", "unk_id": 3, "vocab": pieces}, normalizer=charsmap(spm["fairseq"]), pre_tokenizer=words,
        added_tokens=added(angles) + left_mask(vocab["<mask>"]),
        post_processor=template(vocab, "<s> A </s>", "<s> A </s> </s> B </s>"))
    sentinels = [f"<extra_id_{i}>" for i in range(9, -1, -1)]
    pieces = pieces_of(spm["t5"]) + [[s, 0.0] for s in sentinels]
    vocab = {piece: i for i, (piece, _) in enumerate(pieces)}
    out["t5"] = document(
        {"type": "Unigram", "unk_id": 2, "vocab": pieces}, normalizer=charsmap(spm["t5"]), pre_tokenizer=words,
        added_tokens=added(["<pad>", "</s>", "<unk>"]) + added(sentinels, vocab[sentinels[0]]),
        post_processor=template(vocab, "A </s>", "A </s> B </s>"))
    pieces = pieces_of(spm["deberta"])
    vocab = {piece: i for i, (piece, _) in enumerate(pieces)}
    out["deberta-v3"] = document(
        {"type": "Unigram", "unk_id": 3, "vocab": pieces},
        normalizer=sequence("normalizers", {"type": "Strip", "strip_left": True, "strip_right": True}, charsmap(spm["deberta"]),
                            replace({"Regex": " {2,}"}, " ")),
        pre_tokenizer=sequence("pretokenizers", metaspace()),
        added_tokens=added(["[PAD]", "[CLS]", "[SEP]"]) + added(["[UNK]"], 3, normalized=True) + added(["[MASK]"], len(vocab)),
        post_processor=template(vocab, "[CLS] A [SEP]", "[CLS] A [SEP] B:1 [SEP]:1"))

    spaces = [" " * n for n in range(8, 1, -1)]
    blocks = {"normalizer": {"type": "NFC"}, "pre_tokenizer": byte_level()}
    model = bpe(lines, ["<|padding|>", "<|endoftext|>"], **blocks)
    first = len(model["vocab"])
    for token in bert_tokens:
        model["vocab"][token] = len(model["vocab"])
    tokens = added(["|||IP_ADDRESS|||"], len(model["vocab"]), special=False, normalized=True)
    tokens += added(spaces, len(model["vocab"]) + 1, special=False, normalized=True)
    out["modernbert"] = document(
        model, **blocks, added_tokens=added(["<|padding|>", "<|endoftext|>"]) + added(bert_tokens[:4], first) + added(
            ["[MASK]"], first + 4, lstrip=True) + tokens,
        post_processor=template(model["vocab"], "[CLS] A [SEP]", "[CLS] A [SEP] B [SEP]"))
    out["llama-3"] = llama3(LLAMA3)
    out["eurobert"] = llama3(LLAMA3, " <|end_of_text|>")
    blocks = {"normalizer": {"type": "NFC"},
              "pre_tokenizer": sequence("pretokenizers", split({"Regex": REGEXES["qwen2"]}), byte_level(False))}
    model = bpe(lines, [], **blocks)
    out["qwen"] = document(model, **blocks, post_processor=byte_level(), added_tokens=added(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], len(model["vocab"])) + added(
            ["<think>", "</think>"], len(model["vocab"]) + 3, special=False))
    model = byte_bpe(spm["gemma"])
    out["gemma"] = document(
        model, normalizer=replace({"String": " "}, SPACE), pre_tokenizer=split({"String": " "}, "MergedWithPrevious"),
        added_tokens=added(["<pad>", "<eos>", "<bos>", "<unk>"]) + added(["<mask>", "\n", "\n\n", "\t"], 4, special=False),
        post_processor=template(model["vocab"], "<bos> A <eos>", "<bos> A <eos> <bos>:1 B:1 <eos>:1"))
    special = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
    blocks = {"pre_tokenizer": sequence("pretokenizers", split({"Regex": TEKKEN}), byte_level(False))}
    model = bpe(lines, special, **blocks)
    model["ignore_merges"] = True
    out["mistral-tekken"] = document(model, **blocks, added_tokens=added(special), post_processor=template(
        model["vocab"], "<s> A", "<s> A <s>:1 B:1"))
    model = byte_bpe(spm["llama"])
    out["mistral"] = llama2(model, pre_tokenizer=metaspace("first", split=False))
    out["llama-2"] = llama2(model, normalizer=sequence("normalizers", {"type": "Prepend", "prepend": SPACE},
                                                       replace({"String": " "}, SPACE)))
    blocks = {"normalizer": sequence("normalizers", {"type": "NFC"}, replace({"Regex": r"\s+"}, " "), {"type": "Lowercase"}),
              "pre_tokenizer": sequence("pretokenizers", split({"Regex": REGEXES["clip"]}, "Removed", True), byte_level())}
    special = ["<|startoftext|>", "<|endoftext|>"]
    model = with_suffix(bpe(lines, special, vocab_size=480, **blocks), special)
    model["unk_token"] = "<|endoftext|>"
    out["clip"] = document(model, **blocks, added_tokens=added(special), post_processor=roberta(model["vocab"], *special))

    files = {name: {"tokenizer.json": value} for name, value in out.items()}
    merges = "#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in out["roberta"]["model"]["merges"])
    files["class-roberta"] = {"vocab.json": out["roberta"]["model"]["vocab"], "merges.txt": merges, "tokenizer_config.json": {
        "tokenizer_class": "RobertaTokenizer", "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True}},
        "config.json": {"model_type": "roberta"}}
    for name, file, model, model_type, config in (
            ("class-t5", "spiece.model", "t5", "t5", {"tokenizer_class": "T5Tokenizer", "extra_ids": 5}),
            ("class-xlm-roberta", "sentencepiece.bpe.model", "fairseq", "xlm-roberta", {}),
            ("class-deberta-v2", "spm.model", "deberta", "deberta-v2", {"tokenizer_class": "DebertaV2TokenizerFast"}),
            ("class-llama", "tokenizer.model", "llama", "llama", {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True})):
        files[name] = {file: spm[model], "tokenizer_config.json": config, "config.json": {"model_type": model_type}}
    return files


# ----------------------------------------------------------------------------------------------------------- writing
def write_json(path, value, **options):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"), **options) + "\n", encoding="utf-8")


def load(folder):
    """The tokenizer of a folder, and whether the model gets its token type ids: a class may not pass them on."""
    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json")), True
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    return tokenizer.backend_tokenizer, "token_type_ids" in tokenizer.model_input_names


def expected(folder, inputs):
    tokenizer, gives_types = load(folder)

    def entry(item):
        encoding = tokenizer.encode(*item) if isinstance(item, list) else tokenizer.encode(item)
        types = {"type_ids": encoding.type_ids} if gives_types and any(encoding.type_ids) else {}
        return {"ids": encoding.ids, **types}

    def short(item):
        return len("".join(item)) <= MAX_CHARACTERS

    versions = {name: importlib.metadata.version(name) for name in ("tokenizers", "transformers", "sentencepiece")}
    result = {"versions": versions}
    for key in ("texts", "pairs"):
        result[key] = {str(i): entry(item) for i, item in enumerate(inputs[key]) if short(item)}
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "tokenizers")
    options = parser.parse_args()
    lines = [text for sentences in sts_texts(options.data, 700).values() for text in sentences]
    assert lines, f"no stsb-*-test.csv in {options.data}"
    inputs = json.loads((HERE / "data" / "texts.json").read_text(encoding="utf-8"))
    shutil.rmtree(options.out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        for name, files in shapes(lines, pathlib.Path(work)).items():
            folder = options.out / name
            folder.mkdir(parents=True)
            for file, content in files.items():
                if isinstance(content, bytes):
                    (folder / file).write_bytes(content)
                elif isinstance(content, str):
                    (folder / file).write_text(content, encoding="utf-8")
                else:
                    write_json(folder / file, content)
            write_json(folder / "expected.json", expected(folder, inputs))
            size = sum(file.stat().st_size for file in folder.iterdir())
            print(f"{name}: {size // 1024} KiB", flush=True)


if __name__ == "__main__":
    main()
