#!/usr/bin/env bash
# Runs the commands of docs/guide/tour.md, block by block, and compares each exit code with the one the page states.
# Run it in the folder of the repository while the demo is running, once for each data folder. AIMS_URL names the
# server when it is not http://127.0.0.1:42001. Exit code: 0 as the page says, 1 not, 2 it could not begin.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
page="$root/docs/guide/tour.md"
if [ ! -d demo/evidence ] || [ ! -r "$page" ]; then
  echo "Run this in the folder of the repository: demo/evidence or docs/guide/tour.md is not there." >&2
  exit 2
fi

# The program of this folder, without npm in between.
npx() { shift && node "$root/aims.mjs" "$@"; }

run() {
  printf '\n'
  printf '%s' "$1" | sed 's/^/$ /'
  (
    set -eo pipefail
    eval "$1"
  )
  local code=$?
  echo "(exit code $code)"
  if [ "$code" -ne "$2" ]; then
    echo "The tour stops: expected exit code $2, got $code. Was it run before with this data folder?" >&2
    exit 1
  fi
}

block=
expected=
count=0
while IFS= read -r line <&3; do
  case "$line" in
    '```sh exit='*) expected=${line#*exit=} block= ;;
    '```'*)
      if [ -n "$expected" ]; then
        run "$block" "$expected" < /dev/null
        count=$((count + 1))
      fi
      expected=
      ;;
    *) [ -n "$expected" ] && block="$block$line
" ;;
  esac
done 3< "$page"
echo
echo "The tour came out as the page says: $count blocks."
