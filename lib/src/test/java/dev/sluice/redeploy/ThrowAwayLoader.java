package dev.sluice.redeploy;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.function.Predicate;

/** Loads some classes itself, though its parent has them, as an application server does for each application. */
final class ThrowAwayLoader extends URLClassLoader {
    private final Predicate<String> own;

    /** @param own the names of the classes that are not asked of the parent */
    ThrowAwayLoader(ClassLoader parent, Predicate<String> own, Class<?>... where) {
        super(urls(where), parent);
        this.own = own;
    }

    private static URL[] urls(Class<?>... where) {
        URL[] urls = new URL[where.length];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = where[i].getProtectionDomain().getCodeSource().getLocation();
        }
        return urls;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null && own.test(name)) {
                loaded = findClass(name);
            }
            return loaded != null ? loaded : super.loadClass(name, resolve);
        }
    }
}
