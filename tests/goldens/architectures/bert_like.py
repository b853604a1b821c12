"""Encoders in the layout of BERT: learned positions, norms behind or before the sublayers."""
from __future__ import annotations

import transformers
from architectures import ROBERTA_SPECIALS, ROBERTA_TEMPLATE, Draw, Tiny, family


def _model(draw: Draw, name: str, heads: tuple[str, ...] = ("ForMaskedLM", "ForSequenceClassification")) -> type:
    """The plain model of `name`, or one with a head: its tensors have a prefix then."""
    return getattr(transformers, name + draw("Model", *heads))


def _bert_fields(draw: Draw) -> dict:
    return {
        **draw.common(),
        **draw.token_ids(),
        "hidden_act": draw("gelu", "gelu_new", "relu", "silu", "quick_gelu", "mish", "laplace", "gelu_10"),
        "type_vocab_size": draw(2, 3),
        "layer_norm_eps": draw(1e-12, 1e-5),
        "is_decoder": draw(False, False, False, True),
    }


def _gamma_and_beta(tensors: dict) -> dict:
    """As in checkpoints that were converted from TensorFlow."""
    return {k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v for k, v in tensors.items()}


@family("bert")
def bert(draw: Draw) -> Tiny:
    config = transformers.BertConfig(**_bert_fields(draw))
    return Tiny(_model(draw, "Bert")(config), token_types=draw(True, True, False), rename=draw(None, None, _gamma_and_beta))


@family("ernie")
def ernie(draw: Draw) -> Tiny:
    return Tiny(_model(draw, "Ernie")(transformers.ErnieConfig(**_bert_fields(draw), use_task_id=False)))


@family("megatron-bert")
def megatron_bert(draw: Draw) -> Tiny:
    return Tiny(_model(draw, "MegatronBert")(transformers.MegatronBertConfig(**_bert_fields(draw))))


@family("splinter")
def splinter(draw: Draw) -> Tiny:
    fields = {k: v for k, v in _bert_fields(draw).items() if k != "is_decoder"}
    return Tiny(_model(draw, "Splinter", ("ForQuestionAnswering",))(transformers.SplinterConfig(**fields)))


@family("bert-generation")
def bert_generation(draw: Draw) -> Tiny:
    fields = {k: v for k, v in _bert_fields(draw).items() if k != "type_vocab_size"}
    model = draw(transformers.BertGenerationEncoder, transformers.BertGenerationDecoder)
    return Tiny(model(transformers.BertGenerationConfig(**fields)), token_types=False)


@family("distilbert")
def distilbert(draw: Draw) -> Tiny:
    sizes = draw.common()
    config = transformers.DistilBertConfig(
        vocab_size=sizes["vocab_size"],
        dim=sizes["hidden_size"],
        n_heads=sizes["num_attention_heads"],
        n_layers=sizes["num_hidden_layers"],
        hidden_dim=sizes["intermediate_size"],
        max_position_embeddings=sizes["max_position_embeddings"],
        activation=draw("gelu", "relu", "silu"),
        sinusoidal_pos_embds=draw(False, True),
        pad_token_id=draw.id("[PAD]"),
    )
    return Tiny(_model(draw, "DistilBert")(config), token_types=False)


@family("electra")
def electra(draw: Draw) -> Tiny:
    fields = _bert_fields(draw)
    config = transformers.ElectraConfig(**fields, embedding_size=draw(20, 16, 33, fields["hidden_size"]))
    return Tiny(_model(draw, "Electra", ("ForPreTraining", "ForMaskedLM"))(config))


@family("rembert")
def rembert(draw: Draw) -> Tiny:
    fields = _bert_fields(draw)
    config = transformers.RemBertConfig(**fields, input_embedding_size=draw(20, 16, 33, fields["hidden_size"]), output_embedding_size=18)
    return Tiny(_model(draw, "RemBert")(config))


@family("albert")
def albert(draw: Draw) -> Tiny:
    fields = _bert_fields(draw)
    layers, groups, inner = draw((3, 2, 2), (3, 1, 1), (4, 2, 1), (5, 3, 1), (2, 1, 2), (7, 3, 2))
    fields |= {"num_hidden_layers": layers, "num_hidden_groups": groups, "inner_group_num": inner, "is_decoder": False}
    config = transformers.AlbertConfig(**fields, embedding_size=draw(16, 20, fields["hidden_size"]))
    return Tiny(_model(draw, "Albert")(config))


def _roberta(draw: Draw, name: str) -> Tiny:
    fields = _bert_fields(draw)
    # With one type only zeros are possible; with more the tokenizer's type ids count where it gives them.
    types = draw(1, 1, 2)
    fields["type_vocab_size"] = types
    config = getattr(transformers, name + "Config")(**fields)
    rows = fields["max_position_embeddings"]
    return Tiny(_model(draw, name)(config), ROBERTA_TEMPLATE, token_types=draw(False, True), max_tokens=rows - 2)


@family("roberta", ROBERTA_SPECIALS)
def roberta(draw: Draw) -> Tiny:
    return _roberta(draw, "Roberta")


@family("luke", ROBERTA_SPECIALS)
def luke(draw: Draw) -> Tiny:
    fields = {k: v for k, v in _bert_fields(draw).items() if k != "is_decoder"}
    config = transformers.LukeConfig(**fields, entity_vocab_size=5, entity_emb_size=8, use_entity_aware_attention=draw(True, False))
    model = draw(transformers.LukeModel, transformers.LukeForMaskedLM)(config)
    return Tiny(model, ROBERTA_TEMPLATE, token_types=False, max_tokens=fields["max_position_embeddings"] - 2)


@family("camembert", ROBERTA_SPECIALS)
def camembert(draw: Draw) -> Tiny:
    return _roberta(draw, "Camembert")


@family("xlm-roberta", ROBERTA_SPECIALS)
def xlm_roberta(draw: Draw) -> Tiny:
    return _roberta(draw, "XLMRoberta")


@family("xlm-roberta-xl", ROBERTA_SPECIALS)
def xlm_roberta_xl(draw: Draw) -> Tiny:
    return _roberta(draw, "XLMRobertaXL")


@family("data2vec-text", ROBERTA_SPECIALS)
def data2vec_text(draw: Draw) -> Tiny:
    return _roberta(draw, "Data2VecText")


@family("roberta-prelayernorm", ROBERTA_SPECIALS)
def roberta_prelayernorm(draw: Draw) -> Tiny:
    return _roberta(draw, "RobertaPreLayerNorm")
