package dev.sluice.testing;

import dev.sluice.internal.Threads;
import java.util.concurrent.ThreadFactory;

/** The kinds of thread that a test runs over; {@link ThreadKinds#all()} are those that this JDK has. */
public enum ThreadKind {
    PLATFORM,
    VIRTUAL;

    /** A factory of threads {@code test-1}, {@code test-2} and so on. */
    public ThreadFactory factory() {
        return factory("test-");
    }

    /** A factory of threads {@code <prefix>1}, {@code <prefix>2} and so on; platform threads are daemons. */
    public ThreadFactory factory(String prefix) {
        return this == VIRTUAL ? Threads.virtual(prefix) : Threads.platform(prefix, true);
    }

    /** Starts one thread whose name is {@code name}. */
    public Thread start(String name, Runnable task) {
        Thread thread = factory(name).newThread(task);
        thread.setName(name);
        thread.start();
        return thread;
    }

    public boolean isVirtual() {
        return this == VIRTUAL;
    }
}
