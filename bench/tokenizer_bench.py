#!/usr/bin/env python3
"""Text to ids, one thread, against `tokenizers` (encode_batch_fast): megabytes of text per second and their ratio.

  tokenizer_bench.py --executable build/tests/tokenize_lines --models models --data DIR [--rounds 5] [--only NAME ...]

Texts: the Cranfield abstracts and the STS-B test sentences in eleven languages. Tokenizers: all-MiniLM-L6-v2 (WordPiece),
the published ones that scripts/get_tokenizers has put into MODELS/tokenizers (byte-level BPE; gemma3 and llama2: BPE of
whole texts), and a Unigram of 32,000 pieces in the shape of XLM-R, trained here once on the STS-B training files and kept
in MODELS/tokenizers. The two take turns inside each round, after a pass to warm up; the median counts. Both get the texts
whole, without truncation, and must give equally many tokens.
"""

import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

UNIGRAM = "unigram-32k"


def load_texts(data):
    cranfield = (data / "cran.all.1400.xml").read_text(encoding="utf-8", errors="replace")
    abstracts = [" ".join(text.split()) for text in re.findall(r"<text>(.*?)</text>", cranfield, re.S)]
    return {"Cranfield": [a for a in abstracts if a], "STS-B": [t for pair in sts_rows(data, "test") for t in pair]}


def sts_rows(data, part):
    for file in sorted(data.glob(f"stsb-*-{part}.csv")):
        with open(file, encoding="utf-8", newline="") as stream:
            yield from (row[:2] for row in csv.reader(stream))


def train_unigram(folder, data):
    """fairseq's order of special tokens, WhitespaceSplit and Metaspace, sentencepiece's table of nmt_nfkc."""
    import io
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
    print(f"training {UNIGRAM} ...", flush=True)
    lines = [text for row in sts_rows(data, "train") for text in row]
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=file, vocab_size=32000, minloglevel=2,
                                             model_type="unigram", num_threads=2, character_coverage=0.9995)
    proto = sentencepiece_model_pb2.ModelProto.FromString(file.getvalue())
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + [(p.piece, p.score) for p in proto.pieces[3:]]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))


def time_ours(executable, folder, lines):
    done = subprocess.run([executable, str(folder), "--time"], input=lines, capture_output=True, text=True, check=True)
    fields = done.stderr.split()
    values = dict(zip(fields[::2], fields[1::2]))
    return float(values["seconds"]), int(values["tokens"]), float(values["load"])


def time_theirs(tokenizer, texts):
    start = time.perf_counter()
    encodings = tokenizer.encode_batch_fast(texts)
    seconds = time.perf_counter() - start
    return seconds, sum(len(e) for e in encodings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executable", required=True)
    parser.add_argument("--models", type=pathlib.Path, default=pathlib.Path("models"))
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("SBERT_DATA"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+")
    options = parser.parse_args()
    if options.data is None:
        sys.exit("--data or SBERT_DATA must name the folder with the STS-B and Cranfield files")
    data = pathlib.Path(options.data)
    published = options.models / "tokenizers"
    if not (published / UNIGRAM).exists() and (not options.only or UNIGRAM in options.only):
        train_unigram(published / UNIGRAM, data)
    folders = [options.models / "all-MiniLM-L6-v2", *sorted(published.iterdir())]
    print(f"{'tokenizer':18} {'model':10} {'texts':10} {'MB':>6} {'ours MB/s':>10} {'theirs MB/s':>12} {'ratio':>6}  load s (ours, theirs)")
    for folder in folders:
        if not (folder / "tokenizer.json").exists() or (options.only and folder.name not in options.only):
            continue
        start = time.perf_counter()
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        their_load = time.perf_counter() - start
        tokenizer.no_padding()
        tokenizer.no_truncation()
        for name, texts in load_texts(data).items():
            lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
            megabytes = sum(len(text.encode()) for text in texts) / 1e6
            time_theirs(tokenizer, texts)
            ours, theirs, loads = [], [], []
            for _ in range(options.rounds):
                seconds, our_tokens, load = time_ours(options.executable, folder, lines)
                ours.append(seconds)
                loads.append(load)
                seconds, their_tokens = time_theirs(tokenizer, texts)
                theirs.append(seconds)
                if our_tokens != their_tokens:
                    sys.exit(f"{folder.name}, {name}: {our_tokens} tokens, the reference has {their_tokens}")
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{folder.name:18} {type(tokenizer.model).__name__:10} {name:10} {megabytes:6.2f} {megabytes / a:10.1f} "
                  f"{megabytes / b:12.1f} {b / a:6.1f}  {statistics.median(loads):.3f}, {their_load:.3f}", flush=True)


if __name__ == "__main__":
    main()
