package dev.sluice.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Ends the whole run when one test, with what is done before and after it, has not ended within ten minutes, which is
 * more than JUnit's own time limits on the tests allow in their ordinary rounds. JUnit can only interrupt a test, and not at all what an
 * extension waits for. Where all threads are is printed first, virtual ones included. JUnit finds this class through
 * {@code META-INF/services}. It also has Awaitility wait as long as the other waits of the tests do.
 */
public final class NoHangs implements TestExecutionListener {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(10);

    // What was begun or ended last, and when: one object, so that the two belong together.
    private volatile Step last = new Step("the start", System.nanoTime());
    private final CountDownLatch ended = new CountDownLatch(1);

    private record Step(String name, long time) {}

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
        Thread watch = new Thread(this::watch, "junit-hangs");
        watch.setDaemon(true);
        watch.start();
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        last = new Step("the start of " + test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        last = new Step("the end of " + test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        ended.countDown();
    }

    private void watch() {
        try {
            while (!ended.await(1, TimeUnit.SECONDS)) {
                Step step = last;
                if (System.nanoTime() - step.time > LIMIT_NANOS) {
                    System.err.println("Nothing has happened for ten minutes since " + step.name);
                    dump();
                    Runtime.getRuntime().halt(1);
                }
            }
        } catch (InterruptedException | IOException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /** The first of the two shows locks, the second virtual threads; a JDK that does not know the second says so. */
    private static void dump() throws IOException, InterruptedException {
        Path virtualToo = Files.createTempFile("threads", ".txt");
        jcmd("Thread.print", "-l");
        jcmd("Thread.dump_to_file", "-overwrite", virtualToo.toString());
        System.err.println(Files.readString(virtualToo, StandardCharsets.UTF_8));
        Files.delete(virtualToo);
    }

    private static void jcmd(String command, String... options) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        ProcessBuilder builder =
                new ProcessBuilder(jcmd, Long.toString(ProcessHandle.current().pid()), command);
        builder.command().addAll(List.of(options));
        Process process = builder.redirectErrorStream(true).start();
        System.err.println(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        process.waitFor();
    }
}
