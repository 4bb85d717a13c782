package dev.sluice.testing;

import dev.sluice.internal.Threads;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** The kinds of thread that a test is run with. */
public enum ThreadKind {
    PLATFORM,
    VIRTUAL;

    /** Virtual threads only where the JDK has them, so that no test is skipped. */
    public static Stream<ThreadKind> available() {
        return Runtime.version().feature() >= 21 ? Stream.of(values()) : Stream.of(PLATFORM);
    }

    public ThreadFactory factory() {
        return this == PLATFORM ? Threads.platform("test-", true) : Threads.virtual("test-");
    }
}
