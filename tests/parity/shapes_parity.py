"""The part `shapes` of model_parity.py: published pairings of tokenizer and architecture, whole, as sentence-transformers saves them.

The tokenizers are those of tests/goldens/tokenizers, each under the class that its published models name, the encoders are tiny
and random. Token ids must be equal, vectors within the tolerance of Checks.close.
"""
from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tiny_models import load_reference, nasty_texts

TOKENIZERS = Path(__file__).resolve().parent.parent / "goldens" / "tokenizers"
HIDDEN = 32
SIZES = {"hidden_size": HIDDEN, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
# Special tokens by the names that the shapes give them; the first that the vocabulary has.
SPECIALS = {
    "pad_token": ("<pad>", "[PAD]", "<|endoftext|>", "<|end_of_text|>", "</s>"),
    "unk_token": ("<unk>", "[UNK]"),
    "bos_token": ("<s>", "<bos>", "<|begin_of_text|>"),
    "eos_token": ("</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>"),
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "mask_token": ("<mask>", "[MASK]"),
}


@dataclass
class Shape:
    tokenizer: str  # folder of TOKENIZERS
    tokenizer_class: str
    model: str  # class of transformers, and its configuration
    config: str
    pooling: str = "mean"
    options: dict = field(default_factory=dict)


POSITIONS = {"max_position_embeddings": 130}
DEBERTA = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_buckets": 16, "share_att_key": True,
           "norm_rel_ebd": "layer_norm", "position_biased_input": False, "type_vocab_size": 0}  # fmt: skip
MODERNBERT = {"pad_token_id": 0, "bos_token_id": 1, "cls_token_id": 1, "eos_token_id": 2, "sep_token_id": 2}
T5 = {"d_model": HIDDEN, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
GEMMA = {"num_key_value_heads": 1, "head_dim": 8, "use_bidirectional_attention": True}
SHAPES = [
    Shape("xlm-roberta", "XLMRobertaTokenizer", "XLMRobertaModel", "XLMRobertaConfig", options={**SIZES, **POSITIONS}),
    Shape("roberta", "RobertaTokenizer", "RobertaModel", "RobertaConfig", "cls", {**SIZES, **POSITIONS}),
    Shape("mpnet", "MPNetTokenizer", "MPNetModel", "MPNetConfig", options={**SIZES, **POSITIONS}),
    Shape("t5", "T5Tokenizer", "T5EncoderModel", "T5Config", options=T5),
    Shape("deberta-v3", "DebertaV2Tokenizer", "DebertaV2Model", "DebertaV2Config", options={**SIZES, **POSITIONS, **DEBERTA}),
    Shape("modernbert", "PreTrainedTokenizerFast", "ModernBertModel", "ModernBertConfig", "cls", {**SIZES, **MODERNBERT}),
    Shape("llama-3", "PreTrainedTokenizerFast", "LlamaModel", "LlamaConfig", "lasttoken", {**SIZES, "num_key_value_heads": 2}),
    Shape("qwen", "Qwen2Tokenizer", "Qwen3Model", "Qwen3Config", "lasttoken", {**SIZES, "num_key_value_heads": 2, "head_dim": 8}),
    Shape("gemma", "GemmaTokenizer", "Gemma3TextModel", "Gemma3TextConfig", options={**SIZES, **GEMMA}),
    Shape("mistral", "PreTrainedTokenizerFast", "MistralModel", "MistralConfig", "lasttoken", {**SIZES, "num_key_value_heads": 2}),
]


def build(shape: Shape, folder: Path, seed: int) -> None:
    torch.manual_seed(seed)
    tokenizer = json.loads((TOKENIZERS / shape.tokenizer / "tokenizer.json").read_text(encoding="utf-8"))
    vocab = tokenizer["model"]["vocab"]
    largest = max(vocab.values()) if isinstance(vocab, dict) else len(vocab) - 1
    vocab_size = max([largest, *(token["id"] for token in tokenizer["added_tokens"])]) + 1
    model = getattr(transformers, shape.model)(getattr(transformers, shape.config)(vocab_size=vocab_size, **shape.options))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:  # large enough that everything matters
                parameter.normal_(0.0, 0.7 if "embed" in name else 1.2 / parameter.shape[-1] ** 0.5)
    plain = folder / "plain"
    model.save_pretrained(plain)
    (plain / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    known = {token["content"] for token in tokenizer["added_tokens"]}
    specials = {name: next((token for token in tokens if token in known), None) for name, tokens in SPECIALS.items()}
    config = {"tokenizer_class": shape.tokenizer_class, "model_max_length": 120, **{k: v for k, v in specials.items() if v}}
    (plain / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    modules = [Transformer(str(plain), model_kwargs={"dtype": torch.float32}), Pooling(HIDDEN, shape.pooling), Normalize()]
    SentenceTransformer(modules=modules).save(str(folder / "saved"))


def check_shape(checks, program, shape: Shape, seed: int, directory: Path) -> float:
    folder = directory / f"shape-{shape.tokenizer}"
    build(shape, folder, seed)
    name = f"{shape.tokenizer} with {shape.model}"
    model = load_reference(folder / "saved")
    # Not every shape gives blank text a token, and without one the reference has no vector to compare with.
    texts = [text for text in nasty_texts() if text.strip()]
    expected = [model.preprocess([text])["input_ids"][0].tolist() for text in texts]
    ours = [answer["input_ids"] for answer in program.json_lines("tokenize", folder / "saved", texts)]
    wrong = [i for i, ids in enumerate(ours) if ids != expected[i]]
    detail = f"{len(wrong)} texts, first {texts[wrong[0]]!r:.90}: {ours[wrong[0]]}, expected {expected[wrong[0]]}" if wrong else ""
    checks.that(not wrong and len(ours) == len(texts), f"{name}: ids", detail[:700])
    vectors = model.encode(texts, batch_size=1, show_progress_bar=False)
    return checks.close(program.encode(folder / "saved", texts), vectors, f"{name}: vectors")


def shapes(checks, program, args, directory: Path) -> None:
    worst = 0.0
    for shape in SHAPES:
        try:
            worst = max(worst, check_shape(checks, program, shape, args.seed, directory))
        except Exception as error:
            traceback.print_exc()
            checks.that(False, f"shape {shape.tokenizer}", f"{type(error).__name__}: {error}")
    print(f"shapes: {len(SHAPES)} tokenizers with their architectures, worst vector difference {worst:.2e}", flush=True)
