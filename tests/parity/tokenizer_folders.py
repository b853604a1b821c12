"""Part of tokenizer_parity.py: folders without tokenizer.json, against what transformers' AutoTokenizer makes of them.

Small vocabularies of each class are trained here (with sentencepiece and tokenizers), then their folders are varied by
the options and special tokens that tokenizer_config.json, special_tokens_map.json and added_tokens.json may hold.
"""

import json
import pydoc_data.topics
import random
import shutil

from tokenizer_harness import Ours, RandomText, as_given_to_the_model, reference, sts_texts

FLAG = {"lstrip": False, "rstrip": False, "single_word": False, "normalized": False}
MASK = {"__type": "AddedToken", "content": "<mask>", **FLAG, "lstrip": True, "special": True}


def corpus(options):
    """Lines to train on: the STS-B sentences, or Python's own documentation without them."""
    texts = [text for sentences in sts_texts(options.data, 700).values() for text in sentences]
    return texts or [line.strip() for topic in pydoc_data.topics.topics.values() for line in topic.split("\n")][:6000]


def train_sentencepiece(lines, **arguments):
    import io
    import sentencepiece
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, minloglevel=2, num_threads=1, hard_vocab_limit=False,
        input_sentence_size=2500, shuffle_input_sentence=False, max_sentence_length=2000, **arguments)
    return model.getvalue()


def train_byte_level(lines, special, suffix=""):
    """vocab.json and merges.txt, as text."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix=suffix))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if suffix:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=900, special_tokens=special, show_progress=False, end_of_word_suffix=suffix,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    model = json.loads(tokenizer.to_str())["model"]
    vocab = model["vocab"]
    if suffix:  # every letter also as the last of a word
        for letter in pre_tokenizers.ByteLevel.alphabet():
            vocab.setdefault(letter + suffix, len(vocab))
    merges = "#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in model["merges"])
    return {"vocab.json": json.dumps(vocab), "merges.txt": merges}


def word_piece_vocabulary(lines, special):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.WordPiece(unk_token=special[0]))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=900, special_tokens=special, show_progress=False))
    vocab = tokenizer.get_vocab()
    return "\n".join(sorted(vocab, key=vocab.get)) + "\n"


def sentencepiece_models(lines):
    fairseq = dict(vocab_size=700, model_type="unigram", unk_id=0, bos_id=1, eos_id=2, pad_id=-1)
    byte_bpe = dict(vocab_size=1300, model_type="bpe", byte_fallback=True, split_digits=True, character_coverage=0.99,
                    normalization_rule_name="identity", remove_extra_whitespaces=False)
    return {
        "t5": train_sentencepiece(lines, vocab_size=700, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
        "fairseq": train_sentencepiece(lines, **fairseq),
        "user": train_sentencepiece(lines, **fairseq, user_defined_symbols=["<sep>", "\u2581new\u2581york", "##"],
                                    control_symbols=["<ctl>"], normalization_rule_name="nmt_nfkc_cf"),
        "identity": train_sentencepiece(lines, **fairseq, normalization_rule_name="identity"),
        "albert": train_sentencepiece(lines, vocab_size=700, model_type="unigram", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
                                      control_symbols=["[CLS]", "[SEP]"], user_defined_symbols=["[MASK]", "(", ")"]),
        "deberta": train_sentencepiece(lines, vocab_size=700, model_type="unigram", pad_id=0, bos_id=1, eos_id=2, unk_id=3,
                                       pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]"),
        "llama": train_sentencepiece(lines, **byte_bpe, unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
                                     user_defined_symbols=["<|user|>"], control_symbols=["[INST]"]),
        "gemma": train_sentencepiece(lines, **byte_bpe, pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>",
                                     eos_piece="<eos>", bos_piece="<bos>", user_defined_symbols=["<mask>", "\t"]),
        "bpe": train_sentencepiece(lines, vocab_size=900, model_type="bpe", character_coverage=0.98),
    }  # fmt: skip


def cases(lines):
    """Name -> files of the folder; values that are no strings or bytes become JSON."""
    models = sentencepiece_models(lines)
    roberta = train_byte_level(lines, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    gpt2 = train_byte_level(lines, ["<|endoftext|>"])
    clip = train_byte_level(lines, ["<|startoftext|>", "<|endoftext|>"], "</w>")
    mpnet = word_piece_vocabulary(lines, ["[UNK]", "<s>", "<pad>", "</s>", "<mask>"])
    bert = word_piece_vocabulary(lines, ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"])
    decoder = {"added_tokens_decoder": {
        "900": {"content": "<new>", **FLAG, "special": True}, "40": {"content": "Zzz", **FLAG, "normalized": True},
        "901": {"content": "wo rd", **FLAG, "lstrip": True, "rstrip": True, "normalized": True, "special": False}}}
    older = {
        "special_tokens_map.json": {"mask_token": {"content": "<mask>", **FLAG, "lstrip": True}, "sep_token": "</s>",
                                    "additional_special_tokens": ["<x>", "<y>"]},
        "added_tokens.json": {"<z>": 5000, "<mask>": 4999, "Hello": 5001},
    }  # fmt: skip

    def of(files, model_type, name=None, config=None, **others):
        config = dict(config or {})
        if name:
            config["tokenizer_class"] = name
        return {**files, **others, "tokenizer_config.json": config, "config.json": {"model_type": model_type}}

    def spm(model, file, model_type, name=None, config=None, **others):
        return of({file: models[model]}, model_type, name, config, **others)

    sentinels = [f"<extra_id_{i}>" for i in range(100)]
    xlmr = "sentencepiece.bpe.model"
    return {
        "T5": spm("t5", "spiece.model", "t5", "T5Tokenizer"),
        "T5 by model_type": spm("t5", "spiece.model", "mt5"),
        "T5 as published": spm("t5", "spiece.model", "t5", "T5TokenizerFast", {
            "additional_special_tokens": sentinels, "eos_token": "</s>", "extra_ids": 100, "model_max_length": 512}),
        "T5 with few sentinels": spm("t5", "spiece.model", "t5", "T5Tokenizer", {"extra_ids": 7}),
        "T5 of other pieces": spm("user", "spiece.model", "t5", "T5Tokenizer"),
        "T5 of tokenizer.model": {**spm("t5", "tokenizer.model", "t5", "T5Tokenizer"), "spiece.model": models["user"]},
        "XLM-R": spm("fairseq", xlmr, "xlm-roberta", "XLMRobertaTokenizer"),
        "XLM-R by model_type": spm("fairseq", xlmr, "xlm-roberta"),
        "XLM-R as published": spm("fairseq", xlmr, "xlm-roberta", "XLMRobertaTokenizer", {"mask_token": MASK}),
        "XLM-R with user pieces": spm("user", xlmr, "xlm-roberta", "XLMRobertaTokenizerFast"),
        "XLM-R without a table": spm("identity", xlmr, "xlm-roberta", "XLMRobertaTokenizer", {"add_prefix_space": False}),
        "XLM-R of BPE": spm("bpe", xlmr, "xlm-roberta", "XLMRobertaTokenizer"),
        "XLM-R, older files": spm("fairseq", xlmr, "xlm-roberta", "XLMRobertaTokenizer", **older),
        "XLM-R, decoder": spm("user", xlmr, "xlm-roberta", "XLMRobertaTokenizer", decoder),
        "XLM-R, extra tokens": spm("user", xlmr, "xlm-roberta", "XLMRobertaTokenizer", {
            "extra_special_tokens": ["<e>", "<f>"], "image_token": "<img>"}),
        "XLM-R, no extra tokens": spm("user", xlmr, "xlm-roberta", "XLMRobertaTokenizer", {"extra_special_tokens": []}),
        "XLM-R, named extra tokens": spm("user", xlmr, "xlm-roberta", "XLMRobertaTokenizer", {
            "extra_special_tokens": {"b_token": "<b>", "a_token": "<a>"}}),
        "Camembert": spm("fairseq", xlmr, "camembert", "CamembertTokenizer"),
        "Camembert as published": spm("user", xlmr, "camembert", "CamembertTokenizer", {
            "additional_special_tokens": ["<s>NOTUSED", "</s>NOTUSED"], "mask_token": "<mask>"}),
        "DeBERTa v2": spm("deberta", "spm.model", "deberta-v2", "DebertaV2Tokenizer", {"vocab_type": "spm"}),
        "DeBERTa v2, options": spm("deberta", "spm.model", "deberta-v2", "DebertaV2Tokenizer", {
            "do_lower_case": True, "split_by_punct": True, "add_prefix_space": False}, **{
            "added_tokens.json": {"[MASK]": 128000}}),
        "DeBERTa v2 of other pieces": spm("user", "spm.model", "deberta-v2"),
        "Albert": spm("albert", "spiece.model", "albert", "AlbertTokenizer"),
        "Albert, options": spm("albert", "spiece.model", "albert", "AlbertTokenizer", {
            "do_lower_case": False, "keep_accents": True, "add_prefix_space": False}),
        "Albert with eos": spm("albert", "spiece.model", "albert", "AlbertTokenizer", {"add_eos_token": True}),
        "Llama": spm("llama", "tokenizer.model", "llama", "LlamaTokenizer"),
        "Llama as published": spm("llama", "tokenizer.model", "llama", "LlamaTokenizer", {
            "add_bos_token": True, "add_eos_token": False, "legacy": True, "pad_token": None,
            "bos_token": {"__type": "AddedToken", "content": "<s>", **FLAG, "normalized": True}}),
        "Llama with eos": spm("llama", "tokenizer.model", "llama", "LlamaTokenizer", {
            "add_bos_token": True, "add_eos_token": True, "add_prefix_space": False}, **older),
        "Llama of unigram": spm("fairseq", "tokenizer.model", "llama", "LlamaTokenizer", {"add_bos_token": True}),
        "Llama of a Mistral": spm("llama", "tokenizer.model", "mistral", "LlamaTokenizer", {"add_bos_token": True}),
        "Gemma": spm("gemma", "tokenizer.model", "gemma", "GemmaTokenizer", {"add_bos_token": True}),
        "Gemma by model_type": spm("gemma", "tokenizer.model", "gemma2", None, decoder),
        "backend, BPE": spm("bpe", "tokenizer.model", "internlm2", "PreTrainedTokenizerFast", {"add_bos_token": True}),
        "backend, unigram": spm("user", "tokenizer.model", "xyz", "TokenizersBackend", {"add_eos_token": True}),
        "backend, renamed": spm("llama", "tokenizer.model", "phi3", "LlamaTokenizer", {"added_tokens_decoder": {
            "3": {"content": "<|turn|>", **FLAG, "special": True}, "4": {"content": "<|end|>", **FLAG},
            "9000": {"content": "<|more|>", **FLAG}}}),
        "RoBERTa": of(roberta, "roberta", "RobertaTokenizer"),
        "RoBERTa as published": of(roberta, "roberta", None, {"add_prefix_space": True, "mask_token": MASK}),
        "RoBERTa, older files": of(roberta, "roberta", "RobertaTokenizerFast", **older),
        "BART": of(roberta, "bart", "BartTokenizer", decoder),
        "GPT-2": of(gpt2, "gpt2", "GPT2Tokenizer", {"pad_token": "<|endoftext|>"}),
        "GPT-2 with bos": of(gpt2, "gpt2", "GPT2Tokenizer", {"add_bos_token": True, "add_prefix_space": True}),
        "Qwen2": of(gpt2, "qwen2", "Qwen2Tokenizer", {"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]}),
        "Qwen3": of(gpt2, "qwen3", None, {"add_eos_token": True, **decoder, "bos_token": None}),
        "CLIP": of(clip, "clip", "CLIPTokenizer"),
        "CLIP as published": of(clip, "clip", None, {
            "bos_token": {"__type": "AddedToken", "content": "<|startoftext|>", **FLAG, "normalized": True},
            "unk_token": {"__type": "AddedToken", "content": "<|endoftext|>", **FLAG, "normalized": True}}),
        "DeBERTa": of(roberta, "deberta", "DebertaTokenizer"),
        "MPNet": of({"vocab.txt": mpnet}, "mpnet", "MPNetTokenizer"),
        "MPNet, options": of({"vocab.txt": mpnet}, "mpnet", None, {
            "do_lower_case": False, "strip_accents": True, "mask_token": "<mask>"}, **older),
        "BERT by model_type": of({"vocab.txt": bert}, "nomic_bert"),
        "ELECTRA": of({"vocab.txt": bert}, "electra", "ElectraTokenizerFast", decoder),
    }  # fmt: skip


def write(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        if not isinstance(content, (str, bytes)):
            content = json.dumps(content)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def inputs(lines, seed, count):
    maker = RandomText(seed)
    pieces = ["<s>", "</s>", "<mask>", "<pad>", "<unk>", "[CLS]", "[MASK]", "<extra_id_0>", "<extra_id_5>", "<|endoftext|>",
              "<|startoftext|>", "<x>", "<z>", "<new>", "wo rd", "Zzz", "Hello", "<sep>", "<ctl>", "[INST]", "<|user|>", "<img>",
              "\u2581", "\u2581new\u2581york", "\t", "``x''", "<e>", "<bos>", "<|im_start|>", "<s>NOTUSED", "<0x41>", "\r\n ",
              "<|turn|>", "<|more|>"]
    generator = random.Random(seed)
    mixed = []
    for _ in range(count):
        parts = [generator.choice(pieces + [" ", "  ", maker.text(), generator.choice(lines)])
                 for _ in range(generator.randint(1, 6))]
        mixed.append(generator.choice(["", " "]).join(parts))
    return ["", " ", "\n"] + pieces + mixed + maker.texts(count) + generator.sample(lines, min(count, len(lines)))


def run(options, work, report):
    import transformers
    transformers.utils.logging.set_verbosity_error()
    from transformers import AutoTokenizer
    lines = corpus(options)
    texts = inputs(lines, options.seed, 4000 if options.thorough else 250)
    pairs = list(zip(texts[:200], reversed(texts[:200])))
    ours = Ours(options.executable)
    folder = work / "folder"
    for name, files in cases(lines).items():
        write(folder, files)
        try:
            of_class = AutoTokenizer.from_pretrained(str(folder))
        except Exception as error:
            report.add(f"folder of {name}: transformers fails: {error}"[:200], [""], [None], [("ran",)])
            continue
        tokenizer = of_class.backend_tokenizer
        tokenizer.no_padding()
        tokenizer.no_truncation()
        expected = as_given_to_the_model(reference(tokenizer, texts + pairs), of_class)
        report.add("folder of " + name, texts + pairs, expected, ours.encode(folder, texts + pairs))
