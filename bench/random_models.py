"""Models with random weights and a small vocabulary of their own, of any size: what they say means nothing.

They are saved as real ones are, so that the code that loads and runs real ones can be measured, and tested, on them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from workers.remforge.models.pretrained import transformers

SEED = 7
CORPUS = [
    "a photo of a red car by the lake at dawn",
    "an angry crowd in the street, music and speech",
    "the quick brown fox jumps over the lazy dog 0123456789",
    "the oscilloscope shows two bursts, and the second one is longer",
]
TINY = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
VIT_B32 = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
VIT_L14 = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
TEXT_B32 = {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8}
TEXT_L14 = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
DEBERTA_BASE = VIT_B32


def byte_pairs(special: Sequence[str], *, suffix: str | None = None) -> dict[str, Any]:
    """Return `vocab` and `merges` of byte pairs that were learned from the corpus."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    ends: dict[str, Any] = {"end_of_word_suffix": suffix} if suffix else {}
    tokenizer = Tokenizer(models.BPE(**ends))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        **ends,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {"vocab": model["vocab"], "merges": [tuple(pair) for pair in model["merges"]]}


def pieces(special: Sequence[str], unknown: str) -> Any:
    """Return a tokenizer of word pieces that were learned from the corpus."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=200, special_tokens=list(special), unk_token=unknown, show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def make_clip(
    folder: Path,
    *,
    vision: dict[str, int] = TINY,
    text: dict[str, int] = TINY,
    patch: int = 8,
    image: int = 32,
    width: int = 16,
    vocabulary: int | None = None,
) -> None:
    """Save a CLIP."""
    special = ["<|startoftext|>", "<|endoftext|>"]
    tokenizer = transformers.CLIPTokenizer(
        **byte_pairs(special, suffix="</w>"),
        unk_token=special[1],
        bos_token=special[0],
        eos_token=special[1],
        pad_token=special[1],
        model_max_length=77,
    )
    pictures = transformers.CLIPImageProcessor(
        size={"shortest_edge": image}, crop_size={"height": image, "width": image}
    )
    marks = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = transformers.CLIPConfig(
        text_config={
            **text,
            **marks,
            "vocab_size": vocabulary or len(tokenizer),
            "max_position_embeddings": 77,
            "projection_dim": width,
        },
        vision_config={**vision, "image_size": image, "patch_size": patch, "projection_dim": width},
        projection_dim=width,
    )
    torch.manual_seed(SEED)
    transformers.CLIPModel(config).save_pretrained(folder)
    transformers.CLIPProcessor(image_processor=pictures, tokenizer=tokenizer).save_pretrained(folder)
    mark(folder)


def make_deberta(
    folder: Path,
    *,
    labels: Sequence[str],
    size: dict[str, int] = TINY,
    vocabulary: int | None = None,
    longest: int = 128,
    **settings: Any,
) -> None:
    """Save a DeBERTa of version 2 or 3 that classifies texts."""
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    vocab = json.loads(pieces(special, "[UNK]").to_str())["model"]["vocab"]
    tokenizer = transformers.DebertaV2Tokenizer(vocab=[tuple(one) for one in vocab], unk_id=3, model_max_length=longest)
    config = transformers.DebertaV2Config(
        **size,
        vocab_size=vocabulary or len(tokenizer),
        relative_attention=True,
        position_buckets=16 if size is TINY else 256,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        max_relative_positions=-1,
        position_biased_input=False,
        type_vocab_size=0,
        max_position_embeddings=longest,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        **settings,
    )
    torch.manual_seed(SEED)
    transformers.DebertaV2ForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    mark(folder)


def make_clip_b32(folder: Path) -> None:
    """Save a CLIP of the size of ViT-B/32: 605 MB."""
    make_clip(folder, vision=VIT_B32, text=TEXT_B32, patch=32, image=224, width=512, vocabulary=49_408)


def make_clip_l14(folder: Path) -> None:
    """Save a CLIP of the size of ViT-L/14: 1.7 GB."""
    make_clip(folder, vision=VIT_L14, text=TEXT_L14, patch=14, image=224, width=768, vocabulary=49_408)


def make_deberta_base(folder: Path) -> None:
    """Save a classifier of the size of DeBERTa-v3-base: 738 MB."""
    make_deberta(folder, labels=CORPUS[0].split(), size=DEBERTA_BASE, vocabulary=128_100, longest=512)


def mark(folder: Path) -> None:
    """Mark a folder as made for tests: farms refuse it."""
    change_config(folder, dasein_test=True)


def change_config(folder: Path, **changes: Any) -> None:
    """Put entries into a folder's configuration."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
