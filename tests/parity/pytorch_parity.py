#!/usr/bin/env python3
"""Compares our reader of pytorch_model.bin with torch.load(weights_only=True) on files of torch.save.

    pytorch_parity.py BUILD/tests/dump_weights

Needs the Python packages torch (2.13) and numpy. Random state dicts (types, shapes, strides, offsets, shared storages,
parameters, entries that are not tensors) are saved in both forms; all tensors must agree in name, type, shape and
bytes. Then hostile and damaged files: each is refused with a message that names it, or read as torch reads it. Ends
with 'N passed, N failed'; exit 1 when a file failed.
"""

import collections
import io
import json
import pickle
import random
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import torch

SEED = 20240611
FILES = 300
MUTATIONS = 1500
MAX_SECONDS = 1.0

# Types of safetensors that torch knows; the others have no name to compare.
NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.uint16: "U16", torch.uint32: "U32", torch.uint64: "U64", torch.complex64: "C64",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2", torch.float8_e4m3fnuz: "F8_E4M3FNUZ",
    torch.float8_e5m2fnuz: "F8_E5M2FNUZ", torch.float8_e8m0fnu: "F8_E8M0",
}  # fmt: skip

# torch saves them in the old form, too, but does not read that itself.
WITHOUT_STORAGE_CLASS = {
    torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz,
    torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
}  # fmt: skip


def random_bytes_tensor(rng, dtype, elements):
    data = bytearray(rng.randrange(2 if dtype == torch.bool else 256) for _ in range(elements * dtype.itemsize))
    return torch.frombuffer(data, dtype=dtype).clone() if data else torch.empty(0, dtype=dtype)


def random_tensor(rng):
    dtype = rng.choice(list(NAMES))
    shape = [rng.choice([0, 1, 1, 2, 3, 4, 5]) for _ in range(rng.randrange(5))]
    elements = 1
    for size in shape:
        elements *= size
    tensor = random_bytes_tensor(rng, dtype, elements).reshape(shape)
    for _ in range(rng.randrange(3)):
        kind = rng.randrange(5)
        if kind == 0 and tensor.dim() > 1:
            tensor = tensor.permute(*rng.sample(range(tensor.dim()), tensor.dim()))
        elif kind == 1 and tensor.dim() > 0 and tensor.shape[0] > 1:
            tensor = tensor[1:]
        elif kind == 2 and tensor.dim() > 0 and tensor.shape[-1] > 1:
            tensor = tensor[..., :-1]
        elif kind == 3 and tensor.dim() > 0:
            tensor = tensor[..., :: rng.choice([1, 2, 3])]
        elif kind == 4:
            tensor = tensor.unsqueeze(rng.randrange(tensor.dim() + 1))
    return tensor


def others():
    return [
        1, -1, 2**70, 1.5, None, True, "text", b"bytes", (1, 2), [], [1, [2]], {}, {"a": 1}, torch.Size([2, 3]),
        torch.float32, torch.device("cpu"), {1, 2}, "\u4e2d\U0001f600",
    ]  # fmt: skip


def random_state_dict(rng):
    tensors = {}
    for i in range(rng.randrange(1, 8)):
        name = rng.choice(["weight", "a.b", "layer.0.bias", "\u4e2d", ""]) + str(i)
        tensors[name] = random_tensor(rng)
        if rng.random() < 0.3:
            tensors[name + ".tied"] = tensors[name]
        if rng.random() < 0.2 and tensors[name].is_floating_point() and tensors[name].dtype.itemsize > 1:
            tensors[name + ".p"] = torch.nn.Parameter(tensors[name], requires_grad=rng.random() < 0.5)
            if rng.random() < 0.5:
                tensors[name + ".p"].note = 1
        if rng.random() < 0.2:
            tensors[name + ".other"] = rng.choice(others())
    if rng.random() < 0.5:
        tensors = collections.OrderedDict(tensors)
        if rng.random() < 0.5:
            tensors._metadata = {"": {"version": 1}}
    return tensors


def saved(value, **kwargs):
    buffer = io.BytesIO()
    torch.save(value, buffer, **kwargs)
    return buffer.getvalue()


class Call:
    """Pickles as a call of a function, which is what torch.load(weights_only=False) would run."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def pickled(value, protocol=2):
    return pickle.dumps(value, protocol)


def archive(pickle_bytes, entries=(), name="m", method=zipfile.ZIP_STORED, byteorder=b"little"):
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicate names
        with zipfile.ZipFile(buffer, "w", method) as file:
            file.writestr(f"{name}/data.pkl", pickle_bytes)
            if byteorder is not None:
                file.writestr(f"{name}/byteorder", byteorder)
            for entry, data in entries:
                file.writestr(entry, data)
    return buffer.getvalue()


def tensor_pickle(count=4, offset=0, shape=(4,), stride=(1,), storage=b"torch\nFloatStorage\n", key=b"w"):
    def integer(i):
        return pickled(i)[2:-1]

    def tuple_of(items):
        return b"(" + b"".join(integer(i) for i in items) + b"t"

    def text(t):
        return b"X" + struct.pack("<I", len(t)) + t

    value = b"ctorch._utils\n_rebuild_tensor_v2\n((" + text(b"storage") + b"c" + storage + text(b"0") + text(b"cpu")
    value += integer(count) + b"tQ" + integer(offset) + tuple_of(shape) + tuple_of(stride) + b"\x89}tR"
    return b"\x80\x02}" + text(key) + value + b"s."


def hostile_files(marker):
    """(name, content, part of the message); code in them would create the file `marker`"""
    import builtins
    import os
    import posix
    import subprocess as sub

    cases = []
    command = f"touch {marker}"

    def add(name, content, message):
        cases.append((name, content, message))

    data = [("m/data/0", bytes(16))]
    for label, call in [
        ("os.system", Call(os.system, command)), ("posix.system", Call(posix.system, command)),
        ("builtins.eval", Call(builtins.eval, "1")), ("subprocess.Popen", Call(sub.Popen, command.split())),
    ]:  # fmt: skip
        shown = "posix.system" if label == "os.system" else label
        for protocol in (0, 1, 2, 3, 4, 5):
            # protocol 2 writes the names of Python 2, and 0, 1 and 3 use opcodes that end the reading before the name
            named = protocol in (4, 5) or (protocol == 2 and label != "subprocess.Popen")
            module = "__builtin__.eval" if label == "builtins.eval" and protocol < 3 else shown
            for form, content in [
                ("zip", archive(pickled({"w": call}, protocol))),
                ("magic", saved({}, _use_new_zipfile_serialization=False)[:137] + pickled({"w": call}, protocol)),
            ]:
                add(f"{label}, protocol {protocol}, {form}", content, module if named else None)
        add(f"{label} in place of the magic number", pickled(call), None)
    add("GLOBAL alone", archive(b"\x80\x02cos\nsystem\n."), "os.system")
    add("STACK_GLOBAL", archive(b"\x80\x04\x8c\x02os\x8c\x06system\x93."), "os.system")
    add("INST", archive(b"\x80\x02(X\x01\0\0\0aios\nsystem\n."), "os.system")
    add("OBJ", archive(b"\x80\x02(ctorch\nSize\no."), "torch.Size")
    add("NEWOBJ", archive(b"\x80\x02ctorch\nSize\n)\x81."), "torch.Size")
    add("call of a text", archive(b"\x80\x02X\x01\0\0\0a)R."), "not a function")
    add("SETITEM on a list", archive(b"\x80\x02]K\x01K\x01s."), "not a dictionary")
    add("SETITEM on a tensor", archive(b"\x80\x02ctorch\nSize\n)RK\x01K\x01s."), "not a dictionary")
    add("APPEND to a dict", archive(b"\x80\x02}K\x01a."), "not a list")
    add("BUILD on a call", archive(b"\x80\x02ctorch\nSize\n)R}b."), "attributes")
    add("memo without a value", archive(b"\x80\x02hQ."), "not seen")
    add("million marks", archive(b"\x80\x02" + b"(" * 1000000), "deeper")
    add("million lists", archive(b"\x80\x02" + b"]" * 1000000), "objects")
    add("million dictionaries", archive(b"\x80\x02" + b"}" * 1000000), "objects")
    add("nested tuples", archive(b"\x80\x02)" + b"\x85" * 1000000), "objects")
    add("doubling", archive(b"\x80\x02)" + b"q\x00h\x00\x86" * 300000 + b"."), None)
    add("many recalls", archive(b"\x80\x02)q\x00" + b"h\x00" * 3000000), "steps")
    add("many items", archive(b"\x80\x02)q\x00}" + b"(" + b"h\x00" * 1900000 + b"u."), None)
    add("far memo", archive(b"\x80\x02)r\xff\xff\xff\xff."), "remembers")
    add("ordered dicts of one list", archive(
        b"\x80\x02ccollections\nOrderedDict\nq\x00]q\x01(" + b"K\x01K\x01\x86q\x02" + b"h\x02" * 10000 + b"e"
        + b"\x85q\x03" + b"h\x00h\x03R" * 10000 + b"."), "objects")  # fmt: skip
    add("long text", archive(b"\x80\x02X\xff\xff\xff\xff"), "cut off")
    add("name of a million", archive(tensor_pickle(key=b"w" * 1000000), data), "more than 1024 bytes")
    add("text not UTF-8", archive(tensor_pickle(key=b"\xff"), data), "UTF-8")
    add("a list", archive(b"\x80\x02]."), "no state dict")
    add("keys that are numbers", archive(b"\x80\x02}K\x01K\x01s."), "keys")
    add("twice one key", archive(b"\x80\x02}(X\x01\0\0\0aK\x01X\x01\0\0\0aK\x02u."), "twice")
    inner = saved({"state_dict": {"w": torch.ones(1)}})
    add("nested state dict", inner, "'state_dict'")

    add("storage beyond its entry", archive(tensor_pickle(count=5), data), "16 bytes, its storage 20")
    add("storage of 2^62", archive(tensor_pickle(count=2**62), data), "elements")
    add("storage of 2^64", archive(tensor_pickle(count=2**64), data), None)
    add("negative storage", archive(tensor_pickle(count=-1), data), None)
    add("no storage", archive(tensor_pickle()), "no zip entry 'm/data/0'")
    add("tensor beyond its storage", archive(tensor_pickle(shape=(5,)), data), "outside its storage")
    add("offset beyond", archive(tensor_pickle(offset=1), data), "outside its storage")
    add("stride beyond", archive(tensor_pickle(stride=(2,)), data), "outside its storage")
    add("offset 2^63", archive(tensor_pickle(offset=2**63), data), None)
    add("negative offset", archive(tensor_pickle(offset=-1), data), None)
    add("negative stride", archive(tensor_pickle(stride=(-1,)), data), None)
    add("negative size", archive(tensor_pickle(shape=(-1,)), data), None)
    add("sizes that overflow", archive(tensor_pickle(shape=(2**62, 8), stride=(0, 0)), data), "outside its storage")
    add("stride that overflows", archive(tensor_pickle(shape=(3, 1), stride=(2**63 - 1, 1)), data), "outside")
    add("terabytes of four bytes", archive(tensor_pickle(shape=(2**20, 2**20), stride=(0, 0)), data), "more memory")
    add("fewer strides", archive(tensor_pickle(shape=(2, 2)), data), "different length")
    add("100 dimensions", archive(tensor_pickle(shape=(1,) * 100, stride=(1,) * 100), data), "64 dimensions")
    add("unknown storage", archive(tensor_pickle(storage=b"torch\nQInt8Storage\n"), data), "torch.QInt8Storage")

    good = tensor_pickle()
    add("compressed", archive(good, data, method=zipfile.ZIP_DEFLATED), "compressed (method 8)")
    add("zip bomb", archive(good, [("m/data/0", bytes(50_000_000))], method=zipfile.ZIP_DEFLATED), "compressed")
    for name in ["../x", "m/../../x", "/x", "m\\x", "C:x"]:
        add(f"entry {name}", archive(good, [*data, (name, b"x")]), repr(name)[1:-1].replace("\\\\", "\\"))
    add("duplicate entry", archive(good, data + data), "there twice")
    add("duplicate pickle", archive(good, [*data, ("m/data.pkl", pickled({}))]), "there twice")
    add("big-endian", archive(good, data, byteorder=b"big"), "big-endian")
    add("unknown byte order", archive(good, data, byteorder=b"pdp"), "'pdp'")
    add("TorchScript", archive(good, [*data, ("m/constants.pkl", b"")]), "TorchScript")
    add("no pickle", archive(good, data).replace(b"data.pkl", b"data.pkk"), "no zip entry 'm/data.pkl'")
    add("appended bytes", archive(good, data) + b"x", "appended")
    overlapping = bytearray(archive(good, [*data, ("m/data/1", bytes(16))]))
    first = overlapping.index(b"PK\1\2", overlapping.index(b"m/data/0", overlapping.index(b"PK\1\2")) - 46)
    second = overlapping.index(b"PK\1\2", overlapping.rindex(b"m/data/1") - 46)
    overlapping[second + 42 : second + 46] = overlapping[first + 42 : first + 46]
    add("overlapping entries", bytes(overlapping), None)

    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as file:
        members = {"storages": pickled(0), "tensors": pickled(0), "pickle": pickled(Call(os.system, "x"))}
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    add("tar with os.system", tar.getvalue(), "tar archive")
    add("empty", b"", "not a file of torch.save")
    add("text", b"version https://git-lfs.github.com/spec/v1\n", "not a file of torch.save")
    return cases


def torch_outcome(content):
    """[(name, dtype, shape, bytes)] of the tensors, None when torch refuses the file or it holds no flat dict."""
    try:
        loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:
        return None
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        return None
    seen = []
    for name, tensor in loaded.items():
        if isinstance(tensor, torch.Tensor):
            flat = tensor.detach().reshape(-1)
            flat = flat.new_empty(flat.shape).copy_(flat)
            raw = bytes(flat.view(torch.uint8).tolist()) if flat.numel() else b""
            seen.append((name, NAMES.get(tensor.dtype), list(tensor.shape), raw.hex()))
    return sorted(seen)


def our_outcome(program, path):
    start = time.monotonic()
    run = subprocess.run([program, path], capture_output=True)
    seconds = time.monotonic() - start
    if run.returncode != 0:
        return {"error": f"exit status {run.returncode}"}, seconds
    return json.loads(run.stdout), seconds


def our_outcomes(program, paths):
    results = []
    for begin in range(0, len(paths), 200):
        run = subprocess.run([program, *paths[begin : begin + 200]], capture_output=True, check=True)
        results += [json.loads(line) for line in run.stdout.splitlines()]
    return results


def tensors_of(ours):
    return sorted((t["name"], t["dtype"], t["shape"], t["bytes"]) for t in ours["tensors"])


def mutations(rng, seeds):
    for _ in range(MUTATIONS):
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.choice([1, 1, 2, 3])):
            at = rng.randrange(len(content))
            kind = rng.randrange(4)
            if kind == 0:
                content[at] = rng.randrange(256)
            elif kind == 1:
                content[at] ^= 1 << rng.randrange(8)
            elif kind == 2:
                del content[at : at + rng.choice([1, 2, 8])]
            else:
                content[at:at] = content[at : at + rng.choice([1, 2, 8])]
        yield bytes(content)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    program = sys.argv[1]
    rng = random.Random(SEED)
    passed = failed = 0

    def judge(name, problem):
        nonlocal passed, failed
        passed += problem is None
        failed += problem is not None
        if problem is not None:
            print(f"FAILED {name}: {problem[:600]!a}")

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def write(name, content):
            path = folder / name
            path.write_bytes(content)
            return path

        # what torch.save writes
        contents = []
        for i in range(FILES):
            state = random_state_dict(rng)
            contents.append(saved(state))
            for name, value in list(state.items()):
                if getattr(value, "dtype", None) in WITHOUT_STORAGE_CLASS:
                    del state[name]
            contents.append(saved(state, _use_new_zipfile_serialization=False))
        paths = [write(f"valid-{i}.bin", content) for i, content in enumerate(contents)]
        for content, path, ours in zip(contents, paths, our_outcomes(program, paths)):
            theirs = torch_outcome(content)
            if theirs is None:
                problem = "torch does not read it"
            elif "error" in ours:
                problem = None if theirs == [] and "holds no tensors" in ours["error"] else ours["error"]
            else:
                problem = None if tensors_of(ours) == theirs else f"ours {tensors_of(ours)}, theirs {theirs}"
            judge(path.name, problem)

        # what nobody should load
        for i, (name, content, message) in enumerate(hostile_files(folder / "owned")):
            path = write(f"hostile-{i}.bin", content)
            ours, seconds = our_outcome(program, path)
            error = ours.get("error")
            problem = None
            if error is None:
                problem = f"accepted: {ours}"
            elif str(path) not in error or (message is not None and message not in error):
                problem = f"expected {message!r} and the file in: {error}"
            elif seconds > MAX_SECONDS:
                problem = f"took {seconds:.2f} s"
            judge(name, problem)
        judge("nothing was executed", "a file was" if (folder / "owned").exists() else None)

        # damage: an error, or what torch sees. torch reads some damaged archives that we refuse.
        small = {"w": torch.arange(6.0).reshape(2, 3).t(), "b": torch.ones(2, dtype=torch.half)}
        seeds = [
            saved(small),
            saved(small, _use_new_zipfile_serialization=False),
            archive(tensor_pickle(), [("m/data/0", bytes(16))]),
        ]
        for seed in seeds:
            cut = [write(f"cut-{i}.bin", seed[:i]) for i in range(len(seed))]
            for path, ours in zip(cut, our_outcomes(program, cut)):
                judge(f"cut to {path.name} of {len(seed)}", None if str(path) in ours.get("error", "") else f"{ours}")
        contents = list(mutations(rng, seeds))
        paths = [write(f"mutation-{i}.bin", content) for i, content in enumerate(contents)]
        accepted = 0
        for content, path, ours in zip(contents, paths, our_outcomes(program, paths)):
            if "error" in ours:
                judge(path.name, None if str(path) in ours["error"] else ours["error"])
                continue
            accepted += 1
            theirs = torch_outcome(content)
            if theirs is not None and tensors_of(ours) != theirs:
                judge(path.name, f"ours {tensors_of(ours)}, theirs {theirs}")
            else:
                judge(path.name, None)
    print(f"torch {torch.__version__}: {2 * FILES} files of torch.save, {MUTATIONS} mutations, {accepted} accepted")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
