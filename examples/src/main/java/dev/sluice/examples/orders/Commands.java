package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Aggregate.Stream;
import dev.sluice.examples.orders.EventStore.Handled;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * Runs commands: those to one aggregate one after the other, in its lane of the pool; those to others beside them.
 *
 * <p>The aggregates that were used last are remembered. Should somebody else have written to one meanwhile, the store
 * refuses to append behind the version that was expected, and the command is decided again, on what the store has.
 */
final class Commands {
    private static final int ATTEMPTS = 5;
    private static final int REMEMBERED = 20_000;

    private final WorkerPool pool;
    private final EventStore store;
    private final Map<String, Known<?>> known = Collections.synchronizedMap(new Lru());

    Commands(WorkerPool pool, EventStore store) {
        this.pool = pool;
        this.store = store;
    }

    /** What became of a command: it had its effect now, or an equal one had it before. */
    enum Effect {
        NOW,
        BEFORE
    }

    private record Known<A extends Aggregate<A>>(A state, int version) {
        Known<A> after(List<Event> events) {
            A next = state;
            for (Event event : events) {
                next = next.after(event);
            }
            return new Known<>(next, version + events.size());
        }
    }

    private static final class Lru extends LinkedHashMap<String, Known<?>> {
        private static final long serialVersionUID = 1L;

        Lru() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known<?>> eldest) {
            return size() > REMEMBERED;
        }
    }

    /** Runs a command and waits for it. */
    Effect run(Command<?> command) throws Refusal, SQLException, InterruptedException {
        return result(pool.lane(command.stream().name()).submit(() -> handle(command)));
    }

    /** Runs a command and waits for it, or gives nothing when there is no room for one more. */
    Optional<Effect> tryRun(Command<?> command) throws Refusal, SQLException, InterruptedException {
        Optional<TaskHandle<Effect>> task = pool.lane(command.stream().name()).trySubmit(() -> handle(command));
        return task.isEmpty() ? Optional.empty() : Optional.of(result(task.get()));
    }

    private static Effect result(TaskHandle<Effect> task) throws Refusal, SQLException, InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Refusal refusal) {
                throw refusal;
            }
            throw e.getCause() instanceof SQLException failure ? failure : new SQLException(e.getCause());
        }
    }

    private <A extends Aggregate<A>> Effect handle(Command<A> command) throws Exception {
        for (int attempt = 1; ; attempt++) {
            Optional<Handled> before = store.handled(command.id());
            if (before.isPresent()) {
                return repeated(command, before.get());
            }
            Known<A> now = known(command.stream());
            List<Event> events = command.decision().decide(now.state());
            String stream = command.stream().name();
            known.remove(stream);
            try {
                store.append(command, now.version(), events);
                known.put(stream, now.after(events));
                return Effect.NOW;
            } catch (SQLException e) {
                if (!isTaken(e) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static Effect repeated(Command<?> command, Handled before) throws Refusal {
        if (!before.equals(new Handled(command.stream().name(), command.content()))) {
            throw Refusal.conflict("id " + command.id() + " has been used for something else");
        }
        return Effect.BEFORE;
    }

    // The state was put there under the stream's name, by a command to the same kind of aggregate.
    @SuppressWarnings("unchecked")
    private <A extends Aggregate<A>> Known<A> known(Stream<A> stream) throws SQLException {
        Known<?> remembered = known.get(stream.name());
        if (remembered != null) {
            return (Known<A>) remembered;
        }
        List<Event> events =
                store.stream(stream.name()).stream().map(Recorded::event).toList();
        return new Known<>(stream.empty(), 0).after(events);
    }

    /** Whether a version of the stream, or the id of the command, is there already. */
    private static boolean isTaken(SQLException failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql && ("23505".equals(sql.getSQLState()) || sqliteTaken(sql))) {
                return true;
            }
        }
        return false;
    }

    private static boolean sqliteTaken(SQLException failure) {
        return failure.getErrorCode() == 19;
    }
}
