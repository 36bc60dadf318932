"""Which network a shop's photos are seen with, where one went on learning from them: kept beside what was taught."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from knowledge.photos.pictures import Digest

_FILE = "photos-network.json"


@dataclass(frozen=True, slots=True)
class TunedNetwork:
    """The name of its file under `knowledge.models`, and the pictures that were kept apart from its training."""

    file: str
    apart: frozenset[Digest]


def tuned_network(index: Path) -> TunedNetwork | None:
    """The one in use; None for the carried network."""
    file = index / _FILE
    if not file.is_file():
        return None
    kept = orjson.loads(file.read_bytes())
    return TunedNetwork(kept["file"], frozenset(map(Digest, kept["apart"])))


def use_network(index: Path, network: TunedNetwork | None) -> None:
    """See with this one from the next start on, or with the carried one."""
    file = index / _FILE
    if network is None:
        file.unlink(missing_ok=True)
        return
    index.mkdir(parents=True, exist_ok=True)
    written = index / f"{_FILE}.new"
    written.write_bytes(orjson.dumps({"file": network.file, "apart": sorted(network.apart)}))
    written.rename(file)
