"""Part of tokenizer_parity.py: published tokenizers (scripts/get_tokenizers, and models/ beside them), on real texts in
eleven languages, nasty texts and random ones."""

import json
import pathlib

from tokenizer_harness import Ours, RandomText, as_given_to_the_model, load_reference, reference, sts_texts

TEXTS_PER_LANGUAGE = 1164
NASTY = pathlib.Path(__file__).resolve().parent.parent / "goldens" / "data" / "texts.json"
PIECES = ["<s>", "</s>", "<bos>", "<eos>", "<unk>", "<pad>", "<mask>", "<|endoftext|>", "<|im_start|>", "<|begin_of_text|>",
          "<think>", "<tool_call>", "<start_of_turn>", "\u2581", "<0x0A>", "    ", "\n\n\n", "\t\t", "\r\n"]


def expected_of(folder, texts):
    from transformers import AutoTokenizer
    if (folder / "tokenizer_config.json").exists():  # it names the class, which may not give token type ids
        of_class = AutoTokenizer.from_pretrained(str(folder))
    else:
        of_class = None
    if (folder / "tokenizer.json").exists():
        tokenizer = load_reference(folder)
    else:
        tokenizer = of_class.backend_tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
    expected = reference(tokenizer, texts)
    return expected if of_class is None else as_given_to_the_model(expected, of_class)


def run(options, work, report):
    root = pathlib.Path(options.published)
    files = ("tokenizer.json", "tokenizer.model")
    folders = [f for place in (root, root.parent) if place.is_dir() for f in sorted(place.iterdir())
               if any((f / name).exists() for name in files)]
    if not folders:
        print(f"skipped: published tokenizers (scripts/get_tokenizers puts them into {root})")
        return
    nasty = json.loads(NASTY.read_text(encoding="utf-8"))
    languages = sts_texts(options.data, TEXTS_PER_LANGUAGE)
    if not languages:
        print("skipped: the texts in many languages (give --data or set SBERT_DATA)")
    maker = RandomText(options.seed)
    random_texts = maker.texts(options.random // 10)
    random_texts += [maker.random.choice(PIECES) + a + maker.random.choice(PIECES) + b
                     for a, b in maker.pairs(options.random // 20)]
    parts = {
        "nasty texts": nasty["texts"] + [tuple(pair) for pair in nasty["pairs"]], "random texts": random_texts,
        **languages,
    }  # fmt: skip
    ours = Ours(options.executable)
    for folder in folders:
        texts = [text for part in parts.values() for text in part]
        expected, actual = expected_of(folder, texts), ours.encode(folder, texts)
        start = 0
        for name, part in parts.items():  # one run of each side, a line for each part
            end = start + len(part)
            report.add(f"{folder.name}: {name}", part, expected[start:end], actual[start:end])
            start = end
