// How long an incident was active in all; the time between an end and a restart does not count.
export function lasted(incident: {active_since: number; active_ms: number}, now: number): number {
    return incident.active_ms + (incident.active_since ? Math.max(0, now - incident.active_since) : 0);
}

// "< 1m", "5m", "2h 5m", "3d 1h": the two largest parts, the rest is noise in an incident.

export function duration(ms: number): string {
    const minutes = Math.floor(ms / 60000);
    if (minutes < 1) {
        return '< 1m';
    }
    const parts: Array<[number, string]> = [
        [Math.floor(minutes / 1440), 'd'], [Math.floor(minutes / 60) % 24, 'h'], [minutes % 60, 'm'],
    ];
    return parts.filter(([n]) => n > 0).slice(0, 2).map(([n, unit]) => `${n}${unit}`).join(' ');
}

// The running clock of the sidebar: with seconds, so that everybody sees that it runs.
export function clock(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (n: number) => String(n).padStart(2, '0');
    return h >= 24 ? duration(ms) : h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}
