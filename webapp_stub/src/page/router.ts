// Addresses: /<team>/channels/<channel>, /<team>/pl/<post>, /<team>/<plugin>/<route>.

type Listener = () => void;

const listeners = new Set<Listener>();

export const browserHistory = {
    push(path: string): void {
        const url = new URL(path, window.location.origin);
        if (url.origin !== window.location.origin) {
            window.open(url.href, '_blank', 'noopener');
            return;
        }
        window.history.pushState(null, '', url.pathname);
        listeners.forEach((listener) => listener());
    },
    replace(path: string): void {
        window.history.replaceState(null, '', path);
        listeners.forEach((listener) => listener());
    },
};

export function onNavigate(listener: Listener): void {
    listeners.add(listener);
    window.addEventListener('popstate', listener);
}
