"""Encoders after BERT: ModernBERT, NomicBERT, GTE, Jina, EuroBERT. Rotary positions (or ALiBi), gated MLPs."""
from __future__ import annotations

import math

import torch
import transformers
from architectures import ROBERTA_SPECIALS, ROBERTA_TEMPLATE, Draw, Tiny, family
from architectures.decoders import BOTH_TEMPLATE, grouped, rope
from transformers.modeling_outputs import BaseModelOutput


def plain_rope(draw: Draw, theta: float) -> dict:
    return {"rope_type": "default", "rope_theta": draw(theta, 500.0)}


@family("modernbert")
def modernbert(draw: Draw) -> Tiny:
    sizes = draw.common() | {"num_hidden_layers": draw(4, 3, 5)}
    config = transformers.ModernBertConfig(
        **sizes,
        **draw.token_ids(),
        cls_token_id=draw.id("[CLS]"),
        sep_token_id=draw.id("[SEP]"),
        local_attention=draw(8, 4, 17, 128),
        global_attn_every_n_layers=draw(3, 2),
        hidden_activation=draw("gelu", "silu", "gelu_pytorch_tanh"),
        attention_bias=draw(False, True),
        mlp_bias=draw(False, True),
        norm_bias=draw(False, True),
        rope_parameters={"full_attention": plain_rope(draw, 160000.0), "sliding_attention": plain_rope(draw, 10000.0)},
    )
    tiny = Tiny(draw(transformers.ModernBertModel, transformers.ModernBertForMaskedLM)(config), BOTH_TEMPLATE, token_types=False)
    if draw(False, False, True):  # as version 4 wrote it
        tiny.config_changes = {"rope_parameters": None, "layer_types": None, "global_rope_theta": 777.0, "local_rope_theta": 99.0,
                               "global_attn_every_n_layers": draw(2, 3)}
    return tiny


@family("eurobert")
def eurobert(draw: Draw) -> Tiny:
    config = transformers.EuroBertConfig(
        **grouped(draw),
        attention_bias=draw(False, True),
        mlp_bias=draw(False, True),
        rms_norm_eps=draw(1e-5, 1e-6),
        rope_parameters=rope(draw, 250000.0),
    )
    return Tiny(draw(transformers.EuroBertModel, transformers.EuroBertForMaskedLM)(config), BOTH_TEMPLATE, token_types=False)


@family("nomic_bert")
def nomic_bert(draw: Draw) -> Tiny:
    config = transformers.NomicBertConfig(
        **draw.common(),
        pad_token_id=draw.id("[PAD]"),
        type_vocab_size=draw(2, 3),
        hidden_act=draw("silu", "gelu"),
        layer_norm_eps=draw(1e-12, 1e-5),
        rope_parameters=plain_rope(draw, 1000.0),
    )
    return Tiny(draw(transformers.NomicBertModel, transformers.NomicBertForMaskedLM)(config), rename=draw(None, None, _own_names_of_nomic))


def _own_names_of_nomic(tensors: dict) -> dict:
    """The names of transformers' own class, where save_pretrained wrote those of the published folders."""
    return _replaced(tensors, {"encoder.layers": "layers", "emb_ln": "embeddings.LayerNorm", "attn.out_proj": "self_attn.o_proj",
                               "fc11": "up_proj", "fc12": "gate_proj", "fc2": "down_proj", "norm1": "post_attention_layernorm",
                               "norm2": "post_mlp_layernorm"}, "attn.Wqkv", "self_attn")


def _replaced(tensors: dict, names: dict[str, str], fused: str, attention: str) -> dict:
    out = {}
    for name, tensor in tensors.items():
        for old, new in names.items():
            name = name.replace(old, new)
        if fused in name:
            for part, rows in zip("qkv", tensor.chunk(3)):
                out[name.replace(fused, f"{attention}.{part}_proj")] = rows.contiguous()
        else:
            out[name] = tensor
    return out


@family("gte")
def gte(draw: Draw) -> Tiny:
    config = transformers.GteConfig(
        **draw.common(),
        **draw.token_ids(),
        type_vocab_size=draw(1, 0, 2),
        hidden_act=draw("gelu", "silu"),
        layer_norm_eps=draw(1e-12, 1e-5),
        rope_parameters=rope(draw, 160000.0),
    )
    types = config.type_vocab_size == 2
    return Tiny(draw(transformers.GteModel, transformers.GteForMaskedLM)(config), token_types=types)


@family("jina_embeddings_v3", ROBERTA_SPECIALS)
def jina_embeddings_v3(draw: Draw) -> Tiny:
    config = transformers.JinaEmbeddingsV3Config(
        **draw.common(),
        **draw.token_ids(),
        hidden_act=draw("gelu", "silu"),
        layer_norm_eps=draw(1e-5, 1e-12),
        rope_parameters=rope(draw, 20000.0),
    )
    model = draw(transformers.JinaEmbeddingsV3Model, transformers.JinaEmbeddingsV3ForMaskedLM)(config)
    return Tiny(model, ROBERTA_TEMPLATE, token_types=False)


# What follows has no class in transformers: the published folders bring code of their own. These small models compute
# what that code is described to compute, with its names; they were not run against it.
class _OwnCode(transformers.PreTrainedModel):
    base_model_prefix = "model"

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = torch.nn.ModuleDict({
            "word_embeddings": torch.nn.Embedding(config.vocab_size, config.hidden_size),
            "LayerNorm": torch.nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps),
        })
        if config.type_vocab_size > 0:
            self.embeddings["token_type_embeddings"] = torch.nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.encoder = torch.nn.ModuleDict({"layer": torch.nn.ModuleList(self.layer(config) for _ in range(config.num_hidden_layers))})
        self.post_init()

    def forward(self, input_ids, attention_mask=None, token_type_ids=None, **kwargs) -> BaseModelOutput:
        hidden = self.embeddings["word_embeddings"](input_ids)
        if "token_type_embeddings" in self.embeddings:
            hidden = hidden + self.embeddings["token_type_embeddings"](torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids)
        hidden = self.embeddings["LayerNorm"](hidden)
        for layer in self.encoder["layer"]:
            hidden = layer(hidden)
        return BaseModelOutput(last_hidden_state=hidden)


def _attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor | float) -> torch.Tensor:
    """q, k, v [B, T, A, D], bias [A, T, T] -> [B, T, A * D]"""
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    weights = (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]) + bias).softmax(-1)
    return (weights @ v).transpose(1, 2).flatten(2)


class _JinaLayer(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size

        def norm() -> torch.nn.LayerNorm:
            return torch.nn.LayerNorm(size, eps=config.layer_norm_eps)

        self.heads = config.num_attention_heads
        self.attention = torch.nn.ModuleDict({
            "self": torch.nn.ModuleDict({name: torch.nn.Linear(size, size) for name in ("query", "key", "value")}),
            "output": torch.nn.ModuleDict({"dense": torch.nn.Linear(size, size), "LayerNorm": norm()}),
        })
        self.mlp = torch.nn.ModuleDict({"gated_layers": torch.nn.Linear(size, 2 * inner, bias=False),
                                        "wo": torch.nn.Linear(inner, size), "layernorm": norm()})
        self.act = {"geglu": torch.nn.GELU(), "reglu": torch.nn.ReLU()}[config.feed_forward_type]

    def slopes(self, heads: int) -> list[float]:
        """https://arxiv.org/abs/2108.12409, and what its authors do where the number of heads is no power of two."""
        closest = 2 ** math.floor(math.log2(heads))
        own = [2 ** (-8 * (i + 1) / closest) for i in range(closest)]
        return own + self.slopes(2 * closest)[0::2][: heads - closest] if heads > closest else own

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        position = torch.arange(hidden.shape[1])
        bias = -torch.tensor(self.slopes(self.heads))[:, None, None] * (position[:, None] - position).abs()
        q, k, v = (self.attention["self"][name](hidden).unflatten(-1, (self.heads, -1)) for name in ("query", "key", "value"))
        output = self.attention["output"]
        hidden = output["LayerNorm"](output["dense"](_attend(q, k, v, bias)) + hidden)
        gate, up = self.mlp["gated_layers"](hidden).chunk(2, -1)
        return self.mlp["layernorm"](self.mlp["wo"](self.act(gate) * up) + hidden)


class _JinaBert(_OwnCode):
    config_class = transformers.BertConfig
    layer = _JinaLayer


class _BertOrJina:
    """What AutoModel makes of model_type "bert": Jina's code where its code would be asked for."""

    config_class = transformers.BertConfig

    @classmethod
    def from_pretrained(cls, path, *args, config=None, **kwargs):
        jina = getattr(config, "position_embedding_type", None) == "alibi"
        return (_JinaBert if jina else transformers.BertModel).from_pretrained(path, *args, config=config, **kwargs)


transformers.AutoModel.register(transformers.BertConfig, _BertOrJina, exist_ok=True)


@family("jina_bert")
def jina_bert(draw: Draw) -> Tiny:
    config = transformers.BertConfig(
        **draw.common(),
        **draw.token_ids(),
        layer_norm_eps=draw(1e-12, 1e-5),
        position_embedding_type="alibi",
        feed_forward_type=draw("geglu", "reglu"),
    )
    return Tiny(_JinaBert(config))


class _NewConfig(transformers.BertConfig):
    model_type = "new"


class _NewLayer(torch.nn.Module):
    def __init__(self, config):
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.heads, self.config = config.num_attention_heads, config
        packed = {"qkv_proj": torch.nn.Linear(size, 3 * size)} if config.pack_qkv else {f"{n}_proj": torch.nn.Linear(size, size) for n in "qkv"}
        self.attention = torch.nn.ModuleDict({**packed, "o_proj": torch.nn.Linear(size, size)})
        self.mlp = torch.nn.ModuleDict({"up_gate_proj": torch.nn.Linear(size, 2 * inner, bias=False), "down_proj": torch.nn.Linear(inner, size)})
        self.attn_ln = torch.nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp_ln = torch.nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.act = torch.nn.GELU()

    def turn(self, x: torch.Tensor) -> torch.Tensor:
        size = x.shape[-1]
        base, scaling = self.config.own_theta, self.config.own_scaling
        inverse = 1.0 / ((base * scaling) ** (torch.arange(0, size, 2).float() / size))
        if scaling != 1:
            inverse = inverse / scaling ** (2 / size)
        angles = torch.arange(x.shape[1]).float()[:, None] * inverse
        angles = torch.cat((angles, angles), -1)[:, None]
        first, second = x.chunk(2, -1)
        return x * angles.cos() + torch.cat((-second, first), -1) * angles.sin()

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        attention = self.attention
        parts = attention["qkv_proj"](hidden).chunk(3, -1) if "qkv_proj" in attention else [attention[f"{n}_proj"](hidden) for n in "qkv"]
        q, k, v = (x.unflatten(-1, (self.heads, -1)) for x in parts)
        hidden = self.attn_ln(hidden + attention["o_proj"](_attend(self.turn(q), self.turn(k), v, 0.0)))
        up, gate = self.mlp["up_gate_proj"](hidden).chunk(2, -1)
        return self.mlp_ln(hidden + self.mlp["down_proj"](self.act(gate) * up))


class _New(_OwnCode):
    config_class = _NewConfig
    layer = _NewLayer


transformers.AutoConfig.register("new", _NewConfig, exist_ok=True)
transformers.AutoModel.register(_NewConfig, _New, exist_ok=True)


@family("new")
def new(draw: Draw) -> Tiny:
    theta, scaling = draw(160000.0, 500.0), draw(2.0, 1.0, 8.0)
    config = _NewConfig(
        **draw.common(),
        **draw.token_ids(),
        layer_norm_eps=draw(1e-12, 1e-5),
        type_vocab_size=draw(2, 1, 0),
        pack_qkv=draw(True, False),
        position_embedding_type="rope",
        own_theta=theta,  # under names that transformers does not turn into its own rope_parameters
        own_scaling=scaling,
    )
    changes = {"rope_theta": theta} | ({} if scaling == 1 else {"rope_scaling": {"type": "ntk", "factor": scaling}})
    return Tiny(_New(config), token_types=config.type_vocab_size == 2, config_changes=changes)
