package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Takes the results of a stage, unless the test has something else done with them. */
final class Sink implements Downstream {
    final List<Object> taken = new CopyOnWriteArrayList<>();
    volatile Predicate<Object> takes = item -> true;
    /** How many more fit, for who does not wait. */
    int room = Integer.MAX_VALUE;
    /** Who is to be called when there is room. */
    final List<Runnable> watchers = new ArrayList<>();
    /** How often somebody who was called has left the room to others. */
    int passedOn;
    /** What the test does when all results have been put, or there will be no more. */
    Runnable atEnd = () -> {};

    @Override
    public boolean put(Object item, Meter meter) {
        return takes.test(item) && taken.add(item);
    }

    @Override
    public Put tryPut(Object item, Meter meter) {
        if (room == 0) {
            return Put.FULL;
        }
        room--;
        return put(item, meter) ? Put.DONE : Put.REFUSED;
    }

    @Override
    public boolean watchRoom(Runnable call) {
        if (room > 0) {
            return false;
        }
        watchers.add(call);
        return true;
    }

    @Override
    public void passOnRoom() {
        passedOn++;
    }

    /** There is room for so many. */
    void makeRoom(int more) {
        room += more;
        List<Runnable> called = List.copyOf(watchers);
        watchers.clear();
        called.forEach(Runnable::run);
    }

    @Override
    public void end() {
        atEnd.run();
    }

    @Override
    public void fail() {
        atEnd.run();
    }
}
