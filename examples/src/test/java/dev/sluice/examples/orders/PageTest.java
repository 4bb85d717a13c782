package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page, in headless Chromium; skipped where there is none. Its pictures are in {@code target}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PageTest {
    private static final String CONFIRMED = "document.querySelector('.column.confirmed')";
    private static final String RESERVED = "document.querySelector('.column.reserved')";

    @TempDir
    Path folder;

    @Test
    void showsOrdersOnTheirWayAndSendsDeadLettersAgain() throws Exception {
        assumeTrue(Browser.isThere(), "the page is not tested: no /usr/bin/chromium with /usr/bin/chromedriver here");
        // No temporary folder of the test's: Chromium may still write into its profile when it has said that it has
        // ended.
        Path profile = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "chromium");
        try (Shop shop = Shop.inFolder(folder)) {
            Samples.list(shop);
            shop.start();
            try (HttpService service = new HttpService(shop, 0);
                    Browser browser = Browser.start(profile)) {
                browser.go(service.address());
                browser.until("$('live').textContent === 'yes' && $('product').options.length === 8");
                placesAnOrder(browser);
                seesItMove(browser, shop.provider());
                sendsADeadLetterAgain(browser, shop.provider());
                filtersByTag(browser);
                fillsThePicture(browser);
                assertThat(browser.complaints()).as("complaints of the page").isEmpty();
            }
        }
    }

    private void placesAnOrder(Browser browser) throws Exception {
        // A name that would run as a script if it were read as HTML.
        order(browser, "<img src=x onerror=alert(1)>", "cup", 2);
        browser.until(CONFIRMED + ".textContent.includes('2 × cup')");
        assertThat(browser.run("return " + CONFIRMED + ".textContent").asText()).contains("<img src=x");
        browser.until("document.querySelector('[data-product=cup] .stock').textContent === '998'");
        browser.run(CONFIRMED + ".querySelector('.card').click()");
        browser.until("$('history').open && $('history').querySelectorAll('li').length === 4");
        browser.run("$('history').close()");
    }

    private void seesItMove(Browser browser, Provider provider) throws Exception {
        browser.run("$('millis').value = '1500'; $('millis').dispatchEvent(new Event('change'))");
        browser.until("$('millis').value === '1500'");
        order(browser, "Grace", "lamp", 1);
        browser.until(RESERVED + ".textContent.includes('1 × lamp')");
        browser.picture(Path.of("target", "orders-page-moving.png"));
        browser.until(CONFIRMED + ".textContent.includes('1 × lamp')");
        browser.run("$('millis').value = '20'; $('millis').dispatchEvent(new Event('change'))");
        arrives(() -> provider.mood().millis() == 20);
    }

    private void sendsADeadLetterAgain(Browser browser, Provider provider) throws Exception {
        browser.run("$('outage').click()");
        arrives(() -> provider.mood().outage());
        order(browser, "Edsger", "bowl", 3);
        browser.until("document.querySelectorAll('[data-letter]').length === 1");
        browser.picture(Path.of("target", "orders-page-dead-letter.png"));
        browser.run("$('outage').click()");
        arrives(() -> !provider.mood().outage());
        browser.run("document.querySelector('[data-letter] button').click()");
        browser.until(CONFIRMED + ".textContent.includes('3 × bowl')");
        browser.until("document.querySelectorAll('[data-letter]').length === 0");
    }

    /** What is asked for next is another request, which may be quicker. */
    private static void arrives(Callable<Boolean> change) {
        await().atMost(30, TimeUnit.SECONDS).until(change);
    }

    private void filtersByTag(Browser browser) throws Exception {
        browser.run("document.querySelector('[data-product=cup] .tag').click()");
        browser.until("$('stock').rows.length === 2");
        browser.run("document.querySelector('#tag button').click()");
        browser.until("$('stock').rows.length === 8");
    }

    private void fillsThePicture(Browser browser) throws Exception {
        browser.run("$('many').click()");
        browser.until("$('said').textContent === '100 orders are placed.'");
        browser.run("$('rebuild').click()");
        browser.until("$('outbox').textContent === '0' && $('lag').textContent === '0'");
        // No card stays where its order is no more.
        browser.until("document.querySelectorAll('.placed .card, .reserved .card, .paid .card').length === 0");
        assertThat(browser.run("return document.querySelectorAll('#pipeline .box').length")
                        .asInt())
                .as("stages in the picture")
                .isEqualTo(8);
        browser.picture(Path.of("target", "orders-page.png"));
    }

    /** The page chooses a random number for the order; here it is one whose card is not refused. */
    private static void order(Browser browser, String customer, String product, int quantity) throws Exception {
        String id = Stream.generate(() -> UUID.randomUUID().toString())
                .filter(each -> !Provider.refuses(each))
                .findFirst()
                .orElseThrow();
        browser.run("crypto.randomUUID = () => { delete crypto.randomUUID; return '" + id + "'; }");
        browser.run("$('customer').value = '" + customer + "'; $('product').value = '" + product
                + "'; $('quantity').value = " + quantity + "; $('place').click()");
        browser.until("$('said').textContent.endsWith('is placed.')");
        browser.run("$('said').textContent = ''");
    }
}
