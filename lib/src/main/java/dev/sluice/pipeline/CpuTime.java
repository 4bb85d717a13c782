package dev.sluice.pipeline;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * How long one worker's thread has been on a processor: asked of the JDK when somebody wants to know, and noted when the
 * worker ends. Not known of virtual threads, and where the JDK has no module {@code java.management}.
 */
final class CpuTime {
    private static final long UNKNOWN = -1;

    /** Apart, so that a JDK without the module fails here, at the first use, and nowhere else. */
    private static final class Clock {
        private static final @Nullable ThreadMXBean BEAN = bean();

        private static @Nullable ThreadMXBean bean() {
            ThreadMXBean bean = ManagementFactory.getThreadMXBean();
            return bean.isThreadCpuTimeSupported() && bean.isThreadCpuTimeEnabled() ? bean : null;
        }

        static long of(long threadId) {
            return BEAN == null ? UNKNOWN : BEAN.getThreadCpuTime(threadId);
        }
    }

    private volatile @Nullable Thread worker;
    private volatile long used = UNKNOWN;

    /** By the worker's thread. */
    void begin() {
        worker = Thread.currentThread();
    }

    /** By the worker's thread. */
    void end() {
        used = nanos();
        worker = null;
    }

    /** It stands for those who have left. Before others see it. */
    void sum(@Nullable CpuTime some, CpuTime other) {
        long before = some == null ? 0 : some.nanos();
        long more = other.nanos();
        used = before < 0 || more < 0 ? UNKNOWN : before + more;
    }

    /** Negative when it is not known. By any thread. */
    long nanos() {
        Thread thread = worker;
        long now = thread == null ? UNKNOWN : of(thread);
        // Of a thread that has ended in between nothing is known, but it has left a note before.
        return now < 0 ? used : now;
    }

    // getId: the method that replaces it is newer than the oldest JDK.
    @SuppressWarnings("deprecation")
    private static long of(Thread thread) {
        try {
            return Clock.of(thread.getId());
        } catch (LinkageError | RuntimeException e) {
            // There is no such module, or it may not be asked: a report with less in it is no failure.
            return UNKNOWN;
        }
    }
}
