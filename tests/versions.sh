#!/usr/bin/env bash
# Tests of all that touches transformers, with the oldest and the newest version of it that pyproject.toml allows.
#
#     tests/versions.sh              # both: some minutes, and a gigabyte of downloads the first time
#     tests/versions.sh 5.19.0       # another one
#
# Each has an environment of its own in build/versions. Everything else is as constraints.txt pins it, but for what
# transformers ties to its own version.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=$(sed -n 's/^ *"transformers>=\([0-9.]*\),<6".*/\1/p' pyproject.toml)
[[ -n $oldest ]] || { echo "pyproject.toml does not say which versions of transformers it allows"; exit 2; }
(($#)) || set -- "$oldest" newest

failed=()
for version in "$@"; do
	place=build/versions/$version
	wanted="transformers==$version"
	[[ $version == newest ]] && wanted="transformers<6"
	[[ -x $place/bin/python ]] || "${PYTHON:-python3}" -m venv "$place"
	grep -ivE '^(transformers|tokenizers|huggingface[-_]hub)==' constraints.txt >"$place/constraints.txt"
	"$place/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade \
		--constraint "$place/constraints.txt" --editable '.[dev]' "$wanted"
	"$place/bin/python" -m pip list --disable-pip-version-check 2>/dev/null |
		grep -E '^(transformers|tokenizers|huggingface_hub|peft|torch) '
	"$place/bin/python" -m pytest -p no:cacheprovider tests/unit/models tests/unit/tokenizer tests/unit/adapters ||
		failed+=("$version")
done
((${#failed[@]} == 0)) || { echo "failed with transformers ${failed[*]}"; exit 1; }
