"""What a shop brings over the retail defaults: a folder with files in the formats of these, laid over them.

`flows/` and `responses/` (one of the same name takes the place of the default), `nlu/` (examples are added), `domain.yml`
and `rules.yml` (added to), `policy.yml` (rule by rule), `verbs.yml` (added to), `scenes.yml` (scene by scene),
`identifiers.yml` and `lexicon.yml`. A load copies them out of the shop's folder; one that brings none has the defaults.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

IDENTIFIERS, LEXICON, POLICY, VERBS = "identifiers.yml", "lexicon.yml", "policy.yml", "verbs.yml"
SCENES = "scenes.yml"
DOMAIN, RULES = "domain.yml", "rules.yml"
FLOWS, RESPONSES, NLU = "flows", "responses", "nlu"
NAMES = (IDENTIFIERS, LEXICON, POLICY, VERBS, SCENES, DOMAIN, RULES, FLOWS, RESPONSES, NLU)
# The bot's own content, over which a pack is laid.
DEFAULTS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pack:
    """The files in a shop's folder. `defaults` is the folder with `domain.yml` and `data/` that they are laid over."""

    folder: Path | None = None
    defaults: Path = DEFAULTS

    def own(self, name: str) -> Path | None:
        """One of NAMES where the shop brings it."""
        path = self.folder / name if self.folder is not None else None
        return path if path is not None and path.exists() else None

    def layers(self, name: str) -> tuple[Path, ...]:
        """The default file or folder of this name, and the shop's own over it where there is one."""
        default = self.defaults / name if name == DOMAIN else self.defaults / "data" / name
        own = self.own(name)
        return (default,) if own is None else (default, own)


def brought(folder: Path) -> tuple[str, ...]:
    """Which of NAMES a shop's folder has."""
    return tuple(name for name in NAMES if (folder / name).exists())


def copy_pack(source: Path, target: Path) -> tuple[str, ...]:
    """Make `target` hold what the shop's folder brings of NAMES, and nothing else. Returns what that is."""
    if source.resolve() == target.resolve():
        return brought(source)
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in (found := brought(source)):
        (shutil.copytree if (source / name).is_dir() else shutil.copyfile)(source / name, fresh / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return found
