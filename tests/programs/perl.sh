# SPDX-License-Identifier: MIT
# Perl: regular expressions, hashes, big numbers, sprintf, packing, fork and signals.
# wants: usr/bin/perl
exec perl -w <<'END'
use strict; use List::Util qw(sum reduce shuffle); use Data::Dumper; use Digest::SHA qw(sha256_hex);
use Math::BigInt; use POSIX qw(floor fmod); use Time::HiRes; use Storable qw(dclone); use Encode;
$| = 1; $Data::Dumper::Sortkeys = 1; $Data::Dumper::Indent = 1;
my %h; $h{$_ % 97} += $_ for 1 .. 50000; print join(",", map { "$_=$h{$_}" } (sort { $a <=> $b } keys %h)[0 .. 4]), "\n";
my $t = join " ", map { $_ * 7 % 1001 } 1 .. 20000; my $c = 0; $c++ while $t =~ /\b(\d)\d?\1\b/g; print "$c\n";
print sha256_hex($t), "\n"; print Math::BigInt->new(2)->bpow(300), "\n"; print Math::BigInt->new(60)->bfac, "\n";
printf "%.15g %e %s %x %b\n", atan2(1, 1) * 4, 1e-300, 1e16, 0xdeadbeef, 37; print 10 / 3, " ", 2 ** 0.5, " ", -7 % 3, " ", int(-7 / 2), "\n";
print join(" ", unpack("N n C a3 w f<", pack("N n C a3 w f<", 123456789, 4321, 200, "xyz", 300, 1.5))), "\n";
print Dumper(dclone({ a => [1, 2, { b => undef }], c => \"s" })); (my $u = "caf\x{e9} \x{263a}") =~ tr/a-z/A-Z/; print encode("UTF-8", $u), "\n";
my @s = sort { $a->[1] <=> $b->[1] || $a->[0] cmp $b->[0] } map { [$_, length] } qw(pear fig apple kiwi); print "@{[map $_->[0], @s]}\n";
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; 1 while 1 }; print "eval: $@";
local $SIG{USR1} = sub { print "usr1\n" }; kill USR1 => $$;
my $pid = fork // die; if (!$pid) { exit 5 } waitpid $pid, 0; print "child ", $? >> 8, "\n";
pipe(my $r, my $w); if (!fork) { close $r; print $w "line $_\n" for 1 .. 3; exit } close $w; print while <$r>; wait;
print `echo from a command`; print "sum ", sum(map { $_ ** 2 } 1 .. 100), "\n"; my $x = sprintf "%s", 0.1 + 0.2; print "$x\n";
format STDOUT =
@<<<<<< @>>>>> @##.##
"left", "right", 3.14159
.
write; eval { my $z = 0; my $y = 1 / $z }; print $@ =~ /division by zero/ ? "div\n" : "no\n"; exit 9;
END
