#!/usr/bin/env python3
"""Writes src/tokenizer/regex_differences.inc: the Unicode of the regular expressions inside Hugging Face `tokenizers`.

`tokenizers` carries an Oniguruma of its own, whose Unicode tables are younger than those of the systems' Oniguruma. The
table says, for every property name that one of the two knows, which code points it must gain or lose: regex.cpp writes
them into the pattern. A second table gives the general category where utf8proc has another one, for the matchers that
need no Oniguruma.

Usage: generate_regex_differences.py [--oniguruma libonig.so.5] [--utf8proc libutf8proc.so.2] [--output FILE]
(needs `pip install tokenizers`; takes a few minutes)
"""

import argparse
import ctypes
import pathlib
import re

import tokenizers
from tokenizers import Regex, pre_tokenizers

from generate_unicode_differences import CATEGORIES, CODE_POINTS, Checksum, Utf8proc, ranges_of, write_tables

# Properties that the older Oniguruma does not know and that no pattern of a tokenizer uses; regex_unicode.cpp makes
# PosixPunct of others.
LEFT_OUT = {"incb", "mcm", "modifiercombiningmark", "posixpunct", "idcompatmathstart", "idcompatmathcontinue", "idsu",
            "idsunaryoperator"}
# A test computes the checksums of these over all code points.
CHECKED = ["L", "Lu", "Ll", "Lt", "M", "N", "P", "S", "Word", "Alpha", "Space", "Han", "Cyrillic"]
# Long runs of one kind, where no property differs inside: only their ends are asked.
LONG_RUNS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xF8FF), (0x17000, 0x187F7), (0x20000, 0x2A6DF),
             (0x2A700, 0x2B738), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x30000, 0x3134A),
             (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]


def asked_code_points(hf):
    """Everything that either library may know something about; unassigned planes are left out."""
    unassigned = hf.matches(r"\p{Cn}", "".join(map(chr, CODE_POINTS)))
    inside = set()
    for first, last in LONG_RUNS:
        inside.update(range(first + 2, last - 1))
    wanted = {c for c, free in zip(CODE_POINTS, unassigned) if not free}
    wanted |= {c for c in CODE_POINTS if c < 0x32000 or 0xE0000 <= c < 0xE1000}
    return [c for c in CODE_POINTS if c in wanted and c not in inside]


class Tokenizers:
    def matches(self, pattern, text):
        """Per code point of the text whether the one-character pattern matches it."""
        result = bytearray(b"\1" * len(text))
        for _, (start, end) in pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(text):
            result[start:end] = bytes(end - start)
        return result

    def knows(self, pattern):
        try:
            Regex(pattern)
            return True
        except Exception:  # noqa: BLE001  (the bindings raise a plain Exception)
            return False


class Region(ctypes.Structure):
    _fields_ = [("allocated", ctypes.c_int), ("size", ctypes.c_int), ("begin", ctypes.POINTER(ctypes.c_int)),
                ("end", ctypes.POINTER(ctypes.c_int)), ("history", ctypes.c_void_p)]


class Oniguruma:
    """The system's library through ctypes."""

    def __init__(self, library):
        self.c = ctypes.CDLL(library)
        self.encoding = ctypes.byref(ctypes.c_char.in_dll(self.c, "OnigEncodingUTF8"))
        self.syntax = ctypes.c_void_p.in_dll(self.c, "OnigDefaultSyntax")
        self.c.onig_version.restype = ctypes.c_char_p
        self.c.onig_initialize(ctypes.byref(ctypes.c_void_p(ctypes.addressof(self.encoding._obj))), 1)

    def version(self):
        return "Oniguruma " + self.c.onig_version().decode()

    def compile(self, pattern):
        regex, data = ctypes.c_void_p(), pattern.encode()
        buffer = ctypes.create_string_buffer(data, len(data))
        begin = ctypes.addressof(buffer)
        status = self.c.onig_new(ctypes.byref(regex), ctypes.c_void_p(begin), ctypes.c_void_p(begin + len(data)), 0,
                                 self.encoding, self.syntax, None)
        return regex if status == 0 else None

    def knows(self, pattern):
        return self.compile(pattern) is not None

    def matches(self, pattern, text):
        regex, data = self.compile(f"(?:{pattern})+"), text.encode()
        index_of = {}  # byte -> code point
        at = 0
        for i, character in enumerate(text):
            index_of[at] = i
            at += len(character.encode())
        index_of[at] = len(text)
        buffer = ctypes.create_string_buffer(data, len(data))
        begin = ctypes.addressof(buffer)
        end, region, result = begin + len(data), Region(), bytearray(len(text))
        at = begin
        while self.c.onig_search(regex, ctypes.c_void_p(begin), ctypes.c_void_p(end), ctypes.c_void_p(at),
                                 ctypes.c_void_p(end), ctypes.byref(region), 0) >= 0:
            start, stop = index_of[region.begin[0]], index_of[region.end[0]]
            result[start:stop] = b"\1" * (stop - start)
            at = begin + region.end[0]
        self.c.onig_region_free(ctypes.byref(region), 0)
        self.c.onig_free(regex)
        return result


def property_names():
    """Every name that \\p{...} knows in `tokenizers`: they stand as C strings in its shared library."""
    library = next(pathlib.Path(tokenizers.__file__).parent.glob("*.so"))
    hf = Tokenizers()
    words = {word.decode() for word in re.findall(rb"(?<=\0)[a-z][a-z0-9]{0,59}(?=\0)", library.read_bytes())}
    return sorted(word for word in words - LEFT_OUT if hf.knows(rf"\p{{{word}}}"))


def groups_of(vectors):
    """{property: {code point: gain or loss}} -> ranges of code points that all properties treat alike."""
    code_points = sorted({c for differences in vectors.values() for c in differences})
    names = sorted(vectors)
    signature = {c: tuple(vectors[name].get(c) for name in names) for c in code_points}
    kinds = {}
    for c in code_points:
        kinds.setdefault(signature[c], len(kinds))
    ranges = ranges_of({c: kinds[signature[c]] for c in code_points})
    return names, ranges, kinds


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--oniguruma", default="libonig.so.5")
    arguments.add_argument("--utf8proc", default="libutf8proc.so.2")
    root = pathlib.Path(__file__).resolve().parent.parent
    arguments.add_argument("--output", default=root / "src/tokenizer/regex_differences.inc", type=pathlib.Path)
    options = arguments.parse_args()
    hf, onig, base = Tokenizers(), Oniguruma(options.oniguruma), Utf8proc(options.utf8proc)

    everything = "".join(map(chr, CODE_POINTS))
    category = {}
    for name in CATEGORIES:
        for c, is_it in zip(CODE_POINTS, hf.matches(rf"\p{{{name}}}", everything)):
            if is_it:
                assert c not in category
                category[c] = name
    assert len(category) == len(CODE_POINTS)
    differences = {c: f"UTF8PROC_CATEGORY_{category[c].upper()}" for c in CODE_POINTS if category[c] != base.category(c)}
    category_rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(differences)]

    checksums = {}
    for name in CHECKED:
        checksum = Checksum()
        for is_it in hf.matches(rf"\p{{{name}}}", everything):
            checksum.add(is_it)
        checksums[name] = checksum.value

    text = "".join(map(chr, asked_code_points(hf)))
    points = list(map(ord, text))
    vectors, whole = {}, []
    for name in property_names():
        pattern = rf"\p{{{name}}}"
        theirs = hf.matches(pattern, text)
        ours = onig.matches(pattern, text) if onig.knows(pattern) else None
        if ours is None:
            whole.append(name)
            ours = bytearray(len(text))
        vectors[name] = {c: a for c, a, b in zip(points, theirs, ours) if a != b}
    vectors = {name: changes for name, changes in vectors.items() if changes or name in whole}
    names, ranges, kinds = groups_of(vectors)
    range_rows = [f"{{0x{a:04X}, 0x{b:04X}, {k}}}" for a, b, k in ranges]
    rows = {}
    for i, name in enumerate(names):
        gained = [str(k) for signature, k in kinds.items() if signature[i] == 1]
        lost = [str(k) for signature, k in kinds.items() if signature[i] == 0]
        rows.setdefault((name in whole, " ".join(gained), " ".join(lost)), []).append(name)
    property_rows = [f'{{" {" ".join(same)} ", " {gained} ", " {lost} ", {str(is_whole).lower()}}}'
                     for (is_whole, gained, lost), same in sorted(rows.items(), key=lambda row: row[1])]
    write_tables(options.output, pathlib.Path(__file__).name,
                 f"tokenizers {tokenizers.__version__} differs from {onig.version()} and {base.version()}",
                 [("constexpr CategoryRange kCategoryDifferences[]", category_rows),
                  ("constexpr GroupRange kGroupRanges[]", range_rows),
                  ("constexpr PropertyDifference kPropertyDifferences[]", property_rows)], checksums)


if __name__ == "__main__":
    main()
