#!/usr/bin/env python3
"""Writes the seeds of the fuzzers: fuzz/corpus/SURFACE/NAME, the same bytes on every run.

    scripts/make_fuzz_corpus.py [--check]

Byte flips alone die at the first check of a parser, so there is one seed for each dtype, rank, JSON type and error
class. --check compares instead of writing (exit 1 on a difference). Files found by a fuzzer are added beside the seeds
by hand, with names that begin with 'found-'; this script leaves them alone.
"""

import argparse
import io
import json
import struct
import sys
import zipfile
from pathlib import Path

MAX_BYTES = 2048
DTYPE_BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


def packed(header, data=b"", length=None):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(dtype="F32", shape=(1,), begin=0, end=4):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def safetensors_seeds():
    seeds = {}
    for dtype, bits in DTYPE_BITS.items():
        data = bytes(range(bits))  # eight elements
        seeds[f"dtype-{dtype.lower()}"] = packed(compact({"w": tensor(dtype, [8], 0, bits)}), data)
    for rank in (0, 1, 2, 3, 4, 8):
        seeds[f"rank-{rank}"] = packed(compact({"w": tensor(shape=[1] * rank)}), b"\0\0\x80\x3f")
    t = compact(tensor())
    two = {"b": tensor("F16", [2, 1], 4, 8), "a": tensor("F32", [], 0, 4), "e": tensor("U8", [0, 3], 8, 8)}
    seeds["several"] = packed(compact({"__metadata__": {"format": "pt"}, **two}), bytes(8))
    seeds["empty"] = packed("{}")
    seeds["spaces"] = packed(' \n{ "w" : %s } \t' % t, bytes(4))
    seeds["unknown-field"] = packed('{"w":%s,"x":{"y":[1,-2.5e3,null,true,"z"]}}}' % t[:-1], bytes(4))
    seeds["metadata-null"] = packed('{"__metadata__":null,"w":%s}' % t, bytes(4))
    seeds["escapes"] = packed(r'{"\u0000\ud83d\ude00\n\"":%s}' % t, bytes(4))
    seeds["nested"] = packed('{"w":%s,"x":%s%s}}' % (t[:-1], "[" * 125, "]" * 125), bytes(4))

    wrong = {
        "length-wraps": packed("{}", length=2**64 - 8), "length-beyond": packed("{}", length=3),
        "length-limit": packed("{}", length=100_000_001), "short": b"1234567", "no-header": packed(""),
        "not-utf8": packed(b'{"\xff":%s}' % t.encode(), bytes(4)), "surrogate": packed(r'{"\ud800":%s}' % t, bytes(4)),
        "bom": packed("\ufeff{}"), "open": packed("{"), "array": packed("[]"), "deep": packed("[" * 200),
        "nul": packed("{}\0"), "comma": packed('{"w":%s,}' % t, bytes(4)), "number": packed('{"w":1e400}'),
        "duplicate": packed('{"w":%s,"w":%s}' % (t, t), bytes(4)),
        "duplicate-escaped": packed(r'{"w":%s,"\u0077":%s}' % (t, t), bytes(4)),
        "duplicate-field": packed('{"w":%s,"dtype":"F32"}}' % t[:-1], bytes(4)),
        "duplicate-metadata": packed('{"__metadata__":{"k":"","k":""}}'),
        "metadata-object": packed('{"__metadata__":{"k":{}}}'), "tensor-null": packed('{"w":null}'),
        "tensor-array": packed('{"w":["F32",[1],[0,4]]}', bytes(4)),
        "no-dtype": packed('{"w":{"shape":[],"data_offsets":[0,0]}}'),
        "dtype-unknown": packed(compact({"w": tensor("F33")}), bytes(4)),
        "shape-string": packed('{"w":{"dtype":"U8","shape":"","data_offsets":[0,0]}}'),
        "dim-negative": packed(compact({"w": tensor(shape=[-1])}), bytes(4)),
        "dim-float": packed(compact({"w": tensor(shape=[1.0])}), bytes(4)),
        "dim-huge": packed(compact({"w": tensor("U8", [0, 2**64 - 1], 0, 0)})),
        "product-overflow": packed(
            compact({"w": tensor("F32", [4194305, 4194305, 211106198978564], 0, 16)}), bytes(16)
        ),
        "bits-overflow": packed(compact({"w": tensor("F64", [2**61], 0, 0)})),
        "half-byte": packed(compact({"w": tensor("F4", [3], 0, 2)}), bytes(2)),
        "size": packed(compact({"w": tensor(shape=[1000, 1000])}), bytes(4)),
        "offsets-one": packed('{"w":{"dtype":"U8","shape":[],"data_offsets":[0]}}', b"1"),
        "offsets-three": packed('{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1,1]}}', b"1"),
        "offsets-reversed": packed(compact({"w": tensor("U8", [4], 4, 0)}), bytes(4)),
        "gap": packed(compact({"a": tensor(), "b": tensor(begin=8, end=12)}), bytes(12)),
        "overlap": packed(compact({"a": tensor(), "b": tensor()}), bytes(4)),
        "cut": packed(compact({"w": tensor()}), bytes(3)), "trailing": packed(compact({"w": tensor()}), bytes(5)),
    }  # fmt: skip
    return seeds | {f"error-{name}": content for name, content in wrong.items()}


def config_seeds():
    transformer = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    pooling = {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
    router = {
        "name": "0", "path": "", "type": "sentence_transformers.base.modules.router.Router", "kwargs": ["task"],
    }  # fmt: skip
    text_entry = {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}
    files = {
        "modules-v2": [transformer, pooling],
        "modules-v6": [router],
        "modules-empty": [], "modules-path": [pooling | {"path": "../x"}],
        "modules-absolute": [pooling | {"path": "/etc"}], "modules-twice": [pooling, pooling], "modules-item": [1],
        "modules-type": [pooling | {"type": 1}],
        "model-v2": {"__version__": {"sentence_transformers": "2.0.0", "transformers": "4.6.1", "pytorch": "1.8.1"}},
        "model-v6": {
            "model_type": "SentenceTransformer", "__version__": {"sentence_transformers": "6.0.1"},
            "prompts": {"query": "q: ", "document": None}, "default_prompt_name": "query",
            "similarity_fn_name": "cosine", "truncate_dim": 64, "activation_fn": "torch.nn.modules.linear.Identity",
            "requirements": {"transformers": ">=5", "python": {"specifier": ">=3.10", "reason": "x"}, "torch": 1},
        },
        "model-prompts": {"prompts": {"query": 1}}, "model-dimension": {"truncate_dim": -1},
        "model-newer": {"__version__": {"sentence_transformers": "7.0"}},
        "transformer-v2": {"max_seq_length": 256, "do_lower_case": False},
        "transformer-v6": {
            "transformer_task": "feature-extraction", "modality_config": text_entry,
            "module_output_name": "token_embeddings",
            "processing_kwargs": {
                "common": {"max_length": 8}, "text": {"truncation": True, "padding": "longest"},
                "chat_template": {"x": 1},
            },
            "unpad_inputs": True, "query_length": 32, "document_length": 512,
            "query_expansion": {"strategy": "fixed", "attend": False, "token": "[MASK]", "length": 32},
        },
        "transformer-message": {
            "modality_config": {
                "message": {"method": "forward", "method_output_name": None, "format": "structured"},
                "image+text": {"method": "forward", "method_output_name": "x"}, "smell": {},
            },
            "module_output_name": "x",
        },
        "transformer-old-names": {
            "model_args": {"trust_remote_code": True}, "tokenizer_args": {"model_max_length": 77}, "config_args": {},
        },
        "transformer-no-limit": {"max_seq_length": int(1e30)}, "transformer-zero": {"max_seq_length": 0},
        "transformer-float": {"max_seq_length": 1.5}, "transformer-task": {"transformer_task": "x"},
        "transformer-unknown": {"x": 1}, "transformer-no-output": {"modality_config": text_entry},
        "transformer-entry": {"modality_config": {"text": {}}, "module_output_name": "x"},
        "transformer-option": {"processing_kwargs": {"text": {"stride": 1}}},
        "transformer-expansion": {"query_length": 1, "query_expansion": {"strategy": "min", "length": 32}},
        "json-null": None, "json-number": 1, "json-string": "a/b", "json-true": True,
    }  # fmt: skip
    seeds = {name: json.dumps(value, indent=1).encode() for name, value in files.items()}
    texts = {
        "json-empty": "", "json-open": "{", "json-deep": "[" * 200, "json-twice": '{"a":1,"a":2}',
        "json-infinite": '{"max_seq_length":1e400}', "json-surrogate": r'{"a":"\ud800"}',
        "json-nul": '{"a":"\\u0000"}', "json-bom": "\ufeff{}", "path-plain": "1_Pooling/model.safetensors",
        "path-up": "a/../../b", "path-absolute": "/a", "path-backslash": "a\\..\\b", "path-drive": "C:x",
        "path-nul": "a\0b", "path-dots": "./a/...",
    }  # fmt: skip
    seeds |= {name: text.encode() for name, text in texts.items()}
    seeds["json-not-utf8"] = b'{"prompts":{"\xff":"\xed\xa0\x80"}}'
    return seeds


def tokenizer(**changes):
    """A whole small tokenizer.json, with some blocks replaced."""
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "hello", "w", "##o", ",", "\u4e2d"]
    special = {t: {"id": t, "ids": [vocab.index(t)], "tokens": [t]} for t in ("[CLS]", "[SEP]")}
    cls, sep = ({"SpecialToken": {"id": t, "type_id": 0}} for t in special)
    first, second = ({"Sequence": {"id": i, "type_id": n}} for n, i in enumerate("AB"))
    blocks = {
        "version": "1.0",
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": None,
        "added_tokens": [added_token(4, "[MASK]")],
        "normalizer": {
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": [cls, first, sep], "pair": [cls, first, sep, second, sep],
            "special_tokens": special,
        },
        "decoder": None,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {t: i for i, t in enumerate(vocab)},
        },
    }  # fmt: skip
    blocks.update(changes)
    return compact(blocks)


def added_token(token_id, content, **flags):
    token = {"id": token_id, "content": content, "single_word": False, "lstrip": False, "rstrip": False}
    return token | {"normalized": False, "special": True} | flags


def tokenizer_json_seeds():
    model = json.loads(tokenizer())["model"]
    template = json.loads(tokenizer())["post_processor"]
    flags = [added_token(12 + i, f"t{i}", **{flag: True}) for i, flag in enumerate(("single_word", "lstrip", "rstrip"))]
    bert = {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
    sequence = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}
    cased = json.loads(tokenizer())["normalizer"] | {"lowercase": False, "strip_accents": True, "clean_text": False}
    files = {
        "whole": tokenizer(), "cased": tokenizer(normalizer=cased), "sequence": tokenizer(normalizer=sequence),
        "bare": tokenizer(normalizer=None, pre_tokenizer=None, post_processor=None, truncation=None, added_tokens=[]),
        "bert-processing": tokenizer(post_processor=bert), "flags": tokenizer(added_tokens=flags),
        "left": tokenizer(truncation={"max_length": 8, "strategy": "OnlyFirst", "stride": 9, "direction": "Left"}),
        "unknown-type": tokenizer(pre_tokenizer={"type": "ByteLevel"}), "no-model": tokenizer(model=None),
        "empty-vocab": tokenizer(model=model | {"vocab": {}}), "no-unk": tokenizer(model=model | {"unk_token": "none"}),
        "id-huge": tokenizer(model=model | {"vocab": {"a": 4294967295}}),
        "id-negative": tokenizer(model=model | {"vocab": {"a": -1}}),
        "id-twice": tokenizer(model=model | {"vocab": {"[UNK]": 1, "a": 1, "b": 1000}}),
        "template-unknown": tokenizer(post_processor=template | {"special_tokens": {}}),
        "word-length": tokenizer(model=model | {"max_input_chars_per_word": 0}),
        "twice": '{"model":1,"model":2}', "deep": "[" * 300, "open": "{", "surrogate": r'{"model":"\ud800"}',
    }  # fmt: skip
    return {name: text.encode() for name, text in files.items()}


def tokenizer_text_seeds():
    texts = {
        "empty": b"", "plain": b"the unable, e.", "mask": b"a[MASK]e", "accents": "\u00c9e\u0301\u0327".encode(),
        "scripts": "\u4e2d\u6587 \u0420\u0443\u0441 \u05d0\u0301 \ud55c\uae00 \U0001f600\u200d\U0001f680".encode(),
        "not-utf8": b"\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xff", "controls": bytes(range(33)), "long": b"e" * 500,
        "marks": "e".encode() + "\u0301\u0323".encode() * 100, "blanks": "\u00a0\u2003\u3000\u200b\ufeff".encode(),
    }  # fmt: skip
    return texts


def varint(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def number_field(number, value):
    return varint(number << 3) + varint(value)


def bytes_field(number, value):
    value = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def piece(text, score=-1.0, kind=1):
    fields = bytes_field(1, text) + varint(2 << 3 | 5) + struct.pack("<f", score) + number_field(3, kind)
    return bytes_field(1, fields)


def sentencepiece_seeds():
    """The first byte is the class (sentencepiece_fuzzer.cpp), the rest a ModelProto."""
    special = [piece(t, 0.0, kind) for t, kind in (("<unk>", 2), ("<s>", 3), ("</s>", 3), ("[CLS]", 3), ("[SEP]", 3))]
    words = [piece(t, -float(i)) for i, t in enumerate(["\u2581", "a", "b", "\u2581a", "ab", "\u2581ab", "\u00e9"], 2)]
    user, byte = piece("<sep>", 0.0, 4), [piece(f"<0x{b:02X}>", 0.0, 6) for b in (0x41, 0xC3, 0xA9)]
    small = b"".join(special + words + [user] + byte)
    unigram, bpe = (bytes_field(2, number_field(3, kind) + number_field(35, kind - 1)) for kind in (1, 2))
    # A table of one rule: the trie's array and, behind it, the replacement strings.
    trie = struct.pack("<4I", 0x400, 0, 0, 0)
    table = bytes_field(3, bytes_field(2, struct.pack("<I", len(trie)) + trie + b"x\0"))
    files = {
        "empty": b"", "no-pieces": unigram, "unigram": small + unigram, "bpe": small + bpe,
        "table": small + unigram + table, "table-size": small + bytes_field(3, bytes_field(2, b"\xff\xff\xff\xff")),
        "table-short": small + bytes_field(3, bytes_field(2, b"\1")), "not-utf8": small + piece(b"\xff"),
        "empty-piece": small + piece(""), "nan": small + piece("n", float("nan")), "twice": small + small,
        "long-piece": small + piece("ab" * 200) + bpe, "unk-id": small + bytes_field(2, number_field(40, 2**31)),
        "type": small + piece("x", 0.0, 99), "unknown": number_field(99, 1) + small + varint(5 << 3 | 1) + bytes(8),
        "group": small + varint(5 << 3 | 3), "length": small + varint(1 << 3 | 2) + varint(2**63), "cut": small[:-3],
        "varint": small + b"\xff" * 11, "sentinel": small + piece("<extra_id_0>", 0.0, 4), "spaces": small + piece("  "),
    }  # fmt: skip
    seeds = {f"unigram-class-{i}": bytes([i]) + files["unigram"] for i in range(8)}
    seeds |= {f"bpe-class-{i}": bytes([i]) + files["bpe"] for i in (5, 6, 7)}
    seeds |= {name: bytes([i % 8]) + content for i, (name, content) in enumerate(files.items())}
    return seeds


# Pickles and archives as torch.save writes them, written out by hand so that this script needs no torch.
def pickle_text(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def pickle_tuple(values):
    return b"(" + b"".join(b"J" + struct.pack("<i", v) for v in values) + b"t"


def pickle_storage(kind="FloatStorage", count=4, key="0", extra=b""):
    fields = pickle_text("storage") + b"ctorch\n" + kind.encode() + b"\n" + pickle_text(key) + pickle_text("cpu")
    return b"(" + fields + b"J" + struct.pack("<i", count) + extra + b"tQ"


def pickle_tensor(offset=0, shape=(4,), stride=(1,), storage=None, function="torch._utils\n_rebuild_tensor_v2"):
    arguments = (storage or pickle_storage()) + b"J" + struct.pack("<i", offset)
    arguments += pickle_tuple(shape) + pickle_tuple(stride) + b"\x89ccollections\nOrderedDict\n)R"
    return b"c" + function.encode() + b"\n(" + arguments + b"tR"


def pickle_dict(**entries):
    return b"\x80\x02}(" + b"".join(pickle_text(k) + v for k, v in entries.items()) + b"u."


def torch_zip(pickled, *, storage=bytes(16), more=()):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entries = [("m/data.pkl", pickled), ("m/byteorder", b"little"), ("m/data/0", storage), *more]
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def torch_legacy(pickled, keys=("0",), storages=struct.pack("<Q", 4) + bytes(16)):
    magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
    head = magic + b"\x80\x02M\xe9\x03." + pickle_dict(little_endian=b"\x88")
    return head + pickled + b"\x80\x02](" + b"".join(map(pickle_text, keys)) + b"e." + storages


def pytorch_file_seeds():
    plain = pickle_dict(w=pickle_tensor())
    view = pickle_storage(extra=pickle_text("v") + b"K\x01K\x02\x87")
    parameter = b"ctorch._utils\n_rebuild_parameter\n(" + pickle_tensor() + b"\x88ccollections\nOrderedDict\n)RtR"
    untyped = pickle_storage("UntypedStorage", 16).replace(b"ctorch\n", b"ctorch.storage\n")
    v3 = pickle_tensor(shape=(8,), storage=untyped, function="torch._utils\n_rebuild_tensor_v3")
    v3 = v3[:-2] + b"ctorch\nuint16\ntR"
    call = b"cos\nsystem\n" + pickle_text("x") + b"\x85R"
    seeds = {
        "zip": torch_zip(plain), "legacy": torch_legacy(plain), "empty": torch_zip(pickle_dict()),
        "strided": torch_zip(pickle_dict(w=pickle_tensor(shape=(2, 2), stride=(1, 2)))),
        "slice": torch_zip(pickle_dict(w=pickle_tensor(offset=1, shape=(2,), stride=(2,)))),
        "repeated": torch_zip(pickle_dict(w=pickle_tensor(shape=(3, 4), stride=(0, 1)))),
        "scalar": torch_zip(pickle_dict(w=pickle_tensor(shape=(), stride=()))),
        "no-elements": torch_zip(pickle_dict(w=pickle_tensor(shape=(0, 3), stride=(3, 1)))),
        "tied": torch_zip(pickle_dict(v=pickle_tensor(), w=pickle_tensor())),
        "parameter": torch_zip(pickle_dict(w=parameter)), "v3": torch_zip(pickle_dict(w=v3)),
        "half": torch_zip(pickle_dict(w=pickle_tensor(shape=(8,), storage=pickle_storage("HalfStorage", 8)))),
        "legacy-view": torch_legacy(pickle_dict(w=pickle_tensor(shape=(2,), storage=view))),
        "others": torch_zip(pickle_dict(
            w=pickle_tensor(), a=b"K\x01", b=b"N", c=b"\x88", d=b"G" + bytes(8), e=b"](K\x01]e", f=b"}", g=b"\x8f",
            h=b"ctorch\nSize\n)\x85R", i=b"\x8a\x09" + bytes(9), j=b"ctorch\nfloat32\n",
        )),
        "attributes": torch_zip(b"\x80\x02ccollections\nOrderedDict\n)Rq\x00}X\1\0\0\0ah\0sb."),
        "pairs": torch_zip(b"\x80\x02ccollections\nOrderedDict\n](](U\1w" + pickle_tensor() + b"ee\x85R."),
        "protocol-4": torch_zip(b"\x80\x04\x95" + bytes(8) + b"}\x94\x8c\1w" + pickle_tensor() + b"s."),
        "itself": torch_zip(b"\x80\x02}q\x00X\1\0\0\0ah\0s."),
    }  # fmt: skip
    wrong = {
        "nothing": b"", "text": b"version https", "tar": bytes(257) + b"ustar" + bytes(250), "magic": b"\x80\x02K\1.",
        "system": torch_zip(pickle_dict(w=call)), "system-legacy": torch_legacy(pickle_dict(w=call)),
        "stack-global": torch_zip(b"\x80\x04\x8c\x02os\x8c\x06system\x93."),
        "inst": torch_zip(b"\x80\x02(ios\nsystem\n."),
        "newobj": torch_zip(b"\x80\x02ctorch\nSize\n)\x81."), "build": torch_zip(b"\x80\x02ctorch\nSize\n)R}b."),
        "setitem": torch_zip(b"\x80\x02]NNs."), "marks": torch_zip(b"\x80\x02" + b"(" * 1100),
        "tuples": torch_zip(b"\x80\x02)" + b"\x85" * 1100 + b"."), "memo": torch_zip(b"\x80\x02)r\xff\xff\xff\xff."),
        "open": torch_zip(b"\x80\x02}("), "twice": torch_zip(pickle_dict(w=b"N")[:-2] + b"X\1\0\0\0wNu."),
        "storage": torch_zip(pickle_dict(w=pickle_tensor(storage=pickle_storage(count=5)))),
        "shape": torch_zip(pickle_dict(w=pickle_tensor(shape=(5,)))),
        "negative": torch_zip(pickle_dict(w=pickle_tensor(offset=-1))),
        "terabytes": torch_zip(pickle_dict(w=pickle_tensor(shape=(2**30, 2**30), stride=(0, 0)))),
        "missing": torch_zip(pickle_dict(w=pickle_tensor(storage=pickle_storage(key="1")))),
        "deflated": torch_zip(plain).replace(b"PK\1\2\x14\3\x14\0\0\0\0", b"PK\1\2\x14\3\x14\0\0\0\x08"),
        "up": torch_zip(plain, more=[("../x", b"x")]),
        "script": torch_zip(plain, more=[("m/constants.pkl", b"")]), "appended": torch_zip(plain) + b"x",
        "cut": torch_zip(plain)[:-30], "cut-legacy": torch_legacy(plain)[:-3], "no-keys": torch_legacy(plain, keys=()),
        "other-key": torch_legacy(plain, keys=("1",)), "count": torch_legacy(plain, storages=struct.pack("<Q", 5)),
    }  # fmt: skip
    return seeds | {f"error-{name}": content for name, content in wrong.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    corpus = Path(__file__).resolve().parent.parent / "fuzz" / "corpus"
    different = 0
    surfaces = {
        "safetensors": safetensors_seeds(), "config": config_seeds(), "tokenizer_json": tokenizer_json_seeds(),
        "tokenizer_text": tokenizer_text_seeds(), "sentencepiece": sentencepiece_seeds(),
        "pytorch_file": pytorch_file_seeds(),
    }  # fmt: skip
    for surface, seeds in surfaces.items():
        folder = corpus / surface
        folder.mkdir(parents=True, exist_ok=True)
        stale = {p.name for p in folder.iterdir() if not p.name.startswith("found-")} - set(seeds)
        for name, content in seeds.items():
            assert len(content) < MAX_BYTES, name
            path = folder / name
            if path.exists() and path.read_bytes() == content:
                continue
            different += 1
            if not check:
                path.write_bytes(content)
        for name in stale:
            different += 1
            if not check:
                (folder / name).unlink()
    print(f"{different} files {'differ' if check else 'written or removed'}")
    sys.exit(1 if check and different else 0)


if __name__ == "__main__":
    main()
