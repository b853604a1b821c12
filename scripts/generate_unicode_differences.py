#!/usr/bin/env python3
"""Writes src/tokenizer/unicode_differences.inc: where Hugging Face `tokenizers` sees Unicode otherwise than utf8proc;
and src/tokenizer/unicode_scripts.inc: the scripts of its UnicodeScripts pre-tokenizer, which no library of ours knows.

The crates inside `tokenizers` carry Unicode tables of several ages; utf8proc carries one. src/tokenizer/unicode.cpp
asks utf8proc, after the small tables that this script makes by probing `tokenizers` with every code point. The
definitions under "base" below are the ones unicode.cpp computes from utf8proc: change both together.
generate_regex_differences.py does the same for regular expressions.

Usage: generate_unicode_differences.py [--library libutf8proc.so.2] [--folder FOLDER]   (needs `pip install tokenizers`)
"""

import argparse
import base64
import ctypes
import pathlib
import struct

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
ASCII_PUNCTUATION = set(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
WHITESPACE = [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
CJK = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B81F),
       (0x2B920, 0x2CEAF), (0x2F800, 0x2FA1F)]
ALPHABETIC_SYMBOLS = [(0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)]


def in_ranges(c, ranges):
    return any(first <= c <= last for first, last in ranges)


GRAPHEME_CLASSES = {4: "CONTROL", 5: "EXTEND", 1: "OTHER", 12: "SPACINGMARK", 13: "PREPEND"}
CONTROL, EXTEND, OTHER, SPACING_MARK, PREPEND, ZWJ = 4, 5, 1, 12, 13, 14


class Property(ctypes.Structure):
    """The fields of utf8proc_property_t that we read."""
    _fields_ = [("category", ctypes.c_int16), ("combining_class", ctypes.c_int16), ("others", ctypes.c_int16 * 8),
                ("flags", ctypes.c_uint8), ("grapheme_class", ctypes.c_uint8)]


class Utf8proc:
    """The definitions that unicode.cpp builds on utf8proc (base)."""

    def __init__(self, library):
        self.c = ctypes.CDLL(library)
        self.c.utf8proc_get_property.restype = ctypes.POINTER(Property)
        self.c.utf8proc_version.restype = ctypes.c_char_p
        self.c.utf8proc_unicode_version.restype = ctypes.c_char_p
        self.c.utf8proc_decompose_char.restype = ctypes.c_ssize_t

    def version(self):
        return f"utf8proc {self.c.utf8proc_version().decode()} (Unicode {self.c.utf8proc_unicode_version().decode()})"

    def category(self, c):
        return CATEGORIES[self.c.utf8proc_get_property(c).contents.category]

    def control(self, c):
        return self.category(c) in ("Cc", "Cf", "Co")

    def punctuation(self, c):
        return c in ASCII_PUNCTUATION or self.category(c)[0] == "P"

    def nonspacing_mark(self, c):
        return self.category(c) == "Mn"

    def word(self, c):
        category = self.category(c)
        return (category[0] in "LM" or category in ("Nd", "Nl", "Pc") or c in (0x200C, 0x200D)
                or in_ranges(c, ALPHABETIC_SYMBOLS))

    def combining_class(self, c):
        return self.c.utf8proc_get_property(c).contents.combining_class

    def mark(self, c):
        return self.category(c)[0] == "M"

    def numeric(self, c):
        return self.category(c)[0] == "N"

    def grapheme_class(self, c):
        return self.c.utf8proc_get_property(c).contents.grapheme_class

    def lowercase(self, c):
        return chr(self.c.utf8proc_tolower(c))

    def decomposition(self, c, compatibility=0):
        buffer, boundary = (ctypes.c_int32 * 32)(), ctypes.c_int(0)
        stable_decompose = (1 << 1) | (1 << 4)
        n = self.c.utf8proc_decompose_char(c, buffer, 32, stable_decompose | compatibility, ctypes.byref(boundary))
        return "".join(map(chr, buffer[:n]))

    def compatibility(self, c):
        return self.decomposition(c, 1 << 2)


def charsmap(bytes_to_x):
    """A precompiled_charsmap that rewrites each of the bytes, at the start of what it is asked about, to "x"."""
    units = [0] * 1024
    root_offset, leaf = 256, 512  # the units of the first byte, and one that is the value of all of them: 0
    units[0] = root_offset << 10
    for byte in bytes_to_x:
        units[root_offset ^ byte] = byte | 1 << 8 | (root_offset ^ byte ^ leaf) << 10
    units[leaf] = 1 << 31
    return base64.b64encode(struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + b"x\0").decode()


class HuggingFace:
    """The same questions, answered by probing `tokenizers`."""

    def __init__(self):
        bert = normalizers.BertNormalizer
        self.clean = bert(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
        self.pad_cjk = bert(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
        self.strip = bert(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
        self.nfd, self.lower = normalizers.NFD(), normalizers.Lowercase()
        self.bert_split = pre_tokenizers.BertPreTokenizer()
        self.whole_words = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
        self.whole_words.add_tokens([AddedToken("x", single_word=True, normalized=False)])
        self.strip_accents, self.nfkd = normalizers.StripAccents(), normalizers.NFKD()
        self.digits = pre_tokenizers.Digits(individual_digits=True)
        self.scripts = pre_tokenizers.UnicodeScripts()
        precompiled = lambda mapped: normalizers.Precompiled(base64.b64decode(charsmap(mapped)))
        self.from_a, self.from_beyond_ascii = precompiled(b"a"), precompiled(range(0xC2, 0xF5))

    def whitespace(self, c):
        return len(self.bert_split.pre_tokenize_str("a" + chr(c) + "b")) == 2

    def punctuation(self, c):
        return len(self.bert_split.pre_tokenize_str("a" + chr(c) + "b")) == 3

    def control(self, c):  # NUL and U+FFFD go too, by rules of their own; tab, newline and return are kept as spaces
        cleaned = self.clean.normalize_str("a" + chr(c) + "b")
        return c in (9, 10, 13) or (c not in (0, 0xFFFD) and cleaned == "ab") or c == 0

    def cjk(self, c):
        return self.pad_cjk.normalize_str(chr(c)) != chr(c)

    def nonspacing_mark(self, c):  # only asked of what decomposition leaves alone: nothing else reaches the filter
        return self.strip.normalize_str("a" + chr(c)) == "a"

    def word(self, c):
        return 1 not in self.whole_words.encode("x" + chr(c)).ids

    def decomposition(self, c):
        return self.nfd.normalize_str(chr(c))

    def compatibility(self, c):
        return self.nfkd.normalize_str(chr(c))

    def lowercase(self, c):
        return self.lower.normalize_str(chr(c))

    def mark(self, c):
        return self.strip_accents.normalize_str("a" + chr(c)) == "a"

    def numeric(self, c):
        return len(self.digits.pre_tokenize_str("a" + chr(c) + "b")) == 3

    # Precompiled replaces a whole grapheme of less than six bytes when its first byte is mapped.

    def extends(self, c):
        """Whether `c` belongs to the grapheme of a letter in front of it."""
        return self.from_a.normalize_str("a" + chr(c)) == "x"

    def prepends(self, c):
        return self.from_beyond_ascii.normalize_str(chr(c) + "a") == "x"

    def takes_mark(self, c):
        """Control characters do not."""
        if c < 0x10000:
            return self.from_beyond_ascii.normalize_str(chr(c) + "\u0301") == "x"
        # With the mark alone the grapheme would have six bytes already: are mark and joiner a grapheme of their own?
        return len(self.from_beyond_ascii.normalize_str(chr(c) + "\u0301\u200d")) == 3

    def graphemes_behind(self, text, c):
        """Whether a new grapheme starts at `c` behind the text: then its mark goes with it."""
        marked = self.from_beyond_ascii.normalize_str(text + chr(c) + "\u0301")
        return len(marked) == len(self.from_beyond_ascii.normalize_str(text)) + 1

    def script_split(self, a, b):
        return len(self.scripts.pre_tokenize_str(chr(a) + chr(b))) == 2

    def has_script(self, c):
        return len(self.scripts.pre_tokenize_str(chr(c))) == 1

    def reorders(self, first, second):
        """Whether NFD swaps the two: combining class of first > combining class of second > 0."""
        swapped = self.nfd.normalize_str("a" + chr(first) + chr(second)) == "a" + chr(second) + chr(first)
        return swapped and first != second


def combining_classes(base, hf):
    """The canonical combining class of every code point in `tokenizers`, found by what it is swapped with."""
    members = {}
    for c in CODE_POINTS:
        if base.combining_class(c) and base.decomposition(c) == chr(c):
            members.setdefault(base.combining_class(c), []).append(c)
    # One witness per class that stands in the same order as all others in both worlds; a class whose members are all
    # younger than the tables of `tokenizers` does not exist there.
    lowest = members[min(members)][0]
    known = {k: [c for c in all_of_k if c == lowest or hf.reorders(c, lowest)] for k, all_of_k in members.items()}
    witness = {k: known_of_k[0] for k, known_of_k in known.items() if known_of_k}
    classes = sorted(witness)
    for low in classes:
        for high in classes:
            assert hf.reorders(witness[high], witness[low]) == (high > low), (low, high)
    result = {}
    for c in CODE_POINTS:
        if base.decomposition(c) != chr(c) or hf.decomposition(c) != chr(c):
            continue  # neither reaches the reordering as itself
        above_lowest = hf.reorders(c, witness[classes[0]])
        below_highest = hf.reorders(witness[classes[-1]], c)
        if not above_lowest and not below_highest:
            continue  # a starter (a lone class at either end would be both "not above" and "not below" only if starter)
        below = [k for k in classes if hf.reorders(c, witness[k])]
        above = [k for k in classes if hf.reorders(witness[k], c)]
        between = [k for k in classes if k not in below and k not in above]
        assert len(between) == 1, (hex(c), between)
        result[c] = between[0]
    return result


def ranges_of(values):
    """{code point: value} -> [(first, last, value)]"""
    ranges = []
    for c in sorted(values):
        if ranges and ranges[-1][1] == c - 1 and ranges[-1][2] == values[c]:
            ranges[-1][1] = c
        else:
            ranges.append([c, c, values[c]])
    return ranges


def grapheme_classes(base, hf):
    """{code point: class} where `tokenizers` (unicode-segmentation) has another one."""
    differences = {}
    for c in CODE_POINTS:
        if c < 0x80:
            continue  # "a" and a line break are no marks
        theirs = base.grapheme_class(c)
        if hf.extends(c) != (theirs in (EXTEND, SPACING_MARK, ZWJ)):
            theirs = EXTEND if hf.extends(c) else OTHER
        if hf.prepends(c) != (theirs == PREPEND):
            theirs = PREPEND if hf.prepends(c) else OTHER
        if theirs not in (EXTEND, SPACING_MARK, ZWJ) and hf.takes_mark(c) != (theirs != CONTROL):
            theirs = OTHER if hf.takes_mark(c) else CONTROL
        if theirs != base.grapheme_class(c):
            differences[c] = f"UTF8PROC_BOUNDCLASS_{GRAPHEME_CLASSES[theirs]}"
    return differences


def conjuncts(base, hf):
    """Indic_Conjunct_Break as {code point: kind}. Extending ones that are no linkers stand between linker and consonant
    unless they are spacing marks: only the exceptions are listed."""
    ka, virama = "\u0915", "\u094D"
    kinds = {}
    for c in CODE_POINTS:
        if c < 0x300:
            continue
        if hf.extends(c):
            if not hf.graphemes_behind(ka + chr(c), ord(ka)):
                kinds[c] = "ConjunctKind::kLinker"
            elif base.grapheme_class(c) != SPACING_MARK and hf.graphemes_behind(ka + virama + chr(c), ord(ka)):
                kinds[c] = "ConjunctKind::kNone"
        elif c < 0x10000:
            if hf.takes_mark(c) and not hf.graphemes_behind(ka + virama, c):
                kinds[c] = "ConjunctKind::kConsonant"
        elif c < 0x20000 and base.category(c) == "Lo" and not hf.graphemes_behind(chr(c) + virama, ord(ka)):
            kinds[c] = "ConjunctKind::kConsonant"
    return kinds


def scripts(hf):
    """[(first, last, number of the script)]; code points without one are left out."""
    ranges, members = [], []
    for c in CODE_POINTS:
        if not hf.has_script(c):
            continue
        if ranges and ranges[-1][1] == c - 1 and not hf.script_split(c - 1, c):
            ranges[-1][1] = c
            continue
        number = next((i for i, member in enumerate(members) if not hf.script_split(member, c)), len(members))
        if number == len(members):
            members.append(c)
        ranges.append([c, c, number])
    return ranges


class Checksum:
    """FNV-1a over 32-bit words; unicode_test.cpp computes the same from unicode.h."""

    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, *words):
        for word in words:
            self.value = ((self.value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF


def write_tables(file, script, what, sections, checksums):
    lines = [f"// Generated by scripts/{script}: do not edit.", f"// Where {what}.", ""]
    for head, rows in sections:
        lines.append(f"{head} = {{")
        line = "   "
        for row in rows:
            if len(line) + len(row) + 2 > 120 and line != "   ":
                lines.append(line)
                line = "   "
            line += f" {row},"
        lines += [line, "};", ""]
    if checksums:
        lines.append("// FNV-1a of the answers for every code point; a test computes them anew.")
        for name, value in checksums.items():
            lines.append(f"[[maybe_unused]] constexpr uint64_t k{name}Checksum = 0x{value:016X};")
    file.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="ascii")
    print("\n".join(f"{head.split()[2]} {len(rows)} rows" for head, rows in sections))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--library", default="libutf8proc.so.2")
    root = pathlib.Path(__file__).resolve().parent.parent
    arguments.add_argument("--folder", default=root / "src/tokenizer", type=pathlib.Path)
    options = arguments.parse_args()
    base, hf = Utf8proc(options.library), HuggingFace()

    assert [c for c in CODE_POINTS if hf.whitespace(c)] == WHITESPACE
    assert all(hf.cjk(c) == in_ranges(c, CJK) for c in CODE_POINTS)
    assert hf.lower.normalize_str("\u0391\u03a3 \u03a3") == "\u03b1\u03c3 \u03c3", "a final-sigma rule appeared"

    sections, checksums = [], {}

    def flags(name, hf_value, base_value, asked=lambda c: True):
        differences, checksum = {}, Checksum()
        for c in CODE_POINTS:
            value = hf_value(c) if asked(c) else base_value(c)
            checksum.add(int(value))
            if value != base_value(c):
                differences[c] = str(value).lower()
        rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(differences)]
        sections.append((f"constexpr FlagRange k{name}Differences[]", rows))
        checksums[name] = checksum.value

    flags("Control", hf.control, base.control)
    flags("Punctuation", hf.punctuation, base.punctuation)
    stays = lambda c: hf.decomposition(c) == chr(c)
    flags("NonspacingMark", hf.nonspacing_mark, base.nonspacing_mark, stays)
    flags("Word", hf.word, base.word)
    flags("Mark", hf.mark, base.mark)
    flags("Numeric", hf.numeric, base.numeric)

    classes = combining_classes(base, hf)
    asked = lambda c: base.decomposition(c) == chr(c) and hf.decomposition(c) == chr(c)
    differences, checksum = {}, Checksum()
    for c in CODE_POINTS:
        value = classes.get(c, 0) if asked(c) else base.combining_class(c)
        checksum.add(value)
        if value != base.combining_class(c):
            differences[c] = value
    rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(differences)]
    sections.append(("constexpr ClassRange kCombiningClassDifferences[]", rows))
    checksums["CombiningClass"] = checksum.value

    for name in ("Decomposition", "Lowercase"):
        rows, checksum = [], Checksum()
        for c in CODE_POINTS:
            value = getattr(hf, name.lower())(c)
            checksum.add(len(value), *map(ord, value))
            if value != getattr(base, name.lower())(c):
                assert len(value) <= 4
                rows.append(f"{{0x{c:04X}, {{{', '.join(f'0x{ord(x):04X}' for x in value)}}}}}")
        sections.append((f"constexpr Mapping k{name}Differences[]", rows))
        checksums[name] = checksum.value

    differences, checksum = {}, Checksum()
    for c in CODE_POINTS:
        value = hf.compatibility(c)
        checksum.add(len(value), *map(ord, value))
        if value != base.compatibility(c):
            assert value == chr(c)
            differences[c] = "true"
    rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(differences)]
    sections.append(("constexpr FlagRange kWithoutCompatibility[]", rows))
    checksums["Compatibility"] = checksum.value

    rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(grapheme_classes(base, hf))]
    sections.append(("constexpr GraphemeRange kGraphemeDifferences[]", rows))
    rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in ranges_of(conjuncts(base, hf))]
    sections.append(("constexpr ConjunctRange kConjuncts[]", rows))

    what = f"tokenizers {tokenizers.__version__} differs from {base.version()}"
    script = pathlib.Path(__file__).name
    write_tables(options.folder / "unicode_differences.inc", script, what, sections, checksums)
    rows = [f"{{0x{a:04X}, 0x{b:04X}, {v}}}" for a, b, v in scripts(hf)]
    write_tables(options.folder / "unicode_scripts.inc", script, f"tokenizers {tokenizers.__version__} sees which script",
                 [("constexpr ScriptRange kScripts[]", rows)], {})


if __name__ == "__main__":
    main()
