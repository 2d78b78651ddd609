#!/usr/bin/env bash
# av (PyAV): the wheel says BSD-3-Clause, the FFmpeg in it says LGPL, and x264 and x265, which are GPL, are linked to that FFmpeg.
#
# A good guess: a package whose metadata says BSD may be passed on, in an image or an appliance, by BSD's terms; scanners of licences
#   and lists of components (CycloneDX, SPDX) read that metadata and agree. And a FFmpeg with x264 tells that it is GPL, as its
#   configure refuses --enable-libx264 without --enable-gpl.
# What happens: the wheel for Linux holds FFmpeg configured with --enable-libx264 and --enable-libx265 and without --enable-gpl. Asked for
#   its licence it says LGPL; both encoders are there, and their libraries lie beside it. The licences in the wheel name none of the three.
#   Whoever builds av from its source gets whatever FFmpeg is on the machine.
# Seen: 2026-11-28, av 18.1.0, wheel for x86_64 Linux (glibc). x264 and x265 are GPL 2 or later, by their own COPYING. No issue found.
#   metadata: BSD-3-Clause
#   libavcodec: LGPL version 3 or later, --enable-gpl: no
#   encoders: libx264 libx265, libraries beside it: libx264 libx265
# For a phone line: an office that gives its image to another town passes on GPL software without knowing. To read what phones record
#   (AAC, AMR, Opus) neither encoder is needed.
set -euo pipefail
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "the wheel seen is for Linux on x86_64"; exit 1; }
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q --only-binary :all: av==18.1.0
"$T/v/bin/python" - <<'PY'
from importlib.metadata import files, metadata
from pathlib import Path

from av import Codec
from av._core import library_meta

told = metadata("av")["License-Expression"]
own = library_meta["libavcodec"]
is_gpl = "--enable-gpl" in own["configuration"].split()
encoders = [Codec(name, "w").name for name in ("libx264", "libx265")]
beside = sorted({path.name.partition("-")[0] for path in files("av") if path.name.startswith(("libx264", "libx265"))})
licences = "".join(Path(path.locate()).read_text() for path in files("av") if path.name.startswith("LICENSE"))
print(f"metadata: {told}")
print(f"libavcodec: {own['license']}, --enable-gpl: {'yes' if is_gpl else 'no'}")
print(f"encoders: {' '.join(encoders)}, libraries beside it: {' '.join(beside)}")
assert (told, own["license"], is_gpl) == ("BSD-3-Clause", "LGPL version 3 or later", False)
assert encoders == beside == ["libx264", "libx265"]
assert licences and not any(name in licences.lower() for name in ("ffmpeg", "x264", "x265"))
PY
echo "as seen"
