import React from 'react';

import {Shield} from './icons';

const COLOURS = ['#1c58d9', '#a31d1d', '#0f7b5f', '#8a4fbf', '#b35309', '#0b7285', '#5f3dc4'];

export function Avatar({name, bot}: {name: string; bot?: boolean}) {
    const sum = Array.from(name).reduce((total, char) => total + char.charCodeAt(0), 0);
    return (
        <span className={`avatar ${bot ? 'bot' : ''}`} style={{background: bot ? '#1e325c' : COLOURS[sum % COLOURS.length]}} aria-hidden='true'>
            {bot ? <Shield/> : name.slice(0, 1).toUpperCase()}
        </span>
    );
}
