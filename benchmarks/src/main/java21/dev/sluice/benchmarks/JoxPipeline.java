package dev.sluice.benchmarks;

import com.softwaremill.jox.Channel;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Buffered channels between virtual threads, one for each stage. */
final class JoxPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> parts = new ArrayList<>();
            Channel<Integer> first = Channel.newBufferedChannel(CAPACITY);
            parts.add(threads.submit(() -> read(source, first, 1)));
            Channel<Integer> last = first;
            for (UnaryOperator<Integer> stage : stages) {
                Channel<Integer> in = last;
                Channel<Integer> out = Channel.newBufferedChannel(CAPACITY);
                parts.add(threads.submit(() -> handOn(in, stage, out)));
                last = out;
            }
            Channel<Integer> end = last;
            parts.add(threads.submit(() -> write(end, sink, 1)));
            join(parts);
        }
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws Exception {
        if (ordered) {
            throw new UnsupportedOperationException("left out: channels alone keep no order between several threads");
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> parts = new ArrayList<>();
            Channel<Integer> in = Channel.newBufferedChannel(CAPACITY);
            Channel<Integer> out = Channel.newBufferedChannel(CAPACITY);
            parts.add(threads.submit(() -> read(source, in, WORKERS)));
            for (int i = 0; i < WORKERS; i++) {
                parts.add(threads.submit(() -> handOn(in, work, out)));
            }
            parts.add(threads.submit(() -> write(out, sink, WORKERS)));
            join(parts);
        }
    }

    private static Void read(Iterable<Integer> source, Channel<Integer> out, int readers) throws InterruptedException {
        for (Integer item : source) {
            out.send(item);
        }
        for (int i = 0; i < readers; i++) {
            out.send(Sequence.END);
        }
        return null;
    }

    private static Void handOn(Channel<Integer> in, UnaryOperator<Integer> stage, Channel<Integer> out)
            throws InterruptedException {
        for (Integer item = in.receive(); item != Sequence.END; item = in.receive()) {
            out.send(stage.apply(item));
        }
        out.send(Sequence.END);
        return null;
    }

    private static Void write(Channel<Integer> in, Consumer<Integer> sink, int writers) throws InterruptedException {
        int ended = 0;
        while (ended < writers) {
            Integer item = in.receive();
            if (item == Sequence.END) {
                ended++;
            } else {
                sink.accept(item);
            }
        }
        return null;
    }

    private static void join(List<Future<?>> parts) throws InterruptedException, ExecutionException {
        try {
            for (Future<?> part : parts.reversed()) {
                part.get();
            }
        } finally {
            parts.forEach(part -> part.cancel(true));
        }
    }
}
