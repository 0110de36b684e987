import React from 'react';

import {TelemetryLevel, chooseTelemetryLevel, telemetryNotice, telemetryNoticeSeen} from '../client';

const LEVELS: Array<{level: TelemetryLevel; text: string}> = [
    {level: 'off', text: 'nothing leaves'},
    {level: 'base', text: 'a nightly record of versions'},
    {level: 'statistics', text: 'and totals'},
    {level: 'usage', text: 'and each change, as ids and numbers'},
];

// Asks a system administrator what may leave, as long as nobody has decided. Being shown is what starts the hour.
export function TelemetryNotice() {
    const [shown, setShown] = React.useState(false);
    const [told, setTold] = React.useState('');
    React.useEffect(() => {
        let gone = false;
        telemetryNotice().then(({show}) => !gone && setShown(show)).catch(() => undefined);
        return () => {
            gone = true;
        };
    }, []);
    React.useEffect(() => {
        if (shown) {
            telemetryNoticeSeen().catch(() => undefined);
        }
    }, [shown]);
    async function choose(level: TelemetryLevel) {
        try {
            await chooseTelemetryLevel(level);
            setShown(false);
            setTold(`Telemetry: ${level}. \`/incident telemetry\` shows what leaves, and changes it.`);
        } catch (error) {
            setTold((error as Error).message);
        }
    }
    if (told && !shown) {
        return <div className='ir-fine' role='status'>{told}</div>;
    }
    if (!shown) {
        return null;
    }
    return (
        <section className='ir-notice' aria-label='Telemetry' data-testid='telemetry-notice'>
            <strong>What may Incident Response count?</strong>
            <p>Nothing leaves yet. In an hour <b>usage</b> would be counted, never names or texts, unless you decide:</p>
            {LEVELS.map(({level, text}) => (
                <button key={level} className='ir-choice' onClick={() => choose(level)}><b>{level}</b> {text}</button>
            ))}
            <p><code>/incident telemetry preview</code> shows exactly what would leave.</p>
            {told && <p role='alert'>{told}</p>}
        </section>
    );
}
