package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Rounds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations by one thread: the same results as the JDK's own bounded queue gives. */
@Timeout(180)
class RingBlockingQueueModelTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 31})
    void agreesWithArrayBlockingQueue(int capacity) throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            RingBlockingQueue<Integer> ours = new RingBlockingQueue<>(capacity);
            BlockingQueue<Integer> theirs = new ArrayBlockingQueue<>(capacity);
            for (int step = 0; step < Rounds.of(50_000); step++) {
                int operation = random.nextInt(16);
                int value = random.nextInt(10);
                assertThat(result(ours, operation, value))
                        .as("seed %d, step %d, operation %d(%d)", seed, step, operation, value)
                        .isEqualTo(result(theirs, operation, value));
                assertThat(ours.toArray()).isEqualTo(theirs.toArray());
                assertThat(ours.remainingCapacity()).isEqualTo(theirs.remainingCapacity());
            }
        }
    }

    private static Object result(BlockingQueue<Integer> queue, int operation, int value) throws Exception {
        return switch (operation) {
            case 0, 1, 2 -> queue.offer(value);
            case 3 -> queue.offer(value, 0, TimeUnit.SECONDS);
            case 4 -> queue.remainingCapacity() >= 3 ? putThree(queue, value) : 0;
            case 5 -> String.valueOf(queue.poll());
            case 6 -> String.valueOf(queue.poll(0, TimeUnit.SECONDS));
            case 7 -> queue.isEmpty() ? 0 : takeSome(queue, 1 + value / 2);
            case 8 -> queue.remove((Object) value);
            case 9 -> queue.contains(value);
            case 10 -> removeByIterator(queue, value);
            case 11 -> removeSome(queue, value);
            case 12 -> queue.removeAll(List.of(value, value / 2));
            case 13 -> value > 7 && queue.retainAll(List.of(value, 1, 2, 3, 4, 5));
            case 14 -> drain(queue, value / 3);
            default -> {
                if (value == 0) {
                    queue.clear();
                }
                yield queue + " " + queue.size() + " " + queue.peek();
            }
        };
    }

    private static int putThree(BlockingQueue<Integer> queue, int value) throws InterruptedException {
        if (queue instanceof RingBlockingQueue<Integer> ring) {
            return ring.putAll(new Integer[] {value, value + 1, value + 2}, 0, 3);
        }
        for (int i = 0; i < 3; i++) {
            queue.put(value + i);
        }
        return 3;
    }

    private static List<Integer> takeSome(BlockingQueue<Integer> queue, int max) throws InterruptedException {
        if (queue instanceof RingBlockingQueue<Integer> ring) {
            Integer[] into = new Integer[max];
            int count = ring.takeUpTo(into, max);
            return Arrays.asList(into).subList(0, count);
        }
        return drain(queue, max);
    }

    private static List<Integer> drain(BlockingQueue<Integer> queue, int max) {
        List<Integer> target = new ArrayList<>();
        queue.drainTo(target, max);
        return target;
    }

    /** By their places, for the same object is in the queue several times. */
    private static int removeByIterator(BlockingQueue<Integer> queue, int value) {
        int steps = 0;
        for (Iterator<Integer> iterator = queue.iterator(); iterator.hasNext(); steps++) {
            if (iterator.next() % 4 != 0 && (steps + value) % 5 < 2) {
                iterator.remove();
            }
        }
        return steps;
    }

    private static boolean removeSome(BlockingQueue<Integer> queue, int value) {
        AtomicInteger steps = new AtomicInteger(value);
        return queue.removeIf(element -> steps.getAndIncrement() % 5 == 0 && element % 4 != 0);
    }
}
