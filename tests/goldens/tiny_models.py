"""Tiny random-weight BERT Sentence Transformer folders, made by the real library, for goldens and for the parity test.

A folder is described by a `Spec` and written by `build_folder(spec, path)`. The layouts are those that Sentence
Transformers has written over the years (format v2 to v6) and plain transformers folders without `modules.json`.
`nasty_texts()` and `text_pairs()` are the inputs that every folder is tried with.

Everything is a function of the seeds: building twice gives the same bytes.
"""
from __future__ import annotations

import json
import logging
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Dense, Dropout, LayerNorm, Normalize, Pooling
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, BertModel

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
logging.getLogger("sentence_transformers").setLevel(logging.ERROR)

POOLING_MODES = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
LEGACY_FLAGS = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


# ---------------------------------------------------------------------------------------------------------------- texts
def nasty_texts() -> list[str]:
    """What users, crawlers and attackers send; ASCII source, so unusual characters are escapes."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    return [
        "The weather is lovely today.",
        "It's so sunny outside!",
        "He drove to the stadium.",
        "",
        " ",
        "\t\n\r  \u00a0\u3000",
        "\x00",
        "a\x00b \x01\x02\x1f\x7f\x80\x9f c",
        "x" * 5000,
        "supercalifragilistic " + "y" * 100 + " " + "z" * 101,
        "the quick brown fox jumps over the lazy dog " * 60,
        "word " * 47,
        "a" + " b" * 200,
        family + " family, flag \U0001f1eb\U0001f1f7, skin \U0001f44d\U0001f3fd, keycap 1\ufe0f\u20e3, heart \u2764\ufe0f",
        "\U0001f600\U0001f601\U0001f602 emoji\U0001f680glued",
        "Fran\u00e7ois na\u00efvely \u00e9t\u00e9 \u00e0 Z\u00fcrich, \u00c5ngstr\u00f6m \u0141\u00f3d\u017a \u00d8rsted",
        "e\u0301 cole\u0301 n\u0303 A\u030a \u1e9b\u0323 \u01d6 \u1ed9",
        "\u0301\u0302\u0303",
        "a" + "\u0301" * 300 + "b",
        "\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430? \u0401\u0436\u0438\u043a \u0419\u043e\u0434",
        "\u0391\u03b8\u03ae\u03bd\u03b1 \u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",
        "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd \u05e2\u05d5\u05dc\u05dd",
        "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u064e\u0644\u064e\u064a\u0652\u0643\u064f\u0645 \u0661\u0662\u0663",
        "\u202eabc\u202c \u2067def\u2069 \u200fghi\u200e \u061cjkl",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
        "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0 \u0532\u0561\u0580\u0587 \u1a00\u1a01",
        "\u4eca\u5929\u5929\u6c14\u5f88\u597d\uff0c\u6211\u4eec\u53bb\u516c\u56ed\u3002",
        "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3059\u3002\u30c6\u30b9\u30c8\uff76\uff9e",
        "\uc548\ub155\ud558\uc138\uc694 \uc138\uacc4 \u1112\u1161\u11ab",
        "mixed\u4e2d\u6587and\u0440\u0443\u0441\u0441\u043a\u0438\u0439text",
        "\U00020000\U0002a700\uf900\U0002f800 rare han",
        "\ue000\uf8ff\U000f0000 private use",
        "\ufffd replacement \ufffe\uffff nonchars \ufdd0",
        "zero\u200bwidth\u200cjoin\u200der\ufeffbom\u00adhyphen\u2060word",
        "\ufeffleading byte order mark",
        "[MASK]",
        "Paris is the [MASK] of France.",
        "[CLS] [SEP] [PAD] [UNK] x[MASK]y [mask] [ MASK ]",
        "[a, b]",
        "[\"a\", \"b\"]",
        "{\"text\": \"json\"}",
        "-5 degrees",
        "--help",
        "don't can't I'll it's O'Neill's",
        "3.14159, 1,000,000 and 1e-5; 50% of $20 = #10 @home",
        "http://example.org/path?q=1&r=%20#frag user@mail.example",
        "snake_case camelCase kebab-case C++ C# .NET a/b\\c `code` ~x^2",
        "UPPER lower MiXeD \u0130stanbul I\u0307 \u1e9e \ufb01 \u01c4",
        "\uff28\uff45\uff4c\uff4c\uff4f full width \u2160\u2161 \u00bd \u2122 \u00b2",
        "\u201cquotes\u201d \u2018single\u2019 \u2014 dash \u2026 ellipsis \u00ab\u00bb \u00bf\u00a1",
        "math \u2200x\u2208\u211d: \u221ax\u2265\u22121 \u222b \u2202 \U0001d4d0\U0001d4d1",
        "\u20ac100 \u00a350 \u00a51000 \u20b9 \u20bf +<=>|",
        "line one\nline two\r\nline three\u2028line four\u2029end",
        "tab\tseparated\tvalues",
        "trailing spaces   ",
        "   leading spaces",
        "a  b   c    d",
        "A",
        ".",
        "!!!???...---",
        "the the the the the the the the",
        "unaffable playing walked runner happily",
        "new token <tag> and <TAG> and Special Word here, special word there",
        "The Red Planet, Mars, is named after the Roman god of war.",
        "Which planet is known as the Red Planet?",
    ]


def few_indices(texts: list[str]) -> list[int]:
    """A dozen of the nasty texts for the cases that need not see all of them."""
    wanted = [0, 1, 2, 3, 10, 15, 19, 27, 37, 46, len(texts) - 2, len(texts) - 1]
    return wanted


def text_pairs() -> list[tuple[str, str]]:
    return [
        ("Which planet is known as the Red Planet?", "Mars is named after the Roman god of war."),
        ("", ""),
        ("a", ""),
        ("", "b"),
        ("the quick brown fox " * 40, "short"),
        ("short", "the lazy dog jumps " * 40),
        ("left side " * 40, "right side " * 40),
        ("one two three four five six seven eight nine ten eleven twelve " * 2, "the other " * 60),
        ("the other " * 60, "one two three four five six seven eight nine ten eleven twelve " * 2),
        ("[SEP]", "[MASK] \u4e2d\u6587"),
        ("Fran\u00e7ois", "\u041f\u0440\u0438\u0432\u0435\u0442"),
    ]


# ----------------------------------------------------------------------------------------------------------- vocabulary
WORDS = """the of and to in is for on it he she we you they was are be with as at this that from by not or
weather lovely today sunny outside drove stadium red planet mars named after roman god war which known
quick brown fox jump over lazy dog word one two three left right side other new token short query passage document
represent sentence text is so his her play walk run happy un aff able super cali fragil istic Paris France The He It's""".split()
SUFFIXES = """##s ##ed ##ing ##er ##ly ##ner ##ily ##py ##able ##aff ##tion ##al ##ous ##est ##ght ##th ##st ##ar ##on
##um ##ium ##et ##en ##ck ##own ##azy ##fragil ##istic ##cali ##y ##ve ##ther ##dium""".split()


def _letters(start: int, end: int) -> list[str]:
    return [chr(c) for c in range(start, end)]


def make_vocab(rng: random.Random, lowercase: bool, size: int, specials_at: str) -> list[str]:
    """All printable ASCII, '##' letters and digits, words and suffixes, then a random choice of other scripts."""
    ascii_chars = _letters(0x21, 0x7F)
    pieces = [c for c in ascii_chars if c.isalnum() and not (lowercase and c.isupper())]
    base = ascii_chars + ["##" + c for c in pieces]
    words = [w.lower() if lowercase else w for w in WORDS]
    accents = list("\u00e9\u00e0\u00e7\u00fc\u00f6\u00f1\u00e5\u00ef\u0142\u00f8\u00c9\u00c5\u00dc\u0301\u0303\u0327\u00df")
    cyrillic = _letters(0x430, 0x450) + ["\u0451", "\u0401", "\u041f", "\u0419"]
    greek = _letters(0x3B1, 0x3CA) + ["\u03ae", "\u03cc", "\u0391", "\u03a3"]
    kana = list("\u306f\u306e\u3067\u3059\u30c6\u30b9\u30c8\u30ab\u304b\uff76")
    hangul = list("\uc548\ub155\uc138\uacc4") + _letters(0x1100, 0x1113) + _letters(0x1161, 0x1170) + list("\u11ab\u11bc\u11a8")
    semitic = list("\u05e9\u05dc\u05d5\u05dd\u05e2\u0627\u0644\u0633\u0645\u0639\u064a\u0643\u0661")
    indic_thai = list("\u0928\u092e\u0938\u0924\u094d\u0947\u0e2a\u0e27\u0e14\u0e0a\u0e32\u0e42\u0e25\u0e01")
    glued = accents + cyrillic + greek + kana + hangul + semitic + indic_thai
    alone = list("\u4eca\u5929\u6c14\u597d\u6211\u53bb\u516c\u56ed\u6771\u4eac\u65e5\u672c\u9996\u90fd\u4e2d\u6587\U00020000")
    alone += list("\uff0c\u3002\u201c\u201d\u2019\u2014\u2026\u20ac\u00a3\u00bd\u2122\u2200\u221a\U0001f600\U0001f468\u2764\ufffd")
    exotic = alone + glued + ["##" + c for c in glued]
    entries = list(dict.fromkeys(base + words + SUFFIXES))
    exotic = [e for e in dict.fromkeys(exotic) if e not in set(entries)]
    rng.shuffle(exotic)
    entries += exotic[: max(0, size - len(entries) - len(SPECIALS))]
    rng.shuffle(entries)
    specials = list(SPECIALS)
    if specials_at == "first":
        return specials + entries
    if specials_at == "bert":  # [PAD] first, the others behind some unused entries, as in bert-base-uncased
        unused = [f"[unused{i}]" for i in range(6)]
        return ["[PAD]"] + unused + specials[1:] + entries
    return entries + specials[1:] + ["[PAD]"]


# ----------------------------------------------------------------------------------------------------------------- spec
@dataclass
class Spec:
    """One folder. Defaults give an uncased mean-pooling model in the v2 layout of all-MiniLM-L6-v2."""

    name: str
    seed: int
    layout: str = "v2"  # v2 | v3 | v5 | v6 | plain (BertModel, no modules.json) | mlm (BertForMaskedLM, no modules.json)
    # transformer
    hidden: int = 32
    layers: int = 2
    heads: int = 4
    intermediate: int = 64
    act: str = "gelu"
    type_vocab_size: int = 2
    max_positions: int = 64
    layer_norm_eps: float = 1e-12
    dtype: str = "float32"  # of the stored weights; the reference runs in float32
    shard_bytes: int = 0  # > 0: model-0000x-of-0000y.safetensors with an index
    gamma_beta: bool = False  # LayerNorm.gamma / LayerNorm.beta as in TensorFlow conversions
    pooler: bool = True
    position_ids: bool = False  # the embeddings.position_ids buffer that transformers 4 saved
    # tokenizer
    lowercase: bool = True
    strip_accents: bool | None = None
    chinese_chars: bool = True
    vocab_size: int = 420
    specials_at: str = "first"  # first | bert | last
    tokenizer_files: str = "json"  # json | vocab | both
    tokenizer_class: str = "BertTokenizer"
    added_tokens: bool = False
    stored_truncation: int | None = 128
    model_max_length: int | None = 512
    max_seq_length: int | None = 48  # of sentence_bert_config.json; None: the key is absent
    do_lower_case: bool = False
    # modules
    pooling: tuple[str, ...] = ("mean",)
    include_prompt: bool = True
    after: tuple[dict, ...] = ()  # {"kind": "dense" | "layernorm" | "dropout" | "normalize", ...}
    transformer_path: str = ""  # "0_Transformer" in the oldest folders
    # config_sentence_transformers.json
    prompts: dict | None = None
    default_prompt_name: str | None = None
    similarity: str | None = None
    truncate_dim: int | None = None

    @property
    def plain(self) -> bool:
        return self.layout in ("plain", "mlm")


def _write_json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


# -------------------------------------------------------------------------------------------------------------- weights
def _randomise(module: torch.nn.Module, generator: torch.Generator) -> None:
    """Weights large enough that attention, activations and norms all matter to the result."""
    for name, p in module.named_parameters():
        with torch.no_grad():
            if "LayerNorm.weight" in name or name.endswith("norm.weight"):
                p.uniform_(0.6, 1.4, generator=generator)
            elif p.dim() == 1:
                p.normal_(0.0, 0.2, generator=generator)
            elif "embeddings" in name:
                p.normal_(0.0, 0.7, generator=generator)
            else:
                p.normal_(0.0, 1.2 / p.shape[1] ** 0.5, generator=generator)


def _bert_config(spec: Spec, vocab: list[str]) -> BertConfig:
    return BertConfig(
        vocab_size=len(vocab),
        hidden_size=spec.hidden,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=spec.intermediate,
        hidden_act=spec.act,
        type_vocab_size=spec.type_vocab_size,
        max_position_embeddings=spec.max_positions,
        layer_norm_eps=spec.layer_norm_eps,
        pad_token_id=vocab.index("[PAD]"),
    )


def _save_transformer(spec: Spec, vocab: list[str], folder: Path) -> None:
    generator = torch.Generator().manual_seed(spec.seed)
    model = (BertForMaskedLM if spec.layout == "mlm" else BertModel)(_bert_config(spec, vocab))
    _randomise(model, generator)
    model = model.to(getattr(torch, spec.dtype)).eval()
    model.save_pretrained(folder, max_shard_size=spec.shard_bytes or "5GB")
    weights = folder / "model.safetensors"
    if spec.gamma_beta or not spec.pooler or spec.position_ids:
        if spec.shard_bytes:
            raise ValueError("renamed tensors and shards together are not supported here")
        tensors = load_file(weights)
        if spec.gamma_beta:
            old = lambda k: k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
            tensors = {old(k): v for k, v in tensors.items()}
        if not spec.pooler:
            tensors = {k: v for k, v in tensors.items() if not k.startswith("pooler.")}
        if spec.position_ids:
            tensors["embeddings.position_ids"] = torch.arange(spec.max_positions)[None]
        save_file(tensors, weights, metadata={"format": "pt"})


# ------------------------------------------------------------------------------------------------------------ tokenizer
def _save_tokenizer(spec: Spec, vocab: list[str], folder: Path) -> None:
    ids = {token: i for i, token in enumerate(vocab)}
    config = {
        "do_lower_case": spec.lowercase,
        "strip_accents": spec.strip_accents,
        "tokenize_chinese_chars": spec.chinese_chars,
        "tokenizer_class": spec.tokenizer_class,
        **dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIALS)),
    }
    if spec.model_max_length is not None:
        config["model_max_length"] = spec.model_max_length
    _write_json(folder / "tokenizer_config.json", config)
    if spec.tokenizer_files in ("vocab", "both"):
        (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    if spec.tokenizer_files == "vocab":
        return
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=spec.chinese_chars,
        strip_accents=spec.strip_accents,
        lowercase=spec.lowercase,
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    tokenizer.add_special_tokens(list(SPECIALS))
    if spec.added_tokens:
        tokenizer.add_tokens(_added_tokens())
    if spec.stored_truncation:
        tokenizer.enable_truncation(spec.stored_truncation)
        tokenizer.enable_padding(length=spec.stored_truncation, pad_id=ids["[PAD]"])
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _added_tokens() -> list[AddedToken]:
    return [
        AddedToken("<tag>", normalized=False, lstrip=True),
        AddedToken("Special Word", normalized=True, single_word=True, rstrip=True),
    ]


# -------------------------------------------------------------------------------------------------------------- modules
ACTIVATIONS = {"tanh": torch.nn.Tanh, "identity": torch.nn.Identity, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU,
               "sigmoid": torch.nn.Sigmoid, "silu": torch.nn.SiLU}


def _after_modules(spec: Spec) -> list:
    """The modules behind the pooling, with random weights."""
    generator = torch.Generator().manual_seed(spec.seed + 1)
    width = spec.hidden * len(spec.pooling)
    made = []
    for item in spec.after:
        kind = item["kind"]
        if kind == "dense":
            module = Dense(
                width,
                item["out"],
                bias=item.get("bias", True),
                activation_function=ACTIVATIONS[item.get("act", "tanh")](),
                use_residual=item.get("residual", False),
            )
            width = item["out"]
        elif kind == "layernorm":
            module = LayerNorm(width)
        elif kind == "dropout":
            module = Dropout(0.3)
        else:
            module = Normalize()
        _randomise(module, generator)
        made.append(module.to(getattr(torch, spec.dtype)))
    return made


def _module_dir(index: int, module) -> str:
    return f"{index}_{type(module).__name__}"


def _save_old_layout(spec: Spec, folder: Path) -> None:
    """`modules.json` and its folders as versions 2, 3 and 5 wrote them."""
    old = "sentence_transformers.models."
    entries = [(spec.transformer_path, "Transformer"), ("1_Pooling", "Pooling")]
    pooling = {"word_embedding_dimension": spec.hidden}
    known = POOLING_MODES if spec.layout != "v2" or set(spec.pooling) - set(POOLING_MODES[:4]) else POOLING_MODES[:4]
    pooling |= {flag: mode in spec.pooling for mode, flag in LEGACY_FLAGS.items() if mode in known}
    if spec.layout != "v2":
        pooling["include_prompt"] = spec.include_prompt
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    for i, module in enumerate(_after_modules(spec), start=2):
        path = folder / _module_dir(i, module)
        entries.append((path.name, type(module).__name__))
        if isinstance(module, Normalize):
            continue  # wrote no file then, and empty folders do not survive git
        path.mkdir(parents=True)
        module.save(str(path))
    _write_json(
        folder / "modules.json",
        [{"idx": i, "name": str(i), "path": p, "type": old + t} for i, (p, t) in enumerate(entries)],
    )
    sentence_bert = {"do_lower_case": spec.do_lower_case}
    if spec.max_seq_length is not None:
        sentence_bert = {"max_seq_length": spec.max_seq_length} | sentence_bert
    _write_json(folder / spec.transformer_path / "sentence_bert_config.json", sentence_bert)
    versions = {"v2": "2.0.0", "v3": "3.0.1", "v5": "5.1.0"}
    config = {"__version__": {"sentence_transformers": versions[spec.layout], "transformers": "4.6.1", "pytorch": "1.8.1"}}
    if spec.layout == "v5":
        config["model_type"] = "SentenceTransformer"
    if spec.layout != "v2":
        config |= {
            "prompts": spec.prompts or {},
            "default_prompt_name": spec.default_prompt_name,
            "similarity_fn_name": spec.similarity,
        }
        if spec.truncate_dim is not None:
            config["truncate_dim"] = spec.truncate_dim
    _write_json(folder / "config_sentence_transformers.json", config)


def _save_today(spec: Spec, plain_folder: Path, folder: Path) -> None:
    """The library itself saves the folder (format v6)."""
    kwargs = {} if spec.max_seq_length is None else {"max_seq_length": spec.max_seq_length}
    transformer = Transformer(str(plain_folder), model_kwargs={"dtype": getattr(torch, spec.dtype)},
                              do_lower_case=spec.do_lower_case, **kwargs)
    pooling = Pooling(spec.hidden, spec.pooling, include_prompt=spec.include_prompt)
    model = SentenceTransformer(
        modules=[transformer, pooling, *_after_modules(spec)],
        device="cpu",
        prompts=spec.prompts,
        default_prompt_name=spec.default_prompt_name,
        similarity_fn_name=spec.similarity,
        truncate_dim=spec.truncate_dim,
    )
    model.save_pretrained(str(folder), create_model_card=False)


def build_folder(spec: Spec, folder: Path) -> None:
    """Writes the model folder that `spec` describes; `folder` is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(spec.seed)
    vocab = make_vocab(random.Random(spec.seed), spec.lowercase or spec.do_lower_case, spec.vocab_size, spec.specials_at)
    if spec.added_tokens:  # they sit behind the vocabulary: the embedding table needs rows for them
        table = vocab + [t.content for t in _added_tokens()]
    else:
        table = vocab
    target = folder
    if spec.layout == "v6":
        target = folder.with_name(folder.name + ".plain")
        shutil.rmtree(target, ignore_errors=True)
    inner = target / spec.transformer_path
    inner.mkdir(parents=True, exist_ok=True)
    _save_transformer(spec, table, inner)
    _save_tokenizer(spec, vocab, inner)
    if spec.layout == "v6":
        _save_today(spec, target, folder)
        shutil.rmtree(target)
    elif not spec.plain:
        _save_old_layout(spec, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o644)


# ------------------------------------------------------------------------------------------------------------ reference
def load_reference(folder: Path) -> SentenceTransformer:
    """The reference as the promise of 1e-5 means it: on the CPU, everything in float32."""
    return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32}, local_files_only=True)


def check_file_tokenizer(spec: Spec, folder: Path, model: SentenceTransformer, texts: list[str]) -> None:
    """transformers 5 rebuilds Bert tokenizers from tokenizer_config.json; a folder is a fair test only where the result is what
    tokenizer.json alone gives (with do_lower_case and max_seq_length of sentence_bert_config.json). ValueError where not."""
    path = folder / spec.transformer_path / "tokenizer.json"
    if not path.exists():
        return
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(model.max_seq_length)
    if spec.do_lower_case and not spec.lowercase:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), tokenizer.normalizer])
    for text, ids in zip(texts, token_ids(model, texts)[0]):
        if tokenizer.encode(text).ids != ids:
            raise ValueError(f"{spec.name}: tokenizer.json alone gives other ids for {text!r}")


def vocabulary(spec: Spec, folder: Path, model: SentenceTransformer) -> dict[int, str]:
    """Raw vocabulary strings by id, as the folder's files spell them. The library's own `convert_ids_to_tokens` gives the lower-cased
    form of an added token that is matched after normalization."""
    path = folder / spec.transformer_path / "tokenizer.json"
    if not path.exists():
        return {i: token for token, i in model.tokenizer.get_vocab().items()}
    stored = json.loads(path.read_text(encoding="utf-8"))
    strings = {i: token for token, i in stored["model"]["vocab"].items()}
    return strings | {token["id"]: token["content"] for token in stored["added_tokens"]}


def encode_one_by_one(model: SentenceTransformer, inputs: list, **options) -> np.ndarray:
    """Batches of one: the reference's result depends on padding (by rounding, and for some pooling modes really)."""
    call = getattr(model, options.pop("call", "encode"))
    rows = call(inputs, batch_size=1, show_progress_bar=False, **options)
    return np.asarray(rows)


def token_ids(model: SentenceTransformer, inputs: list, prompt: str | None = None) -> tuple[list, list, list]:
    """Per text: input ids and type ids as the first module receives them, and how many tokens were cut off."""
    ids, types, cut = [], [], []
    backend = model.tokenizer.backend_tokenizer
    for item in inputs:
        features = model.preprocess([item], prompt=prompt)
        ids.append(features["input_ids"][0].tolist())
        given = features.get("token_type_ids")  # a tokenizer may give none: the model takes zeros
        types.append([0] * len(ids[-1]) if given is None else given[0].tolist())
        if prompt:
            item = prompt + item if isinstance(item, str) else (prompt + item[0], item[1])
        backend.no_truncation()
        full = backend.encode(item) if isinstance(item, str) else backend.encode(*item)
        cut.append(sum(full.attention_mask) - len(ids[-1]))
    return ids, types, cut


def versions() -> dict:
    import sentence_transformers
    import tokenizers

    return {
        "python_packages": {
            "sentence-transformers": sentence_transformers.__version__,
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
        }
    }


# -------------------------------------------------------------------------------------------------------- random models
def random_spec(seed: int, index: int) -> Spec:
    """A random combination of the options above, for the parity test; layout, first pooling mode and activation go round,
    so that a dozen folders have seen each of them."""
    rng = random.Random(f"{seed}/{index}")
    layout = ("v2", "v6", "v3", "plain", "v5", "v6", "v3", "mlm")[index % 8]
    plain = layout in ("plain", "mlm")
    heads, head_size = rng.choice([(1, 24), (2, 16), (4, 8), (4, 16), (3, 20), (8, 8), (6, 10)])
    first = POOLING_MODES[(index + index // 8) % len(POOLING_MODES)]
    modes = tuple(dict.fromkeys([first] + rng.sample(POOLING_MODES, rng.choice([0, 0, 0, 1, 2]))))
    if layout in ("v2", "v3", "v5"):
        modes = tuple(m for m in POOLING_MODES if m in modes)
    if plain:
        modes = ("mean",)
    after = []
    for kind in rng.choices(["dense", "dense", "layernorm", "dropout", "normalize"], k=rng.choice([0, 0, 1, 2, 3])):
        after.append({"kind": kind})
        if kind == "dense":
            same = heads * head_size * len(modes) if len(after) == 1 else None
            after[-1] |= {
                "out": rng.choice([5, 16, 33, 40] + ([same] if same else [])),
                "act": rng.choice(list(ACTIVATIONS)),
                "bias": rng.random() < 0.7,
                "residual": layout == "v6" and rng.random() < 0.4,
            }
    if rng.random() < 0.4:
        after.append({"kind": "normalize"})
    max_positions = rng.choice([24, 48, 64, 130])
    prompts = rng.choice([None, {"query": "query: ", "document": "passage: "}, {"query": "Q ", "extra": "Represent this: "}])
    if layout in ("plain", "mlm", "v2"):
        prompts = None
    lowercase = rng.random() < 0.6
    sharded = layout in ("v2", "v3", "v5", "plain") and rng.random() < 0.25
    gamma = not sharded and layout != "v6" and rng.random() < 0.25
    files = rng.choice(["json", "json", "both", "vocab"])
    return Spec(
        name=f"random-{seed}-{index}",
        seed=rng.randrange(2**31),
        layout=layout,
        hidden=heads * head_size,
        layers=rng.choice([1, 2, 3]),
        heads=heads,
        intermediate=rng.choice([37, 64, 128, 150]),
        act=("gelu", "gelu_new", "relu", "silu", "gelu_pytorch_tanh", "gelu", "swish")[index % 7],
        type_vocab_size=rng.choice([2, 2, 3]),
        max_positions=max_positions,
        layer_norm_eps=rng.choice([1e-12, 1e-5, 1e-7]),
        dtype=rng.choice(["float32", "float32", "float16", "bfloat16"]),
        shard_bytes=rng.choice([30_000, 60_000]) if sharded else 0,
        gamma_beta=gamma,
        pooler=layout == "mlm" or sharded or rng.random() < 0.7,
        position_ids=not sharded and layout in ("v2", "v3", "plain") and rng.random() < 0.5,
        lowercase=lowercase,
        strip_accents=rng.choice([None, None, True, False]),
        chinese_chars=rng.random() < 0.8,
        vocab_size=rng.choice([300, 500, 800]),
        specials_at=rng.choice(["first", "bert", "last"]),
        tokenizer_files=files,
        added_tokens=files != "vocab" and rng.random() < 0.3,
        stored_truncation=rng.choice([None, 16, 128]),
        model_max_length=rng.choice([None, 20, 512, 10**30]),
        max_seq_length=rng.choice([None, max_positions, max_positions - 5, 12]),
        # version 6 writes do_lower_case into tokenizer.json, and its BertTokenizer then ignores it on loading
        do_lower_case=not plain and layout != "v6" and rng.random() < 0.4,
        pooling=modes,
        include_prompt=prompts is None or rng.random() < 0.5,
        after=() if plain else tuple(after),
        transformer_path="0_Transformer" if layout == "v2" and rng.random() < 0.3 else "",
        prompts=prompts,
        default_prompt_name=rng.choice([None, "query"]) if prompts else None,
        similarity=None if layout in ("plain", "mlm", "v2") else rng.choice([None, "cosine", "dot", "euclidean", "manhattan"]),
        truncate_dim=None if layout in ("plain", "mlm", "v2") else rng.choice([None, None, 4, 12]),
    )
