# SPDX-License-Identifier: MIT
# Ruby: blocks, fibers, threads, big numbers, regular expressions, processes.
# wants: usr/bin/ruby
exec ruby - <<'END'
require 'digest'; require 'json'; require 'set'; require 'bigdecimal'; require 'stringio'; require 'zlib'; require 'socket'; require 'tempfile'
puts (1..40).inject(:*), 2**200, (10**30).digits.size, 355.fdiv(113).round(12), Rational(3, 7) + Rational(1, 3), Complex(1, 2)**3
puts [3, 1, 2].sort.map { |x| x * 1.5 }.inspect, %w[b a c].each_with_index.to_h.sort.inspect, (1..10).each_slice(3).to_a.inspect
puts "hello world".gsub(/o(.)?/) { "<#{$1}>" }, "caf\u00e9".upcase, "a-b_c".tr('-_', '  '), format("%08.3f|%+d|%x", 3.14159, 5, 255)
puts Digest::SHA256.hexdigest("x" * 100000), JSON.generate(JSON.parse('{"a":[1,2.5,null],"b":{"c":"\u263a"}}'))
f = Fiber.new { 3.times { |i| Fiber.yield i }; :done }; puts 4.times.map { f.resume }.inspect
e = Enumerator.new { |y| a, b = 0, 1; loop { y << a; a, b = b, a + b } }; puts e.lazy.select(&:even?).first(8).inspect
m = Mutex.new; n = 0; 6.times.map { Thread.new { 500.times { m.synchronize { n += 1 } } } }.each(&:join); puts n
q = Queue.new; t = Thread.new { 5.times.sum { q.pop } }; (1..5).each { |i| q << i }; puts t.value
puts BigDecimal("2").sqrt(30).round(25).to_s, Math.gamma(5.5).round(10), Math.sin(1).round(14), 0.1 + 0.2
h = Hash.new(0); 50000.times { |i| h[i * 7919 % 1000] += i }; puts h.values.max, h.size
def ack(m, n) = m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1))
puts ack(2, 30), (2..2000).select { |i| (2..Integer.sqrt(i)).none? { |d| i % d == 0 } }.sum
puts Zlib.inflate(Zlib.deflate("z" * 10000)).size, Zlib.crc32("abc"), Marshal.load(Marshal.dump([1, { a: 2.5 }, "s"])).inspect
rd, wr = IO.pipe; pid = fork { rd.close; wr.puts "child"; exit! 3 }; wr.close; puts rd.read; Process.wait pid; puts $?.exitstatus
puts `echo sub`.chomp; got = false; trap("USR1") { puts "usr1"; got = true }; Process.kill("USR1", $$); sleep 0.01 until got
s = TCPServer.new("127.0.0.1", 0); th = Thread.new { c = s.accept; c.puts c.gets.reverse; c.close }; c = TCPSocket.new("127.0.0.1", s.addr[1]); c.puts "abc"; puts c.read.inspect; th.join
begin; def d(n) = d(n + 1); d(0); rescue SystemStackError; puts "deep"; end
begin; 1 / 0; rescue ZeroDivisionError => x; puts x.message; end
puts ObjectSpace.respond_to?(:garbage_collect), GC.start.inspect, [1, [2, [3]]].flatten.inspect; exit 8
END
