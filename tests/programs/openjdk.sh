# SPDX-License-Identifier: MIT
# OpenJDK: compiles a class with javac, runs it with its JIT, threads and three garbage collectors.
# wants: usr/bin/java usr/bin/javac
# time: 600
cat >P.java <<'END'
import java.math.BigInteger;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.stream.*;
public class P {
    interface S { double area(); }
    record C(double r) implements S { public double area() { return Math.PI * r * r; } }
    record Q(double a) implements S { public double area() { return a * a; } }
    static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    static synchronized void lock(int[] n) { n[0]++; }
    static int deep(int n) { return deep(n + 1) + 1; }
    public static void main(String[] a) throws Exception {
        System.out.println(fib(27)); long h = 0; for (int i = 0; i < 5_000_000; i++) h = h * 31 + (i ^ h >>> 7); System.out.println(h);
        double d = 0; S[] s = { new C(1.5), new Q(2), new C(0.25) }; for (int i = 0; i < 900_000; i++) d += s[i % 3].area(); System.out.printf("%.6f%n", d);
        double[] v = new double[2000]; for (int k = 0; k < 300; k++) for (int i = 0; i < v.length; i++) v[i] = v[i] * 0.5 + i; System.out.println(v[1999]);
        System.out.println(BigInteger.TWO.pow(300).mod(BigInteger.valueOf(1_000_003)) + " " + IntStream.rangeClosed(1, 1000).filter(i -> i % 7 == 0).sum());
        Map<String, Integer> m = new TreeMap<>(); for (int i = 0; i < 200_000; i++) m.merge("k" + i % 50, i % 10, Integer::sum); System.out.println(m.get("k7") + " " + m.size());
        List<int[]> keep = new ArrayList<>(); for (int i = 0; i < 100_000; i++) { keep.add(new int[64]); if (keep.size() > 500) keep.clear(); } System.gc(); System.out.println(keep.size());
        ExecutorService ex = Executors.newFixedThreadPool(4); AtomicLong at = new AtomicLong(); int[] n = new int[1]; List<Future<?>> fs = new ArrayList<>();
        for (int t = 0; t < 8; t++) fs.add(ex.submit(() -> { for (int i = 0; i < 20_000; i++) { at.incrementAndGet(); lock(n); } })); for (Future<?> f : fs) f.get(); ex.shutdown(); System.out.println(at + " " + n[0]);
        System.out.println(IntStream.range(0, 100_000).parallel().mapToLong(i -> (long) i * i).sum()); Object nul = null;
        try { nul.toString(); } catch (NullPointerException e) { System.out.println("null"); } try { System.out.println(1 / (n[0] - n[0])); } catch (ArithmeticException e) { System.out.println(e.getMessage()); }
        try { deep(0); } catch (StackOverflowError e) { System.out.println("deep"); } try { int[] z = new int[3]; z[n[0]] = 1; } catch (ArrayIndexOutOfBoundsException e) { System.out.println("index"); }
        System.out.println(String.format("%x %08.3f %s", 255, 3.14159, "caf\u00e9".toUpperCase().length()) + " " + (0.1 + 0.2) + " " + (float) 1 / 3 + " " + (int) Double.NaN + " " + (long) 1e30 + " " + Math.fma(2.0, 3.0, 1.0) + " " + StrictMath.sin(1));
        Thread t = new Thread(() -> { try { Thread.sleep(60_000); } catch (InterruptedException e) { System.out.println("interrupted"); } }); t.start(); Thread.sleep(50); t.interrupt(); t.join();
        System.exit(5);
    }
}
END
javac -J-Xshare:auto P.java && for g in -XX:+UseSerialGC -XX:+UseParallelGC -XX:+UseG1GC "-Xint -Xmx64m"; do
    [ "$g" != "-Xint -Xmx64m" ] || { java $g -version >/dev/null 2>&1; echo "interpreter $?"; continue; }
    java $g -Xmx128m P; echo "status $?"
done
