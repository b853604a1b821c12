"""Encoders with a bias for each bucket of the distance between tokens: MPNet and the T5 family."""
from __future__ import annotations

import torch
import transformers
from architectures import EOS_TEMPLATE, ROBERTA_SPECIALS, ROBERTA_TEMPLATE, T5_SPECIALS, Draw, Tiny, family


@family("mpnet", ROBERTA_SPECIALS)
def mpnet(draw: Draw) -> Tiny:
    config = transformers.MPNetConfig(
        **draw.common(),
        **draw.token_ids(),
        hidden_act=draw("gelu", "relu", "gelu_new"),
        layer_norm_eps=draw(1e-12, 1e-5),
    )
    model = draw(transformers.MPNetModel, transformers.MPNetForMaskedLM)
    return Tiny(model(config), ROBERTA_TEMPLATE, token_types=False, max_tokens=config.max_position_embeddings - 2)


def _only_the_encoders_name(tensors: dict) -> dict:
    """Safetensors of tied weights hold one of their names, and which one is not said."""
    embeddings = tensors.pop("shared.weight")
    return {"encoder.embed_tokens.weight": embeddings, **tensors}


def _scale_scores(model: torch.nn.Module) -> None:
    """T5 does not scale its scores; its queries are small instead. With large ones the reference itself is off by 1e-4."""
    for part in model.modules():
        if type(part).__name__.endswith("T5Attention"):
            part.q.weight /= part.key_value_proj_dim**0.5


def _t5(draw: Draw, name: str, feed_forward: str) -> Tiny:
    heads, head_size = draw((3, 5), (1, 24), (4, 8), (6, 4), (2, 16))
    buckets, distance = draw((8, 20), (32, 128), (12, 40), (7, 13), (32, 64))
    config = getattr(transformers, name + "Config")(
        vocab_size=len(draw.vocab),
        d_model=draw(24, 16, 40, 33),
        d_kv=head_size,
        d_ff=draw(48, 37, 64),
        num_layers=draw.layers(),
        num_decoder_layers=1,
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        relative_attention_max_distance=distance,
        layer_norm_epsilon=draw(1e-6, 1e-5),
        feed_forward_proj=draw(feed_forward, "relu", "gated-gelu", "gated-silu", "gelu"),
        pad_token_id=draw.id("[PAD]"),
        eos_token_id=draw.id("[SEP]"),
        decoder_start_token_id=draw.id("[PAD]"),
    )
    model = getattr(transformers, name + draw("EncoderModel", "Model", "ForConditionalGeneration"))(config)
    rename = draw(None, None, None, _only_the_encoders_name)
    # With 500 tokens the reference is 1e-5 away from what it computes in double precision.
    return Tiny(model, EOS_TEMPLATE, token_types=False, max_tokens=100, adjust=_scale_scores, rename=rename)


@family("t5", T5_SPECIALS)
def t5(draw: Draw) -> Tiny:
    return _t5(draw, "T5", "relu")


@family("mt5", T5_SPECIALS)
def mt5(draw: Draw) -> Tiny:
    return _t5(draw, "MT5", "gated-gelu")


@family("umt5", T5_SPECIALS)
def umt5(draw: Draw) -> Tiny:
    return _t5(draw, "UMT5", "gated-gelu")
