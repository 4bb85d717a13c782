package dev.sluice.checks.soak;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Opens, uses and closes each object many times: no thread and no memory is left. */
@Command(
        name = "cycles",
        mixinStandardHelpOptions = true,
        description = "Opens, uses and closes each object many times; no thread and no memory is left.")
public final class Cycles implements Callable<Integer> {
    private static final long TOLERATED = 512 << 10;
    private static final long PATIENCE_MILLIS = 10_000;

    @Option(names = "--cycles", defaultValue = "100000", description = "of each object; default 10^5")
    private int cycles;

    /** For the command line. */
    public Cycles() {}

    /** One opening, use and closing. */
    private interface Cycle {
        void run() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        Gate shared = Gate.of(2);
        Map<String, Cycle> objects = new LinkedHashMap<>();
        objects.put("pool", Cycles::pool);
        objects.put("gated pool", () -> gatedPool(shared));
        objects.put("gate", Cycles::gate);
        objects.put("queue", Cycles::queue);
        objects.put("pipeline", Cycles::pipeline);
        int status = 0;
        for (Map.Entry<String, Cycle> object : objects.entrySet()) {
            status |= measure(object.getKey(), object.getValue());
        }
        return status;
    }

    private int measure(String name, Cycle cycle) throws Exception {
        // What is made once, and what is compiled, comes first.
        run(cycle, Math.max(1, cycles / 10));
        long heap = heap();
        Set<Thread> before = threads();
        long begun = System.nanoTime();
        run(cycle, cycles);
        double seconds = (System.nanoTime() - begun) / 1e9;
        List<Thread> left = left(before);
        long grown = heap() - heap;
        boolean clean = left.isEmpty() && grown < TOLERATED;
        System.out.printf(
                "%-10s %,d cycles: %d threads left, heap %+d KiB; %.0f s%s%n",
                name, cycles, left.size(), grown >> 10, seconds, clean ? "" : "  NOT CLEAN");
        left.forEach(thread -> System.out.println("    " + thread + Arrays.toString(thread.getStackTrace())));
        return clean ? 0 : 1;
    }

    /** Those that have come since. One that has nothing more to do than to die is waited for: no close waits for that. */
    private static List<Thread> left(Set<Thread> before) throws InterruptedException {
        List<Thread> left = new ArrayList<>();
        for (Thread thread : threads()) {
            if (!before.contains(thread) && !thread.getName().startsWith("sluice-clock")) {
                thread.join(PATIENCE_MILLIS);
                if (thread.isAlive()) {
                    left.add(thread);
                }
            }
        }
        return left;
    }

    private static void run(Cycle cycle, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            cycle.run();
        }
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet();
    }

    private static void pool() throws Exception {
        try (WorkerPool pool = WorkerPool.of(1)) {
            pool.execute(() -> {});
        }
    }

    private static void gatedPool(Gate gate) {
        try (WorkerPool pool = WorkerPool.gated(gate)) {
            pool.execute(() -> {});
        }
    }

    private static void gate() throws InterruptedException {
        try (Gate gate = Gate.of(2);
                Permit permit = gate.acquire();
                Permit other = gate.acquireAsync(1, Runnable::run).join()) {
            if (permit.weight() != other.weight()) {
                throw new AssertionError("permits of other weights: " + gate);
            }
        }
    }

    private static void queue() throws InterruptedException {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(16);
        queue.put(1);
        queue.take();
    }

    private static void pipeline() throws InterruptedException {
        Pipeline.from(List.of(1, 2, 3))
                .name("cycle")
                .stage("one", item -> item)
                .forEach("sink", item -> {})
                .run();
    }
}
