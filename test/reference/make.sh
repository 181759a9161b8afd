#!/usr/bin/env bash
# Remakes the reference values under test/fixtures/crystal/reference/: test/reference/make.sh [SCRIPT.py ...]
# Needs python3 and PyPI once (the environment stays in the cache), and the data folder (ASSAYER_DATA).
set -euo pipefail
cd "$(dirname "$0")/../.."
digest=$(sha256sum test/reference/requirements.txt | cut -c1-12)
environment=${ASSAYER_CACHE:-$HOME/.cache/assayer}/peer-reference-$digest
if [ ! -e "$environment/ready" ]; then
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet -r test/reference/requirements.txt
  touch "$environment/ready"
fi
scripts=("$@")
if [ ${#scripts[@]} = 0 ]; then
  # The others read the crystals that the first one chooses.
  scripts=(varied_crystals.py $(cd test/reference && ls ./*.py | grep -v -e reference.py -e varied_crystals.py))
fi
for script in "${scripts[@]}"; do OMP_NUM_THREADS=1 "$environment/bin/python" "test/reference/$(basename "$script")"; done
