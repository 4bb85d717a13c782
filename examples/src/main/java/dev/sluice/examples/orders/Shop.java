package dev.sluice.examples.orders;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The parts of the service, put together. */
final class Shop implements AutoCloseable {
    private static final int COMMANDS_AT_ONCE = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final @Nullable FileChannel lock;
    private final Database database;
    private final Journal journal;
    private final WorkerPool pool;
    private final Provider provider;
    private final Views views;
    private final DeadLetters letters;
    private final Queries queries;
    private final Desk desk;
    private final Outbox outbox;
    private final Processing processing;
    private final List<Consumer<List<Recorded>>> listeners = new CopyOnWriteArrayList<>();
    private @Nullable PipelineRun<@Nullable Void> run;

    private Shop(Database database, Database providers, @Nullable FileChannel lock) throws SQLException {
        this.lock = lock;
        this.database = database;
        RingBlockingQueue<Boolean> bell = new RingBlockingQueue<>(1);
        this.journal = new Journal(database, "orders-journal", true, () -> bell.offer(true));
        this.pool = WorkerPool.builder()
                .name("orders-commands")
                .workers(COMMANDS_AT_ONCE)
                .build();
        EventStore store = new EventStore(database, journal);
        Commands commands = new Commands(pool, store);
        this.provider = new Provider(providers);
        this.views = new Views(database, store, journal, events -> listeners.forEach(each -> each.accept(events)));
        this.letters = new DeadLetters(database, journal);
        this.queries = new Queries(database);
        this.desk = new Desk(commands, queries);
        this.outbox = new Outbox(store, bell);
        this.processing = new Processing(commands, provider, views, letters);
    }

    /** Opens the shop whose books are in a folder. */
    static Shop inFolder(Path folder) throws IOException, SQLException {
        Files.createDirectories(folder);
        FileChannel lock =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lock)) {
            lock.close();
            throw new CommandFailure("another service is using " + folder);
        }
        Database database = Database.file(folder.resolve("shop.db"), "schema.sql");
        return opened(database, Database.file(folder.resolve("provider.db"), "provider.sql"), lock);
    }

    private static boolean isLocked(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // By this process.
            return false;
        }
    }

    /** Opens the shop whose books a PostgreSQL server keeps. */
    static Shop onServer(String url) throws SQLException {
        return opened(Database.server(url, "schema.sql"), Database.server(url, "provider.sql"), null);
    }

    private static Shop opened(Database database, Database providers, @Nullable FileChannel lock) throws SQLException {
        try {
            return new Shop(database, providers, lock);
        } catch (SQLException e) {
            // Another service has it.
            database.close();
            providers.close();
            throw e;
        }
    }

    /**
     * Begins to handle events.
     *
     * @return done when that has ended, which is by {@link #close} or because of an error
     */
    CompletableFuture<?> start() {
        run = processing.pipeline(outbox).start();
        return run.result();
    }

    /** Tells of events when the views show them; must be quick. */
    void onShown(Consumer<List<Recorded>> listener) {
        listeners.add(listener);
    }

    Desk desk() {
        return desk;
    }

    Queries queries() {
        return queries;
    }

    Views views() {
        return views;
    }

    DeadLetters letters() {
        return letters;
    }

    Provider provider() {
        return provider;
    }

    /** How much is in the outbox. */
    long undone() throws SQLException {
        return database.number("SELECT count(*) FROM outbox");
    }

    /** The numbers of the pipeline. */
    PipelineStats stats() {
        if (run == null) {
            throw new IllegalStateException("not started");
        }
        return run.stats();
    }

    /** The numbers of the pipeline, for the page. */
    Picture picture() {
        PipelineStats stats = stats();
        double elapsed = Math.max(1, stats.elapsed().toNanos());
        return Picture.of(stats, Math.min(1, outbox.idle().toNanos() / elapsed));
    }

    /** Handles what is in the outbox and what follows from it, one event at a time, in this thread, until there is no more. */
    void workAlone() throws Exception {
        for (Recorded event = outbox.poll(); event != null; event = outbox.poll()) {
            processing.handleAlone(event);
            outbox.ack(event);
        }
    }

    /** Finishes what is under way, if that takes no longer than a moment, and closes the books. */
    @Override
    public void close() throws SQLException, IOException, InterruptedException {
        if (run != null) {
            run.drain(PATIENCE);
            run.close();
        }
        pool.close();
        provider.close();
        journal.close();
        database.close();
        if (lock != null) {
            lock.close();
        }
    }
}
