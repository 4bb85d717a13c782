package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.testers.CollectionSpliteratorTester;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Guava's tests of what the JDK's interfaces promise of a queue. Two are left out: that the spliterator is not {@code
 * IMMUTABLE}. It shows the elements of one moment, which no change of the queue reaches, as that of a {@code
 * CopyOnWriteArrayList} does.
 */
@Timeout(180)
class QueueConformanceTest {
    /** As many as Guava has for a queue of these features: that they are found is not to be taken for granted. */
    private static final int LEAST = 200;

    @TestFactory
    Stream<DynamicNode> ringBlockingQueueIsAQueue() {
        return Stream.of(
                suite("RingBlockingQueue of 16", () -> new RingBlockingQueue<>(16), 0),
                suite("RingBlockingQueue of 16 that has come round", () -> new RingBlockingQueue<>(16), 14),
                suite("RingBlockingQueue of 1000", () -> new RingBlockingQueue<>(1000), 0),
                // Where a queue of the JDK fails, too, it is the suite that is wrong.
                suite("ArrayBlockingQueue", () -> new ArrayBlockingQueue<>(16), 0));
    }

    private interface Queues {
        BlockingQueue<String> make();
    }

    /** @param before so many elements have gone through before those of the test come */
    private static DynamicNode suite(String name, Queues queues, int before) {
        TestSuite suite = QueueTestSuiteBuilder.using(new TestStringQueueGenerator() {
                    @Override
                    protected Queue<String> create(String[] elements) {
                        BlockingQueue<String> queue = queues.make();
                        for (int i = 0; i < before; i++) {
                            queue.add("gone");
                            queue.remove();
                        }
                        Collections.addAll(queue, elements);
                        return queue;
                    }
                })
                .named(name)
                .withFeatures(CollectionSize.ANY, CollectionFeature.GENERAL_PURPOSE, CollectionFeature.KNOWN_ORDER)
                .withFeatures(CollectionFeature.ALLOWS_NULL_QUERIES)
                .suppressing(CollectionSpliteratorTester.getSpliteratorNotImmutableCollectionAllowsAddMethod())
                .suppressing(CollectionSpliteratorTester.getSpliteratorNotImmutableCollectionAllowsRemoveMethod())
                .createTestSuite();
        assertThat(suite.countTestCases()).as("tests of %s", name).isGreaterThan(LEAST);
        return node(suite);
    }

    private static DynamicNode node(Test test) {
        if (test instanceof TestSuite suite) {
            List<DynamicNode> parts = Collections.list(suite.tests()).stream()
                    .map(QueueConformanceTest::node)
                    .toList();
            return dynamicContainer(String.valueOf(suite.getName()), parts);
        }
        TestCase one = (TestCase) test;
        return dynamicTest(one.getName(), one::runBare);
    }
}
