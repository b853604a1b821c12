#!/usr/bin/env python3
"""Writes tests/formats/data/*.bin with the real torch.save (2.13), for pytorch_file_test and lora_test.

    tests/formats/make_pytorch_files.py

The same bytes on every run with one version of torch.
"""

import collections
import io
import re
from pathlib import Path

import torch


def state_dict():
    base = torch.arange(12.0).reshape(3, 4)
    state = collections.OrderedDict(
        [
            ("f32", torch.tensor([[1.5, -2.0], [3.0, 4.0]])),
            ("f16", torch.tensor([1.0, 65504.0], dtype=torch.float16)),
            ("bf16", torch.tensor([1.0, -0.5], dtype=torch.bfloat16)),
            ("f64", torch.tensor([0.1], dtype=torch.float64)),
            ("i64", torch.tensor(-7)),
            ("bool", torch.tensor([True, False])),
            ("empty", torch.empty(0, 3)),
            ("base", base),
            ("tied", base),
            ("transposed", base.t()),
            ("slice", base[1:, 1:3]),
            ("row", base[2]),
            ("parameter", torch.nn.Parameter(torch.tensor([9.0]))),
            ("number", 3),
            ("text", "not a tensor"),
            ("size", torch.Size([2])),
            ("extra", {"a": [1, (2.5, None)]}),
        ]
    )
    state._metadata = {"": {"version": 1}}
    return state


def saved(value, **kwargs):
    buffer = io.BytesIO()
    torch.save(value, buffer, **kwargs)
    return buffer.getvalue()


def with_counted_keys(content):
    """The old form names storages by their address: numbers in order of appearance instead, of the same length."""
    addresses = list(dict.fromkeys(re.findall(rb"\d{12,16}", content)))
    for i, address in enumerate(addresses):
        content = content.replace(address, b"%0*d" % (len(address), i))
    return content


def main():
    folder = Path(__file__).resolve().parent / "data"
    folder.mkdir(exist_ok=True)
    files = {
        "zip.bin": saved(state_dict()),
        "legacy.bin": with_counted_keys(saved(state_dict(), _use_new_zipfile_serialization=False)),
        "float8.bin": saved(
            {
                "f8": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn),
                "u16": torch.tensor([1, 65535], dtype=torch.uint16),
            }
        ),
        "protocol4.bin": saved({"w": torch.tensor([1.0, 2.0])}, pickle_protocol=4),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
