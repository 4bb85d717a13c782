package dev.sluice.internal;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Thread factories with names; virtual threads where the JDK has them. */
public final class Threads {
    private Threads() {}

    /** Platform threads {@code <prefix>1}, {@code <prefix>2} and so on. */
    public static ThreadFactory platform(String prefix, boolean daemon) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(null, task, prefix + number.incrementAndGet(), 0, false);
            thread.setDaemon(daemon);
            return thread;
        };
    }

    /**
     * Virtual threads {@code <prefix>1}, {@code <prefix>2} and so on.
     *
     * @throws UnsupportedOperationException on a JDK before 21
     */
    public static ThreadFactory virtual(String prefix) {
        requireVirtual();
        try {
            // Looked up by name, because the library compiles for Java 17.
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
            Object named = type.getMethod("name", String.class, long.class).invoke(builder, prefix, 1L);
            Object plain = type.getMethod("inheritInheritableThreadLocals", boolean.class)
                    .invoke(named, false);
            return (ThreadFactory) type.getMethod("factory").invoke(plain);
        } catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException e) {
            throw new LinkageError("Thread.ofVirtual() is not what JDK 21 defines", e);
        } catch (InvocationTargetException e) {
            throw new LinkageError("Thread.ofVirtual() failed", e.getCause());
        }
    }

    /**
     * Checks that this JDK has virtual threads.
     *
     * @throws UnsupportedOperationException on a JDK before 21
     */
    public static void requireVirtual() {
        if (Runtime.version().feature() < 21) {
            throw new UnsupportedOperationException(
                    "virtual threads need JDK 21 or newer; this is " + Runtime.version());
        }
    }

    /** Starts a thread of a factory that is not to be trusted; returns why it could not be started, or null. */
    public static @Nullable Throwable start(ThreadFactory factory, Runnable body) {
        try {
            Thread thread = factory.newThread(body);
            if (thread == null) {
                return new NullPointerException("the thread factory returned null");
            }
            thread.start();
            return null;
        } catch (Throwable t) { // the factory is the user's, and Thread.start throws OutOfMemoryError
            return t;
        }
    }
}
