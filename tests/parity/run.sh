#!/usr/bin/env bash
# The differential tests against the Python libraries: tokenizers, safetensors, sentence-transformers.
#
#   tests/parity/run.sh [BUILD]          BUILD is the build folder, default build
#
# scripts/reference_python gives the Python with those packages. SBERT_MODELS (default models) holds all-MiniLM-L6-v2,
# SBERT_DATA the STS and Cranfield files, scripts/get_tokenizers fetches published tokenizers; tests say what they skip without them. The last line sums up all scripts.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath -m "${1:-$root/build}")
models=${SBERT_MODELS:-$root/models}
data=${SBERT_DATA:-}
export HF_HUB_OFFLINE=1
python=$("$root/scripts/reference_python")

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# Runs one script; its closing line 'N passed, N failed' is added up. A script that ends without it counts as one failure.
run() {
  echo "== $1"
  local status=0 last
  "$python" "${@:2}" 2>&1 | tee "$log" || status=$?
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 || true)
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    if [[ $status -ne 0 && ${BASH_REMATCH[2]} -eq 0 ]]; then
      echo "$1: exit status $status although nothing failed"
      failed=$((failed + 1))
    fi
  else
    echo "$1: no closing line 'N passed, N failed', exit status $status"
    failed=$((failed + 1))
  fi
}

here=$root/tests/parity
tokenizer=(--executable "$build/tests/tokenize_lines" --model "$models/all-MiniLM-L6-v2" --published "$models/tokenizers")
model=(--sbert "$build/sbert" --models "$models")
if [[ -n $data ]]; then
  tokenizer+=(--data "$data")
  model+=(--data "$data")
fi
run tokenizer "$here/tokenizer_parity.py" "${tokenizer[@]}"
run safetensors "$here/safetensors_parity.py" "$build/tests/dump_weights"
run pytorch "$here/pytorch_parity.py" "$build/tests/dump_weights"
run model "$here/model_parity.py" "${model[@]}"
run save "$here/save_parity.py" --sbert "$build/sbert" --models "$models"

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
