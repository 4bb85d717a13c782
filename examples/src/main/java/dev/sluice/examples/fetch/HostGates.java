package dev.sluice.examples.fetch;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A gate for each host, as long as somebody needs it. Thread-safe. */
final class HostGates {
    private final int perHost;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    HostGates(int perHost) {
        this.perHost = perHost;
    }

    /** A gate and how many wait for a permit of it or hold one. */
    private record Entry(Gate gate, int users) {
        Entry with(int more) {
            return new Entry(gate, users + more);
        }
    }

    /** A permit for {@code host} in its turn, without a thread that waits; what is done with it must not block. */
    CompletableFuture<Permit> acquire(String host) {
        Entry entry = entries.compute(
                host, (h, present) -> present == null ? new Entry(Gate.of(perHost), 1) : present.with(1));
        return entry.gate().acquireAsync(1, Runnable::run);
    }

    /** Takes back what {@link #acquire} gave. */
    void release(String host, Permit permit) {
        permit.close();
        entries.computeIfPresent(host, (h, entry) -> entry.users() == 1 ? null : entry.with(-1));
    }

    /** How many hosts somebody needs. */
    int size() {
        return entries.size();
    }
}
