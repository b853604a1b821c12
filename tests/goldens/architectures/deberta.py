"""DeBERTa v2 and v3: disentangled attention, with all its switches."""
from __future__ import annotations

import transformers
from architectures import Draw, Tiny, family


def _deberta(draw: Draw, **fields) -> Tiny:
    config = transformers.DebertaV2Config(
        **draw.common(),
        **draw.token_ids(),
        hidden_act=draw("gelu", "relu", "gelu_new"),
        layer_norm_eps=draw(1e-7, 1e-5),
        **fields,
    )
    model = draw("Model", "ForMaskedLM", "ForSequenceClassification")
    return Tiny(getattr(transformers, "DebertaV2" + model)(config))


@family("deberta-v3")
def deberta_v3(draw: Draw) -> Tiny:
    """As microsoft/deberta-v3-base: shared projections, logarithmic buckets, a norm on the relative embeddings."""
    return _deberta(
        draw,
        relative_attention=True,
        pos_att_type=draw(["p2c", "c2p"], ["c2p", "p2c"], "p2c|c2p"),
        share_att_key=True,
        position_buckets=draw(6, 4, 8, 10),
        max_relative_positions=draw(-1, 16, 12),
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        type_vocab_size=0,
    )


@family("deberta-v2")
def deberta_v2(draw: Draw) -> Tiny:
    """What deberta-v2-xlarge adds, and all other switches: a convolution, own projections, narrow embeddings, types, positions."""
    return _deberta(
        draw,
        relative_attention=draw(True, True, True, False),
        pos_att_type=draw(["c2p", "p2c"], ["c2p"], ["p2c"], "C2P | p2c", [], None),
        share_att_key=draw(False, True),
        position_buckets=draw(-1, 6, 8),
        max_relative_positions=draw(8, -1, 16),
        norm_rel_ebd=draw("layer_norm", "none"),
        position_biased_input=draw(True, False),
        type_vocab_size=draw(2, 0),
        conv_kernel_size=draw(3, 0, 5, 1),
        conv_act=draw("gelu", "tanh", "relu"),
        conv_groups=draw(1, 2),
        embedding_size=draw(16, 20),
    )
