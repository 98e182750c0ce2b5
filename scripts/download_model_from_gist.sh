#!/bin/sh
# Fetches a model's directory from a gist, as Caffe's script of this name does: it calls `caffe zoo gist-download ID DIR`.
#
#   scripts/download_model_from_gist.sh ID [DIR=./models]
set -eu

built=$(dirname "$0")/../.build/release/caffe
[ -x "$built" ] || built=caffe
exec "$built" zoo gist-download "$@"
