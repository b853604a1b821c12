#!/usr/bin/env python3
"""Writes component_goldens.json: what each normalizer and pre-tokenizer of Hugging Face `tokenizers` makes of texts.

Usage: make_component_goldens.py   (needs `pip install tokenizers`)
"""

import base64
import json
import pathlib
import struct

import tokenizers
from tokenizers import Tokenizer, models

TEXTS = [
    "Hello world", " two  spaces ", "don't I'LL we'Ve 'sure 's's", "12345 67", "a,b.c!!  d--e", "the-final--countdown",
    "line\r\n\r\n  next\n", "\t\ttab ", "Caf\u00e9 \u00c9cole e\u0301\u0323 \u1e69", "\uff11\uff12 \u0663 \u00b2\u00bd \u2167 \u3256",
    "ABCdefGHIj \u4e2d\u6587ABCd", "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c \u30ab\u30bf\u30ab\u30ca\u30fc",
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \u0395\u03bb\u03bb", "\u1112\u1161\u11ab \ud55c\uae00 \u1100\u1161\u11a7",
    "\u0915\u094d\u0937\u093f \u0e20\u0e32\u0e29\u0e32", "\U0001f468\u200d\U0001f469 \U0001f1e9\U0001f1ea \u2764\ufe0f",
    "\u2581a \u2581\u2581b", "a\x00b\x01c\ufeffd\u200be\u3000f\u00a0g", "\u2026\u338f\u2460\ufb01\ufdfa", "\u0301 \u0301A",
    "\u0344\u0f73\u0323", "\u0130I\u0131i \u1e9e\u00df \u01c5a", "http://a.b/c//d_e", "$1 + #2 = (3) \u20ac\u00a5", "ab abab aab",
    "\u10d4 \u0561 \u1c89 \U0001e5d0 \U00010d50 \U0002ebf0", "x", " ", "\n\n", "\u0938\u094d\u200d\u0924 ka\u0303",
]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN2 = CL100K.replace("{1,3}", "")
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?")
O200K = CASED + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
WITH_MARKS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
              r"|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
            r"|\s*[\r\n]+|\s+(?!\S)|\s+")
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
OTHER_REGEXES = [r"\w+|[^\w\s]+", r"\b", r"\B", r"[\W\d]+", r"[[:alpha:]]+", r"[[:punct:]]", r"[[:^word:]]+", r"\p{^L}+", r"\P{L}+",
                 r"[\p{Han}\p{Hiragana}]+", r"\p{Garay}+", r"(?i)\p{Lu}+", r"(?W)\w+", r"(?i:\u00df|ss)", r"\p{Cn}+",
                 r"[]a]+", r"(?#[)a+", r"(\w)\1", r"\p{Posix_Punct}+", r"x*", r"a|", r"(?<=a)b|$", r"(?=b)",
                 r" ?[^(\s|[.,!?\u2026\u3002])]+", r"[\u4e00-\u9fa5\u3040-\u309f]+"]


def charsmap(rules):
    """A precompiled_charsmap with the rules {key: replacement}: a double-array trie, one block of 256 units a node."""
    children, replacements, values = {b"": {}}, b"", {}
    for key, replacement in rules.items():
        key = key.encode()
        for i in range(len(key)):
            children.setdefault(key[:i], {})[key[i]] = key[:i + 1]
            children.setdefault(key[:i + 1], {})
        values[key] = len(replacements)
        replacements += replacement.encode() + b"\0"
    block = {node: 256 * (i + 1) for i, node in enumerate(children)}
    units = [0] * (256 * (len(children) + 1))
    place = {b"": 0}  # of a node's own unit
    for node in children:
        for byte, child in children[node].items():
            place[child] = block[node] ^ byte
    for node in children:
        label = node[-1] if node else 0
        units[place[node]] = label | (0x100 if node in values else 0) | (place[node] ^ block[node]) << 10
        if node in values:
            units[block[node]] = values[node] | 1 << 31
    data = struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + replacements
    return base64.b64encode(data).decode()


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def metaspace(**options):
    return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True, **options}


def byte_level(add_prefix_space, use_regex):
    return {"type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": True, "use_regex": use_regex}


def replace(kind, pattern, content):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def sequence(*pre_tokenizers):
    return {"type": "Sequence", "pretokenizers": list(pre_tokenizers)}


RULES = {"\u2460": "1", "\u338f": "kg", "e\u0301": "\u00e9", "\u0301": "", "\x01": "", "\ufb01": "fi", "\r\n": " ", "ab": "AB", "\u3000": " ",
         "\ufdfa": "a rather long replacement", "\u0938": "s", "k": "q", "\u2026": "..."}

NORMALIZERS = [{"type": name} for name in "NFC NFD NFKC NFKD StripAccents Nmt ByteLevel Lowercase".split()] + [
    {"type": "Strip", "strip_left": left, "strip_right": right} for left in (True, False) for right in (True, False)] + [
    {"type": "Prepend", "prepend": "\u2581"}, {"type": "Precompiled", "precompiled_charsmap": charsmap(RULES)},
    replace("String", " ", "\u2581"), replace("String", "", "-"), replace("String", "a.b", ""), replace("Regex", r"\s+", " "),
    replace("Regex", "x*", "-"), replace("Regex", "(?<=a)b|$", "<>"),
    {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "StripAccents"}]}]

PRE_TOKENIZERS = [{"type": name} for name in "BertPreTokenizer Whitespace WhitespaceSplit UnicodeScripts FixedLength".split()] + [
    {"type": "Digits", "individual_digits": True}, {"type": "Digits", "individual_digits": False},
    {"type": "CharDelimiterSplit", "delimiter": "a"}, {"type": "CharDelimiterSplit", "delimiter": "\u2581"},
    {"type": "FixedLength", "length": 3}] + [{"type": "Punctuation", "behavior": b} for b in BEHAVIORS] + [
    byte_level(prefix, regex) for prefix in (True, False) for regex in (True, False)] + [
    split(regex) for regex in (GPT2, CL100K, QWEN2, O200K, WITH_MARKS, DEEPSEEK, CLIP, *OTHER_REGEXES)] + [
    split("ab", b, invert, "String") for b in BEHAVIORS for invert in (False, True)] + [
    split(r"\s|a*", b, invert) for b in BEHAVIORS for invert in (False, True)] + [
    split("", "Isolated", False, "String"), split(CLIP, "Removed", True), split(GPT2, "MergedWithNext", True)] + [
    metaspace(), metaspace(prepend_scheme="first"), metaspace(prepend_scheme="never"), metaspace(split=False),
    {"type": "Metaspace", "replacement": "_", "str_rep": "_", "add_prefix_space": True},
    {"type": "Metaspace", "replacement": "_", "add_prefix_space": False, "prepend_scheme": "never"},
    sequence(split(CL100K), byte_level(False, False)),
    sequence({"type": "Punctuation", "behavior": "Contiguous"}, byte_level(False, True), split("[0-9][0-9][0-9]")),
    sequence({"type": "WhitespaceSplit"}, metaspace(prepend_scheme="first")),
    sequence({"type": "UnicodeScripts"}, metaspace(prepend_scheme="first")),
    sequence(metaspace(prepend_scheme="first", split=False), {"type": "FixedLength", "length": 1},
             metaspace(prepend_scheme="first", replacement="x"))]


def tokenizer_with(block, component):
    document = json.loads(Tokenizer(models.WordLevel({"?": 0}, unk_token="?")).to_str())
    document[block] = component
    return Tokenizer.from_str(json.dumps(document))


def words_of(tokenizer, text):
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]


def main():
    cases = []
    for component in NORMALIZERS:
        tokenizer = tokenizer_with("normalizer", component)
        cases.append({"normalizer": component, "results": [tokenizer.normalizer.normalize_str(text) for text in TEXTS]})
    for component in PRE_TOKENIZERS:
        tokenizer = tokenizer_with("pre_tokenizer", component)
        cases.append({"pre_tokenizer": component, "results": [words_of(tokenizer, text) for text in TEXTS]})
    lines = ",\n".join(json.dumps(case) for case in cases)
    file = pathlib.Path(__file__).resolve().parent / "component_goldens.json"
    made_by = f"{pathlib.Path(__file__).name}, tokenizers {tokenizers.__version__}"
    file.write_text(f'{{"made_by": {json.dumps(made_by)},\n"texts": {json.dumps(TEXTS)},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
