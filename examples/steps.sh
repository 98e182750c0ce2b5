# What the run scripts of the examples share; to be read by them with `.`
#
# They run the caffe command that `make build` leaves, else the installed one, or what CAFFE says.

began=$(date +%s)

# The path of a folder as seen from everywhere: folder PATH
folder() {
  [ -d "$1" ] || { echo "run: there is no folder $1" >&2 && return 2; }
  (cd "$1" && pwd)
}

# Starts anew in work/, or in work/NAME/, beside the script, with copies of the prototxt files there or in SUBFOLDER below it:
# begin FOLDER_OF_THE_SCRIPT [NAME [SUBFOLDER]]
begin() {
  caffe=${CAFFE:-$1/../../.build/release/caffe}
  [ -x "$caffe" ] || caffe=$(command -v caffe) || {
    echo "run: there is no caffe command; run 'make build' first, or say where it is: CAFFE=PATH $0" >&2
    exit 1
  }
  case $caffe in /*) ;; *) caffe=$(cd "$(dirname "$caffe")" && pwd)/$(basename "$caffe") ;; esac
  case ${ITERATIONS:-1} in
    *[!0-9]* | 0*) echo "run: ITERATIONS is \"$ITERATIONS\", which is no number of iterations" >&2 && exit 2 ;;
  esac
  rm -rf "$1/work${2:+/$2}"
  mkdir -p "$1/work/${2:-}/${3:-}"
  cp "$1"/*.prototxt "$1/work/${2:-}/${3:-}"
  cd "$1/work/${2:-}"
}

# Makes train_lmdb and test_lmdb of the files of MNIST, or of digits that are drawn: digits FOLDER [IDX_DIR]
digits() {
  if [ -n "${2:-}" ]; then
    step "Converting MNIST" data mnist "$2" "$1"
  else
    step "Drawing 60,000 digits to train on and 10,000 to test with" data digits "$1"
  fi
}

# Says how many iterations a solver file is for; where ITERATIONS is set, it is for as many from now on: iterations SOLVER
iterations() {
  if [ -n "${ITERATIONS:-}" ]; then
    sed "s/^max_iter: .*/max_iter: $ITERATIONS/" "$1" >solver.new
    mv solver.new "$1"
  fi
  sed -n 's/^max_iter: //p' "$1"
}

# Says what comes and shows the command as one would type it: announce WORDS ARGUMENTS_OF_CAFFE...
announce() {
  printf '\n%s (after %s s)\n' "$1" $(($(date +%s) - began))
  shift
  printf '$ caffe %s\n' "$*"
}

# Announces a command and runs it: step WORDS ARGUMENTS_OF_CAFFE...
step() {
  announce "$@"
  shift
  "$caffe" "$@"
}

# Tests as `step` does, and compares the mean of an output with what is promised; nothing is where ITERATIONS is set:
# score WORDS OUTPUT at-least|at-most NUMBER ARGUMENTS_OF_CAFFE...
score() {
  words=$1 output=$2 relation=$3 promised=$4
  shift 4
  step "$words" "$@" 2>test.log || { cat test.log >&2; exit 1; }
  awk -v output="$output" -v relation="$relation" -v promised="$promised" -v changed="${ITERATIONS:-}" \
    -v seconds=$(($(date +%s) - began)) '
    { sub(/^.*\] /, "") }
    / = / { print_line[$1] = $0 }
    $1 == output && $2 == "=" { value = $3; found = 1 }
    END {
      for (name in print_line) if (name !~ /^Batch/) print print_line[name] | "sort"
      close("sort")
      good = found && (changed || (relation == "at-least" ? value >= promised + 0 : value <= promised + 0))
      bound = "promised is " (relation == "at-least" ? "at least" : "at most") " " promised ": " (good ? "kept" : "not kept")
      if (changed) bound = "nothing is promised of " changed " iterations"
      printf "\n%s is %s, %s. Done after %d s.\n", output, found ? value : "missing", bound, seconds
      exit !good
    }' test.log
}

# The file that training by a solver file leaves at its end: left SOLVER caffemodel|solverstate
left() {
  awk -v kind="$2" -F '[: "]+' '
    $1 == "snapshot_prefix" { prefix = $2 }
    $1 == "max_iter" { count = $2 }
    $1 == "snapshot_format" && $2 == "HDF5" { ending = ".h5" }
    END { print prefix "_iter_" count "." kind ending }' "$1"
}

# The layers of a net for use without its Input layer, which stands first in the file: body PROTOTXT
body() { sed '1,/^}/d' "$1"; }
