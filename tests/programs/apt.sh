# SPDX-License-Identifier: MIT
# dpkg-deb builds a package, apt reads a local repository with it, and fetches and unpacks it.
# wants: usr/bin/apt-get usr/bin/dpkg-deb
# time: 300
mkdir -p pkg/DEBIAN pkg/usr/share/demo repo st/lists/partial ca/archives/partial et/parts
printf 'Package: demo\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: a demo\n' >pkg/DEBIAN/control
echo content >pkg/usr/share/demo/file
dpkg-deb --root-owner-group -Zxz -b pkg repo/demo_1.0_all.deb >/dev/null || exit
dpkg-deb -c repo/demo_1.0_all.deb | awk '{ print $1, $2, $6 }'; dpkg-deb -f repo/demo_1.0_all.deb Package Version
cd repo || exit
{ dpkg-deb -f demo_1.0_all.deb; echo "Filename: ./demo_1.0_all.deb"; echo "Size: $(stat -c %s demo_1.0_all.deb)"; echo "SHA256: $(sha256sum demo_1.0_all.deb | cut -d' ' -f1)"; } >Packages
cd .. ; : >st/status; echo "deb [trusted=yes] file:$PWD/repo ./" >et/sources.list
cat >apt.conf <<END
Dir::State "$PWD/st"; Dir::State::status "$PWD/st/status"; Dir::Cache "$PWD/ca"; Dir::Etc::sourcelist "$PWD/et/sources.list";
Dir::Etc::parts "$PWD/et/parts"; Dir::Etc::sourceparts "$PWD/et/parts"; Dir::Etc::main "/dev/null"; Dir::Etc::preferencesparts "$PWD/et/parts";
APT::Sandbox::User "root"; Acquire::Languages "none"; Debug::NoLocking "true"; quiet "2";
END
export APT_CONFIG=$PWD/apt.conf
apt-get update 2>&1; echo "update $?"; apt-cache policy demo 2>/dev/null | sed -n '1,3p'; apt-cache search demo
apt-get download demo 2>&1; echo "download $?"; cmp demo_1.0_all.deb repo/demo_1.0_all.deb && echo same
dpkg-deb -x demo_1.0_all.deb out && cat out/usr/share/demo/file; apt-get install -s demo 2>&1 | grep -c '^Inst demo'; apt-get install nosuch 2>&1; echo "nosuch $?"
