"""The binary frames of Bilibili's live WebSocket. Pure.

    bytes  0-3   length of the whole packet, header included
           4-5   length of the header: 16
           6-7   version: 0 JSON, 1 a number, 2 packets in zlib, 3 packets in brotli
           8-11  operation
          12-15  sequence

All numbers are unsigned and big-endian; one WebSocket frame may hold several packets, and so may a compressed body.
Source: the open platform's documentation of its long connection.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import orjson

HEADER: Final = struct.Struct(">IHHII")
# What one frame may unpack to, in bytes: a small frame may claim to be a large one.
MAX_UNPACKED: Final = 16 * 1024 * 1024
# How deep packets are packed in packets.
MAX_DEPTH: Final = 3


class Operation(IntEnum):
    """What a packet is."""

    HEARTBEAT = 2
    HEARTBEAT_REPLY = 3
    MESSAGE = 5
    AUTH = 7
    AUTH_REPLY = 8


class Version(IntEnum):
    """How a body is written."""

    JSON = 0
    NUMBER = 1
    ZLIB = 2
    BROTLI = 3


class BadFrame(ValueError):
    """Bytes that are no packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, unpacked."""

    operation: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises BadFrame."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise BadFrame(f"no JSON in a packet of operation {self.operation}: {error}") from error


def packed(operation: Operation, body: bytes = b"", sequence: int = 1, version: Version = Version.JSON) -> bytes:
    """A packet in bytes."""
    return HEADER.pack(HEADER.size + len(body), HEADER.size, version, operation, sequence) + body


def packets(data: bytes, depth: int = 0) -> Iterator[Packet]:
    """All packets of a frame, those in compressed bodies included. Raises BadFrame at the first that is none."""
    while data:
        if len(data) < HEADER.size:
            raise BadFrame(f"{len(data)} bytes are no header")
        length, header, version, operation, _ = HEADER.unpack_from(data)
        if header < HEADER.size or not header <= length <= len(data):
            raise BadFrame(f"a packet of {length} bytes with a header of {header} in {len(data)} bytes")
        body, data = data[header:length], data[length:]
        if operation == Operation.MESSAGE and version in {Version.ZLIB, Version.BROTLI}:
            if depth >= MAX_DEPTH:
                raise BadFrame("packets are packed too deep")
            yield from packets(_unpacked(body, version), depth + 1)
        else:
            yield Packet(operation, body)


def _unpacked(body: bytes, version: int) -> bytes:
    return _inflated(body) if version == Version.ZLIB else _unbrotlied(body)


def _inflated(body: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise BadFrame(f"no zlib: {error}") from error
    if not unpacker.eof:
        raise BadFrame("a body of zlib is cut off or too large")
    return data


def _unbrotlied(body: bytes) -> bytes:
    """Needs the package `brotli` (extra `brotli`); the open platform itself packs with zlib, and by far not always."""
    try:
        import brotli
    except ImportError as error:
        raise BadFrame("a body in brotli, and the package brotli is not installed") from error
    try:
        data: bytes = brotli.decompress(body)
    except brotli.error as error:
        raise BadFrame(f"no brotli: {error}") from error
    if len(data) > MAX_UNPACKED:
        raise BadFrame("a body of brotli is too large")
    return data
