#!/usr/bin/env python3
"""Writes tests/formats/data/saved.safetensors with the real safetensors (0.8): every type that torch has, names that
need escapes, an empty tensor and a scalar.

    tests/formats/make_safetensors_file.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.float16, torch.bfloat16, torch.int32,
    torch.uint32, torch.float32, torch.complex64, torch.float64, torch.int64, torch.uint64, torch.float8_e4m3fn,
    torch.float8_e5m2, torch.float8_e8m0fnu, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
]  # fmt: skip


def main():
    tensors = {}
    for i, dtype in enumerate(DTYPES):
        values = torch.arange(3 * dtype.itemsize, dtype=torch.uint8) % (2 if dtype == torch.bool else 255)
        tensors[f"{'zyx'[i % 3]}.{i}"] = values.view(dtype)
    tensors['a "quote" \\ \n\t\x01\x7f/ \u00e9\u4e2d\U0001f600'] = torch.tensor([[1.0, 2.0]])
    tensors["scalar"] = torch.tensor(3.0)
    tensors["empty"] = torch.empty(0, 3)
    path = Path(__file__).resolve().parent / "data" / "saved.safetensors"
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


if __name__ == "__main__":
    main()
