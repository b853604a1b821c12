#!/usr/bin/env python3
"""Follows the README as a user would: runs its console examples and compares what they print, builds its C++ program with
its CMakeLists.txt against an installed library, and runs it. Numbers may differ in the last digits (CPU levels do)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
failed = 0


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def same(expected, found):
    if NUMBER.sub("#", expected) != NUMBER.sub("#", found):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(found))
    return all(abs(float(a) - float(b)) < 1e-4 for a, b in pairs)


def check(what, expected, found):
    global failed
    if same(expected.strip(), found.strip()):
        print(f"README: {what}: as shown")
    else:
        failed += 1
        print(f"README: {what}: shows\n{expected}\nbut it printed\n{found}")


def run(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, **options).stdout


readme = (ROOT / "README.md").read_text()
for block in blocks(readme, "console"):
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
        if command.startswith("build/"):
            check(command, expected, run(command, shell=True))
        elif command == "make quickstart":
            check(command, expected, run(["build/quickstart", "models/all-MiniLM-L6-v2"]))

folder = pathlib.Path(tempfile.mkdtemp())
try:
    run(["cmake", "--install", "build", "--prefix", str(folder / "prefix")])
    (folder / "CMakeLists.txt").write_text(blocks(readme, "cmake")[0])
    (folder / "red_planet.cpp").write_text(blocks(readme, "cpp")[0])
    prefix = f"-DCMAKE_PREFIX_PATH={folder / 'prefix'}"
    run(["cmake", "-S", str(folder), "-B", str(folder / "build"), "-DCMAKE_BUILD_TYPE=Release", prefix])
    run(["cmake", "--build", str(folder / "build")])
    printed = run([str(folder / "build" / "red_planet")])
    check("the C++ program", re.search(r"prints `(.*?)`", readme)[1], printed)
    installed = run([str(folder / "prefix" / "bin" / "sbert"), "--version"], env={**os.environ, "LD_LIBRARY_PATH": ""})
    print("installed program:", installed.strip())
finally:
    shutil.rmtree(folder)
print(f"README: {'all as shown' if failed == 0 else str(failed) + ' differ'}")
sys.exit(1 if failed else 0)
