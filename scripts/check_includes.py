#!/usr/bin/env python3
"""Checks that each folder of src/ includes only the folders above it in the data flow, that programs use the public API
only, and that public headers show no third-party types."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAY_USE = {
    "common": [],
    "formats": ["common"],
    "tokenizer": ["common"],
    "kernels": ["common"],
    "nn": ["common", "formats", "kernels"],
    "arch": ["common", "formats", "kernels", "nn"],
    "modules": ["common", "formats", "tokenizer", "kernels", "nn", "arch"],
    "vectors": ["common", "kernels"],
    "models": ["common", "formats", "tokenizer", "kernels", "nn", "arch", "modules", "vectors"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
STANDARD = re.compile(r"^[a-z_0-9]+$")


def includes(path):
    return [(quote, name) for quote, name in INCLUDE.findall(path.read_text())]


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp", ".inc"))


problems = []
for folder in sorted(p for p in (ROOT / "src").iterdir() if p.is_dir()):
    if folder.name not in MAY_USE:
        problems.append(f"src/{folder.name}: not in the order of {__file__}")
        continue
    allowed = set(MAY_USE[folder.name]) | {folder.name}
    for path in sources(folder):
        for quote, name in includes(path):
            if quote == '"' and name.split("/")[0] not in allowed:
                problems.append(f"{path.relative_to(ROOT)}: may not include \"{name}\"")
for path in sources(ROOT / "include"):
    for quote, name in includes(path):
        if quote == '"' or not (name.startswith("sbert/") or STANDARD.match(name)):
            problems.append(f"{path.relative_to(ROOT)}: a public header may not include {name}")
for path in sources(ROOT / "cli") + sources(ROOT / "examples"):
    for quote, name in includes(path):
        if name.split("/")[0] in MAY_USE:
            problems.append(f"{path.relative_to(ROOT)}: programs use <sbert/...> only, not {name}")
for path in sources(ROOT / "src") + sources(ROOT / "include") + sources(ROOT / "cli") + sources(ROOT / "tests"):
    if not path.read_bytes().isascii():
        problems.append(f"{path.relative_to(ROOT)}: sources are ASCII")

print("\n".join(problems) or "includes: in order")
sys.exit(1 if problems else 0)
