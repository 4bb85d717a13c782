package dev.sluice.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherInterceptor;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Fails the whole run when a test was disabled or gave up on an assumption. The one excuse is a JDK without the
 * feature, told by {@code @EnabledForJreRange}. JUnit finds this class through {@code META-INF/services}: as a listener
 * it notes what was skipped, as an interceptor, which unlike a listener may throw, it reports it.
 */
public final class NoSkippedTests implements TestExecutionListener, LauncherInterceptor {
    // Static, because JUnit makes one object for each of the two roles.
    private static final Queue<String> SKIPPED = new ConcurrentLinkedQueue<>();

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (!isForOtherJdks(test)) {
            SKIPPED.add(test.getUniqueId() + ": " + reason);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            SKIPPED.add(test.getUniqueId() + ": " + result.getThrowable().orElse(null));
        }
    }

    @Override
    public <T> T intercept(Invocation<T> invocation) {
        T result = invocation.proceed();
        if (!SKIPPED.isEmpty()) {
            throw new AssertionError("Skipped tests:\n" + String.join("\n", SKIPPED));
        }
        return result;
    }

    @Override
    public void close() {
        SKIPPED.clear();
    }

    private static boolean isForOtherJdks(TestIdentifier test) {
        return test.getSource()
                .flatMap(NoSkippedTests::element)
                .filter(element -> AnnotationSupport.isAnnotated(element, EnabledForJreRange.class))
                .isPresent();
    }

    private static Optional<AnnotatedElement> element(TestSource source) {
        if (source instanceof MethodSource method) {
            return Optional.of(method.getJavaMethod());
        }
        return source instanceof ClassSource type ? Optional.of(type.getJavaClass()) : Optional.empty();
    }
}
