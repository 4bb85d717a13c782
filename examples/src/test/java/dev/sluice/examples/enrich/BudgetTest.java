package dev.sluice.examples.enrich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.examples.enrich.Budget.Admitted;
import dev.sluice.examples.enrich.RawRecord.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BudgetTest {
    private final Budget budget = new Budget();

    @Test
    void admitsNoMoreThanFourMebiCharactersAtATime() throws Exception {
        BlockingQueue<Admitted> admitted = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try {
                for (int i = 0; i < 5; i++) {
                    admitted.add(budget.admit(record(1_000_000)));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        reader.start();
        await().until(() -> reader.getState() == Thread.State.WAITING);
        assertThat(admitted).hasSize(4);

        admitted.remove().permit().close();

        reader.join();
        assertThat(admitted).hasSize(4);
    }

    @Test
    void holdsShortRecordsUpByTheirNumberOnly() throws Exception {
        List<Admitted> admitted = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            admitted.add(budget.admit(record(60)));
        }

        admitted.forEach(each -> each.permit().close());

        assertThat(budget.inUse()).isZero();
    }

    @Test
    void admitsTheLongestRecordByItself() throws Exception {
        budget.admit(record((1 << 22) + 1)).permit().close();

        assertThat(budget.inUse()).isZero();
    }

    private static RawRecord record(int length) {
        return new RawRecord(1, "x".repeat(length), Shape.REGULAR);
    }
}
