package dev.sluice.redeploy;

import dev.sluice.pool.Job;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Goes on, with an alarm set, while another application is taken down: the library's clock runs meanwhile. */
public final class OtherApplication implements Callable<AutoCloseable> {
    /** Made by name. */
    public OtherApplication() {}

    @Override
    public AutoCloseable call() {
        CountDownLatch end = new CountDownLatch(1);
        WorkerPool pool = WorkerPool.of(1);
        pool.submit(Job.of("other", () -> {
                    end.await();
                    return 1;
                })
                .timeLimit(Duration.ofMinutes(10)));
        return () -> {
            end.countDown();
            pool.close();
        };
    }
}
