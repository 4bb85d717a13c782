package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A limit for each key and a limit for all: for hosts, tenants, accounts.
 *
 * <pre>{@code
 * KeyedGate gate = KeyedGate.of(2, 16);             // two for a host, sixteen in all
 * try (Permit permit = gate.acquire(url.host())) {
 *     download(url);
 * }
 * }</pre>
 *
 * <p><b>Bounds.</b> At most {@code perKey} permits are held for one key, equal keys being the same, and at most
 * {@code total} in all. Nothing is kept for a key for which nobody holds a permit or waits. The number of waiters has no
 * limit.
 *
 * <p><b>Order.</b> A permit is taken of the key first and of the total second, so that those who wait for a busy key do not
 * keep others from the total. In each of the two, {@link Fairness#bounded} with 1 ms.
 *
 * <p><b>Threads, interruption, memory consistency.</b> As for a {@link Gate}. Not reentrant.
 */
public final class KeyedGate {
    private final int perKey;
    private final Gate total;
    private final ConcurrentMap<Object, Entry> entries = new ConcurrentHashMap<>();

    /** The gate of a key, and how many hold a permit of it or want one; this, while the map has the entry to itself. */
    private static final class Entry {
        private final Gate gate;
        private int users;

        Entry(Gate gate) {
            this.gate = gate;
        }
    }

    private KeyedGate(int perKey, int total) {
        this.perKey = Check.atLeast("perKey", perKey, 1);
        this.total = Gate.of(Check.atLeast("total", total, 1));
    }

    /**
     * A gate for any number of keys.
     *
     * @param perKey the limit for each key, at least 1
     * @param total the limit for all keys together, at least 1
     * @return a new gate
     */
    public static KeyedGate of(int perKey, int total) {
        return new KeyedGate(perKey, total);
    }

    /**
     * Takes a permit for a key, waiting for it if necessary.
     *
     * @param key what the permit is for; has to have {@code equals} and {@code hashCode}
     * @return the permit; close it
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     */
    public Permit acquire(Object key) throws InterruptedException {
        Bundle bundle = bundle(key);
        Permit permit = new Permit(bundle, 1);
        Permit ofTotal = total.permit(1);
        Gate ofKey = join(key);
        boolean complete = false;
        try {
            bundle.add(ofKey.acquire());
            bundle.add(total.acquire(ofTotal));
            complete = true;
            return permit;
        } finally {
            if (!complete) {
                permit.close();
            }
        }
    }

    /**
     * Takes a permit for a key, waiting for it no longer than {@code timeout}.
     *
     * @param key what the permit is for; has to have {@code equals} and {@code hashCode}
     * @param timeout how long to wait; zero or less: not at all
     * @return the permit, to be closed; empty if the time has passed
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     */
    public Optional<Permit> tryAcquire(Object key, Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        long begun = System.nanoTime();
        Bundle bundle = bundle(key);
        Optional<Permit> permit = Optional.of(new Permit(bundle, 1));
        Permit ofTotal = total.permit(1);
        Gate ofKey = join(key);
        boolean complete = false;
        try {
            complete = bundle.add(ofKey.tryAcquire(1, timeout)) && total.tryAcquire(ofTotal, left(nanos, begun));
            if (complete) {
                bundle.add(ofTotal);
            }
        } finally {
            if (!complete) {
                permit.get().close();
            }
        }
        return complete ? permit : Optional.empty();
    }

    private static long left(long nanos, long begun) {
        return Math.max(0, nanos - (System.nanoTime() - begun));
    }

    /**
     * Takes a permit for a key without parking a thread. To cancel the future, or to complete it in any other way, ends the
     * wait. Continuations run in {@code ForkJoinPool.commonPool()}, or in a thread each where that pool has no threads.
     *
     * @param key what the permit is for; has to have {@code equals} and {@code hashCode}
     * @return completed with the permit, which is to be closed
     */
    public CompletableFuture<Permit> acquireAsync(Object key) {
        Bundle bundle = bundle(key);
        Permit permit = new Permit(bundle, 1);
        CompletableFuture<Permit> result = new PlainFuture<>();
        Gate ofKey = join(key);
        try {
            Step step = first -> {
                bundle.add(first);
                goOn(bundle, result, permit);
            };
            // What follows runs no code of the user, so it may do that on the stack of the one who releases.
            follow(ofKey.enterAsync(1, Runnable::run), result, permit, step);
        } catch (Throwable failure) { // no memory, and nobody will hear of the future
            permit.close();
            throw failure;
        }
        return result;
    }

    /** The key's permit is there. */
    private void goOn(Bundle bundle, CompletableFuture<Permit> result, Permit permit) {
        try {
            Step step = second -> {
                bundle.add(second);
                if (!result.complete(permit)) {
                    permit.close();
                }
            };
            follow(total.enterAsync(1, total.executor()), result, permit, step);
        } catch (Throwable failure) { // no memory, but perhaps enough to say so
            permit.close();
            result.completeExceptionally(failure);
        }
    }

    /** What is done with a part; made before that is taken, for whoever fails to make it cannot give a part back. */
    private interface Step {
        void take(Permit part);
    }

    /** Goes on with the step when the part is there; ends the wait for it when the result is complete before that. */
    private static void follow(PermitFuture part, CompletableFuture<Permit> result, Permit permit, Step step) {
        try {
            result.whenComplete((value, failure) -> part.cancel(false));
            part.whenComplete((granted, refusal) -> {
                if (refusal == null) {
                    step.take(granted);
                } else {
                    permit.close();
                    result.completeExceptionally(refusal);
                }
            });
        } catch (Throwable failure) {
            part.drop();
            throw failure;
        }
    }

    /** {@return for how many keys somebody holds a permit or waits} */
    public int keys() {
        return entries.size();
    }

    @Override
    public String toString() {
        return "KeyedGate[" + perKey + " for each of " + keys() + " keys, in all " + total + "]";
    }

    Gate total() {
        return total;
    }

    /**
     * What a permit for the key is made of; before the key is joined, for then somebody has to leave it. Who waits in its own
     * thread makes the total's permit then, too, so that it does not fail for want of memory when it has the key's.
     */
    private Bundle bundle(Object key) {
        Check.notNull("key", key);
        return new Bundle(2, () -> leave(key));
    }

    private Gate join(Object key) {
        return entries.compute(key, (k, present) -> {
                    Entry entry = present == null ? new Entry(Gate.of(perKey)) : present;
                    entry.users++;
                    return entry;
                })
                .gate;
    }

    private void leave(Object key) {
        entries.computeIfPresent(key, (k, entry) -> --entry.users == 0 ? null : entry);
    }
}
