package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class NoThreadLeaksTest {

    @Test
    void allowsTheThreadsThatTheJdkKeeps() {
        CompletableFuture<Boolean> ranInCommonPool =
                CompletableFuture.supplyAsync(() -> true).completeOnTimeout(false, 30, TimeUnit.SECONDS);

        assertThat(ranInCommonPool.join()).isTrue();
    }

    @Test
    void givesAThreadThatIsEndingTheTimeToEnd() {
        Thread main = Thread.currentThread();
        // Nothing but the leak check, after the test, makes the main thread wait.
        ThreadKind.PLATFORM.start("ends-after-the-test", () -> Waiting.untilWaiting(main));
    }

    @Test
    void seesAThreadThatStays() throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        CountDownLatch release = new CountDownLatch(1);
        Thread stays = ThreadKind.PLATFORM.start("stays", () -> awaitUnchecked(release));

        assertThat(NoThreadLeaks.awaitEnd(before, Duration.ofMillis(1))).containsExactly(stays);
        release.countDown();
        assertThat(NoThreadLeaks.awaitEnd(before, Duration.ofSeconds(10))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void seesThreadsOfEachKindWaitAndEnd(ThreadKind kind) throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        Thread thread = kind.start("waiter", () -> awaitUnchecked(release));

        Waiting.untilWaiting(thread);
        release.countDown();
        Waiting.untilEnded(thread);

        assertThat(thread.getName()).isEqualTo("waiter");
        assertThat(thread.isAlive()).isFalse();
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
