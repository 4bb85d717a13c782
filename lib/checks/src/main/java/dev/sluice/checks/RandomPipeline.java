package dev.sluice.checks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineBuilder;
import dev.sluice.pipeline.StageOptions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A pipeline of random places, all of which could do the same number of items a second, but for one. Not more than one
 * of the others computes: all that compute together must not want more processors than two.
 */
final class RandomPipeline {
    static final String NONE = "none";

    private static final ThreadLocal<long[]> LATE = ThreadLocal.withInitial(() -> new long[1]);

    /** What is the matter with the slow place. */
    private enum Kind {
        COMPUTING,
        BLOCKING,
        NARROW,
        SOURCE,
        SINK
    }

    /** A place with the time that each of its workers takes for an item. */
    private record Place(String name, boolean computes, int workers, long nanos, int capacity, boolean ordered) {
        Place slower(double factor) {
            return new Place(name, computes, workers, Math.round(nanos * factor), capacity, ordered);
        }

        Place of(boolean computing) {
            // What computes does so on one processor: with more workers it would want more of them.
            int fewer = computing ? 1 : workers;
            return new Place(name, computing, fewer, nanos / workers * fewer, capacity, ordered);
        }

        Place workers(int count, long each) {
            return new Place(name, false, count, each, capacity, ordered);
        }

        <T> T work(T item) {
            take(nanos, computes);
            return item;
        }

        void options(StageOptions<Integer> options) {
            options.workers(workers).capacity(capacity);
            if (ordered) {
                options.ordered();
            }
        }

        @Override
        public String toString() {
            return name + (computes ? " computes " : " blocks ") + nanos / 1000 + " us"
                    + (workers > 1 ? " x " + workers + (ordered ? " ordered" : "") : "");
        }
    }

    private final List<Place> places;
    private final String slowPlace;
    private final String kind;
    private final long period;

    private RandomPipeline(List<Place> places, String slowPlace, String kind, long period) {
        this.places = places;
        this.slowPlace = slowPlace;
        this.kind = kind;
        this.period = period;
    }

    static RandomPipeline balanced(Random random) {
        long period = period(random);
        return new RandomPipeline(places(random, period), NONE, "balanced", period);
    }

    /** @param number decides what kind of place is the slow one */
    static RandomPipeline withSlowPlace(Random random, int number, double factor) {
        Kind kind = Kind.values()[number % Kind.values().length];
        long period = period(random);
        List<Place> places = new ArrayList<>(places(random, period));
        int inner = 1 + random.nextInt(places.size() - 2);
        int at = switch (kind) {
            case SOURCE -> 0;
            case SINK -> places.size() - 1;
            default -> inner;
        };
        Place place = places.get(at);
        places.set(
                at,
                switch (kind) {
                    case COMPUTING -> place.of(true).slower(factor);
                    case BLOCKING -> place.of(false).slower(factor);
                    case NARROW -> place.workers(4, Math.round(period * factor * 4));
                    case SOURCE, SINK -> place.slower(factor);
                });
        if (kind == Kind.NARROW) {
            // Elsewhere an item takes as long, but there are workers enough.
            int other = at == 1 ? 2 : 1;
            Place wide = places.get(other);
            if (other < places.size() - 1) {
                places.set(other, wide.workers(6, period * 6));
            }
        }
        return new RandomPipeline(places, place.name(), kind.name().toLowerCase(Locale.ROOT), period);
    }

    private static long period(Random random) {
        return 500_000L + random.nextInt(1_500_000);
    }

    private static List<Place> places(Random random, long period) {
        int count = 3 + random.nextInt(4);
        int computing = random.nextInt(2 * count);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean end = i == 0 || i == count - 1;
            String name = i == 0 ? "source" : i == count - 1 ? "sink" : "stage-" + i;
            int workers = end ? 1 : 1 + random.nextInt(4);
            int capacity = 1 << random.nextInt(11);
            Place place = new Place(name, false, workers, period * workers, capacity, random.nextBoolean());
            places.add(i == computing ? place.of(true) : place);
        }
        return places;
    }

    String slowPlace() {
        return slowPlace;
    }

    /** Of as many items as a balanced one gets through in this time. */
    Pipeline<?> build(long nanos) {
        PipelineBuilder<Integer> builder =
                Pipeline.from(items((int) (nanos / period), places.get(0))).name("random");
        for (Place place : places.subList(1, places.size() - 1)) {
            builder = builder.stage(place.name(), place::work, place::options);
        }
        Place last = places.get(places.size() - 1);
        return builder.forEach(last.name(), last::work, s -> s.capacity(last.capacity()));
    }

    private static Iterable<Integer> items(int count, Place source) {
        return () -> {
            Iterator<Integer> items = IntStream.range(0, count).iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return items.hasNext();
                }

                @Override
                public Integer next() {
                    return source.work(items.next());
                }
            };
        };
    }

    /** Takes this long on the clock. Who is late, because others had the processor, is quicker the next time. */
    private static void take(long nanos, boolean computes) {
        long[] late = LATE.get();
        long end = System.nanoTime() + nanos - late[0];
        long left = nanos - late[0];
        while (left > 0) {
            if (!computes) {
                LockSupport.parkNanos(left);
            }
            left = end - System.nanoTime();
        }
        late[0] = -left;
    }

    @Override
    public String toString() {
        return kind + " " + (slowPlace.equals(NONE) ? "" : slowPlace + " ")
                + places.stream().map(Place::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
