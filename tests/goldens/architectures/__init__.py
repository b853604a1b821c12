"""Tiny random-weight Sentence Transformer folders of every architecture, made by the real library.

`FAMILIES` maps a name to a function that draws a model: a small transformers model with random weights, and what its
folder needs. `build(name, folder)` writes the folder that the goldens hold, `build(name, folder, seed)` a random one.
A family is one decorated function in a file of this package:

    @family("bert")
    def bert(draw: Draw) -> Tiny:
        return Tiny(BertModel(BertConfig(**draw.common(), hidden_act=draw("gelu", "relu"))))

`draw(first, *others)` is `first` in the golden folder and any of them in a random one. Every tokenizer is the small
WordPiece of tiny_models: what matters here is the encoder, and the places of the special tokens.
"""
from __future__ import annotations

import importlib
import json
import random
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tiny_models import POOLING_MODES, make_vocab
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

# The order of the special tokens in the vocabulary: their places are the model's pad, cls, ... ids.
BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA_SPECIALS = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")  # padding_idx 1, as their checkpoints have it
T5_SPECIALS = ("[PAD]", "[SEP]", "[UNK]", "[CLS]", "[MASK]")

# What the tokenizer puts around one text and around two: (single, pair).
BERT_TEMPLATE = ("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1")
ROBERTA_TEMPLATE = ("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 [SEP]:0 $B:0 [SEP]:0")
EOS_TEMPLATE = ("$A:0 [SEP]:0", "$A:0 [SEP]:0 $B:0 [SEP]:0")


@dataclass
class Tiny:
    """What a family function returns."""

    model: torch.nn.Module  # of transformers, with or without a head
    template: tuple[str, str] = BERT_TEMPLATE
    token_types: bool = True  # False: the tokenizer gives no token_type_ids, and the model takes zeros
    pooling: tuple[str, ...] = POOLING_MODES  # the modes that a folder with modules.json may have
    pooler: bool = True  # False: the transformer gives one vector for each text itself
    # The most tokens of a text that the reference takes without failing, where its own limit is higher (RoBERTa)
    max_tokens: int | None = None
    # Applied to the model with its random weights, where those alone would make it too sensitive to rounding
    adjust: Callable[[torch.nn.Module], None] | None = None
    # Applied to the stored tensors of a folder without modules.json: names that old checkpoints use.
    rename: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]] | None = None
    config_changes: dict[str, Any] = field(default_factory=dict)  # of config.json, after saving; None removes a field
    files: dict[str, Any] = field(default_factory=dict)  # further JSON files of the folder
    # False: always as the library saves it, for transformers makes another tokenizer of the one here: of this model_type it
    # takes its own class, whatever the folder names.
    plain: bool = True


class Draw:
    """Choices, sizes and the vocabulary for one folder."""

    def __init__(self, name: str, seed: int | None, specials: tuple[str, ...]):
        self.golden = seed is None
        self.rng = random.Random(f"{name}/{seed}")
        self.seed = zlib.crc32(f"{name}/{seed}".encode())
        self.lowercase = self(True, False)
        entries = make_vocab(self.rng, self.lowercase, self(1, 320, 400), "first")[len(BERT_SPECIALS) :]
        self.vocab = list(specials) + entries

    def __call__(self, first: Any, *others: Any) -> Any:
        return first if self.golden else self.rng.choice([first, *others])

    def id(self, token: str) -> int:
        return self.vocab.index(token)

    def heads(self, *golden_and_others: tuple[int, int]) -> tuple[int, int]:
        """Number of heads and their size."""
        return self(*(golden_and_others or ((4, 6), (1, 24), (2, 16), (3, 8), (4, 8), (2, 20), (6, 10), (8, 8))))

    def layers(self) -> int:
        return self(2, 2, 3)

    def token_ids(self) -> dict[str, int]:
        """The special ids of a config."""
        return {"pad_token_id": self.id("[PAD]"), "bos_token_id": self.id("[CLS]"), "eos_token_id": self.id("[SEP]")}

    def common(self) -> dict[str, Any]:
        """The fields that the config of a BERT-like encoder has, without its activation and its ids."""
        heads, size = self.heads()
        return {
            "vocab_size": len(self.vocab),
            "hidden_size": heads * size,
            "num_attention_heads": heads,
            "num_hidden_layers": self.layers(),
            "intermediate_size": self(40, 37, 64, 100),
            "max_position_embeddings": self(48, 30, 64, 130),
        }


FAMILIES: dict[str, Callable[[Draw], Tiny]] = {}
_SPECIALS: dict[str, tuple[str, ...]] = {}


def family(name: str, specials: tuple[str, ...] = BERT_SPECIALS):
    """Registers a function Draw -> Tiny."""

    def register(function: Callable[[Draw], Tiny]) -> Callable[[Draw], Tiny]:
        if name in FAMILIES:
            raise ValueError(f"two families {name}")
        FAMILIES[name], _SPECIALS[name] = function, specials
        return function

    return register


def randomise(module: torch.nn.Module, generator: torch.Generator) -> None:
    """Weights large enough that attention, activations, norms, positions and token types all matter to the result. By the kind
    of module, whatever its name; a parameter of no known kind is treated as a matrix or a bias."""
    done = set()

    def fill(parameter: torch.nn.Parameter | None, mean: float, deviation: float) -> None:
        if parameter is not None and id(parameter) not in done:
            done.add(id(parameter))
            parameter.normal_(mean, deviation, generator=generator)

    with torch.no_grad():
        for part in module.modules():
            kind = type(part).__name__
            if "Norm" in kind:
                # some norms of Gemma store the weight minus one
                fill(getattr(part, "weight", None), 0.0 if "Gemma" in kind else 1.0, 0.2)
                fill(getattr(part, "bias", None), 0.0, 0.2)
            elif isinstance(part, torch.nn.Embedding):
                fill(part.weight, 0.0, 0.7)
        for parameter in module.parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
            fill(parameter, 0.0, 0.2 if parameter.dim() < 2 else 1.2 / fan_in**0.5)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _save_tokenizer(draw: Draw, tiny: Tiny, folder: Path) -> None:
    ids = {token: i for i, token in enumerate(draw.vocab)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=draw.lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    single, pair = tiny.template
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(t, ids[t]) for t in BERT_SPECIALS if t in single + pair])
    tokenizer.add_special_tokens(list(draw.vocab[: len(BERT_SPECIALS)]))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
              "sep_token": "[SEP]", "mask_token": "[MASK]"}
    lengths = [length for length in (draw(None, 20, 30, 512), tiny.max_tokens) if length is not None]
    if lengths:
        config["model_max_length"] = min(lengths)
    config["model_input_names"] = ["input_ids", *(["token_type_ids"] if tiny.token_types else []), "attention_mask"]
    _write_json(folder / "tokenizer_config.json", config)


def _save_plain(draw: Draw, tiny: Tiny, folder: Path, dtype: torch.dtype) -> None:
    randomise(tiny.model, torch.Generator().manual_seed(draw.seed))
    if tiny.adjust is not None:
        with torch.no_grad():
            tiny.adjust(tiny.model)
    tiny.model.to(dtype).eval().save_pretrained(folder)
    if tiny.rename is not None:
        weights = folder / "model.safetensors"
        save_file(tiny.rename(load_file(weights)), weights, metadata={"format": "pt"})
    if tiny.config_changes:
        config = json.loads((folder / "config.json").read_text()) | tiny.config_changes
        _write_json(folder / "config.json", {k: v for k, v in config.items() if v is not None})
    for name, content in tiny.files.items():
        _write_json(folder / name, content)
    _save_tokenizer(draw, tiny, folder)


def _save_today(draw: Draw, tiny: Tiny, plain: Path, folder: Path, dtype: torch.dtype) -> None:
    """The library itself saves the folder, with a pooling of our choice."""
    length = draw(24, None, 16, 28)
    transformer = Transformer(str(plain), model_kwargs={"dtype": dtype}, **({} if length is None else {"max_seq_length": length}))
    modules = [transformer]
    if tiny.pooler:
        first = draw(tiny.pooling[draw.seed % len(tiny.pooling)], *tiny.pooling)
        second = draw(None, None, None, *tiny.pooling)
        modes = (first,) if second in (None, first) else (first, second)
        modules.append(Pooling(transformer.get_embedding_dimension(), modes))
        if draw(False, True):
            modules.append(Normalize())
    similarity = draw("cosine", "dot", "euclidean")
    model = SentenceTransformer(modules=modules, device="cpu", similarity_fn_name=similarity)
    model.save_pretrained(str(folder), create_model_card=False)


def build(name: str, folder: Path, seed: int | None = None) -> str:
    """Writes a folder of family `name`, which is replaced, and says in a few words what it is."""
    draw = Draw(name, seed, _SPECIALS[name])
    torch.manual_seed(draw.seed)
    tiny = FAMILIES[name](draw)
    dtype = draw(torch.float16, torch.float32, torch.bfloat16)
    # Names of old checkpoints and edited configs are for the files as they lie there: the library would save new ones.
    plain = tiny.plain and not draw.golden and (tiny.rename is not None or bool(tiny.config_changes) or draw(False, False, True))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if plain:
        _save_plain(draw, tiny, folder, dtype)
    else:
        inner = folder.with_name(folder.name + ".plain")
        shutil.rmtree(inner, ignore_errors=True)
        inner.mkdir()
        _save_plain(draw, tiny, inner, dtype)
        _save_today(draw, tiny, inner, folder, dtype)
        shutil.rmtree(inner)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return f"{type(tiny.model).__name__}, {'plain' if plain else 'v6'}, {dtype}"


for _module in sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem != "__init__"):
    importlib.import_module(f"{__name__}.{_module}")
