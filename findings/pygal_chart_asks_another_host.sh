#!/usr/bin/env bash
# pygal: a chart that is rendered on the server asks another host for a script, and keeps the number that its formatter has rounded.
#
# A good guess: an SVG that is made on the server stands for itself, and shows what `formatter` made of each value.
# What happens: by default each chart has a <script> at the project's own web address, so whoever opens it asks that host; `js=[]`
#   leaves that one out, and a script with the settings stays. A formatter changes the texts alone: the exact length of each bar
#   stands beside them, so a number that was rounded to protect somebody can be worked out.
# Seen: 2026-11-29, pygal 3.0.5. Its documentation lists `js` as a setting for other addresses; nothing says so of `formatter`.
#   default: 2 scripts, 1 from another host
#   js=[]: 1 scripts, 0 from another host
#   shown 35 35 - drawn 37 33
# For an office that counts calls: a page inside its network tells a stranger when it is read, and a rounded chart is exact.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install pygal==3.0.5
cat >chart.py <<'PY'
import re

import pygal


def rendered(**settings):
    chart = pygal.HorizontalBar(range=(0, 100), formatter=lambda n: str(5 * round(n / 5)), **settings)
    chart.x_labels = ["spring", "autumn"]
    chart.add("calls", [37, 33])
    return chart.render(is_unicode=True)


for name, settings in (("default", {}), ("js=[]", {"js": []})):
    svg = rendered(**settings)
    scripts = re.findall(r"<script[^>]*>", svg)
    print(f"{name}: {len(scripts)} scripts, {sum('https://' in each for each in scripts)} from another host")
shown = re.findall(r'<desc class="value">(\d+)</desc>', svg)
widths = [float(each) for each in re.findall(r'<rect[^>]*width="([\d.]+)"[^>]*class="rect reactive', svg)]
grid = [float(x) for x in re.findall(r'<path d="M([\d.]+) [\d.]+ v[\d.]+" class="(?:axis )?(?:major )?(?:guide )?line', svg)]
print("shown", *shown, "- drawn", *(round(100 * each / (max(grid) - min(grid))) for each in widths))
PY
v/bin/python chart.py | tee seen
diff seen - <<'SEEN'
default: 2 scripts, 1 from another host
js=[]: 1 scripts, 0 from another host
shown 35 35 - drawn 37 33
SEEN
echo "as seen"
