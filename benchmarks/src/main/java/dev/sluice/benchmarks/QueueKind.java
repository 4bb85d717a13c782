package dev.sluice.benchmarks;

import com.conversantmedia.util.concurrent.DisruptorBlockingQueue;
import com.conversantmedia.util.concurrent.PushPullBlockingQueue;
import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import org.jctools.queues.MpmcArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/** The queues that {@link QueueBenchmark} compares, with the settings that a user who reads their documentation gets. */
public enum QueueKind {
    /** Ours; batches by {@code putAll} and {@code takeUpTo}. */
    SLUICE_RING {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            RingBlockingQueue<Integer> ring = new RingBlockingQueue<>(capacity);
            return new Blocking(ring) {
                @Override
                void put(Integer[] elements, int from, int to) throws InterruptedException {
                    ring.putAll(elements, from, to);
                }

                @Override
                int take(Integer[] into) throws InterruptedException {
                    return ring.takeUpTo(into, into.length);
                }
            };
        }
    },
    /** The JDK's, not fair, which is its default. */
    JDK_ARRAY {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return new Blocking(new ArrayBlockingQueue<>(capacity));
        }
    },
    /** The JDK's with two locks. */
    JDK_LINKED {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return new Blocking(new LinkedBlockingQueue<>(capacity));
        }
    },
    /** The JDK's without locks, and without a bound: whatever its capacity, the producer never waits. */
    JDK_TRANSFER {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return new Blocking(new LinkedTransferQueue<>());
        }
    },
    /** Conversant's for many producers and consumers, with the waiting strategy that it has by default. */
    CONVERSANT_DISRUPTOR {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return new Blocking(new DisruptorBlockingQueue<>(capacity));
        }
    },
    /** Conversant's for one producer and one consumer; between more there is no such queue, and no figure. */
    CONVERSANT_PUSH_PULL {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            if (!oneToOne) {
                throw new UnsupportedOperationException("PushPullBlockingQueue is for one producer and one consumer");
            }
            return new Blocking(new PushPullBlockingQueue<>(capacity));
        }
    },
    /** Jox's buffered channel, between the same platform threads. */
    JOX {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return NewerJdk.make("JoxTransfer", OnChannels.class, 21).open(capacity);
        }
    },
    /** JCTools' rings do not block: who cannot go on yields and tries again, for ever. The limit for those that sleep. */
    JCTOOLS_YIELDING {
        @Override
        Transfer transfer(int capacity, boolean oneToOne) {
            return new Yielding(oneToOne ? new SpscArrayQueue<>(capacity) : new MpmcArrayQueue<>(capacity));
        }
    };

    abstract Transfer transfer(int capacity, boolean oneToOne);

    /** A queue, as the benchmark uses it. */
    abstract static class Transfer {
        abstract void put(Integer element) throws InterruptedException;

        abstract Integer take() throws InterruptedException;

        /** Puts a range; element by element where the queue knows no other way. */
        void put(Integer[] elements, int from, int to) throws InterruptedException {
            for (int i = from; i < to; i++) {
                put(elements[i]);
            }
        }

        /** Takes at least one element; returns how many. */
        abstract int take(Integer[] into) throws InterruptedException;

        abstract int size();
    }

    /** Makes transfers with what needs a newer JDK. */
    interface OnChannels {
        Transfer open(int capacity);
    }

    private static class Blocking extends Transfer {
        private final BlockingQueue<Integer> queue;
        private final ThreadLocal<List<Integer>> drained = ThreadLocal.withInitial(ArrayList::new);

        Blocking(BlockingQueue<Integer> queue) {
            this.queue = queue;
        }

        @Override
        final void put(Integer element) throws InterruptedException {
            queue.put(element);
        }

        @Override
        final Integer take() throws InterruptedException {
            return queue.take();
        }

        @Override
        int take(Integer[] into) throws InterruptedException {
            into[0] = queue.take();
            List<Integer> more = drained.get();
            queue.drainTo(more, into.length - 1);
            for (int i = 0; i < more.size(); i++) {
                into[i + 1] = more.get(i);
            }
            int count = 1 + more.size();
            more.clear();
            return count;
        }

        @Override
        final int size() {
            return queue.size();
        }
    }

    private static final class Yielding extends Transfer {
        private final Queue<Integer> queue;

        Yielding(Queue<Integer> queue) {
            this.queue = queue;
        }

        @Override
        void put(Integer element) throws InterruptedException {
            while (!queue.offer(element)) {
                pause();
            }
        }

        @Override
        Integer take() throws InterruptedException {
            Integer element = queue.poll();
            while (element == null) {
                pause();
                element = queue.poll();
            }
            return element;
        }

        @Override
        int take(Integer[] into) throws InterruptedException {
            into[0] = take();
            int count = 1;
            while (count < into.length) {
                Integer more = queue.poll();
                if (more == null) {
                    break;
                }
                into[count] = more;
                count++;
            }
            return count;
        }

        @Override
        int size() {
            return queue.size();
        }

        private static void pause() throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.yield();
        }
    }
}
