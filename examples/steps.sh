# What the run scripts of the examples share; to be read by them with `.`
#
# They run the caffe command that `make build` leaves, else the installed one, or what CAFFE says.

began=$(date +%s)

# Starts anew in the folder work/ beside the script, with copies of the prototxt files: begin FOLDER_OF_THE_SCRIPT
begin() {
  caffe=${CAFFE:-$1/../../.build/release/caffe}
  [ -x "$caffe" ] || caffe=$(command -v caffe) || {
    echo "run: there is no caffe command; run 'make build' first, or say where it is: CAFFE=PATH $0" >&2
    exit 1
  }
  case $caffe in /*) ;; *) caffe=$(cd "$(dirname "$caffe")" && pwd)/$(basename "$caffe") ;; esac
  rm -rf "$1/work"
  mkdir "$1/work"
  cp "$1"/*.prototxt "$1/work"
  cd "$1/work"
}

# Says what comes, shows the command as one would type it, and runs it: step WORDS ARGUMENTS_OF_CAFFE...
step() {
  printf '\n%s (after %s s)\n' "$1" $(($(date +%s) - began))
  shift
  printf '$ caffe %s\n' "$*"
  "$caffe" "$@"
}

# Tests as `step` does, and compares the mean of an output with what is promised:
# score WORDS OUTPUT at-least|at-most NUMBER ARGUMENTS_OF_CAFFE...
score() {
  words=$1 output=$2 relation=$3 promised=$4
  shift 4
  step "$words" "$@" 2>test.log || { cat test.log >&2; exit 1; }
  awk -v output="$output" -v relation="$relation" -v promised="$promised" -v seconds=$(($(date +%s) - began)) '
    { sub(/^.*\] /, "") }
    / = / { print_line[$1] = $0 }
    $1 == output && $2 == "=" { value = $3; found = 1 }
    END {
      for (name in print_line) if (name !~ /^Batch/) print print_line[name] | "sort"
      close("sort")
      good = found && (relation == "at-least" ? value >= promised + 0 : value <= promised + 0)
      printf "\n%s is %s, promised is %s %s: %s. Done after %d s.\n", output, found ? value : "missing",
        relation == "at-least" ? "at least" : "at most", promised, good ? "kept" : "not kept", seconds
      exit !good
    }' test.log
}
