# SPDX-License-Identifier: MIT
dist_man_MANS += docs/moa.1
dist_man_MANS += docs/moa-img.1
dist_man_MANS += docs/moa-system.1
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
dist_zshcomp_DATA = docs/completion/_moa docs/completion/_moa-img docs/completion/_moa-system-aarch64
EXTRA_DIST += docs/architecture.md
EXTRA_DIST += docs/completion/moa.bash
EXTRA_DIST += docs/completion/moa-img.bash
EXTRA_DIST += docs/debugging.md
EXTRA_DIST += docs/decisions
EXTRA_DIST += docs/layers.txt
EXTRA_DIST += docs/machine-state.md
EXTRA_DIST += docs/machines.md
EXTRA_DIST += docs/programs.md
EXTRA_DIST += docs/proofs.md
EXTRA_DIST += docs/status.md
EXTRA_DIST += .ci/run
EXTRA_DIST += CONTRIBUTING.md
EXTRA_DIST += LICENSE
EXTRA_DIST += README.md
EXTRA_DIST += SECURITY.md
EXTRA_DIST += quickstart
EXTRA_DIST += scripts/check-bigendian.sh
EXTRA_DIST += scripts/check-sanitizers.sh
EXTRA_DIST += backends/PORTING.md
EXTRA_DIST += scripts/guests.sh
EXTRA_DIST += scripts/machine-disk.sh
EXTRA_DIST += scripts/netboot.sh
EXTRA_DIST += scripts/packages.sh

# One program, also under the name that QEMU's users look for; the completion file is named after it.
install-exec-hook:
	cd '$(DESTDIR)$(bindir)' && $(LN_S) -f moa$(EXEEXT) moa-aarch64$(EXEEXT) && \
	    $(LN_S) -f moa$(EXEEXT) moa-system-aarch64$(EXEEXT)
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompdir)'
	$(INSTALL_DATA) '$(srcdir)/docs/completion/moa.bash' '$(DESTDIR)$(bashcompdir)/moa'
	$(INSTALL_DATA) '$(srcdir)/docs/completion/moa-img.bash' '$(DESTDIR)$(bashcompdir)/moa-img'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompdir)/moa-img'
	rm -f '$(DESTDIR)$(bindir)/moa-aarch64$(EXEEXT)' '$(DESTDIR)$(bindir)/moa-system-aarch64$(EXEEXT)' '$(DESTDIR)$(bashcompdir)/moa'

# Not in EXTRA_DIST: there "check" would be make's own target of that name.
dist-hook:
	cp -p '$(srcdir)/check' '$(distdir)/check'
