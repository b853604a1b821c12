"""Decoders that embed: Llama and its kin, Gemma. Causal, rotary positions, RMS norms."""
from __future__ import annotations

import transformers
from architectures import EOS_TEMPLATE, Draw, Tiny, family

BOS_TEMPLATE = ("[CLS]:0 $A:0", "[CLS]:0 $A:0 [CLS]:0 $B:0")
BOTH_TEMPLATE = ("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0")

# Without mean_sqrt_len_tokens: over hundreds of tokens it makes more of float32's rounding than the tests allow.
POOLING = ("lasttoken", "mean", "cls", "max", "weightedmean")


def rope(draw: Draw, theta: float, *more: dict) -> dict:
    """rope_parameters with a default, a linear, a llama3 or a yarn scaling, or one of `more`."""
    scalings = (
        {"rope_type": "default"},
        {"rope_type": "linear", "factor": 3.0},
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 24},
        {"rope_type": "yarn", "factor": 2.0, "beta_fast": 8, "beta_slow": 2, "attention_factor": 1.3, "truncate": False},
        *more,
    )
    return draw(scalings[2], *scalings) | {"rope_theta": draw(theta, 500.0, 10000.0)}


def grouped(draw: Draw) -> dict:
    """Sizes of a decoder; the heads are not those that hidden_size would give."""
    heads, kv, size, hidden = draw((4, 2, 8, 24), (4, 1, 16, 32), (2, 2, 10, 36), (6, 3, 6, 24), (3, 1, 24, 48))
    return {
        "vocab_size": len(draw.vocab),
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "head_dim": size,
        "num_hidden_layers": draw(2, 2, 3),
        "intermediate_size": draw(40, 37, 64, 100),
        "max_position_embeddings": draw(48, 30, 64, 600),
        **draw.token_ids(),
    }


def decoder(draw: Draw, name: str, config: transformers.PretrainedConfig) -> Tiny:
    """The plain model, or the one with an LM head: its tensors have a prefix, and a folder without modules.json then takes
    the last token's vector."""
    if draw(False, False, True):
        config.is_causal = False
    model = getattr(transformers, name + draw("Model", "ForCausalLM"))(config)
    return Tiny(model, draw(EOS_TEMPLATE, BOS_TEMPLATE, BOTH_TEMPLATE), token_types=False, pooling=POOLING, plain=name != "Qwen2")


@family("llama")
def llama(draw: Draw) -> Tiny:
    config = transformers.LlamaConfig(
        **grouped(draw),
        attention_bias=draw(False, True),
        mlp_bias=draw(False, True),
        hidden_act=draw("silu", "gelu", "relu"),
        rms_norm_eps=draw(1e-6, 1e-5),
        rope_parameters=rope(draw, 10000.0),
    )
    tiny = decoder(draw, "Llama", config)
    if draw(False, False, True):  # as version 4 wrote it
        parameters = dict(config.rope_parameters)
        tiny.config_changes = {"rope_parameters": None, "rope_theta": parameters.pop("rope_theta"), "rope_scaling": parameters}
        parameters["type"] = parameters.pop("rope_type")
    return tiny


@family("mistral")
def mistral(draw: Draw) -> Tiny:
    config = transformers.MistralConfig(**grouped(draw), sliding_window=draw(5, None, 1, 17), rope_parameters=rope(draw, 10000.0))
    return decoder(draw, "Mistral", config)


def _qwen_windows(draw: Draw) -> dict:
    return {"use_sliding_window": draw(True, False), "sliding_window": draw(6, 3, 20), "max_window_layers": draw(1, 0, 2)}


@family("qwen2")
def qwen2(draw: Draw) -> Tiny:
    fields = grouped(draw)
    fields["hidden_size"] = fields["num_attention_heads"] * fields.pop("head_dim")
    config = transformers.Qwen2Config(**fields, **_qwen_windows(draw), rope_parameters=rope(draw, 10000.0))
    return decoder(draw, "Qwen2", config)


@family("qwen3")
def qwen3(draw: Draw) -> Tiny:
    fields = grouped(draw) | _qwen_windows(draw)
    config = transformers.Qwen3Config(**fields, attention_bias=draw(False, True), rope_parameters=rope(draw, 1e6))
    return decoder(draw, "Qwen3", config)


@family("gemma")
def gemma(draw: Draw) -> Tiny:
    config = transformers.GemmaConfig(**grouped(draw), attention_bias=draw(False, True), rope_parameters=rope(draw, 10000.0))
    return decoder(draw, "Gemma", config)


@family("gemma2")
def gemma2(draw: Draw) -> Tiny:
    config = transformers.Gemma2Config(
        **grouped(draw),
        attention_bias=draw(False, True),
        attn_logit_softcapping=draw(2.0, 50.0, None),
        query_pre_attn_scalar=draw(16, 256),
        sliding_window=draw(5, 3, 20),
        rope_parameters=rope(draw, 10000.0),
    )
    return decoder(draw, "Gemma2", config)


@family("gemma3_text")
def gemma3_text(draw: Draw) -> Tiny:
    fields = grouped(draw) | {"num_hidden_layers": draw(3, 2, 4)}
    config = transformers.Gemma3TextConfig(
        **fields,
        attention_bias=draw(False, True),
        query_pre_attn_scalar=draw(16, 256),
        sliding_window=draw(8, 3, 21),
        layer_types=[draw(kind, "sliding_attention", "full_attention")
                     for kind in ("sliding_attention", "full_attention", "sliding_attention", "full_attention")[: fields["num_hidden_layers"]]],
        use_bidirectional_attention=draw(True, False),  # True in EmbeddingGemma
        rope_parameters={"full_attention": {"rope_theta": draw(1e6, 5000.0)} | draw({"rope_type": "default"}, {"rope_type": "linear", "factor": 8.0}),
                         "sliding_attention": {"rope_type": "default", "rope_theta": draw(10000.0, 200.0)}},
    )
    model = draw(transformers.Gemma3TextModel, transformers.Gemma3ForCausalLM)(config)
    tiny = Tiny(model, draw(BOTH_TEMPLATE, BOS_TEMPLATE), token_types=False)
    if draw(False, False, True):  # as version 4 wrote it
        tiny.config_changes = {"rope_parameters": None, "rope_theta": 777.0, "rope_local_base_freq": 99.0,
                               "rope_scaling": draw(None, {"rope_type": "linear", "factor": 8.0}), "layer_types": None,
                               "sliding_window_pattern": draw(2, 3)}
    return tiny


@family("granite")
def granite(draw: Draw) -> Tiny:
    fields = grouped(draw)
    fields["hidden_size"] = fields["num_attention_heads"] * fields.pop("head_dim")
    config = transformers.GraniteConfig(
        **fields,
        attention_bias=draw(False, True),
        mlp_bias=draw(False, True),
        embedding_multiplier=draw(12.0, 0.5),
        attention_multiplier=draw(0.2, 0.4),
        residual_multiplier=draw(0.22, 1.0),
        rope_parameters=rope(draw, 10000.0),
    )
    return decoder(draw, "Granite", config)


@family("phi3")
def phi3(draw: Draw) -> Tiny:
    fields = grouped(draw)
    size = fields.pop("head_dim")
    turning = size // 4 * 2  # an even number: about half of each head
    fields["hidden_size"] = fields["num_attention_heads"] * size
    config = transformers.Phi3Config(
        **fields,
        sliding_window=draw(7, None),
        rope_parameters={"rope_type": "default", "rope_theta": draw(10000.0, 300.0), "partial_rotary_factor": draw(turning / size, 1.0)},
    )
    return decoder(draw, "Phi3", config)


@family("smollm3")
def smollm3(draw: Draw) -> Tiny:
    fields = grouped(draw)
    fields["hidden_size"] = fields["num_attention_heads"] * fields.pop("head_dim")
    config = transformers.SmolLM3Config(
        **fields,
        no_rope_layer_interval=draw(2, 3, 4),
        use_sliding_window=draw(True, False),
        sliding_window=draw(6, 4),
        rope_parameters=rope(draw, 2e6),
    )
    return decoder(draw, "SmolLM3", config)


@family("starcoder2")
def starcoder2(draw: Draw) -> Tiny:
    fields = grouped(draw)
    fields["hidden_size"] = fields["num_attention_heads"] * fields.pop("head_dim")
    config = transformers.Starcoder2Config(
        **fields,
        use_bias=draw(True, False),
        norm_epsilon=draw(1e-5, 1e-3),
        sliding_window=draw(6, None),
        rope_parameters=rope(draw, 10000.0),
    )
    return decoder(draw, "Starcoder2", config)
