package dev.sluice.benchmarks;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Takes one permit, increments a counter while it is held, and gives it back: {@link Gate}, with both kinds of
 * {@link Fairness}, by {@code acquire} and {@code Permit.close} and by {@code run}; {@link Semaphore}, fair and not; and the bulkheads of
 * Resilience4j and Failsafe, whose callers wait as long as it takes.
 *
 * <p>{@link #oneThread} never waits. In {@link #eightThreads} more want a permit than there are: the counterpart of a strict gate is the
 * fair semaphore; a bounded one is to come near the one that is not fair. {@code -t} sets another number of threads for both, and
 * {@code -prof gc} shows what a visit allocates.
 *
 * <p>After each iteration every permit must be back; with one permit, which makes the plain counter safe, it must also say
 * what the threads counted each for itself.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class GateBenchmark {

    /** What hands out the permits. */
    public enum Kind {
        /** Newcomers may overtake for 1 ms; {@code acquire} and {@code close}. */
        SLUICE_BOUNDED {
            @Override
            Turnstile turnstile(int permits) {
                return new GateTurnstile(Gate.of(permits));
            }
        },
        /** The same, by {@code run}. */
        SLUICE_BOUNDED_RUN {
            @Override
            Turnstile turnstile(int permits) {
                return new RunTurnstile(Gate.of(permits));
            }
        },
        /** First come, first served; {@code acquire} and {@code close}. */
        SLUICE_STRICT {
            @Override
            Turnstile turnstile(int permits) {
                return new GateTurnstile(strict(permits));
            }
        },
        /** The same, by {@code run}. */
        SLUICE_STRICT_RUN {
            @Override
            Turnstile turnstile(int permits) {
                return new RunTurnstile(strict(permits));
            }
        },
        /** First come, first served. */
        JDK_FAIR {
            @Override
            Turnstile turnstile(int permits) {
                return new SemaphoreTurnstile(new Semaphore(permits, true));
            }
        },
        /** The default of the JDK: newcomers may overtake. */
        JDK_UNFAIR {
            @Override
            Turnstile turnstile(int permits) {
                return new SemaphoreTurnstile(new Semaphore(permits, false));
            }
        },
        /** Fair by default; a caller that finds it full waits as long as it takes. */
        RESILIENCE4J {
            @Override
            Turnstile turnstile(int permits) {
                BulkheadConfig config = BulkheadConfig.custom()
                        .maxConcurrentCalls(permits)
                        .maxWaitDuration(Duration.ofDays(1))
                        .build();
                return new Resilience4jTurnstile(Bulkhead.of("bulkhead", config));
            }
        },
        /** Always fair. */
        FAILSAFE {
            @Override
            Turnstile turnstile(int permits) {
                return new FailsafeTurnstile(dev.failsafe.Bulkhead.of(permits), permits);
            }
        };

        abstract Turnstile turnstile(int permits);

        private static Gate strict(int permits) {
            return Gate.builder().permits(permits).fairness(Fairness.strict()).build();
        }
    }

    /** What the threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** What hands out the permits. */
        @Param
        public Kind gate;

        /** How many permits there are. */
        @Param({"1", "4"})
        public int permits;

        private final List<Visitor> visitors = new CopyOnWriteArrayList<>();
        private Turnstile turnstile;

        /** Makes the gate. */
        @Setup(Level.Trial)
        public void open() {
            turnstile = gate.turnstile(permits);
        }

        /** All threads have left the gate: JMH lets none get here before. */
        @TearDown(Level.Iteration)
        public void check() {
            expect("permits", permits, turnstile.available());
            if (permits == 1) {
                long visits =
                        visitors.stream().mapToLong(visitor -> visitor.visits).sum();
                expect("visits", visits, turnstile.counter);
            }
        }

        private static void expect(String what, long expected, long actual) {
            if (actual != expected) {
                throw new IllegalStateException(what + " must be " + expected + " but were " + actual);
            }
        }
    }

    /** What a thread keeps for itself. */
    @State(Scope.Thread)
    public static class Visitor {
        private long visits;

        /**
         * Makes this thread's count known.
         *
         * @param shared adds the counts up
         */
        @Setup(Level.Trial)
        public void register(Shared shared) {
            shared.visitors.add(this);
        }
    }

    /**
     * Nobody else wants a permit.
     *
     * @param shared the gate
     * @param visitor the thread's count
     * @throws InterruptedException when the benchmark is stopped
     */
    @Benchmark
    @Threads(1)
    public void oneThread(Shared shared, Visitor visitor) throws InterruptedException {
        shared.turnstile.pass();
        visitor.visits++;
    }

    /**
     * Others wait for a permit.
     *
     * @param shared the gate
     * @param visitor the thread's count
     * @throws InterruptedException when the benchmark is stopped
     */
    @Benchmark
    @Threads(8)
    public void eightThreads(Shared shared, Visitor visitor) throws InterruptedException {
        shared.turnstile.pass();
        visitor.visits++;
    }

    private abstract static class Turnstile {
        /** Exact with one permit: only who holds it writes. */
        long counter;

        abstract void pass() throws InterruptedException;

        abstract int available();
    }

    private static final class GateTurnstile extends Turnstile {
        private final Gate gate;

        GateTurnstile(Gate gate) {
            this.gate = gate;
        }

        @Override
        void pass() throws InterruptedException {
            try (Permit permit = gate.acquire()) {
                counter++;
            }
        }

        @Override
        int available() {
            return gate.available();
        }
    }

    private static final class RunTurnstile extends Turnstile {
        private final Gate gate;
        private final Gate.Action<RuntimeException> visit = () -> counter++;

        RunTurnstile(Gate gate) {
            this.gate = gate;
        }

        @Override
        void pass() throws InterruptedException {
            gate.run(visit);
        }

        @Override
        int available() {
            return gate.available();
        }
    }

    private static final class SemaphoreTurnstile extends Turnstile {
        private final Semaphore semaphore;

        SemaphoreTurnstile(Semaphore semaphore) {
            this.semaphore = semaphore;
        }

        @Override
        void pass() throws InterruptedException {
            semaphore.acquire();
            try {
                counter++;
            } finally {
                semaphore.release();
            }
        }

        @Override
        int available() {
            return semaphore.availablePermits();
        }
    }

    private static final class Resilience4jTurnstile extends Turnstile {
        private final Bulkhead bulkhead;

        Resilience4jTurnstile(Bulkhead bulkhead) {
            this.bulkhead = bulkhead;
        }

        @Override
        void pass() {
            bulkhead.acquirePermission();
            try {
                counter++;
            } finally {
                bulkhead.onComplete();
            }
        }

        @Override
        int available() {
            return bulkhead.getMetrics().getAvailableConcurrentCalls();
        }
    }

    private static final class FailsafeTurnstile extends Turnstile {
        private final dev.failsafe.Bulkhead<Void> bulkhead;
        private final int permits;

        FailsafeTurnstile(dev.failsafe.Bulkhead<Void> bulkhead, int permits) {
            this.bulkhead = bulkhead;
            this.permits = permits;
        }

        @Override
        void pass() throws InterruptedException {
            bulkhead.acquirePermit();
            try {
                counter++;
            } finally {
                bulkhead.releasePermit();
            }
        }

        /** It has no way to ask: takes all that are free, and gives them back. */
        @Override
        int available() {
            int free = 0;
            while (free < permits && bulkhead.tryAcquirePermit()) {
                free++;
            }
            for (int i = 0; i < free; i++) {
                bulkhead.releasePermit();
            }
            return free;
        }
    }
}
