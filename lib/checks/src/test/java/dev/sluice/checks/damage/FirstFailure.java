package dev.sluice.checks.damage;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * A program that runs tests until one has failed: each argument is a class, or a class, {@code #} and a method. Ends with 1
 * and the name of that test, at once and without what the test has left behind, or with 0, or with 2 when there was nothing to
 * run. It is run against a library that is known to be broken.
 */
final class FirstFailure implements TestExecutionListener {
    private static final int RED = 1;
    private static final int NOTHING = 2;

    private final String asked;
    private int run;

    private FirstFailure(String asked) {
        this.asked = asked;
    }

    public static void main(String[] tests) {
        Launcher launcher = LauncherFactory.create();
        for (String test : tests) {
            FirstFailure failure = new FirstFailure(test);
            launcher.execute(
                    LauncherDiscoveryRequestBuilder.request()
                            .selectors(selector(test))
                            .build(),
                    failure);
            if (failure.run == 0) {
                end(NOTHING, test + ": no such test");
            }
        }
        end(0, "");
    }

    private static DiscoverySelector selector(String test) {
        if (!test.contains("#")) {
            return selectClass(test);
        }
        try {
            String method = test.substring(test.indexOf('#') + 1);
            for (var each : Class.forName(test.substring(0, test.indexOf('#'))).getDeclaredMethods()) {
                if (each.getName().equals(method)) {
                    return selectMethod(each.getDeclaringClass(), each);
                }
            }
        } catch (ClassNotFoundException e) {
            // As good as no such method.
        }
        end(NOTHING, test + ": no such test");
        throw new AssertionError(test);
    }

    private static void end(int status, String last) {
        System.out.println(last);
        System.out.flush();
        Runtime.getRuntime().halt(status);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        run += test.isTest() ? 1 : 0;
        if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.out));
            end(RED, name(test.getSource().orElse(null)));
        }
    }

    private String name(TestSource source) {
        return source instanceof MethodSource method ? method.getClassName() + "#" + method.getMethodName() : asked;
    }
}
