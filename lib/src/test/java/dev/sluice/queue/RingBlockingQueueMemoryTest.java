package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class RingBlockingQueueMemoryTest {
    @Test
    void keepsNothingAliveThatHasBeenRemoved() {
        List<Consumer<RingBlockingQueue<Object>>> removals = List.of(
                RingBlockingQueue::poll,
                queue -> queue.remove(queue.peek()),
                queue -> queue.removeIf(element -> true),
                RingBlockingQueue::clear,
                queue -> queue.drainTo(new ArrayList<>()),
                RingBlockingQueueMemoryTest::takeAll,
                RingBlockingQueueMemoryTest::removeTheMiddleThenPoll,
                RingBlockingQueueMemoryTest::failToDrainThenPoll);
        for (Consumer<RingBlockingQueue<Object>> removal : removals) {
            RingBlockingQueue<Object> queue = new RingBlockingQueue<>(4);
            List<WeakReference<Object>> references = fill(queue);
            removal.accept(queue);
            long left = queue.size();
            await().untilAsserted(() -> {
                System.gc();
                assertThat(references.stream().filter(reference -> reference.get() != null))
                        .hasSize((int) left);
            });
            assertThat(queue).hasSize((int) left);
        }
    }

    private static List<WeakReference<Object>> fill(RingBlockingQueue<Object> queue) {
        List<WeakReference<Object>> references = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Object element = new Object();
            references.add(new WeakReference<>(element));
            queue.add(element);
        }
        return references;
    }

    private static void takeAll(RingBlockingQueue<Object> queue) {
        try {
            queue.takeUpTo(new Object[4], 4);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void removeTheMiddleThenPoll(RingBlockingQueue<Object> queue) {
        Object[] elements = queue.toArray();
        queue.remove(elements[1]);
        queue.remove(elements[2]);
        queue.poll();
        queue.poll();
    }

    private static void failToDrainThenPoll(RingBlockingQueue<Object> queue) {
        assertThatThrownBy(() -> queue.drainTo(List.of())).isInstanceOf(UnsupportedOperationException.class);
        queue.poll();
    }
}
