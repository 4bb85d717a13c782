package dev.sluice.testing;

import java.util.List;

/**
 * The thread kinds of the JDK that runs the tests: platform threads always, virtual ones from 21 on. A parameterised
 * test takes them with {@code @MethodSource("dev.sluice.testing.ThreadKinds#all")}, so that on an older JDK the case
 * does not exist, instead of being skipped.
 */
public final class ThreadKinds {
    private ThreadKinds() {}

    public static List<ThreadKind> all() {
        return virtualThreadsExist() ? List.of(ThreadKind.PLATFORM, ThreadKind.VIRTUAL) : List.of(ThreadKind.PLATFORM);
    }

    public static boolean virtualThreadsExist() {
        return Runtime.version().feature() >= 21;
    }
}
