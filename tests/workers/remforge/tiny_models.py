"""Tiny models of the families that `bench.random_models` has not, built as real ones are: what they say means nothing."""

from pathlib import Path

import torch
from tokenizers import processors

from bench.random_models import SEED, TINY, byte_pairs, mark, pieces
from workers.remforge.models.pretrained import transformers


def make_siglip(folder: Path) -> None:
    words = pieces(["<pad>", "</s>", "<unk>"], "<unk>")
    words.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", words.token_to_id("</s>"))]
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=64
    )
    marks = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    config = transformers.SiglipConfig(
        text_config={
            **TINY,
            **marks,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "projection_size": 32,
        },
        vision_config={**TINY, "image_size": 32, "patch_size": 8},
    )
    torch.manual_seed(SEED)
    transformers.SiglipModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    transformers.SiglipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    mark(folder)


def make_head(folder: Path, *, family: str, longest: int = 66) -> None:
    """Save a model of a family that classifies texts of at most `longest` tokens, RoBERTa's two unused places among them."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    words = pieces(special, "<unk>")
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[(token, words.token_to_id(token)) for token in ("<s>", "</s>")],
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
    )
    size = {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2} if family == "distilbert" else TINY
    config = transformers.AutoConfig.for_model(
        family,
        **size,
        vocab_size=len(tokenizer),
        max_position_embeddings=longest,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,
        id2label={0: "joy", 1: "fear"},
        label2id={"joy": 0, "fear": 1},
    )
    torch.manual_seed(SEED)
    transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    mark(folder)


def make_wav2vec2(folder: Path, *, family: str = "wav2vec2", norm: str = "layer", rate: int = 16_000) -> None:
    config = transformers.AutoConfig.for_model(
        family,
        **TINY,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        do_stable_layer_norm=norm == "layer",
        feat_extract_norm=norm,
        mask_time_prob=0.0,
    )
    torch.manual_seed(SEED)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=rate, padding_value=0.0, do_normalize=True, return_attention_mask=True
    ).save_pretrained(folder)
    mark(folder)


def make_whisper(folder: Path) -> None:
    end, start, transcribe = "<|endoftext|>", "<|startoftranscript|>", "<|transcribe|>"
    languages = ["<|en|>", "<|es|>"]
    special = [
        *(end, start, *languages, "<|translate|>", transcribe),
        *("<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
    ]
    learned = byte_pairs([])
    # They must be in the vocabulary before the tokenizer is made, which looks them up at once.
    for token in special:
        learned["vocab"][token] = len(learned["vocab"])
    tokenizer = transformers.WhisperTokenizer(
        **learned, unk_token=end, bos_token=end, eos_token=end, pad_token=end, language="en", task="transcribe"
    )
    tokenizer.add_special_tokens({"additional_special_tokens": special[1:]})
    number = tokenizer.convert_tokens_to_ids
    small = {"layers": 1, "attention_heads": 2, "ffn_dim": 32}
    config = transformers.WhisperConfig(
        **{f"{half}_{name}": value for half in ("encoder", "decoder") for name, value in small.items()},
        vocab_size=len(tokenizer),
        num_mel_bins=80,
        d_model=16,
        init_std=0.5,
        max_source_positions=1500,
        max_target_positions=32,
        pad_token_id=number(end),
        bos_token_id=number(end),
        eos_token_id=number(end),
        decoder_start_token_id=number(start),
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    torch.manual_seed(SEED)
    model = transformers.WhisperForConditionalGeneration(config)
    asked = model.generation_config
    asked.lang_to_id = {language: number(language) for language in languages}
    asked.task_to_id = {"transcribe": number(transcribe), "translate": number("<|translate|>")}
    asked.is_multilingual = True
    asked.no_timestamps_token_id = number("<|notimestamps|>")
    asked.prev_sot_token_id = number("<|startofprev|>")
    asked.decoder_start_token_id = number(start)
    asked.max_length = 32
    # Otherwise it is made anew from config.json when it is read, and knows no languages.
    asked._from_model_config = False
    model.save_pretrained(folder)
    extractor = transformers.WhisperFeatureExtractor(feature_size=80)
    transformers.WhisperProcessor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(folder)
    mark(folder)
