package dev.sluice.checks;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;

/**
 * The calls that do not wait. Elements are few, so that {@code remove} finds some. {@code drainTo} is not among them, for
 * it is not one step: the places of what it takes out are kept until its target has accepted all, so meanwhile a queue
 * may show no elements and yet refuse one.
 */
@Param(name = "element", gen = IntGen.class, conf = "1:3")
public abstract class QueueOperations {
    private final BlockingQueue<Integer> queue;

    QueueOperations(BlockingQueue<Integer> queue) {
        this.queue = queue;
    }

    @Operation
    public boolean offer(@Param(name = "element") int element) {
        return queue.offer(element);
    }

    @Operation
    public @Nullable Integer poll() {
        return queue.poll();
    }

    @Operation
    public @Nullable Integer peek() {
        return queue.peek();
    }

    @Operation
    public boolean remove(@Param(name = "element") int element) {
        return queue.remove(element);
    }

    @Operation
    public int size() {
        return queue.size();
    }

    @Operation
    public int remainingCapacity() {
        return queue.remainingCapacity();
    }

    @Operation
    public List<Integer> elements() {
        return List.of(queue.toArray(new Integer[0]));
    }

    @Operation
    public void clear() {
        queue.clear();
    }
}
