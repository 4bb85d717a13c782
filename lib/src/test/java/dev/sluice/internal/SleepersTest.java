package dev.sluice.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class SleepersTest {
    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoWasCalledForNothingIsCalledAgain(ThreadKind kind) throws Exception {
        Sleepers sleepers = new Sleepers();
        AtomicInteger looks = new AtomicInteger();
        AtomicBoolean ready = new AtomicBoolean();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Long> sleeper = crew.start(() -> sleepers.sleep(
                            () -> {
                                looks.incrementAndGet();
                                return ready.get();
                            },
                            Long.MAX_VALUE))
                    .awaitParked();
            sleepers.callOne();
            await().until(() -> looks.get() >= 2);
            sleeper.awaitParked();
            ready.set(true);
            sleepers.callOne();
            assertThat(sleeper.result()).isEqualTo(Long.MAX_VALUE);
        }
    }
}
