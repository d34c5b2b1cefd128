# SPDX-License-Identifier: MIT
# The C++ compiler, inside: exceptions, templates, threads, streams, the library's algorithms.
# wants: usr/bin/g++
# time: 300
cat >p.cc <<'END'
#include <algorithm>
#include <atomic>
#include <chrono>
#include <complex>
#include <condition_variable>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>
struct base { virtual ~base() = default; virtual int f() const = 0; };
template <int N> struct der : base { int f() const override { return N; } };
struct noisy { std::string n; ~noisy() { std::cout << "~" << n << "\n"; } };
static int thrower(int d) { noisy n{std::to_string(d)}; if (d == 0) throw std::runtime_error("deep"); return thrower(d - 1); }
int main()
{
    std::vector<int> v(20000); std::iota(v.begin(), v.end(), 1); std::mt19937 r(5); std::shuffle(v.begin(), v.end(), r);
    std::cout << v[0] << " " << r() << "\n"; std::sort(v.begin(), v.end()); std::cout << std::accumulate(v.begin(), v.end(), 0L) << "\n";
    try { thrower(3); } catch (const std::exception &e) { std::cout << "caught " << e.what() << "\n"; }
    try { std::vector<int>().at(3); } catch (const std::out_of_range &) { std::cout << "range\n"; }
    std::vector<std::unique_ptr<base>> p; p.push_back(std::make_unique<der<1>>()); p.push_back(std::make_unique<der<2>>());
    int s = 0; for (auto &x : p) s += x->f(); std::cout << s << " " << (dynamic_cast<der<2> *>(p[1].get()) != nullptr) << "\n";
    auto f = std::async(std::launch::async, [] { long t = 0; for (int i = 0; i < 100000; i++) t += i; return t; }); std::cout << f.get() << "\n";
    std::mutex m; std::condition_variable c; bool go = false; std::thread t([&] { std::lock_guard<std::mutex> l(m); go = true; c.notify_one(); });
    { std::unique_lock<std::mutex> l(m); c.wait(l, [&] { return go; }); } t.join();
    std::map<std::string, int> w; std::istringstream in("the cat the dog the end"); for (std::string x; in >> x;) w[x]++;
    for (auto &[k, n] : w) std::cout << k << "=" << n << " "; std::cout << "\n";
    std::cout << std::setprecision(15) << std::pow(std::complex<double>(1, 2), 3) << " " << std::hypot(3.0, 4.0) << " " << std::hex << 255 << "\n";
    std::cout << std::regex_replace(std::string("a1b22c333"), std::regex("[0-9]+"), "#") << "\n";
    return 11;
}
END
for o in -O0 "-O2 -std=c++20"; do g++ $o -o p p.cc -pthread && ./p; echo "status $?"; done
