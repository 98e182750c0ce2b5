#!/bin/sh
# Publishes a model's directory as a gist, as Caffe's script of this name does: it calls `caffe zoo gist-upload DIR`.
#
#   scripts/upload_model_to_gist.sh DIR
set -eu

built=$(dirname "$0")/../.build/release/caffe
[ -x "$built" ] || built=caffe
exec "$built" zoo gist-upload "$@"
