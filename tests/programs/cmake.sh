# SPDX-License-Identifier: MIT
# CMake configures, builds and tests a small project.
# wants: usr/bin/cmake usr/bin/gcc usr/bin/make
# time: 300
mkdir p && cd p || exit
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.13)
project(demo C)
include(CheckFunctionExists)
check_function_exists(qsort HAVE_QSORT)
add_library(l STATIC l.c)
add_executable(demo main.c)
target_link_libraries(demo l)
enable_testing()
add_test(NAME runs COMMAND demo)
math(EXPR x "6 * 7")
message(STATUS "answer ${x} ${HAVE_QSORT}")
END
echo 'int l(void) { return 3; }' >l.c
cat >main.c <<'END'
#include <stdio.h>
int l(void);
int main(void) { printf("l %d\n", l()); return 0; }
END
cmake -S . -B b 2>&1 | grep -E 'answer|C compiler identification' | sed 's/GNU.*/GNU/'
cmake --build b -j2 >log 2>&1 || cat log; grep -c 'Built target' log
b/demo; cd b && ctest 2>&1 | grep tests; cmake -E sha256sum ../l.c; cmake -E capabilities | head -c 1; echo
