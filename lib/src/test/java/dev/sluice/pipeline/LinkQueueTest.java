package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.pipeline.LinkQueue.QueueFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue of the user's is not trusted. */
@Timeout(180)
class LinkQueueTest {
    /** Refuses, holds back and fails as it is told. */
    private static final class Moody extends LinkedBlockingQueue<Object> {
        private static final long serialVersionUID = 1L;

        private boolean refuses;
        private boolean holdsBack;
        private int fails = Integer.MAX_VALUE;

        @Override
        public boolean offer(Object item) {
            return !refuses && super.offer(item);
        }

        @Override
        public Object poll() {
            if (fails-- <= 0) {
                throw new IllegalStateException("moody");
            }
            return holdsBack ? null : super.poll();
        }
    }

    private final Moody own = new Moody();
    private final LinkQueue queue = of(own);

    private static LinkQueue of(BlockingQueue<Object> own) {
        return LinkQueue.of("next", Settings.DEFAULT, () -> own);
    }

    @Test
    @DisplayName("promise 2: emptying gives what was put in, and leaves nothing")
    void emptyingGivesWhatWasPutIn() throws QueueFailure {
        queue.offer("a");
        queue.offer("b");
        own.add("of somebody else");
        assertThat(queue.drain()).containsExactly("a", "b");
        assertThat(own).isEmpty();
        assertThat(queue.size()).isZero();
        assertThat(queue.drain()).isEmpty();
    }

    @Test
    void emptyingGivesWhatIsLeftWhenSomebodyElseHasTaken() throws QueueFailure {
        queue.offer("a");
        queue.offer("b");
        own.poll();
        assertThat(queue.drain()).containsExactly("b");
    }

    @Test
    @DisplayName("promise 2: emptying gives what the queue holds back, but not more than was put in")
    void emptyingGivesWhatIsHeldBack() throws QueueFailure {
        queue.offer("a");
        queue.offer("b");
        own.add("of somebody else");
        own.holdsBack = true;
        assertThat(queue.drain()).containsExactly("a", "b");
        assertThat(own).isEmpty();
    }

    @Test
    @DisplayName("promise 2: emptying a queue that fails gives what has come until then")
    void emptyingGivesWhatHasComeUntilTheQueueFails() throws QueueFailure {
        queue.offer("a");
        queue.offer("b");
        own.fails = 1;
        assertThat(queue.drain()).containsExactly("a");
    }

    @Test
    void queueMayBeFullerThanItSeems() throws QueueFailure {
        assertThat(queue.offer("a")).isTrue();
        own.refuses = true;
        assertThat(queue.offer("b")).isFalse();
        assertThat(queue.size()).isEqualTo(1);
        assertThat(queue.poll()).isEqualTo("a");
        assertThat(queue.size()).isZero();
        assertThatThrownBy(() -> queue.offer("c"))
                .isInstanceOf(QueueFailure.class)
                .hasRootCauseMessage("the queue refuses an element although it is empty: " + Moody.class.getName());
    }

    @Test
    void queueMayHoldBackAndThenGive() throws QueueFailure {
        queue.offer("a");
        own.holdsBack = true;
        assertThat(queue.poll()).isNull();
        assertThat(queue.size()).isEqualTo(1);
        own.holdsBack = false;
        assertThat(queue.poll()).isEqualTo("a");
        assertThat(queue.poll()).isNull();
    }

    @Test
    @DisplayName("promise 1: no more is put into a queue of the user's than the link's capacity")
    void takesNoMoreThanItsCapacity() throws QueueFailure {
        List<Object> taken = new ArrayList<>();
        for (int i = 0; i < queue.capacity() + 10; i++) {
            if (queue.offer(i)) {
                taken.add(i);
            }
        }
        assertThat(taken).hasSize(queue.capacity());
        assertThat(own).hasSize(queue.capacity());
    }

    private static int capacity(BlockingQueue<Object> own, StageOptions<Object> options) {
        return LinkQueue.of("next", options.settings(), () -> own).capacity();
    }

    @Test
    @DisplayName("promise 1: the capacity is the smaller one of what was asked for and the queue's own")
    void capacityIsTheSmallerOne() {
        assertThat(capacity(new LinkedBlockingQueue<>(5), new StageOptions<>())).isEqualTo(5);
        assertThat(capacity(new LinkedBlockingQueue<>(5), new StageOptions<>().capacity(3)))
                .isEqualTo(3);
        assertThat(capacity(new LinkedBlockingQueue<>(5), new StageOptions<>().capacity(7)))
                .isEqualTo(5);
        assertThat(capacity(new LinkedBlockingQueue<>(), new StageOptions<>())).isEqualTo(Settings.DEFAULT_CAPACITY);
    }
}
