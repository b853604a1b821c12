"""Text towers of models that embed images, too: CLIP and SigLIP. One vector for each text comes from the model itself."""
from __future__ import annotations

import importlib.util

import transformers
from architectures import Draw, Tiny, family
from architectures.decoders import BOTH_TEMPLATE

# The processors of these models read images with Pillow. Without it their tokenizer alone does what they do with texts.
if importlib.util.find_spec("PIL") is None:
    transformers.AutoProcessor.from_pretrained = transformers.AutoTokenizer.from_pretrained


def _vision(draw: Draw) -> dict:
    """As small as it can be: nothing here looks at images."""
    return {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 8, "patch_size": 8}


def _text(draw: Draw) -> dict:
    return draw.common() | draw.token_ids()


_IMAGE_PROCESSOR = {"size": {"height": 8, "width": 8}, "crop_size": {"height": 8, "width": 8}}


@family("clip")
def clip(draw: Draw) -> Tiny:
    text = _text(draw) | {"hidden_act": draw("quick_gelu", "gelu"), "eos_token_id": draw(draw.id("[SEP]"), 2)}
    size = draw(16, 20)
    config = transformers.CLIPConfig(text_config=text | {"projection_dim": size}, vision_config=_vision(draw), projection_dim=size)
    return Tiny(transformers.CLIPModel(config), BOTH_TEMPLATE, token_types=False, pooler=False, max_tokens=text["max_position_embeddings"],
                files={"preprocessor_config.json": {"image_processor_type": "CLIPImageProcessor", **_IMAGE_PROCESSOR}})


@family("clip_text_model")
def clip_text_model(draw: Draw) -> Tiny:
    config = transformers.CLIPTextConfig(**_text(draw), hidden_act=draw("quick_gelu", "gelu"))
    return Tiny(transformers.CLIPTextModel(config), BOTH_TEMPLATE, token_types=False)


def _siglip(draw: Draw, name: str) -> Tiny:
    text = _text(draw) | {"projection_size": draw(None, 16)}
    vision = _vision(draw) | ({"num_patches": 4} if name == "Siglip2" else {})
    vision = {k: v for k, v in vision.items() if name == "Siglip" or k != "image_size"}
    config = getattr(transformers, name + "Config")(text_config=text, vision_config=vision)
    return Tiny(getattr(transformers, name + "Model")(config), BOTH_TEMPLATE, token_types=False, pooler=False,
                max_tokens=text["max_position_embeddings"],
                files={"preprocessor_config.json": {"image_processor_type": name + "ImageProcessor"}}, plain=name == "Siglip")


@family("siglip")
def siglip(draw: Draw) -> Tiny:
    return _siglip(draw, "Siglip")


@family("siglip2")
def siglip2(draw: Draw) -> Tiny:
    return _siglip(draw, "Siglip2")
