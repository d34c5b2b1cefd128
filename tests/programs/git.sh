# SPDX-License-Identifier: MIT
# Git: commits with fixed dates have fixed names.
# wants: usr/bin/git
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000' GIT_PAGER=cat
git init -q -b main r && cd r || exit
for i in 1 2 3 4 5; do seq 1 $((i * 500)) >f$i; git add . && git commit -q -m "change $i"; done
git log --oneline; git checkout -q -b side HEAD~2; echo x >new; git add new; git commit -qm side; git checkout -q main
git merge -q -m merged side; git log --graph --oneline | cat; git diff --stat HEAD~3 HEAD; git fsck --full 2>&1 | tail -n 1
git gc -q --aggressive; git count-objects -v | grep -E '^(count|packs|in-pack)'; git clone -q . ../c && cd ../c && git rev-parse HEAD
sed -i 's/^250$/changed/' f2; git diff; git stash -q; git status --short; git stash pop -q; git blame -s -L 250,250 f2; git grep -c 9 | head -n 2
git bundle create -q ../b main && git bundle verify ../b 2>&1 | tail -n 1; git archive HEAD | sha256sum; git commit -qam changed; git rebase -q origin/side 2>&1; git status -sb | head -n 1; git describe --always; git nosuch 2>&1 | head -n 1
