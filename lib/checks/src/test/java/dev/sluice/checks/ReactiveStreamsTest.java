package dev.sluice.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/**
 * The TCK of reactive streams, which is written for TestNG: run here by hand and counted, because two test engines on one
 * class path have a way of leaving each other's tests out.
 */
@Timeout(120)
class ReactiveStreamsTest {
    /** For what must happen; long, because a busy machine is no failure, but three of the tests wait for all of it. */
    static final long LONGEST_WAIT_MILLIS = 3_000;
    /** For what must not happen. */
    static final long SILENCE_MILLIS = 30;

    @Test
    @DisplayName("the publisher of a run's results passes the reactive-streams TCK")
    void publisherPassesTheTck() {
        assertPasses(ResultPublisherVerification.class, 26, 12);
    }

    @Test
    @DisplayName("the subscriber of a pipeline's source passes the reactive-streams TCK")
    void subscriberPassesTheTck() {
        assertPasses(SourceSubscriberVerification.class, 11, 15);
    }

    /** @param skipped what the TCK cannot verify of anybody, and rules for those with several subscribers */
    private static void assertPasses(Class<?> verification, int passed, int skipped) {
        TestListenerAdapter results = new TestListenerAdapter();
        TestNG tests = new TestNG(false);
        tests.setTestClasses(new Class<?>[] {verification});
        tests.addListener(results);
        tests.run();
        assertThat(results.getFailedTests())
                .extracting(ITestResult::getName, ITestResult::getThrowable)
                .isEmpty();
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(results.getPassedTests()).hasSize(passed);
        assertThat(results.getSkippedTests()).hasSize(skipped);
    }
}
