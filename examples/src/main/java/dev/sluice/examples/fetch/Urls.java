package dev.sluice.examples.fetch;

import java.net.URI;
import java.net.URISyntaxException;

/** What may be fetched: http and https, whatever a list or a server says. */
final class Urls {
    private Urls() {}

    /** Reads what was typed. */
    static URI parse(String url) throws BadUrlException {
        try {
            return checked(new URI(url));
        } catch (URISyntaxException e) {
            throw new BadUrlException("not a URL: " + e.getReason());
        }
    }

    /** Where a redirect from {@code from} leads. */
    static URI redirect(URI from, String location) throws BadUrlException {
        try {
            URI to = checked(from.resolve(new URI(location)));
            if ("https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(to.getScheme())) {
                throw new BadUrlException("a redirect from https to http");
            }
            return to;
        } catch (URISyntaxException e) {
            throw new BadUrlException("a redirect to no URL: " + e.getReason());
        }
    }

    private static URI checked(URI uri) throws BadUrlException {
        String scheme = uri.getScheme();
        if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
            throw new BadUrlException("neither http nor https: " + uri);
        }
        if (uri.getHost() == null) {
            throw new BadUrlException("no host: " + uri);
        }
        return uri;
    }
}
