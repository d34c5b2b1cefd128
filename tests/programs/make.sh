# SPDX-License-Identifier: MIT
# GNU make with parallel jobs, pattern rules, functions and a failing recipe.
# wants: usr/bin/make usr/bin/gcc
cat >Makefile <<'END'
N := $(shell seq 1 12)
all: $(N:%=o%) sum
	@echo all $(words $(N)) $(sort c a b) $(patsubst %.c,%.o,x.c y.c) $(firstword $(N))
o%: ; @echo $* > $@
sum: $(N:%=o%) ; @cat $^ | awk '{ s += $$1 } END { print s }' | tee $@
prog: prog.c ; gcc -o $@ $<
bad: ; @exit 3
define two
$(1): ; @echo made $(1)
endef
$(eval $(call two,twice))
END
make -j4; make -j4; make -n sum -W o1; make twice; make bad 2>&1; echo $?; make none 2>&1; echo $?
echo 'int main(void) { return 7; }' >prog.c; make prog && ./prog; echo $?; make prog; touch -d tomorrow prog.c; make -q prog 2>&1 | sed 's/[0-9.]* s in/N s in/'; make -q prog 2>/dev/null; echo $?
