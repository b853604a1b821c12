#!/usr/bin/env python3
"""Compares our safetensors reader with the `safetensors` library on crafted files.

    safetensors_parity.py BUILD/tests/dump_weights

Needs the Python packages safetensors (0.8) and numpy. Each file must be refused by both or accepted by both with the
same names, dtypes, shapes, bytes and metadata. Where we differ on purpose, `explain` names the reason from the header
itself, and the named cases say which reason is expected. Ends with 'N passed, N failed'; exit 1 when a file failed.
"""

import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors

DTYPE_BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip
UNKNOWN_DTYPES = ["", "f32", "F32 ", "F8", "F128", "I4", "U4", "C128", "BFLOAT16", "float32", "F32\0", "bool"]
MUTATIONS = 4000
SEED = 20240611

# The deliberate differences.
DUPLICATE_KEY = "duplicate keys are always an error"
NOT_AN_OBJECT = "a tensor must be an object and its dtype a string"
HUGE_DIMENSION = "dimensions end at 2^63 - 1"
HUGE_INTEGER = "integers of unknown fields end at 64 bits"
NEGATIVE_ZERO = "-0 counts as 0"


def tensor(dtype="F32", shape="[1]", offsets="[0,4]", extra=""):
    return '{"dtype":%s,"shape":%s,"data_offsets":%s%s}' % (json.dumps(dtype), shape, offsets, extra)


def packed(header, data=b"\1\2\3\4", length=None):
    if isinstance(header, str):
        header = header.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def one(dtype="F32", shape="[1]", offsets="[0,4]", data=b"\1\2\3\4", extra="", name="a"):
    return packed("{%s:%s}" % (json.dumps(name), tensor(dtype, shape, offsets, extra)), data)


def named_cases():
    """(name, content of the file, reason of the difference or None)"""
    cases = []

    def add(name, content, difference=None):
        cases.append((name, content, difference))

    t = tensor()
    valid = packed('{"a":%s}' % t)
    add("one tensor", valid)

    # S1: the length field
    for length in [
        0, 1, 7, 8, len(valid), 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 100_000_000, 100_000_001,
    ]:  # fmt: skip
        add(f"length {length}", packed('{"a":%s}' % t, length=length))
    for k in range(16):
        add(f"length 2^64 - {k + 1}", packed('{"a":%s}' % t, length=2**64 - 1 - k))
    for size in range(0, 12):
        add(f"file of {size} bytes", valid[:size])
    for size in range(0, 4):
        add(f"zero file of {size * 4} bytes", bytes(size * 4))

    # dtypes, each right, a byte too long, a byte too short
    for dtype, bits in DTYPE_BITS.items():
        for count in (0, 1, 2, 3, 4, 8):
            size = (count * bits + 7) // 8
            add(f"{dtype} x {count}", one(dtype, f"[{count}]", f"[0,{size}]", bytes(range(size))))
        add(f"{dtype} scalar", one(dtype, "[]", f"[0,{(bits + 7) // 8}]", bytes((bits + 7) // 8)))
        size = bits
        add(f"{dtype} one byte more", one(dtype, "[8]", f"[0,{size + 1}]", bytes(size + 1)))
        add(f"{dtype} one byte less", one(dtype, "[8]", f"[0,{size - 1}]", bytes(size - 1)))
    for dtype in UNKNOWN_DTYPES:
        add(f"unknown dtype {dtype!r}", one(dtype))
    for dtype in ["7", "null", '["F32"]', "true", '{"F32":[]}', '{"F32":null,"F16":null}', "{}"]:
        add(f"dtype {dtype}", packed('{"a":{"dtype":%s,"shape":[1],"data_offsets":[0,4]}}' % dtype))
    variant = '{"a":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}}'
    add("dtype as a variant object", packed(variant), NOT_AN_OBJECT)

    # shapes
    for shape, size in [("[]", 4), ("[1,1,1,1,1,1,1,1,1]", 4), ("[0]", 0), ("[0,5]", 0), ("[5,0]", 0), ("[2,3]", 24)]:
        add(f"shape {shape}", one(shape=shape, offsets=f"[0,{size}]", data=bytes(size)))
    add("64 dimensions", one(shape="[" + "1," * 63 + "1]"))
    # S2, S3, S5: overflow and wrong sizes
    for shape in [
        "[4194305,4194305,211106198978564]", "[4294967296,4294967296]", "[2,18446744073709551614]",
        "[18446744073709551615]", "[9223372036854775808]", "[4611686018427387904]", "[4611686018427387905]",
        "[2305843009213693952]", "[4294967296,4294967296,0]", "[-4]", "[-1]", "[4.0]", "[1.5]", "[1e19]", "[1e0]",
        "[1E2]", "[18446744073709551616]", "[100000000000000000000]", "[null]", "[true]", '["1"]', "[[1]]", "[{}]",
        "null", "1", '"[1]"', '{"0":1}', "[01]", "[+1]", "[0x1]", "[1,]", "[,1]", "[1 1]", "[1e400]",
        "[-9223372036854775809]", "[1000,1000]",
    ]:  # fmt: skip
        for offsets, data in [("[0,0]", b""), ("[0,4]", bytes(4)), ("[0,16]", bytes(16))]:
            add(f"shape {shape} offsets {offsets}", one("I8", shape, offsets, data))
    add("F64 [4] over 16 bytes", one("F64", "[4]", "[0,16]", bytes(16)))
    add("zero times 2^32 twice", one(shape="[0,4294967296,4294967296]", offsets="[0,0]", data=b""))
    add("zero times 2^63 - 1", one(shape="[0,9223372036854775807]", offsets="[0,0]", data=b""))
    add("zero times 2^64 - 1", one(shape="[0,18446744073709551615]", offsets="[0,0]", data=b""), HUGE_DIMENSION)
    add("shape [-0]", one(shape="[-0]", offsets="[0,0]", data=b""), NEGATIVE_ZERO)
    add("offset -0", one(offsets="[-0,4]"), NEGATIVE_ZERO)
    add("shape [-0.0]", one(shape="[-0.0]", offsets="[0,0]", data=b""))

    # S4: offsets
    for offsets in [
        "[]", "[0]", "[4]", "[16,0]", "[4,0]", "[-4,0]", "[-4,4]", "[0,-4]", "[0,9223372036854775808]",
        "[0,18446744073709551615]", "[18446744073709551612,18446744073709551615]", "[18446744073709551612,0]",
        "[0,18446744073709551616]", "[0,4,4]", "[0,4.0]", "[0.0,4]", '["0","4"]', "[null,4]", "null", "4", '"0,4"',
        '{"0":0,"1":4}', "[[0,4]]", "[0,5]", "[0,3]", "[1,4]", "[1,5]", "[4,8]", "[0,8]", "[0,1e1]",
    ]:  # fmt: skip
        add(f"offsets {offsets}", one(offsets=offsets))
        add(f"offsets {offsets}, unknown dtype", one("F33", offsets=offsets))

    # S6: layout
    def many(*entries, data=bytes(8)):
        return packed("{" + ",".join('"%s":%s' % (n, tensor("U8", s, o)) for n, s, o in entries) + "}", data)

    add("two in order", many(("a", "[4]", "[0,4]"), ("b", "[4]", "[4,8]")))
    add("two in reverse order", many(("a", "[4]", "[4,8]"), ("b", "[4]", "[0,4]")))
    add("gap", many(("a", "[2]", "[0,2]"), ("b", "[4]", "[4,8]")))
    add("gap at the begin", many(("a", "[4]", "[4,8]")))
    add("overlap", many(("a", "[5]", "[0,5]"), ("b", "[4]", "[4,8]")))
    add("inside another", many(("a", "[8]", "[0,8]"), ("b", "[2]", "[2,4]")))
    add("same range", many(("a", "[8]", "[0,8]"), ("b", "[8]", "[0,8]")))
    add("ten on one range", many(*((f"t{i}", "[8]", "[0,8]") for i in range(10))))
    add("a thousand on one range", many(*((f"t{i}", "[8]", "[0,8]") for i in range(1000))))
    add("trailing byte", many(("a", "[8]", "[0,8]"), data=bytes(9)))
    add("missing byte", many(("a", "[8]", "[0,8]"), data=bytes(7)))
    add("no data", many(("a", "[8]", "[0,8]"), data=b""))
    add("empty before", many(("e", "[0]", "[0,0]"), ("a", "[8]", "[0,8]")))
    add("empty behind", many(("a", "[8]", "[0,8]"), ("e", "[0]", "[8,8]")))
    add("empty between", many(("a", "[4]", "[0,4]"), ("e", "[0]", "[4,4]"), ("b", "[4]", "[4,8]")))
    add("empty in mid-range", many(("a", "[8]", "[0,8]"), ("e", "[0]", "[4,4]")))
    add("empty beyond the end", many(("a", "[8]", "[0,8]"), ("e", "[0]", "[9,9]")))
    add("empty only", many(("e", "[0]", "[0,0]"), data=b""))
    add("three empty ones", many(*((n, "[0]", "[0,0]") for n in "efg"), data=b""))
    add("empty header object", packed("{}", b""))
    add("empty header object with data", packed("{}", b"\0"))

    # S7: names and keys
    for name in [
        "", "\0", "a\0b", "\x7f", "../../etc/passwd", "/", "x" * 100_000, "\u00e9", "\u4e2d", "\U0001f600", "\u202e",
        "\ufeff", '"', "\\", "__metadata", "__metadata___", "%s%n",
    ]:  # fmt: skip
        add(f"name {name[:20]!r} ({len(name)})", one(name=name))
    for raw in [
        r"\ud800", r"\udc00", r"\ud800\u0041", r"\ud800\ud800", r"\udc00\ud800", r"\ud83d\ude00", r"\u0000", r"\u0061",
        r"\/", r"\b\f\n\r\t", r"\x", r"\u12", r"\u12g4", r"\U00000061", r"\0", "\\",
    ]:  # fmt: skip
        add(f"escape {raw} in a name", packed('{"%s":%s}' % (raw, t)))
        add(f"escape {raw} in an unknown field", one(extra=',"x":"%s"' % raw))
    for code in [*range(0x20), 0x7F]:
        add(f"raw character {code} in a name", packed('{"a%cb":%s}' % (code, t)))
    for raw in [
        b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe4\xb8", b"\x80", b"\xf0\x80\x80\x80",
        b"\xc3\xa9",
    ]:  # fmt: skip
        add(f"bytes {raw.hex()} in a name", packed(b'{"' + raw + b'":' + t.encode() + b"}"))
        unknown = tensor(extra=',"x":"@"').encode().replace(b"@", raw)
        add(f"bytes {raw.hex()} in an unknown field", packed(b'{"a":' + unknown + b"}"))
        add(f"bytes {raw.hex()} as header", packed(raw))
    add("duplicate tensor", packed('{"a":%s,"a":%s}' % (t, t)), DUPLICATE_KEY)
    large = tensor(shape="[4]", offsets="[0,16]")
    add("duplicate tensor, the last one right", packed('{"a":%s,"a":%s}' % (t, large), bytes(16)), DUPLICATE_KEY)
    add("duplicate tensor, the first one right", packed('{"a":%s,"a":%s}' % (large, t), bytes(16)))
    add("duplicate by escape", packed(r'{"a":%s,"\u0061":%s}' % (t, t)), DUPLICATE_KEY)
    for field in ['"dtype":"F32"', '"shape":[1]', '"data_offsets":[0,4]']:
        add(f"duplicate {field}", one(extra="," + field))
    add("duplicate unknown field", one(extra=',"x":1,"x":2'), DUPLICATE_KEY)
    add("duplicate inside an unknown field", one(extra=',"x":[{"y":1,"y":2}]'), DUPLICATE_KEY)
    add("duplicate __metadata__", packed('{"__metadata__":{},"__metadata__":{},"a":%s}' % t))
    add("duplicate in __metadata__", packed('{"__metadata__":{"k":"1","k":"2"},"a":%s}' % t), DUPLICATE_KEY)
    for value in [
        "{}", "null", '{"k":"v"}', '{"":""}', '{"k":"\\u0000"}', "[]", "1", '"x"', "true", '{"k":1}', '{"k":null}',
        '{"k":{}}', '{"k":["v"]}', '{"k":true}',
    ]:  # fmt: skip
        add(f"__metadata__ {value}", packed('{"__metadata__":%s,"a":%s}' % (value, t)))
        add(f"__metadata__ {value} behind", packed('{"a":%s,"__metadata__":%s}' % (t, value)))
    add("__metadata__ by escape", packed(r'{"__meta\u0064ata__":{"k":"v"},"a":%s}' % t))
    add("__metadata__ as a tensor", packed('{"__metadata__":%s}' % t))
    add("__metadata__ only", packed('{"__metadata__":{"k":"v"}}', b""))

    # the tensor's object
    for value in ["null", "1", '"F32"', "[]", "{}", "true", '["F32",[1]]', '["F32",[1],[0,4],5]', '[[1],"F32",[0,4]]']:
        add(f"tensor {value}", packed('{"a":%s}' % value))
    add("tensor as an array", packed('{"a":["F32",[1],[0,4]]}'), NOT_AN_OBJECT)
    for missing in ["dtype", "shape", "data_offsets"]:
        fields = {"dtype": '"F32"', "shape": "[1]", "data_offsets": "[0,4]"}
        del fields[missing]
        add(f"no {missing}", packed('{"a":{%s}}' % ",".join('"%s":%s' % f for f in fields.items())))
        add(f"{missing} in capitals", packed('{"a":%s}' % t.replace(missing, missing.upper())))
    for value in [
        "1", "-0", "0.5", "1e5", "1e-400", "1e400", "-1e400", "null", "true", "false", '"s"', "[]", "{}", "[[[]]]",
        '{"a":{"b":[1,"x",null]}}', "18446744073709551615", "-9223372036854775808", "tru", "nul", "nulll", "NaN",
        "Infinity", "-", "1.", ".5", "01", "1e", "+1", "0x10", "'s'",
    ]:  # fmt: skip
        add(f"unknown field {value}", one(extra=',"x":%s' % value))
    for value in ["18446744073709551616", "-9223372036854775809", "100000000000000000000"]:
        add(f"unknown field {value}", one(extra=',"x":%s' % value), HUGE_INTEGER)
    add("many unknown fields", one(extra="".join(',"x%d":%d' % (i, i) for i in range(1000))))

    # J1: nesting. The header and the tensor are two levels.
    for depth in [1, 2, 50, 123, 124, 125, 126, 127, 128, 129, 200, 1023, 1024, 1025, 100_000]:
        add(f"{depth} arrays", one(extra=',"x":' + "[" * depth + "]" * depth))
        add(f"{depth} arrays around a number", one(extra=',"x":' + "[" * depth + "1" + "]" * depth))
        add(f"{depth} objects", one(extra=',"x":' + '{"y":' * depth + "1" + "}" * depth))
        add(f"{depth} arrays as header", packed("[" * depth + "]" * depth))
        add(f"{depth} open arrays", packed("[" * depth))

    # the header's text
    for before in ["", " ", "\n\t\r ", "\v", "\f", "\0", "\ufeff", "\u00a0", ",", "[", "//\n", "x"]:
        add(f"{before!r} in front", packed(before + '{"a":%s}' % t))
        add(f"{before!r} behind", packed('{"a":%s}' % t + before))
    add("1000 spaces behind", packed('{"a":%s}' % t + " " * 1000))
    for header in [
        "", "{", "}", "[]", "null", "1", '"x"', "{]", '{"a"}', '{"a":}', '{"a":%s,}' % t, '{,"a":%s}' % t,
        "{a:%s}" % t, "{'a':%s}" % t, '{"a":%s}{"b":%s}' % (t, t), '{"a":%s' % t, '{"a":%s]' % t, '{"a" %s}' % t,
        '{1:%s}' % t, '{"a":%s "b":%s}' % (t, t), "{" * 1000,
    ]:  # fmt: skip
        add(f"header {header[:40]}", packed(header))
    for cut in range(0, len(valid), 3):
        add(f"cut to {cut}", valid[:cut])
        add(f"header cut to {cut}", packed(valid[8:-4][:cut]))
    not_finite = struct.pack("<fff", float("nan"), float("inf"), float("-inf"))
    add("NaN and infinities", one("F32", "[3]", "[0,12]", not_finite))
    return cases


def mutations(rng):
    """Random edits of valid files: bytes changed, pieces of JSON removed, repeated, exchanged or put in."""
    seeds = [c for _, c, _ in named_cases() if 60 < len(c) < 400 and outcome(c) is not None]
    pieces = [
        '"a"', '"dtype"', '"shape"', '"data_offsets"', '"__metadata__"', '"F32"', '"U8"', "[", "]", "{", "}", ",", ":",
        "0", "1", "4", "-", ".", "null", "true", '"x":1,', '"x":{"y":1},', "[0,4]", "[0,0]", "[]", "{}", " ",
        "\\u0061", "\\", '"', "e1", "18446744073709551616",
    ]  # fmt: skip
    for i in range(MUTATIONS):
        content = bytearray(rng.choice(seeds))
        length = struct.unpack("<Q", content[:8])[0]
        header, data = bytearray(content[8 : 8 + length]), content[8 + length :]
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            at = rng.randrange(len(header) + 1)
            end = min(len(header), at + rng.choice([1, 1, 2, 5, 20]))
            kind = rng.randrange(6)
            if kind == 0 and at < len(header):
                header[at] = rng.randrange(256)
            elif kind == 1:
                del header[at:end]
            elif kind == 2:
                header[at:at] = header[at:end]
            elif kind == 3:
                header[at:end] = rng.choice(pieces).encode()
            elif kind == 4:
                header[at:at] = rng.choice(pieces).encode()
            elif data and rng.random() < 0.5:
                data = data[:-1]
            else:
                data = data + b"\0"
        yield f"mutation {i}", packed(bytes(header), bytes(data))


def outcome(content):
    """What the library sees, None when it refuses the file."""
    try:
        tensors = safetensors.deserialize(content)
    except safetensors.SafetensorError:
        return None
    return sorted((name, info["dtype"], list(info["shape"]), bytes(info["data"]).hex()) for name, info in tensors)


def metadata(path):
    with safetensors.safe_open(path, framework="np") as file:
        return file.metadata() or {}


def explain(content):
    """The deliberate differences that the header has a cause for."""
    reasons = set()
    length = struct.unpack("<Q", content[:8])[0]

    def pairs(items):
        if len({key for key, _ in items}) < len(items):
            reasons.add(DUPLICATE_KEY)
        return dict(items)

    def integer(text):
        if text == "-0":
            reasons.add(NEGATIVE_ZERO)
        if not -(2**63) <= int(text) < 2**64:
            reasons.add(HUGE_INTEGER)
        elif int(text) >= 2**63:
            reasons.add(HUGE_DIMENSION)
        return int(text)

    try:
        header = json.loads(content[8 : 8 + length].decode(), object_pairs_hook=pairs, parse_int=integer, strict=True)
    except (ValueError, RecursionError):
        return reasons
    for name, value in header.items():
        dtype = value.get("dtype") if isinstance(value, dict) else None
        if name != "__metadata__" and (isinstance(value, list) or isinstance(dtype, dict)):
            reasons.add(NOT_AN_OBJECT)
    return reasons


def our_outcomes(program, paths):
    results = []
    for begin in range(0, len(paths), 500):
        run = subprocess.run([program, *paths[begin : begin + 500]], capture_output=True, check=True)
        results += [json.loads(line) for line in run.stdout.splitlines()]
    assert len(results) == len(paths)
    return results


def judge(content, path, ours, difference):
    """None when all is well, else what is wrong."""
    theirs = outcome(content)
    accepted = "error" not in ours
    if not accepted and not str(path) in ours["error"]:
        return f"the error does not name the file: {ours['error']}"
    if accepted == (theirs is not None):
        if difference is not None:
            return f"expected to differ ({difference})"
        if not accepted:
            return None
        seen = sorted((t["name"], t["dtype"], t["shape"], t["bytes"]) for t in ours["tensors"])
        if seen != theirs:
            return f"ours: {seen}, theirs: {theirs}"
        if ours["metadata"] != metadata(path):
            return f"metadata: ours {ours['metadata']}, theirs {metadata(path)}"
        return None
    stricter = {DUPLICATE_KEY, NOT_AN_OBJECT, HUGE_DIMENSION, HUGE_INTEGER}
    reasons = explain(content) & ({NEGATIVE_ZERO} if accepted else stricter)
    if difference in reasons or (difference is None and path.name.startswith("mutation") and reasons):
        return None
    return f"we {'accept' if accepted else 'refuse'} it: {ours.get('error', '')}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    cases = named_cases()
    cases += [(name, content, None) for name, content in mutations(random.Random(SEED))]
    failed = 0
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, (name, content, _) in enumerate(cases):
            paths.append(Path(folder) / f"{name.split()[0] if name.startswith('mutation') else 'case'}-{i}.safetensors")
            paths[-1].write_bytes(content)
        for (name, content, difference), path, ours in zip(cases, paths, our_outcomes(sys.argv[1], paths)):
            accepted += "error" not in ours
            problem = judge(content, path, ours, difference)
            if problem:
                failed += 1
                print(f"FAILED {name!a}: {problem[:500]!a}")
    print(f"safetensors {safetensors.__version__}: {len(cases)} files, {accepted} accepted")
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
