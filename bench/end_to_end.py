#!/usr/bin/env python3
"""The whole way from text to vector, against sentence-transformers on the same machine with the same number of threads.

  end_to_end.py --sbert build/sbert --model models/all-MiniLM-L6-v2 --data DIR [--rounds 5] [--threads 2] [--peers torch]
                [--limit N] [--out results.json]

Loads: A  the distinct sentences of the STS-B test set            B  Cranfield abstracts, cut at 256 tokens
       C  cold start: a new process, until its first vector        D  peak resident memory of load A
The systems take turns inside each round, and a peer that waits is stopped. A peer is a resident process, warmed up, with the
batch size that was fastest on a sample; `sbert` is a whole process from its start to the written file, so its time includes
loading the model. Beside each speed stands the largest difference of its vectors from torch's. --data (or SBERT_DATA) holds
stsb-en-test.csv and cran.all.1400.xml. The last lines are the results as one JSON object, also written to --out.
"""
from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MAX_TOKENS = 256
BATCH_SIZES = (16, 32, 64)
TUNING_TEXTS = {"A": 256, "B": 32}
FIRST_TEXT = "A girl is styling her hair."


# ------------------------------------------------------------------------------------------------------- worker process
class TorchPeer:
    """sentence-transformers as the quickstart uses it, in float32."""

    def __init__(self, model: str, threads: int):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self.model = SentenceTransformer(model, device="cpu", model_kwargs={"dtype": torch.float32})
        self.model.max_seq_length = MAX_TOKENS

    def encode(self, texts: list[str], batch_size: int) -> np.ndarray:
        return self.model.encode(texts, batch_size=batch_size, show_progress_bar=False)

    @staticmethod
    def versions() -> dict:
        from importlib.metadata import version

        return {name: version(name) for name in ("torch", "sentence-transformers", "transformers", "tokenizers")}


PEERS = {"torch": TorchPeer}


def worker(args) -> None:
    """Answers requests, one JSON object a line. Standard output belongs to the answers, so prints of libraries go elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value: dict) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    peer = PEERS[args.worker](args.model, args.threads)
    if args.first_vector:
        answer({"dimension": len(peer.encode([FIRST_TEXT], 1)[0])})
        return
    answer({"versions": peer.versions()})
    for line in sys.stdin:
        request = json.loads(line)
        texts = json.loads(Path(request["texts"]).read_text())[: request.get("limit")]
        started = time.perf_counter()
        vectors = peer.encode(texts, request["batch_size"])
        seconds = time.perf_counter() - started
        if "save" in request:
            np.save(request["save"], vectors)
        answer({"seconds": seconds})


# --------------------------------------------------------------------------------------------------------------- driver
def environment(threads: int) -> dict:
    return dict(os.environ, HF_HUB_OFFLINE="1", OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads),
                RAYON_NUM_THREADS=str(threads), TOKENIZERS_PARALLELISM="true" if threads > 1 else "false")


class Peer:
    def __init__(self, name: str, args, directory: Path):
        self.name, self.args, self.directory = name, args, directory
        self.batch_size: dict[str, int] = {}
        self.process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment(args.threads))
        self.versions = self.read()["versions"]
        self.stop()

    def command(self, *more: str) -> list[str]:
        return [sys.executable, os.path.abspath(__file__), "--worker", self.name, "--model", self.args.model,
                "--threads", str(self.args.threads), *more]

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: its process ended")
        return json.loads(line)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, **request) -> dict:
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        result = self.read()
        self.stop()
        return result

    def tune(self, load: str) -> None:
        texts = str(self.directory / f"{load}.json")
        limit = TUNING_TEXTS[load]
        self.ask(texts=texts, limit=limit, batch_size=BATCH_SIZES[0])  # warm-up
        times = {b: self.ask(texts=texts, limit=limit, batch_size=b)["seconds"] for b in BATCH_SIZES}
        self.batch_size[load] = min(times, key=times.get)

    def encode(self, load: str) -> tuple[float, np.ndarray]:
        save = str(self.directory / "peer.npy")
        request = {"texts": str(self.directory / f"{load}.json"), "batch_size": self.batch_size[load], "save": save}
        return self.ask(**request)["seconds"], np.load(save)

    def first_vector(self) -> float:
        return seconds_to_first_line(self.command("--first-vector"), self.args.threads)

    def peak_mib(self) -> float:
        """A fresh process that does load A only, as the resident one has done more."""
        request = {"texts": str(self.directory / "A.json"), "batch_size": self.batch_size.get("A", 32)}
        return peak_mib(self.command(), self.args.threads, json.dumps(request) + "\n")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Sbert:
    name = "sbert"

    def __init__(self, args, directory: Path):
        self.args, self.directory = args, directory
        self.base = [os.path.abspath(args.sbert), "encode", args.model]
        self.options = ["--threads", str(args.threads), "--quiet", "--truncation", "silent", "--max-seq-length", str(MAX_TOKENS)]
        done = subprocess.run([self.base[0], "--version"], capture_output=True, text=True)
        self.versions = {"sbert": done.stdout.strip() if done.returncode == 0 else "unknown"}

    def tune(self, load: str) -> None:
        self.encode(load, limit=TUNING_TEXTS[load])  # only warms the file cache: it runs with its defaults

    def command(self, load: str, output: Path) -> list[str]:
        return [*self.base, "--input", str(self.directory / f"{load}.jsonl"), "--output", str(output), *self.options]

    def encode(self, load: str, limit: int | None = None) -> tuple[float, np.ndarray]:
        output = self.directory / "sbert.npy"
        started = time.perf_counter()
        subprocess.run(self.command(load, output), check=True, env=environment(self.args.threads))
        return time.perf_counter() - started, np.load(output)

    def first_vector(self) -> float:
        return seconds_to_first_line([*self.base, *self.options, "--", FIRST_TEXT], self.args.threads)

    def peak_mib(self) -> float:
        return peak_mib(self.command("A", self.directory / "sbert.npy"), self.args.threads, "")

    def end(self) -> None:
        pass


def seconds_to_first_line(command: list[str], threads: int) -> float:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(threads))
    line = process.stdout.readline()
    seconds = time.perf_counter() - started
    process.communicate()
    if not line or process.returncode:
        raise RuntimeError(f"exit {process.returncode} of {' '.join(command)}")
    return seconds


def peak_mib(command: list[str], threads: int, request: str) -> float:
    """VmHWM is read while the process runs: ru_maxrss of a child would start at the size of this process."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               text=True, env=environment(threads))
    process.stdin.write(request)
    process.stdin.close()
    peak_kib = 0
    while process.poll() is None:
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        except OSError:
            break
        if found:
            peak_kib = max(peak_kib, int(found[1]))
        time.sleep(0.001)
    if process.wait():
        raise RuntimeError(f"exit {process.returncode} of {' '.join(command)}")
    return peak_kib / 1024


def load_texts(data: Path, limit: int | None) -> dict[str, list[str]]:
    with open(data / "stsb-en-test.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    sentences = list(dict.fromkeys([r[0] for r in rows] + [r[1] for r in rows]))
    xml = (data / "cran.all.1400.xml").read_text(encoding="utf-8")
    abstracts = [" ".join(t.split()) for t in re.findall(r"<text>(.*?)</text>", xml, re.S)]
    abstracts = [t for t in abstracts if t]
    every = lambda texts, n: texts if n is None or n >= len(texts) else texts[:: len(texts) // n][:n]
    return {"A": every(sentences, limit), "B": every(abstracts, None if limit is None else max(1, limit // 8))}


def machine() -> dict:
    info = Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    name = re.search(r"model name\s*:\s*(.*)", info)
    return {
        "cpu": name[1] if name else platform.processor(),
        "cores_usable": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average_at_start": os.getloadavg()[0],
    }


def measure(args, directory: Path) -> dict:
    texts = load_texts(args.data, args.limit)
    for load, items in texts.items():
        (directory / f"{load}.json").write_text(json.dumps(items))
        (directory / f"{load}.jsonl").write_text("".join(json.dumps(t) + "\n" for t in items))
    result = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "model": os.path.basename(os.path.normpath(args.model)),
        "threads": args.threads,
        "rounds": args.rounds,
        "texts": {load: len(items) for load, items in texts.items()},
        "systems": {},
    }
    systems = []
    try:
        systems = [Peer(name, args, directory) for name in args.peers] + [Sbert(args, directory)]
        loads = list(texts)
        numbers = {s.name: {"versions": s.versions, "A": [], "B": [], "C": [], "D": None, "difference": {}} for s in systems}
        for load in loads:
            for system in systems:
                system.tune(load)
        for round_number in range(1, args.rounds + 1):
            for load in loads:
                reference = None
                for system in systems:
                    seconds, vectors = system.encode(load)
                    numbers[system.name][load].append(seconds)
                    if reference is None and system.name == "torch":
                        reference = vectors
                    if reference is not None:
                        numbers[system.name]["difference"][load] = float(np.abs(vectors - reference).max())
            for system in systems:
                numbers[system.name]["C"].append(system.first_vector())
            progress = ", ".join(f"{n} A {v['A'][-1]:.2f} s B {v['B'][-1]:.2f} s" for n, v in numbers.items())
            print(f"round {round_number} of {args.rounds}: {progress}", file=sys.stderr, flush=True)
        for system in systems:
            numbers[system.name]["D"] = system.peak_mib()
            if isinstance(system, Peer):
                numbers[system.name]["batch_size"] = system.batch_size
        result["systems"] = numbers
    finally:
        for system in systems:
            system.end()
    return result


def print_table(result: dict) -> None:
    texts, systems = result["texts"], result["systems"]
    print(f"{result['machine']['cpu']}, {result['threads']} threads, {result['model']}, median (best) of {result['rounds']} rounds, {result['date']}")
    print(f"A: {texts['A']} STS-B sentences, B: {texts['B']} Cranfield abstracts cut at {MAX_TOKENS} tokens")
    print(f"{'system':8} {'A texts/s':>17} {'B texts/s':>17} {'cold start s':>15} {'A peak MiB':>11} {'A max diff':>11} {'B max diff':>11}")
    for name, v in systems.items():
        speed = {load: f"{texts[load] / statistics.median(v[load]):.1f} ({texts[load] / min(v[load]):.1f})" for load in "AB"}
        cold = f"{statistics.median(v['C']):.3f} ({min(v['C']):.3f})"
        difference = {load: f"{v['difference'][load]:.1e}" if load in v["difference"] else "-" for load in "AB"}
        print(f"{name:8} {speed['A']:>17} {speed['B']:>17} {cold:>15} {v['D']:>11.0f} {difference['A']:>11} {difference['B']:>11}")
    if "torch" in systems:
        ours, torch = systems["sbert"], systems["torch"]
        ratio = {k: statistics.median(torch[k]) / statistics.median(ours[k]) for k in "ABC"}
        print(f"sbert against torch: A {ratio['A']:.2f} times as fast, B {ratio['B']:.2f}, cold start {ratio['C']:.1f}, "
              f"memory {torch['D'] / ours['D']:.1f} times less")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbert", default="build/sbert")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2")
    parser.add_argument("--data", default=os.environ.get("SBERT_DATA"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peers", default="torch", help=f"comma-separated, of: {', '.join(PEERS)}; empty for none")
    parser.add_argument("--limit", type=int, help="use only about this many sentences, and an eighth as many abstracts")
    parser.add_argument("--out", type=Path, help="write the JSON result to this file too")
    parser.add_argument("--worker", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--first-vector", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args)
        return 0
    args.peers = [p for p in args.peers.split(",") if p]
    if unknown := [p for p in args.peers if p not in PEERS]:
        parser.error(f"unknown peer {unknown[0]!r}: {', '.join(PEERS)} are known")
    if args.rounds < 1 or args.threads < 1 or (args.limit is not None and args.limit < 1):
        parser.error("--rounds, --threads and --limit must be at least 1")
    if not args.data:
        print("SKIPPED end_to_end: neither --data nor SBERT_DATA is set")
        return 0
    args.data = Path(args.data)
    if not shutil.which(args.sbert):
        print(f"{args.sbert} not found: build it first (make), or name it with --sbert", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        result = measure(args, Path(directory))
    print_table(result)
    text = json.dumps(result)
    print(text)
    if args.out:
        args.out.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
