package dev.sluice.benchmarks;

/**
 * Classes that are compiled with a newer JDK than the rest, since what they use needs it. They are in the jar when it was built with
 * such a JDK.
 */
final class NewerJdk {
    private NewerJdk() {}

    /** Makes one, by its constructor without parameters; throws on a JDK that is too old for it. */
    static <T> T make(String name, Class<T> type, int jdk) {
        if (Runtime.version().feature() < jdk) {
            throw new UnsupportedOperationException("left out: needs JDK " + jdk);
        }
        try {
            return type.cast(Class.forName(NewerJdk.class.getPackageName() + "." + name)
                    .getDeclaredConstructor()
                    .newInstance());
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException("left out: the jar must be built with JDK " + jdk, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
