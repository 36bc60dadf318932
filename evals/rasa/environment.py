"""Rasa's own environment: it needs Python 3.10 and libraries that Streamdesk cannot have. All of it is under var/rasa."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import StreamdeskError
from evals.data import NoData

HOME = Path("var/rasa")
PACKAGES = ("rasa==3.6.21", "jieba==0.42.1")
# Names a Python 3.10; without it, one is looked for among pyenv's and on the PATH.
VARIABLE = "STREAMDESK_RASA_PYTHON"
# No telemetry, no warnings of its libraries, and no parts of earlier trainings: what training takes is measured.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_INTRA_OP_PARALLELISM_THREADS", "TF_INTER_OP_PARALLELISM_THREADS"), "1")
# Characters of a failed command's output that are shown.
_SHOWN = 3000


class RasaFailed(StreamdeskError):
    """A command ended with an error; the message has the end of what it said."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took: seconds by the clock and of the processor, and the most bytes of RAM that it held."""

    seconds: float
    cpu_s: float
    peak: int


def rasa_command(home: Path = HOME) -> Path:
    """The command `rasa`. Raises NoData where there is no environment with it."""
    command = home / "venv/bin/rasa"
    if not command.is_file():
        raise NoData(f"there is no {command}; `python -m evals.rasa.setup` makes Rasa's environment.")
    return command


def find_python(environment: Mapping[str, str] = os.environ) -> str:
    """A Python 3.10. Raises NoData where there is none."""
    pyenv = (str(file) for file in sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python3.10")))
    for candidate in (environment.get(VARIABLE), *pyenv, shutil.which("python3.10")):
        if candidate and _is_310(candidate):
            return candidate
    raise NoData(f"Rasa 3.6 needs Python 3.10, and there is none on this machine; install it, or name one in {VARIABLE}.")


def install(home: Path = HOME) -> None:
    """Make the environment where it is missing: about 2 GB, some minutes. Raises NoData and RasaFailed."""
    if (home / "venv/bin/rasa").is_file():
        return
    python = find_python()
    home.mkdir(parents=True, exist_ok=True)
    run((python, "-m", "venv", "--clear", str(home / "venv")))
    run((str(home / "venv/bin/python"), "-m", "pip", "install", "--quiet", *PACKAGES))


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Usage:
    """Run a command to its end and say what it took. Raises RasaFailed.

    Our modules are kept from Rasa's Python: PYTHONPATH is not handed on.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603
            command, env={**inherited, **QUIET, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")[-_SHOWN:]
            raise RasaFailed(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Usage(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _is_310(python: str) -> bool:
    script = "import sys; sys.exit(sys.version_info[:2] != (3, 10))"
    try:
        return subprocess.run((python, "-c", script), check=False, capture_output=True).returncode == 0  # noqa: S603
    except OSError:
        return False
