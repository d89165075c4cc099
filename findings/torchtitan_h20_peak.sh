#!/bin/sh
# The MFU that torchtitan logs on an H20 depends on whether the machine has `lspci`.
#
# torchtitan 0.3.0 looks for "H100" in what lspci prints before it looks at the device's own name.
# lspci names the chip first, "GH100 [H20]", and "GH100" contains "H100": the H20, of 148 dense
# TFLOP/s in bf16, is divided by 989, and an MFU of 40 % is logged as 6 %. An image without pciutils
# logs 40 %. The H200 NVL is divided by 835 with lspci and by 989 without.
#
# Runs the function of the released package, with no GPU. Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    torchtitan==0.3.0

mkdir "$folder/with" "$folder/without"
cat > "$folder/with/lspci" <<'END'
#!/bin/sh
echo "18:00.0 3D controller: NVIDIA Corporation GH100 [$CHIP] (rev a1)"
END
chmod +x "$folder/with/lspci"

cat > "$folder/peak.py" <<'END'
"""Print what get_peak_flops returns for a device; torch is not needed for NVIDIA's names."""

import ast
import logging
import subprocess
import sys
from importlib.metadata import distribution

package = distribution("torchtitan")
source = open(package.locate_file("torchtitan/tools/utils.py"), encoding="utf-8").read()
found = [n for n in ast.parse(source).body if getattr(n, "name", "") == "get_peak_flops"]
names = {"subprocess": subprocess, "logger": logging.getLogger("torchtitan")}
exec(compile(ast.Module(found, []), "utils.py", "exec"), names)
print(f"{names['get_peak_flops'](sys.argv[1]) / 1e12:g}")
END

peak() { # chip as lspci names it, device as CUDA names it, with or without lspci
    CHIP=$1 PATH="$folder/$3" "$folder/venv/bin/python" "$folder/peak.py" "$2" 2>/dev/null
}

echo "torchtitan $("$folder/venv/bin/python" -c \
    'from importlib.metadata import version; print(version("torchtitan"))'), dense bf16 TFLOP/s"
h20_with=$(peak "H20" "NVIDIA H20" with)
h20_without=$(peak "H20" "NVIDIA H20" without)
nvl_with=$(peak "H200 NVL" "NVIDIA H200 NVL" with)
nvl_without=$(peak "H200 NVL" "NVIDIA H200 NVL" without)
echo "NVIDIA H20       with lspci $h20_with, without $h20_without; the part's own: 148"
echo "NVIDIA H200 NVL  with lspci $nvl_with, without $nvl_without; the part's own: 835.5"

if [ "$h20_with $h20_without $nvl_with $nvl_without" != "989 148 835 989" ]; then
    echo "this is no longer what was found: 989, 148; 835, 989"
    exit 1
fi
