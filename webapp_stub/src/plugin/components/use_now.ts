import React from 'react';

// The time, each second while `running`.
export function useNow(running: boolean): number {
    const [now, setNow] = React.useState(Date.now());
    React.useEffect(() => {
        if (!running) {
            return undefined;
        }
        const timer = window.setInterval(() => setNow(Date.now()), 1000);
        return () => window.clearInterval(timer);
    }, [running]);
    return now;
}
