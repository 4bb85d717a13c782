package dev.sluice.examples.tour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the guide quotes does what it says: each way gives the price. */
@Timeout(60)
class GuideTest {
    private static final int PRICE = 6 * 19;

    private final Guide guide = new Guide();

    @Test
    void everyWayGivesThePrice() throws Exception {
        assertThat(guide.threadPoolExecutor()).isEqualTo(PRICE);
        assertThat(guide.workerPool()).isEqualTo(PRICE);
        assertThat(guide.semaphore()).isEqualTo(PRICE);
        assertThat(guide.group()).isEqualTo(PRICE);
        assertThat(guide.fed()).isEqualTo(PRICE);
        assertThat(guide.lane()).isEqualTo(PRICE);
        assertThat(guide.timeLimit()).isEqualTo(PRICE);
        if (Runtime.version().feature() >= 21) {
            assertThat(guide.gatedPool()).isEqualTo(PRICE);
            assertThat(guide.queueOnVirtualThreads()).isEqualTo(PRICE);
        }
    }
}
