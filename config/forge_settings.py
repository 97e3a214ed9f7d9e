"""Settings of REMForge: `DASEIN_FORGE_*`."""

from pydantic import Field
from pydantic_settings import BaseSettings


class ForgeSettings(BaseSettings):
    """How files are read, which models there are, and what they may take."""

    forge_workers: int = Field(1, ge=0, le=64, description="The same for REMForge; 0: none.")
    forge_readers: int = Field(2, ge=1, le=64, description="Files that a REMForge job decodes at once.")
    forge_reader_bytes: int = Field(2 * 2**30, ge=2**28, description="Addresses of a process that decodes a file.")
    forge_device: str = Field("auto", pattern=r"^(auto|cpu|cuda:\d{1,2})$", description="Where REMForge's models run.")
    forge_image: str | None = Field(
        None,
        description="Level full: a model for pictures and captions (CLIP, SigLIP): a folder, or a hub id[@revision].",
    )
    forge_affect: str | None = Field(None, description="Level full: a classifier of texts (DeBERTa).")
    forge_sound: str | None = Field(None, description="Level full: a model for sounds (CLAP, Wav2Vec2).")
    forge_transcript: str | None = Field(None, description="Level full: a model that writes down speech (Whisper).")
    forge_pinned: str = Field("", description="Roles whose models are never unloaded, such as `image,transcript`.")
    forge_offline: bool = Field(default=False, description="Whether models are taken from this machine alone.")
    forge_test_models: bool = Field(
        default=False, description="Whether models that are marked as made for tests are taken."
    )
    forge_memory_bytes: int = Field(4 * 2**30, ge=2**26, description="Of the models that are loaded at one time.")
    forge_idle_s: float = Field(900, gt=0, description="A model unused for so long is unloaded, unless it is pinned.")
    forge_cache_bytes: int = Field(2**30, ge=2**20, description="REMForge's embeddings kept on disk.")
    gpu_cleanup: bool = Field(
        default=False, description="Whether our own model hosts that were left behind on a GPU are ended at a start."
    )

    @property
    def forge_sources(self) -> dict[str, str]:
        """Return the models that are set up for level full, by role."""
        given = {
            "image": self.forge_image,
            "caption": self.forge_image,
            "affect": self.forge_affect,
            "sound": self.forge_sound,
            "transcript": self.forge_transcript,
        }
        return {role: source for role, source in given.items() if source is not None}
