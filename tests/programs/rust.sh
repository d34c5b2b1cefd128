# SPDX-License-Identifier: MIT
# Rust: rustc builds a program with threads, collections, overflow checks and a caught panic.
# wants: usr/bin/rustc usr/bin/gcc
# time: 900
cat >p.rs <<'END'
use std::collections::{BTreeMap, HashMap};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
trait Shape { fn area(&self) -> f64; }
struct Sq(f64); struct Ci(f64);
impl Shape for Sq { fn area(&self) -> f64 { self.0 * self.0 } }
impl Shape for Ci { fn area(&self) -> f64 { std::f64::consts::PI * self.0 * self.0 } }
fn fib(n: u32) -> u64 { if n < 2 { n as u64 } else { fib(n - 1) + fib(n - 2) } }
fn main() {
    println!("{} {}", fib(27), u128::MAX / 7);
    let m = Arc::new(Mutex::new(0u64));
    let hs: Vec<_> = (0..8).map(|i| { let m = m.clone(); thread::spawn(move || { for k in 0..1000 { *m.lock().unwrap() += k * i } i }) }).collect();
    let s: u64 = hs.into_iter().map(|h| h.join().unwrap()).sum();
    println!("{} {}", s, m.lock().unwrap());
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || for i in 0..1000 { tx.send(i * i).unwrap() });
    println!("{}", rx.iter().sum::<i64>());
    let mut h: HashMap<String, usize> = HashMap::new();
    for i in 0..50000 { *h.entry(format!("k{}", i % 100)).or_default() += i }
    let b: BTreeMap<_, _> = h.iter().collect();
    println!("{:?} {}", b.iter().next(), b.len());
    let v: Vec<Box<dyn Shape>> = vec![Box::new(Sq(2.0)), Box::new(Ci(1.5))];
    println!("{:.9} {:?}", v.iter().map(|x| x.area()).sum::<f64>(), (0.1f64 + 0.2, 1.0f32 / 3.0, f64::NAN as i32, 300i32 as u8));
    let mut p = vec![true; 100000];
    let mut i = 2; while i * i < p.len() { if p[i] { let mut j = i * i; while j < p.len() { p[j] = false; j += i } } i += 1 }
    println!("{}", p.iter().skip(2).filter(|x| **x).count());
    println!("{:?} {:?}", "caf\u{e9}".to_uppercase(), "12x".parse::<i32>());
    std::panic::set_hook(Box::new(|_| {}));
    println!("{}", std::panic::catch_unwind(|| { let z: Vec<i32> = vec![]; z[std::env::args().count()] }).is_err());
    println!("{:?} {:?}", i32::MAX.checked_add(1), i32::MAX.wrapping_add(1));
    std::process::exit(21);
}
END
for o in "" -O; do rustc $o p.rs 2>&1 && ./p; echo "status $?"; done
