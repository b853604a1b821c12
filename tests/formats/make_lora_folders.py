#!/usr/bin/env python3
"""Writes tests/formats/data/lora: base models, LoRA adapters of peft (0.21) for them, and the weights they make.

    tests/formats/make_lora_folders.py

BASE-ADAPTER/ holds what peft saved, with "BASE" in place of the base model's folder, and merged.safetensors: the
tensors that differ from the base model when peft has merged the adapter. transformers (5.23), through which
sentence_transformers loads such a folder, gives the same but for DoRA: it says that the trained magnitudes are
UNEXPECTED, and makes new ones.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import load_file, save_file
from transformers import AutoModel, BertConfig, BertModel, GPT2Config, GPT2Model

ADAPTERS = {
    "bert-plain": dict(target_modules=["query", "value"], r=2, lora_alpha=3),
    "bert-patterns": dict(
        target_modules=["query", "key", "dense"], r=2, lora_alpha=4, use_rslora=True,
        rank_pattern={"self.query": 3}, alpha_pattern={"attention.self.query": 5, "intermediate.dense": 7},
    ),
    "bert-dora": dict(target_modules=["query", "word_embeddings", "intermediate.dense"], r=2, use_dora=True),
    "bert-bias": dict(target_modules=["query"], r=1, bias="all", modules_to_save=["pooler"]),
    "bert-lora-bias": dict(target_modules=["query", "output.dense"], r=2, bias="lora_only", lora_bias=True),
    "gpt2-conv": dict(target_modules=["c_attn", "c_proj"], r=2, fan_in_fan_out=True),
    "gpt2-dora": dict(target_modules=["c_fc", "c_proj"], r=2, fan_in_fan_out=True, use_dora=True),
}  # fmt: skip


def base_model(name):
    torch.manual_seed(1)
    if name == "bert":
        return BertModel(
            BertConfig(
                vocab_size=5, hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
                max_position_embeddings=4,
            )
        )  # fmt: skip
    return GPT2Model(GPT2Config(vocab_size=5, n_positions=4, n_embd=4, n_layer=1, n_head=2))


def change_trained_tensors(model):
    """What training would change beside the LoRA matrices, which init_lora_weights=False makes random."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and "lora_A" not in name and "lora_B" not in name:
            parameter.data += 0.25 * torch.randn_like(parameter)


def merged_weights(base, folder):
    weights = PeftModel.from_pretrained(AutoModel.from_pretrained(base), folder).merge_and_unload().state_dict()
    if "dora" not in folder.name:
        assert_same(weights, AutoModel.from_pretrained(folder, dtype=torch.float32))
    return {name: tensor.contiguous() for name, tensor in weights.items()}


def assert_same(weights, model):
    """transformers, which sentence_transformers uses, gives the same weights."""
    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            module.merge()
    for name, tensor in model.state_dict().items():
        if "lora_" in name or ".original_module." in name:
            continue
        name = name.replace(".base_layer.", ".").replace(".modules_to_save.default.", ".")
        assert torch.allclose(weights[name], tensor, rtol=0, atol=1e-6), name


def main():
    target = Path(__file__).resolve().parent / "data" / "lora"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        for base in ("bert", "gpt2"):
            base_model(base).save_pretrained(target / base)
        for name, options in ADAPTERS.items():
            base = target / name.split("-")[0]
            model = AutoModel.from_pretrained(base)
            torch.manual_seed(2)
            model = get_peft_model(model, LoraConfig(init_lora_weights=False, **options))
            change_trained_tensors(model)
            folder = target / name
            model.save_pretrained(folder)
            (folder / "README.md").unlink()
            before = load_file(base / "model.safetensors")
            merged = merged_weights(base, folder)
            changed = {name: t for name, t in merged.items() if not torch.equal(t, before.get(name, torch.empty(0)))}
            save_file(changed, folder / "merged.safetensors", metadata={"format": "pt"})
            config = json.loads((folder / "adapter_config.json").read_text())
            config["base_model_name_or_path"] = "BASE"
            config["target_modules"].sort()
            (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
            # torch.save as older versions of peft used it
            if name == "bert-plain":
                torch.save(load_file(folder / "adapter_model.safetensors"), folder / "adapter_model.bin")
    for file in target.rglob("*.safetensors"):
        file.chmod(0o644)


if __name__ == "__main__":
    main()
