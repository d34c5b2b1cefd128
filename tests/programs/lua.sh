# SPDX-License-Identifier: MIT
# Lua and bc: two small interpreters.
# wants: usr/bin/lua5.4 usr/bin/bc
lua5.4 - <<'END'
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(fib(24), 7 // 2, -7 // 2, -7 % 3, 7.0 / 2, 1 << 40, 2^53, math.maxinteger, 0x7fffffffffffffff + 1)
local t = {} for i = 1, 50000 do t[#t + 1] = (i * 7919) % 10007 end table.sort(t) print(t[1], t[25000], t[50000])
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) print(co(), co(), co())
print(("hello world"):gsub("o", "0"), ("%5.2f|%d|%s"):format(3.14159, 42, "x"), #("x"):rep(1000), ("key=val"):match("(%w+)=(%w+)"))
local m = setmetatable({}, { __index = function(_, k) return k .. "!" end, __call = function(_, a) return a * 2 end }) print(m.foo, m(21))
print(pcall(function() error({ code = 7 }) end), select("#", pcall(error)), tostring(0.1 + 0.2), math.sin(1), string.pack("<i4d", 7, 2.5):byte(1, -1))
collectgarbage() local s = 0 for i = 1, 1e6 do s = s + (i % 7) * 0.5 end print(s) goto done do print("skipped") end ::done:: os.exit(4)
END
echo "status $?"
BC_LINE_LENGTH=0 bc -l <<'END'
define f(n) {
    if (n < 2) return (1);
    return (n * f(n - 1));
}
scale=60; 4*a(1); e(1); sqrt(2); 2^300; f(40)
obase=16; 2^64-1
END
