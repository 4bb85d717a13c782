package dev.sluice.redeploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.NoThreadLeaks;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application that has closed what it opened is forgotten: its class loader is collected. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class RedeployTest {
    private static final String HERE = RedeployTest.class.getPackageName() + ".";

    private AutoCloseable other = () -> {};

    @AfterEach
    void closeOther() throws Exception {
        other.close();
    }

    /** The library is loaded once, for all applications, and its clock was started by the one that is taken down. */
    @Test
    void librarySharedByApplicationsPinsNoneOfThem() throws Exception {
        ClassLoader library = new ThrowAwayLoader(
                getClass().getClassLoader(),
                name -> name.startsWith("dev.sluice.") && !name.startsWith(HERE),
                WorkerPool.class);
        WeakReference<ClassLoader> application = runIn(library);
        other = (AutoCloseable)
                call(new ThrowAwayLoader(library, name -> name.startsWith(HERE), getClass()), OtherApplication.class);
        assertCollected(application);
    }

    private static WeakReference<ClassLoader> runIn(ClassLoader parent) throws Exception {
        ThrowAwayLoader loader = new ThrowAwayLoader(parent, name -> name.startsWith(HERE), RedeployTest.class);
        assertThat(call(loader, Application.class)).isEqualTo("done");
        loader.close();
        return new WeakReference<>(loader);
    }

    /** In this thread, which stays, as that of a server does. */
    private static Object call(ClassLoader loader, Class<?> what) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Class<?> loaded = loader.loadClass(what.getName());
            assertThat(loaded.getClassLoader()).isSameAs(loader);
            Callable<?> callable = (Callable<?>) loaded.getConstructor().newInstance();
            return callable.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void assertCollected(WeakReference<ClassLoader> loader) {
        await().atMost(Duration.ofSeconds(50))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    System.gc();
                    return loader.get() == null;
                });
    }
}
