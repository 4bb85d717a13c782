package dev.sluice.pipeline;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A discard handler that remembers what it was told. */
final class Discarded implements DiscardHandler {
    record Entry(Object item, String stage, Throwable reason) {}

    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();

    @Override
    public void discarded(Object item, String stage, Throwable reason) {
        entries.add(new Entry(item, stage, reason));
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    List<Object> items() {
        return entries.stream().map(Entry::item).toList();
    }

    List<Object> items(String stage) {
        return entries.stream()
                .filter(e -> e.stage.equals(stage))
                .map(Entry::item)
                .toList();
    }
}
