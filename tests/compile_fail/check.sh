#!/bin/sh
# check.sh COMPILER... -- CASE.cpp SOURCE_ROOT: compiles as it stands, fails to compile with -DMISUSE.
compiler=""
while [ "$1" != "--" ]; do
  compiler="$compiler $1"
  shift
done
flags="-std=c++20 -fsyntax-only -I $3/gen"
$compiler $flags "$2" || { echo "the correct twin does not compile"; exit 1; }
if $compiler $flags -DMISUSE "$2" 2>/dev/null; then
  echo "the misuse compiles"
  exit 1
fi
exit 0
