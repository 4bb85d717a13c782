package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the one worker of the stage {@code collect} puts, in its thread. Others read the value when that worker
 * has left the run.
 */
final class Collecting implements RunEnd, Downstream {
    private final Collector<Object, Object, Object> collector;
    private final BiConsumer<Object, Object> accumulator;
    private final Execution execution;
    /** Those whose source is to be told. */
    private final List<Object> collected = new ArrayList<>();

    private boolean begun;
    private @Nullable Object container;
    private @Nullable Object value;

    // A Collector of items of type T gets nothing but items of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    Collecting(Execution execution, Collector<?, ?, ?> collector) {
        this.execution = execution;
        this.collector = (Collector<Object, Object, Object>) collector;
        this.accumulator = this.collector.accumulator();
    }

    @Override
    public boolean put(Object item, Meter meter) {
        accumulator.accept(container(), Tracked.item(item));
        if (item instanceof Tracked) {
            collected.add(item);
        }
        return true;
    }

    @Override
    public void end() {
        boolean asItIs = collector.characteristics().contains(Collector.Characteristics.IDENTITY_FINISH);
        value = asItIs ? container() : collector.finisher().apply(container());
        collected.forEach(Tracked::release);
    }

    @Override
    public void fail() {
        Throwable reason = execution.stopReason();
        collected.forEach(item -> Tracked.refuse(item, reason));
    }

    private @Nullable Object container() {
        if (!begun) {
            container = collector.supplier().get();
            begun = true;
        }
        return container;
    }

    @Override
    public Downstream downstream() {
        return this;
    }

    @Override
    public @Nullable Object value() {
        return value;
    }
}
